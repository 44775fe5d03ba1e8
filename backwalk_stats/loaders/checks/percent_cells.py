"""Cells that a file shows as per cent or as money, of an outcome that may be none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import Measured

MOST = 1.5  # values up to 150 % are shares as a workbook stores them


def check(view: TrialView, findings: Findings) -> None:
    """Ask where only some cells of an outcome, or shares on another scale, are shown as per cent.

    A workbook stores 57 % as 0.57. Visits whose unit the trial file declares are not asked about.
    Cells that are shown as money are asked about as well: another column may be meant.
    """
    if not view.formats:
        return
    for one in view.measured:
        _ask_money(view, one, findings)
        cells = view.of(one.outcome.name)
        cells = cells[cells["value"].notna() & ~cells["visit"].isin(list(one.conversions))]
        if "percent" in one.table.confirmed or cells.empty:
            continue
        shown = view.shown_as("percent", cells)
        if not shown.any():
            continue
        if not shown.all():
            _ask_some(one, cells, shown, findings)
        elif cells["value"].max() <= MOST and (one.outcome.high or 100.0) > MOST:
            _ask_all(one, cells, findings)


def _ask_money(view: TrialView, one: Measured, findings: Findings) -> None:
    cells = view.of(one.outcome.name)
    cells = cells[cells["value"].notna()]
    if "unit" in one.table.confirmed or cells.empty:
        return
    marked = cells[view.shown_as("currency", cells)]
    for (file, column), rows in marked.groupby(["file", "column"], sort=False):
        action = (
            f"{one.outcome.name}: cells are shown as money. Is it the right column? If so, "
            'confirmed = ["unit"] under the outcome'
        )
        findings.ask(str(column), action, len(rows), file=str(file))


def _ask_some(
    one: Measured, cells: pd.DataFrame, shown: NDArray[np.bool_], findings: Findings
) -> None:
    plain = {str(visit) for visit in cells.loc[~shown, "visit"]}
    marked = cells[shown]
    for (file, column, visit), rows in marked.groupby(["file", "column", "visit"], sort=False):
        beside = f"those at {', '.join(sorted(plain))} are not"
        beside = "others of that visit are not" if visit in plain else beside
        action = (
            f"{one.outcome.name} at {visit}: cells are shown as % (57 % is stored as 0.57), "
            f"{beside}. {_remedy(one, [str(visit)])}"
        )
        findings.ask(str(column), action, len(rows), file=str(file))


def _ask_all(one: Measured, cells: pd.DataFrame, findings: Findings) -> None:
    visits = list(dict.fromkeys(str(visit) for visit in cells["visit"]))
    for (file, column), rows in cells.groupby(["file", "column"], sort=False):
        action = (
            f"{one.outcome.name}: cells are shown as % and stored as shares of 1 (57 % is 0.57). "
            f"{_remedy(one, visits)}"
        )
        findings.ask(str(column), action, len(rows), file=str(file))


def _remedy(one: Measured, visits: list[str]) -> str:
    units = ", ".join(f'{visit} = "fraction"' for visit in visits)
    own = "" if one.outcome.unit or one.scale is not None else 'unit = "%" and '
    return (
        f"Is the unit right? If these are shares, write {own}units = {{ {units} }} under the "
        'outcome; if all is as it should be, confirmed = ["percent"]'
    )
