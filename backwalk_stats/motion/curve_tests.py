"""A curve of statistics becomes a decision: where along the curve it is beyond chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion import random_field
from backwalk_stats.motion.curve_statistics import CurveStatistic, UnequalT
from backwalk_stats.motion.largest_statistic import SAME, MaxNull, Search
from backwalk_stats.motion.random_field import T2Field
from backwalk_stats.registry import Shown

WHOLE_CURVE = Search()


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Cluster(Shown):
    """A run of nodes beyond the threshold.

    Attributes
    ----------
    start, end : float
        In nodes, interpolated to where the curve crosses the threshold; `start` is larger than
        `end` for a run over the end of a cycle.
    peak : float
        The most extreme statistic.
    sign : int
        1 or -1.
    p_value : float
        Of the run's extent by random field theory; of its peak by permutation; of its mass.
    mass : float
        The sum of the statistic over its nodes, where that is tested; else NaN.
    """

    start: float
    end: float
    peak: float
    sign: int
    p_value: float
    mass: float = float("nan")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CurveTest(Shown):
    """A whole-curve test.

    Attributes
    ----------
    statistic : CurveStatistic
    method : str
        "permutation", "random-field" or "cluster-mass".
    alpha : float
        Probability of any false mark on the whole curve.
    threshold : float
        Height beyond which a node is marked; of |t| where both sides are searched. By cluster mass
        the height from which nodes form runs.
    p_value : float
        Of the whole curve: that its largest statistic, or heaviest run, is chance.
    p_nodes : array, shape (nodes,)
        The same for each node; 1 where none is searched. By cluster mass, of the run it is in.
    clusters : tuple of Cluster
        Runs beyond the threshold; by cluster mass all of them, also those that chance gives.
    exact : bool
        Whether every relabelling was listed.
    search : Search
        What was searched.
    """

    statistic: CurveStatistic
    method: str
    alpha: float
    threshold: float
    p_value: float
    p_nodes: FloatArray
    clusters: tuple[Cluster, ...]
    exact: bool = False
    search: Search = WHOLE_CURVE

    def band(self) -> tuple[FloatArray, FloatArray]:
        """Return limits of the estimate that hold at all searched nodes at once.

        Estimate minus and plus threshold times standard error; of one side only for a one-sided
        test, the other limit is infinite. Of T2 its root takes the place of the threshold, and the
        limits hold for all components too, shape (nodes, components). NaN where none was searched,
        for F, and by cluster mass, which tests runs and not nodes.
        """
        one = self.statistic
        height = self.threshold
        if self.method == "cluster-mass":
            height = float("nan")
        elif isinstance(one.field, T2Field):
            height = float(np.sqrt(height))
        there = self.search.where(len(one.values))
        there = there if one.estimate.ndim == 1 else there[:, None]
        half = np.where(there, height, np.nan) * one.std_error
        low, high = one.estimate - half, one.estimate + half
        if self.search.signs() == (-1,):
            low = np.where(np.isnan(low), np.nan, -np.inf)
        elif one.two_sided and self.search.signs() == (1,):
            high = np.where(np.isnan(high), np.nan, np.inf)
        return low, high


def permutation_test(
    statistic: CurveStatistic,
    null: MaxNull,
    *,
    alpha: float = 0.05,
    search: Search | None = None,
) -> CurveTest:
    """Return the test of a curve against the permutation distribution of its maximum.

    Parameters
    ----------
    statistic : CurveStatistic
    null : MaxNull
        Of the same data, statistic and search (`permutation`).
    alpha : float
    search : Search, optional
        The whole curve, two-sided, unless another is given.

    Returns
    -------
    CurveTest
        `.p_value` of the whole curve, `.clusters` beyond chance, `.band()`.

    Examples
    --------
    >>> from backwalk_stats.motion.permutation import sign_null
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> y = np.random.default_rng(3).normal(1.0, 1.0, (8, 5))
    >>> found = permutation_test(one_sample(y), sign_null(y, permutations=999, seed=1))
    >>> found.exact, found.p_value
    (True, 0.0078125)
    """
    search = search or _whole(statistic)
    size = search.size_along(statistic.values)
    p_nodes = null.p_value(size)
    threshold = null.critical_height(alpha, float(size.max()))

    def p_of(run: Run) -> float:
        return float(null.p_value(abs(run.peak)))

    return CurveTest(
        statistic=statistic,
        method="permutation",
        alpha=alpha,
        threshold=threshold,
        p_value=float(p_nodes.min()),
        p_nodes=p_nodes,
        clusters=_clusters(statistic.values, threshold, search, p_of),
        exact=null.exact,
        search=search,
    )


def random_field_test(
    statistic: CurveStatistic, *, alpha: float = 0.05, search: Search | None = None
) -> CurveTest:
    """Return the test of a curve by random field theory; two-sided where it has a sign.

    Parameters
    ----------
    statistic : CurveStatistic
        Its residuals give the smoothness.
    alpha : float
    search : Search, optional
        The whole curve, two-sided, unless another is given.

    Returns
    -------
    CurveTest
        `.p_value` of the whole curve, `.clusters` beyond chance with p of their extent.

    Raises
    ------
    NotEstimable
        If a node has no variation, or degrees of freedom differ from node to node.

    Examples
    --------
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> y = np.cumsum(np.random.default_rng(3).normal(size=(12, 50)), axis=1) / 7.0 + 2.0
    >>> random_field_test(one_sample(y)).p_value < 0.05
    True
    """
    field = statistic.field
    if isinstance(field, UnequalT):
        raise NotEstimable(
            "Welch's degrees of freedom differ from node to node, and random field theory needs "
            "one number for the curve; use the permutation test"
        )
    search = search or _whole(statistic)
    width = random_field.smoothness(statistic.residuals)
    region = random_field.region(search.where(len(statistic.values)), width)
    tails = float(len(search.signs()))
    threshold = random_field.critical_height_of(alpha / tails, field, region)
    size = search.size_along(statistic.values)
    there = np.isfinite(size)
    one_tail = random_field.exceedance_of(np.where(there, size, 0.0), field, region)
    p_nodes = np.where(there, np.minimum(tails * one_tail, 1.0), 1.0)

    def p_of(run: Run) -> float:
        extent = run.extent / width
        tail = random_field.cluster_probability(
            extent, threshold, field, resels=region.resels, pieces=region.pieces
        )
        return min(1.0, tails * tail)

    return CurveTest(
        statistic=statistic,
        method="random-field",
        alpha=alpha,
        threshold=threshold,
        p_value=float(p_nodes.min()),
        p_nodes=p_nodes,
        clusters=_clusters(statistic.values, threshold, search, p_of),
        search=search,
    )


def cluster_mass_test(
    statistic: CurveStatistic,
    null: MaxNull,
    *,
    height: float,
    alpha: float = 0.05,
    search: Search | None = None,
) -> CurveTest:
    """Return the test of the runs of a curve by their mass, the sum of the statistic over a run.

    The p-value is of a run, not of its nodes: nothing is said about where in it a difference is
    (Maris and Oostenveld 2007, J Neurosci Methods 164:177-190).

    Parameters
    ----------
    statistic : CurveStatistic
    null : MaxNull
        Of the same data with `summary=search.heaviest(height)`.
    height : float
        From which nodes form runs, chosen before the data were seen; |t| where two-sided.
    alpha : float
    search : Search, optional
        The whole curve, two-sided, unless another is given.

    Returns
    -------
    CurveTest
        `.clusters` holds every run with its p-value; its ends are nodes.

    Examples
    --------
    >>> from backwalk_stats.motion.permutation import sign_null
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> y = np.random.default_rng(3).normal(1.0, 1.0, (8, 5))
    >>> mass = Search().heaviest(2.0)
    >>> null = sign_null(y, permutations=999, seed=1, summary=mass)
    >>> cluster_mass_test(one_sample(y), null, height=2.0).p_value <= 0.0625
    True
    """
    search = search or _whole(statistic)
    p_nodes = np.ones(len(statistic.values))
    found = []
    for run in runs_beyond(statistic.values, height, search):
        p_value = float(null.p_value(run.mass))
        p_nodes[run.places] = p_value
        first, last = float(run.places[0]), float(run.places[-1])
        found.append(
            Cluster(start=first, end=last, peak=run.peak, sign=run.sign, p_value=p_value,
                    mass=run.mass)
        )  # fmt: skip
    return CurveTest(
        statistic=statistic,
        method="cluster-mass",
        alpha=alpha,
        threshold=height,
        p_value=float(p_nodes.min()),
        p_nodes=p_nodes,
        clusters=tuple(found),
        exact=null.exact,
        search=search,
    )


def _whole(statistic: CurveStatistic) -> Search:
    """Return the search of all nodes, on both sides where the statistic has a sign."""
    return Search(signed=statistic.two_sided)


def _clusters(
    values: FloatArray, threshold: float, search: Search, p_of: Callable[[Run], float]
) -> tuple[Cluster, ...]:
    """Return the runs beyond the threshold, from left to right."""
    return tuple(
        Cluster(start=run.start, end=run.end, peak=run.peak, sign=run.sign, p_value=p_of(run))
        for run in runs_beyond(values, threshold, search)
    )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Run(Shown):
    """Nodes next to each other at which a statistic is beyond a height.

    Attributes
    ----------
    start, end : float
        Interpolated to where the curve crosses the height; `start` is larger than `end` for a run
        over the end of a cycle.
    places : array
        Its nodes, in the order of the run.
    peak : float
    sign : int
    extent : float
        Its length in nodes.
    mass : float
        The sum of the sizes at its nodes; a node that repeats the first counts once.
    """

    start: float
    end: float
    places: np.ndarray
    peak: float
    sign: int
    extent: float
    mass: float


def runs_beyond(values: FloatArray, height: float, search: Search) -> tuple[Run, ...]:
    """Return the runs in which a curve of statistics, shape (nodes,), is at least so high.

    >>> found = runs_beyond(np.array([3.0, 1.0, 0.0, 3.0]), 2.0, Search(circular=True))
    >>> [(run.start, run.end, run.mass) for run in found]
    [(2.6666666666666665, 0.5, 3.0)]
    """
    there = search.where(len(values))
    found = []
    for sign in search.signs():
        size = np.where(there, sign * values, np.nan)
        pieces = runs(np.nan_to_num(size, nan=-np.inf) >= height * (1.0 - SAME))
        if search.circular and len(pieces) > 1:
            first, last = pieces[0], pieces[-1]
            if first[0] == 0 and last[1] == len(values):
                pieces = [*pieces[1:-1], (last[0], len(values) + first[1])]
        found += [_run(size, one, sign, height, search.circular) for one in pieces]
    return tuple(sorted(found, key=lambda run: run.start))


def _run(size: FloatArray, piece: tuple[int, int], sign: int, height: float, circular: bool) -> Run:
    """Return a run from its first node and the one after its last.

    Over the end of a cycle the nodes go on from the first.
    """
    first, beyond = piece
    last_node = len(size) - 1
    over_end = beyond > len(size)
    places = np.arange(first, beyond) % len(size)
    final = int(places[-1])
    start = _crossing(size, first - 1, first, height)
    end = _crossing(size, final + 1, final, height)
    once = places[places != last_node] if circular else places
    return Run(
        start=start,
        end=end,
        places=places,
        peak=sign * float(size[places].max()),
        sign=sign,
        extent=end - start + (last_node if over_end else 0.0),
        mass=float(size[once].sum()),
    )


def _crossing(size: FloatArray, outside: int, inside: int, height: float) -> float:
    """Return where the curve crosses the height next to a run; its end where the curve ends."""
    if not 0 <= outside < len(size) or np.isnan(size[outside]):
        return float(inside)
    share = (size[inside] - height) / (size[inside] - size[outside])
    return float(inside + (outside - inside) * share)


# Stretches of a signal or curve in which something holds without a break.


def runs(holds: np.ndarray) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of True.

    `holds` (shape (samples,)).

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], holds, [False]]).astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]
