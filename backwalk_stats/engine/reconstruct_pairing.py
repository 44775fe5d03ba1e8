"""Puts two columns of whole numbers side by side so that their products add up to a given sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.engine.domain import FloatArray

Integers = NDArray[np.int64]
PROPOSALS_PER_PERSON = 40
RESTARTS = 30


def paired_with_products(
    pre: Integers, post: Integers, *, low: int, high: int, rng: np.random.Generator
) -> Integers | None:
    """Return `post` in an order in which the sum of products with `pre` lies in [low, high].

    The order starts from ranks of correlated normal numbers and is mended by swaps of two people:
    first those proposed at random that come nearer to a sum drawn from the interval, then the best
    of all.

    Parameters
    ----------
    pre, post : array of int, shape (n,)
        The two columns.
    low, high : int
        Ends of the wanted sum of products, included.
    rng : Generator
        Source of every draw.

    Returns
    -------
    array of int, shape (n,) or None
        None where no order was found; certain where the interval lies outside what the largest
        and the smallest order allow.

    Examples
    --------
    >>> pre, post = np.array([1, 2, 3, 4]), np.array([4, 3, 2, 1])
    >>> after = paired_with_products(pre, post, low=29, high=29, rng=np.random.default_rng(1))
    >>> int(pre @ after)
    29
    """
    rising, falling = np.sort(post), np.sort(post)[::-1]
    least, most = int(np.sort(pre) @ falling), int(np.sort(pre) @ rising)
    first, last = max(low, least), min(high, most)
    if first > last:
        return None
    for _ in range(RESTARTS):
        target = int(rng.integers(first, last, endpoint=True))
        order = _ranked(pre, post, target, rng)
        order = _by_proposals(pre, order, target, rng)
        order = _by_best_swaps(pre, order, target)
        if first <= int(pre @ order) <= last:
            return order
    return None


def _ranked(pre: Integers, post: Integers, target: int, rng: np.random.Generator) -> Integers:
    """Return `post` in an order whose correlation with `pre` is near the wanted one."""
    n = len(pre)
    spread = float(
        np.sqrt(n * (pre @ pre) - pre.sum() ** 2) * np.sqrt(n * (post @ post) - post.sum() ** 2)
    )
    wanted = (n * target - int(pre.sum()) * int(post.sum())) / spread if spread else 0.0
    r = min(1.0, max(-1.0, wanted))
    latent = rng.standard_normal((2, n))
    # Ties of `pre` are broken at random, so that the file's order says nothing.
    ranks = np.lexsort((rng.random(n), pre))
    first: FloatArray = np.empty(n)
    first[ranks] = np.sort(latent[0])
    second = r * first + np.sqrt(1.0 - r * r) * latent[1]
    order = np.empty_like(post)
    order[np.argsort(second)] = np.sort(post)
    return order


def _by_proposals(pre: Integers, post: Integers, target: int, rng: np.random.Generator) -> Integers:
    """Return the order after random swaps, each kept only if it comes nearer."""
    order, left = post.tolist(), target - int(pre @ post)
    before = pre.tolist()
    pairs = rng.integers(len(order), size=(PROPOSALS_PER_PERSON * len(order), 2)).tolist()
    for i, j in pairs:
        if left == 0:
            break
        gain = (before[i] - before[j]) * (order[j] - order[i])
        if gain and abs(left - gain) < abs(left):
            order[i], order[j] = order[j], order[i]
            left -= gain
    return np.asarray(order, dtype=np.int64)


def _by_best_swaps(pre: Integers, post: Integers, target: int) -> Integers:
    """Return the order after the best swaps, until none comes nearer."""
    order, left = post.copy(), target - int(pre @ post)
    while left:
        gains = (pre[:, None] - pre[None, :]) * (order[None, :] - order[:, None])
        distances = np.abs(left - gains)
        i, j = np.unravel_index(int(distances.argmin()), distances.shape)
        if distances[i, j] >= abs(left):
            break
        order[[i, j]] = order[[j, i]]
        left -= int(gains[i, j])
    return order
