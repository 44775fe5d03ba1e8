"""The list of recordings: tables of the motion file, or a sheet with a row a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.motion.motion_file_links import arm_names
from backwalk_stats.loaders.motion.motion_file_schema import MotionTables, RecordingTable
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.trial_file.faults import schema_faults
from backwalk_stats.loaders.trial_file.folder_files import INSIDE, place_problem

NUMBERS = ("belt_speed",)
Listed = list[tuple[int | None, RecordingTable]]  # with the line of a sheet


def listed_recordings(
    tables: MotionTables, folder: Path, sources: list[tuple[str, str]], faults: list[Fault]
) -> list[RecordingTable]:
    """Return the recordings that a motion file names; faults are added to `faults`.

    Parameters
    ----------
    tables : MotionTables
    folder : Path
    sources : list
        Name and hash of a sheet that is read are added.
    faults : list
    """
    listed: Listed = [(None, one) for one in tables.recording]
    name = "motion file"
    if tables.motion.recordings is not None:
        name = tables.motion.recordings
        try:
            listed = _from_sheet(folder / name, sources)
        except InputError as error:
            faults += error.faults
            return []
    for place, (line, one) in enumerate(listed, start=1):
        faults += _link_faults(one, place, line, tables, folder, name)
    recordings = [one for _, one in listed]
    faults += _arm_faults(recordings, name)
    return recordings


def _from_sheet(path: Path, sources: list[tuple[str, str]]) -> Listed:
    """Return the line and the content of every row."""
    sheet = read_sheet(path, ReadOptions())
    sources.append((sheet.file, sheet.sha256))
    found: Listed = []
    faults = []
    for row in sheet.frame.to_dict("records"):
        line = int(row.pop("line"))
        cells: dict[str, Any] = {str(key): cell for key, cell in row.items() if cell != ""}
        for key in NUMBERS:
            if key in cells:
                cells[key] = _number(cells[key])
        try:
            found.append((line, RecordingTable.model_validate(cells)))
        except ValidationError as error:
            faults += [
                Fault(
                    file=sheet.file,
                    row=line,
                    column=one.column,
                    expected=one.expected,
                    found=_without_cell(one),
                    action=one.action,
                )
                for one in schema_faults(error, root=RecordingTable, file=sheet.file, lines={})
            ]
    if faults:
        raise InputError(faults)
    return found


def _without_cell(fault: Fault) -> str:
    """Return what was found; a cell of text may hold anything, so it is not shown."""
    about_column = fault.expected == "a key of this table"
    return fault.found if about_column or not fault.found.startswith("'") else "another text"


def _number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def _link_faults(
    one: RecordingTable,
    place: int,
    line: int | None,
    tables: MotionTables,
    folder: Path,
    name: str,
) -> list[Fault]:
    """Return what a recording names that is not there."""
    known = {
        "arm": (one.arm, arm_names(tables)),
        "visit": (one.visit, tables.visits.order),
        "format": (one.format, ["", *(layout.name for layout in tables.format)]),
    }
    head = "" if line is not None else f"recording {place}, "
    faults = [
        Fault(
            file=name,
            row=line,
            column=f"{head}{key}",
            expected=f"one of {', '.join(choice for choice in choices if choice)}",
            found="another text" if line is not None else f"'{value}'",
        )
        for key, (value, choices) in known.items()
        if value not in choices
    ]
    for key, file in (("file", one.file), ("markers_file", one.markers_file)):
        if not file:
            continue
        wrong = place_problem(file, folder)
        if wrong is not None:
            found, action = wrong
            faults.append(
                Fault(
                    file=name,
                    row=line,
                    column=f"{head}{key}",
                    expected=INSIDE,
                    found=found,
                    action=action,
                )
            )
    return faults


def _arm_faults(listed: list[RecordingTable], name: str) -> list[Fault]:
    """Return a fault where recordings put one participant into two arms."""
    arms: dict[str, set[str]] = {}
    for one in listed:
        arms.setdefault(one.participant, set()).add(one.arm)
    both = sum(len(found) > 1 for found in arms.values())
    if not both:
        return []
    expected = "each participant in one arm"
    return [Fault(file=name, column="arm", expected=expected, found=f"{both} in two")]
