"""Runs every check that fits a case and turns what it says into rows of the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import nan

import backwalk_stats.ledger.checks as room
from backwalk_stats.errors import NotEstimable
from backwalk_stats.ledger.case import Arm, Contrast, ReviewRow, Study
from backwalk_stats.ledger.check import Check
from backwalk_stats.ledger.judged import as_printed, compared, judged
from backwalk_stats.ledger.kinds import NamedTest, named_test
from backwalk_stats.ledger.place import Place, Row
from backwalk_stats.ledger.verdict import NO_RESULTS, NOT_DERIVABLE, Candidate, Ruling
from backwalk_stats.registry import members


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of the ledger, in the order of their names."""
    return tuple(module.CHECK for module in members(room))


def contrast_findings(contrast: Contrast) -> Iterator[Row]:
    """Yield the ledger rows of one printed comparison."""
    sides = [side for side in (contrast.arm_a, contrast.arm_b) if side]
    place = Place(
        study_id=contrast.study.study_id,
        outcome=contrast.outcome,
        contrast=" v ".join(sides),
        mark=contrast.key.rpartition("-")[2],
        source=f"contrasts.csv line {contrast.line}; {contrast.source}",
    )
    candidates, rulings, problems = _run("contrast", contrast)
    named = named_test(contrast.method)
    printed = {q: t for q, t in contrast.printed.items() if q != "df"}
    if not printed:
        yield _silent(place, contrast, problems)
    for quantity, text in printed.items():
        yield judged(place, contrast, quantity, text, candidates, named, problems)
    yield from (_ruled(place, check, ruling) for check, ruling in rulings)


def review_findings(row: ReviewRow) -> Iterator[Row]:
    """Yield the ledger rows of one study row of a review."""
    place = Place(
        study_id=row.review_id,
        outcome=f"{row.label}, analysis {row.analysis}",
        contrast="experimental v control",
        mark=f"r{row.line}",
        source=f"{row.file} line {row.line}",
    )
    candidates, _, problems = _run("review", row)
    named = NamedTest(keys=frozenset({"cochrane"}))
    for quantity, text in row.printed.items():
        found = [(check, one) for check, one in candidates if one.quantity == quantity]
        printed = as_printed(quantity, text)
        if not found or printed is None:
            reason = "; ".join(problems) or "n, mean and SD are not all printed for this row"
            yield place.row(quantity, reported=text, verdict=NOT_DERIVABLE, reason=reason)
        else:
            yield compared(place, quantity, printed, found, named)


def arm_findings(arm: Arm) -> Iterator[Row]:
    """Yield the ledger rows of one outcome row."""
    cell = arm.cell
    place = Place(
        study_id=cell.study_id,
        outcome=cell.outcome_name,
        contrast=f"{cell.arm}, {cell.timepoint}",
        mark=f"o{cell.line}",
        source=f"outcomes.csv line {cell.line}; {cell.source}",
    )
    _, rulings, _ = _run("arm", arm)
    yield from (_ruled(place, check, ruling) for check, ruling in rulings)


def study_findings(study: Study, *, has_numbers: bool) -> Iterator[Row]:
    """Yield the ledger rows of a study as a whole; one says so where it printed no numbers."""
    place = Place(
        study_id=study.study_id,
        outcome="all",
        contrast="",
        mark=f"s{study.line}",
        source=f"studies.csv line {study.line}",
    )
    _, rulings, _ = _run("study", study)
    yield from (_ruled(place, check, ruling) for check, ruling in rulings)
    if not has_numbers:
        verdict = NO_RESULTS if study.has_no_results else NOT_DERIVABLE
        reason = (
            "a protocol or registry entry: there are no results to recompute"
            if study.has_no_results
            else f"no numbers of its results are in the record ({study.numbers or 'not read'})"
        )
        yield place.row("results", verdict=verdict, reason=reason)


def _run(
    scope: str, case: object
) -> tuple[list[tuple[str, Candidate]], list[tuple[str, Ruling]], list[str]]:
    """Return what the checks of a scope say, and what they could not estimate."""
    candidates: list[tuple[str, Candidate]] = []
    rulings: list[tuple[str, Ruling]] = []
    problems: list[str] = []
    for check in (one for one in all_checks() if one.scope == scope):
        try:
            for said in check.run(case):
                if isinstance(said, Candidate):
                    candidates.append((check.name, said))
                else:
                    rulings.append((check.name, said))
        except NotEstimable as problem:
            problems.append(f"not estimable: {problem}")
    return candidates, rulings, problems


def _silent(place: Place, contrast: Contrast, problems: Sequence[str]) -> Row:
    if contrast.study.has_no_results:
        return place.row("result", verdict=NO_RESULTS, reason="a protocol: no result is printed")
    reason = "only a direction or a label is printed, no number"
    return place.row(
        "direction", reported=contrast.contrast_type, verdict=NOT_DERIVABLE,
        reason="; ".join([reason, *problems]),
    )  # fmt: skip


def _ruled(place: Place, check: str, ruling: Ruling) -> Row:
    return place.row(
        ruling.quantity,
        suffix=check,
        reported=ruling.reported,
        recomputed=nan if ruling.value is None else ruling.value,
        recomputed_low=nan if ruling.interval is None else ruling.interval.low,
        recomputed_high=nan if ruling.interval is None else ruling.interval.high,
        check=check,
        verdict=ruling.verdict,
        reason=ruling.reason,
        inputs=ruling.inputs,
        formula=ruling.formula,
    )
