"""Missing values of several normal variables drawn by Bayesian linear regressions.

A variable is regressed on others; sigma^2 is drawn as RSS / chi^2(n - p), the coefficients as
normal about least squares with covariance sigma^2 (X'X)^-1, and a missing value about its
prediction (Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, section 5.3). Where the
pattern is monotone, each variable on those before it gives independent draws in one pass. Where it
is not, each on all others in turn, cycle after cycle, is a Gibbs sampler of the joint normal model
(van Buuren and Groothuis-Oudshoorn, J Stat Softw 2011;45(3), method "norm").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solve_triangular

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable

DEPENDENT = 1e-9


def is_monotone(table: FloatArray) -> bool:
    """Tell whether everyone who misses a column misses all columns after it.

    Parameters
    ----------
    table : array, shape (n, V)
        NaN where a value is missing.

    Examples
    --------
    >>> is_monotone(np.array([[1.0, 2.0], [1.0, np.nan]]))
    True
    """
    gaps = np.isnan(table)
    return bool((gaps[:, 1:] >= gaps[:, :-1]).all())


def monotone_draw(
    table: FloatArray, fixed: FloatArray, rng: np.random.Generator, *, names: Sequence[str]
) -> FloatArray:
    """Return a completed table, each column drawn given those before it.

    Parameters
    ----------
    table : array, shape (n, V)
        NaN where a value is missing; in an order in which the pattern is monotone.
    fixed : array, shape (n, w)
        Complete predictors, with their column of ones.
    rng : Generator
    names : sequence of str
        Of the columns of the table, for messages.

    Raises
    ------
    NotEstimable
        If too few rows hold a column to regress it on the others, or these are collinear.
    """
    out = table.copy()
    for column in np.flatnonzero(np.isnan(table).any(axis=0)):
        x = np.column_stack([fixed, out[:, :column]])
        _fill(out, np.isnan(table[:, column]), int(column), x, rng, names)
    return out


def chained_draw(
    table: FloatArray,
    fixed: FloatArray,
    rng: np.random.Generator,
    *,
    cycles: int,
    names: Sequence[str],
) -> FloatArray:
    """Return a completed table after some cycles, each column drawn given all others.

    Parameters
    ----------
    table, fixed, rng, names
        As in `monotone_draw`; any pattern. The start is one pass of each column on those before it.
    cycles : int
        Passes over the incomplete columns.

    Raises
    ------
    NotEstimable
        As `monotone_draw`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> table = rng.normal(size=(20, 3))
    >>> table[0, 1] = table[1, 2] = table[1, 0] = np.nan
    >>> drawn = chained_draw(table, np.ones((20, 1)), rng, cycles=5, names=["a", "b", "c"])
    >>> bool(np.isfinite(drawn).all()), bool((drawn[2:] == table[2:]).all())
    (True, True)
    """
    gaps = np.isnan(table)
    out = monotone_draw(table, fixed, rng, names=names)
    for _ in range(cycles):
        for column in np.flatnonzero(gaps.any(axis=0)):
            x = np.column_stack([fixed, np.delete(out, column, axis=1)])
            _fill(out, gaps[:, column], int(column), x, rng, names)
    return out


def _fill(
    out: FloatArray,
    gap: np.ndarray,
    column: int,
    x: FloatArray,
    rng: np.random.Generator,
    names: Sequence[str],
) -> None:
    """Draw the missing values of a column given the predictors x, in place."""
    own, y = x[~gap], out[~gap, column]
    n, p = own.shape
    if n <= p:
        raise NotEstimable(
            f"{names[column]}: {n} observed values do not determine a regression on {p} "
            "predictors; take fewer covariates"
        )
    q, r = np.linalg.qr(own)
    size = np.sqrt((own**2).sum(axis=0))
    if (np.abs(np.diagonal(r)) <= DEPENDENT * size).any():
        raise NotEstimable(
            f"{names[column]}: where it is observed its predictors are collinear; leave out a "
            "covariate or join its levels"
        )
    gamma = q.T @ y
    residual = y - q @ gamma
    sigma = np.sqrt(residual @ residual / rng.chisquare(n - p))
    beta = solve_triangular(r, gamma + sigma * rng.standard_normal(p))
    out[gap, column] = x[gap] @ beta + sigma * rng.standard_normal(int(gap.sum()))
