"""Rubin's rules: several imputed analyses as one, with the degrees of freedom of Barnard and Rubin.

With M estimates Q, their variances U (the squared standard errors) and the degrees of freedom nu of
the analysis of complete data:

    Q = mean(Q_m), W = mean(U_m), B = var(Q_m), T = W + (1 + 1/M) B, lambda = (1 + 1/M) B / T
    df = 1 / (lambda^2 / (M - 1) + 1 / nu_obs), nu_obs = (nu + 1) / (nu + 3) nu (1 - lambda)

(Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, section 3.1; Barnard and Rubin,
Biometrika 1999;86:948, formula 3.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.linear.least_squares import centred_design
from backwalk_stats.engine.numbers import (
    Estimate,
    FloatArray,
    Number,
    array,
    number,
    t_estimate,
    t_quantile,
    z_estimate,
)
from backwalk_stats.errors import NotEstimable

NO_OTHER = 1e-9


ALIKE = 1e-20  # of the variance within


@dataclass(frozen=True, kw_only=True, slots=True)
class Pooled:
    """Imputed analyses as one; every field a float, or an array with one element a contrast.

    Attributes
    ----------
    found : Estimate
        The pooled estimate with its test and interval.
    within, between : float or array
        W and B, in the squared unit of the outcome.
    share : float or array
        lambda, the share of the total variance that is owed to the missing values.
    relative_increase : float or array
        r = (1 + 1/M) B / W.
    fraction_missing : float or array
        (r + 2 / (df + 3)) / (r + 1): the fraction of information that is missing, with its
        correction for a finite M.
    imputations : int
        M.
    """

    found: Estimate
    within: Number
    between: Number
    share: Number
    relative_increase: Number
    fraction_missing: Number
    imputations: int


def pooled(
    *,
    estimates: ArrayLike,
    variances: ArrayLike,
    df_complete: ArrayLike = np.inf,
    level: float = 0.95,
) -> Pooled:
    """Return imputed analyses pooled by Rubin's rules.

    Estimates and their squared standard errors have shape (M,) or (M, L), M of 2 or more;
    `df_complete` are those of the analysis, had nothing been missing; infinite for a z test.

    >>> one = pooled(estimates=[1.0, 1.4, 1.2], variances=[0.25, 0.25, 0.25], df_complete=20)
    >>> round(one.found.estimate, 2), round(one.found.std_error, 4), round(one.found.df, 2)
    (1.2, 0.5508, 12.21)
    """
    q, u = array(estimates), array(variances)
    count = len(q) if q.ndim else 0
    if count < 2 or u.shape != q.shape:
        raise NotEstimable(
            f"Rubin's rules need two or more estimates with a variance each, found shapes "
            f"{q.shape} and {u.shape}"
        )
    if not (np.isfinite(q).all() and np.isfinite(u).all() and (u > 0.0).all()):
        raise NotEstimable("every estimate is a finite number and every variance is above 0")
    freedom = array(df_complete)
    if not (freedom > 0.0).all():
        raise NotEstimable("the complete-data degrees of freedom are above 0")
    within, between = u.mean(axis=0), q.var(axis=0, ddof=1)
    added = (1.0 + 1.0 / count) * between
    total = within + added
    share, increase = added / total, added / within
    df = _barnard_rubin(share=share, complete=freedom, count=count)
    missing = (increase + 2.0 / (df + 3.0)) / (increase + 1.0)
    # Analyses that are all alike but for rounding: nothing is missing, and 2 / (df + 3) would be.
    missing = np.where(increase <= ALIKE, 0.0, missing)
    return Pooled(
        found=t_estimate(estimate=q.mean(axis=0), std_error=np.sqrt(total), df=df, level=level),
        within=number(within),
        between=number(between),
        share=number(share),
        relative_increase=number(increase),
        fraction_missing=number(missing),
        imputations=count,
    )


def _barnard_rubin(*, share: ArrayLike, complete: ArrayLike, count: int) -> Number:
    """Return the df; without variance between imputations those of the complete data, shrunk."""
    lost, nu = np.broadcast_arrays(array(share), array(complete))
    finite = np.where(np.isfinite(nu), nu, 1.0)
    observed = (finite + 1.0) / (finite + 3.0) * finite * (1.0 - lost)
    inverse = lost**2 / (count - 1) + np.where(np.isfinite(nu), 1.0 / observed, 0.0)
    with np.errstate(divide="ignore"):
        return 1.0 / inverse


# Estimates that are linear in a delta: tests at each delta, and where the conclusion changes.


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One contrast as a function of delta.

    Attributes
    ----------
    estimate, slope : float
        At a delta of 0, and the change for a delta of 1.
    estimates, slopes : array, shape (n,)
        The same without each participant.
    """

    estimate: float
    slope: float
    estimates: FloatArray
    slopes: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaLine:
    """Contrasts as functions of a delta in the other arms and one in the reference arm.

    Attributes
    ----------
    whole : array, shape (3, L)
        Estimates without deltas, and the changes for a delta of 1 in each.
    without : array, shape (3, n, L)
        The same without each participant.
    """

    whole: FloatArray
    without: FloatArray

    def of(self, index: int, *, delta_reference: float) -> Line:
        """Return one contrast at a delta of the reference arm."""
        weights = np.array([1.0, 0.0, delta_reference])
        return Line(
            estimate=float(weights @ self.whole[:, index]),
            slope=float(self.whole[1, index]),
            estimates=weights @ self.without[:, :, index],
            slopes=self.without[1, :, index],
        )


def estimates_at(line: Line, deltas: FloatArray, *, level: float = 0.95) -> Estimate:
    """Return the estimate, jackknife error, z, p and interval at each delta, shape (k,)."""
    each = line.estimates[:, None] + line.slopes[:, None] * deltas
    return z_estimate(
        estimate=line.estimate + line.slope * deltas, std_error=jackknife_error(each), level=level
    )


def tipping_deltas(line: Line, *, level: float = 0.95) -> tuple[float, float]:
    """Return the nearest deltas below and above 0 at which p = 1 - level; NaN for none.

    An estimate e + delta s has the jackknife variance v_ee + 2 delta v_es + delta^2 v_ss of its
    leave-one-out values, and |e + delta s| = z SE is a quadratic in delta (the construction of
    Fieller, J R Stat Soc B 1954;16:175).

    >>> line = Line(estimate=-3.0, slope=0.5, estimates=np.array([-4.0, -3.0, -2.0]),
    ...             slopes=np.full(3, 0.5))
    >>> low, high = tipping_deltas(line)
    >>> bool(np.isnan(low)), round(high, 4)
    (True, 1.4737)
    >>> round(float(estimates_at(line, np.array([high])).p_value[0]), 6)
    0.05
    """
    z2 = float(t_quantile(level=level, df=np.inf)) ** 2
    n = len(line.estimates)
    e, s = line.estimates - line.estimates.mean(), line.slopes - line.slopes.mean()
    factor = z2 * (n - 1.0) / n
    square = line.slope**2 - factor * float(s @ s)
    linear = 2.0 * (line.estimate * line.slope - factor * float(e @ s))
    constant = line.estimate**2 - factor * float(e @ e)
    roots = _real_roots(square, linear, constant)
    return (
        max((root for root in roots if root < 0.0), default=np.nan),
        min((root for root in roots if root >= 0.0), default=np.nan),
    )


def _real_roots(a: float, b: float, c: float) -> list[float]:
    """Return the real roots of a x^2 + b x + c at which its sign changes."""
    if a == 0.0:
        return [-c / b] if b else []
    inside = b * b - 4.0 * a * c
    if inside <= 0.0:
        return []
    half = -0.5 * (b + np.copysign(np.sqrt(inside), b))
    return [float(half / a), float(c / half)]


# Least squares on completed outcomes: one design, many outcomes, with or without a participant.


@dataclass(frozen=True, kw_only=True, slots=True)
class CompletedAnalysis:
    """The design of an analysis of complete data and its contrasts.

    Attributes
    ----------
    q : array, shape (n, P)
        Orthonormal columns.
    combinations : array, shape (L, P)
        Contrasts, in the basis q.
    """

    q: FloatArray
    combinations: FloatArray

    @property
    def df(self) -> int:
        """Return the residual degrees of freedom, n - P."""
        return int(self.q.shape[0] - self.q.shape[1])

    def estimates(self, y: FloatArray) -> FloatArray:
        """Return the contrasts of outcomes of shape (R, n); shape (R, L)."""
        return np.asarray(y @ self.q @ self.combinations.T)

    def variances(self, y: FloatArray) -> FloatArray:
        """Return the squared standard errors of the contrasts, shape (R, L)."""
        residual = y - (y @ self.q) @ self.q.T
        spread = (residual**2).sum(axis=1) / self.df
        return np.asarray(spread[:, None] * (self.combinations**2).sum(axis=1))

    def without(self, y: FloatArray, left_out: np.ndarray) -> FloatArray:
        """Return the contrasts, shape (R, L), of R outcomes, each without one participant.

        With gamma = q'y it is gamma - q_i e_i / (1 - h_i) without participant i, of the residual
        e_i and the leverage h_i = q_i'q_i: exact, without a refit (Cook and Weisberg, Residuals and
        Influence in Regression, 1982, section 2.2.1). y has shape (R, n), or (1, n) for all; a
        coefficient that hangs on one participant is `NotEstimable`.
        """
        own = self.q[left_out]
        room = 1.0 - (own**2).sum(axis=1)
        if (room < NO_OTHER).any():
            raise NotEstimable(
                f"a coefficient of the analysis hangs on one participant ({(room < NO_OTHER).sum()}"
                " of them): leave out the covariate or join its levels"
            )
        gamma = y @ self.q
        rows = np.arange(len(y)) if len(y) > 1 else 0
        residual = y[rows, left_out] - (gamma * own).sum(axis=1)
        gamma = gamma - own * (residual / room)[:, None]
        return np.asarray(gamma @ self.combinations.T)


def completed_analysis(
    *, x: FloatArray, contrasts: FloatArray, names: tuple[str, ...] | None = None
) -> CompletedAnalysis:
    """Return the analysis of a design, shape (n, P), with contrasts of its coefficients, (L, P).

    Names are those of the columns, for messages; collinear ones are refused.

    >>> arm = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    >>> plan = completed_analysis(
    ...     x=np.column_stack([np.ones(6), arm]), contrasts=np.array([[0.0, 1.0]]))
    >>> y = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]])
    >>> plan.estimates(y).round(6).tolist(), plan.without(y, np.array([5])).round(6).tolist()
    ([[4.0]], [[2.5]])
    """
    design = centred_design(x, names)
    if x.shape[0] <= x.shape[1]:
        raise NotEstimable(
            f"{x.shape[0]} participants leave no residual degree of freedom for {x.shape[1]} "
            "coefficients"
        )
    return CompletedAnalysis(q=design.q, combinations=design.turned(contrasts))


def jackknife_error(estimates: FloatArray) -> FloatArray:
    """Return the jackknife standard error of estimates that leave out one participant each.

    sqrt((n - 1) / n sum (estimate - mean)^2) over the first axis (Efron and Tibshirani, An
    Introduction to the Bootstrap, 1993, formula 11.5).

    >>> y = np.array([1.0, 2.0, 3.0, 6.0])
    >>> error = jackknife_error((y.sum() - y) / 3)
    >>> bool(np.isclose(error, y.std(ddof=1) / 2))
    True
    """
    n = len(estimates)
    return np.asarray(np.sqrt((n - 1.0) * estimates.var(axis=0)))
