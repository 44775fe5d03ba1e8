"""Recordings that a motion file names: their list, what each holds, and which cannot be used."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backwalk_stats.errors import Fault, Faults, InputError, nearest
from backwalk_stats.loaders.motion.gait_events import (
    SOURCES,
    EventSheet,
    check_within,
    read_event_sheet,
)
from backwalk_stats.loaders.motion.motion_bids import sidecars
from backwalk_stats.loaders.motion.motion_file_schema import (
    NamedFiles,
    RecordingTable,
    arm_names,
)
from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.readers import (
    PRESETS,
    TEXT,
    joined,
    own_formats,
    preset_of,
    read_motion_file,
    read_sensor_files,
    samples,
    without_reader,
)
from backwalk_stats.loaders.motion.reading import Asked
from backwalk_stats.loaders.motion.signals import (
    used_labels,
    with_signals,
    with_used_names,
)
from backwalk_stats.loaders.trial_file.faults import add_schema_faults
from backwalk_stats.loaders.trial_file.links import check_place
from backwalk_stats.trial.motion_plan import Recording

NUMBERS = ("belt_speed", "resample")
SENSOR_FILES = "sensor_files."  # in the name of a column of a list
TOLD = 3  # reasons of one recording
Listed = list[tuple[int | None, RecordingTable]]  # with the line of a sheet


@dataclass(kw_only=True, slots=True)
class _Listing:
    """A recording of the list: its place, its line in a sheet, and what its files gave."""

    place: int
    line: int | None
    sheet: str
    one: RecordingTable
    raw: RawMotion | None = None
    events: EventSheet | None = None
    wrong: list[Fault] = field(default_factory=list)

    @property
    def told_as(self) -> str:
        """Return the recording by its place, since names of files may hold an id."""
        line = "" if self.line is None else f" ({self.sheet}, line {self.line})"
        return f"recording {self.place}{line}"

    @property
    def kind(self) -> tuple[str, ...]:
        """Return what recordings of the same columns share."""
        ending = Path(next(iter(self.one.files.values()))).suffix.lower()
        return (ending, self.one.format, self.one.task)


def read_recordings(named: NamedFiles) -> tuple[Recording, ...]:
    """Return the recordings that a motion file lists.

    Faults of the list, and files that are not there, go to `named`. A recording whose content
    cannot be used carries the reason instead; where that is so for all of them, the reasons are
    faults. Sources are told by their place in the list: names of files of people often hold their
    ids, and the same name may lie in several folders.
    """
    found = _listed(named)
    arms: dict[str, set[str]] = {}
    for listing in found:
        one = listing.one
        arms.setdefault(one.participant, set()).add(one.arm)
        if _has_links(listing, named) and not one.leave_out:
            _read(listing, named)
    both = sum(len(several) > 1 for several in arms.values())
    if both:
        name = named.tables.motion.recordings or "motion file"
        named.faults.add("arm", "each participant in one arm", f"{both} in two", file=name)
    _tell_twice(found, named)
    _check_sheets(found, named)
    _declare_signals(found, named)
    if not any(listing.raw for listing in found):
        named.faults.extend(fault for listing in found for fault in listing.wrong)
        if found and all(listing.one.leave_out for listing in found):
            expected = "a recording that is not left out"
            named.faults.add("leave_out", expected, "none", file="motion file")
    return tuple(_recording(listing) for listing in found)


# The list: tables of the motion file, or rows of a sheet.


def _listed(named: NamedFiles) -> list[_Listing]:
    """Return the recordings of the tables or of the sheet; faults of the list go to `named`."""
    name = named.tables.motion.recordings
    if name is None:
        listed: Listed = [(None, one) for one in named.tables.recording]
    else:
        listed = _rows(name, named)
    return [
        _Listing(place=place, line=line, sheet=name or "motion file", one=one)
        for place, (line, one) in enumerate(listed, start=1)
    ]


def _rows(name: str, named: NamedFiles) -> Listed:
    sheet = named.sheet(name)
    found: Listed = []
    faults = Faults("" if sheet is None else sheet.file)
    for row in [] if sheet is None else sheet.frame.to_dict("records"):
        line = int(row.pop("line"))
        cells: dict[str, Any] = {str(key): cell for key, cell in row.items() if cell != ""}
        cells |= {key: _number(cells[key]) for key in NUMBERS if key in cells}
        sensors = [key for key in cells if key.startswith(SENSOR_FILES)]
        if sensors:
            files = {key.removeprefix(SENSOR_FILES): cells.pop(key) for key in sensors}
            cells["sensor_files"] = files
        try:
            found.append((line, RecordingTable.model_validate(cells)))
        except ValidationError as error:
            wrong = Faults()
            add_schema_faults(error, wrong, root=RecordingTable)
            for one in wrong.faults:
                faults.add(one.column, one.expected, _without_cell(one), one.action, row=line)
    named.faults.extend(faults.faults)
    return [] if faults.faults else found


def _without_cell(fault: Fault) -> str:
    """Return what was found; a cell of text may hold anything, so it is not shown."""
    about_column = fault.expected == "a key of this table"
    return fault.found if about_column or not fault.found.startswith("'") else "another text"


def _tell_twice(found: Sequence[_Listing], named: NamedFiles) -> None:
    """Tell of files that stand twice for one walk or bend: their cycles would count twice."""
    met: dict[tuple[object, ...], int] = {}
    for listing in found:
        one = listing.one
        whose = (one.participant, one.visit, one.direction, one.task, one.inside)
        key = (*whose, *sorted(one.files.items()))
        if not one.leave_out and met.setdefault(key, listing.place) != listing.place:
            expected = "each recording of a person, visit and direction once"
            told = f"the files of recording {met[key]} again"
            named.faults.add(None, expected, told, file=listing.told_as)


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _has_links(listing: _Listing, named: NamedFiles) -> bool:
    """Return whether the files of a recording are there; tell what it names that is not."""
    one, line, tables = listing.one, listing.line, named.tables
    faults = Faults(listing.sheet)
    head = "" if line is not None else f"recording {listing.place}, "
    known = {
        "format": (one.format, ["", *own_formats(tables), *PRESETS]),
        "arm": (one.arm, arm_names(tables)),
        "visit": (one.visit, tables.visits.order),
    }
    for key in ("arm", "visit", "format"):
        value, choices = known[key]
        if value not in choices:
            expected = f"one of {', '.join(choice for choice in choices if choice)}"
            found = "another text" if line is not None else f"'{value}'"
            faults.add(f"{head}{key}", expected, found, row=line)
    readable = one.format in known["format"][1]
    up = tables.motion.up
    if one.facing not in ("", "auto") and one.facing[1] == up[1]:
        faults.add(f"{head}facing", f"another axis than up, which is {up}", "it", row=line)
    events = {} if one.events in SOURCES else {"events": one.events}
    for key, file in (one.files | events).items():
        readable &= check_place(file, faults, folder=named.folder, key=f"{head}{key}", row=line)
    if readable and not one.leave_out:
        readable = _has_reader(listing, named, faults)
    named.faults.extend(faults.faults)
    return readable


def _has_reader(listing: _Listing, named: NamedFiles, faults: Faults) -> bool:
    """Return whether it is declared how the files of a recording are read; tell where it is not."""
    one, tables = listing.one, named.tables
    preset = preset_of(one.format, tables)
    endings = {Path(file).suffix.lower() for file in one.files.values()}
    if preset is not None and not endings & set(preset.endings):
        expected = f"a file that ends in {', '.join(preset.endings)}, as format '{one.format}' does"
        faults.add("format", expected, "another ending", file=listing.told_as)
        return False
    if one.inside and preset is not PRESETS["visual3d"]:
        expected = "inside, the name of a recording in a table, with format 'visual3d' alone"
        faults.add("inside", expected, "another format", file=listing.told_as)
    lacking = [without_reader(file, one.format, tables) for file in one.files.values()]
    told = list(dict.fromkeys(one for one in lacking if one is not None))
    for expected, found, action in told:
        faults.add(None, expected, found, action, file=listing.told_as)
    return not told


# Content: what cannot be read belongs to its recording; a file that is not there, to the list.


def _read(listing: _Listing, named: NamedFiles) -> None:
    """Read the files of a recording into `listing`; what is wrong with their content too."""
    one, tables = listing.one, named.tables
    asked = Asked(
        used=used_labels(tables),
        unit=one.unit,
        resample=one.resample or tables.motion.resample,
        inside=one.inside,
    )
    if not _are_there(listing, named):
        return
    parts: list[RawMotion] = []
    if one.sensor_files:
        paths = {name: named.folder / file for name, file in one.sensor_files.items()}
        try:
            parts.append(read_sensor_files(paths, one.format, tables, asked))
        except InputError as error:
            listing.wrong += _told(error, listing.told_as)
    for file, what in ((one.file, ""), (one.markers_file, ", markers")):
        try:
            if file:
                parts.append(read_motion_file(named.folder / file, one.format, tables, asked))
        except InputError as error:
            listing.wrong += _told(error, f"{listing.told_as}{what}")
    if listing.wrong:
        return
    try:
        whole = parts[0] if len(parts) == 1 else joined(*parts, file=listing.told_as)
        whole = with_used_names(whole, tables, file=listing.told_as)
        _check_order(whole, listing, named)
        _check_events(whole, listing)
    except InputError as error:
        listing.wrong += _told(error, listing.told_as)
    else:
        listing.raw = whole


def _are_there(listing: _Listing, named: NamedFiles) -> bool:
    """Return whether every file of a recording is there; note their hashes, and absent ones."""
    files = dict(listing.one.files)
    if listing.one.events not in SOURCES:
        files["events"] = listing.one.events
    there = True
    for key, name in files.items():
        path = named.folder / name
        what = {"file": "", "markers_file": ", markers"}.get(key, f", {key}")
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no such file"
            choices = f"{', '.join(SOURCES)} or a sheet beside the motion file"
            expected = choices if key == "events" else "a file"
            told = f"{listing.told_as}{what}"
            named.faults.extend([Fault(file=told, expected=expected, found=found)])
            there = False
            continue
        named.sources.append((f"recording {listing.place}{what}", _digest(path)))
        if preset_of(listing.one.format, named.tables) is PRESETS["motion-bids"] and key == "file":
            for side, beside in sidecars(path).items():
                if beside.is_file():
                    place = f"recording {listing.place}, {side}"
                    named.sources.append((place, _digest(beside)))
    return there


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _told(error: InputError, told_as: str) -> list[Fault]:
    return [replace(fault, file=told_as) for fault in error.faults]


def _check_order(raw: RawMotion, listing: _Listing, named: NamedFiles) -> None:
    """Refuse a declared order of quaternions that is not the one of a reader that knows its own."""
    one = listing.one
    texts = any(Path(file).suffix.lower() in TEXT for file in one.files.values())
    if texts and preset_of(one.format, named.tables) is None:
        return
    faults = Faults(listing.told_as)
    for name, segment in named.tables.segments.items():
        if segment.sensor in raw.quaternions and segment.parts != "wxyz":
            expected = "parts = 'wxyz': this format has the scalar first"
            faults.add(f"segments.{name}.parts", expected, f"'{segment.parts}'")
    faults.stop()


def _check_events(raw: RawMotion, listing: _Listing) -> None:
    """Refuse a recording whose declared source of contacts and offs its file does not hold."""
    declared = listing.one.events
    absent = {
        "file": ("contacts and offs in the file", raw.events),
        "force-plates": ("force plates in the file", raw.plates),
    }
    expected, held = absent.get(declared, ("", True))
    if not held:
        action = "Declare another source of events, or leave the key out to take markers"
        told = f"{expected}, as events = '{declared}' declares"
        raise InputError.of(listing.told_as, told, "none", action)


def _check_sheets(found: Sequence[_Listing], named: NamedFiles) -> None:
    """Read the sheets of events; their faults are of the list, by line and column."""
    met: dict[str, int] = {}
    for listing in found:
        name = listing.one.events
        if name in SOURCES or listing.one.leave_out or not (named.folder / name).is_file():
            continue
        faults = Faults(f"{listing.told_as}, events")
        if name in met:
            told = f"the sheet of recording {met[name]} again"
            faults.add(None, "a sheet of events for each recording", told)
        met.setdefault(name, listing.place)
        try:
            sheet = read_event_sheet(named.folder / name, told_as=faults.file)
        except InputError as error:
            faults.extend(error.faults)
        else:
            listing.events = sheet
            if listing.raw is not None and listing.raw.rate > 0.0:
                step = 1.0 / listing.raw.rate
                length = (samples(listing.raw) - 1) * step
                check_within(sheet, faults, seconds=length, step=step)
        named.faults.extend(faults.faults)


def _declare_signals(found: Sequence[_Listing], named: NamedFiles) -> None:
    """Put angles of the files under the names of signals.

    A label that no recording holds is a fault of the motion file. One that other recordings of the
    same kind hold, and this one does not, is this one's; else its signal is noted as not there.
    """
    signals = named.tables.signals
    absent: dict[int, tuple[str, ...]] = {}
    held: dict[str, set[tuple[str, ...]]] = {name: set() for name in signals}
    labels: dict[str, None] = {}
    for listing in found if signals else ():
        if listing.raw is None:
            continue
        labels |= dict.fromkeys([*listing.raw.vectors, *listing.raw.angles])
        try:
            listing.raw, absent[listing.place] = with_signals(
                listing.raw, signals, file=listing.told_as
            )
        except InputError as error:
            listing.wrong += _told(error, listing.told_as)
            listing.raw = None
            continue
        for name in signals.keys() - set(absent[listing.place]):
            held[name].add(listing.kind)
    # A recording that could not be read may be the one that holds the label.
    read = any(listing.raw is not None for listing in found)
    whole = all(listing.raw is not None or listing.one.leave_out for listing in found)
    for name, one in signals.items():
        if read and whole and not held[name]:
            bare = [label.rpartition(":")[2] for label in labels]
            told = nearest(one.label, bare, otherwise=True) if bare else _without_angles(found)
            expected = "a label of the recordings"
            key = f"signals.{name}.label"
            named.faults.add(key, expected, "none of this name", told, file="motion file")
    for listing in found:
        _tell_absent(listing, absent.get(listing.place, ()), held, named)


def _without_angles(found: Sequence[_Listing]) -> str:
    """Return that recordings hold no angles, and why these were left out where their unit was."""
    notes = (note for listing in found if listing.raw is not None for note in listing.raw.notes)
    why = next((note for note in notes if "model angles were left out" in note), "")
    return f"They hold no angles{': ' * bool(why)}{why}"


def _tell_absent(
    listing: _Listing,
    absent: Sequence[str],
    held: dict[str, set[tuple[str, ...]]],
    named: NamedFiles,
) -> None:
    faults = Faults(listing.told_as)
    for name in absent:
        label = named.tables.signals[name].label
        if listing.kind in held[name]:
            faults.add(label, "this column, as other recordings have it", "no such column")
        elif listing.raw is not None:
            note = f"no signal {name}: this file has no {label}"
            listing.raw = replace(listing.raw, notes=(*listing.raw.notes, note))
    if faults.faults:
        listing.wrong += faults.faults
        listing.raw = None


# What comes out.


def _recording(listing: _Listing) -> Recording:
    """Return a recording with its content, or with the reason why there is none."""
    one, raw = listing.one, listing.raw
    unusable = ""
    if raw is None:
        raw = RawMotion(rate=float("nan"))
        unusable = f"left out: {one.leave_out}" if one.leave_out else _reason(listing.wrong)
    given = raw.events if one.events == "file" else ()
    if listing.events is not None and not unusable:
        given = listing.events.events
    return Recording(
        file=Faults(Path(next(iter(one.files.values()))).name).file,
        participant=one.participant,
        arm=one.arm,
        visit=one.visit,
        direction=one.direction,
        task=one.task,
        rate=raw.rate,
        markers=raw.markers,
        quaternions=raw.quaternions,
        angles=raw.angles,
        belt_speed=one.belt_speed,
        facing=one.facing,
        events=one.events,
        given=given,
        plates=raw.plates,
        rotations=raw.rotations,
        affected=one.affected,
        unusable=unusable,
        notes=(*raw.notes, *_unused_events(raw, one.events)),
    )


def _unused_events(raw: RawMotion, declared: str) -> tuple[str, ...]:
    if not raw.events or declared == "file":
        return ()
    source = "markers give them" if declared == "kinematic" else "others are declared"
    return (f"its {len(raw.events)} contacts and offs are not used: {source} (events = 'file')",)


def _reason(faults: Sequence[Fault]) -> str:
    """Return why a recording cannot be used, without the name of a file.

    >>> _reason([Fault(file="a.mot", row=3, column="hip", expected="a number", found="text")])
    'line 3, column hip: expected a number, found text'
    """
    told = [str(replace(fault, file="")).lstrip(",: ") for fault in faults[:TOLD]]
    more = len(faults) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])
