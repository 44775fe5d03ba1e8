"""Contacts and offs of feet that a file or a sheet gives: names of events, columns, sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Literal, cast

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.sheets.encoding import without_keys
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.trial.motion_plan import GaitEvent

Side = Literal["left", "right"]
Change = Literal["contact", "off"]
SOURCES = ("kinematic", "file", "force-plates")
COLUMNS = ("side", "event", "time")
SIDES = {"left": "left", "right": "right", "l": "left", "r": "right"}
CONTACTS = (
    *("footstrike", "footcontact", "heelstrike", "heelcontact", "initialcontact", "footdown"),
    *("touchdown", "strike", "contact", "fs", "hs", "ic", "fc", "hc", "td", "on", "footon"),
)
OFFS = ("footoff", "toeoff", "terminalcontact", "liftoff", "footup", "fo", "to", "off")
PLATE = ("on", "off")  # of a force plate; beside strikes and offs of the feet the same ones again
KINDS = dict.fromkeys(CONTACTS, "contact") | dict.fromkeys(OFFS, "off")


def gait_event(label: str, context: str) -> tuple[str, str]:
    """Return the side and the event that a label means; "" where it says none.

    >>> gait_event("Foot Strike", "Left"), gait_event("RTO", ""), gait_event("Left_Toe_Off", "")
    (('left', 'contact'), ('right', 'off'), ('left', 'off'))
    >>> gait_event("Foot Strike", "General"), gait_event("Start", "Left")
    (('', 'contact'), ('left', ''))
    >>> gait_event("LHS", "Right")
    ('', 'contact')
    """
    word, side = folded_label(label), SIDES.get(folded_label(context), "")
    if word in KINDS:
        return side, KINDS[word]
    for start, own in SIDES.items():
        for rest in {word.removeprefix(start), word.removesuffix(start)} - {word}:
            if rest in KINDS:
                return own if side in ("", own) else "", KINDS[rest]
    return side, ""


def of_plate(label: str) -> bool:
    """Tell whether a label is of a force plate, as Visual3D's RON and ROFF.

    >>> of_plate("RON"), of_plate("Left Off"), of_plate("Foot Off")
    (True, True, False)
    """
    word = folded_label(label)
    rests = (rest for side in SIDES for rest in (word.removeprefix(side), word.removesuffix(side)))
    return word in PLATE or any(rest in PLATE for rest in rests)


def folded_label(text: str) -> str:
    """Return the letters and digits of a label in lower case.

    >>> folded_label("Foot_Strike ")
    'footstrike'
    """
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def named_event(name: str, *, context: str = "") -> tuple[Side, Change] | None:
    """Return the side and the kind of an event by its name, and the side in its context if it has.

    >>> named_event("Foot Strike", context="Left"), named_event("RTO"), named_event("General")
    (('left', 'contact'), ('right', 'off'), None)
    >>> named_event("Right touch-down"), named_event("RON")
    (('right', 'contact'), None)
    """
    side, change = gait_event(name, context)
    change = "" if of_plate(name) else change
    return (cast(Side, side), cast(Change, change)) if side and change else None


def in_time(events: list[GaitEvent]) -> tuple[GaitEvent, ...]:
    """Return events in order of time."""
    return tuple(sorted(events, key=lambda one: (one.time, one.side, one.event)))


def contact_events(contacts: Mapping[str, FloatArray], times: FloatArray) -> tuple[GaitEvent, ...]:
    """Return contacts and offs of columns that are 0 where a foot is in the air.

    An event is the first sample of the other state; what a foot did before the first sample is not
    known, so the first sample is none. Times count from the first sample.

    >>> contact_events({"left": np.array([1.0, 0.0, 1000.0])}, np.array([5.0, 5.1, 5.2]))[1].event
    'contact'
    """
    found = []
    for side, values in contacts.items():
        on = values != 0.0
        for place in np.flatnonzero(on[1:] != on[:-1]) + 1:
            change: Change = "contact" if on[place] else "off"
            time = float(times[place] - times[0])
            found.append(GaitEvent(side=cast(Side, side), event=change, time=time))
    return in_time(found)


# A sheet of events beside the motion file.


@dataclass(frozen=True, kw_only=True, slots=True)
class EventSheet:
    """The events of a sheet with the line of each, and the hash of the sheet."""

    events: tuple[GaitEvent, ...]
    rows: tuple[int, ...]
    sha256: str


def read_event_sheet(path: Path, *, told_as: str) -> EventSheet:
    """Return the events of a sheet: `side` (left, right), `event` (contact, off), `time` (s).

    Times count from the first sample of the recording. Faults go by `told_as`, since the name of
    the sheet may hold an id, and by line and column.
    """
    try:
        sheet = read_sheet(path)
    except InputError as error:
        renamed = (replace(without_keys(one), file=told_as) for one in error.faults)
        raise InputError(renamed) from None
    faults = Faults(told_as)
    for column in COLUMNS:
        if column not in sheet.frame:
            faults.add(column, "this column", "no such column", row=1)
    faults.stop()
    found: list[tuple[int, GaitEvent]] = []
    met: dict[tuple[str, str, float], int] = {}
    for row in sheet.frame.to_dict("records"):
        line = int(row["line"])
        side, change = (str(row[name]).strip().lower() for name in ("side", "event"))
        time = _seconds(str(row["time"]), faults, row=line)
        if side not in ("left", "right"):
            faults.add("side", "'left' or 'right'", _what(side), row=line)
        elif change not in ("contact", "off"):
            faults.add("event", "'contact' or 'off'", _what(change), row=line)
        elif isfinite(time):
            if (side, change, time) in met:
                told = f"that of line {met[side, change, time]} again"
                faults.add("time", "each event once", told, row=line)
            met.setdefault((side, change, time), line)
            event = GaitEvent(side=cast(Side, side), event=cast(Change, change), time=time)
            found.append((line, event))
    if not found and not faults.faults:
        faults.add(None, "at least one contact", "no row")
    faults.stop()
    found.sort(key=lambda one: (one[1].time, one[1].side, one[1].event))
    return EventSheet(
        events=tuple(event for _, event in found),
        rows=tuple(line for line, _ in found),
        sha256=sheet.sha256,
    )


def check_within(sheet: EventSheet, faults: Faults, *, seconds: float, step: float) -> None:
    """Tell events of a sheet that lie behind the last sample of the recording."""
    late = [
        row for row, one in zip(sheet.rows, sheet.events, strict=True) if one.time > seconds + step
    ]
    if late:
        expected = f"seconds from the first sample, at most {seconds:.4g}: the recording's length"
        faults.add("time", expected, "a later time", row=late)


def _seconds(cell: str, faults: Faults, *, row: int) -> float:
    try:
        value = float(cell) if "_" not in cell else np.nan
    except ValueError:
        value = np.nan
    if not isfinite(value) or value < 0.0:
        found = "an empty cell" if not cell.strip() else "other text"
        found = "a time before it" if isfinite(value) else found
        faults.add("time", "seconds from the first sample", found, row=row)
        return float("nan")
    return float(value)


def _what(cell: str) -> str:
    return "another text" if cell else "an empty cell"
