"""Pictures of movement: curves over the cycle, and how two segments move together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from backwalk_stats.analyses.motion.cluster_effects import BY_PERMUTATION, words_of
from backwalk_stats.analyses.motion.coordination import ROSE_STEP
from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.analyses.motion.cycle_time import mean_toe_offs
from backwalk_stats.analyses.motion.study import baseline_means, compared_means, toe_off_of
from backwalk_stats.analyses.motion.study import mean_curves as means_of
from backwalk_stats.errors import UsageError
from backwalk_stats.figures import (
    angle_angle,
    coupling_area,
    coupling_rose,
    joint_planes,
    mean_curves,
    panel,
)
from backwalk_stats.motion import curve_statistics, permutation
from backwalk_stats.motion.curve_tests import permutation_test
from backwalk_stats.plot.sources import asked_for, named_in, plain, refuse_doubles
from backwalk_stats.plot.theme import axes_for, new_figure, picture
from backwalk_stats.report.motion_analysis import Motion
from backwalk_stats.report.sections_motion.curves import cycle_name
from backwalk_stats.tables.labels import WALKS, signal_label
from backwalk_stats.tables.motion import VECTORS, signals_of, statistic_name
from backwalk_stats.trial.motion_plan import CurveTestPlan
from backwalk_stats.trial.tables import CLUSTERS, CURVE_TEST

KINDS = ("rose", "area", "loop")
DEGREES = "degrees"


@picture(Motion, pd.DataFrame)
def curves(
    source: Motion | pd.DataFrame,
    signal: str | None = None,
    *,
    test: str | None = None,
    ax: Axes | None = None,
    participant: str = "participant",
    arm: str = "arm",
    node: str = "node",
    value: str = "value",
    unit: str = "",
    level: float = 0.95,
    permutations: int = 10_000,
    seed: int = 0,
    style: str | None = None,
) -> Axes | Figure:
    """Draw mean curves, and under them their difference with a band for the whole curve.

    Where the band leaves zero the span is shaded through both, and its ends are written.

    Parameters
    ----------
    source : Motion or DataFrame
        A frame has one row for every participant and node (0, 1, ... to the end of the cycle);
        `participant`, `arm`, `node` and `value` name its columns. Two arms, in the order of their
        categories, are compared by a permutation test of the largest |t|, more by that of the
        largest F.
    signal, test : str, optional
        Which whole-curve test of a motion file; may be left out where there is one. `signal` names
        the curve of a frame.
    ax : Axes, optional
        Where to draw the means alone; else a new figure with both panels.
    unit : str
        Of the values of a frame; those of a motion file are degrees.
    participant, arm, node, value : str
        Columns of a plain frame.
    level : float
        Of the test of a frame: 1 - level is the chance of any false mark on the whole curve.
    permutations, seed : int
        How many permutations the test of a frame draws, and where their numbers start.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes or Figure
        The axes that were handed over, or the new figure.

    Raises
    ------
    UsageError
        If there is no one such test, a column is missing or has no order, or a participant has a
        gap or two values at a node.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"participant": np.repeat(range(8), 11), "node": [*range(11)] * 8})
    >>> arms = ["forward", "backward"]
    >>> frame["arm"] = pd.Categorical(np.repeat(arms, 44), arms)
    >>> frame["value"] = rng.normal(size=88) + frame["node"]
    >>> figure = curves(frame, "Hip flexion", unit="°", permutations=200)
    >>> figure.axes[1].get_ylabel()
    'backward − forward, ° (95% band of the whole curve)'
    """
    if isinstance(source, pd.DataFrame):
        names = {"participant": participant, "arm": arm, "node": node, "value": value}
        own = plain(source, names, "curves")
        groups, by = named_in(own), "arm"
        shown = own.assign(arm=own["arm"].astype(str), signal="", direction="", visit="")
        means = means_of(shown, level=level)
        named, statistic = signal or value, "F" if len(groups) > 2 else "t"
        nodes, clusters = _tested(_wide(own), level, permutations, seed)
        means_only: Any = {}
        drawn: Any = {"cycle": "% of the cycle"}  # a frame does not say where it begins
    else:
        one = _question(source, signal, test)
        plan, asked = source.study.plan, one.plan
        if asked.test in VECTORS:
            return _planes(source, one, ax)
        means, by = compared_means(source.study.means, plan, asked)
        groups = _groups(source, by)
        named, unit, level = signal_label(asked.signal), DEGREES, 1.0 - asked.alpha
        statistic, nodes = statistic_name(asked.test), one.nodes
        clusters = one.clusters[one.clusters["method"].isin(BY_PERMUTATION)]
        drawn = {"more": words_of(asked.signal, plan), "cycle": cycle_name(plan, asked)}
        means_only = {"toe_off": _toe_off(source, asked),
                      "baseline": baseline_means(source.study.means, plan, asked)}  # fmt: skip
    clusters = mean_curves.spans(nodes, clusters)
    told: Any = {"clusters": clusters, "groups": groups, "unit": unit, **drawn}
    upon: Any = {**told, **means_only, "by": by, "signal": named}
    if ax is not None:
        with axes_for(ax) as axes:
            mean_curves.draw(axes, means, **upon)
        return ax
    with new_figure(2, 1, figsize=(6.4, 6.0), height_ratios=(3, 2)) as (figure, (upper, lower)):
        figure.subplots_adjust(hspace=0.4)
        mean_curves.draw(upper, means, **upon)
        mean_curves.draw_difference(lower, nodes, **told, statistic=statistic, level=level)
        mean_curves.under(upper, lower)
    return figure


@picture(Motion, pd.DataFrame)
def coupling(
    source: Motion | pd.DataFrame,
    coupling: str | None = None,
    *,
    kind: str = "rose",
    direction: str | None = None,
    visit: str | None = None,
    arm: str = "arm",
    angle: str = "angle",
    ax: Axes | None = None,
    style: str | None = None,
) -> Axes | Figure:
    """Draw how two segments move together: a rose of coupling angles, their patterns, or a loop.

    Parameters
    ----------
    source : Motion or DataFrame
        A frame has one row for every coupling angle (degrees; `bw.motion.coupling_angle`); `arm`
        and `angle` name its columns, and it can be drawn as a rose.
    coupling : str, optional
        Name of a coupling of the motion file; may be left out where there is one.
    kind : {"rose", "area", "loop"}
        "rose": how often each direction occurs in all steps of all cycles, the radius the square
        root of the share. "area": the share of participants in each pattern of their mean angle
        over the cycle, a panel for each arm. "loop": the
        mean angle of one segment against that of the other.
    direction : {"forward", "backward"}, optional
        Which walk; may be left out where there are curves of one.
    visit : str, optional
        Else the last visit.
    ax : Axes, optional
        Where to draw a rose (polar axes) or a loop; else a new figure.
    arm, angle : str
        Columns of a plain frame: the angle in degrees.
    style : {None, "report"}
        None obeys the theme of the session.

    Returns
    -------
    Axes or Figure
        The figure where there are several panels.

    Raises
    ------
    UsageError
        If there is no one such coupling or walk, a column is missing, or the axes of a rose are
        not polar.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"angle": [40.0, 50, 220, 95, 100, 271]})
    >>> frame["arm"] = pd.Categorical(["forward"] * 3 + ["backward"] * 3, ["forward", "backward"])
    >>> coupling(frame).name
    'polar'
    """
    if kind not in KINDS:
        raise UsageError(f"kind is '{kind}'; it is one of {', '.join(KINDS)}")
    if isinstance(source, pd.DataFrame):
        if kind != "rose":
            raise UsageError(f"coupling: a frame of angles can be drawn as a rose, not as {kind}")
        own = plain(source, {"arm": arm, "angle": angle}, "coupling").dropna()
        if own.empty:
            raise UsageError("coupling: no row has an angle")
        own["arm"] = own["arm"].cat.remove_unused_categories()
        groups = named_in(own)
        return _rose(ax, _shares(own), groups, ("proximal", "distal"))
    plan = source.study.plan
    one = asked_for({each.name: each for each in plan.couplings}, coupling, "coupling")
    when = plan.visits[-1] if visit is None else visit
    means = _of_walk(source, source.study.means, direction, when)
    walk = str(means["direction"].iloc[0])
    groups = _groups(source, "arm")
    if kind == "loop":
        with axes_for(ax, 5.6, 5.0) as axes:
            angle_angle.draw(
                axes, means, groups=groups,
                proximal=(one.proximal, f"{signal_label(one.proximal)}, {DEGREES}"),
                distal=(one.distal, f"{signal_label(one.distal)}, {DEGREES}"),
            )  # fmt: skip
        return axes
    frame = source.study.rose if kind == "rose" else source.study.over_cycle
    mine = _of_walk(source, frame[frame["coupling"] == one.name], walk, when)
    if kind == "rose":
        segments = [signal_label(name).partition(" ")[0].lower()
                    for name in (one.proximal, one.distal)]  # fmt: skip
        return _rose(ax, mine, groups, (segments[0], segments[1]))
    return _area(ax, mine, groups)


def _toe_off(motion: Motion, asked: CurveTestPlan) -> dict[str, float]:
    """Return the mean toe-off of each group of a test."""
    plan = motion.study.plan
    return toe_off_of(mean_toe_offs(plan, motion.study.movement.features), plan, asked)


def _planes(motion: Motion, one: CurveResult, ax: Axes | None) -> Figure:
    """Draw the three planes of a joint, and under them the statistic of all together."""
    if ax is not None:
        raise UsageError("three planes together have a panel each: leave out ax")
    plan = motion.study.plan
    signals = signals_of(one.plan.test, one.plan.signal)
    parts = [compared_means(motion.study.means, plan, replace(one.plan, signal=signal))
             for signal in signals]  # fmt: skip
    planes = [
        joint_planes.Plane(signal=signal, label=signal_label(signal), more=words_of(signal, plan))
        for signal in signals
    ]
    with new_figure(4, 1, figsize=(6.4, 10.0)) as (figure, panels):
        figure.subplots_adjust(hspace=0.5)
        joint_planes.draw_planes(
            list(panels), pd.concat([means for means, _ in parts]), one.nodes,
            clusters=one.clusters[one.clusters["method"].isin(BY_PERMUTATION)], planes=planes,
            groups=_groups(motion, parts[0][1]), by=parts[0][1], unit=DEGREES,
            statistic=statistic_name(one.plan.test), toe_off=_toe_off(motion, one.plan),
            cycle=cycle_name(plan, one.plan),
        )  # fmt: skip
    made: Figure = figure
    return made


def _rose(
    ax: Axes | None, rose: pd.DataFrame, groups: dict[str, str], segments: tuple[str, str]
) -> Axes:
    """Draw a rose on polar axes, new ones where none were handed over."""
    if ax is not None and not isinstance(ax, PolarAxes):
        raise UsageError(
            "a rose needs polar axes: plt.subplots(subplot_kw={'projection': 'polar'})"
        )
    if ax is not None:
        coupling_rose.draw(ax, rose, panels=groups, by="arm", segments=segments)
        panel.keep_in_slot(ax)
        return ax
    polar = {"projection": "polar"}
    with new_figure(figsize=(5.6, 5.0), subplot_kw=polar) as (_, axes):
        coupling_rose.draw(axes, rose, panels=groups, by="arm", segments=segments)
    made: PolarAxes = axes
    return made


def _area(ax: Axes | None, shares: pd.DataFrame, groups: dict[str, str]) -> Axes | Figure:
    """Draw the patterns over the cycle, a panel for each arm."""
    names = [name for name in groups if (shares["arm"] == name).any()]
    if ax is not None:
        raise UsageError("the patterns of several arms have a panel each: leave out ax")
    size = (6.4, 0.6 + 2.5 * len(names))
    with new_figure(len(names), 1, figsize=size, squeeze=False) as (figure, panels):
        figure.subplots_adjust(hspace=0.5)
        for name, axes in zip(names, panels.ravel(), strict=True):
            coupling_area.draw(axes, shares[shares["arm"] == name], group=groups[name])
        for axes in panels.ravel()[:-1]:
            axes.set_xlabel("")
            axes.tick_params(axis="x", labelbottom=False)
    return figure


def _question(motion: Motion, signal: str | None, test: str | None) -> CurveResult:
    """Return the whole-curve test that is asked for, by its signal, its kind or both."""
    there = {f"'{one.plan.signal}', test='{one.plan.test}'": one for one in motion.study.results}
    found = [name for name, one in there.items() if one.plan.test == (test or one.plan.test)
             and one.plan.signal == (signal or one.plan.signal)]  # fmt: skip
    wanted = ", ".join(filter(None, [signal, test])) or None
    return asked_for(there, found[0] if len(found) == 1 else wanted, "whole-curve test")


def _of_walk(
    motion: Motion, frame: pd.DataFrame, direction: str | None, visit: str
) -> pd.DataFrame:
    """Return the rows of one walk and visit."""
    mine = frame[frame["visit"] == visit]
    walks = sorted(mine["direction"].unique(), reverse=True)
    chosen = [walk for walk in walks if direction in (None, walk)]
    if len(chosen) != 1:
        visits = ", ".join(motion.study.plan.visits)
        listed = " or ".join(f"direction='{walk}'" for walk in walks)
        said = f"say which walk is meant: {listed}" if walks else f"the visits are: {visits}"
        raise UsageError(f"no one walk at visit '{visit}'; {said}")
    kept: pd.DataFrame = mine[mine["direction"] == chosen[0]]
    return kept


def _groups(motion: Motion, by: str) -> dict[str, str]:
    """Return name to label of what is compared."""
    plan = motion.study.plan
    if by == "direction":
        return {name: WALKS[name].capitalize() for name in ("forward", "backward")}
    if by == "visit":
        return {visit: visit for visit in plan.visits}
    return {arm.name: arm.label for arm in plan.arms}


def _wide(own: pd.DataFrame) -> pd.DataFrame:
    """Return arms and participants down, nodes across, without a gap."""
    refuse_doubles(own, ("participant", "node"), "curves", "take the mean of the cycles first")
    wide = own.pivot(index=["arm", "participant"], columns="node", values="value").sort_index(
        axis=1
    )
    gaps = int(wide.isna().any(axis=1).sum())
    if gaps:
        raise UsageError(f"curves: {gaps} participants have a gap; fill it or leave them out first")
    if not np.array_equal(wide.columns.to_numpy(), np.arange(wide.shape[1])):
        raise UsageError("curves: nodes are the whole numbers from 0 to the end of the cycle")
    return wide


def _tested(
    wide: pd.DataFrame, level: float, permutations: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the whole-curve test of a frame (`tables.CURVE_TEST`) and its clusters."""
    arm = pd.Categorical(wide.index.get_level_values("arm"))
    y = wide.to_numpy(dtype=float)
    arms = list(arm.categories)
    if len(arms) < 2:
        raise UsageError("curves: there is one arm, so nothing to compare")
    if len(arms) == 2:
        reference, other = y[arm == arms[0]], y[arm == arms[1]]
        found = curve_statistics.two_sample(other, reference)
        null = permutation.two_sample_null(other, reference, permutations=permutations, seed=seed)
    else:
        code = np.asarray(arm.codes)
        found = curve_statistics.one_way(y, code)
        null = permutation.one_way_null(y, code, permutations=permutations, seed=seed)
    test = permutation_test(found, null, alpha=1.0 - level)
    low, high = test.band()
    nodes = pd.DataFrame({
        "node": np.arange(y.shape[1]), "estimate": found.estimate, "std_error": found.std_error,
        "conf_low": low, "conf_high": high, "statistic": found.values,
        "threshold": test.threshold, "p_value": test.p_nodes,
    }).assign(contrast=f"{arms[1]} - {arms[0]}" if len(arms) == 2 else "")  # fmt: skip
    rows = [(test.method, one.start, one.end, one.peak, one.p_value) for one in test.clusters]
    clusters = pd.DataFrame(rows, columns=["method", "start", "end", "peak", "p_value"])
    return nodes.reindex(columns=list(CURVE_TEST)), clusters.reindex(columns=list(CLUSTERS))


def _shares(own: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each arm's angles in bins of a rose (angle: middle of the bin)."""
    edges = np.arange(0.0, 360.0 + ROSE_STEP, ROSE_STEP)
    parts = []
    for arm, mine in own.dropna().groupby("arm", observed=True):
        counts, _ = np.histogram(mine["angle"].to_numpy(dtype=float) % 360.0, bins=edges)
        share = 100.0 * counts / max(len(mine), 1)
        parts.append(pd.DataFrame({"angle": edges[:-1] + ROSE_STEP / 2, "percent": share}).assign(
            arm=str(arm)))  # fmt: skip
    return pd.concat(parts, ignore_index=True)
