"""Checks of what was printed against itself: published examples and the failing cases."""

from __future__ import annotations

import pytest

from backwalk_stats.ledger.recompute import recompute
from tests.ledger.findings import STUDY, arm, between, ledger_of, one, rows, verdicts
from tests.ledger.records import record


def verdict(check: str, **printed: str) -> list[str]:
    return list(verdicts(ledger_of(contrasts=[between(**printed)]), check))


class TestIntervalToP:
    """Altman and Bland, BMJ 2011;343:d2304: RR 0.81 (0.70 to 0.94) gives z = -2.80, p = 0.005."""

    @property
    def ratio(self) -> dict[str, str]:
        """The printed ratio and its interval."""
        ends = {"estimate": "0.81", "ci_low": "0.70", "ci_high": "0.94"}
        return {"contrast_type": "risk ratio", **ends}

    def test_published_example(self) -> None:
        printed = {**self.ratio, "p_value_as_printed": "0.005"}
        printed |= {"method": "Cochrane RevMan", "ci_level": "95"}
        found = one(ledger_of(contrasts=[between(**printed)]), quantity="p_value")
        assert found["check"] == "ratio_interval_to_p"
        assert found["recomputed"] == pytest.approx(0.005, abs=0.0005)
        # One unit of the last decimal is wide: rounding allows 0.0017 to 0.0129 here.
        assert found["verdict"] in ("reproduced", "compatible")
        printed["p_value_as_printed"] = "0.05"
        found = one(ledger_of(contrasts=[between(**printed)]), quantity="p_value")
        assert found["verdict"] == "not_reproduced"

    def test_difference_of_pooled_means(self) -> None:
        # z = 0.20 / (0.36 / 3.92) = 2.178, p = 0.0294, by hand.
        printed = {"estimate": "-0.20", "ci_low": "-0.38", "ci_high": "-0.02"}
        pooled = between(contrast_type="pooled MD", p_value_as_printed="0.03", **printed)
        found = one(ledger_of(contrasts=[pooled]), quantity="p_value")
        assert found["recomputed"] == pytest.approx(0.0294, abs=0.0001)
        assert found["verdict"] == "reproduced"

    def test_the_t_of_few_people_is_wider(self) -> None:
        # 12 df: q = 2.179, t = 2 * 2.179 * 1.0 / 2.0 = 2.179 and p = 0.05 exactly.
        printed = {"estimate": "1.00", "ci_low": "0.00", "ci_high": "2.00", "df": "12"}
        ledger = ledger_of(contrasts=[between(p_value_as_printed="0.05", **printed)])
        assert one(ledger, check="interval_to_p")["recomputed"] == pytest.approx(0.05)

    def test_the_p_of_another_test_is_not_compared(self) -> None:
        printed = {**self.ratio, "p_value_as_printed": "0.2"}
        for method in ("Fisher's exact test", "test not read"):
            found = one(
                ledger_of(contrasts=[between(**printed, method=method)]), quantity="p_value"
            )
            assert found["verdict"] == "not_derivable"


@pytest.mark.parametrize(
    ("statistic", "df", "p"),
    # Tables of the t, F, chi-square and normal distributions: the 5 % points.
    [
        ("t=2.228", "10", "0.050"),
        ("t=-2.042", "30", "0.050"),
        ("F=3.354", "2,27", "0.050"),
        ("χ2=3.841", "1", "0.050"),
        ("z=1.960", "", "0.050"),
    ],
)
def test_statistic_to_p(statistic: str, df: str, p: str) -> None:
    printed = {"statistic": statistic, "df": df, "p_value_as_printed": p}
    for text, expected in ((p, "reproduced"), ("0.040", "not_reproduced"), ("<0.001", "not_")):
        printed["p_value_as_printed"] = text
        found = one(ledger_of(contrasts=[between(**printed)]), quantity="p_value")
        assert found["check"] == "statistic_to_p"
        assert found["verdict"].startswith(expected)


def test_fractional_df_are_numbers_of_their_own() -> None:
    # R: t.test(extra ~ group, sleep): t = -1.8608, df = 17.776, p = 0.07939.
    printed = between(statistic="t=-1.8608", df="17.776", p_value_as_printed="0.0794")
    found = one(ledger_of(contrasts=[printed]), quantity="p_value")
    assert found["recomputed"] == pytest.approx(0.07939, abs=1e-5)
    assert found["verdict"] == "reproduced"


class TestIntervalShape:
    """Altman and Bland, BMJ 2011;343:d2090: a plain interval is symmetric about its estimate."""

    @pytest.mark.parametrize(
        ("kind", "estimate", "low", "high", "expected"),
        [
            ("difference", "-0.20", "-0.38", "-0.02", ["compatible"] * 3),
            ("risk ratio", "0.81", "0.70", "0.94", ["compatible"] * 3),
            ("hazard ratio", "0.81", "0.70", "0.94", ["compatible"] * 3),
            ("difference", "0.81", "0.70", "0.98", ["compatible"]),
            # Some papers print the size of a difference beside its signed interval.
            ("difference", "0.20", "-0.38", "-0.02", ["compatible"]),
            ("difference", "-0.40", "-0.38", "-0.02", ["inputs_inconsistent"]),
            ("bootstrap difference", "-0.40", "-0.38", "-0.02", []),
            # Rounding lets the estimate stand at the end.
            ("difference", "-0.4", "-0.38", "-0.02", ["compatible"]),
        ],
    )
    def test_shape(
        self, kind: str, estimate: str, low: str, high: str, expected: list[str]
    ) -> None:
        printed = {"contrast_type": kind, "estimate": estimate, "ci_low": low, "ci_high": high}
        assert verdict("interval_shape", **printed) == expected


class TestDegreesOfFreedom:
    ARMS = (arm("backward", 20, "40", "5"), arm("forward", 18, "44", "5"))
    THIRD = (*ARMS, arm("control", 19, "44", "5"))

    @pytest.mark.parametrize(
        ("arms", "printed", "expected"),
        [
            (ARMS, {"statistic": "t=2.1", "df": "36"}, "reproduced"),
            (ARMS, {"statistic": "t=2.1", "df": "35"}, "compatible"),
            (ARMS, {"statistic": "t=2.1", "df": "33.7"}, "compatible"),
            (ARMS, {"statistic": "t=2.1", "df": "37"}, "inputs_inconsistent"),
            (ARMS, {"statistic": "F=4.3", "df": "1,38"}, "inputs_inconsistent"),
            (THIRD, {"statistic": "t=2.1", "df": "54"}, "reproduced"),
            (THIRD, {"statistic": "t=2.1", "df": "55"}, "inputs_inconsistent"),
        ],
    )
    def test_between(
        self, arms: tuple[dict[str, str], ...], printed: dict[str, str], expected: str
    ) -> None:
        method = "one-way ANOVA" if "F" in printed["statistic"] else "independent t-test"
        ledger = ledger_of(outcomes=arms, contrasts=[between(method=method, **printed)])
        assert verdicts(ledger, "degrees_of_freedom") == [expected]

    def test_of_a_model_that_was_not_read(self) -> None:
        # R lmerTest, REML = FALSE, three sessions a person: 40 people leave 40 df.
        printed = {"statistic": "F=4.3", "df": "1,40"}
        found = one(ledger_of(contrasts=[between(**printed)]), quantity="df")
        assert found["verdict"] == "not_derivable"
        assert "the model that the degrees of freedom belong to" in found["reason"]

    @pytest.mark.parametrize(
        ("df", "method", "expected"),
        [
            ("1,38", "repeated-measures ANOVA", ["reproduced"]),
            ("2,76", "repeated-measures ANOVA", ["reproduced"]),
            # Knees may have been counted and not people: only arms with their n would tell.
            ("2,78", "repeated-measures ANOVA", ["not_derivable"]),
            ("1.6,60.8", "repeated-measures ANOVA", []),
            ("2,114", "linear mixed model", []),
        ],
    )
    def test_arms_by_visits(self, df: str, method: str, expected: list[str]) -> None:
        # 40 people in 2 arms: 1 and 38 at two visits, 2 and 76 at three.
        printed = {"contrast_type": "time x group", "statistic": "F=4.3", "df": df}
        assert verdict("degrees_of_freedom", method=method, **printed) == expected

    def test_within_people(self) -> None:
        rows_of = [arm("backward", 40, "40", "5"), arm("forward", 40, "44", "5")]
        printed = {"contrast_type": "paired difference", "statistic": "t=2.1"}
        for df, expected in (("39", "reproduced"), ("40", "inputs_inconsistent")):
            contrast = between(method="paired t-test", df=df, **printed)
            ledger = ledger_of(outcomes=rows_of, contrasts=[contrast])
            assert verdicts(ledger, "degrees_of_freedom") == [expected]


@pytest.mark.parametrize(
    ("p", "unusual"),
    [
        ("<0.05", False), ("p<.001", False), (">0.05", False), ("NS", False), ("0.03", False),
        (">0.001 (not significant)", True), ("P < .04", True), ("p > 0.0125", True),
    ],
)  # fmt: skip
def test_threshold(p: str, unusual: bool) -> None:
    ledger = ledger_of(contrasts=[between(p_value_as_printed=p, method="Bonferroni")])
    found = rows(ledger, check="threshold")
    assert len(found) == int(unusual)
    if p.endswith("0.0125"):
        assert "Bonferroni's for 4 tests" in found["reason"].iloc[0]


@pytest.mark.parametrize(
    ("mdc", "expected", "words"),
    [
        # Weir, J Strength Cond Res 2005;19:231: 1.96 sqrt(2) SEM.
        ("1.33", "reproduced", "agrees"),
        ("0.94", "not_reproduced", "sqrt(2) was left out"),
        ("1.50", "not_reproduced", "is not 1.96 sqrt(2) SEM"),
    ],
)
def test_minimal_detectable_change(mdc: str, expected: str, words: str) -> None:
    outcomes = [arm("all", 121, "0.48", outcome="SEM"), arm("all", 121, mdc, outcome="MDC")]
    found = one(ledger_of(outcomes=outcomes), check="minimal_detectable_change")
    assert found["verdict"] == expected
    assert words in found["reason"]


class TestIdentities:
    """Perry and Burnfield: speed = step length x cadence / 60; stance + swing = 100."""

    def gait(self, speed: str, sd: str = "0.02") -> list[str]:
        outcomes = [
            arm("a", 20, speed, outcome="walking speed", unit="m/s"),
            arm("a", 20, "0.60", sd, outcome="step length", unit="m"),
            arm("a", 20, "110.0", "2.0", outcome="cadence", unit="steps/min"),
        ]
        return list(verdicts(ledger_of(outcomes=outcomes), "identities"))

    def test_speed(self) -> None:
        assert self.gait("1.10") == ["reproduced"]
        # The mean of products is within the product of the SDs: 1.10 -+ 0.02 * 2 / 60.
        assert self.gait("1.40") == ["inputs_inconsistent"]
        assert self.gait("1.40", sd="") == ["compatible"]

    def test_stride_is_two_steps(self) -> None:
        outcomes = [
            arm("a", 20, "1.10", outcome="walking speed", unit="m/s"),
            arm("a", 20, "120", "2", outcome="stride length", unit="cm"),
            arm("a", 20, "110.0", "2.0", outcome="cadence", unit="steps/min"),
        ]
        assert verdicts(ledger_of(outcomes=outcomes), "identities") == ["reproduced"]

    @pytest.mark.parametrize(("swing", "expected"), [("38", "reproduced"), ("36", "inputs_")])
    def test_stance_and_swing(self, swing: str, expected: str) -> None:
        outcomes = [
            arm("a", 20, "62", outcome="stance phase", unit="%"),
            arm("a", 20, swing, outcome="swing phase", unit="%"),
        ]
        found = verdicts(ledger_of(outcomes=outcomes), "identities")
        assert found[0].startswith(expected)


def test_power_of_a_protocol() -> None:
    # Cohen 1988, table 2.4.1: d = 0.50 needs 64 an arm for 80 % power, two-sided 5 %.
    ledger = ledger_of(design="protocol of a 2-arm RCT", n_randomised="128 (planned)")
    found = one(ledger, check="power")
    assert found["recomputed"] == pytest.approx(0.50, abs=0.005)
    assert found["verdict"] == "no_results"
    assert "64 an arm" in found["reason"]


REVIEW = [
    # Cochrane CD004376.pub4, analysis 4.5: three of its rows.
    ("Chen 2021", "1.56", "0.63", "16", "2.25", "0.86", "16", "-0.892258", "-1.623474"),
    ("Gondhalekar 2013", "3.53", "1.33", "15", "4.07", "1.18", "15", "-0.417904", "-1.142519"),
    ("Talbot 2003", "1.35", "0.93", "17", "1.2", "0.95", "17", "0.155796", "-0.517618"),
]
COLUMNS = (
    "Study", "Experimental.mean", "Experimental.SD", "Experimental.N", "Control.mean",
    "Control.SD", "Control.N", "Mean", "CI.start",
)  # fmt: skip


def reviewed(**changed: str) -> list[str]:
    made = [dict(zip(COLUMNS, row, strict=True)) for row in REVIEW]
    for row in made:
        row |= {"file": "cochrane_x.csv", "Analysis.group": "4", "Analysis.number": "5"}
    made[0] |= changed
    ledger = recompute(record(studies=[STUDY], reviews=made)).ledger
    return list(verdicts(ledger, "review_row"))


def test_review_rows() -> None:
    assert reviewed() == ["reproduced"] * 6
    assert reviewed(Mean="-0.992258")[0] == "not_reproduced"
    assert reviewed(Weight="90.0")[2] == "not_reproduced"


def pooled(estimate: str, trials: str) -> str:
    """Return the verdict on a printed pool of a record that holds two trials on pain."""
    studies = [{**STUDY, "study_id": name} for name in ("one", "two", "review")]
    means = {"one": "4.0", "two": "4.6"}
    outcomes = [
        {"study_id": name, **arm(side, 20, mean, "1.20", outcome="pain", instrument="NRS")}
        for name in means
        for side, mean in (("backward", "3.1"), ("control", means[name]))
    ]
    contrasts = [
        {"study_id": name, **between(outcome="pain", arm_b="control"), "contrast_type": "SMD"}
        for name in means
    ]
    row = {"study_id": "review", "outcome": "pain", "arm_a": trials, "arm_b": "control"}
    contrasts += [{**row, "contrast_type": "pooled g, DL", "estimate": estimate}]
    made = record(studies=studies, outcomes=outcomes, contrasts=contrasts)
    return str(one(recompute(made).ledger, study_id="review", quantity="estimate")["verdict"])


def test_pooled_estimate() -> None:
    # By hand: g = -0.735 and -1.225, SE^2 = 0.10749 and 0.12081; Q = 1.052, tau2 = 0.0059.
    assert pooled("-0.97", "2 trials") == "reproduced"
    # Which trials another source pools is not said; that it pools two proves nothing.
    assert pooled("-0.50", "2 trials") == "not_derivable"
    assert pooled("-0.97", "9 trials") == "not_derivable"
