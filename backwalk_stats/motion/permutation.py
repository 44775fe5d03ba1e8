"""The largest statistic of a curve where nothing differs, by permutation.

Each function gives the distribution of max |t|, or max F, over the nodes under relabellings that
leave the data as likely as they were: this holds whatever the smoothness of the noise, also where
participants differ by large offsets. Where all relabellings are few enough they are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from itertools import permutations as permutations_of
from math import comb, factorial, prod

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.motion.curve_shapes import curves, same_nodes, two_arms, varying, visits_of
from backwalk_stats.motion.curve_statistics import orthogonal_to, reduced_design
from backwalk_stats.motion.largest_statistic import (
    MaxNull,
    Summary,
    largest_size,
    ratio,
    relabelled,
)


def sign_null(
    y: FloatArray, *, permutations: int, seed: int, summary: Summary = largest_size
) -> MaxNull:
    """Return max |t| of the mean when the sign of each curve of differences is chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
        Differences within participants.
    permutations : int
        All 2^n sign patterns where they are no more than this, else so many random ones.
    seed : int
        Root of the random relabellings; each has its own stream.
    summary : function
        From signed statistics, shape (relabellings, nodes), to one number each: max |t|, unless
        another is given (`Search.largest`, `Search.heaviest`).

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError
        If the arrays do not fit together.
    NotEstimable
        If there are too few curves, or a node does not vary.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 5))
    >>> null = sign_null(y, permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (False, 99)
    """
    y = curves(y, least=2)
    n = len(y)
    total = varying(y)

    def heights(signs: FloatArray) -> FloatArray:
        mean = signs @ y / n
        variance = (total - n * mean**2) / (n - 1)
        return summary(ratio(mean, np.sqrt(np.maximum(variance, 0.0) / n)))

    return flipped(heights, n, permutations=permutations, seed=seed)


def two_sample_null(
    y: FloatArray,
    reference: FloatArray,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max |t| of the difference of two means when the labels of the curves are chance.

    Parameters
    ----------
    y, reference : array, shape (n, nodes)
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 5))
    >>> null = two_sample_null(y[:4], y[4:], permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (True, 70)
    """
    one, other = curves(y, least=2), curves(reference, least=2)
    same_nodes(one, other)
    n, n1 = len(one) + len(other), len(one)
    pooled = np.concatenate([one, other])
    pooled = pooled - pooled.mean(axis=0)
    total = varying(pooled)
    scale = 1.0 / n1 + 1.0 / (n - n1)

    def heights(labels: FloatArray) -> FloatArray:
        first = labels @ pooled  # the other arm's sum is its negative
        between = first**2 * scale
        error = np.sqrt(np.maximum(total - between, 0.0) / (n - 2) * scale)
        return summary(ratio(first * scale, error))

    return dealt(heights, n, n1, permutations=permutations, seed=seed)


def welch_null(
    y: FloatArray,
    reference: FloatArray,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max |t| of Welch's statistic when the labels of the curves are chance.

    Parameters
    ----------
    y, reference : array, shape (n, nodes)
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 5))
    >>> null = welch_null(y[:4], y[4:], permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (True, 70)
    """
    one, other = curves(y, least=2), curves(reference, least=2)
    same_nodes(one, other)
    n, n1 = len(one) + len(other), len(one)
    pooled = np.concatenate([one, other])
    pooled = pooled - pooled.mean(axis=0)
    squares = pooled**2
    total = varying(pooled)

    def heights(labels: FloatArray) -> FloatArray:
        first, power = labels @ pooled, labels @ squares
        means, variances = [], []
        for sums, spread, size in ((first, power, n1), (-first, total - power, n - n1)):
            means.append(sums / size)
            rest = np.maximum(spread - sums**2 / size, 0.0)
            variances.append(rest / (size - 1.0) / size)
        return summary(ratio(means[0] - means[1], np.sqrt(variances[0] + variances[1])))

    return dealt(heights, n, n1, permutations=permutations, seed=seed)


def regression_null(
    y: FloatArray, x: FloatArray, *, permutations: int, seed: int, summary: Summary = largest_size
) -> MaxNull:
    """Return max |t| of the slope when which curve has which covariate is chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
    x : array, shape (n,)
        One number a curve.
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 5))
    >>> null = regression_null(y, np.arange(8.0), permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (False, 99)
    """
    y = curves(y, least=3)
    centred = y - y.mean(axis=0)
    total = varying(centred)
    rest = np.asarray(x, dtype=float) - np.mean(x)
    unit = rest / np.linalg.norm(rest)
    df = len(y) - 2.0

    def heights(orders: FloatArray) -> FloatArray:
        slope = unit[orders.astype(int)] @ centred
        error = np.sqrt(np.maximum(total - slope**2, 0.0) / df)
        return summary(ratio(slope, error))

    return shuffled(heights, len(y), permutations=permutations, seed=seed)


def one_way_null(
    y: FloatArray,
    groups: np.ndarray,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max F of equal means when the labels of the curves are chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
    groups : array, shape (n,)
        The group of each curve.
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 5))
    >>> null = one_way_null(y, np.arange(8) % 2, permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (True, 70)
    """
    y = curves(y, least=3)
    centred = y - y.mean(axis=0)
    total = varying(centred)
    levels, code = np.unique(groups, return_inverse=True)
    size = np.bincount(code)
    df = (len(levels) - 1.0, float(len(y) - len(levels)))

    def heights(labels: FloatArray) -> FloatArray:
        between = sum(
            ((labels == level).astype(float) @ centred) ** 2 / size[level]
            for level in range(len(levels))
        )
        rest = np.maximum(total - between, 0.0)
        return summary(ratio(between / df[0], rest / df[1]))

    return shared_out(heights, code, permutations=permutations, seed=seed)


def ancova_null(
    y: FloatArray,
    arm: np.ndarray,
    baseline: FloatArray,
    covariates: FloatArray | None = None,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max |t| of the arm when residuals of the model without it are exchangeable.

    The scheme of Freedman and Lane (1983, J Bus Econ Stat 1:292-298; Winkler et al. 2014,
    NeuroImage 92:381-397): whole residual curves are permuted, so the dependence along the curve
    and between nodes stays.

    Parameters
    ----------
    y, arm, baseline, covariates
        As in `curve_statistics.ancova`.
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(size=(8, 5))
    >>> before = y - 1.0 + rng.normal(size=(8, 5))
    >>> null = ancova_null(y, np.arange(8) < 4, before, permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (False, 99)
    """
    y, baseline = curves(y, least=4), curves(baseline, least=4)
    same_nodes(y, baseline)
    basis = reduced_design(baseline, covariates)
    treated = two_arms(arm, len(y))
    arm_rest = orthogonal_to(basis, np.broadcast_to(treated, (y.shape[1], len(y))))
    arm_unit = arm_rest / np.linalg.norm(arm_rest, axis=1, keepdims=True)
    rest = orthogonal_to(basis, y.T)
    total = (rest**2).sum(axis=1)
    varying(rest.T)
    # The first column of the basis is the intercept: a permutation leaves its share at nothing.
    seen = np.concatenate([basis[:, :, 1:], arm_unit[:, :, None]], axis=2)
    df = len(y) - basis.shape[2] - 1.0

    def heights(orders: FloatArray) -> FloatArray:
        found = np.empty((len(orders), y.shape[1]))
        places = orders.astype(np.intp)
        for node in range(y.shape[1]):
            share = rest[node][places] @ seen[node]
            left = total[node] - (share**2).sum(axis=1)
            found[:, node] = ratio(share[:, -1], np.sqrt(np.maximum(left, 0.0) / df))
        return summary(found)

    return shuffled(heights, len(y), permutations=permutations, seed=seed)


def within_participant_null(
    y: FloatArray, *, permutations: int, seed: int, summary: Summary = largest_size
) -> MaxNull:
    """Return max F of equal means at every visit when each participant's visits are in any order.

    Curves change places only within a participant, so participants' offsets play no part.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> null = within_participant_null(rng.normal(size=(8, 2, 5)), permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (False, 99)
    """
    y = visits_of(y, least=2)
    n, visits, nodes = y.shape
    centred = (y - y.mean(axis=1, keepdims=True)).reshape(n * visits, nodes)
    total = varying(centred)
    df = (visits - 1.0, (n - 1.0) * (visits - 1.0))

    def heights(orders: FloatArray) -> FloatArray:
        labels = orders.astype(int)
        between = sum(
            ((labels == visit).astype(float) @ centred) ** 2 / n for visit in range(visits)
        )
        rest = np.maximum(total - between, 0.0)
        return summary(ratio(between / df[0], rest / df[1]))

    def draw(rng: np.random.Generator) -> FloatArray:
        order = rng.permuted(np.tile(np.arange(visits), (n, 1)), axis=1)
        return np.asarray(order.ravel(), dtype=float)

    orders = list(permutations_of(range(visits)))
    listed = (np.concatenate(one).astype(float) for one in product(orders, repeat=n))
    possible = factorial(visits) ** n
    return relabelled(heights, possible, listed, draw, permutations=permutations, seed=seed)


def arm_by_visit_null(
    y: FloatArray,
    arm: np.ndarray,
    *,
    permutations: int,
    seed: int,
    summary: Summary = largest_size,
) -> MaxNull:
    """Return max F of the interaction of arm and visit when the arm of a participant is chance.

    What is compared are profiles over the visits, free of each participant's own mean curve.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
        Complete: a curve for each participant at each visit.
    arm : array, shape (n,)
        The arm of each participant.
    permutations, seed, summary
        As in `sign_null`.

    Returns
    -------
    MaxNull
        The maxima over the curve, for `permutation_test`.

    Raises
    ------
    UsageError, NotEstimable
        As `sign_null`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(size=(8, 2, 5))
    >>> null = arm_by_visit_null(y, np.arange(8) < 4, permutations=99, seed=1)
    >>> null.exact, len(null.heights)
    (True, 70)
    """
    y = visits_of(y, least=3)
    n, visits, nodes = y.shape
    levels, code = np.unique(arm, return_inverse=True)
    size = np.bincount(code)
    profile = y - y.mean(axis=1, keepdims=True)
    profile = (profile - profile.mean(axis=0)).reshape(n, visits * nodes)
    total = varying(profile.reshape(n * visits, nodes))
    df = ((len(levels) - 1.0) * (visits - 1.0), float((n - len(levels)) * (visits - 1)))

    def heights(labels: FloatArray) -> FloatArray:
        between = np.zeros((len(labels), nodes))
        for level in range(len(levels)):
            sums = (labels == level).astype(float) @ profile
            between += (sums.reshape(-1, visits, nodes) ** 2).sum(axis=1) / size[level]
        rest = np.maximum(total - between, 0.0)
        return summary(ratio(between / df[0], rest / df[1]))

    return shared_out(heights, code, permutations=permutations, seed=seed)


# The relabellings of a design: signs, arms, groups, or orders of the curves.

Heights = Callable[[FloatArray], FloatArray]


def flipped(heights: Heights, n: int, *, permutations: int, seed: int) -> MaxNull:
    """Return the null of statistics that are computed from signs of n curves, shape (b, n)."""

    def draw(rng: np.random.Generator) -> FloatArray:
        return np.asarray(rng.integers(0, 2, n) * 2.0 - 1.0)

    listed = (np.array(one) for one in product((1.0, -1.0), repeat=n))
    return relabelled(heights, 2**n, listed, draw, permutations=permutations, seed=seed)


def dealt(heights: Heights, n: int, n1: int, *, permutations: int, seed: int) -> MaxNull:
    """Return the null of statistics that are computed from who is in the first of two arms.

    A relabelling is a row of n zeros with ones for the n1 curves of the first arm.
    """

    def row(places: np.ndarray) -> FloatArray:
        found = np.zeros(n)
        found[places] = 1.0
        return found

    def draw(rng: np.random.Generator) -> FloatArray:
        return row(rng.permutation(n)[:n1])

    listed = (row(np.array(one)) for one in combinations(range(n), n1))
    return relabelled(heights, comb(n, n1), listed, draw, permutations=permutations, seed=seed)


def shuffled(heights: Heights, n: int, *, permutations: int, seed: int) -> MaxNull:
    """Return the null of statistics that are computed from orders of n curves, shape (b, n)."""

    def draw(rng: np.random.Generator) -> FloatArray:
        return rng.permutation(n).astype(float)

    listed = (np.array(one, dtype=float) for one in permutations_of(range(n)))
    return relabelled(heights, factorial(n), listed, draw, permutations=permutations, seed=seed)


def shared_out(heights: Heights, code: np.ndarray, *, permutations: int, seed: int) -> MaxNull:
    """Return the null of statistics that are computed from the groups of curves, shape (b, n).

    `code` is the observed group of each curve, 0 for the first. All ways to share the curves out
    are listed where they are few: n! / (n1! n2! ...).
    """
    sizes = np.bincount(code)
    possible = factorial(len(code)) // prod(factorial(int(size)) for size in sizes)

    def draw(rng: np.random.Generator) -> FloatArray:
        return np.asarray(code[rng.permutation(len(code))], dtype=float)

    listed = _every_sharing([int(size) for size in sizes])
    return relabelled(heights, possible, listed, draw, permutations=permutations, seed=seed)


def _every_sharing(sizes: Sequence[int]) -> Iterator[FloatArray]:
    """Yield every row of group codes in which each group has its size."""
    if len(sizes) == 1:
        yield np.zeros(sizes[0])
        return
    n = sum(sizes)
    for last in combinations(range(n), sizes[-1]):
        rest = np.setdiff1d(np.arange(n), last)
        for inner in _every_sharing(sizes[:-1]):
            row = np.full(n, len(sizes) - 1.0)
            row[rest] = inner
            yield row
