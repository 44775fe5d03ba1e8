"""A design as orthonormal columns: centred, scaled to one length, then factored by Householder.

With a column of ones the others are taken about their means, so that neither the unit nor the
origin of a covariate costs digits or decides what counts as collinear. X = Q T; combinations of
the caller's coefficients become l T^-1 in the basis Q. Golub and Van Loan, Matrix Computations,
4th edition, section 5.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from backwalk_stats.engine.accurate_products import accurate_sum
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError

DEPENDENT = 1e-12
ROUNDING = 64.0 * float(np.finfo(float).eps)
LISTED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class CentredDesign:
    """X = Q T.

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

    Parameters
    ----------
    x : array, shape (n, p)
        At least as many rows as columns. A column of ones is found by itself.
    names : sequence of str, optional
        Of the columns, for messages; "column 1" and so on otherwise.

    Raises
    ------
    NotEstimable
        If a value is not finite, or there are fewer rows than columns.
    UsageError
        If a column depends on others; names them and the condition number.

    Examples
    --------
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
    if flat:
        listed = ", ".join(flat[:LISTED])
        raise UsageError(
            f"{listed}: the same in every row, so collinear with the intercept; leave it out"
        )


def _dependence(r: FloatArray, index: int, names: Sequence[str]) -> str:
    """Return a sentence that names the columns on which one depends."""
    weights = np.linalg.lstsq(r[:index, :index], r[:index, index], rcond=None)[0]
    others = [name for name, one in zip(names[:index], np.abs(weights) > 1e-6, strict=True) if one]
    return f"{names[index]} is collinear with {', '.join(others[:8])}: leave out one of them"
