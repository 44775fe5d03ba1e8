"""One invented paper: numbers are computed, kept unrounded, then printed as papers print them.

A paper comes in one of two forms. `columns`: the columns that say how a number was computed are
filled. `words`: they are empty, and only labels, methods, notes and designs say it, in one of many
spellings and places. Nothing here knows how the ledger reads or checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.ledger.printing import Printer, Row, printed_p, printer

FORMS = ("columns", "words")
NEW_OF_STUDIES = ("design_analysis",)
NEW_OF_OUTCOMES = (
    "se",
    "median",
    "q1",
    "q3",
    "minimum",
    "maximum",
    "ci_level",
    "score_step",
    "items",
)
NEW_OF_CONTRASTS = (
    "ci_level",
    "sided",
    "scale",
    "null",
    "model",
    "k",
    "i2",
    "q",
    "tau2",
    "p_role",
    "se",
)
PAIRS = (
    ("backward", "forward"),
    ("backward", "forward"),
    ("backward walking", "forward walking"),
    ("retro walking", "control"),
    ("BW", "FW"),
    ("experimental", "control"),
)
PLACES = ("contrast_type", "method", "note", "note", "method", "design_analysis")
Told = tuple[str, Sequence[str]]
# Texts and numbers; Any, for a mapping that is unpacked could fill any argument of `compared`.
Cells = dict[str, Any]


class Redraw(Exception):
    """The draw has no spread, no event or no convergence; another one is taken."""


@dataclass(kw_only=True)
class Paper:
    """A paper that is being written: a study, the rows of its tables, and what was true."""

    name: str
    form: str
    rng: np.random.Generator
    show: Printer
    study: Row = field(default_factory=dict)
    outcomes: list[Row] = field(default_factory=list)
    contrasts: list[Row] = field(default_factory=list)
    truth: list[dict[str, float]] = field(default_factory=list)
    plain: bool = True
    places: tuple[str, ...] = PLACES

    def any_of(self, options: Sequence[str]) -> str:
        """Return one of several spellings."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """Return True in so many draws of one."""
        return bool(self.rng.random() < share)

    def designed(self, design: str, arms: Mapping[str, int], analysis: str = "") -> None:
        """Write the row of the study; sizes stand with the arms in half of the papers."""
        sized = self.chance(0.5)
        listed = [f"{arm} (n={size})" if sized else arm for arm, size in arms.items()]
        self.study = {
            "study_id": self.name,
            "citation": f"Invented {self.name}",
            "design": design,
            "arms": "; ".join(listed),
            "n_randomised": str(sum(arms.values())),
        }
        if analysis and self.form == "columns":
            self.study["design_analysis"] = analysis

    def two_arms(self, low: int = 10, high: int = 45, design: str = "2-arm RCT") -> _Pair:
        """Draw two arms and their sizes, and write the row of the table of studies."""
        names = PAIRS[int(self.rng.integers(len(PAIRS)))]
        sizes = [int(size) for size in self.rng.integers(low, high, size=2)]
        self.designed(design, dict(zip(names, sizes, strict=True)))
        return names, sizes

    def arm(
        self, arm: str, scores: np.ndarray | None = None, /, **cells: str | float | int
    ) -> None:
        """Write a row of an arm: mean and SD of its scores unless the cells say otherwise."""
        described: Row = {
            "study_id": self.name,
            "arm": arm,
            "timepoint": "week 6",
            "source_location": "Table 2",
            "confidence": "verbatim-primary",
        }
        numbers: dict[str, str | float | int] = {}
        if scores is not None:
            numbers = {"n": len(scores), "mean": scores.mean(), "sd": scores.std(ddof=1)}
        row = described | self._printed({**numbers, **cells}, NEW_OF_OUTCOMES)
        self.outcomes.append(row)

    def age(self, n: int) -> None:
        """Write a row of everybody's age, which nothing else rests on."""
        years = self.rng.normal(58, 8, n)
        self.arm(
            "all",
            n=n,
            outcome="age",
            unit="years",
            timepoint="baseline",
            mean=self.show(years.mean(), 1),
            sd=self.show(years.std(ddof=1), 1),
        )

    def compared(
        self,
        kind: str,
        *,
        p: float | str = "",
        columns: Mapping[str, Told] | None = None,
        said: Sequence[Sequence[str]] = (),
        **cells: str | float | int,
    ) -> None:
        """Write a row of a comparison.

        `columns` are what the columns say, each with its spellings, of which one is told in the
        form `words` and in half of the other; of `said` one each is told in every paper.
        """
        columns = columns or {}
        printed_as = p if isinstance(p, str) else printed_p(p, self.show, self.rng)
        row: Row = {"study_id": self.name, "contrast_type": kind, "source_location": "Table 2"}
        row |= {name: value for name, (value, _) in columns.items() if self.form == "columns"}
        row |= self._styled(self._printed(cells, NEW_OF_CONTRASTS))
        row["p_value_as_printed"] = printed_as
        numbers = {name: float(v) for name, v in cells.items() if not isinstance(v, str)}
        if not isinstance(p, str):
            numbers["p_value"] = p
        self.truth.append(numbers)
        for _, spellings in columns.values():
            if spellings and (self.form == "words" or self.chance(0.5)):
                self._tell(row, self.any_of(spellings))
        for spellings in said:
            self._tell(row, self.any_of(spellings))
        self.contrasts.append(row)

    def _tell(self, row: Row, phrase: str) -> None:
        place = self.any_of(self.places)
        if place == "contrast_type":
            row[place] = self.any_of((f"{row[place]} ({phrase})", f"{row[place]}, {phrase}"))
            return
        cells = self.study if place == "design_analysis" else row
        before = cells.get(place, "")
        joined = self.any_of(("{}; {}", "{}, {}")).format(before, phrase)
        cells[place] = joined if before else phrase

    def _styled(self, row: Row) -> Row:
        """Write statistic, df and minus signs in one of the usual ways; plainly for slips."""
        if self.plain:
            return row
        if self.chance(0.1):
            signed = [name for name in ("estimate", "ci_low", "ci_high") if name in row]
            row |= {name: row[name].replace("-", "\N{MINUS SIGN}") for name in signed}
        letter, equals, value = row.get("statistic", "").partition("=")
        if not equals:
            return row
        if row.get("df") and letter in ("t", "F") and self.chance(0.2):
            df = row["df"] if self.chance(0.5) else row.pop("df")
            return row | {"statistic": f"{letter}({df})={value}"}
        return row | {"statistic": f"{letter} = {value}"} if self.chance(0.3) else row

    def _printed(self, cells: Mapping[str, str | float | int], new: Sequence[str]) -> Row:
        """Print the numbers of a row; new columns stay empty in the form `words`."""
        row = {}
        for name, value in cells.items():
            if name in new and self.form == "words":
                continue
            whole = isinstance(value, int | np.integer)
            row[name] = (
                value
                if isinstance(value, str)
                else (str(value) if whole else self.show(float(value)))
            )
        return row


_Pair = tuple[tuple[str, str], list[int]]
Write = Callable[[Paper], None]
DESIGNS: dict[str, Write] = {}


def honest(write: Write) -> Write:
    """Register a design under the name of its function."""
    DESIGNS[write.__name__] = write
    return write


def paper_of(design: str, name: str, form: str, rng: np.random.Generator) -> Paper:
    """Return one paper of a design; draws that cannot be printed are taken again."""
    for _ in range(1000):
        paper = Paper(name=name, form=form, rng=rng, show=printer(rng), plain=False)
        try:
            DESIGNS[design](paper)
        except Redraw:
            continue
        return paper
    raise RuntimeError(f"{design}: no draw could be printed")


def papers_of(design: str, count: int, rng: np.random.Generator) -> Iterator[Paper]:
    """Return so many papers of a design, forms by turns."""
    for index in range(count):
        yield paper_of(design, f"{design}-{index:04d}", FORMS[index % 2], rng)
