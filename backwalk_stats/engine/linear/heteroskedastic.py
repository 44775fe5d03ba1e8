"""Standard errors of least squares that hold when rows differ in variance or hang together.

With leverage h_i and X = Q T, the covariance in the basis Q is Q' diag(w_i^2 e_i^2) Q:

    HC0  w = 1                   (White, Econometrica 1980;48:817)
    HC1  w^2 = n / (n - p)
    HC2  w^2 = 1 / (1 - h)       unbiased where the variances are equal after all
    HC3  w^2 = 1 / (1 - h)^2     close to the jackknife
         (MacKinnon and White, J Econometrics 1985;29:305; Long and Ervin, Am Stat 2000;54:217)

Two ways to degrees of freedom: n - p for every test, as R's `lmtest::coeftest` takes them, and
Bell and McCaffrey's for each combination (Survey Methodology 2002;28:169; Imbens and Kolesar, Rev
Econ Stat 2016;98:701), which with an arm of few rows are far fewer.

Rows that hang together in clusters, such as the knees of a person: CR0, CR2 and CR3 as in
`engine.mixed.robust`, with V = I (Pustejovsky and Tipton, J Bus Econ Stat 2018;36:672).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.linear.least_squares import LeastSquares
from backwalk_stats.engine.mixed.dof import Approximation, joint_df
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

KINDS = ("hc0", "hc1", "hc2", "hc3")
CLUSTERED = {"cr0": 0.0, "cr2": 0.5, "cr3": 1.0}
FEWEST_CLUSTERS = 4
NOTHING = 1e-9
FULL = 1.0 - 1e-10


@dataclass(frozen=True, slots=True, repr=False)
class ResidualDf(Shown):
    """A covariance of the coefficients of Q, shape (p, p), and one df for every test."""

    covariance: FloatArray
    df: float

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return the df of each combination, shape (l,)."""
        return np.full(len(combinations), self.df)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return the df, unscaled."""
        return Approximation(df=self.df, scale=1.0)


@dataclass(frozen=True, slots=True, repr=False)
class BellMcCaffreyDf(Shown):
    """A heteroskedasticity-consistent covariance with the df of Bell and McCaffrey.

    The variance estimate of a combination g of the coefficients of Q is sum_i (c_i e_i)^2 with
    c_i = w_i q_i g: a quadratic form whose matrix, were the variances equal, is
    M = diag(c) (I - QQ') diag(c); df = tr(M)^2 / tr(M^2).
    """

    covariance: FloatArray
    q: FloatArray
    weight: FloatArray

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return tr(M)^2 / tr(M^2) of each combination, shape (l,), without forming M."""
        square = (self.weight[:, None] * (self.q @ combinations.T)) ** 2
        leverage = (self.q**2).sum(axis=1)
        trace = (1.0 - leverage) @ square
        cross = np.einsum("ia,il,ib->lab", self.q, square, self.q, optimize=True)
        # (I - H)_ij^2 is (1 - 2 h_i) at i = j plus H_ij^2 everywhere.
        trace_of_square = (1.0 - 2.0 * leverage) @ square**2 + (cross**2).sum(axis=(1, 2))
        return np.asarray(trace**2 / trace_of_square)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return Fai and Cornelius's df from those of the single combinations."""
        return Approximation(df=joint_df(self.single(independent).tolist()), scale=1.0)


def row_weights(fit: LeastSquares, kind: str) -> FloatArray:
    """Return w_i, what each residual is multiplied by, shape (n,), for one of `KINDS`."""
    return leverage_weights(fit.leverage, df=fit.df, kind=kind)


def leverage_weights(leverage: FloatArray, *, df: int, kind: str) -> FloatArray:
    """Return w_i of rows with this leverage, shape (n,), and n - p df, for one of `KINDS`.

    HC2 and HC3 are `NotEstimable` if a row determines a coefficient alone (leverage 1): its
    residual is zero whatever its error was.
    """
    n = len(leverage)
    if kind == "hc0":
        return np.ones(n)
    if kind == "hc1":
        return np.full(n, np.sqrt(n / df))
    alone = int((leverage > FULL).sum())
    if alone:
        raise NotEstimable(
            f"{alone} of {n} rows have leverage 1 (each determines a coefficient alone), so "
            f"{kind} does not exist; leave out the term that only they carry"
        )
    return np.asarray((1.0 - leverage) ** (-0.5 if kind == "hc2" else -1.0))


def consistent_covariance(fit: LeastSquares, weight: FloatArray) -> FloatArray:
    """Return Q' diag(w^2 e^2) Q, shape (p, p), in the basis Q of the fit, w of `row_weights`."""
    scores = fit.design.q * (weight * fit.residual)[:, None]
    return np.asarray(scores.T @ scores)


@dataclass(frozen=True, slots=True, repr=False)
class ClusteredDf(Shown):
    """A cluster-robust covariance with the df of Bell and McCaffrey.

    With Q_g the rows of a cluster, G_g = Q_g'Q_g and B_g = (I - G_g)^-h, a cluster's residuals are
    multiplied by (I - Q_g Q_g')^-h, so that its scores are B_g Q_g'e_g: nothing of the size of a
    cluster is formed. The matrix of the quadratic form of a combination l is
    M = diag(l'B_g G_g B_g l) - S S' with the rows l'B_g G_g of S; df = tr(M)^2 / tr(M^2).

    Attributes
    ----------
    covariance : array, shape (p, p)
    loads, grams : array, shape (clusters, p, p)
        B_g and G_g.
    """

    covariance: FloatArray
    loads: FloatArray
    grams: FloatArray

    def single(self, combinations: FloatArray) -> FloatArray:
        """Return tr(M)^2 / tr(M^2) of each combination, shape (l,)."""
        found = []
        for one in combinations:
            load = self.loads @ one
            seen = np.einsum("gab,gb->ga", self.grams, load)
            form = np.diag(np.einsum("ga,ga->g", load, seen)) - seen @ seen.T
            found.append(np.trace(form) ** 2 / (form**2).sum())
        return np.array(found)

    def joint(self, independent: FloatArray, every: FloatArray) -> Approximation:
        """Return Fai and Cornelius's df from those of the single combinations."""
        return Approximation(df=joint_df(self.single(independent).tolist()), scale=1.0)


def clustered(fit: LeastSquares, codes: np.ndarray, kind: str) -> ClusteredDf:
    """Return a cluster-robust covariance, one of `CLUSTERED`; codes (n,) tell a row's cluster.

    Directions in which the model leaves a cluster nothing free carry no residual and are dropped.
    """
    q, count = fit.design.q, int(codes.max()) + 1
    p = q.shape[1]
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(count))
    grams = np.add.reduceat((q[:, :, None] * q[:, None, :])[order], starts)
    sums = np.add.reduceat((q * fit.residual[:, None])[order], starts)
    values, vectors = np.linalg.eigh(np.eye(p) - grams)
    power = CLUSTERED[kind]
    kept = (values > NOTHING) | (power == 0.0)
    inverse = np.where(kept, np.maximum(values, NOTHING) ** -power, 0.0)
    loads = (vectors * inverse[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    scores = np.einsum("gab,gb->ga", loads, sums)
    return ClusteredDf(covariance=scores.T @ scores, loads=loads, grams=grams)
