"""Features, mean curves and cycles by person, visit and walk, as tidy frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.contacts import SIDES
from backwalk_stats.analyses.motion.features import Found, Walk, bend_of, pooled_walks, walk_of
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.features import repositioning_error
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import MotionPlan, Recording, RepositioningTrials
from backwalk_stats.trial.tables import CURVES, CYCLES, FEATURES, GAIT_EVENTS, RECORDINGS

Refused = NotEstimable | UsageError
BELT, OVERGROUND = "belt", "overground"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Movement(Shown):
    """Features and curves by participant, visit and direction.

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
    events : DataFrame
        Columns of `tables.GAIT_EVENTS`: every contact and off that was found or given.
    recordings : DataFrame
        Columns of `tables.RECORDINGS`, one row a recording, also of those that are left out, and
        one (without a file) for what is said of the pooled walks of a participant.
    """

    features: pd.DataFrame
    curves: pd.DataFrame
    cycles: pd.DataFrame
    notes: tuple[str, ...]
    events: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(GAIT_EVENTS)))
    recordings: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(RECORDINGS)))


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class _Read(Shown):
    """One recording: what it yields, or why nothing."""

    place: int
    recording: Recording
    found: Walk | Found | None = None
    refused: Refused | None = None


def movement(plan: MotionPlan, progress: Callable[[int, int, str], None] | None = None) -> Movement:
    """Return features, mean curves and cycles of a plan, by participant, visit and direction.

    Cycles of all walks of a participant, visit and direction are pooled, whichever recording they
    are of, and every cycle weighs the same (`pooled_walks`); walks on a belt and over ground are
    not pooled. Features of several bends are means over the bends.

    A recording that is unusable or not what is declared, and walks that together have too few
    cycles, are left out with their reason. Where of the walks, or of the bends, none is left, all
    reasons are raised as one error; it tells the place of each recording in the list, for names of
    files often hold ids.

    `progress` is called with the number of recordings done, their number, and what comes now.
    """
    read = []
    for place, recording in enumerate(plan.recordings, start=1):
        if progress is not None:
            progress(place - 1, len(plan.recordings), f"motion file {place}")
        read.append(_read(place, recording, plan))
    groups = [_pooled(group, plan) for group in _groups(read)]
    read = sorted((one for group in groups for one in group.read), key=lambda one: one.place)
    used = [group for group in groups if group.found is not None]
    walked = [group for group in used if group.found is not None and group.found.signals]
    for task in sorted({one.recording.task for one in read}):
        if not any(group.read[0].recording.task == task for group in used):
            raise _nothing_left([group for group in groups if group.read[0].recording.task == task])
    repositioned = [_repositioning_rows(one) for one in plan.repositioning]
    group_of = {one.place: group for group in groups for one in group.read}
    rows = [_recording_row(one, group_of[one.place]) for one in read] + [
        _group_row(group) for group in groups if group.notes
    ]
    recordings = pd.DataFrame(rows, columns=list(RECORDINGS))
    return Movement(
        features=_stacked([*map(_feature_rows, used), *repositioned], FEATURES),
        curves=_stacked([_curve_rows(one) for one in walked], CURVES),
        cycles=_cycle_rows(walked),
        notes=_notes(read, groups),
        events=_stacked(
            [_event_rows(one) for one in read if isinstance(one.found, Walk)], GAIT_EVENTS
        ),
        recordings=recordings,
    )


def surface(recording: Recording) -> str:
    """Return what a walk is on: "belt" or "overground"; "" for a bend.

    Examples
    --------
    >>> surface(Recording(file="a.c3d", participant="1", arm="a", visit="0", direction="forward",
    ...     rate=100.0, belt_speed=1.1))
    'belt'
    """
    if recording.task != "walk":
        return ""
    return BELT if recording.belt_speed > 0.0 else OVERGROUND


def _read(place: int, recording: Recording, plan: MotionPlan) -> _Read:
    if recording.unusable:
        return _Read(place=place, recording=recording, refused=NotEstimable(recording.unusable))
    try:
        found = walk_of(recording, plan) if recording.task == "walk" else bend_of(recording, plan)
    except (NotEstimable, UsageError) as error:
        return _Read(place=place, recording=_emptied(recording), refused=error)
    return _Read(place=place, recording=_emptied(recording), found=found)


def _emptied(recording: Recording) -> Recording:
    """Return a recording without its samples: what was found in it is enough."""
    return replace(
        recording, markers={}, quaternions={}, angles={}, given=(), plates=(), rotations={}
    )


# Walks and bends of a participant, visit and direction.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class _Group(Shown):
    """The recordings of one task, participant, visit and direction, and what they yield together.

    Attributes
    ----------
    read : tuple of _Read
    found : Found or None
    refused : NotEstimable or UsageError or None
        Why they yield nothing although recordings could be used.
    notes : tuple of str
    """

    read: tuple[_Read, ...]
    found: Found | None
    refused: Refused | None = None
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[_Read, ...]:
        """Return the recordings that could be used."""
        return tuple(one for one in self.read if one.found is not None)


def _groups(read: Sequence[_Read]) -> list[list[_Read]]:
    """Return recordings by task, participant, visit and direction."""
    found: dict[tuple[str, ...], list[_Read]] = {}
    for one in read:
        it = one.recording
        key = (it.task, it.participant, it.arm, it.visit, it.direction)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _pooled(read: list[_Read], plan: MotionPlan) -> _Group:
    """Return what the recordings of a group yield together."""
    used = [one for one in read if one.found is not None]
    if not used:
        return _Group(read=tuple(read), found=None)
    if used[0].recording.task != "walk":
        return _Group(read=tuple(read), found=_mean_bend(used))
    surfaces = sorted({surface(one.recording) for one in used})
    walks = [one.found for one in used if isinstance(one.found, Walk)]
    try:
        if len(surfaces) > 1:
            raise NotEstimable(
                "walks on a belt and over ground are not pooled: leave one kind out (leave_out), "
                "or give each its own motion file"
            )
        found = pooled_walks(walks, plan)
    except (NotEstimable, UsageError) as error:
        return _Group(read=tuple(read), found=None, refused=error, notes=(f"not used: {error}",))
    speeds = sorted({one.recording.belt_speed for one in used})
    said = [f"belt speeds of {', '.join(f'{one:g}' for one in speeds)} m/s are pooled"]
    notes = (*found.notes, *(said if len(speeds) > 1 else ()))
    return _Group(read=tuple(read), found=found, notes=notes)


def _mean_bend(used: Sequence[_Read]) -> Found:
    """Return the mean of each feature over bends that have it."""
    bends = [one.found for one in used if isinstance(one.found, Found)]
    names = dict.fromkeys(name for bend in bends for name in bend.features)
    means = {
        name: float(np.mean([bend.features[name] for bend in bends if name in bend.features]))
        for name in names
    }
    return replace(bends[0], features=means, notes=())


def _nothing_left(groups: Sequence[_Group]) -> Refused:
    """Return one error that lists why no walk, or no bend, can be used, by place in the list."""
    read = sorted((one for group in groups for one in group.read), key=lambda one: one.place)
    reasons = [(f"recording {one.place}", one.refused) for one in read if one.refused is not None]
    for group in groups:
        if group.refused is not None:
            places = ", ".join(str(one.place) for one in group.used)
            several = "recordings" if len(group.used) > 1 else "recording"
            reasons.append((f"{several} {places}", group.refused))
    count = "1 recording" if len(read) == 1 else f"{len(read)} recordings"
    told = (
        f"{count} cannot be used as declared:",
        *(f"  {where}: {error}" for where, error in reasons),
    )
    asked = all(isinstance(error, UsageError) for _, error in reasons)
    return UsageError(*told) if asked else NotEstimable(*told)


# What was found as rows.


def _keys(recording: Recording, names: Sequence[str]) -> dict[str, str]:
    keys = {
        "participant": recording.participant,
        "arm": recording.arm,
        "visit": recording.visit,
        "direction": recording.direction,
        "file": recording.file,
    }
    return {name: keys[name] for name in keys if name in names}


def _feature_rows(group: _Group) -> pd.DataFrame:
    found = group.found
    assert found is not None
    count = len(group.used) if found.kept is None else int(found.kept.sum())
    frame = pd.DataFrame(
        {"feature": list(found.features), "value": list(found.features.values()), "n_cycles": count}
    )
    return frame.assign(**_keys(group.read[0].recording, FEATURES))[list(FEATURES)]


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


def _curve_rows(group: _Group) -> pd.DataFrame:
    """Return the mean of the kept cycles of a group."""
    found = group.found
    assert found is not None and found.cycles is not None
    mean = found.cycles.curves[found.kept].mean(axis=0)
    nodes, k = mean.shape
    frame = pd.DataFrame(
        {
            "signal": np.repeat(list(found.signals), nodes),
            "node": np.tile(np.arange(nodes), k),
            "value": mean.T.ravel(),
        }
    )
    return frame.assign(**_keys(group.read[0].recording, CURVES))[list(CURVES)]


def _counts(group: _Group) -> list[int]:
    """Return how many cycles each used recording gives, in the order of the pooled cycles."""
    return [len(one.found.cycles.duration) for one in group.used if isinstance(one.found, Walk)]


def _cycle_rows(groups: Sequence[_Group]) -> pd.DataFrame:
    """Return every cycle of all groups; cycles are counted within each recording.

    It is the longest frame by far: its numbers are small ones and its words categories.
    """
    if not groups:
        return pd.DataFrame(columns=list(CYCLES))
    words: dict[str, dict[str, int]] = {name: {} for name in _WORDS}
    parts = [_cycle_columns(group, words) for group in groups]
    whole = {name: np.concatenate([part[name] for part in parts]) for name in CYCLES}
    coded = {
        name: pd.Categorical.from_codes(whole[name], dtype=pd.CategoricalDtype(list(known)))
        for name, known in words.items()
    }
    return pd.DataFrame({name: coded.get(name, whole[name]) for name in CYCLES})


_WORDS = ("participant", "visit", "direction", "signal")


def _cycle_columns(group: _Group, words: dict[str, dict[str, int]]) -> dict[str, np.ndarray]:
    """Return the cycles of a group as columns; a word is its place in `words`, which grows."""

    def code(name: str, word: str) -> int:
        return words[name].setdefault(word, len(words[name]))

    found = group.found
    assert found is not None and found.cycles is not None
    total, nodes, k = found.cycles.curves.shape
    counts = _counts(group)
    places = np.array([one.place for one in group.used], dtype=np.int32)
    within = np.concatenate([np.arange(1, count + 1, dtype=np.int32) for count in counts])
    signals = np.array([code("signal", name) for name in found.signals], dtype=np.int16)
    keys = _keys(group.read[0].recording, _WORDS)
    return {
        **{
            name: np.full(total * nodes * k, code(name, word), dtype=np.int32)
            for name, word in keys.items()
        },
        "recording": np.repeat(np.repeat(places, counts), nodes * k),
        "signal": np.tile(np.repeat(signals, nodes), total),
        "cycle": np.repeat(within, nodes * k),
        "odd": np.repeat(found.cycles.odd, nodes * k),
        "node": np.tile(np.arange(nodes, dtype=np.int16), total * k),
        "value": np.swapaxes(found.cycles.curves, 1, 2).ravel(),
    }


def _event_rows(one: _Read) -> pd.DataFrame:
    """Return the contacts and offs of one walk in order of time."""
    walk = one.found
    assert isinstance(walk, Walk)
    parts = [
        pd.DataFrame({"side": side, "event": what, "time": times / one.recording.rate})
        for side in SIDES
        for what, times in (
            ("contact", walk.feet.of(side).contact),
            ("off", walk.feet.of(side).off),
        )
    ]
    frame = pd.concat(parts, ignore_index=True).sort_values("time", kind="stable")
    keys = _keys(one.recording, GAIT_EVENTS)
    return frame.assign(source=walk.feet.source, **keys)[list(GAIT_EVENTS)]


def _recording_row(one: _Read, group: _Group) -> dict[str, object]:
    """Return what was made of one recording, as a row of `tables.RECORDINGS`."""
    walk = one.found if isinstance(one.found, Walk) else None
    kept, total = _kept_of(one, group)
    gaps = one.found
    return {
        **_keys(one.recording, RECORDINGS),
        "surface": surface(one.recording),
        "n_cycles": kept,
        "gaps_filled": 0 if gaps is None else gaps.filled,
        "gaps_left": 0 if gaps is None else gaps.left,
        "cycles_left_out": total - kept,
        "events": "" if walk is None else walk.feet.source,
        "note": "; ".join(_notes_of(one)),
    }


def _kept_of(one: _Read, group: _Group) -> tuple[int, int]:
    """Return how many cycles of a recording are in the means, and how many it has."""
    if not isinstance(one.found, Walk):
        return (0, 0) if one.found is None else (1, 1)
    total = len(one.found.cycles.duration)
    if group.found is None or group.found.kept is None:
        return 0, total
    ends = np.cumsum(_counts(group))
    place = [other.place for other in group.used].index(one.place)
    return int(group.found.kept[ends[place] - total : ends[place]].sum()), total


def _group_row(group: _Group) -> dict[str, object]:
    """Return what is said of the pooled walks of a participant, visit and direction."""
    first = group.read[0].recording
    kept = 0 if group.found is None or group.found.kept is None else int(group.found.kept.sum())
    return {
        **_keys(replace(first, file=""), RECORDINGS),
        "surface": surface(group.used[0].recording),
        "n_cycles": kept,
        "gaps_filled": 0,
        "gaps_left": 0,
        "cycles_left_out": 0,
        "events": "",
        "note": "; ".join(group.notes),
    }


def _notes_of(one: _Read) -> list[str]:
    if one.refused is not None:
        return [f"not used: {' '.join(str(one.refused).split())}"]
    return [] if one.found is None else list(one.found.notes)


def _notes(read: Sequence[_Read], groups: Sequence[_Group]) -> tuple[str, ...]:
    """Return what is said of each recording, then of walks that were pooled."""
    of_files = [f"{one.recording.file}: {note}" for one in read for note in _notes_of(one)]
    return (*of_files, *(note for group in groups for note in group.notes))


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
