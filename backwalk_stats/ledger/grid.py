"""Means and SDs of an outcome row against what its grid of scores allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import nan

import pandas as pd

from backwalk_stats.engine.printed.grid import ScoreGrid, score_grid
from backwalk_stats.engine.printed.integer_samples import LARGEST_SAMPLE, Grim, grim, grimmer
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.ledger import vocabulary
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.printed import is_number, value_of
from backwalk_stats.trial.tables import GRIM

# Single scores of these are whole numbers; percentages (KOOS, ODI) and lines (VAS) are not.
_WHOLE_NUMBERS = frozenset(
    {"nrs", "vrs", "womac", "rmdq", "lefs", "oks", "count", "counts", "battery", "tests"}
)
_CONTINUOUS = frozenset(
    {"vas", "sway", "imu", "dynamometer", "normalised", "normalized", "percent"}
)
# Rows that hold a statistic of the instrument and not a mean of scores.
_STATISTICS = frozenset({"sem", "mdc", "icc", "mdc95"})


# Which grid the scores of an outcome row lie on: what GRIM and GRIMMER need to know.


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
    """
    if not (cell.n and cell.mean and cell.was_printed) or vocabulary.is_merged_arm(cell.arm):
        return None
    if vocabulary.outcome_words(cell.outcome) & _STATISTICS or cell.unit == "events":
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
    named = vocabulary.outcome_words(f"{cell.outcome} {cell.instrument}")
    # A total stretched to 0 to 100 is no longer a count of points.
    if named & _CONTINUOUS or ("womac" in named and cell.scale_max == "100"):
        return False
    unread = not cell.instrument or "not read" in cell.instrument
    return unread or bool(named & _WHOLE_NUMBERS) or cell.unit.startswith("count")


def _ends(cell: Cell) -> tuple[str | None, str | None]:
    ends = [text if is_number(text) else None for text in (cell.scale_min, cell.scale_max)]
    if not (vocabulary.speaks_of_change(cell.outcome) or vocabulary.spans_time(cell.timepoint)):
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


@dataclass(frozen=True, kw_only=True, slots=True)
class GridTest:
    """What a grid of scores says of a printed mean and SD.

    Attributes
    ----------
    scale : Scale
        The grid and what it takes for granted.
    grid : ScoreGrid
        The same for the exact tests.
    mean : Grim
        Of the mean.
    sd_possible : bool or None
        Of mean and SD together; None where no SD was printed, or the mean is impossible already.
    """

    scale: Scale
    grid: ScoreGrid
    mean: Grim
    sd_possible: bool | None


@cache
def grid_test(cell: Cell) -> GridTest | None:
    """Return the exact test of an outcome row, or None where its scores need not lie on a grid."""
    scale = scale_of(cell)
    if scale is None:
        return None
    try:
        grid = score_grid(items=scale.items, low=scale.low, high=scale.high)
    except UsageError:
        # The printed ends are not on the grid (a scale from 0.5, say): there is nothing to test.
        return None
    n = cell.n or 0
    mean = grim(mean_text=cell.mean, n=n, grid=grid)
    testable = mean.possible and cell.sd and 1 < n <= LARGEST_SAMPLE
    try:
        found = grimmer(mean_text=cell.mean, sd_text=cell.sd, n=n, grid=grid) if testable else None
    except NotEstimable:
        # The scale is wider than the exact search covers: the SD stays untested, the mean does not.
        found = None
    return GridTest(
        scale=scale,
        grid=grid,
        mean=mean,
        sd_possible=None if found is None else found.possible,
    )


def grim_frame(cells: Mapping[str, Sequence[Cell]]) -> pd.DataFrame:
    """Return one row per mean that was tested, with the columns of `tables.GRIM`."""
    tested = [(cell, grid_test(cell)) for rows in cells.values() for cell in rows]
    rows = [_row(cell, test) for cell, test in tested if test is not None]
    return pd.DataFrame(rows, columns=list(GRIM))


def _row(cell: Cell, test: GridTest) -> dict[str, object]:
    mean = test.mean
    return {
        "study_id": cell.study_id,
        "outcome": cell.outcome_name,
        "arm": f"{cell.arm}, {cell.timepoint}" if cell.timepoint else cell.arm,
        "n": float(cell.n or 0),
        "items": float(test.scale.items),
        "reported": cell.mean,
        "low": float(mean.low),
        "high": float(mean.high),
        "below": nan if mean.below is None else float(mean.below),
        "above": nan if mean.above is None else float(mean.above),
        "possible": mean.possible,
        "sd_possible": {True: "yes", False: "no", None: ""}[test.sd_possible],
        "assumption": test.scale.assumption,
        "source": f"outcomes.csv line {cell.line}; {cell.source}",
    }
