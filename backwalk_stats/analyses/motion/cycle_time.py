"""In which time curves are compared: their own, turned round, or aligned at toe-off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.array_input import (
    SHAPES,
    Given,
    check_rows,
    curves_of,
    floats_of,
    numbers_of,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.fit.choices import check_yes_no
from backwalk_stats.motion.curve_shapes import aligned_at, reversed_time
from backwalk_stats.trial.motion_plan import MotionPlan
from backwalk_stats.trial.tables import CURVES

STANCE = "stance_"  # and a side: per cent of the cycle between contacts of that foot
SHARES_TO = 10.0  # last node, from which on no toe-off lies before node 1
REVERSED = "backward, time reversed"
KEYS = ["participant", "arm", "visit", "direction", "signal"]


def align_curves(
    curves: Given, off: Given | None = None, to: Given = 60, reverse: bool = False
) -> FloatArray:
    """Return curves in piecewise linear time, so that each toe-off comes to lie at one node.

    Parameters
    ----------
    curves : array or data frame, shape (n, nodes)
    off : array, shape (n,), or a number, optional
        Node of each curve's toe-off, as measured: before time is turned round. Left out: time is
        not stretched.
    to : number or array, shape (n,)
        Where toe-off comes to lie, in nodes.
    reverse : bool
        Turn time round first: node k becomes 100 - k of 101 nodes, a toe-off at o one at 100 - o.

    Returns
    -------
    array, shape (n, nodes)
        [0, off] becomes [0, to] and [off, last] becomes [to, last]; linear between nodes.

    Raises
    ------
    UsageError, NotEstimable
        If there is not one toe-off a curve, within the curve, or samples are missing.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> curves = [[0.0, 1.0, 2.0, 3.0, 4.0]]
    >>> bw.align_curves(curves, off=[1], to=2).tolist()
    [[0.0, 0.5, 1.0, 2.5, 4.0]]
    >>> bw.align_curves(curves, off=[1], to=3, reverse=True).tolist()
    [[4.0, 3.0, 2.0, 1.0, 0.0]]
    """
    check_yes_no("reverse", reverse)
    y = curves_of(curves, "curves", ndim=2)
    if reverse:
        y = reversed_time(y)
    if off is None:
        return np.array(y)
    last = y.shape[1] - 1.0
    check_rows("off", off, [("curves", curves)])
    at = _within(off, "off", len(y), last)
    return aligned_at(y, last - at if reverse else at, _within(to, "to", len(y), last))


def _within(given: object, name: str, n: int, last: float) -> FloatArray:
    """Return one node a curve, none of them at an end."""
    one = floats_of(given, name, SHAPES[1])
    repeated = np.repeat(one, n) if one.ndim == 0 else one
    nodes = numbers_of(repeated, name, n, several=False)[:, 0]
    outside = int(((nodes <= 0.0) | (nodes >= last)).sum())
    if outside:
        raise UsageError(
            f"{name}: expected nodes between 0 and {last:g}, both excluded; found {outside} outside"
        )
    if last > SHARES_TO and (nodes < 1.0).all():
        raise UsageError(
            f"{name}: expected nodes, of which the last is {last:g}; found shares of the cycle, "
            f"all below 1: multiply them by {last:g}"
        )
    return nodes


# Curves of a motion file.


def curves_in_time(plan: MotionPlan, curves: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return curves (`tables.CURVES`) in the time that a plan compares them in.

    With `align = "toe-off"` each toe-off comes to lie at the mean one of the study, piecewise
    linearly; toe-offs are the stance, in the features (`tables.FEATURES`), of the foot whose
    contacts cut the cycles. With `backward = "reversed"` backward curves are there twice: in their
    own time, and as direction "backward, time reversed", which paired comparisons take.
    """
    if (plan.backward != "reversed" and not plan.align) or curves.empty:
        return curves
    wide = curves.pivot(index=KEYS, columns="node", values="value")
    if wide.isna().any(axis=None):
        raise NotEstimable("curves with missing nodes cannot be put into another time")
    off, to = None, 0.0
    if plan.align:
        off, to = _toe_offs(wide.index, plan, features), mean_toe_off(plan, features)
    parts = [_timed(wide, off, to, turned=False)]
    back = np.asarray(wide.index.get_level_values("direction") == "backward")
    if plan.backward == "reversed" and back.any():
        turned = _timed(wide[back], None if off is None else off[back], to, turned=True)
        parts.append(turned.assign(direction=REVERSED))
    return pd.concat(parts, ignore_index=True)[list(CURVES)]


def time_sentence(plan: MotionPlan, features: pd.DataFrame) -> str:
    """Return in which time backward and forward walking are compared, as a sentence."""
    told = "Backward curves are compared in their own time"
    if plan.backward == "reversed":
        told = (
            "In paired comparisons time of backward walking is turned round: node k of its cycle "
            "stands at 100 - k per cent"
        )
    if not plan.align:
        return f"{told}."
    foot = "affected foot" if plan.side == "affected" else f"{plan.side} foot"
    return (
        f"{told}; piecewise linear time puts each toe-off of the {foot} at the mean one of the "
        f"study, {mean_toe_off(plan, features):.1f} % of the cycle."
    )


def mean_toe_off(plan: MotionPlan, features: pd.DataFrame) -> float:
    """Return the mean toe-off of all walks, per cent of the cycle from contact."""
    return float(_stances(plan, features)["value"].mean())


def mean_toe_offs(plan: MotionPlan, features: pd.DataFrame) -> pd.DataFrame:
    """Return the mean toe-off by walk, visit and arm in the time that curves are compared in.

    Columns direction, visit, arm, n and off, per cent of the cycle from contact. Curves whose time
    is turned round have rows of their own. There is no row where toe-off is not known.
    """
    keys = ["direction", "visit", "arm"]
    groups = _stances(plan, features).groupby(keys, sort=False)["value"]
    found = groups.agg(n="count", off="mean").reset_index()
    if plan.align:
        found["off"] = mean_toe_off(plan, features)
    if plan.backward != "reversed":
        return found
    turned = found[found["direction"] == "backward"].assign(direction=REVERSED)
    if not plan.align:
        turned["off"] = 100.0 - turned["off"]
    return pd.concat([found, turned], ignore_index=True)


def _stances(plan: MotionPlan, features: pd.DataFrame) -> pd.DataFrame:
    """Return the features that are the stance of the foot whose contacts cut the cycles."""
    affected = plan.side == "affected"
    sides = {one.participant: one.affected if affected else plan.side for one in plan.recordings}
    other = "" if affected else plan.side
    side = pd.Series([sides.get(who, other) for who in features["participant"]], features.index)
    mine: pd.DataFrame = features[features["feature"] == STANCE + side.astype(str)]
    return mine.dropna(subset="value")


def _toe_offs(people: pd.Index, plan: MotionPlan, features: pd.DataFrame) -> np.ndarray:
    """Return the toe-off of each curve in per cent of its cycle; refuse where one is missing."""
    keys = ["participant", "visit", "direction"]
    there = _stances(plan, features).set_index(keys)["value"]
    wanted = people.to_frame()[keys]
    found = there.reindex(pd.MultiIndex.from_frame(wanted)).to_numpy(dtype=float)
    absent = int((~np.isfinite(found)).sum())
    if absent:
        raise NotEstimable(
            f"align = 'toe-off' needs the toe-off of every walk (stance of the {plan.side} foot); "
            f"{absent} of {len(found)} curves have none"
        )
    return found


def _timed(wide: pd.DataFrame, off: np.ndarray | None, to: float, *, turned: bool) -> pd.DataFrame:
    """Return curves by node as rows again, turned round and with toe-off (per cent) put at `to`."""
    y = wide.to_numpy(dtype=float)
    y = reversed_time(y) if turned else y
    if off is not None:
        per_cent = (y.shape[1] - 1.0) / 100.0
        nodes = (100.0 - off if turned else off) * per_cent
        y = aligned_at(y, nodes, np.full(len(y), to * per_cent))
    frame = pd.DataFrame(y, index=wide.index, columns=wide.columns)
    return frame.reset_index().melt(id_vars=KEYS, var_name="node", value_name="value")
