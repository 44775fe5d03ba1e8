"""The verdict of a printed number against its recomputations: every branch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backwalk_stats.ledger.reading.kinds import NamedTest
from backwalk_stats.ledger.reading.printed import Interval, rounding_interval
from backwalk_stats.ledger.verdict import (
    CANNOT_ALL_BE_RIGHT,
    COMPATIBLE,
    NOT_DERIVABLE,
    NOT_REPRODUCED,
    REPRODUCED,
    Candidate,
    Printed,
    judge,
)

STUDENT = NamedTest(keys=frozenset({"pooled_t"}))
UNNAMED = NamedTest()
ONE = Candidate(
    quantity="estimate",
    value=-0.69,
    interval=Interval(-0.70, -0.68),
    test="pooled_t",
    label="Student t test",
    inputs="",
    formula="",
)
P = replace(ONE, quantity="p_value", value=0.0147, interval=Interval(0.0129, 0.0167))
WELCH = replace(P, test="welch_t", label="Welch t test", interval=Interval(0.0135, 0.0172))


def printed(text: str) -> Printed:
    unit = 10.0 ** -len(text.partition(".")[2])
    return Printed(text=text, intervals=(rounding_interval(text),), unit=unit)


def bound(low: float, high: float) -> Printed:
    return Printed(text="<", intervals=(Interval(low, high),), unit=0.0, is_bound=True)


def test_agreement_of_a_known_test() -> None:
    verdict, best, reason = judge(printed("-0.69"), [ONE], STUDENT)
    assert (verdict, best) == (REPRODUCED, ONE)
    assert "agrees within rounding" in reason


def test_disagreement_says_that_not_all_can_be_right() -> None:
    verdict, _, reason = judge(printed("-0.96"), [ONE], STUDENT)
    assert verdict == NOT_REPRODUCED
    assert reason.endswith(CANNOT_ALL_BE_RIGHT)


def test_disagreement_over_all_values_of_an_unprinted_input() -> None:
    wide = replace(P, interval=Interval(0.41, 0.79), unprinted="the correlation")
    verdict, _, reason = judge(printed("0.01"), [wide], STUDENT)
    assert verdict == NOT_REPRODUCED
    assert "over all values of the correlation" in reason


def test_agreement_that_rests_on_an_unprinted_input() -> None:
    wide = replace(P, interval=Interval(0.0, 0.9), unprinted="the correlation")
    verdict, _, reason = judge(printed("0.01"), [wide], STUDENT)
    assert verdict == NOT_DERIVABLE
    assert "which was not printed" in reason


def test_disagreement_with_something_unsaid_proves_nothing() -> None:
    one = replace(P, unsaid="the source names no test")
    verdict, _, reason = judge(printed("0.650"), [one], UNNAMED)
    assert verdict == NOT_DERIVABLE
    assert "the source names no test" in reason
    assert CANNOT_ALL_BE_RIGHT not in reason


def test_another_test_proves_nothing() -> None:
    other = replace(P, indirect=True, note="tested on the follow-up scores")
    assert judge(printed("0.650"), [other], UNNAMED)[0] == NOT_DERIVABLE
    assert judge(printed("0.015"), [other], UNNAMED)[0] == COMPATIBLE
    assert judge(bound(0, 0.05), [other], UNNAMED)[0] == COMPATIBLE


def test_a_condition_that_was_not_read_only_speaks_for_a_number() -> None:
    half = replace(P, interval=Interval(P.interval.low / 2, P.interval.high / 2))
    half = replace(half, condition="the test is one-sided")
    verdict, _, reason = judge(printed("0.0074"), [P, half], UNNAMED)
    assert (verdict, "one-sided" in reason) == (COMPATIBLE, True)
    assert (
        judge(printed("0.0147"), [P, half], UNNAMED)[0] == judge(printed("0.0147"), [P], UNNAMED)[0]
    )
    assert judge(printed("0.650"), [P, half], UNNAMED)[0] == NOT_REPRODUCED


def test_an_input_that_may_be_anything_leaves_a_bound() -> None:
    # p at most 0.0167 whatever the correlation: inside 0.05.
    any_r = replace(P, unprinted="the correlation within people")
    assert judge(bound(0, 0.05), [any_r], UNNAMED)[0] == REPRODUCED
    assert judge(bound(0, 0.015), [any_r], UNNAMED)[0] == NOT_DERIVABLE


def test_bound_that_every_test_keeps() -> None:
    assert judge(bound(0, 0.05), [P, WELCH], UNNAMED)[0] == REPRODUCED
    assert judge(bound(0.05, 1), [P, WELCH], UNNAMED)[0] == NOT_REPRODUCED


def test_bound_that_one_test_keeps() -> None:
    verdict, _, reason = judge(bound(0, 0.017), [P, WELCH], UNNAMED)
    assert verdict == COMPATIBLE
    assert "Student t test" in reason


def test_bound_that_rounding_leaves_open() -> None:
    verdict, _, reason = judge(bound(0, 0.015), [P], STUDENT)
    assert verdict == COMPATIBLE
    assert "both sides" in reason


def test_number_without_a_named_test() -> None:
    verdict, _, reason = judge(printed("0.015"), [P, WELCH], UNNAMED)
    assert verdict == COMPATIBLE
    assert "names no test" in reason
    assert judge(printed("0.015"), [P, WELCH], STUDENT)[0] == REPRODUCED


def test_wide_agreement_is_weak() -> None:
    wide = replace(P, value=0.3, interval=Interval(0.01, 0.6))
    verdict, _, reason = judge(printed("0.30"), [wide], STUDENT)
    assert verdict == COMPATIBLE
    assert "rounding allows" in reason
    # Agreement to a hundredth of the interval is no chance.
    assert judge(printed("0.300"), [wide], STUDENT)[0] == REPRODUCED


def test_named_test_is_the_one_that_counts() -> None:
    far = replace(WELCH, value=0.3, interval=Interval(0.29, 0.31))
    assert judge(printed("0.30"), [P, far], STUDENT)[0] == NOT_REPRODUCED
    assert judge(printed("0.30"), [P, far], UNNAMED)[0] == COMPATIBLE


@pytest.mark.parametrize("value", [0.014, 0.016])
def test_nearest_recomputation_is_shown(value: float) -> None:
    near, away = replace(P, value=value), replace(WELCH, value=0.0135)
    wide = replace(near, interval=Interval(0.012, 0.018))
    text = f"{value:.3f}"
    assert judge(printed(text), [away, wide], UNNAMED)[1] == wide
