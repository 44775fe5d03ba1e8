"""Verdicts: a printed number against the interval that its printed inputs allow.

The order of the questions is the definition:

1. Nothing recomputed: `not_derivable`, with the reason.
2. No recomputation's interval meets what was printed: `compatible` where one does under a condition
   that was not read; else `not_reproduced`, or `not_derivable` where the recomputation rests on
   something that the source does not say, such as which test it was.
3. An input was not printed (a correlation, say), so that the interval is over all its values:
   `not_derivable`.
4. What was printed is a bound: `reproduced` when every candidate test lies wholly inside it, else
   `compatible`.
5. What was printed is a number: `reproduced` when the test is known and the agreement is worth
   something (see `agreement_is_strong`), else `compatible`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.printed import Interval, any_meets

REPRODUCED = "reproduced"
COMPATIBLE = "compatible"
NOT_REPRODUCED = "not_reproduced"
INPUTS_INCONSISTENT = "inputs_inconsistent"
NOT_DERIVABLE = "not_derivable"
NO_RESULTS = "no_results"
FAILURES = (NOT_REPRODUCED, INPUTS_INCONSISTENT)
CANNOT_ALL_BE_RIGHT = "these numbers cannot all be right as printed"

NARROW_UNITS = 10.0
WIDE_P = 0.05
CHANCE = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """A printed quantity as intervals.

    Attributes
    ----------
    text : str
        As printed.
    intervals : tuple of Interval
        What it can have been rounded from.
    unit : float
        One unit of the last printed decimal.
    is_bound : bool
        True when a range ("<0.05") was printed and not a number.
    """

    text: str
    intervals: tuple[Interval, ...]
    unit: float
    is_bound: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One recomputation of a printed quantity.

    Attributes
    ----------
    quantity : str
        What was recomputed: "estimate", "conf_low", "conf_high", "statistic", "p_value", ...
    value : float
        From the printed inputs taken at face value.
    interval : Interval
        What the rounding of the inputs allows.
    test : str
        Key of the test, as in `kinds.named_test`.
    label : str
        The test in words.
    inputs, formula : str
        What it was computed from, and how.
    unprinted : str
        An input that was not printed and was let run over all its values; "" when none.
    note : str
        What the reader must know.
    indirect : bool
        True when the inputs are not the very numbers that the source tested (follow-up scores for
        a test of changes): a disagreement then proves nothing.
    unsaid : str
        What the source does not say and the recomputation takes for granted: a disagreement then
        proves nothing; "" when there is nothing.
    condition : str
        What would have to be so, and was not read, for this to be the recomputation that counts
        ("one-sided"); it can only speak for a number: an agreement is `compatible`.
    """

    quantity: str
    value: float
    interval: Interval
    test: str
    label: str
    inputs: str
    formula: str
    unprinted: str = ""
    note: str = ""
    indirect: bool = False
    unsaid: str = ""
    condition: str = ""

    def mirrored(self, quantity: str) -> Candidate:
        """Return the same recomputation with the two sides exchanged."""
        turned = Interval(-self.interval.high, -self.interval.low)
        return replace(self, quantity=quantity, value=-self.value, interval=turned)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """A check's own verdict on a printed quantity.

    With `caution`, what another check reproduced is `compatible` at most.
    """

    quantity: str
    reported: str
    verdict: str
    reason: str
    value: float | None = None
    interval: Interval | None = None
    inputs: str = ""
    formula: str = ""
    caution: bool = False


def judge(
    printed: Printed, candidates: Sequence[Candidate], named: NamedTest
) -> tuple[str, Candidate, str]:
    """Return verdict, the recomputation that it rests on, and the reason.

    The candidates, at least one, are by the tests that can have been meant.
    """
    meant = [one for one in candidates if one.test in named.keys] or list(candidates)
    under = [one for one in meant if one.condition]
    meant = [one for one in meant if not one.condition]
    fitting = [one for one in meant if any_meets(printed.intervals, one.interval)]
    if not fitting:
        for one in under:
            if any_meets(printed.intervals, one.interval):
                return COMPATIBLE, one, f"{one.label}: agrees if {one.condition}, which is not read"
        if not meant:
            reason = f"{under[0].label} does not agree, and rests on what is not read"
            return NOT_DERIVABLE, under[0], f"{reason}: that {under[0].condition}"
        sure = [one for one in meant if not (one.unsaid or one.indirect)]
        return _misfit(printed, (sure or meant)[0])
    best = fitting[0] if printed.is_bound else min(fitting, key=lambda c: _distance(printed, c))
    if best.unprinted and printed.is_bound and _lies_inside(printed, best):
        reason = f"{best.label}: inside what was printed, whatever {best.unprinted}"
        return (COMPATIBLE if best.indirect else REPRODUCED), best, reason
    if best.unprinted:
        return NOT_DERIVABLE, best, f"depends on {best.unprinted}, which was not printed"
    if printed.is_bound:
        return _judge_bound(printed, meant, best)
    return _judge_number(printed, meant, best, named)


def _misfit(printed: Printed, first: Candidate) -> tuple[str, Candidate, str]:
    low, high = first.interval.low, first.interval.high
    if first.indirect:
        reason = f"{first.label} gives {_span(low, high)}"
        return NOT_DERIVABLE, first, f"{reason}, but that is not the test printed: {first.note}"
    if first.unsaid:
        reason = f"{first.label} gives {_span(low, high)}, not {printed.text}, but {first.unsaid}"
        return NOT_DERIVABLE, first, reason
    given = f" over all values of {first.unprinted}" if first.unprinted else ""
    reason = f"the printed inputs give {_span(low, high)}{given}, not {printed.text}"
    return NOT_REPRODUCED, first, f"{reason} ({first.label}); {CANNOT_ALL_BE_RIGHT}"


def _lies_inside(printed: Printed, one: Candidate) -> bool:
    return any(bound.holds(one.interval) for bound in printed.intervals)


def _judge_bound(
    printed: Printed, meant: Sequence[Candidate], best: Candidate
) -> tuple[str, Candidate, str]:
    inside = [one for one in meant if _lies_inside(printed, one)]
    if best.indirect and best in inside:
        reason = (
            f"{best.label} lies inside what was printed, but is not the test printed: {best.note}"
        )
        return COMPATIBLE, best, reason
    if len(inside) == len(meant):
        return REPRODUCED, best, f"{best.label}: lies inside what was printed"
    if inside:
        names = ", ".join(dict.fromkeys(one.label for one in inside))
        return COMPATIBLE, best, f"holds by {names}, but not by every test that can be meant"
    return COMPATIBLE, best, "the rounding of the inputs allows both sides of the bound"


def _judge_number(
    printed: Printed, meant: Sequence[Candidate], best: Candidate, named: NamedTest
) -> tuple[str, Candidate, str]:
    if best.indirect:
        return (
            COMPATIBLE,
            best,
            f"agrees with {best.label}, which is not the test printed: {best.note}",
        )
    known = best.test in named.keys or len({one.test for one in meant}) == 1
    if not known:
        return COMPATIBLE, best, f"agrees with {best.label}, but the source names no test"
    if not agreement_is_strong(printed, best):
        span = _span(best.interval.low, best.interval.high)
        return COMPATIBLE, best, f"{best.label}: agrees, but rounding allows {span}"
    return REPRODUCED, best, f"{best.label}: agrees within rounding"


def agreement_is_strong(printed: Printed, candidate: Candidate) -> bool:
    """Tell whether an agreement is worth something.

    It is when the recomputed interval is narrow: at most ten units of the last printed decimal, and
    at most 0.05 for a p-value. A wider one still counts when the number recomputed from the inputs
    as printed rounds to the reported one; for a p-value only when that would happen by chance once
    in a hundred times (one unit is at most a hundredth of the interval).
    """
    width, is_p = candidate.interval.width, candidate.quantity == "p_value"
    limit = NARROW_UNITS * printed.unit * (1 + 1e-9)
    if width <= (min(limit, WIDE_P) if is_p else limit):
        return True
    centre = Interval(candidate.value, candidate.value)
    rare = not is_p or printed.unit <= CHANCE * width
    return rare and any_meets(printed.intervals, centre)


def _distance(printed: Printed, candidate: Candidate) -> float:
    return min(abs(one.middle - candidate.value) for one in printed.intervals)


def _span(low: float, high: float) -> str:
    same = f"{low:.3g}" == f"{high:.3g}"
    return f"{low:.3g}" if same else f"{low:.3g} to {high:.3g}"
