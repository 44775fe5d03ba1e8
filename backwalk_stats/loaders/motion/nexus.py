"""Vicon Nexus' ASCII export: sections of trajectories, model outputs and events in one file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, InputError
from backwalk_stats.loaders.motion.gait_events import in_time, named_event
from backwalk_stats.loaders.motion.raw_motion import DEGREES, METRES, RawMotion
from backwalk_stats.loaders.motion.reading import Asked, places_of, unit_of_positions
from backwalk_stats.loaders.motion.tables import number_table, split_line
from backwalk_stats.loaders.sheets.delimited import read_bytes
from backwalk_stats.loaders.sheets.encoding import decode
from backwalk_stats.trial.motion_plan import GaitEvent

SECTIONS = (
    "trajectories", "model outputs", "events", "devices", "joints", "segments", "forces",
    "cameras", "analog data", "force plates", "gait cycle parameters",
)  # fmt: skip
READ = ("trajectories", "model outputs", "events")
EXPORT_AGAIN = "Export as ASCII from Nexus with Trajectories or Model Outputs"
XYZ = ["X", "Y", "Z"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A section: its kind, its rate as written, its lines of table, and the first one's number."""

    kind: str
    rate: str
    lines: list[str]
    first: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Signals:
    """Three components a name, their units, the first frame, and names that stand twice."""

    at: dict[str, FloatArray]
    units: dict[str, tuple[str, ...]]
    first_frame: int
    rate: float
    doubled: tuple[str, ...]


def read_nexus(path: Path, asked: Asked | None = None) -> RawMotion:
    """Return markers in metres, and model outputs in degrees, of an ASCII export of Vicon Nexus.

    Names stand above the three columns that they have; units are those of the file. Model outputs
    that are no angles are left out.
    """
    asked = asked or Asked()
    file = path.name
    text, _ = decode(read_bytes(path), file=file)
    sections = _sections(text.splitlines())
    tables: dict[str, Signals] = {
        kind: _signals(sections[kind], file=file)
        for kind in ("trajectories", "model outputs")
        if kind in sections
    }
    if not tables:
        expected = "a section Trajectories or Model Outputs, as Nexus writes them"
        found = f"sections {', '.join(sections)}" if sections else "none"
        raise InputError.of(file, expected, found, EXPORT_AGAIN)
    _require_together(tables, file=file)
    one = next(iter(tables.values()))
    markers, notes = _positions(tables.get("trajectories"), asked, file=file)
    vectors, left_out = _angles(tables.get("model outputs"))
    events, unread = _events(sections.get("events"), one, file=file)
    others = [kind for kind in sections if kind not in READ]
    unread += (f"sections that are not read: {', '.join(others)}",) if others else ()
    return RawMotion(
        rate=one.rate,
        markers=markers,
        vectors=vectors,
        events=events,
        doubled=tuple(name for table in tables.values() for name in table.doubled),
        unit="m" if markers else "",
        notes=(*notes, *left_out, *unread),
    )


def _sections(lines: Sequence[str]) -> dict[str, Section]:
    """Return the sections by their kind; the first of a kind counts."""
    starts = []
    for place, line in enumerate(lines):
        title = line.strip(",;\t \"'").lower()
        if title in SECTIONS:
            starts.append((place, title))
    found: dict[str, Section] = {}
    ends = [*(place for place, _ in starts), len(lines)][1:]
    for (place, kind), end in zip(starts, ends, strict=False):
        rate = lines[place + 1].strip(",;\t \"'") if place + 1 < end else ""
        table = list(lines[place + 2 : end])
        found.setdefault(kind, Section(kind=kind, rate=rate, lines=table, first=place + 3))
    return found


def _signals(section: Section, *, file: str) -> Signals:
    """Return the table of a section: names, components and units over frames."""
    rate = _number(section.rate.replace(",", "."))
    if not 0.0 < rate <= 100_000.0:
        expected = "the samples per second below the name of the section"
        raise InputError.of(file, expected, "none", EXPORT_AGAIN, row=section.first - 1)
    if len(section.lines) < 4:
        expected = "lines of names, components and units, then frames"
        raise InputError.of(file, expected, "fewer lines", EXPORT_AGAIN, row=section.first)
    separator = next((one for one in ("\t", ";", ",") if one in section.lines[1]), ",")
    names, parts, units = (split_line(line, separator) for line in section.lines[:3])
    if parts[:2] != ["Frame", "Sub Frame"]:
        expected = "columns Frame and Sub Frame, then components"
        raise InputError.of(file, expected, "others", EXPORT_AGAIN, row=section.first + 1)
    groups = _groups(names, parts)
    places, doubled = places_of([name for name, _ in groups])
    kept = {name: groups[place][1] for name, place in places.items()}
    needed = {0, *(place for columns in kept.values() for place in columns)}
    table = _table(section, parts, needed, separator, file=file)
    frames = table[:, 0]
    if not np.array_equal(np.diff(frames), np.ones(len(frames) - 1)):
        row = section.first + 3
        expected = "frames that count by one"
        raise InputError.of(file, expected, "others", EXPORT_AGAIN, column="Frame", row=row)
    units += [""] * (len(parts) - len(units))
    return Signals(
        at={name: table[:, columns] for name, columns in kept.items()},
        units={name: tuple(units[place] for place in columns) for name, columns in kept.items()},
        first_frame=int(frames[0]),
        rate=rate,
        doubled=doubled,
    )


def _groups(names: Sequence[str], parts: Sequence[str]) -> list[tuple[str, list[int]]]:
    """Return every name that stands above the components X, Y and Z, with its columns."""
    found = []
    for place, name in enumerate(names):
        if name and place >= 2 and list(parts[place : place + 3]) == XYZ:
            found.append((name, [place, place + 1, place + 2]))
    return found


def _table(
    section: Section, parts: Sequence[str], needed: set[int], separator: str, *, file: str
) -> FloatArray:
    """Return the frames as numbers, up to the blank line that ends a section."""
    rows = section.lines[3:]
    blank = (k for k, line in enumerate(rows) if not line.strip(",;\t \"'"))
    rows = rows[: next(blank, len(rows))]
    width = max((place for place, part in enumerate(parts) if part), default=0) + 1
    columns = list(parts[:width])
    comma = separator != "," and rows and "," in rows[0] and "." not in rows[0]
    return number_table(
        rows,
        columns,
        file=file,
        first=section.first + 3,
        separator=separator,
        decimal="," if comma else ".",
        needed=needed,
    )


def _require_together(tables: dict[str, Signals], *, file: str) -> None:
    """Refuse trajectories and model outputs of other frames or rates."""
    spans = {
        (one.rate, one.first_frame, len(values))
        for one in tables.values()
        for values in one.at.values()
    }
    if len(spans) > 1:
        expected = "trajectories and model outputs of the same frames"
        raise InputError.of(file, expected, "others", EXPORT_AGAIN)
    if not spans:
        raise InputError.of(file, "names above X, Y and Z", "none", EXPORT_AGAIN)


def _positions(
    table: Signals | None, asked: Asked, *, file: str
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the markers in metres, by the unit of each."""
    if table is None:
        return {}, ()
    written = {unit for units in table.units.values() for unit in units}
    said = written.pop() if len(written) == 1 else ""
    unit, notes = unit_of_positions(said, asked, file=file, where="units of Trajectories")
    return {name: values * METRES[unit] for name, values in table.at.items()}, notes


def _angles(table: Signals | None) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the model outputs that are angles by their unit, in degrees, and how many are not."""
    if table is None:
        return {}, ()
    found = {}
    for name, units in table.units.items():
        unit = units[0].lower()
        if len(set(units)) == 1 and unit in DEGREES:
            found[name] = table.at[name] * DEGREES[unit]
    others = len(table.at) - len(found)
    note = f"{others} model outputs are left out: their units are no angle's"
    return found, (note,) if others else ()


def _events(
    section: Section | None, table: Signals, *, file: str
) -> tuple[tuple[GaitEvent, ...], tuple[str, ...]]:
    """Return the events; their times count from frame 1, which may not be the first of the file."""
    if section is None or not section.lines:
        return (), ()
    separator = next((one for one in ("\t", ";", ",") if one in section.lines[0]), ",")
    header = [name.lower() for name in split_line(section.lines[0], separator)]
    places = {
        name: header.index(name) for name in ("context", "name", "time (s)") if name in header
    }
    if len(places) < 3:
        return (), ("its events are not read: no columns Context, Name and Time (s)",)
    found, others = [], 0
    faults = Faults(file)
    for row, line in enumerate(section.lines[1:], start=section.first + 1):
        cells = split_line(line, separator)
        if not any(cells):
            break
        if len(cells) <= max(places.values()):
            faults.add(None, f"{len(header)} cells in a line of Events", f"{len(cells)}", row=row)
            continue
        what = named_event(cells[places["name"]], context=cells[places["context"]])
        cell = cells[places["time (s)"]]
        seconds = _number(cell.replace(",", ".") if separator != "," else cell)
        if not np.isfinite(seconds):
            faults.add("Time (s)", "a number", "other text", row=row)
        elif what is None:
            others += 1
        else:
            time = seconds - (table.first_frame - 1) / table.rate
            found.append(GaitEvent(side=what[0], event=what[1], time=float(time)))
    faults.stop()
    note = f"{others} events are left out: no contact or off of a foot"
    return in_time(found), (note,) if others else ()


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else float("nan")
    except ValueError:
        return float("nan")
