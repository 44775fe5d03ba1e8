"""Ordinary least squares, refined until the digits are those of the data.

The factored design gives a first answer; then coefficients b and residuals r are improved together
by the augmented system

    r + X b = y,   X'r = 0

whose own residuals are computed in twice the precision, with the caller's X and y and not the
centred ones (Bjorck, BIT 1967;7:322; Golub and Van Loan, 4th edition, section 5.3.8). What centring
and scaling round away comes back, so that the digits lost are only those of the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

DEPENDENT = 1e-12
ROUNDING = 64.0 * float(np.finfo(float).eps)
LISTED = 5
MOST_STEPS = 12
NOISE = 8.0 * float(np.finfo(float).eps)
SPLIT = 134217729.0  # 2**27 + 1: halves the 53 bits of a double


# A design as orthonormal columns: centred, scaled to one length, then factored by Householder.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CentredDesign(Shown):
    """X = Q T; combinations of the caller's coefficients become l T^-1 in the basis Q.

    With a column of ones the others are taken about their means, so that neither the unit nor the
    origin of a covariate costs digits or decides what counts as collinear (Golub and Van Loan,
    Matrix Computations, 4th edition, section 5.3).

    Attributes
    ----------
    q : array, shape (n, p)
        Orthonormal; the first column belongs to the constant where there is one.
    r : array, shape (k, k)
        Upper triangle of the centred columns at length one; k = p - 1 with a constant, else p.
    mean, size : array, shape (k,)
        Of those columns: what was taken off and what they were divided by.
    constant : int or None
        Which column of X is one in every row.
    condition : float
        Largest over smallest singular value of the centred, scaled columns: 1 where they are
        orthogonal; about 16 minus its power of ten digits of a coefficient survive rounding.
    """

    q: FloatArray
    r: FloatArray
    mean: FloatArray
    size: FloatArray
    constant: int | None
    condition: float

    @property
    def others(self) -> np.ndarray:
        """Return which columns of X are not the constant, shape (k,)."""
        return _others(self.q.shape[1], self.constant)

    def coefficients(self, gamma: FloatArray) -> FloatArray:
        """Return T^-1 gamma: coefficients of X from those of Q, shape (p,)."""
        out = np.empty(len(gamma))
        inner = gamma if self.constant is None else gamma[1:]
        slope = solve_triangular(self.r, inner) / self.size
        out[self.others] = slope
        if self.constant is not None:
            out[self.constant] = gamma[0] / np.sqrt(len(self.q)) - self.mean @ slope
        return out

    def gamma(self, beta: FloatArray) -> FloatArray:
        """Return T beta: coefficients of Q from those of X, shape (p,)."""
        slope = beta[self.others]
        inner = self.r @ (self.size * slope)
        if self.constant is None:
            return np.asarray(inner)
        level = np.sqrt(len(self.q)) * (beta[self.constant] + self.mean @ slope)
        return np.concatenate([[level], inner])

    def turned(self, combinations: FloatArray) -> FloatArray:
        """Return combinations of the coefficients of X as those of Q: l T^-1, shape (l, p)."""
        rows = np.atleast_2d(combinations)
        inner = rows[:, self.others]
        if self.constant is not None:
            inner = inner - rows[:, [self.constant]] * self.mean
        own = solve_triangular(self.r, (inner / self.size).T, trans="T").T
        if self.constant is None:
            return np.asarray(own)
        return np.column_stack([rows[:, self.constant] / np.sqrt(len(self.q)), own])


def centred_design(x: FloatArray, names: Sequence[str] | None = None) -> CentredDesign:
    """Return a design as orthonormal columns; refuses columns that depend on others, by name.

    x has at least as many rows as columns; a column of ones is found by itself. Columns without
    names are "column 1" and so on. Values that are not finite are refused.

    >>> x = np.column_stack([np.ones(3), [1000.0, 1001.0, 1002.0], [1.0, -2.0, 1.0]])
    >>> round(centred_design(x).condition, 6)
    1.0
    """
    n, p = x.shape
    called = tuple(names) if names is not None else tuple(f"column {i + 1}" for i in range(p))
    if not np.all(np.isfinite(x)):
        raise NotEstimable("a value of the design is not a finite number")
    if n < p:
        raise NotEstimable(f"{p} coefficients need at least as many rows, found {n}")
    ones = np.flatnonzero((x == 1.0).all(axis=0))
    constant = int(ones[0]) if len(ones) else None
    others = _others(p, constant)
    inner = x[:, others]
    mean = accurate_sum(inner.T) / n if constant is not None else np.zeros(len(others))
    centred = inner - mean
    size = np.sqrt((centred**2).sum(axis=0))
    length = np.sqrt((inner**2).sum(axis=0))
    _refuse_flat(size=size, length=length, names=[called[i] for i in others])
    q, r = np.linalg.qr(centred / size)
    singular = np.linalg.svd(r, compute_uv=False)
    condition = float(singular[0] / max(singular[-1], 1e-300)) if len(others) else 1.0
    limit = np.maximum(DEPENDENT, ROUNDING * length / size)
    dependent = np.flatnonzero(np.abs(np.diagonal(r)) < limit)
    if len(dependent):
        own = [called[i] for i in others]
        said = [_dependence(r, int(i), own) for i in dependent[:LISTED]]
        raise UsageError(f"{'; '.join(said)} (condition number {condition:.2g})")
    if constant is not None:
        q = np.column_stack([np.full(n, 1.0 / np.sqrt(n)), q])
    return CentredDesign(q=q, r=r, mean=mean, size=size, constant=constant, condition=condition)


def _others(p: int, constant: int | None) -> np.ndarray:
    return np.array([i for i in range(p) if i != constant], dtype=int)


def _refuse_flat(*, size: FloatArray, length: FloatArray, names: Sequence[str]) -> None:
    """Refuse columns that are zero, or the same in every row beside a constant."""
    zero = [name for name, one in zip(names, length, strict=True) if one == 0.0]
    if zero:
        listed = ", ".join(zero[:LISTED])
        raise UsageError(f"{listed}: zero in every row, so there is nothing to estimate")
    flat = [name for name, one in zip(names, size <= ROUNDING * length, strict=True) if one]
    refuse_constant(flat)


def refuse_constant(names: Sequence[str]) -> None:
    """Refuse columns that are the same in every row beside an intercept; none is well."""
    if names:
        listed = ", ".join(names[:LISTED])
        raise UsageError(
            f"{listed}: the same in every row, so collinear with the intercept; leave it out"
        )


def _dependence(r: FloatArray, index: int, names: Sequence[str]) -> str:
    """Return a sentence that names the columns on which one depends."""
    weights = np.linalg.lstsq(r[:index, :index], r[:index, index], rcond=None)[0]
    others = [name for name, one in zip(names[:index], np.abs(weights) > 1e-6, strict=True) if one]
    return f"{names[index]} is collinear with {', '.join(others[:8])}: leave out one of them"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class LeastSquares(Shown):
    """A least-squares fit of n rows and p coefficients.

    Attributes
    ----------
    design : CentredDesign
        X = Q T, and its condition number.
    beta : array, shape (p,)
        Coefficients.
    residual : array, shape (n,)
        y - X b.
    df : int
        Residual degrees of freedom, n - p; 0 where every row has its own coefficient.
    exact : bool
        Whether the residuals are no more than the rounding of the numbers: there is no residual
        variance, and nothing can be tested.
    """

    design: CentredDesign
    beta: FloatArray
    residual: FloatArray
    df: int
    exact: bool

    @property
    def rss(self) -> float:
        """Return the residual sum of squares; 0 for an exact fit."""
        return 0.0 if self.exact else float(self.residual @ self.residual)

    @property
    def variance(self) -> float:
        """Return the residual variance, RSS / (n - p); NaN without degrees of freedom."""
        return self.rss / self.df if self.df else np.nan

    @property
    def leverage(self) -> FloatArray:
        """Return the diagonal of X (X'X)^-1 X', shape (n,); sums to p, each at most 1."""
        return np.asarray((self.design.q**2).sum(axis=1))


def least_squares(
    *, y: FloatArray, x: FloatArray, names: Sequence[str] | None = None
) -> LeastSquares:
    """Return the least-squares fit of y on the columns of x, with its column of ones if wanted.

    Collinear columns are refused by name, with the condition number of the centred, scaled design.

    >>> week = np.array([1.0, 2.0, 3.0, 4.0])
    >>> fit = least_squares(
    ...     y=np.array([7.0, 5.0, 4.0, 2.0]), x=np.column_stack([np.ones(4), week]))
    >>> [round(float(b), 12) for b in fit.beta], round(fit.variance, 12), fit.df
    ([8.5, -1.6], 0.1, 2)
    """
    if not np.all(np.isfinite(y)):
        raise NotEstimable("a value of the outcome is not a finite number")
    design = centred_design(x, names)
    beta, residual = _refined(y=y, x=x, design=design)
    n, p = x.shape
    size = np.abs(y) + np.abs(x) @ np.abs(beta)
    exact = float(np.sqrt(residual @ residual)) <= NOISE * float(np.sqrt(size @ size))
    return LeastSquares(
        design=design, beta=beta, residual=residual, df=n - p, exact=exact or n == p
    )


def _refined(
    *, y: FloatArray, x: FloatArray, design: CentredDesign
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and residuals; the first step, from zero, is the plain solution."""
    beta, residual, before = np.zeros(x.shape[1]), np.zeros(len(y)), np.inf
    for _ in range(MOST_STEPS):
        off = accurate_product(-x, beta, y, -residual)
        skew = accurate_product(-x.T, residual)
        along, across = design.q.T @ off, design.turned(skew)[0]
        step = design.coefficients(along - across)
        shift = off - design.q @ (along - across)
        moved = float(np.sqrt((along - across) @ (along - across) + shift @ shift))
        if not moved < 0.5 * before:
            break
        beta, residual, before = beta + step, residual + shift, moved
    return beta, residual


# Products and sums of doubles, computed in twice their precision and rounded once.
#
# Error-free transformations: Knuth's sum of two and Dekker's product of two (Ogita, Rump and
# Oishi, SIAM J Sci Comput 2005;26:1955). They need no long double, which not every machine has.


def _halves(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    high = SPLIT * values
    high = high - (high - values)
    return high, values - high


def _product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a b rounded, and what the rounding left out."""
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    rounded = a * b
    left = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low
    return rounded, left


def _sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a + b rounded, and what the rounding left out."""
    rounded = a + b
    moved = rounded - a
    return rounded, (a - (rounded - moved)) + (b - moved)


def accurate_sum(terms: FloatArray) -> FloatArray:
    """Return the sum over the last axis, in twice the precision of a double, rounded once.

    >>> float(accurate_sum(np.array([1.0, 1e100, 1.0, -1e100])))
    2.0
    """
    high, low = terms, np.zeros_like(terms)
    while high.shape[-1] > 1:
        half = (high.shape[-1] + 1) // 2
        left, right = high[..., :half], high[..., half:]
        tail, end = low[..., :half].copy(), low[..., half:]
        pairs = right.shape[-1]
        together, error = _sum(left[..., :pairs], right)
        tail[..., :pairs] += end + error
        high, low = np.concatenate([together, left[..., pairs:]], axis=-1), tail
    return np.asarray((high + low)[..., 0])


def accurate_product(matrix: FloatArray, vector: FloatArray, *added: FloatArray) -> FloatArray:
    """Return matrix @ vector + the sum of the vectors that are added, rounded once.

    >>> accurate_product(np.array([[1e8, 1.0]]), np.array([1e8, 1.0]), np.array([-1e16]))
    array([1.])
    """
    rounded, left = _product(matrix, np.broadcast_to(vector, matrix.shape))
    return accurate_sum(np.concatenate([rounded, left, *(one[:, None] for one in added)], axis=1))
