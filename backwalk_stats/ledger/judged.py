"""Holds a printed quantity against its recomputations and writes the ledger row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backwalk_stats.ledger.case import Cell, Contrast, Place, Row
from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.printed import (
    any_meets,
    first_number,
    holds_several_p,
    is_number,
    parse_p,
    parse_statistic,
    rounding_interval,
    unit_of,
)
from backwalk_stats.ledger.verdict import (
    NOT_DERIVABLE,
    Candidate,
    Printed,
    judge,
)

Found = tuple[str, Candidate]
# Statistics that a test of arms gives; a printed r, H or U is none of them.
COMPARED = ("t", "F", "z", "chi2", "Q")
MIRROR = {
    "estimate": "estimate",
    "statistic": "statistic",
    "conf_low": "conf_high",
    "conf_high": "conf_low",
}
# Tests that read the printed statistic or interval itself, whatever the test was.
_FROM_PRINTED = ("statistic", "interval", "two_visit_model")
# Tests of two arms or two visits that another test, by ranks or adjusted, could stand in for.
_ONE_OF_MANY = frozenset(
    {"pooled_t", "welch_t", "paired_t", "lsd", "bonferroni", "tukey", "two_visit_model"}
    | {"risk_ratio", "risk_difference", "fisher", "chi_square", "yates"}
)
_WHICH_P = "several p are printed, and which of them is of this test is not said"
_NO_TEST_NAMED = "the source names no test, and another (by ranks, or adjusted) gives another p"


def judged(
    place: Place,
    contrast: Contrast,
    quantity: str,
    text: str,
    candidates: Sequence[Found],
    problems: Sequence[str],
) -> Row:
    """Return the ledger row of one printed quantity of a comparison.

    `candidates` are its recomputations, each with its check; `problems` are what could not be
    estimated, and why.
    """
    named = contrast.read.test
    printed = as_printed(quantity, text)
    found = [(check, one) for check, one in candidates if one.quantity == quantity]
    if named.other and quantity in ("p_value", "statistic"):
        found = [(c, one) for c, one in found if one.indirect or one.test in _FROM_PRINTED]
    # The method of a pool names the software or the review, not a test of two arms.
    of_arms = named.is_named and contrast.kind != "pooled"
    if of_arms and quantity in ("p_value", "statistic", "conf_low", "conf_high", "estimate"):
        meant = [(c, one) for c, one in found if one.test in {*named.keys, *_FROM_PRINTED}]
        found = meant or _undetermined(found, named)
    if printed is None:
        reason = "no number that can be compared was printed"
        return place.row(quantity, reported=text, verdict=NOT_DERIVABLE, reason=reason)
    if not found:
        reason = "; ".join(problems) or why_not(contrast, named)
        return place.row(quantity, reported=text, verdict=NOT_DERIVABLE, reason=reason)
    found = _with_mirror(quantity, printed, found, candidates)
    if quantity == "p_value" and holds_several_p(text):
        found = [(check, replace(one, unsaid=_WHICH_P)) for check, one in found]
    if not named.is_named and not named.other and quantity in ("p_value", "statistic"):
        found = [(check, _unnamed(one)) for check, one in found]
    return compared(place, quantity, printed, found, named)


def _unnamed(one: Candidate) -> Candidate:
    """Mark a recomputation by a test that the source need not have used."""
    if one.test not in _ONE_OF_MANY or one.unsaid:
        return one
    return replace(one, unsaid=_NO_TEST_NAMED)


def _undetermined(found: Sequence[Found], named: NamedTest) -> list[Found]:
    """Keep no recomputation by another test than the one that the source names.

    A plain difference of means is the estimate of every unadjusted test; an adjusted one is not.
    """
    adjusted = {"ancova", "two_visit_model"} & named.keys
    return [] if adjusted else [(c, one) for c, one in found if one.quantity == "estimate"]


def _with_mirror(
    quantity: str,
    printed: Printed,
    found: list[Found],
    candidates: Sequence[Found],
) -> list[Found]:
    """Turn the sides round where only that agrees: papers subtract either way."""
    if quantity not in MIRROR or all(
        any_meets(printed.intervals, one.interval) for _, one in found
    ):
        return found
    turned = [
        (check, one.mirrored(quantity))
        for check, one in candidates
        if one.quantity == MIRROR[quantity]
    ]
    agree = [(c, one) for c, one in turned if any_meets(printed.intervals, one.interval)]
    return [*found, *agree]


def as_printed(quantity: str, text: str) -> Printed | None:
    """Return a printed text as intervals; None when it holds no number to compare."""
    if quantity == "p_value":
        p = parse_p(text)
        if p is None:
            return None
        number = first_number(text)
        unit = unit_of(number) if number and not p.is_bound else 0.0
        return Printed(text=text, intervals=p.intervals, unit=unit, is_bound=p.is_bound)
    if quantity == "statistic" and not is_number(text):
        statistic = parse_statistic(text, "")
        text_of = statistic.text if statistic and statistic.family in COMPARED else ""
    else:
        text_of = text
    if not is_number(text_of):
        return None
    return Printed(text=text, intervals=(rounding_interval(text_of),), unit=unit_of(text_of))


def compared(
    place: Place,
    quantity: str,
    printed: Printed,
    found: Sequence[Found],
    named: NamedTest,
) -> Row:
    """Return the ledger row of a printed quantity that was recomputed."""
    verdict, best, reason = judge(printed, [one for _, one in found], named)
    check = next(check for check, one in found if one is best)
    notes = [reason] if not best.note or best.note in reason else [reason, best.note]
    return place.row(
        quantity,
        reported=printed.text,
        # Inputs that are taken together can rule out the number at face value.
        recomputed=min(max(best.value, best.interval.low), best.interval.high),
        recomputed_low=best.interval.low,
        recomputed_high=best.interval.high,
        check=check,
        verdict=verdict,
        reason="; ".join(notes),
        inputs=best.inputs,
        formula=best.formula,
    )


# Why a printed number cannot be recomputed, in a sentence that a reader can act on.


def why_not(contrast: Contrast, named: NamedTest) -> str:
    """Return the reason for which a comparison has no recomputation."""
    if contrast.kind == "pooled":
        return "the numbers of exactly the trials that it pools are not in the record"
    if contrast.kind == "within" and contrast.has_rows:
        return "needs the spread of the change within people, which was not printed"
    if contrast.missing:
        return contrast.missing
    incomplete = [cell for cell in (*contrast.first, *contrast.second) if not cell.has_spread]
    if incomplete:
        return "; ".join(dict.fromkeys(_lacking(cell) for cell in incomplete))
    if contrast.kind == "interaction":
        return "needs the spread of the changes in each arm, which was not printed"
    if named.other or named.is_named:
        return f"{named.other or contrast.method}: not determined by printed means and SDs"
    return "what was printed does not determine it"


def _lacking(cell: Cell) -> str:
    """Say which of n, mean and SD an outcome row lacks."""
    present = {"n": cell.n, "mean": cell.mean, "SD or interval": cell.sd or cell.ci_low}
    lacking = [name for name, value in present.items() if not value]
    return f"{cell.arm}: {', '.join(lacking)} not printed"
