"""The largest statistic of a curve where nothing differs, by permutation.

Each function gives the distribution of max |t|, or max F, over the nodes under relabellings that
leave the data as likely as they were: this holds whatever the smoothness of the noise, also where
participants differ by large offsets. Where all relabellings are few enough they are listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice, product
from itertools import permutations as permutations_of
from math import comb, factorial

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.curve_shapes import curves, same_nodes, two_arms, varying, visits_of
from backwalk_stats.motion.curve_statistics import orthogonal_to, reduced_design
from backwalk_stats.registry import Shown

SAME = 1e-9  # two relabellings that give the same statistic differ by rounding only
BLOCK = 1000  # relabellings at a time: bounds the memory
FEWEST = 99


def sign_null(y: FloatArray, *, permutations: int, seed: int) -> MaxNull:
    """Return max |t| of the mean when the sign of each curve of differences is chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
        Differences within participants.
    permutations : int
        All 2^n sign patterns where they are no more than this, else so many random ones.
    seed : int
        Root of the random relabellings; each has its own stream.

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
        return _largest(np.abs(mean), np.sqrt(np.maximum(variance, 0.0) / n))

    def draw(rng: np.random.Generator) -> FloatArray:
        return np.asarray(rng.integers(0, 2, n) * 2.0 - 1.0)

    listed = (np.array(one) for one in product((1.0, -1.0), repeat=n))
    return relabelled(heights, 2**n, listed, draw, permutations=permutations, seed=seed)


def two_sample_null(
    y: FloatArray, reference: FloatArray, *, permutations: int, seed: int
) -> MaxNull:
    """Return max |t| of the difference of two means when the labels of the curves are chance.

    Parameters
    ----------
    y, reference : array, shape (n, nodes)
    permutations, seed : int
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
        return _largest(np.abs(first) * scale, error)

    def draw(rng: np.random.Generator) -> FloatArray:
        return _indicator(rng.permutation(n)[:n1], n)

    listed = (_indicator(np.array(one), n) for one in combinations(range(n), n1))
    return relabelled(heights, comb(n, n1), listed, draw, permutations=permutations, seed=seed)


def regression_null(y: FloatArray, x: FloatArray, *, permutations: int, seed: int) -> MaxNull:
    """Return max |t| of the slope when which curve has which covariate is chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
    x : array, shape (n,)
        One number a curve.
    permutations, seed : int
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
        return _largest(np.abs(slope), error)

    return _shuffled(heights, len(y), permutations=permutations, seed=seed)


def one_way_null(y: FloatArray, groups: np.ndarray, *, permutations: int, seed: int) -> MaxNull:
    """Return max F of equal means when the labels of the curves are chance.

    Parameters
    ----------
    y : array, shape (n, nodes)
    groups : array, shape (n,)
        The group of each curve.
    permutations, seed : int
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
    (False, 99)
    """
    y = curves(y, least=3)
    centred = y - y.mean(axis=0)
    total = varying(centred)
    levels, code = np.unique(groups, return_inverse=True)
    size = np.bincount(code)
    df = (len(levels) - 1.0, float(len(y) - len(levels)))

    def heights(orders: FloatArray) -> FloatArray:
        labels = code[orders.astype(int)]
        between = sum(
            ((labels == level).astype(float) @ centred) ** 2 / size[level]
            for level in range(len(levels))
        )
        rest = np.maximum(total - between, 0.0)
        return _largest(between / df[0], rest / df[1])

    return _shuffled(heights, len(y), permutations=permutations, seed=seed)


def ancova_null(
    y: FloatArray,
    arm: np.ndarray,
    baseline: FloatArray,
    covariates: FloatArray | None = None,
    *,
    permutations: int,
    seed: int,
) -> MaxNull:
    """Return max |t| of the arm when residuals of the model without it are exchangeable.

    The scheme of Freedman and Lane (1983, J Bus Econ Stat 1:292-298; Winkler et al. 2014,
    NeuroImage 92:381-397): whole residual curves are permuted, so the dependence along the curve
    and between nodes stays.

    Parameters
    ----------
    y, arm, baseline, covariates
        As in `curve_statistics.ancova`.
    permutations, seed : int
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
        largest = np.zeros(len(orders))
        places = orders.astype(np.intp)
        for node in range(y.shape[1]):
            share = rest[node][places] @ seen[node]
            effect = np.abs(share[:, -1])
            left = total[node] - (share**2).sum(axis=1)
            np.maximum(largest, effect / np.sqrt(np.maximum(left, 0.0) / df), out=largest)
        return largest

    return _shuffled(heights, len(y), permutations=permutations, seed=seed)


def within_participant_null(y: FloatArray, *, permutations: int, seed: int) -> MaxNull:
    """Return max F of equal means at every visit when each participant's visits are in any order.

    Curves change places only within a participant, so participants' offsets play no part.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
    permutations, seed : int
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
        return _largest(between / df[0], rest / df[1])

    def draw(rng: np.random.Generator) -> FloatArray:
        order = rng.permuted(np.tile(np.arange(visits), (n, 1)), axis=1)
        return np.asarray(order.ravel(), dtype=float)

    orders = list(permutations_of(range(visits)))
    listed = (np.concatenate(one).astype(float) for one in product(orders, repeat=n))
    possible = factorial(visits) ** n
    return relabelled(heights, possible, listed, draw, permutations=permutations, seed=seed)


def arm_by_visit_null(y: FloatArray, arm: np.ndarray, *, permutations: int, seed: int) -> MaxNull:
    """Return max F of the interaction of arm and visit when the arm of a participant is chance.

    What is compared are profiles over the visits, free of each participant's own mean curve.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
        Complete: a curve for each participant at each visit.
    arm : array, shape (n,)
        The arm of each participant.
    permutations, seed : int
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
    (False, 99)
    """
    y = visits_of(y, least=3)
    n, visits, nodes = y.shape
    levels, code = np.unique(arm, return_inverse=True)
    size = np.bincount(code)
    profile = y - y.mean(axis=1, keepdims=True)
    profile = (profile - profile.mean(axis=0)).reshape(n, visits * nodes)
    total = varying(profile.reshape(n * visits, nodes))
    df = ((len(levels) - 1.0) * (visits - 1.0), float((n - len(levels)) * (visits - 1)))

    def heights(orders: FloatArray) -> FloatArray:
        labels = code[orders.astype(int)]
        between = np.zeros((len(labels), nodes))
        for level in range(len(levels)):
            sums = (labels == level).astype(float) @ profile
            between += (sums.reshape(-1, visits, nodes) ** 2).sum(axis=1) / size[level]
        rest = np.maximum(total - between, 0.0)
        return _largest(between / df[0], rest / df[1])

    return _shuffled(heights, n, permutations=permutations, seed=seed)


def _shuffled(
    heights: Callable[[FloatArray], FloatArray], n: int, *, permutations: int, seed: int
) -> MaxNull:
    """Return the null of statistics that are computed from random orders of n curves."""

    def draw(rng: np.random.Generator) -> FloatArray:
        return rng.permutation(n).astype(float)

    listed = (np.array(one, dtype=float) for one in permutations_of(range(n)))
    return relabelled(heights, factorial(n), listed, draw, permutations=permutations, seed=seed)


def _indicator(places: np.ndarray, n: int) -> FloatArray:
    """Return a row of n zeros with ones at the places given."""
    row = np.zeros(n)
    row[places] = 1.0
    return row


def _largest(size: FloatArray, error: FloatArray) -> FloatArray:
    """Return the largest ratio over the nodes; without any rest a ratio is infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = size / error
    if np.isnan(ratio).any():
        raise NotEstimable("a relabelling leaves no variation at a node")
    return np.asarray(ratio.max(axis=1))


# The distribution of the largest statistic under relabelling, and p-values from it.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MaxNull(Shown):
    """The largest statistic of each relabelling.

    Attributes
    ----------
    heights : array, shape (m,)
        Of every relabelling, the observed one included, where `exact`; else of random ones.
    exact : bool
        Whether every relabelling was listed.
    """

    heights: FloatArray
    exact: bool

    def p_value(self, height: FloatArray | float) -> FloatArray:
        """Return the adjusted p of a height: the exact share, or (b + 1) / (m + 1)."""
        ordered = np.sort(self.heights)
        height = np.abs(np.asarray(height, dtype=float))
        above = len(ordered) - np.searchsorted(ordered, height * (1.0 - SAME), side="left")
        if self.exact:
            return np.asarray(above / len(ordered))
        return np.asarray((above + 1.0) / (len(ordered) + 1.0))

    def critical_height(self, alpha: float, observed: float) -> float:
        """Return the lowest height whose adjusted p is at most alpha; infinite where none is.

        Parameters
        ----------
        alpha : float
        observed : float
            The largest observed statistic; it counts as one relabelling where these are random.
        """
        pool = self.heights if self.exact else np.append(self.heights, observed)
        allowed = int(np.floor(alpha * len(pool) * (1.0 + 1e-12)))
        if allowed < 1:
            return float("inf")
        return float(np.sort(pool)[-allowed])


def relabelled(
    heights: Callable[[FloatArray], FloatArray],
    possible: int,
    listed: Iterator[FloatArray],
    draw: Callable[[np.random.Generator], FloatArray],
    *,
    permutations: int,
    seed: int,
) -> MaxNull:
    """Return the null from all relabellings where they are few, else from random ones.

    `heights`: from relabellings, one a row, to the largest statistic of each. `possible`: how many
    relabellings there are. `listed`: all of them. `draw`: one of them at random. `permutations`:
    most that are used. `seed`: root of the streams of random numbers, one a relabelling. Raises
    UsageError if there are too few for a p-value.
    """
    if permutations < FEWEST:
        raise UsageError(
            f"{permutations} permutations; at least {FEWEST} give a p-value of any use"
        )
    exact = possible <= permutations
    drawn = (draw(replicate_generator(seed=seed, index=k)) for k in range(permutations))
    rows = listed if exact else drawn
    found = []
    while block := list(islice(rows, BLOCK)):
        found.append(heights(np.array(block)))
    return MaxNull(heights=np.concatenate(found), exact=exact)
