"""A curve of statistics becomes a decision: where along the curve it is beyond chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.motion import random_field
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.permutation import MaxNull
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Cluster(Shown):
    """A run of nodes beyond the threshold.

    Attributes
    ----------
    start, end : float
        In nodes, interpolated to where the curve crosses the threshold.
    peak : float
        The most extreme statistic.
    sign : int
        1 or -1.
    p_value : float
        Of the run's extent by random field theory; of its peak by permutation.
    """

    start: float
    end: float
    peak: float
    sign: int
    p_value: float


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CurveTest(Shown):
    """A whole-curve test.

    Attributes
    ----------
    statistic : CurveStatistic
    method : str
        "permutation" or "random-field".
    alpha : float
        Probability of any false mark on the whole curve.
    threshold : float
        Height beyond which a node is marked; of |t| where the statistic has a sign.
    p_value : float
        Of the whole curve: that its largest statistic is chance.
    p_nodes : array, shape (nodes,)
        The same for each node.
    clusters : tuple of Cluster
    exact : bool
        Whether every relabelling was listed.
    """

    statistic: CurveStatistic
    method: str
    alpha: float
    threshold: float
    p_value: float
    p_nodes: FloatArray
    clusters: tuple[Cluster, ...]
    exact: bool = False

    def band(self) -> tuple[FloatArray, FloatArray]:
        """Return limits of the estimate that hold at all nodes at once, from the threshold."""
        half = self.threshold * self.statistic.std_error
        return self.statistic.estimate - half, self.statistic.estimate + half


def permutation_test(statistic: CurveStatistic, null: MaxNull, *, alpha: float = 0.05) -> CurveTest:
    """Return the test of a curve against the permutation distribution of its maximum.

    Parameters
    ----------
    statistic : CurveStatistic
    null : MaxNull
        Of the same data and statistic (`curve_permutation`).
    alpha : float

    Returns
    -------
    CurveTest
        `.p_value` of the whole curve, `.clusters` beyond chance, `.band()` for two-sided tests.

    Examples
    --------
    >>> from backwalk_stats.motion.permutation import sign_null
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> y = np.random.default_rng(3).normal(1.0, 1.0, (8, 5))
    >>> found = permutation_test(one_sample(y), sign_null(y, permutations=999, seed=1))
    >>> found.exact, found.p_value
    (True, 0.0078125)
    """
    size = np.abs(statistic.values)
    top = float(size.max())
    p_nodes = null.p_value(size)
    threshold = null.critical_height(alpha, top)

    def p_of(start: float, end: float, peak: float) -> float:
        return float(null.p_value(peak))

    return CurveTest(
        statistic=statistic,
        method="permutation",
        alpha=alpha,
        threshold=threshold,
        p_value=float(p_nodes.min()),
        p_nodes=p_nodes,
        clusters=_clusters(statistic, threshold, p_of),
        exact=null.exact,
    )


def random_field_test(statistic: CurveStatistic, *, alpha: float = 0.05) -> CurveTest:
    """Return the test of a curve by random field theory; two-sided where it has a sign.

    Parameters
    ----------
    statistic : CurveStatistic
        Its residuals give the smoothness.
    alpha : float

    Returns
    -------
    CurveTest
        `.p_value` of the whole curve, `.clusters` beyond chance with p of their extent.

    Raises
    ------
    NotEstimable
        If a node has no variation.

    Examples
    --------
    >>> from backwalk_stats.motion.curve_statistics import one_sample
    >>> y = np.cumsum(np.random.default_rng(3).normal(size=(12, 50)), axis=1) / 7.0 + 2.0
    >>> random_field_test(one_sample(y)).p_value < 0.05
    True
    """
    nodes = len(statistic.values)
    width = random_field.smoothness(statistic.residuals)
    resels = (nodes - 1) / width
    tails = 2.0 if statistic.two_sided else 1.0
    field = statistic.field
    threshold = random_field.critical_height(alpha / tails, field, resels=resels, nodes=nodes)
    size = np.abs(statistic.values)
    one_tail = [
        random_field.exceedance(height, field, resels=resels, nodes=nodes) for height in size
    ]
    p_nodes = np.minimum(tails * np.array(one_tail), 1.0)

    def p_of(start: float, end: float, peak: float) -> float:
        extent = (end - start) / width
        return min(
            1.0, tails * random_field.cluster_probability(extent, threshold, field, resels=resels)
        )

    return CurveTest(
        statistic=statistic,
        method="random-field",
        alpha=alpha,
        threshold=threshold,
        p_value=float(p_nodes.min()),
        p_nodes=p_nodes,
        clusters=_clusters(statistic, threshold, p_of),
    )


def _clusters(
    statistic: CurveStatistic, threshold: float, p_of: Callable[[float, float, float], float]
) -> tuple[Cluster, ...]:
    """Return the runs beyond the threshold, from left to right."""
    found = []
    for sign in (1, -1) if statistic.two_sided else (1,):
        values = sign * statistic.values
        for first, beyond in runs(values >= threshold):
            last = beyond - 1
            start = _crossing(values, first - 1, first, threshold)
            end = _crossing(values, last + 1, last, threshold)
            peak = float(values[first : last + 1].max())
            p_value = p_of(start, end, peak)
            found.append(
                Cluster(start=start, end=end, peak=sign * peak, sign=sign, p_value=p_value)
            )
    return tuple(sorted(found, key=lambda one: one.start))


def _crossing(values: FloatArray, outside: int, inside: int, threshold: float) -> float:
    """Return where the curve crosses the threshold next to a run; its end where the curve ends."""
    if not 0 <= outside < len(values):
        return float(inside)
    share = (values[inside] - threshold) / (values[inside] - values[outside])
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
