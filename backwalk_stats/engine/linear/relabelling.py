"""What a linear model shows when arms are dealt out anew, or residuals are: t of each relabelling.

Shapes: n rows, p columns, l combinations of coefficients, B relabellings.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations, product
from math import comb, factorial, prod

import numpy as np

from backwalk_stats.engine.linear.heteroskedastic import leverage_weights
from backwalk_stats.engine.numbers import FloatArray

DEPENDENT = 1e-10


def t_statistics(*, y: FloatArray, x: FloatArray, rows: FloatArray, kind: str) -> FloatArray:
    """Return t of combinations `rows` (l, p) of the fits of outcomes y (B, n) to x, shape (B, l).

    `kind` is "model" or one of `heteroskedastic.KINDS`. NaN where the columns are dependent or a
    combination has no standard error.

    >>> x = np.column_stack([np.ones(4), [0.0, 0, 1, 1]])
    >>> y = np.array([[1.0, 2.0, 3.0, 5.0]])
    >>> t_statistics(y=y, x=x, rows=np.array([[0.0, 1.0]]), kind="model").round(4).tolist()
    [[2.2361]]
    """
    q, r = np.linalg.qr(x)
    size = np.abs(np.diagonal(r))
    n, p = x.shape
    if size.min() <= DEPENDENT * np.linalg.norm(x, axis=0).max():
        return np.full((len(y), len(rows)), np.nan)
    load = q @ np.linalg.solve(r.T, rows.T)
    residual = y - (y @ q) @ q.T
    if kind == "model":
        variance = np.outer((residual**2).sum(axis=1) / (n - p), (load**2).sum(axis=0))
    else:
        leverage = (q**2).sum(axis=1)
        weight = leverage_weights(leverage, df=n - p, kind=kind)
        variance = (residual * weight) ** 2 @ load**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(y @ load / np.sqrt(variance))


def without_factor(x: FloatArray, at_level: FloatArray) -> FloatArray:
    """Return columns of the models in x that are the same whatever the level, shape (n, k).

    `at_level` (shape (levels, n, p)): the design with everybody at each level of the factor. Of
    `y ~ 0 + arm` it is the constant, which no column of x is.
    """
    apart = (at_level[1:] - at_level[:1]).reshape(-1, x.shape[1])
    _, size, rows = np.linalg.svd(apart)
    rank = int((size > DEPENDENT * max(float(size[0]), 1e-300)).sum()) if len(size) else 0
    return np.asarray(x @ rows[rank:].T)


# Every relabelling of few people.


def deals(labels: np.ndarray, strata: np.ndarray) -> int:
    """Return how many different deals of labels, shape (n,), there are within strata.

    >>> deals(np.array([0, 0, 1, 1]), np.zeros(4, dtype=int))
    6
    """
    out = 1
    for one in np.unique(strata):
        left = labels[strata == one]
        for count in np.unique(left, return_counts=True)[1].tolist():
            out *= comb(len(left), count)
            left = left[count:]
    return out


def orders(strata: np.ndarray) -> int:
    """Return how many orders of rows there are within strata, shape (n,).

    >>> orders(np.array([0, 0, 0, 1, 1]))
    12
    """
    return prod(factorial(count) for count in np.unique(strata, return_counts=True)[1].tolist())


def every_deal(labels: np.ndarray, strata: np.ndarray) -> Iterator[np.ndarray]:
    """Yield every deal of labels within strata but the one that is given.

    >>> [deal.tolist() for deal in every_deal(np.array([0, 1]), np.zeros(2, dtype=int))]
    [[1, 0]]
    """
    members = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    each = [list(_arrangements(labels[own])) for own in members]
    for parts in product(*each):
        out = np.empty_like(labels)
        for own, part in zip(members, parts, strict=True):
            out[own] = part
        if not np.array_equal(out, labels):
            yield out


def _arrangements(labels: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the different orders of labels, some of which are alike."""
    values, counts = np.unique(labels, return_counts=True)
    if len(values) == 1:
        yield labels
        return
    for places in combinations(range(len(labels)), int(counts[0])):
        rest = np.setdiff1d(np.arange(len(labels)), places)
        for inner in _arrangements(np.repeat(values[1:], counts[1:])):
            out = np.empty_like(labels)
            out[list(places)] = values[0]
            out[rest] = inner
            yield out


def every_order(strata: np.ndarray) -> Iterator[np.ndarray]:
    """Yield every order of rows within strata but the one they stand in, each of shape (n,).

    >>> [order.tolist() for order in every_order(np.array([0, 0, 1]))]
    [[1, 0, 2]]
    """
    members = [np.flatnonzero(strata == one) for one in np.unique(strata)]
    start = np.arange(len(strata))
    for parts in product(*(permutations(own) for own in members)):
        out = np.empty_like(start)
        for own, part in zip(members, parts, strict=True):
            out[own] = part
        if not np.array_equal(out, start):
            yield out
