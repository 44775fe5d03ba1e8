"""Features, mean curves and cycles of all recordings, as tidy frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.features import Found, features_of
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.features import repositioning_error
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import MotionPlan, Recording, RepositioningTrials
from backwalk_stats.trial.tables import CURVES, CYCLES, FEATURES


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Movement(Shown):
    """Features and curves of all recordings.

    Attributes
    ----------
    features : DataFrame
        Columns of `tables.FEATURES`, one row a participant, visit, direction and feature.
    curves : DataFrame
        Columns of `tables.CURVES`: the mean cycle of each signal.
    cycles : DataFrame
        Columns of `tables.CYCLES`: every cycle, odd ones flagged.
    notes : tuple of str
        By file: what was filled, flagged, or could not be computed and why.
    """

    features: pd.DataFrame
    curves: pd.DataFrame
    cycles: pd.DataFrame
    notes: tuple[str, ...]


def movement(plan: MotionPlan, progress: Callable[[int, int, str], None] | None = None) -> Movement:
    """Return features, mean curves and cycles of every recording of a plan.

    `progress` is called with the number of recordings done, their number, and what comes now. A
    plan that names what recordings do not have is refused, and so are recordings that cannot be
    read as declared (the wrong direction of walking, too few cycles); the message tells the place
    of each in the list.
    """
    features: list[pd.DataFrame] = []
    cycles: list[pd.DataFrame] = []
    notes: list[str] = []
    refused: list[tuple[int, NotEstimable | UsageError]] = []
    for place, recording in enumerate(plan.recordings, start=1):
        if progress is not None:
            progress(place - 1, len(plan.recordings), f"motion file {place}")
        try:
            found = features_of(recording, plan)
        except (NotEstimable, UsageError) as error:
            refused.append((place, error))
            continue
        features.append(_feature_rows(found, recording, plan))
        if found.cycles is not None:
            cycles.append(_cycle_rows(found, recording, place))
        notes += [f"{recording.file}: {note}" for note in found.notes]
    _require_none(refused)
    features += [_repositioning_rows(one) for one in plan.repositioning]
    every = _stacked(cycles, (*CYCLES, "arm"))
    return Movement(
        features=_mean_features(_stacked(features, FEATURES)),
        curves=_mean_curves(every, plan),
        cycles=every[list(CYCLES)],
        notes=tuple(notes),
    )


def _require_none(refused: list[tuple[int, NotEstimable | UsageError]]) -> None:
    """Raise one error that lists every recording which cannot be used, by its place in the list.

    Names of files of people often hold their ids.
    """
    if not refused:
        return
    count = "1 recording" if len(refused) == 1 else f"{len(refused)} recordings"
    lines = [f"  recording {place}: {error}" for place, error in refused]
    told = (f"{count} cannot be used as declared:", *lines)
    asked = all(isinstance(error, UsageError) for _, error in refused)
    raise UsageError(*told) if asked else NotEstimable(*told)


def _keys(recording: Recording) -> dict[str, str]:
    return {
        "participant": recording.participant,
        "arm": recording.arm,
        "visit": recording.visit,
        "direction": recording.direction,
    }


def _feature_rows(found: Found, recording: Recording, plan: MotionPlan) -> pd.DataFrame:
    cut = found.cycles
    count = 1 if cut is None else int(cut.kept(leave_out_odd=plan.leave_out_odd).sum())
    frame = pd.DataFrame(
        {"feature": list(found.features), "value": list(found.features.values()), "n_cycles": count}
    )
    return _keyed(frame, recording)[list(FEATURES)]


def _repositioning_rows(one: RepositioningTrials) -> pd.DataFrame:
    found = repositioning_error(np.array(one.trials), target=one.target)
    names = ("constant", "absolute", "variable", "rmse")
    frame = pd.DataFrame(
        {
            "feature": [f"repositioning_{name}" for name in names],
            "value": [getattr(found, name) for name in names],
            "n_cycles": len(one.trials),
        }
    )
    keys = {"participant": one.participant, "arm": one.arm, "visit": one.visit, "direction": ""}
    return frame.assign(**keys)[list(FEATURES)]


def _cycle_rows(found: Found, recording: Recording, place: int) -> pd.DataFrame:
    cut, names = found.cycles, found.signals
    assert cut is not None
    count, nodes, k = cut.curves.shape
    frame = pd.DataFrame(
        {
            "recording": place,
            "signal": np.tile(np.repeat(names, nodes), count),
            "cycle": np.repeat(np.arange(1, count + 1), nodes * k),
            "odd": np.repeat(cut.odd, nodes * k),
            "node": np.tile(np.arange(nodes), count * k),
            "value": np.swapaxes(cut.curves, 1, 2).ravel(),
        }
    )
    return _keyed(frame, recording)[[*CYCLES, "arm"]]


def _keyed(frame: pd.DataFrame, recording: Recording) -> pd.DataFrame:
    for name, value in _keys(recording).items():
        frame[name] = value
    return frame


def _mean_features(features: pd.DataFrame) -> pd.DataFrame:
    """Return one row a participant, visit, direction and feature: the mean over its recordings."""
    keys = [name for name in FEATURES if name not in ("value", "n_cycles")]
    means = features.groupby(keys, sort=False)
    return means.agg(value=("value", "mean"), n_cycles=("n_cycles", "sum")).reset_index()


def _mean_curves(cycles: pd.DataFrame, plan: MotionPlan) -> pd.DataFrame:
    """Return the mean of the complete cycles over all recordings, without odd ones if asked."""
    keys = [name for name in CURVES if name != "value"]
    kept = cycles[cycles["value"].notna()]
    if plan.leave_out_odd:
        kept = kept[~kept["odd"].astype(bool)]
    return kept.groupby(keys, sort=False)["value"].mean().reset_index()[list(CURVES)]


def _stacked(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))


def by_visit(features: pd.DataFrame) -> pd.DataFrame:
    """Return one row a participant and visit, a column for each feature (`tables.FEATURES`).

    Where a feature was measured in walking forwards and backwards, its name ends in the direction:
    the sheet can then be a data file of a trial, `layout = "long"`.
    """
    both = features.groupby("feature")["direction"].nunique()
    named = features["feature"].where(
        features["feature"].map(both) < 2, features["feature"] + "_" + features["direction"]
    )
    wide = features.assign(feature=named).pivot(
        index=["participant", "arm", "visit"], columns="feature", values="value"
    )
    order = features[["participant", "arm", "visit"]].drop_duplicates()
    found = order.merge(wide.reset_index(), on=["participant", "arm", "visit"], how="left")
    found.columns.name = None
    return found
