"""A cluster of a whole-curve test in degrees: how large, with which limits, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan

if TYPE_CHECKING:
    from backwalk_stats.analyses.motion.curves import CurveResult

# What a larger and a smaller value of a joint's signal is (docs/methods/motion.md).
MORE = {
    "flexion": ("flexion", "extension"),
    "side_bend": ("side bend to the right", "side bend to the left"),
    "rotation": ("rotation to the left", "rotation to the right"),
}
SPINE_ONLY = ("side_bend", "rotation")  # of hips and knees, other words are used for these
BY_PERMUTATION = ("permutation", "cluster-mass")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ClusterEffect(Shown):
    """The difference in one cluster, in the unit of the signal.

    Attributes
    ----------
    start, end : float
        Per cent of the cycle; start is larger for a cluster over its end.
    mean, mean_low, mean_high : float
        Of the nodes of the cluster; limits are the means of the limits, which hold at all nodes.
    peak, peak_low, peak_high : float
        Where the difference is largest.
    peak_at : float
        Per cent of the cycle.
    """

    start: float
    end: float
    mean: float
    mean_low: float
    mean_high: float
    peak: float
    peak_low: float
    peak_high: float
    peak_at: float


def cluster_effect(
    estimate: FloatArray, low: FloatArray, high: FloatArray, *, start: float, end: float
) -> ClusterEffect:
    """Return the difference between two places of a curve, ends in nodes.

    `estimate`, `low` and `high` have shape (nodes,): a difference and its simultaneous limits.

    >>> flat = np.array([0.0, 2.0, 3.0, 2.0, 0.0])
    >>> found = cluster_effect(flat, flat - 1, flat + 1, start=0.5, end=3.5)
    >>> round(found.mean, 3), found.peak, found.peak_low, found.peak_at
    (2.333, 3.0, 2.0, 50.0)
    """
    node = np.arange(len(estimate))
    last = len(estimate) - 1
    if start <= end:
        inside = (node >= start) & (node <= end)
    else:
        inside = (node >= start) & (node < last) | (node <= end)
    if not inside.any():
        inside = node == round(start)
    top = node[inside][np.abs(estimate[inside]).argmax()]
    return ClusterEffect(
        start=100.0 * start / last,
        end=100.0 * end / last,
        mean=float(estimate[inside].mean()),
        mean_low=float(low[inside].mean()),
        mean_high=float(high[inside].mean()),
        peak=float(estimate[top]),
        peak_low=float(low[top]),
        peak_high=float(high[top]),
        peak_at=100.0 * float(top) / last,
    )


def effect_sentence(
    one: ClusterEffect, *, who: str, words: tuple[str, str] | None, unit: str = "degrees"
) -> str:
    r"""Return a cluster as a sentence.

    `who` begins it, such as "backward walking had". `words` are what a positive and a negative
    difference is more of; None where that is not known.

    >>> flat = np.array([0.0, 2.0, 3.0, 2.0, 0.0])
    >>> found = cluster_effect(-flat, -flat - 1, -flat + 1, start=0.5, end=3.5)
    >>> told = effect_sentence(found, who="backward walking had", words=MORE["flexion"])
    >>> print(told.replace(", ", "\n"))
    backward walking had 2.3 degrees more extension (1.3 to 3.3) from 12 to 88 % of the cycle
    with a peak of 3.0 (2.0 to 4.0) at 50 %
    """
    sign = 1.0 if one.mean >= 0.0 else -1.0
    mean = _with_limits(one.mean, one.mean_low, one.mean_high, sign)
    peak = _with_limits(one.peak, one.peak_low, one.peak_high, sign)
    size, _, limits = mean.partition(" ")
    if words is None:
        more = "larger" if sign > 0 else "smaller"
        told = f"values {more} by {size} {unit}"
    else:
        told = f"{size} {unit} more {words[0] if sign > 0 else words[1]}"
    over = ", over its end" if one.start > one.end else ""
    return (
        f"{who} {told}{f' {limits}' if limits else ''} from {one.start:.0f} to {one.end:.0f} % of "
        f"the cycle{over}, with a peak of {peak} at {one.peak_at:.0f} %"
    )


def _with_limits(value: float, low: float, high: float, sign: float) -> str:
    """Return a size and its limits, turned so that the size is positive."""
    ends = sorted((sign * low, sign * high))
    size = f"{sign * value:.1f}"
    if np.isnan(ends).any():
        return size
    if np.isinf(ends[1]):
        return f"{size} ({ends[0]:.1f} or more)"
    if np.isinf(ends[0]):
        return f"{size} ({ends[1]:.1f} or less)"
    return f"{size} ({ends[0]:.1f} to {ends[1]:.1f})"


def words_of(signal: str, plan: MotionPlan) -> tuple[str, str] | None:
    """Return what larger and smaller values of a signal are, None where that is not declared.

    Known for signals that are computed from a joint of the plan, also where some files bring the
    angle along under the same name; an angle that all files bring along has the sign of whoever
    made them.
    """
    walks = [one for one in plan.recordings if one.task == "walk"]
    if walks and all(signal in one.angles for one in walks):
        return None
    for joint in plan.joints:
        plane = signal.removeprefix(f"{joint.name}_")
        if plane != signal and plane in MORE:
            return MORE[plane] if joint.kind == "spine" or plane not in SPINE_ONLY else None
    return None


def cluster_sentences(
    asked: CurveTestPlan,
    plan: MotionPlan,
    result: CurveResult,
    *,
    runs: pd.DataFrame | None = None,
    visits: Mapping[str, str] | None = None,
) -> tuple[str, ...]:
    """Return a sentence for each cluster beyond chance by permutation, from left to right.

    With limits that hold for the whole curve; by cluster mass without: it says nothing of nodes.
    `runs` with start and end in nodes stand for the clusters where they are given; `visits` are
    name to label.
    """
    nodes = result.nodes
    columns = [nodes[name].to_numpy(dtype=float) for name in ("estimate", "conf_low", "conf_high")]
    clusters = result.clusters[result.clusters["method"].isin(BY_PERMUTATION)]
    clusters = clusters if runs is None else runs
    words = words_of(asked.signal, plan)
    return tuple(
        effect_sentence(
            cluster_effect(*columns, start=row.start, end=row.end),  # type: ignore[arg-type]
            who=_who(asked, plan, result.contrast, visits or {}),
            words=words,
        )
        for row in clusters.itertuples(index=False)
    )


def _who(asked: CurveTestPlan, plan: MotionPlan, contrast: str, visits: Mapping[str, str]) -> str:
    """Return the start of a sentence: who has more."""
    if asked.test == "paired":
        return "backward walking had"
    if asked.test == "paired-visits":
        first, later = (visits.get(one, one) for one in (plan.visits[0], asked.visit))
        return f"against {first}, {later} had"
    if asked.test == "regression":
        return f"one unit more of {asked.covariate} went with"
    labels = {arm.name: arm.label for arm in plan.arms}
    first = contrast.partition(" - ")[0]
    return f"the arm '{labels.get(first, first)}' had"
