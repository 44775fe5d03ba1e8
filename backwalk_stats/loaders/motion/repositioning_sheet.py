"""Sheets beside the recordings: trials of repositioning, and numbers of participants."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.motion.motion_file_links import arm_names
from backwalk_stats.loaders.motion.motion_file_schema import MotionTables, RepositioningTable
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import Sheet
from backwalk_stats.trial.repositioning import RepositioningTrials


def repositioning_trials(
    tables: MotionTables, folder: Path, sources: list[tuple[str, str]], faults: list[Fault]
) -> tuple[RepositioningTrials, ...]:
    """Return the trials of every participant and visit; faults are added to `faults`."""
    table = tables.repositioning
    if table is None:
        return ()
    fixed = None if isinstance(table.target, str) else float(table.target)
    wanted = [table.participant, table.arm, table.visit, *table.trials]
    wanted += [] if fixed is not None else [str(table.target)]
    sheet = _sheet(folder / table.file, wanted, sources, faults)
    if sheet is None:
        return ()
    found = []
    for row in sheet.frame.to_dict("records"):
        numbers = _numbers(row, table, fixed, sheet.file, faults)
        faults += _choices(row, table, tables, sheet.file)
        if numbers is not None:
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


def participant_numbers(
    tables: MotionTables, folder: Path, sources: list[tuple[str, str]], faults: list[Fault]
) -> pd.DataFrame | None:
    """Return participant and the covariates of curve tests as numbers; None without a sheet."""
    if tables.participants is None:
        return None
    names = list(dict.fromkeys(one.covariate for one in tables.curve_test if one.covariate))
    sheet = _sheet(folder / tables.participants, ["participant", *names], sources, faults)
    if sheet is None:
        return None
    frame = pd.DataFrame({"participant": sheet.frame["participant"].astype(str)})
    for name in names:
        cells = [
            _number(str(row[name]), sheet.file, int(row["line"]), name, faults)
            for row in sheet.frame.to_dict("records")
        ]
        frame[name] = cells
    return frame


def _sheet(
    path: Path, wanted: list[str], sources: list[tuple[str, str]], faults: list[Fault]
) -> Sheet | None:
    try:
        sheet = read_sheet(path, ReadOptions())
    except InputError as error:
        faults += error.faults
        return None
    sources.append((sheet.file, sheet.sha256))
    absent = [name for name in wanted if name not in sheet.frame]
    faults += [
        Fault(file=sheet.file, row=1, column=name, expected="this column", found="no such column")
        for name in absent
    ]
    return None if absent else sheet


def _numbers(
    row: Mapping[Any, Any],
    table: RepositioningTable,
    fixed: float | None,
    file: str,
    faults: list[Fault],
) -> list[float] | None:
    """Return target and trials of a row; None where one of them is no number."""
    columns = [*([] if fixed is not None else [str(table.target)]), *table.trials]
    line = int(str(row["line"]))
    values = [_number(str(row[name]), file, line, name, faults) for name in columns]
    if any(isnan(value) for value in values):
        return None
    return [*([] if fixed is None else [fixed]), *values]


def _number(cell: str, file: str, line: int, column: str, faults: list[Fault]) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        found = "an empty cell" if not cell.strip() else "other text"
        faults.append(Fault(file=file, row=line, column=column, expected="a number", found=found))
    return value


def _choices(
    row: Mapping[Any, Any], table: RepositioningTable, tables: MotionTables, file: str
) -> list[Fault]:
    known = {table.arm: arm_names(tables), table.visit: tables.visits.order}
    return [
        Fault(
            file=file,
            row=int(str(row["line"])),
            column=column,
            expected=f"one of {', '.join(choices)}",
            found="another text",
        )
        for column, choices in known.items()
        if str(row[column]) not in choices
    ]
