"""Checks of counts and grids of scores, against every sample that there can be."""

from __future__ import annotations

from itertools import combinations_with_replacement
from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from tests.ledger.findings import arm, between, ledger_of, one, rows, verdicts

ENDS = {"scale_min": "0", "scale_max": "10"}
SCALE = {"outcome": "pain", "instrument": "NPRS", "unit": "points", **ENDS}


def event(name: str, n: int, count: int) -> dict[str, str]:
    described = {"outcome": "withdrawals", "instrument": "count", "unit": "events"}
    return arm(name, n, str(count), **described)


class TestRisk:
    """Cochrane CD004376.pub4, analysis 1.5: 5 of 46 against 4 of 22, RR 0.597826."""

    ARMS = (event("backward", 46, 5), event("forward", 22, 4))

    def printed(self, **more: str) -> dict[str, str]:
        return between(outcome="withdrawals", contrast_type="risk ratio", **more)

    def test_published_example(self) -> None:
        printed = self.printed(estimate="0.597826", ci_low="0.177797", ci_high="2.010133")
        found = rows(ledger_of(outcomes=self.ARMS, contrasts=[printed]), check="risk")
        assert (found["recomputed"] - found["reported"].astype(float)).abs().max() < 1e-6
        assert (found["verdict"] == "reproduced").all()

    def test_wrong_ratio_fails(self) -> None:
        ledger = ledger_of(outcomes=self.ARMS, contrasts=[self.printed(estimate="0.67")])
        assert one(ledger, quantity="estimate")["verdict"] == "not_reproduced"

    @pytest.mark.parametrize(
        ("method", "p"),
        [
            ("Fisher's exact test", stats.fisher_exact(np.array([[5, 41], [4, 18]])).pvalue),
            ("chi-square", stats.chi2_contingency([[5, 41], [4, 18]], correction=False).pvalue),
            ("chi-square", stats.chi2_contingency([[5, 41], [4, 18]]).pvalue),
        ],
    )
    def test_p_of_the_table(self, method: str, p: float) -> None:
        printed = self.printed(
            estimate="0.60", ci_low="0.18", ci_high="2.01", p_value_as_printed=f"{p:.3f}",
            method=method,
        )  # fmt: skip
        found = one(ledger_of(outcomes=self.ARMS, contrasts=[printed]), quantity="p_value")
        assert found["verdict"] == "reproduced"
        printed["p_value_as_printed"] = "0.020"
        found = one(ledger_of(outcomes=self.ARMS, contrasts=[printed]), quantity="p_value")
        assert found["verdict"] == "not_reproduced"


@pytest.mark.parametrize("n", [7, 22, 23])
def test_percentage_is_a_count(n: int) -> None:
    possible = {f"{100 * k / n:.0f}" for k in range(n + 1)}
    printed = [str(percent) for percent in range(101)]
    outcomes = [arm(f"a{text}", n, text, outcome="completed", unit="percent") for text in printed]
    # Who has no value is often left out of a percentage: only a count beside it could fail one.
    expected = ["reproduced" if text in possible else "not_derivable" for text in printed]
    assert verdicts(ledger_of(outcomes=outcomes), "percentage") == expected


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ("responders", "all 22 have a value is not read"),
        ("participants with less pain", "all 22 have a value is not read"),
        ("limb symmetry index", "not read that it counts people"),
        ("sessions completed", "not read that it counts people"),
        ("adherence", "not read that it counts people"),
        ("reduction of pain in responders", "not read that it counts people"),
        ("completion", "not read that it counts people"),
    ],
)
def test_a_percentage_must_be_read_to_count_people(outcome: str, told: str) -> None:
    row = arm("backward", 22, "89.5", outcome=outcome, unit="percent", instrument="")
    found = one(ledger_of(outcomes=[row]), check="percentage")
    assert found["verdict"] == "not_derivable"
    assert told in found["reason"]


@pytest.mark.parametrize(
    ("percent", "n", "expected"),
    # 22/33 = 66.67 %; 20/33 = 60.6 % is a count of 33 as well, but not of the events printed.
    [
        ("66.7", 33, "reproduced"),
        ("60.6", 33, "inputs_inconsistent"),
        ("60.6", 30, "not_derivable"),
    ],
)
def test_percentage_against_events(percent: str, n: int, expected: str) -> None:
    outcomes = [
        event("backward", n, 22),
        arm("backward", 33, percent, outcome="withdrawals", instrument="", unit="%"),
    ]
    if n != 33:
        outcomes[1]["outcome"] = outcomes[0]["outcome"] = "good days"
    assert verdicts(ledger_of(outcomes=outcomes), "percentage") == [expected]


def test_grim_published_example() -> None:
    # Brown and Heathers, Soc Psychol Personal Sci 2017;8:363: a mean of 5.19 of 28 whole numbers.
    found = one(ledger_of(outcomes=[arm("backward", 28, "5.19", **SCALE)]), check="grim")
    assert found["verdict"] == "inputs_inconsistent"
    assert (found["recomputed_low"], found["recomputed_high"]) == pytest.approx(
        (145 / 28, 146 / 28)
    )
    # A mean that is possible was not recomputed.
    assert verdicts(ledger_of(outcomes=[arm("a", 28, "5.18", **SCALE)]), "grim") == ["compatible"]


def test_grim_of_items() -> None:
    row = arm("a", 9, "3.47", outcome="fatigue", instrument="fatigue scale", unit="points")
    ends = {"scale_min": "1", "scale_max": "7"}
    # 9 people and 9 items: steps of 1/81; 281/81 = 3.469. Without items: steps of 1/9.
    for items, expected in (("9", "compatible"), ("1", "inputs_inconsistent")):
        read = {**row, **ends, "items": items}
        assert verdicts(ledger_of(outcomes=[read]), "grim") == [expected]
        assert verdicts(ledger_of(outcomes=[{**read, "score_step": "1"}]), "grim") == [expected]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "inputs_inconsistent"),
        ({"score_step": "0.5"}, "inputs_inconsistent"),
        ({"score_step": "0.1"}, "compatible"),
        ({"instrument": "NRS, mean of 7 days"}, "not_derivable"),
        ({"instrument": "NRS, mean of 7 days", "score_step": "1"}, "not_derivable"),
        ({"note": "multiple imputation"}, "not_derivable"),
        ({"note": "in half points"}, "not_derivable"),
        ({"outcome": "pain adjusted mean"}, "not_derivable"),
        ({"instrument": ""}, "not_derivable"),
        ({"instrument": "not read", "unit": "not read"}, "not_derivable"),
        ({"instrument": "WOMAC"}, "not_derivable"),
        ({"scale_min": "", "scale_max": ""}, "not_derivable"),
    ],
)
def test_a_mean_is_impossible_only_where_the_step_was_read(
    more: dict[str, str], expected: str
) -> None:
    found = one(ledger_of(outcomes=[{**arm("a", 28, "5.19", **SCALE), **more}]), check="grim")
    assert found["verdict"] == expected
    assert ("only if scores are whole numbers" in found["reason"]) == (expected == "not_derivable")


def test_grimmer_and_sd_bounds_against_every_sample() -> None:
    samples = list(combinations_with_replacement(range(5), 4))
    possible = {(f"{mean(one):.2f}", f"{stdev(one):.1f}") for one in samples}
    scale = {**SCALE, "scale_min": "0", "scale_max": "4"}
    cases = [
        (total, f"{total / 4:.2f}", f"{tenths / 10:.1f}")
        for total in range(9)  # the other totals are these turned round
        for tenths in range(30)
    ]
    outcomes = [arm(f"a{i}", 4, text, sd, **scale) for i, (_, text, sd) in enumerate(cases)]
    found = rows(ledger_of(outcomes=outcomes), quantity="sd")
    told = zip(cases, found["verdict"], found["check"], strict=True)
    for (total, text, sd), verdict, checks in told:
        assert (verdict == "compatible") == ((text, sd) in possible), (text, sd)
        largest = max(stdev(one) for one in samples if sum(one) == total)
        if float(sd) > largest + 0.05:
            assert "sd_bounds" in checks, (text, sd)


def test_sd_of_a_proportion_follows_from_it() -> None:
    n = 12
    possible = {(f"{k / n:.2f}", f"{stdev([1] * k + [0] * (n - k)):.2f}") for k in range(n + 1)}
    printed = [
        (text, f"0.{hundredths}")
        for hundredths in range(40, 56)
        for text in ("0.25", "0.33", "0.50", "0.55")
    ]
    described = {"outcome": "responders", "unit": "proportion"}
    outcomes = [arm(f"a{i}", n, *one, **described) for i, one in enumerate(printed)]
    expected = ["reproduced" if one in possible else "inputs_inconsistent" for one in printed]
    assert verdicts(ledger_of(outcomes=outcomes), "debit") == expected


def test_a_proportion_of_the_gait_cycle_is_no_yes_or_no() -> None:
    row = arm("a", 12, "0.62", "0.02", outcome="stance phase", unit="proportion")
    assert verdicts(ledger_of(outcomes=[row]), "debit") == ["not_derivable"]


def test_scores_that_are_read_off_a_line_have_no_grid() -> None:
    vas = {**SCALE, "instrument": "VAS 10 cm"}
    ledger = ledger_of(outcomes=[arm("a", 28, "5.19", "1.33", **vas)])
    assert verdicts(ledger, "grim") == verdicts(ledger, "grimmer") == []


QUANTILES = {"minimum": "1.0", "q1": "2.0", "median": "4.0", "q3": "5.0", "maximum": "9.0"}


class TestOrderOfQuantiles:
    """Nine scores 1, 2, 2, 3, 4, 5, 5, 7, 9: median 4, quartiles 2 and 5 (R, type 7), mean 4.22."""

    def failed(self, mean: str = "4.22", sd: str = "2.59", **more: str) -> set[str]:
        scale = {**SCALE, "outcome": "pain", "instrument": "pain score", "score_step": "1"}
        row = arm("a", 9, mean, sd, **{**scale, **QUANTILES, **more})
        found = ledger_of(outcomes=[row])
        found = found[found["check"].str.contains("order_of_quantiles")]
        return set(found.loc[found["verdict"] == "inputs_inconsistent", "quantity"])

    def test_in_order(self) -> None:
        assert self.failed() == set()

    @pytest.mark.parametrize(
        ("more", "wrong"),
        [
            ({"median": "6.0"}, "q3"),
            ({"q1": "4.6"}, "median"),
            ({"maximum": "4.0"}, "maximum"),
            ({"maximum": "12.0"}, "maximum"),
            ({"median": "4.5"}, "median"),
            ({"median": "3.2"}, "median"),
        ],
    )
    def test_out_of_order(self, more: dict[str, str], wrong: str) -> None:
        assert wrong in self.failed(**more)

    def test_the_mean_lies_between_the_ends(self) -> None:
        assert "mean" in self.failed(mean="9.56")

    def test_the_sd_of_a_range(self) -> None:
        # Of nine scores from 1 to 9 at most 8/2 sqrt(9/8) = 4.24 and at least 8/sqrt(16) = 2.
        assert self.failed(sd="4.36") == {"sd"}
        assert self.failed(sd="1.90") == {"sd"}
        assert self.failed(sd="1.90", scale_min="1.0", scale_max="9.0") == set()

    def test_a_change_may_lie_below_the_scale(self) -> None:
        negative = {"minimum": "-3", "q1": "-2", "median": "-1", "q3": "0", "maximum": "2"}
        assert self.failed(mean="-1.00", sd="1.6", **negative) == set()
