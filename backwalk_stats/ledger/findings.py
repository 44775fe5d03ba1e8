"""One row of the ledger for each printed number: every check that fits, and what they say together.

Several checks can speak of one number. The row then takes the first of: a failure, a reproduction,
a number that is compatible, and names every check that had something to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import nan

import backwalk_stats.ledger.checks as room
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Arm, Cell, Check, Contrast, Place, ReviewRow, Row, Study
from backwalk_stats.ledger.judged import as_printed, compared, judged
from backwalk_stats.ledger.preconditions import prepared, tempered, weighed
from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.readings import NOTHING_READ, Readings, Scores
from backwalk_stats.ledger.reading.synonyms import blanked, not_understood
from backwalk_stats.ledger.reading.vocabulary import visits_in, words
from backwalk_stats.ledger.verdict import (
    COMPATIBLE,
    FAILURES,
    NO_RESULTS,
    NOT_DERIVABLE,
    REPRODUCED,
    Candidate,
    Ruling,
)
from backwalk_stats.registry import members

STRONGEST = (*FAILURES, REPRODUCED, COMPATIBLE, NO_RESULTS, NOT_DERIVABLE)
# The printed numbers of an arm, and the columns that hold them.
OF_AN_ARM = {
    "mean": "mean",
    "sd": "sd",
    "se": "se",
    "ci_low": "conf_low",
    "ci_high": "conf_high",
    "median": "median",
    "q1": "q1",
    "q3": "q3",
    "minimum": "minimum",
    "maximum": "maximum",
}
NOTHING_BESIDE = "no number printed beside it determines it"
NO_DEGREES = "the degrees of freedom follow from the test and its model, which are not both read"


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What the checks of a case say: recomputations and rulings, each with its check, and problems.

    Attributes
    ----------
    candidates : tuple of (str, Candidate)
        Recomputations that are still to be held against what was printed.
    rulings : tuple of (str, Ruling)
        Verdicts of the checks' own.
    problems : tuple of (str, str)
        What could not be estimated, or does not apply, and why, with its quantity ("" for all).
    """

    candidates: tuple[tuple[str, Candidate], ...]
    rulings: tuple[tuple[str, Ruling], ...]
    problems: tuple[tuple[str, str], ...]

    def why(self, quantity: str) -> tuple[str, ...]:
        """Return why checks say nothing of a quantity."""
        return tuple(reason for of, reason in self.problems if of in ("", quantity))

    def on(self, quantity: str) -> list[tuple[str, Ruling]]:
        """Return the rulings on one printed quantity."""
        return [(check, one) for check, one in self.rulings if one.quantity == quantity]


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of the ledger, in the order of their names."""
    return tuple(module.CHECK for module in members(room))


def what_checks_say(
    scope: str,
    case: Contrast | Arm | Study | ReviewRow,
    *,
    read: Readings | Scores = NOTHING_READ,
    strange: str = "",
) -> Said:
    """Return what the checks of a scope say of a case, as strong as what was read allows.

    `read` is what was read of how its numbers were made, `strange` what was not understood.
    """
    candidates: list[tuple[str, Candidate]] = []
    rulings: list[tuple[str, Ruling]] = []
    problems: list[tuple[str, str]] = []
    for check in (one for one in all_checks() if one.scope == scope):
        try:
            for said in check.run(case):
                found = replace(weighed(check.needs, read, said.quantity), strange=strange)
                if found.other:
                    reason = f"{check.title}: does not apply ({found.other})"
                    problems.append((said.quantity, reason))
                elif isinstance(said, Candidate):
                    ready = prepared(said, check.needs, read, found)
                    candidates += [(check.name, one) for one in ready]
                else:
                    rulings.append((check.name, tempered(said, found)))
        except NotEstimable as problem:
            problems.append(("", f"not estimable: {problem}"))
    return Said(
        candidates=tuple(candidates),
        rulings=tuple(rulings),
        problems=tuple(dict.fromkeys(problems)),
    )


def not_read_of(contrast: Contrast) -> str:
    """Return what was not understood about a comparison, and what its arms leave open."""
    parts = [_not_understood(contrast)]
    used = (*contrast.first, *contrast.second)
    if any(cell.read.adjusted or cell.read.imputed for cell in used):
        parts.append("the scores of the arms are adjusted or filled in")
    if visits := other_visits(contrast):
        parts.append(f"not read: whether the rows are of {', '.join(visits)}")
    if any(cell.spread_is_a_guess for cell in used):
        parts.append("not read: the level of the intervals of the arms")
    return "; ".join(part for part in parts if part)


def _not_understood(case: Contrast | Arm) -> str:
    strange = strange_words(case)
    some = ", ".join(f"'{word}'" for word in strange[:3])
    return f"not understood: {some}{' and more' if len(strange) > 3 else ''}" if strange else ""


def strange_words(case: Contrast | Arm) -> tuple[str, ...]:
    """Return the words about a case that were not understood, the names of its parts left out."""
    study = case.study
    texts = [blanked("kept", study.analysis)]
    if isinstance(case, Contrast):
        texts += [case.contrast_type, case.method, case.model, case.note]
        names = f"{case.arm_a} {case.arm_b} {case.outcome} {' '.join(study.arms)}"
        notes = [cell.note for cell in cells_behind(case)]
    else:
        names = f"{case.cell.arm} {case.cell.outcome} {case.cell.instrument} {' '.join(study.arms)}"
        notes = [case.cell.note]
    own = set(words(names))
    found = [*not_understood(study.design, of_design=True)]
    found += [word for text in texts for word in not_understood(text)]
    found += [word for note in notes for word in not_understood(note, of_scores=True)]
    return tuple(word for word in dict.fromkeys(found) if word not in own)


def other_visits(contrast: Contrast) -> tuple[str, ...]:
    """Return the visits that the words of a comparison name and its rows are not of."""
    cells = cells_behind(contrast)
    said = f"{contrast.contrast_type} ; {contrast.method} ; {contrast.note}"
    known = {visit for cell in cells for visit in visits_in(cell.timepoint)}
    return tuple(visit for visit in visits_in(said) if visit not in known) if cells else ()


def cells_behind(contrast: Contrast) -> list[Cell]:
    """Return every outcome row that a comparison was linked to."""
    others = (cell for group in contrast.others for cell in group)
    before = (contrast.before_first, contrast.before_second)
    beside = (*before, contrast.change_first, contrast.change_second)
    linked = (*contrast.first, *contrast.second, *others, *beside)
    return [cell for cell in linked if cell is not None]


def contrast_findings(contrast: Contrast) -> Iterator[Row]:
    """Yield the ledger rows of one printed comparison, one for each number that it prints."""
    sides = [side for side in (contrast.arm_a, contrast.arm_b) if side]
    place = Place(
        study_id=contrast.study.study_id,
        outcome=contrast.outcome,
        contrast=" v ".join(sides),
        mark=contrast.key.rpartition("-")[2],
        source=f"contrasts.csv line {contrast.line}; {contrast.source}",
        origin=contrast.origin,
    )
    strange = not_read_of(contrast)
    said = what_checks_say("contrast", contrast, read=contrast.read, strange=strange)
    if not contrast.printed:
        yield _silent(place, contrast, said.why(""))
    for quantity, text in contrast.printed.items():
        if quantity == "df":
            own = place.row("df", reported=text, verdict=NOT_DERIVABLE, reason=NO_DEGREES)
        else:
            own = judged(place, contrast, quantity, text, said.candidates, said.why(quantity))
        yield together([own, *_ruled(place, said.on(quantity))])
    yield from _unprinted(place, said, contrast.printed)


def review_findings(row: ReviewRow) -> Iterator[Row]:
    """Yield the ledger rows of one study row of a review."""
    place = Place(
        study_id=row.review_id,
        outcome=f"{row.label}, analysis {row.analysis}",
        contrast="experimental v control",
        mark=f"r{row.line}",
        source=f"{row.file} line {row.line}",
        origin="review",
    )
    said = what_checks_say("review", row)
    named = NamedTest(keys=frozenset({"cochrane"}))
    for quantity, text in row.printed.items():
        found = [(check, one) for check, one in said.candidates if one.quantity == quantity]
        printed = as_printed(quantity, text)
        if not found or printed is None:
            reason = (
                "; ".join(said.why(quantity)) or "n, mean and SD are not all printed for this row"
            )
            yield place.row(quantity, reported=text, verdict=NOT_DERIVABLE, reason=reason)
        else:
            yield compared(place, quantity, printed, found, named)


def arm_findings(arm: Arm) -> Iterator[Row]:
    """Yield the ledger rows of one outcome row, one for each number that it prints."""
    cell = arm.cell
    place = Place(
        study_id=cell.study_id,
        outcome=cell.outcome_name,
        contrast=f"{cell.arm}, {cell.timepoint}",
        mark=f"o{cell.line}",
        source=f"outcomes.csv line {cell.line}; {cell.source}",
        origin=cell.origin,
    )
    said = what_checks_say("arm", arm, read=cell.read, strange=_not_understood(arm))
    printed = printed_of(cell)
    for quantity, text in printed.items():
        own = place.row(quantity, reported=text, verdict=NOT_DERIVABLE, reason=NOTHING_BESIDE)
        yield together([own, *_ruled(place, said.on(quantity))])
    yield from _unprinted(place, said, printed)


def printed_of(cell: Cell) -> dict[str, str]:
    """Return the numbers that a row of outcomes prints, by quantity."""
    texts = {quantity: getattr(cell, column) for column, quantity in OF_AN_ARM.items()}
    return {quantity: text for quantity, text in texts.items() if text}


def study_findings(study: Study, *, has_numbers: bool) -> Iterator[Row]:
    """Yield the ledger rows of a study as a whole; one says so where it printed no numbers."""
    place = Place(
        study_id=study.study_id,
        outcome="all",
        contrast="",
        mark=f"s{study.line}",
        source=f"studies.csv line {study.line}",
    )
    said = what_checks_say("study", study)
    yield from _unprinted(place, said, {})
    if not has_numbers:
        verdict = NO_RESULTS if study.has_no_results else NOT_DERIVABLE
        reason = (
            "a protocol or registry entry: there are no results to recompute"
            if study.has_no_results
            else f"no numbers of its results are in the record ({study.numbers or 'not read'})"
        )
        yield place.row("results", verdict=verdict, reason=reason)


def together(rows: Sequence[Row]) -> Row:
    """Return the one row of a printed number from all that was said of it."""
    spoken = [row for row in rows if row["check"]]
    if not spoken:
        return rows[0]
    strongest = min(spoken, key=lambda row: STRONGEST.index(str(row["verdict"])))
    if any(row.get("caution") for row in spoken) and strongest["verdict"] == REPRODUCED:
        strongest = {**strongest, "verdict": COMPATIBLE}
    others = [row for row in spoken if _adds_to(strongest, row)]
    reasons = dict.fromkeys(str(row["reason"]) for row in (strongest, *others) if row["reason"])
    checks = dict.fromkeys(str(row["check"]) for row in (strongest, *others))
    row = {**strongest, "check": "; ".join(checks), "reason": "; ".join(reasons)}
    row.pop("caution", None)
    return row


def _adds_to(strongest: Row, row: Row) -> bool:
    """Tell whether a row says more of a number than the strongest row does."""
    same = row["verdict"] == strongest["verdict"] or row["verdict"] in FAILURES
    return row["check"] != strongest["check"] and bool(same or row.get("caution"))


def _silent(place: Place, contrast: Contrast, problems: Sequence[str]) -> Row:
    if contrast.study.has_no_results:
        return place.row("result", verdict=NO_RESULTS, reason="a protocol: no result is printed")
    reason = "; ".join(["only a direction or a label is printed, no number", *problems])
    reported = contrast.contrast_type
    return place.row("direction", reported=reported, verdict=NOT_DERIVABLE, reason=reason)


def _unprinted(place: Place, said: Said, printed: dict[str, str]) -> Iterator[Row]:
    """Yield a row for each quantity that checks rule on and that stands in no cell of its own."""
    for quantity in dict.fromkeys(one.quantity for _, one in said.rulings):
        if quantity not in printed:
            yield together(_ruled(place, said.on(quantity)))


def _ruled(place: Place, rulings: Sequence[tuple[str, Ruling]]) -> list[Row]:
    return [
        place.row(
            ruling.quantity,
            reported=ruling.reported,
            recomputed=nan if ruling.value is None else ruling.value,
            recomputed_low=nan if ruling.interval is None else ruling.interval.low,
            recomputed_high=nan if ruling.interval is None else ruling.interval.high,
            check=check,
            verdict=ruling.verdict,
            reason=ruling.reason,
            inputs=ruling.inputs,
            formula=ruling.formula,
            caution=ruling.caution,
        )
        for check, ruling in rulings
    ]
