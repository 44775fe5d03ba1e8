"""The shipped record's known answers, as data/evidence/README.md and its sources state them.

The expected numbers were worked out by hand from the printed ones before this package existed
(`../shared/record/README.md`, "Known answers" and "Recovering Alghadir's arms"), or are the
Cochrane review's own (CD004376.pub4).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.engine.printed.grid import score_grid
from backwalk_stats.engine.printed.integer_samples import grim
from backwalk_stats.evidence.record import read_record
from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.ledger.verdict import FAILURES
from backwalk_stats.trial.result import Reproduction
from tests.ledger.findings import one, rows

# study, outcome, contrast, quantity, recomputed, verdict; tolerance is half a printed unit.
TESTS = [
    ("chen2021", "pain (NRS), change to week 4", "BG v CG", "p_value", "0.0147", "compatible"),
    (
        "chen2021",
        "function (WOMAC total), change to week 4",
        "BG v CG",
        "p_value",
        "0.00056",
        "compatible",
    ),
    (
        "chen2021",
        "sway area (SA), change to week 4",
        "BG v CG",
        "p_value",
        "0.650",
        "not_derivable",
    ),
    ("chen2021", "sway area week 4", "BG v CG", "statistic", "0.459", "reproduced"),
    ("chen2021", "WOMAC total week 4", "BG v CG", "statistic", "-3.858", "reproduced"),
    ("chen2021", "pain", "exercise/backward v control", "statistic", "-2.589", "reproduced"),
    ("gondhalekar2013", "pain", "exercise/backward v control", "statistic", "-1.176", "reproduced"),
    ("shabbir2022", "pain", "exercise/backward v control", "statistic", "-4.092", "reproduced"),
    ("shabbir2022", "function", "exercise/backward v control", "statistic", "-2.639", "reproduced"),
    ("shabbir2022", "NPRS", "retro v control", "p_value", "0.00025", "reproduced"),
    ("shabbir2022", "WOMAC", "retro v control", "p_value", "0.0125", "compatible"),
    ("laird2016", "pelvic flexion ROM", "LBP v NoLBP", "p_value", "0.0420", "reproduced"),
    (
        "laird2016",
        "trunk right lateral flexion ROM",
        "LBP v NoLBP",
        "p_value",
        "0.0180",
        "reproduced",
    ),
    (
        "laird2016",
        "lumbar contribution to rhythm",
        "LBP v NoLBP",
        "p_value",
        "0.0446",
        "reproduced",
    ),
    ("phrir2023_postural", "NPRS baseline", "A v B", "p_value", "0.1147", "reproduced"),
]


def half_unit(text: str) -> float:
    return 0.5 * 10.0 ** -len(text.partition(".")[2])


@pytest.mark.parametrize(("study", "outcome", "contrast", "quantity", "value", "verdict"), TESTS)
def test_recomputed_number_and_verdict(
    shipped: Reproduction,
    study: str,
    outcome: str,
    contrast: str,
    quantity: str,
    value: str,
    verdict: str,
) -> None:
    found = one(
        shipped.ledger, study_id=study, outcome=outcome, contrast=contrast, quantity=quantity
    )
    assert found["recomputed"] == pytest.approx(float(value), abs=half_unit(value))
    assert found["recomputed_low"] <= found["recomputed"] <= found["recomputed_high"]
    assert found["verdict"] == verdict


def test_words_about_change_are_not_held_against_follow_up_means(shipped: Reproduction) -> None:
    found = rows(shipped.ledger, study_id="chen2021", check="two_sample", quantity="p_value")
    printed = found[found["origin"] == "paper"]
    assert len(printed) == 3
    assert printed["reason"].str.contains("the spread of the changes was not printed").all()


def test_gondhalekar_pain_did_not_differ(shipped: Reproduction) -> None:
    found = rows(shipped.ledger, study_id="gondhalekar2013", outcome="VAS", quantity="p_value")
    silent = found[found["reported"].str.startswith("no significant difference")].iloc[0]
    # t(28) = -1.176, p = 0.249; the printed test is a repeated-measures ANOVA, so no more than
    # compatible could be said of a number; of a bound that every test keeps, more.
    assert silent["recomputed"] == pytest.approx(0.249, abs=0.0005)
    assert silent["verdict"] in ("reproduced", "compatible")


def test_shabbir_threshold_is_not_the_usual_one(shipped: Reproduction) -> None:
    found = one(shipped.ledger, study_id="shabbir2022", outcome="WOMAC", check="threshold")
    assert "threshold is not the usual one" in found["reason"]
    assert found["verdict"] == "compatible"


def test_only_one_number_of_the_record_fails_and_it_may_be_a_slip(shipped: Reproduction) -> None:
    failed = one(shipped.ledger[shipped.ledger["verdict"].isin(FAILURES)])
    assert (failed["study_id"], failed["reported"]) == ("shabbir2022", "1.16")
    assert "cut off instead of rounded" in failed["reason"]


def test_joshi_means_would_be_impossible_if_scores_were_whole_numbers(
    shipped: Reproduction,
) -> None:
    found = rows(shipped.ledger, study_id="joshi2019", quantity="mean")
    unread = found[found["reported"].isin(["2.85", "20.79", "31.79"])]
    assert unread["verdict"].tolist() == ["not_derivable"] * 3
    grid = score_grid(low=None, high=None)
    fits = {text: grim(mean_text=text, n=19, grid=grid).possible for text in unread["reported"]}
    assert fits == {"2.85": False, "20.79": True, "31.79": True}


def test_mdc_is_1_330(shipped: Reproduction) -> None:
    found = one(shipped.ledger, study_id="alghadir2018_mdc", outcome="MDC (NRS)", quantity="mean")
    assert found["recomputed"] == pytest.approx(1.330, abs=0.0005)
    assert found["verdict"] == "reproduced"


@pytest.mark.parametrize(
    ("outcome", "verdict", "told"),
    [
        # I2 = 79 % with k = 2 gives 0.027 to 0.031; I2 = 84 % and 78 % under 0.01 need more trials;
        # I2 = 0 % gives 0.317 (k = 2) to 0.423 (k = 7). k is not printed by outcome.
        ("second KAM", ("reproduced", "compatible"), "2"),
        ("first KAM", ("compatible",), ""),
        ("pain", ("compatible",), ""),
        ("function", ("compatible",), ""),
    ],
)
def test_castro_p_is_held_against_i2(
    shipped: Reproduction, outcome: str, verdict: tuple[str, ...], told: str
) -> None:
    found = one(shipped.ledger, study_id="castro2025", outcome=outcome, quantity="p_value")
    assert found["verdict"] in verdict
    assert "heterogeneity" in found["check"]
    assert told in found["reason"]


def test_degrees_of_freedom(shipped: Reproduction) -> None:
    found = one(
        shipped.ledger, study_id="phrir2023_postural", outcome="NPRS baseline", quantity="p_value"
    )
    assert "df 28" in found["reason"]
    laird = rows(shipped.ledger, study_id="laird2016", quantity="df")
    assert len(laird) == 4
    assert (laird["verdict"] == "not_derivable").all()
    assert laird["reason"].str.contains("not read: the model").all()


@pytest.mark.parametrize(
    ("study", "outcome", "verdict"),
    [
        ("hreljac2005", "transition speed", "reproduced"),
        ("cipriani1995", "ankle position at initial contact", "not_derivable"),
        ("cipriani1995", "knee position at initial contact", "compatible"),
    ],
)
def test_within_people_over_every_correlation(
    shipped: Reproduction, study: str, outcome: str, verdict: str
) -> None:
    found = one(shipped.ledger, study_id=study, outcome=outcome, quantity="p_value")
    assert found["verdict"] == verdict


def test_no_printed_number_stands_in_two_rows(shipped: Reproduction) -> None:
    ledger = shipped.ledger
    assert not ledger.duplicated(["study_id", "source", "outcome", "contrast", "quantity"]).any()
    assert set(ledger["origin"]) == {"paper", "review", "collector", "derived"}
    # The 12 SMD that also stand in the review's own table.
    assert any("counted once" in note for note in shipped.notes)


def test_completion_is_a_count_of_people(shipped: Reproduction) -> None:
    found = rows(shipped.ledger, study_id="alghadir2019", check="percentage")
    assert found["recomputed"].round(1).tolist() == [91.3, 87.0, 81.8]
    assert [reason.split()[0] for reason in found["reason"]] == ["21/23", "20/23", "18/22"]
    assert (found["verdict"] == "reproduced").all()


class TestRecoveredArms:
    """Alghadir's two walking arms, split from the row that Cochrane merged."""

    def test_means_and_sds(self, shipped: Reproduction) -> None:
        found = rows(shipped.ledger, study_id="alghadir2019", check="merged_arms", quantity="sd")
        assert found["reported"].tolist() == ["1.242176", "3.924609"]
        reasons = found["reason"].tolist()
        assert "retro 3.9; forward 4.6; SDs 1.1 and 1.3" in reasons[0]
        assert "retro 48.1; forward 50.2; SDs 3.4 and 4.2" in reasons[1]
        means = rows(shipped.ledger, study_id="alghadir2019", check="merged_arms", quantity="mean")
        assert means["reported"].tolist() == ["3.9", "4.6", "48.1", "50.2"]
        assert (means["verdict"] == "reproduced").all()

    @pytest.mark.parametrize(
        ("outcome", "estimate", "low", "high", "t"),
        [
            ("NRS week 6", -0.7, -1.416, 0.016, -1.971),
            ("WOMAC week 6", -2.1, -4.371, 0.171, -1.864),
        ],
    )
    def test_backward_against_forward(
        self,
        shipped: Reproduction,
        outcome: str,
        estimate: float,
        low: float,
        high: float,
        t: float,
    ) -> None:
        found = rows(
            shipped.ledger,
            study_id="alghadir2019",
            outcome=outcome,
            contrast="retro (derived) v forward (derived)",
            check="two_sample",
        ).set_index("quantity")
        expected = {"estimate": estimate, "conf_low": low, "conf_high": high, "statistic": t}
        assert found["recomputed"].to_dict() == pytest.approx(expected, abs=0.0005)
        assert (found["verdict"] == "reproduced").all()

    @pytest.mark.parametrize(
        ("claim", "outcome", "p"), [("N1", "NRS week 6", "0.055"), ("N2", "WOMAC week 6", "0.069")]
    )
    def test_p_of_backward_against_forward(
        self, shipped: Reproduction, claim: str, outcome: str, p: str
    ) -> None:
        text = str(shipped.claims.set_index("claim_id").loc[claim, "explanation"])
        assert outcome in text
        assert f"p = {p}" in text

    def test_bonferroni_agrees_with_the_printed_p(self, shipped: Reproduction) -> None:
        function = one(shipped.ledger, study_id="alghadir2019", outcome="WOMAC change")
        assert function["recomputed"] == pytest.approx(0.0079, abs=0.00005)
        assert (function["reported"], function["verdict"]) == ("0.008", "compatible")
        pain = one(shipped.ledger, study_id="alghadir2019", outcome="NRS change")
        assert (pain["reported"], pain["verdict"]) == ("0.01", "compatible")

    @pytest.mark.parametrize(("outcome", "f"), [("NRS week 6", 4.265), ("WOMAC week 6", 4.977)])
    def test_three_arms(self, shipped: Reproduction, outcome: str, f: float) -> None:
        found = one(shipped.ledger, study_id="alghadir2019", outcome=outcome, check="one_way")
        assert found["recomputed"] == pytest.approx(f, abs=0.0005)
        assert found["verdict"] == "reproduced"


def test_cochrane_rows_to_1e_6_and_weights_to_1e_5(shipped: Reproduction) -> None:
    found = rows(shipped.ledger, study_id="cochrane_cd004376_pub4", check="review_row")
    assert found["quantity"].value_counts().to_dict() == dict.fromkeys(
        ("estimate", "conf_low", "conf_high", "weight"), 16
    )
    error = (found["recomputed"] - found["reported"].astype(float)).abs()
    weight = found["quantity"] == "weight"
    assert error[~weight].max() < 1e-6
    assert error[weight].max() < 1e-5
    assert (found["verdict"] == "reproduced").all()


def test_cochrane_risk_ratios(shipped: Reproduction) -> None:
    # Cochrane CD004376.pub4, analyses 1.5 and 1.6: 5/46 v 4/22, and 3/46 v 0/22 with 0.5 added.
    found = rows(shipped.ledger, study_id="alghadir2019", check="risk")
    assert len(found) == 6
    assert (found["recomputed"] - found["reported"].astype(float)).abs().max() < 1e-6
    assert (found["verdict"] == "reproduced").all()


POOLS = [
    ("pool_here", "pain", {"estimate": -1.044, "conf_low": -1.667, "conf_high": -0.421}),
    ("pool_here", "function", {"estimate": -1.190, "conf_low": -1.693, "conf_high": -0.687}),
    (
        "cochrane_cd004376_pub4",
        "pain, aerobic add-on subgroup",
        {"estimate": -0.899, "conf_low": -1.388, "conf_high": -0.411},
    ),
    (
        "cochrane_cd004376_pub4",
        "function, aerobic add-on subgroup",
        {"estimate": -1.022, "conf_low": -1.425, "conf_high": -0.619},
    ),
]


@pytest.mark.parametrize(("study", "outcome", "numbers"), POOLS)
def test_pools(shipped: Reproduction, study: str, outcome: str, numbers: dict[str, float]) -> None:
    found = rows(shipped.ledger, study_id=study, outcome=outcome, check="pooled_estimate")
    found = found.set_index("quantity")
    for quantity, value in numbers.items():
        assert found.loc[quantity, "recomputed"] == pytest.approx(value, abs=0.0005)
    assert (found["verdict"] == "reproduced").all()


def test_raw_folder_gives_the_same_ledger(shipped: Reproduction, shared: Path) -> None:
    folder = shared / "record"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/record beside the checkout")
    again = recompute(read_record(folder))
    pd.testing.assert_frame_equal(again.ledger, shipped.ledger)
    # The shipped claims have short names besides.
    own, collected = (each.claims.drop(columns="short_claim") for each in (shipped, again))
    pd.testing.assert_frame_equal(own, collected)
    pd.testing.assert_frame_equal(again.pooled, shipped.pooled)


def test_failures_say_no_more_than_the_numbers_allow(shipped: Reproduction) -> None:
    words = shipped.ledger["reason"].str.lower()
    for word in ("fraud", "fabricat", "manipulat", "misconduct", "false data"):
        assert not words.str.contains(word).any()
