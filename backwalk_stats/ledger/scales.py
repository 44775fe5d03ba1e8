"""Which grid the scores of an outcome row lie on: what GRIM and GRIMMER need to know."""

from __future__ import annotations

from dataclasses import dataclass

from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.rounding import is_number, value_of
from backwalk_stats.ledger.vocabulary import (
    is_merged_arm,
    outcome_words,
    spans_time,
    speaks_of_change,
)

# Single scores of these are whole numbers; percentages (KOOS, ODI) and lines (VAS) are not.
_WHOLE_NUMBERS = frozenset(
    {"nrs", "vrs", "womac", "rmdq", "lefs", "oks", "count", "counts", "battery", "tests"}
)
_CONTINUOUS = frozenset(
    {"vas", "sway", "imu", "dynamometer", "normalised", "normalized", "percent"}
)
# Rows that hold a statistic of the instrument and not a mean of scores.
_STATISTICS = frozenset({"sem", "mdc", "icc", "mdc95"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """The grid of an outcome row's scores.

    Attributes
    ----------
    items : int
        Scores lie 1/items apart: 1 for whole numbers.
    low, high : str or None
        Ends of the scale; None where not known.
    assumption : str
        What was taken for granted, in words.
    """

    items: int
    low: str | None
    high: str | None
    assumption: str


def scale_of(cell: Cell) -> Scale | None:
    """Return the grid of a row's scores, or None when its scores need not lie on one.

    A row counts when it prints n and a mean, was read in a source (a merge of two arms' rounded
    means is not a mean of scores), and its instrument scores whole numbers, or was not read.
    The column `items` declares a mean of k items for any instrument. Change scores run from
    minus the scale's width to plus its width.

    Parameters
    ----------
    cell : Cell
        An outcome row.
    """
    if not (cell.n and cell.mean and cell.was_printed) or is_merged_arm(cell.arm):
        return None
    if outcome_words(cell.outcome) & _STATISTICS or cell.unit == "events":
        return None
    items = int(cell.items) if cell.items else 0
    if not items and not _scores_whole_numbers(cell):
        return None
    low, high = _ends(cell)
    return Scale(items=items or 1, low=low, high=high, assumption=_assumption(cell, items or 1))


def _scores_whole_numbers(cell: Cell) -> bool:
    """Tell whether a row's single scores are whole numbers, or may be because it does not say."""
    if not cell.unit.startswith(("points", "count")):
        return False
    named = outcome_words(f"{cell.outcome} {cell.instrument}")
    # A total stretched to 0 to 100 is no longer a count of points.
    if named & _CONTINUOUS or ("womac" in named and cell.scale_max == "100"):
        return False
    unread = not cell.instrument or "not read" in cell.instrument
    return unread or bool(named & _WHOLE_NUMBERS) or cell.unit.startswith("count")


def _ends(cell: Cell) -> tuple[str | None, str | None]:
    ends = [text if is_number(text) else None for text in (cell.scale_min, cell.scale_max)]
    if not (speaks_of_change(cell.outcome) or spans_time(cell.timepoint)):
        return ends[0], ends[1]
    if ends[0] is None or ends[1] is None:
        return None, None
    width = value_of(ends[1]) - value_of(ends[0])
    text = f"{width:g}"
    return f"-{text}", text


def _assumption(cell: Cell, items: int) -> str:
    grid = "whole-number scores" if items == 1 else f"means of {items} whole-number items"
    unread = "not read" in cell.instrument
    bounds = "" if cell.scale_min and cell.scale_max else ", ends of the scale not printed"
    return f"assumes {grid}" + (" (the scale was not read)" if unread else "") + bounds
