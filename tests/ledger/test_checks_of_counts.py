"""Checks of counts and grids of scores, against every sample that there can be."""

from __future__ import annotations

from itertools import combinations_with_replacement
from statistics import mean, stdev

import numpy as np
import pytest
from scipy import stats

from tests.ledger.findings import arm, between, ledger_of, one, rows, verdicts

SCALE = {"outcome": "pain", "instrument": "NPRS", "unit": "points"}


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
    for percent in range(101):
        row = arm("backward", n, str(percent), outcome="completion", unit="percent")
        verdict = verdicts(ledger_of(outcomes=[row]), "percentage")
        assert verdict == (["reproduced"] if str(percent) in possible else ["inputs_inconsistent"])


def test_grim_published_example() -> None:
    # Brown and Heathers, Soc Psychol Personal Sci 2017;8:363: a mean of 5.19 of 28 whole numbers.
    found = one(ledger_of(outcomes=[arm("backward", 28, "5.19", **SCALE)]), check="grim")
    assert found["verdict"] == "inputs_inconsistent"
    assert (found["recomputed_low"], found["recomputed_high"]) == pytest.approx(
        (145 / 28, 146 / 28)
    )
    assert verdicts(ledger_of(outcomes=[arm("a", 28, "5.18", **SCALE)]), "grim") == ["reproduced"]


def test_grim_of_items() -> None:
    row = arm("a", 9, "3.47", outcome="fatigue", instrument="fatigue scale", unit="points")
    ends = {"scale_min": "1", "scale_max": "7"}
    # 9 people and 9 items: steps of 1/81; 281/81 = 3.469. Without items: steps of 1/9.
    assert verdicts(ledger_of(outcomes=[{**row, **ends, "items": "9"}]), "grim") == ["reproduced"]
    assert verdicts(ledger_of(outcomes=[{**row, **ends, "items": "1"}]), "grim") == [
        "inputs_inconsistent"
    ]


def test_grimmer_and_sd_bounds_against_every_sample() -> None:
    samples = list(combinations_with_replacement(range(5), 4))
    possible = {(f"{mean(one):.2f}", f"{stdev(one):.1f}") for one in samples}
    ends = {"scale_min": "0", "scale_max": "4"}
    for total in range(17):
        text = f"{total / 4:.2f}"
        for tenths in range(30):
            sd = f"{tenths / 10:.1f}"
            ledger = ledger_of(outcomes=[arm("a", 4, text, sd, **SCALE, **ends)])
            expected = (text, sd) in possible
            assert (verdicts(ledger, "grimmer") == ["reproduced"]) == expected, (text, sd)
            largest = max(stdev(one) for one in samples if sum(one) == total)
            bounded = tenths / 10 <= largest + 0.05
            assert (verdicts(ledger, "sd_bounds") == ["reproduced"]) == bounded, (text, sd)


def test_sd_of_a_proportion_follows_from_it() -> None:
    n = 12
    possible = {(f"{k / n:.2f}", f"{stdev([1] * k + [0] * (n - k)):.2f}") for k in range(n + 1)}
    for hundredths in range(40, 56):
        sd = f"{hundredths / 100:.2f}"
        for text in ("0.25", "0.33", "0.50", "0.55"):
            row = arm("a", n, text, sd, outcome="responders", unit="proportion")
            verdict = verdicts(ledger_of(outcomes=[row]), "debit")
            assert (verdict == ["reproduced"]) == ((text, sd) in possible), (text, sd)


def test_scores_that_are_read_off_a_line_have_no_grid() -> None:
    vas = {**SCALE, "instrument": "VAS 10 cm"}
    ledger = ledger_of(outcomes=[arm("a", 28, "5.19", "1.33", **vas)])
    assert verdicts(ledger, "grim") == verdicts(ledger, "grimmer") == []
