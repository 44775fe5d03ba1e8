"""What a check looks at: one printed row, with the rows of the record that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any, Literal

from backwalk_stats.engine.summary.intervals import sd_from_interval
from backwalk_stats.ledger.preconditions import Need
from backwalk_stats.ledger.reading.printed import Interval, rounding_interval, value_of
from backwalk_stats.ledger.reading.readings import (
    NOTHING_READ,
    NOTHING_READ_OF_SCORES,
    Readings,
    Scores,
)
from backwalk_stats.ledger.verdict import Candidate, Ruling

Scope = Literal["contrast", "arm", "study", "review"]
Row = dict[str, object]
USUAL_INTERVAL = 0.95
_COUNTS = ("event", "events", "count", "counts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One row of the outcome table: an arm, an outcome, a time point; numbers as printed."""

    study_id: str
    arm: str
    outcome: str
    instrument: str
    unit: str
    scale_min: str
    scale_max: str
    timepoint: str
    n: int | None
    mean: str
    sd: str
    ci_low: str = ""
    ci_high: str = ""
    items: str = ""
    direction: str = ""
    confidence: str = ""
    source: str = ""
    note: str = ""
    line: int = 0
    derived: str = ""
    origin: str = "paper"
    se: str = ""
    median: str = ""
    q1: str = ""
    q3: str = ""
    minimum: str = ""
    maximum: str = ""
    ci_level: str = ""
    score_step: str = ""
    read: Scores = NOTHING_READ_OF_SCORES

    @property
    def has_spread(self) -> bool:
        """Tell whether n, a mean, and an SD, a standard error or an interval were printed.

        Means that a model adjusted have a standard error of their own, which gives no SD of scores;
        medians and geometric means that stand in their place have none.
        """
        spread = self.sd or ((self.se or self.ci_low) and not self.read.adjusted)
        plain = not self.read.elsewhere
        return bool(plain and self.n and self.n > 1 and self.mean and spread)

    @property
    def is_count(self) -> bool:
        """Tell whether the row prints how many of its people had an event."""
        says = self.unit.strip().lower() in _COUNTS or self.instrument.strip().lower() in _COUNTS
        return bool(says and self.mean.isdigit() and self.n and int(self.mean) <= self.n)

    @property
    def was_printed(self) -> bool:
        """Tell whether the row was read in a source, and is not somebody's algebra on others."""
        return not self.confidence.startswith("derived") and not self.derived

    @property
    def outcome_name(self) -> str:
        """Return the outcome with its instrument, each said once."""
        outcome, instrument = self.outcome.lower(), self.instrument.lower()
        if not instrument or instrument in outcome:
            return self.outcome
        return self.instrument if outcome in instrument else f"{self.outcome} ({self.instrument})"

    @property
    def mean_interval(self) -> Interval:
        """Return what the mean can have been."""
        return rounding_interval(self.mean)

    @property
    def sd_interval(self) -> Interval:
        """Return what the SD can have been; without one from SE or interval of the mean."""
        if self.sd or self.se:
            printed = rounding_interval(self.sd or self.se)
            factor = 1.0 if self.sd else sqrt(self.n or 0)
            return Interval(max(printed.low, 0.0) * factor, printed.high * factor)
        low, high = rounding_interval(self.ci_low), rounding_interval(self.ci_high)
        narrow, wide = (max(high.low - low.high, 0.0), high.high - low.low)
        ends = [float(self._sd_of_width(w)) for w in (narrow, wide)]
        return Interval(ends[0], ends[1])

    @property
    def sd_value(self) -> float:
        """Return the SD as printed, or the one that SE or interval of the mean imply."""
        if self.sd:
            return value_of(self.sd)
        if self.se:
            return value_of(self.se) * sqrt(self.n or 0)
        return self._sd_of_width(value_of(self.ci_high) - value_of(self.ci_low))

    @property
    def spread_is_a_guess(self) -> bool:
        """Tell whether the only spread is an interval whose level was not read."""
        return bool(self.ci_low and not (self.sd or self.se or self.read.level))

    def _sd_of_width(self, width: float) -> float:
        level = value_of(self.read.level) / 100 if self.read.level else USUAL_INTERVAL
        return float(sd_from_interval(n=self.n or 0, low=0.0, high=width, level=level))

    @property
    def mean_value(self) -> float:
        """Return the mean as printed."""
        return value_of(self.mean)

    def described_as_count(self) -> str:
        """Return the row in a line, where the mean is the number of people with an event."""
        return f"{self.arm}: {self.mean} of {self.n} (outcomes.csv line {self.line})"

    def described(self) -> str:
        """Return the row in a line, for the reader who follows a number to its source."""
        spread = f"SD {self.sd}" if self.sd else f"SE {self.se}" if self.se else ""
        level = f"{self.read.level or 95}% CI"
        spread = spread or (f"{level} {self.ci_low} to {self.ci_high}" if self.ci_low else "no SD")
        where = f"outcomes.csv line {self.line}" if not self.derived else self.derived
        size = self.n if self.n is not None else "not printed"
        return f"{self.arm}: mean {self.mean or 'not printed'}, {spread}, n {size} ({where})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Study:
    """What the record says of a study as a whole."""

    study_id: str
    label: str
    design: str = ""
    arms: tuple[str, ...] = ()
    arm_sizes: tuple[int, ...] = ()
    n_total: int | None = None
    n_text: str = ""
    numbers: str = ""
    note: str = ""
    line: int = 0
    analysis: str = ""
    full_text: str = ""
    read: str = ""

    @property
    def has_no_results(self) -> bool:
        """Tell whether the study is a protocol or a registry entry: nothing to recompute."""
        text = f"{self.design} {self.numbers}".lower()
        return any(word in text for word in ("protocol", "registered", "registry", "no results"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A meta-analysis of rows of the record, with the interval that their rounding allows."""

    outcome: str
    k: int
    method: str
    values: dict[str, float]
    intervals: dict[str, Interval]
    described: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """One printed comparison, one outcome, with the cells that it was computed from.

    Attributes
    ----------
    printed : dict
        Quantity ("estimate", "conf_low", "conf_high", "statistic", "df", "p_value") to text.
    first, second : tuple of Cell
        Alternatives for the two sides at follow-up, paired by position: more than one where a
        source determines the arms only up to a choice.
    before_first, before_second : Cell or None
        The same arms before treatment.
    others : tuple of tuple of Cell
        For each alternative, the other arms of the study at the same time point.
    has_rows : bool
        Whether any row of the study prints the outcome.
    missing : str
        Why no inputs were found; "" when they were.
    remark : str
        What the reader must know about the inputs that were used.
    about_change : bool
        Whether the comparison is of changes and not of scores at one visit.
    origin : str
        Who printed the row: "paper", "review", "collector", "derived".
    same_as : str
        The row that already holds these numbers; "" when there is none.
    read : Readings
        What was read of how the numbers were computed.
    cells : tuple of Cell
        Every outcome row of the study.
    siblings : tuple of Contrast
        The other comparisons of the study.
    """

    study: Study
    outcome: str
    arm_a: str
    arm_b: str
    kind: str
    contrast_type: str
    method: str
    printed: dict[str, str]
    source: str
    line: int
    model: str = ""
    first: tuple[Cell, ...] = ()
    second: tuple[Cell, ...] = ()
    before_first: Cell | None = None
    before_second: Cell | None = None
    change_first: Cell | None = None
    change_second: Cell | None = None
    others: tuple[tuple[Cell, ...], ...] = ()
    has_rows: bool = False
    missing: str = ""
    remark: str = ""
    about_change: bool = False
    pools: tuple[Pool, ...] = ()
    origin: str = "paper"
    same_as: str = ""
    note: str = ""
    read: Readings = NOTHING_READ
    cells: tuple[Cell, ...] = ()
    siblings: tuple[Contrast, ...] = ()

    @property
    def derived(self) -> bool:
        """Tell whether the inputs were recovered by algebra, not printed."""
        return any(cell.derived for cell in self.first + self.second)

    @property
    def key(self) -> str:
        """Return the beginning of the ids of all findings of this row of the contrast table."""
        return f"{self.study.study_id}-c{self.line}"

    @property
    def before_and_after(self) -> tuple[tuple[Cell, Cell], tuple[Cell, Cell]] | None:
        """Return the two arms before and after treatment where all four rows print a spread.

        None as well where somebody was lost between the visits: six numbers of other people
        determine no paired test.
        """
        if self.before_first is None or self.before_second is None or not self.first:
            return None
        before, after = (self.before_first, self.before_second), (self.first[0], self.second[0])
        whole = all(cell.has_spread for cell in before + after)
        same_people = all(x.n == y.n for x, y in zip(before, after, strict=True))
        return (before, after) if whole and same_people else None

    @property
    def changes(self) -> tuple[Cell, Cell] | None:
        """Return the two arms' changes where both rows print a spread."""
        if self.change_first is None or self.change_second is None:
            return None
        whole = self.change_first.has_spread and self.change_second.has_spread
        return (self.change_first, self.change_second) if whole else None

    @property
    def closer_test_exists(self) -> bool:
        """Tell whether change is meant and more than follow-up scores was printed about it."""
        closer = self.changes is not None or self.before_and_after is not None
        return self.about_change and closer


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One outcome row and its neighbours: the same study, arm and outcome at other times."""

    study: Study
    cell: Cell
    siblings: tuple[Cell, ...]
    derived_arms: tuple[Cell, ...] = ()

    @property
    def read(self) -> Scores:
        """Return what was read of how the scores were formed."""
        return self.cell.read


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewRow:
    """One study row of a review's analysis, with the whole analysis for its weight."""

    review_id: str
    label: str
    analysis: str
    subgroup: str
    first: Cell
    second: Cell
    printed: dict[str, str]
    group: tuple[tuple[Cell, Cell], ...]
    position: int
    file: str
    line: int


# What every ledger check is: a name, a formula, a reference, and a function.


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One way to recompute a printed number, or to see that printed numbers clash.

    Attributes
    ----------
    name : str
        As it stands in the ledger's column `check`.
    title : str
        In words.
    formula : str
        Plain text.
    reference : str
        Where the formula is published.
    scope : str
        What `run` takes: a `Contrast`, an `Arm`, a `Study`, or a `ReviewRow`.
    needs : tuple of Need
        What must have been read before a number may be failed.
    run : callable
        Returns candidates (recomputations to be judged against what was printed) and rulings
        (verdicts of its own); nothing when the check does not apply.
    """

    name: str
    title: str
    formula: str
    reference: str
    scope: Scope
    run: Callable[[Any], Iterable[Candidate | Ruling]]
    needs: tuple[Need, ...] = ()


# Where a finding stands: the first columns of its ledger row, its id and its source.


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a finding stands: the first columns of its row, and its source."""

    study_id: str
    outcome: str
    contrast: str
    mark: str
    source: str
    origin: str = "paper"

    def row(self, quantity: str, *, suffix: str = "", **columns: object) -> Row:
        """Return a row of the ledger; columns not given stay empty."""
        parts = (self.study_id, self.mark, slug(self.outcome), slug(quantity), suffix)
        empty: Row = {
            "reported": "",
            "recomputed": nan,
            "recomputed_low": nan,
            "recomputed_high": nan,
            "check": "",
            "inputs": "",
            "formula": "",
        }
        return {
            **empty,
            "study_id": self.study_id,
            "finding_id": "-".join(part for part in parts if part),
            "outcome": self.outcome,
            "contrast": self.contrast,
            "quantity": quantity,
            "origin": self.origin,
            "source": self.source,
            **columns,
        }


def slug(text: str) -> str:
    """Return a text as an identifier: lower-case letters, digits and underscores.

    >>> slug("NRS week 6")
    'nrs_week_6'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]


def numbered(rows: Iterable[Row]) -> list[Row]:
    """Return the rows with finding ids that are all different."""
    seen: dict[str, int] = {}
    out = []
    for row in rows:
        name = str(row["finding_id"])
        seen[name] = seen.get(name, 0) + 1
        out.append(row if seen[name] == 1 else {**row, "finding_id": f"{name}-{seen[name]}"})
    return out
