"""Verdicts on claims: the shipped ones, and invented ones with their mirror images."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import pandas as pd
import pytest
from scipy import stats

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.recompute import cases_of, recompute
from backwalk_stats.trial.result import Reproduction
from backwalk_stats.trial.tables import CLAIMS
from tests.ledger.invented_claims import (
    ADVICE,
    CASES,
    CONTRADICTED,
    HEARD,
    HIGHER,
    HOLDS,
    LOAD,
    MIXED,
    NO_EVIDENCE,
    NOT_CARRIED,
    NOT_READ,
    SUPPORTED,
    USUAL,
    Base,
)

# data/evidence/README.md, "Verdicts on claims".
VERDICTS = {
    "N1": NOT_CARRIED,
    "N2": NOT_CARRIED,
    "N3": MIXED,
    "N4": NOT_CARRIED,
    "N5": NOT_READ,
    "N6": SUPPORTED,
    "N7": SUPPORTED,
    "N8": SUPPORTED,
    "N9": NO_EVIDENCE,
    "N10": SUPPORTED,
}
# The same file, "Recovering Alghadir's arms" and "What a reader must not get wrong".
FACTS = {
    "N1": [
        "is a protocol without results",
        "−0.70 points (95% CI −1.42 to 0.02",
        "p = 0.055",
        "0.023 to 0.112",
        "0.033",
        "0.083 (Tukey)",
        "0.099 (Bonferroni)",
        "Lower is better",
        "5 trials, 208 people",
        "−1.05 (95% CI −1.96 to −0.13",
        "−3.31 to 1.22",
    ],
    "N2": [
        "−2.10 points (95% CI −4.37 to 0.17",
        "p = 0.069",
        "0.062",
        "0.147",
        "0.186",
        "Rangey 2016",
        "forward better, p = 0.043",
    ],
    "N3": [
        "vertical ground reaction force higher, p = 0.0057",
        "gait retraining",
        "-0.20 (-0.38 to -0.02)",
        "but not to which side, in Zhang 2025",
    ],
    "N4": ["one session of 15 minutes", "chronic", "acute", "p = 0.014 for the effect of time"],
    "N5": ["its full text is open, and its abstract alone was read"],
    "N6": [
        "medial gastrocnemius activity lower, p < 0.05",
        "7 healthy college-aged adults",
        "erector spinae",
        "p < 0.001",
    ],
    "N7": ["0.99 (0.37 to 1.61)", "Nothing is printed on", "reaction time"],
    "N8": ["17% to 20% higher, p < 0.00001", "in 27 healthy adults", "no number read"],
    "N9": ["five minutes a day"],
    "N10": [
        "46 female students with forward head posture",
        "p = 0.001",
        "no intervention",
        "Assumed for Mahmoudi 2024",
    ],
}
ONE_LINE = {
    "N1": "Cited: a protocol. Alghadir 2019: −0.70 points, p = 0.055 (0.023 to 0.112 by rounding)",
    "N4": "The cited study watched one session of 15 minutes and people with chronic complaints",
    "N5": "The paper is open; its abstract alone was read",
    "N9": "No study of five minutes a day",
}
TO_READ = {"N1": "Alghadir 2019", "N5": "Chan 2025", "N8": "", "N9": ""}


@pytest.fixture(scope="module")
def judged(shipped: Reproduction) -> pd.DataFrame:
    """The claims of the shipped record, by id."""
    return shipped.claims.set_index("claim_id")


class TestShipped:
    def test_verdicts(self, judged: pd.DataFrame) -> None:
        assert judged["verdict"].to_dict() == VERDICTS

    def test_columns(self, shipped: Reproduction) -> None:
        assert tuple(shipped.claims.columns) == CLAIMS
        assert {"in_one_line", "to_read"} <= set(CLAIMS)

    @pytest.mark.parametrize("claim", FACTS)
    def test_explanations_hold_the_facts(self, judged: pd.DataFrame, claim: str) -> None:
        text = str(judged.loc[claim, "explanation"])
        assert [fact for fact in FACTS[claim] if fact not in text] == []

    @pytest.mark.parametrize("claim", ONE_LINE)
    def test_one_line(self, judged: pd.DataFrame, claim: str) -> None:
        assert judged.loc[claim, "in_one_line"] == ONE_LINE[claim]

    @pytest.mark.parametrize("claim", TO_READ)
    def test_to_read(self, judged: pd.DataFrame, claim: str) -> None:
        assert judged.loc[claim, "to_read"] == TO_READ[claim]

    @pytest.mark.parametrize("claim", VERDICTS)
    def test_sentences_stand_in_order(self, judged: pd.DataFrame, claim: str) -> None:
        text = str(judged.loc[claim, "explanation"])
        heads = [r"^Claimed: ", r"\bThe (?:source|article names no source)", r"settle it"]
        places = [found.start() for head in heads if (found := re.search(head, text))]
        assert len(places) == len(heads) and places == sorted(places)

    @pytest.mark.parametrize("claim", VERDICTS)
    def test_words_are_for_readers(self, judged: pd.DataFrame, claim: str) -> None:
        row = judged.loc[claim]
        said = f"{row['in_one_line']} {row['explanation']} {row['to_read']}"
        assert len(row["in_one_line"]) <= 95 and row["in_one_line"]
        assert not re.search(
            r"NOT (?:SEEN|READ)|\bnan\b|contrast_type|\d\.\d{6}|[a-z]_[a-z]|;;", said
        )
        assert not [name for name in str(row["study_ids"]).split(";") if name in said]
        assert not re.search(r"  | ,|\(\)|, \)|\. \.", said)

    def test_links_lead_to_findings_of_the_claims_own_studies(self, shipped: Reproduction) -> None:
        studies = dict(zip(shipped.ledger["finding_id"], shipped.ledger["study_id"], strict=True))
        assert len(studies) == len(shipped.ledger), "every finding has its own id"
        for row in shipped.claims.to_dict("records"):
            linked = [name for name in row["finding_ids"].split(";") if name]
            assert {studies[name] for name in linked} <= set(row["study_ids"].split(";"))

    def test_printed_numbers_are_those_of_the_rows(
        self, shipped_record: Record, judged: pd.DataFrame
    ) -> None:
        """Every p and interval after "Printed" stands in a row of the claim's own studies."""
        for claim in VERDICTS:
            row = judged.loc[claim]
            own = shipped_record.contrasts["study_id"].isin(str(row["study_ids"]).split(";"))
            cells = shipped_record.contrasts[own].astype(str).agg(" ".join, axis=1).str.cat(sep=" ")
            text = "".join(
                re.findall(
                    r"(?:Printed|No difference is|A difference is)[^.]*(?:\.\d[^.]*)*\.",
                    str(row["explanation"]),
                )
            )
            for number in re.findall(r"p [=<>] (?:0)?(\.\d+)", text):
                assert number in cells, (claim, number)


class TestRecoveredArms:
    """p of backward against forward: scipy on the arms that the combining formula gives."""

    MEANS, SDS, N = (3.9, 4.6), (1.1, 1.3), 23  # data/evidence/README.md
    CONTROL = (4.8, 0.8, 22)

    def test_rounding_range(self, judged: pd.DataFrame) -> None:
        half = (-0.05, 0.05)
        values = [
            stats.ttest_ind_from_stats(
                self.MEANS[0] + a,
                self.SDS[0] + c,
                self.N,
                self.MEANS[1] + b,
                self.SDS[1] + d,
                self.N,
            ).pvalue
            for a, b, c, d in itertools.product(half, repeat=4)
        ]
        text = f"({min(values):.3f} to {max(values):.3f} as rounding allows)"
        assert text in str(judged.loc["N1", "explanation"])

    def test_every_test_that_can_have_been_meant(self, judged: pd.DataFrame) -> None:
        n, df = (self.N, self.N, self.CONTROL[2]), 65
        sds = (*self.SDS, self.CONTROL[1])
        error = sum((m - 1) * sd**2 for m, sd in zip(n, sds, strict=True)) / df
        t = abs(self.MEANS[0] - self.MEANS[1]) / (error * 2 / self.N) ** 0.5
        lsd = 2 * stats.t.sf(t, df)
        expected = (
            f"with the error of all 3 arms {lsd:.3f} (least significant difference), "
            f"{stats.studentized_range.sf(t * 2**0.5, 3, df):.3f} (Tukey), "
            f"{min(1, 3 * lsd):.3f} (Bonferroni)"
        )
        assert expected in str(judged.loc["N1", "explanation"])


def renamed(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    ids = [
        ";".join(f"x-{name.strip()}" for name in text.split(";")) for text in frame[column].tolist()
    ]
    return frame.assign(**{column: ids})


def test_nothing_is_keyed_to_a_name(shipped_record: Record, shipped: Reproduction) -> None:
    claims = renamed(shipped_record.claims, "evidence_study_ids")
    prose = "what_the_evidence_base_holds"
    again = recompute(
        replace(
            shipped_record,
            studies=renamed(shipped_record.studies, "study_id"),
            outcomes=renamed(shipped_record.outcomes, "study_id"),
            contrasts=renamed(shipped_record.contrasts, "study_id"),
            claims=claims.assign(claim_id="x-" + claims["claim_id"], **{prose: ""}),
        )
    )
    assert again.claims["verdict"].tolist() == shipped.claims["verdict"].tolist()
    assert again.claims["explanation"].tolist() == shipped.claims["explanation"].tolist()
    key = ["outcome", "contrast", "quantity", "reported", "verdict", "check"]
    ours, theirs = (one.ledger[key].sort_values(key) for one in (shipped, again))
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
    numbers = ["estimate", "conf_low", "conf_high", "tau2"]
    pd.testing.assert_frame_equal(again.pooled[numbers], shipped.pooled[numbers])


NAMES = [name for name, _, _ in CASES]
MIRROR = {HOLDS: CONTRADICTED, CONTRADICTED: HOLDS, SUPPORTED: CONTRADICTED}


class TestInvented:
    @pytest.mark.parametrize(("name", "base", "verdict"), CASES, ids=NAMES)
    def test_verdict(self, name: str, base: Base, verdict: str) -> None:
        row = base.judged()
        assert row["verdict"] == verdict, row["explanation"]

    @pytest.mark.parametrize(
        ("name", "base", "verdict"),
        [case for case in CASES if case[1].outcomes],
        ids=[name for name, base, _ in CASES if base.outcomes],
    )
    def test_exchanged_arms_exchange_the_verdict(self, name: str, base: Base, verdict: str) -> None:
        mirrored = base.swapped().judged()["verdict"]
        assert mirrored == MIRROR.get(verdict, verdict)

    @pytest.mark.parametrize("first", ["backward", "forward"])
    @pytest.mark.parametrize(("backward", "forward"), [(3.1, 4.2), (4.2, 3.1)])
    def test_the_order_of_the_arms_does_not_matter(
        self, first: str, backward: float, forward: float
    ) -> None:
        base = Base().arms(backward, forward)
        second = "forward" if first == "backward" else "backward"
        base.contrasts[0] |= {"arm_a": first, "arm_b": second}
        assert base.judged()["verdict"] == (HOLDS if backward < forward else CONTRADICTED)

    @pytest.mark.parametrize("better", ["lower", "higher"])
    def test_the_scale_says_which_side_is_better(self, better: str) -> None:
        base = Base().arms(3.1, 4.2)
        for row in base.outcomes:
            row["direction_better"] = better
        row = base.judged()
        assert row["verdict"] == (HOLDS if better == "lower" else CONTRADICTED)
        assert f"{better.capitalize()} is better." in row["explanation"]

    def test_arms_alone_are_compared(self) -> None:
        base = Base().arms(4.2, 3.1)
        base.contrasts.clear()
        assert base.judged()["verdict"] == CONTRADICTED

    def test_numbers_of_the_sentences_are_those_of_the_arms(self) -> None:
        """Student's t of the invented arms, by scipy."""
        row = Base().arms(4.2, 3.1).judged()
        test = stats.ttest_ind_from_stats(4.2, 1.2, 40, 3.1, 1.2, 40)
        se = 1.2 * (2 / 40) ** 0.5
        reach = stats.t.ppf(0.975, 78) * se
        assert test.pvalue < 0.001
        assert f"1.10 points (95% CI {1.1 - reach:.2f} to {1.1 + reach:.2f}" in row["explanation"]
        assert f"1.10 points (95% CI {1.1 - reach:.2f} to {1.1 + reach:.2f})" in row["in_one_line"]

    def test_pool_of_many(self) -> None:
        """Five for and one against: both intervals of the pool are given, and it is mixed."""
        base = Base().arms(4.2, 3.4)
        for forward in (4.2, 4.2, 4.1, 4.2, 4.3):
            base.arms(3.1, forward)
        row = base.judged()
        assert row["verdict"] == MIXED
        pool = re.search(
            r"\(95% CI (\S+) to (\S+); a further study is expected from (\S+) to (\S+)\)",
            row["explanation"],
        )
        assert pool is not None
        low, high, further_low, further_high = (
            float(text.replace("−", "-").strip(").")) for text in pool.groups()
        )
        assert further_low < low < high < further_high
        assert further_low < 0

    def test_papers_to_read_are_named(self) -> None:
        row = Base().study("a", **HEARD).study("b", **HEARD).judged()
        assert row["to_read"] == "Study a; Study b"
        assert row["in_one_line"] == "2 papers are known; their abstracts alone were read"

    def test_a_difference_before_treatment_is_no_effect(self) -> None:
        base = Base().arms(3.1, 4.2)
        for row in base.outcomes:
            row["timepoint"] = "baseline"
        base.contrasts[0]["outcome"] = "NRS baseline"
        assert base.judged()["verdict"] == NO_EVIDENCE

    def test_an_interval_of_unread_level_decides_nothing(self) -> None:
        base = Base().arms(3.1, 4.2, sd="")
        for row in base.outcomes:
            row |= {"ci_low": f"{float(row['mean']) - 0.1:.2f}"}
            row |= {"ci_high": f"{float(row['mean']) + 0.1:.2f}"}
        assert base.judged()["verdict"] == NO_EVIDENCE
        for row in base.outcomes:
            row["ci_level"] = "95"
        assert base.judged()["verdict"] == HOLDS

    def test_what_is_compared_is_not_called_missing(self) -> None:
        denied = Base(claim_in_our_words="Backward walking fails to reduce knee pain").arms(3, 4)
        row = denied.judged()
        assert "holds no printed result" not in row["explanation"]
        assert "compares backward against forward walking in Study s0" in row["explanation"]
        assert "names no side" in row["in_one_line"]

    def test_a_side_that_is_printed_is_not_called_unprinted(self) -> None:
        text = "Backward walking improves gait symmetry"
        base = Base(topic="gait", claim_in_our_words=text)
        row = base.printed("backward higher", outcome="gait symmetry index").judged()
        assert "not to which side" not in row["explanation"]
        assert "which side is better was not read" in row["explanation"]

    def test_the_one_study_behind_a_verdict_is_named_with_its_size(self) -> None:
        assert "one study of 8 people" in Base().arms(3.1, 6.2, n=4).judged()["explanation"]
        two = Base().arms(3.1, 4.2).arms(3.1, 4.2).judged()
        assert "one study" not in two["explanation"]

    def test_a_count_of_studies_stands_beside_no_single_outcome(self) -> None:
        base = Base(**LOAD).printed(HIGHER, outcome="rectus EMG").printed(HIGHER, outcome="VL EMG")
        base.printed("backward lower", name="s0", outcome="calf EMG", p="0.01")
        base.printed(HIGHER, name="s0", outcome="hamstring EMG")
        row = base.judged()
        assert row["verdict"] == SUPPORTED
        assert "(2 studies)" not in row["in_one_line"] and "lower" in row["in_one_line"]

    def test_words_of_an_estimate_stay_with_their_arm(self) -> None:
        base = Base(**LOAD).printed(
            "within, forward higher",
            outcome="EMG",
            arm_a="forward",
            arm_b="backward",
            estimate="17% to 20% higher",
        )
        row = base.judged()
        assert row["verdict"] == CONTRADICTED
        assert "17% to 20% higher with forward walking" in row["explanation"]
        assert "higher backward" not in row["in_one_line"]

    def test_a_pain_scale_is_pain(self) -> None:
        text = "Backward walking reduces pain and stiffness more than forward walking"
        row = Base(claim_in_our_words=text).arms(3.1, 4.2).judged()
        assert "Nothing is printed on stiffness as such." in row["explanation"]
        assert row["in_one_line"].endswith("; 1 of 2 parts not measured")

    def test_what_was_assumed_is_said(self) -> None:
        row = Base(**ADVICE).printed("between groups", "0.001", **USUAL).judged()
        assert (
            "Assumed for Study s0: that the difference is in favour of walking"
            in row["explanation"]
        )


def test_the_cases_reach_every_verdict() -> None:
    assert {verdict for _, _, verdict in CASES} == set(VERDICTS.values()) | {HOLDS, CONTRADICTED}


def test_recovered_arms_are_those_of_the_base(shipped_record: Record) -> None:
    """data/evidence/README.md: NRS means 3.9 and 4.6, SDs 1.1 and 1.3, either arm with either."""
    found = [
        cell
        for alternative in cases_of(shipped_record).recovered["alghadir2019"]
        for cell in alternative
        if cell.outcome == "pain"
    ]
    assert {cell.mean for cell in found} == {"3.9", "4.6"}
    assert {cell.sd for cell in found} == {"1.1", "1.3"}
