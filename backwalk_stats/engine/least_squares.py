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

from backwalk_stats.engine.accurate_products import accurate_product
from backwalk_stats.engine.centred_design import CentredDesign, centred_design
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable

MOST_STEPS = 12
NOISE = 8.0 * float(np.finfo(float).eps)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeastSquares:
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
    """Return the least-squares fit of y on the columns of x.

    Parameters
    ----------
    y : array, shape (n,)
        Outcome.
    x : array, shape (n, p)
        Design, with its column of ones where the model has an intercept.
    names : sequence of str, optional
        Of the columns, for messages.

    Raises
    ------
    NotEstimable
        If a value is not finite, or there are fewer rows than columns.
    UsageError
        If columns are collinear; names them and the condition number of the centred, scaled design.

    Examples
    --------
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
