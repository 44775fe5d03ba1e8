"""Which comparison of a study is pooled, and the one answer in numbers that a record gives."""

from __future__ import annotations

import pytest

from backwalk_stats.evidence.record import Record
from backwalk_stats.ledger.pools import MainAnswer, effects_frame, main_answer, trials_of, weeks_of
from backwalk_stats.ledger.recompute import cases_of, recompute
from tests.ledger.findings import arm
from tests.ledger.records import record

SMD = {"contrast_type": "SMD (Hedges g)", "method": "Cochrane RevMan", "origin": "review"}
PAIN = {"outcome": "pain", "instrument": "NRS", "unit": "points", "direction_better": "lower"}


@pytest.fixture(scope="module")
def answer(shipped_record: Record) -> MainAnswer:
    """The answer of the shipped record."""
    contrasts = cases_of(shipped_record).contrasts
    found = main_answer(trials_of(contrasts), contrasts)
    assert found is not None
    return found


class TestShippedAnswer:
    """The numbers of the agreed first screen: R metafor, REML with test="knha"."""

    def test_pool(self, answer: MainAnswer) -> None:
        assert (answer.outcome, answer.k, answer.people) == ("pain", 5, 208)
        rounded = [round(x, 2) for x in (answer.estimate, answer.conf_low, answer.conf_high)]
        assert rounded == [-1.05, -1.96, -0.13]
        assert (round(answer.pi_low, 2), round(answer.pi_high, 2)) == (-3.31, 1.22)
        assert round(answer.i2) == 76

    def test_walking_was_added(self, answer: MainAnswer) -> None:
        assert answer.added
        assert len(answer.trials) == answer.k

    def test_without_the_merged_arm(self, answer: MainAnswer) -> None:
        assert answer.merged == ("Alghadir 2019",)
        assert [round(x, 2) for x in answer.without_merged] == [-1.21, -2.43, 0.01]

    def test_direct_comparison(self, answer: MainAnswer) -> None:
        """data/evidence/README.md, "Recovering Alghadir's arms"."""
        direct = answer.direct
        assert direct is not None and direct.derived and direct.lower_is_better
        rounded = [round(x, 2) for x in (direct.estimate, direct.conf_low, direct.conf_high)]
        assert rounded == [-0.70, -1.42, 0.02]
        assert round(direct.p_value, 3) == 0.055

    def test_another_outcome(self, shipped_record: Record) -> None:
        contrasts = cases_of(shipped_record).contrasts
        function = main_answer(trials_of(contrasts), contrasts, "function")
        assert function is not None and function.outcome == "function"
        assert main_answer(trials_of(contrasts), contrasts, "sleep") is None


def twice(*comparisons: dict[str, str]) -> Record:
    """Return a record of one study with several standardised differences in pain."""
    arms = (
        ("backward", "week 6", "3.10"),
        ("backward", "week 12", "3.30"),
        ("forward", "week 6", "3.60"),
        ("usual care", "week 6", "4.20"),
        ("usual care", "week 12", "4.10"),
        ("backward+forward combined", "week 6", "3.40"),
    )
    return record(
        studies=[
            {
                "study_id": "trial",
                "short_name": "Trial",
                "design": "3-arm RCT",
                "arms": "backward walking; forward walking; usual care",
            }
        ],
        outcomes=[
            {**arm(name, 20, mean, "1.20", time=time), **PAIN, "study_id": "trial"}
            for name, time, mean in arms
        ],
        contrasts=[{**SMD, "study_id": "trial", **one} for one in comparisons],
    )


MERGED = {"outcome": "NRS week 6", "arm_a": "backward+forward combined", "arm_b": "usual care"}
SINGLE = {"outcome": "NRS week 6", "arm_a": "backward", "arm_b": "usual care"}
LATE = {"outcome": "NRS week 12", "arm_a": "backward", "arm_b": "usual care"}
FORWARD = {"outcome": "NRS week 6", "arm_a": "backward", "arm_b": "forward"}


class TestOneRowAStudy:
    @pytest.mark.parametrize(
        ("comparisons", "means", "aside"),
        [
            ((MERGED, SINGLE), ("3.10", "4.20"), "against usual care at week 6"),
            ((FORWARD, SINGLE), ("3.10", "4.20"), "against forward at week 6"),
            ((SINGLE, LATE), ("3.30", "4.10"), "against usual care at week 6"),
            ((LATE, SINGLE), ("3.30", "4.10"), "against usual care at week 6"),
        ],
    )
    def test_rule(
        self, comparisons: tuple[dict[str, str], ...], means: tuple[str, str], aside: str
    ) -> None:
        effects = effects_frame(trials_of(cases_of(twice(*comparisons)).contrasts))
        assert len(effects) == 1
        assert (effects["backward"][0][:4], effects["control"][0][:4]) == means
        assert effects["source"][0].endswith(f"not pooled as well: {aside}")

    def test_nothing_is_said_where_nothing_stands_aside(self) -> None:
        effects = recompute(twice(SINGLE)).effects
        assert "not pooled" not in effects["source"][0]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("6 weeks", "3 months"),
        ("week 8", "month 3"),
        ("10 days", "2 weeks"),
        ("baseline", "day 1"),
        ("baseline to week 4", "week 6"),
        ("11 months", "1 year"),
        ("4 to 6 weeks", "week 12"),
    ],
)
def test_the_last_visit_is_the_last_in_time(earlier: str, later: str) -> None:
    assert weeks_of(earlier) < weeks_of(later)
