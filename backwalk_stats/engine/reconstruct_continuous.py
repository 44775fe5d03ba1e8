"""Pairs of numbers whose means, SDs and correlation are given exactly: one draw of many."""

from __future__ import annotations

from math import sqrt

import numpy as np

from backwalk_stats.engine.domain import FloatArray, require_arm
from backwalk_stats.errors import NotEstimable


def pairs_with_moments(
    *,
    n: int,
    mean_pre: float,
    sd_pre: float,
    mean_post: float,
    sd_post: float,
    correlation: float,
    rng: np.random.Generator,
) -> FloatArray:
    """Return n pairs with these sample moments, to the last digits of a double.

    A normal draw is standardised to sample means 0, SDs 1 and correlation 0 (Gram-Schmidt, taken
    twice), then turned into the wanted ones. The scale has no ends: values may leave it.

    Parameters
    ----------
    n : int
        Pairs, at least 3.
    mean_pre, sd_pre, mean_post, sd_post : float
        Sample means and SDs (n - 1) of the two columns.
    correlation : float
        Of the two columns, in [-1, 1].
    rng : Generator
        Source of the draw.

    Returns
    -------
    array, shape (n, 2)
        Before and after.

    Raises
    ------
    NotEstimable
        If n is below 3, an SD negative, or the correlation outside [-1, 1].

    Examples
    --------
    >>> draw = pairs_with_moments(n=30, mean_pre=6.1, sd_pre=1.4, mean_post=3.9, sd_post=1.8,
    ...                           correlation=0.6, rng=np.random.default_rng(1))
    >>> draw.mean(axis=0).round(12), draw.std(axis=0, ddof=1).round(12)
    (array([6.1, 3.9]), array([1.4, 1.8]))
    """
    require_arm(n=n, sd=sd_pre)
    require_arm(n=n, sd=sd_post)
    if n < 3:
        raise NotEstimable(f"pairs with a given correlation need 3 people or more, found n = {n}")
    if not -1.0 <= correlation <= 1.0:
        raise NotEstimable("a correlation lies between -1 and 1")
    first, second = _orthonormal(rng.standard_normal((n, 2))).T * sqrt(n - 1)
    rest = sqrt((1.0 - correlation) * (1.0 + correlation))
    pre = mean_pre + sd_pre * first
    post = mean_post + sd_post * (correlation * first + rest * second)
    return np.column_stack([pre, post])


def _orthonormal(draw: FloatArray) -> FloatArray:
    """Return columns of length 1 that are orthogonal to each other and to a column of ones."""
    columns = draw
    for _ in range(2):
        columns = columns - columns.mean(axis=0)
        first = columns[:, 0] / np.linalg.norm(columns[:, 0])
        second = columns[:, 1] - first * (first @ columns[:, 1])
        columns = np.column_stack([first, second / np.linalg.norm(second)])
    return columns
