"""Sheets beside the recordings: trials of repositioning, numbers and sides of participants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite, nan
from typing import Any

import pandas as pd

from backwalk_stats.loaders.motion.motion_file_schema import NamedFiles, arm_names
from backwalk_stats.loaders.sheets.sheet import Sheet
from backwalk_stats.trial.motion_plan import Recording, RepositioningTrials


def repositioning_trials(named: NamedFiles) -> tuple[RepositioningTrials, ...]:
    """Return the trials of every participant and visit; faults go to `named`."""
    table = named.tables.repositioning
    if table is None:
        return ()
    target = [table.target] if isinstance(table.target, str) else []
    columns = [*target, *table.trials]
    sheet = _sheet(table.file, [table.participant, table.arm, table.visit, *columns], named)
    if sheet is None:
        return ()
    known = {table.arm: arm_names(named.tables), table.visit: named.tables.visits.order}
    found = []
    for row in sheet.frame.to_dict("records"):
        numbers = [_number(row, name, sheet, named) for name in columns]
        for column, choices in known.items():
            if str(row[column]) not in choices:
                expected = f"one of {', '.join(choices)}"
                named.tell(sheet, column, expected, "another text", row=int(row["line"]))
        if all(map(isfinite, numbers)):
            fixed = [] if isinstance(table.target, str) else [float(table.target)]
            numbers = [*fixed, *numbers]
            found.append(
                RepositioningTrials(
                    participant=str(row[table.participant]),
                    arm=str(row[table.arm]),
                    visit=str(row[table.visit]),
                    target=numbers[0],
                    trials=tuple(numbers[1:]),
                )
            )
    return tuple(found)


def participant_numbers(named: NamedFiles) -> pd.DataFrame | None:
    """Return participant and the covariates of curve tests as numbers; None without a sheet."""
    tables = named.tables
    if tables.participants is None:
        return None
    named_there = (name for one in tables.curve_test for name in (one.covariate, *one.covariates))
    names = list(dict.fromkeys(filter(None, named_there)))
    sheet = _sheet(tables.participants, ["participant", *names], named)
    if sheet is None:
        return None
    rows = sheet.frame.to_dict("records")
    numbers = {name: [_number(row, name, sheet, named) for row in rows] for name in names}
    return pd.DataFrame({"participant": sheet.frame["participant"].astype(str), **numbers})


def with_affected_sides(
    recordings: tuple[Recording, ...], named: NamedFiles
) -> tuple[Recording, ...]:
    """Return recordings with the affected side of each person, where the motion file asks for it.

    It is that of the recording, or of the column `affected` of the participants' sheet; a person
    for whom neither says it is a fault.
    """
    if named.tables.motion.side != "affected":
        return recordings
    known = _affected(named)
    found = [
        replace(one, affected=one.affected or known.get(one.participant, "")) for one in recordings
    ]
    walked = [one for one in found if one.task == "walk" and not one.unusable]
    without = {one.participant for one in walked if not one.affected}
    if without:
        people = "1 person" if len(without) == 1 else f"{len(without)} persons"
        expected = "left or right for each person who walks, since motion.side is affected"
        action = "Add it to the recordings, or to the sheet of participants"
        named.faults.add("affected", expected, f"none for {people}", action, file="motion file")
    _tell_both_sides(walked, named)
    return tuple(found)


def _tell_both_sides(walked: Sequence[Recording], named: NamedFiles) -> None:
    """Tell of persons whose recordings name both sides as the affected one."""
    sides: dict[str, set[str]] = {}
    for one in walked:
        sides.setdefault(one.participant, set()).add(one.affected)
    both = sum(len(several - {""}) > 1 for several in sides.values())
    if both:
        people = "1 person" if both == 1 else f"{both} persons"
        expected = "one affected side of each person"
        action = "Correct the recordings: cycles of two sides are not pooled"
        named.faults.add("affected", expected, f"both for {people}", action, file="motion file")


def _affected(named: NamedFiles) -> dict[str, str]:
    """Return the affected side by participant, from a sheet that has the column."""
    name = named.tables.participants
    sheet = _sheet(name, ["participant"], named) if name is not None else None
    if sheet is None or "affected" not in sheet.frame:
        return {}
    found = {}
    for row in sheet.frame.to_dict("records"):
        side = str(row["affected"]).strip()
        if side not in ("left", "right", ""):
            named.tell(sheet, "affected", "left or right", "another text", row=int(row["line"]))
        found[str(row["participant"])] = side
    return found


def _sheet(name: str, wanted: Sequence[str], named: NamedFiles) -> Sheet | None:
    """Return a sheet that has the columns wanted; None, and faults, where it has not."""
    sheet = named.sheet(name)
    if sheet is None:
        return None
    absent = [one for one in wanted if one not in sheet.frame]
    for column in absent:
        named.tell(sheet, column, "this column", "no such column", row=1)
    return None if absent else sheet


def _number(row: Mapping[Any, Any], column: str, sheet: Sheet, named: NamedFiles) -> float:
    """Return a cell as a number; where it is none, not a number, and a fault."""
    cell = str(row[column])
    try:
        value = float(cell)
    except ValueError:
        value = nan
    if not isfinite(value):
        found = "other text" if cell.strip() else "an empty cell"
        named.tell(sheet, column, "a number", found, row=int(row["line"]))
    return value
