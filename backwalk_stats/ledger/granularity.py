"""Means and SDs of an outcome row against what its grid of scores allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import nan

import pandas as pd

from backwalk_stats.engine.integer_samples import LARGEST_SAMPLE, Grim, grim, grimmer
from backwalk_stats.engine.score_grid import ScoreGrid, score_grid
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.scales import Scale, scale_of
from backwalk_stats.trial.tables import GRIM


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
    """Return one row per mean that was tested, with the columns of `tables.GRIM`.

    Parameters
    ----------
    cells : mapping
        Study id to its outcome rows.
    """
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
