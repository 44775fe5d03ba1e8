"""Means and SDs of an outcome row against what its grid of scores allows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import nan

import pandas as pd

from backwalk_stats.engine.printed.grid import ScoreGrid
from backwalk_stats.engine.printed.integer_samples import LARGEST_SAMPLE, Grim, grim, grimmer
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.reading import vocabulary
from backwalk_stats.ledger.reading.printed import is_number, value_of
from backwalk_stats.trial.tables import GRIM

# Persons name a whole number on these; WOMAC has versions by lines and in percent, and is not.
_NUMBERED = frozenset({"nrs", "nprs", "vrs", "nprs11", "nrs11"})
# Scores of these may be whole numbers; percentages (KOOS, ODI) and lines (VAS) are not.
_OF_AN_NRS = frozenset(
    ("numeric", "numerical", "verbal", "pain", "rating", "scale", "0", "10", "11", "point", "to")
)
# A note that speaks of how scores were given leaves their step open, whatever it says.
_OF_SCORING = re.compile(
    r"\d\.\d|\bhal(?:f|ves)\b|\bsteps?\b|\bincrement|\bpoints?\b|\bdecimal|\baverag|\bmean\b|\bcombin"
    r"|\bcomposite|\bworst\b|\bleast\b|\bbetween\b|\bdays?\b",
    re.IGNORECASE,
)
_MAY_BE_WHOLE = _NUMBERED | {"womac", "rmdq", "lefs", "oks", "count", "counts", "battery", "tests"}
_CONTINUOUS = frozenset(
    {"vas", "sway", "imu", "dynamometer", "normalised", "normalized", "percent"}
)
# Rows that hold a statistic of the instrument and not a mean of scores.
_STATISTICS = frozenset({"sem", "mdc", "icc", "mdc95", "mdc90", "sdc"})
ONLY_IF = "only if scores are whole numbers"


# Which grid the scores of an outcome row lie on: what GRIM and GRIMMER need to know.


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """The grid of an outcome row's scores.

    Attributes
    ----------
    step : Fraction
        How far two neighbouring scores lie apart; 1 where that was not read.
    low, high : str or None
        Ends of the scale; None where not known.
    unread : str
        Why the step is not known; "" where it was read.
    assumption : str
        What the test rests on, in words.
    """

    step: Fraction
    low: str | None
    high: str | None
    unread: str
    assumption: str

    @property
    def was_read(self) -> bool:
        """Tell whether the step was read, so that a mean off the grid is a failure."""
        return not self.unread


def scale_of(cell: Cell) -> Scale | None:
    """Return the grid of a row's scores, or None when its scores need not lie on one.

    A row counts when it prints n and a mean, was read in a source (a merge of two arms' rounded
    means is not a mean of scores), and its step is printed or its scores may be whole numbers. The
    step is read from the columns `score_step` and `items` (a mean of so many), or from an
    instrument on which a person names a whole number between printed ends. Change scores run from
    minus the scale's width to plus its width.
    """
    if not (cell.n and cell.mean and cell.was_printed) or vocabulary.is_merged_arm(cell.arm):
        return None
    if vocabulary.outcome_words(cell.outcome) & _STATISTICS or cell.unit == "events":
        return None
    declared = is_number(cell.score_step) or bool(cell.items)
    if not declared and not _may_be_whole(cell):
        return None
    step, unread = _step(cell)
    low, high = _ends(cell)
    return Scale(
        step=step, low=low, high=high, unread=unread, assumption=_assumption(cell, step, unread)
    )


def _may_be_whole(cell: Cell) -> bool:
    """Tell whether a row's single scores are whole numbers, or may be because it does not say."""
    if not cell.unit.startswith(("points", "count", "not read")):
        return False
    named = vocabulary.outcome_words(f"{cell.outcome} {cell.instrument}")
    # A total stretched to 0 to 100 is no longer a count of points.
    if named & _CONTINUOUS or ("womac" in named and cell.scale_max == "100"):
        return False
    unread = not cell.instrument or "not read" in cell.instrument
    return unread or bool(named & _MAY_BE_WHOLE) or cell.unit.startswith("count")


def _step(cell: Cell) -> tuple[Fraction, str]:
    """Return how far scores lie apart, and why that is not known ("" where it was read)."""
    read, items = cell.read, int(cell.items or 0)
    declared = Fraction(cell.score_step) if is_number(cell.score_step) else None
    step = (declared or Fraction(1)) / (items or 1)
    reasons = {
        "scores were imputed": read.imputed,
        "the mean is adjusted": read.adjusted,
        "the mean is on another scale": read.elsewhere,
        "of how many scores they are averages was not read": read.averaged and not items,
        "n was inferred": "inferred" in cell.note,
        "the step of the scores was not read": declared is None and not (items or _numbered(cell)),
        "scores may be read off a line": declared is None and read.continuous,
    }
    return step, "; ".join(reason for reason, holds in reasons.items() if holds)


def _numbered(cell: Cell) -> bool:
    """Tell whether persons name a whole number on the instrument, between printed ends."""
    named = set(vocabulary.words(cell.instrument))
    if not named <= _NUMBERED | _OF_AN_NRS or _OF_SCORING.search(cell.note):
        return False
    return bool(named & _NUMBERED) and all(map(_is_whole, (cell.scale_min, cell.scale_max)))


def _is_whole(text: str) -> bool:
    return is_number(text) and value_of(text).is_integer()


def _ends(cell: Cell) -> tuple[str | None, str | None]:
    ends = [text if is_number(text) else None for text in (cell.scale_min, cell.scale_max)]
    below = cell.mean_value < 0 and ends[0] is not None and value_of(ends[0]) >= 0
    changes = vocabulary.speaks_of_change(cell.outcome) or vocabulary.spans_time(cell.timepoint)
    # A mean below 0 on a scale from 0 is a change, whatever the label says.
    if not (changes or below):
        return ends[0], ends[1]
    if ends[0] is None or ends[1] is None:
        return None, None
    width = value_of(ends[1]) - value_of(ends[0])
    text = f"{width:g}"
    return f"-{text}", text


def _assumption(cell: Cell, step: Fraction, unread: str) -> str:
    if unread:
        return f"{ONLY_IF} ({unread})"
    known = is_number(cell.scale_min) and is_number(cell.scale_max)
    ends = f" from {cell.scale_min} to {cell.scale_max}" if known else ", ends not printed"
    apart = "whole-number scores" if step == 1 else f"scores {step} apart"
    return f"{apart}{ends}"


def _grid(scale: Scale) -> ScoreGrid | None:
    """Return the grid for the exact tests; None where the printed ends do not lie on it."""
    low, high = (None if end is None else Fraction(end) for end in (scale.low, scale.high))
    start = low if low is not None else high if high is not None else Fraction(0)
    if low is None or high is None:
        below, above = (None if end is None else 0 for end in (low, high))
        return ScoreGrid(origin=start, step=scale.step, lower=below, upper=above)
    width = (high - low) / scale.step
    if width <= 0 or width.denominator != 1:
        return None
    return ScoreGrid(origin=low, step=scale.step, lower=0, upper=int(width))


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
    grid = _grid(scale)
    if grid is None:
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
    """Return one row per mean whose step was read, with the columns of `tables.GRIM`."""
    tested = [(cell, grid_test(cell)) for rows in cells.values() for cell in rows]
    rows = [_row(cell, test) for cell, test in tested if test is not None and test.scale.was_read]
    return pd.DataFrame(rows, columns=list(GRIM))


def _row(cell: Cell, test: GridTest) -> dict[str, object]:
    mean = test.mean
    return {
        "study_id": cell.study_id,
        "outcome": cell.outcome_name,
        "arm": f"{cell.arm}, {cell.timepoint}" if cell.timepoint else cell.arm,
        "n": float(cell.n or 0),
        "items": float(1 / test.scale.step),
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
