"""Numbers that stand in a record twice: found, said, and counted once.

A row of contrasts is a double where its column `same_as` says so, or where every number that it
prints stands in an earlier row of the same study and outcome (or in a row of a review's table) and
there are at least two of them, or one and the same two arms.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backwalk_stats.ledger.case import Contrast, ReviewRow
from backwalk_stats.ledger.printed import is_number
from backwalk_stats.ledger.vocabulary import arm_words, outcome_words

NUMBERS = ("estimate", "conf_low", "conf_high", "statistic", "p_value")


def counted_once(
    contrasts: Sequence[Contrast], reviews: Sequence[ReviewRow]
) -> tuple[tuple[Contrast, ...], tuple[str, ...]]:
    """Return the comparisons without those that repeat another row, and a note that says so."""
    kept: list[Contrast] = []
    doubles: dict[str, str] = {}
    for one in contrasts:
        first = one.same_as or next(_repeats(one, kept, reviews), "")
        if first:
            doubles[f"{one.line}"] = first
        else:
            kept.append(one)
    if not doubles:
        return tuple(kept), ()
    told = "; ".join(f"line {line} ({first})" for line, first in doubles.items())
    count = len(doubles)
    repeated = "1 row repeats" if count == 1 else f"{count} rows repeat"
    return tuple(kept), (f"contrasts.csv: {repeated} numbers of another, counted once: {told}",)


def _repeats(
    one: Contrast, earlier: Sequence[Contrast], reviews: Sequence[ReviewRow]
) -> Iterator[str]:
    numbers = _numbers(one)
    if "estimate" not in numbers:
        return
    for other in earlier:
        if _same_question(one, other) and _same_numbers(numbers, _numbers(other), one, other):
            yield f"line {other.line}"
    for row in reviews:
        shown = {name: row.printed.get(name, "") for name in ("estimate", "conf_low", "conf_high")}
        if len(numbers) == len(shown) and numbers == shown:
            yield f"{row.file} line {row.line}"


def _numbers(one: Contrast) -> dict[str, str]:
    found = {name: one.printed[name] for name in NUMBERS if name in one.printed}
    return {name: text for name, text in found.items() if is_number(text)}


def _same_question(one: Contrast, other: Contrast) -> bool:
    return (
        one.study.study_id == other.study.study_id
        and one.line != other.line
        and one.kind == other.kind
        and outcome_words(one.outcome) == outcome_words(other.outcome)
    )


def _same_numbers(
    numbers: dict[str, str], earlier: dict[str, str], one: Contrast, other: Contrast
) -> bool:
    same_arms = arm_words(f"{one.arm_a} {one.arm_b}") == arm_words(f"{other.arm_a} {other.arm_b}")
    contained = all(earlier.get(name) == text for name, text in numbers.items())
    return contained and (len(numbers) > 1 or same_arms)
