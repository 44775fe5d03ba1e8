"""Papers with one number that cannot be right, planted by construction.

A kind writes an honest paper and names one printed number with the range that all other printed
numbers leave to it: found by trying every corner of the roundings and points between, with the
formula written here, not with the ledger's. The number is then moved out of that range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import numpy as np
from scipy import stats

from tests.ledger.designs.paper import FORMS, Paper, Redraw
from tests.ledger.printing import Printer, Row, printer

Range = tuple[float, float]
Formula = Callable[..., float]
POINTS = 40


@dataclass(frozen=True, kw_only=True)
class Slip:
    """One printed number, and where it could honestly lie.

    `ranges` are what the other printed numbers allow; `drawn` proposes wrong values; `also` writes
    what a paper with this number would print beside it (the p of a wrong t, say).
    """

    row: Row
    column: str
    ranges: Sequence[Range]
    drawn: Callable[[], float]
    decimals: int
    frame: str = "{}"
    also: Callable[[str], None] | None = None


Write = Callable[[Paper], Slip]
KINDS: dict[str, Write] = {}
COLUMNS_ONLY: set[str] = set()


def planted(write: Write) -> Write:
    """Register a kind of slip whose preconditions stand in columns or in words."""
    KINDS[write.__name__] = write
    return write


def planted_in_columns(write: Write) -> Write:
    """Register a kind of slip whose preconditions only columns can say."""
    COLUMNS_ONLY.add(write.__name__)
    return planted(write)


def box(text: str) -> Range:
    """Return what a printed number can have been rounded from."""
    number = Decimal(text.rpartition("=")[2])
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    return float(number - half), float(number + half)


def reach(formula: Formula, *texts: str | int, wide: float = 0.0) -> Range:
    """Return the range of a formula over the roundings of texts; whole numbers are exact."""
    boxes = [(float(t), float(t)) if isinstance(t, int) else box(t) for t in texts]
    corners = list(product(*[sorted(set(ends)) for ends in boxes]))
    rng = np.random.default_rng(len(corners))
    points = [[rng.uniform(low, high) for low, high in boxes] for _ in range(POINTS)]
    with np.errstate(all="ignore"):
        found = [formula(*point) for point in [*corners, *points]]
    values = [float(value) for value in found if np.isfinite(value)]
    if len(values) < len(found):
        raise Redraw
    room = wide * max(map(abs, values))
    return min(values) - room, max(values) + room


def is_beyond(text: str, ranges: Sequence[Range]) -> bool:
    """Tell whether a printed number lies out of all ranges: by 3 units and by 8 % of the number."""
    low, high = box(text)
    gap = max(3 * (high - low), 0.08 * max(abs(low), abs(high)))
    return all(low - gap > top or high + gap < bottom for bottom, top in ranges)


def slipped(kind: str, name: str, form: str, rng: np.random.Generator) -> Paper:
    """Return a paper with one slip of a kind."""
    for _ in range(2000):
        paper = Paper(name=name, form=form, rng=rng, show=_two_places(rng))
        try:
            slip = KINDS[kind](paper)
        except Redraw:
            continue
        for _ in range(60):
            text = f"{slip.drawn():.{slip.decimals}f}"
            if is_beyond(text, slip.ranges):
                slip.row[slip.column] = slip.frame.format(text)
                if slip.also:
                    slip.also(text)
                return paper
    raise RuntimeError(f"{kind}: no slip could be planted")


def papers_with(kind: str, count: int, rng: np.random.Generator) -> Iterator[Paper]:
    """Return papers with slips of a kind; by turns in columns and in words, where words suffice."""
    for index in range(count):
        form = "columns" if kind in COLUMNS_ONLY else FORMS[index % 2]
        yield slipped(kind, f"slip_{kind}-{index:04d}", form, rng)


def _two_places(rng: np.random.Generator) -> Printer:
    return Printer(int(rng.integers(2, 4)), printer(rng).rounding)


def another_p(paper: Paper, ranges: Sequence[Range]) -> Callable[[], float]:
    """Return draws of a p from the other side of 0.05, or ten times off."""
    middle = float(np.mean(ranges[0]))

    def drawn() -> float:
        if middle > 0.05:
            return float(paper.rng.uniform(0.002, 0.04))
        return float(paper.rng.uniform(0.1, 0.8))

    return drawn


def factor(paper: Paper, value: float, low: float = 1.3, high: float = 3.0) -> Callable[[], float]:
    """Return draws of a number that is too large or too small by a factor."""

    def drawn() -> float:
        by = float(paper.rng.uniform(low, high))
        return value * by if paper.chance(0.5) else value / by

    return drawn


def p_of_t(t: float, df: float) -> float:
    """Two-sided p of a t."""
    return float(2 * stats.t.sf(abs(t), df))


def p_slip(paper: Paper, row: Row, *ranges: Range) -> Slip:
    """Return the slip of a printed p."""
    frame = paper.any_of(("{}", "{}", "p = {}", "P={}"))
    return Slip(
        row=row,
        column="p_value_as_printed",
        ranges=ranges,
        decimals=3,
        drawn=another_p(paper, ranges),
        frame=frame,
    )


def statistic_slip(paper: Paper, row: Row, letter: str, wrong: Range, p: Formula) -> Slip:
    """Return the slip of a statistic, whose printed p is that of the wrong statistic."""
    value = float(row["statistic"].rpartition("=")[2])

    def also(text: str) -> None:
        row["p_value_as_printed"] = f"{p(float(text)):.3f}"

    ranges = (wrong, (-wrong[1], -wrong[0])) if letter in "tz" else (wrong,)
    return Slip(
        row=row,
        column="statistic",
        ranges=ranges,
        drawn=factor(paper, value),
        decimals=2,
        frame=f"{letter}={{}}",
        also=also,
    )


def number(row: Row, column: str) -> str:
    """Return a printed number of a row, without what stands before its equals sign."""
    return row[column].rpartition("=")[2]
