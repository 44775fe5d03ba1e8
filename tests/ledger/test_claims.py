"""Verdicts on claims: the shipped ones, and invented ones that do and do not hold."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.claims import HOLDS, NO_EVIDENCE, NOT_AS_CITED, NOT_TESTABLE
from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.trial.result import Reproduction
from tests.ledger.findings import arm
from tests.ledger.records import record

VERDICTS = {
    "N1": NOT_AS_CITED,
    "N2": NOT_AS_CITED,
    "N3": NOT_TESTABLE,
    "N4": NOT_AS_CITED,
    "N5": NOT_TESTABLE,
    "N6": NOT_TESTABLE,
    "N7": NOT_TESTABLE,
    "N8": NOT_TESTABLE,
    "N9": NO_EVIDENCE,
    "N10": NO_EVIDENCE,
}
# What a reader must not get wrong (data/evidence/README.md), in the words of the explanations.
FACTS = {
    "N1": ["is a protocol and has no results", "−0.70 (95% CI −1.42 to 0.02, p = 0.055)"],
    "N2": ["is a protocol and has no results", "−2.10 (95% CI −4.37 to 0.17, p = 0.069)"],
    "N3": ["not of backward against forward", "-0.20 (-0.38 to -0.02)"],
    "N4": ["single session", "p=0.014"],
    "N7": ["0.99 (0.37 to 1.61)"],
    "N8": ["17% to 20% higher"],
    "N9": ["five minutes a day"],
}


def test_verdicts(shipped: Reproduction) -> None:
    assert dict(zip(shipped.claims["claim_id"], shipped.claims["verdict"], strict=True)) == VERDICTS


@pytest.mark.parametrize("claim", FACTS)
def test_explanations_hold_the_facts(shipped: Reproduction, claim: str) -> None:
    text = str(shipped.claims.set_index("claim_id").loc[claim, "explanation"])
    for fact in FACTS[claim]:
        assert fact in text


def test_links_lead_to_findings_of_the_claims_own_studies(shipped: Reproduction) -> None:
    studies = dict(zip(shipped.ledger["finding_id"], shipped.ledger["study_id"], strict=True))
    assert len(studies) == len(shipped.ledger), "every finding has its own id"
    for row in shipped.claims.to_dict("records"):
        linked = [name for name in row["finding_ids"].split(";") if name]
        assert {studies[name] for name in linked} <= set(row["study_ids"].split(";"))
        assert bool(linked) == (row["verdict"] != NO_EVIDENCE) or row["claim_id"] == "N9"


def renamed(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    ids = [
        ";".join(f"x-{name.strip()}" for name in text.split(";")) for text in frame[column].tolist()
    ]
    return frame.assign(**{column: ids})


def test_nothing_is_keyed_to_a_name(shipped_record: Record, shipped: Reproduction) -> None:
    claims = renamed(shipped_record.claims, "evidence_study_ids")
    again = recompute(
        replace(
            shipped_record,
            studies=renamed(shipped_record.studies, "study_id"),
            outcomes=renamed(shipped_record.outcomes, "study_id"),
            contrasts=renamed(shipped_record.contrasts, "study_id"),
            claims=claims.assign(claim_id="x-" + claims["claim_id"]),
        )
    )
    assert again.claims["verdict"].tolist() == shipped.claims["verdict"].tolist()
    key = ["outcome", "contrast", "quantity", "reported", "verdict", "check"]
    ours, theirs = (one.ledger[key].sort_values(key) for one in (shipped, again))
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
    numbers = ["estimate", "conf_low", "conf_high", "tau2"]
    pd.testing.assert_frame_equal(again.pooled[numbers], shipped.pooled[numbers])


JOURNAL = "J Imagined Gait Res"
CLAIM = {
    "claim_id": "C1",
    "topic": "knee pain",
    "claim_in_our_words": "Six weeks of backward walking reduced knee pain more than forward",
    "source_named_by_article": "the Journal of Imagined Gait Research",
    "design_claimed": "backward vs forward",
    "evidence_study_ids": "walkers",
}
STUDY = {
    "study_id": "walkers",
    "citation": "Author A. A trial",
    "year": "2021",
    "design": "2-arm RCT",
    "arms": "backward walking (n=40); forward walking (n=40)",
    "n_randomised": "80",
    "weeks": "6",
    "journal": JOURNAL,
}
PAIN = {"outcome": "pain", "instrument": "NRS", "unit": "points", "study_id": "walkers"}
BETWEEN = {
    "study_id": "walkers",
    "outcome": "NRS week 6",
    "arm_a": "backward",
    "arm_b": "forward",
    "contrast_type": "post-score mean difference",
    "p_value_as_printed": "0.001",
    "method": "Student t test",
}


def claimed(
    *,
    backward: str = "3.10",
    forward: str = "4.20",
    direction: str = "lower",
    study: dict[str, str] | None = None,
    contrast: dict[str, str] | None = None,
    sd: str = "1.20",
    **claim: str,
) -> str:
    """Return the verdict on an invented claim: 40 people an arm, SD 1.20, so SE 0.27."""
    outcomes = [
        {**arm(name, 40, mean, sd), **PAIN, "direction_better": direction}
        for name, mean in (("backward", backward), ("forward", forward))
    ]
    made = record(
        studies=[{**STUDY, **(study or {})}],
        outcomes=outcomes,
        contrasts=[{**BETWEEN, **(contrast or {})}],
        claims=[{**CLAIM, **claim}],
    )
    return str(recompute(made).claims["verdict"].iloc[0])


class TestInvented:
    def test_holds_with_the_whole_interval_in_favour(self) -> None:
        assert claimed() == HOLDS

    def test_holds_whichever_arm_comes_first(self) -> None:
        assert claimed(contrast={"arm_a": "forward", "arm_b": "backward"}) == HOLDS

    def test_holds_where_higher_is_better(self) -> None:
        assert claimed(backward="4.20", forward="3.10", direction="higher") == HOLDS

    @pytest.mark.parametrize(
        ("backward", "forward"), [("4.20", "3.10"), ("3.10", "3.50"), ("3.10", "3.10")]
    )
    def test_does_not_hold_with_an_interval_that_reaches_zero(
        self, backward: str, forward: str
    ) -> None:
        assert claimed(backward=backward, forward=forward) != HOLDS

    def test_does_not_hold_without_spread(self) -> None:
        assert claimed(sd="") == NOT_TESTABLE

    def test_a_comparison_with_usual_care_is_no_evidence_of_direction(self) -> None:
        verdict = claimed(contrast={"arm_b": "forward", "arm_a": "control"})
        assert verdict == NOT_TESTABLE

    def test_a_protocol_carries_nothing(self) -> None:
        assert claimed(study={"design": "protocol of an RCT"}) == NOT_AS_CITED

    def test_one_session_carries_no_claim_about_weeks(self) -> None:
        assert claimed(study={"weeks": "single session"}) == NOT_AS_CITED

    def test_a_study_in_another_journal_is_not_the_cited_one(self) -> None:
        verdict = claimed(study={"weeks": "single session", "journal": "J Other Res"})
        assert verdict != NOT_AS_CITED

    def test_another_outcome_is_no_evidence(self) -> None:
        assert claimed(topic="posture", claim_in_our_words="improves posture") == NO_EVIDENCE

    def test_a_dose_that_nobody_used_is_no_evidence(self) -> None:
        text = "Five minutes a day of backward walking reduce knee pain"
        assert claimed(claim_in_our_words=text) == NO_EVIDENCE
        dose = {"arms": "backward walking 5 min (n=40); forward walking 5 min (n=40)"}
        assert claimed(claim_in_our_words=text, study=dose) == HOLDS
