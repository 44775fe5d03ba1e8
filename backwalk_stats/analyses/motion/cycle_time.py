"""In which time curves are compared: their own, turned round, or aligned at toe-off."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.time_alignment import aligned_at, reversed_time
from backwalk_stats.trial.motion_plan import MotionPlan
from backwalk_stats.trial.tables import CURVES

TOE_OFF = "stance_left"  # per cent of the cycle, which runs between contacts of the left foot
REVERSED = "backward, time reversed"
KEYS = ["participant", "arm", "visit", "direction", "signal"]


def curves_in_time(plan: MotionPlan, curves: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Return curves (`tables.CURVES`) in the time that a plan compares them in.

    With `align = "toe-off"` each toe-off comes to lie at the mean one of the study, piecewise
    linearly; toe-offs are read from `stance_left` of the features (`tables.FEATURES`). With
    `backward = "reversed"` backward curves are there twice: in their own time, and as direction
    "backward, time reversed", which paired comparisons take.
    """
    if (plan.backward != "reversed" and not plan.align) or curves.empty:
        return curves
    wide = curves.pivot(index=KEYS, columns="node", values="value")
    if wide.isna().any(axis=None):
        raise NotEstimable("curves with missing nodes cannot be put into another time")
    off, to = None, 0.0
    if plan.align:
        off, to = _toe_offs(wide.index, features), mean_toe_off(features)
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
    return (
        f"{told}; piecewise linear time puts each toe-off of the left foot at the mean one of the "
        f"study, {mean_toe_off(features):.1f} % of the cycle."
    )


def mean_toe_off(features: pd.DataFrame) -> float:
    """Return the mean toe-off of all walks, per cent of the cycle from contact."""
    return float(features.loc[features["feature"] == TOE_OFF, "value"].mean())


def _toe_offs(people: pd.Index, features: pd.DataFrame) -> np.ndarray:
    """Return the toe-off of each curve in per cent of its cycle; refuse where one is missing."""
    keys = ["participant", "visit", "direction"]
    there = features[features["feature"] == TOE_OFF].set_index(keys)["value"]
    wanted = people.to_frame()[keys]
    found = there.reindex(pd.MultiIndex.from_frame(wanted)).to_numpy(dtype=float)
    absent = int((~np.isfinite(found)).sum())
    if absent:
        raise NotEstimable(
            f"align = 'toe-off' needs the toe-off of every walk ({TOE_OFF}); {absent} of "
            f"{len(found)} curves have none"
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
