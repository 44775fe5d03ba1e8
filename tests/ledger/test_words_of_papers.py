"""How papers put it: usual words hide no slip, and words that change a number accuse nobody."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.reading.printed import holds_several_p
from backwalk_stats.ledger.reading.vocabulary import visits_in
from tests.ledger.findings import arm, between, ledger_of, one

# t(38) = 3.40: p = 0.0016 by scipy.stats.t.sf; Student's t of these arms is -3.54, p = 0.0011.
ARMS = [arm("backward", 20, "10.0", "4.0"), arm("forward", 20, "14.5", "4.04")]
FAILED = "not_reproduced"
DESIGNS = (
    "randomised controlled trial|parallel-group RCT|double-blind randomized trial|multicentre RCT"
    "|pragmatic, open-label randomised trial|quasi-experimental, two groups"
    "|single-centre RCT (allocation concealed)|RCT, physiotherapy outpatients with knee pain"
)
METHODS = (
    "independent samples t-test (two-sided)|Student's t-test, two-tailed|unpaired two-sample t-test"
    "|unpaired Student's t test; two-tailed|Student t (SPSS), two-sided"
)
OTHER_METHODS = (
    "t-test, corrected|independent t-test with correction|post hoc t-tests|pairwise t-tests"
    "|t-test on ranks|unpaired t-test or rank sum test|one-sample t-test|t-test of change"
    "|t-test of the differences|t-test of the slopes|t-test of the model coefficient"
    "|t-test at week 3|t-test, inverse probability"
)
OTHER_KINDS = "difference in slopes|ratio|equal variances|time by group|group by time"
OTHER_NOTES = "p values are corrected|after correction|p times three|at 12 weeks|complete cases"


def p_of(p: str, *, design: str = "2-arm RCT", note: str = "", **printed: str) -> str:
    """Return the verdict on a printed p of the two arms."""
    contrast = between(p_value_as_printed=p, note=note, **printed)
    found = ledger_of(outcomes=ARMS, contrasts=[contrast], design=design)
    return str(one(found, quantity="p_value")["verdict"])


@pytest.mark.parametrize("design", DESIGNS.split("|"))
def test_usual_words_of_a_design_hide_no_slip(design: str) -> None:
    method = "independent samples t-test (two-sided)"
    assert p_of("0.350", design=design, method=method, statistic="t=3.40", df="38") == FAILED


@pytest.mark.parametrize("method", METHODS.split("|"))
def test_usual_words_of_a_method_hide_no_slip(method: str) -> None:
    assert p_of("0.350", method=method) == FAILED
    assert p_of("0.0011", method=method) == "reproduced"


@pytest.mark.parametrize("method", OTHER_METHODS.split("|"))
def test_a_method_that_gives_another_p_accuses_nobody(method: str) -> None:
    assert p_of("0.350", method=method) != FAILED


@pytest.mark.parametrize("kind", OTHER_KINDS.split("|"))
def test_a_comparison_of_something_else_accuses_nobody(kind: str) -> None:
    assert p_of("0.350", method="independent t-test", contrast_type=kind) != FAILED


@pytest.mark.parametrize("note", OTHER_NOTES.split("|"))
def test_a_note_that_changes_p_accuses_nobody(note: str) -> None:
    assert p_of("0.350", method="independent t-test", note=note) != FAILED


@pytest.mark.parametrize("design", ["crossover trial", "randomised cross-over study"])
def test_an_independent_test_of_a_crossover_is_not_settled(design: str) -> None:
    assert p_of("0.350", design=design, method="independent t-test") != FAILED


@pytest.mark.parametrize(
    "p", ["p1 = 0.350; p2 = 0.40", "0.350, 0.40", "0.350 (adjusted 0.40)", "p=0.35/p=0.40"]
)
def test_of_several_p_none_is_held_against_a_paper(p: str) -> None:
    assert holds_several_p(p)
    assert p_of(p, method="Student's t-test, two-tailed") == "not_derivable"


@pytest.mark.parametrize("note", ["adjusted mean", "multiple imputation"])
def test_adjusted_or_imputed_rows_give_no_t_test(note: str) -> None:
    rows = [{**row, "note": note} for row in ARMS]
    printed = between(p_value_as_printed="0.350", method="Student's t-test, two-tailed")
    found = one(ledger_of(outcomes=rows, contrasts=[printed]), quantity="p_value")
    assert found["verdict"] == "not_derivable"


def test_chi_square_by_its_sign() -> None:
    # scipy.stats.chi2_contingency([[24, 16], [12, 28]], correction=False): 7.2727; Yates 6.1111.
    count = {"outcome": "responders", "instrument": "", "unit": "count"}
    rows = [arm("backward", 40, "24", **count), arm("forward", 40, "12", **count)]
    for printed, verdict in (("7.27", "reproduced"), ("6.11", "reproduced"), ("12.40", FAILED)):
        row = between(
            outcome="responders",
            contrast_type="responder rate",
            statistic=f"\u03c7\u00b2(1, N = 80) = {printed}",
            method="\u03c7\u00b2 test",
        )
        found = ledger_of(outcomes=rows, contrasts=[row])
        assert one(found, quantity="statistic")["verdict"] == verdict


def test_a_percentage_beside_its_count() -> None:
    rows = [
        arm("backward", 40, "24", outcome="responders", instrument="", unit="count"),
        arm("backward", 40, "52", outcome="responders", instrument="", unit="%"),
    ]
    found = ledger_of(outcomes=rows)
    assert "inputs_inconsistent" in set(found["verdict"])


@pytest.mark.parametrize("kept", ["completers", "complete cases only", "no dropouts"])
def test_a_change_of_the_same_people(kept: str) -> None:
    rows = [
        arm("backward", 20, "10.0", "4.0", time="pre"),
        arm("backward", 20, "14.5", "4.0", time="after 6 weeks"),
        arm("backward", 20, "5.2", "2.0", time="baseline to week 6", outcome="flexion change"),
    ]
    rows = [{**row, "outcome": row["outcome"].removeprefix("lumbar ")} for row in rows]
    found = ledger_of(
        outcomes=rows, design="one-group pretest-posttest", arms="backward", design_analysis=kept
    )
    assert one(found, quantity="mean", reported="5.2")["verdict"] == "inputs_inconsistent"


def test_d_by_the_mean_of_two_variances() -> None:
    # By hand: -4 / sqrt((2^2 + 5^2) / 2) = -1.05; pooled, n 30 and 12, -1.29; t = -3.76.
    rows = [arm("backward", 30, "10.0", "2.0"), arm("forward", 12, "14.0", "5.0")]
    printed = {"statistic": "t=-3.76", "df": "40", "method": "Student's t-test"}
    for estimate, verdict in (("-1.05", "compatible"), ("-0.60", FAILED)):
        row = between(
            estimate=estimate, **printed, contrast_type="Cohen's d", scale="standardised difference"
        )
        found = one(ledger_of(outcomes=rows, contrasts=[row]), quantity="estimate")
        assert found["verdict"] == verdict
        assert found["recomputed_low"] <= found["recomputed"] <= found["recomputed_high"]


def test_visits_are_named_by_number() -> None:
    assert visits_in("pre-post, 6 wk and month 3") == ("week 6", "month 3")
