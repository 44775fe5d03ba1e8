"""Checks of two and more arms: published examples, people's own data as oracle, failing cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from tests.ledger.findings import arm, between, ledger_of, one, rows, verdicts

# Student's sleep data (Biometrika 1908;6:1-25), printed with the output of R 4's ?t.test examples.
DRUG_1 = arm("backward", 10, "0.7500", "1.78901")
DRUG_2 = arm("forward", 10, "2.3300", "2.00225")
# R: PlantGrowth (Dobson 1983), n = 10 a group; aov, TukeyHSD and pairwise.t.test.
PLANTS = [
    arm("backward", 10, "5.0320", "0.58309"),
    arm("forward", 10, "4.6610", "0.79368"),
    arm("control", 10, "5.5260", "0.44257"),
]


def verdict_of(ledger: pd.DataFrame, quantity: str) -> str:
    return str(one(ledger[ledger["check"] != "interval_shape"], quantity=quantity)["verdict"])


class TestTwoSample:
    """R: t.test(extra ~ group, sleep): Student t = -1.8608, df = 18, p = 0.07919; Welch 17.776."""

    STUDENT = between(
        estimate="-1.58", statistic="t=-1.861", df="18", p_value_as_printed="0.079",
        ci_low="-3.364", ci_high="0.204", ci_level="95", method="Student t test",
    )  # fmt: skip
    WELCH = between(
        estimate="-1.58", statistic="t=-1.861", df="17.776", p_value_as_printed="0.0794",
        ci_low="-3.365", ci_high="0.205", ci_level="95", method="Welch t test",
    )  # fmt: skip

    @pytest.mark.parametrize("printed", [STUDENT, WELCH], ids=["Student", "Welch"])
    def test_published_example(self, printed: dict[str, str]) -> None:
        ledger = ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[printed])
        found = rows(ledger, check="two_sample").set_index("quantity")
        assert set(found.index) >= {"estimate", "statistic", "conf_low", "conf_high"}
        assert (found["verdict"] == "reproduced").all()
        assert found.loc["statistic", "recomputed"] == pytest.approx(-1.8608, abs=5e-4)
        assert verdict_of(ledger, "p_value") == "reproduced"

    @pytest.mark.parametrize(
        ("quantity", "wrong"),
        [("estimate", "-1.85"), ("statistic", "t=-2.861"), ("ci_low", "-3.634")],
    )
    def test_wrong_number_fails(self, quantity: str, wrong: str) -> None:
        ledger = ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[{**self.STUDENT, quantity: wrong}])
        name = {"ci_low": "conf_low"}.get(quantity, quantity)
        assert verdict_of(ledger, name) == "not_reproduced"

    def test_papers_subtract_either_way(self) -> None:
        turned = between(
            estimate="1.58", statistic="t=1.861", ci_low="-0.204", ci_high="3.364",
            method="Student t test",
        )  # fmt: skip
        ledger = ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[turned])
        assert (rows(ledger, check="two_sample")["verdict"] == "reproduced").all()

    def test_unnamed_test_is_no_proof(self) -> None:
        p = between(p_value_as_printed="0.03", method="test not read")
        found = one(ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[p]), quantity="p_value")
        assert found["verdict"] == "not_derivable"
        assert "not read" in found["reason"]
        p = between(p_value_as_printed="0.03", method="Student t test")
        assert verdict_of(ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[p]), "p_value") == (
            "not_reproduced"
        )

    def test_means_without_spread_determine_no_test(self) -> None:
        bare = [arm("backward", 10, "0.75"), arm("forward", 10, "2.33", "0")]
        found = one(
            ledger_of(outcomes=bare, contrasts=[between(p_value_as_printed="0.03")]),
            quantity="p_value",
        )
        assert found["verdict"] == "not_derivable"
        assert "backward: SD or interval not printed" in found["reason"]


class TestPaired:
    """R: t.test(Pair(extra.1, extra.2) ~ 1, sleep): t = -4.0621, df = 9, p = 0.002833."""

    CHANGE = arm(
        "all", 10, "-1.58", "1.230", outcome="lumbar flexion change", time="baseline to week 6"
    )

    def printed(self, **more: str) -> dict[str, str]:
        return {"outcome": "lumbar flexion change", "arm_a": "all", "arm_b": "", **more} | {
            "contrast_type": "pre-post", "method": "paired t-test",
        }  # fmt: skip

    def test_published_example(self) -> None:
        printed = self.printed(statistic="t=-4.062", df="9", p_value_as_printed="0.0028")
        ledger = ledger_of(outcomes=[self.CHANGE], contrasts=[printed])
        found = one(ledger, quantity="statistic")
        assert found["recomputed"] == pytest.approx(-4.0621, abs=5e-4)
        tested = ledger[ledger["quantity"].isin(["statistic", "df", "p_value"])]
        assert set(tested["verdict"]) == {"reproduced"}

    def test_wrong_statistic_fails(self) -> None:
        ledger = ledger_of(
            outcomes=[self.CHANGE], contrasts=[self.printed(statistic="t=-4.62", df="9")]
        )
        assert verdict_of(ledger, "statistic") == "not_reproduced"

    def test_two_sds_leave_the_correlation_open(self) -> None:
        scores = [arm("all", 10, "0.75", "1.789"), arm("all", 10, "2.33", "2.002", time="baseline")]
        printed = {**self.printed(p_value_as_printed="0.003"), "outcome": "lumbar flexion"}
        found = one(ledger_of(outcomes=scores, contrasts=[printed]), quantity="p_value")
        assert found["verdict"] == "not_derivable"
        assert "depends on the correlation within people" in found["reason"]
        # At a correlation of -1 the p is largest: sd_d = 3.791, t = -1.318, p = 0.220.
        assert found["recomputed_high"] == pytest.approx(0.220, abs=0.004)
        printed["p_value_as_printed"] = "0.50"
        found = one(ledger_of(outcomes=scores, contrasts=[printed]), quantity="p_value")
        assert found["verdict"] == "not_reproduced"


class TestOneWay:
    """R: PlantGrowth; F(2, 27) = 4.846, p = 0.01591."""

    def test_published_example(self) -> None:
        printed = between(
            arm_a="3 arms", arm_b="", contrast_type="one-way ANOVA", statistic="F=4.846",
            df="2,27", p_value_as_printed="0.016", method="one-way ANOVA",
        )  # fmt: skip
        ledger = ledger_of(outcomes=PLANTS, contrasts=[printed])
        found = one(ledger, quantity="statistic")
        assert found["recomputed"] == pytest.approx(4.846, abs=0.005)
        assert [verdict_of(ledger, q) for q in ("statistic", "df", "p_value")] == ["reproduced"] * 3
        ledger = ledger_of(outcomes=PLANTS, contrasts=[{**printed, "statistic": "F=8.446"}])
        assert verdict_of(ledger, "statistic") == "not_reproduced"

    @pytest.mark.parametrize(
        ("method", "pair", "p"),
        [
            ("Tukey", ("backward", "forward"), "0.3909"),
            ("Tukey", ("backward", "control"), "0.1980"),
            ("Tukey", ("forward", "control"), "0.0120"),
            ("LSD", ("backward", "forward"), "0.1944"),
            ("LSD", ("forward", "control"), "0.0045"),
            ("Bonferroni", ("backward", "forward"), "0.583"),
            ("Bonferroni", ("backward", "control"), "0.263"),
            ("Bonferroni", ("forward", "control"), "0.013"),
        ],
    )
    def test_pairs(self, method: str, pair: tuple[str, str], p: str) -> None:
        printed = between(
            arm_a=pair[0], arm_b=pair[1], p_value_as_printed=p, method=f"{method} post hoc"
        )
        found = one(ledger_of(outcomes=PLANTS, contrasts=[printed]), quantity="p_value")
        assert found["recomputed"] == pytest.approx(float(p), rel=0.01, abs=5e-4)
        assert found["check"] == "one_way"
        assert found["verdict"] == "reproduced"
        wrong = {**printed, "p_value_as_printed": f"{float(p) / 2 + 0.1:.4f}"}
        found = one(ledger_of(outcomes=PLANTS, contrasts=[wrong]), quantity="p_value")
        assert found["verdict"] == "not_reproduced"


def six_numbers(seed: int, decimals: int = 2) -> tuple[list[dict[str, str]], pd.DataFrame]:
    """Return the rows that a trial prints, and its people."""
    rng = np.random.default_rng(seed)
    people, outcomes = [], []
    for name, shift, n in (("backward", -4.0, 24), ("forward", -1.0, 19)):
        before = rng.normal(50, 8, n)
        after = 12 + 0.7 * before + shift + rng.normal(0, 5, n)
        people.append(pd.DataFrame({"before": before, "after": after, "arm": name}))
        for time, values, outcome in (
            ("baseline", before, "lumbar flexion"),
            ("week 6", after, "lumbar flexion"),
            ("baseline to week 6", after - before, "lumbar flexion change"),
        ):
            mean, sd = (f"{x:.{decimals}f}" for x in (values.mean(), values.std(ddof=1)))
            outcomes.append(arm(name, n, mean, sd, time=time, outcome=outcome))
    return outcomes, pd.concat(people)


@pytest.mark.parametrize("seed", [1, 2, 3])
class TestAgainstThePeople:
    """What the printed summaries give is what a fit to the people gives, within rounding."""

    def test_ancova(self, seed: int) -> None:
        outcomes, people = six_numbers(seed)
        fit = smf.ols("after ~ before + C(arm, Treatment('forward'))", people).fit()
        term = next(name for name in fit.params.index if name.startswith("C(arm"))
        low, high = fit.conf_int().loc[term]
        printed = between(
            estimate=f"{fit.params[term]:.2f}",
            ci_low=f"{low:.2f}",
            ci_high=f"{high:.2f}",
            p_value_as_printed=f"{fit.pvalues[term]:.3f}",
            contrast_type="adjusted mean difference",
            method="ANCOVA adjusted for baseline",
        )
        ledger = ledger_of(outcomes=outcomes, contrasts=[printed])
        found = rows(ledger, check="ancova").set_index("quantity")["recomputed"]
        assert found["estimate"] == pytest.approx(fit.params[term], abs=0.02)
        assert found["p_value"] == pytest.approx(fit.pvalues[term], abs=0.002)
        assert set(rows(ledger, check="ancova")["verdict"]) <= {"reproduced", "compatible"}
        wrong = {**printed, "estimate": f"{fit.params[term] + 0.6:.2f}"}
        ledger = ledger_of(outcomes=outcomes, contrasts=[wrong])
        assert verdict_of(ledger, "estimate") == "not_reproduced"

    def test_ancova_without_the_changes_is_open(self, seed: int) -> None:
        outcomes, _ = six_numbers(seed)
        printed = between(p_value_as_printed="0.03", method="ANCOVA adjusted for baseline")
        ledger = ledger_of(
            outcomes=[row for row in outcomes if "change" not in row["outcome"]],
            contrasts=[printed],
        )
        assert verdict_of(ledger, "p_value") == "not_derivable"

    def test_ancova_needs_the_same_people_at_both_visits(self, seed: int) -> None:
        outcomes, _ = six_numbers(seed)
        lost = [{**row, "n": "26"} if row["timepoint"] == "baseline" else row for row in outcomes]
        printed = between(estimate="99", method="ANCOVA adjusted for baseline")
        assert verdict_of(ledger_of(outcomes=lost, contrasts=[printed]), "estimate") == (
            "not_derivable"
        )

    def test_change_score(self, seed: int) -> None:
        outcomes, people = six_numbers(seed)
        change = (people["after"] - people["before"]).groupby(people["arm"])
        test = stats.ttest_ind(change.get_group("backward"), change.get_group("forward"))
        printed = between(
            outcome="lumbar flexion change", p_value_as_printed=f"{test.pvalue:.3f}",
            statistic=f"t={test.statistic:.2f}", method="Student t test",
        )  # fmt: skip
        ledger = ledger_of(outcomes=outcomes, contrasts=[printed])
        found = rows(ledger, check="change_score").set_index("quantity")
        assert found.loc["p_value", "recomputed"] == pytest.approx(test.pvalue, abs=0.002)
        assert found.loc["statistic", "verdict"] == "reproduced"

    def test_two_visits(self, seed: int) -> None:
        outcomes, people = six_numbers(seed)
        long = pd.concat(
            people.assign(y=people[visit], visit=visit, person=range(len(people)))
            for visit in ("before", "after")
        )
        # The arm-by-visit F of a 2 x 2 ANOVA, person by person: least squares with person effects.
        long["both"] = ((long["visit"] == "after") & (long["arm"] == "backward")).astype(float)
        full = smf.ols("y ~ C(person) + C(visit) + both", long).fit()
        less = smf.ols("y ~ C(person) + C(visit)", long).fit()
        f, p, _ = full.compare_f_test(less)
        printed = between(
            outcome="lumbar flexion", contrast_type="time x group", statistic=f"F={f:.2f}",
            df="1,41", p_value_as_printed=f"{p:.3f}", method="2 x 2 repeated-measures ANOVA",
        )  # fmt: skip
        ledger = ledger_of(outcomes=outcomes, contrasts=[printed])
        assert one(ledger, quantity="statistic")["recomputed"] == pytest.approx(f, rel=0.02)
        assert [verdict_of(ledger, q) for q in ("statistic", "df")] == ["reproduced"] * 2
        ledger = ledger_of(
            outcomes=outcomes, contrasts=[{**printed, "statistic": f"F={f + 2:.2f}"}]
        )
        assert verdict_of(ledger, "statistic") == "not_reproduced"


def test_a_mixed_model_is_never_called_wrong() -> None:
    outcomes, _ = six_numbers(1)
    printed = between(
        outcome="lumbar flexion", contrast_type="time x group", p_value_as_printed="0.9",
        method="linear mixed model adjusted for site",
    )  # fmt: skip
    found = one(ledger_of(outcomes=outcomes, contrasts=[printed]), quantity="p_value")
    assert found["verdict"] == "not_derivable"


class TestStandardised:
    """Cochrane CD004376.pub4, analysis 4.5, Chen 2021."""

    ARMS = (arm("backward", 16, "1.56", "0.63"), arm("forward", 16, "2.25", "0.86"))

    def printed(self, **more: str) -> dict[str, str]:
        return between(contrast_type="SMD (Hedges g)", **more)

    def test_published_example(self) -> None:
        printed = self.printed(
            estimate="-0.892258", ci_low="-1.623474", ci_high="-0.161041", method="Cochrane RevMan"
        )
        ledger = ledger_of(outcomes=self.ARMS, contrasts=[printed])
        found = rows(ledger, check="standardised_difference")
        error = found["recomputed"] - found["reported"].astype(float)
        assert error.abs().max() < 1e-6
        assert (found["verdict"] == "reproduced").all()

    @pytest.mark.parametrize(
        ("low", "high"),
        [("-1.623", "-0.161"), ("-1.599", "-0.174"), ("-1.619", "-0.165")],
        ids=["Cochrane", "noncentral t", "large sample"],
    )
    def test_three_intervals_can_be_meant(self, low: str, high: str) -> None:
        printed = self.printed(estimate="-0.892", ci_low=low, ci_high=high)
        ledger = ledger_of(outcomes=self.ARMS, contrasts=[printed])
        assert {verdict_of(ledger, q) for q in ("conf_low", "conf_high")} == {"compatible"}

    def test_wrong_effect_fails(self) -> None:
        printed = self.printed(estimate="-0.95", method="Cochrane RevMan")
        ledger = ledger_of(outcomes=self.ARMS, contrasts=[printed])
        assert verdict_of(ledger, "estimate") == "not_reproduced"


def test_two_visits_are_taken_for_granted_only_where_they_are_said() -> None:
    outcomes, _ = six_numbers(1)
    printed = between(outcome="lumbar flexion", contrast_type="time x group", statistic="F=19.9")
    for df, method, expected in (
        ("1,41", "repeated-measures ANOVA", "not_reproduced"),
        ("", "2 x 2 ANOVA", "not_reproduced"),
        ("", "repeated-measures ANOVA", "not_derivable"),
        ("2,82", "repeated-measures ANOVA", "not_derivable"),
    ):
        row = {**printed, "df": df, "method": method}
        assert verdict_of(ledger_of(outcomes=outcomes, contrasts=[row]), "statistic") == expected


DRUG_1_INTERVAL = {**DRUG_1, "ci_low": "-0.530", "ci_high": "2.030", "ci_level": "95"}


class TestArmInterval:
    """R: t.test(sleep$extra[1:10]): mean 0.75, 95 percent interval -0.5297804 to 2.0297804."""

    def verdicts(self, **more: str) -> dict[str, str]:
        found = rows(
            ledger_of(
                outcomes=[{**DRUG_1_INTERVAL, **more}], design="single group", arms="backward"
            ),
            check="arm_interval",
        )
        return dict(zip(found["quantity"], found["verdict"], strict=True))

    def test_published_example(self) -> None:
        assert self.verdicts(se="0.566") == dict.fromkeys(
            ("conf_low", "conf_high", "se"), "reproduced"
        )

    @pytest.mark.parametrize(
        ("more", "wrong"),
        [
            ({"ci_low": "-0.250"}, {"conf_low"}),
            ({"ci_high": "2.300"}, {"conf_high"}),
            ({"ci_level": "90"}, {"conf_low", "conf_high"}),
            ({"se": "0.656"}, {"se"}),
        ],
    )
    def test_wrong_number_fails(self, more: dict[str, str], wrong: set[str]) -> None:
        found = self.verdicts(**more)
        assert {name for name, said in found.items() if said == "not_reproduced"} == wrong

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            # mean -+ 1.96 SD / sqrt(10); the 95 % interval where no level is printed.
            ({"ci_low": "-0.359", "ci_high": "1.859"}, {"compatible"}),
            ({"ci_level": ""}, {"compatible"}),
            ({"ci_level": "", "ci_low": "0.05", "ci_high": "1.45"}, {"not_derivable"}),
            ({"ci_level": "", "ci_low": "-3.9", "ci_high": "5.4"}, {"not_derivable"}),
            ({"ci_low": "0.000"}, {"compatible", "reproduced"}),
            ({"ci_low": "0.1", "note": "geometric mean"}, set()),
            ({"ci_low": "0.1", "outcome": "adjusted mean of flexion"}, set()),
            ({"ci_low": "0.1", "note": "bootstrap interval"}, set()),
        ],
    )
    def test_what_was_not_read_fails_nothing(
        self, more: dict[str, str], expected: set[str]
    ) -> None:
        assert set(self.verdicts(**more).values()) == expected

    @pytest.mark.parametrize(
        ("low", "expected"),
        [("-0.530", "compatible"), ("0.100", "not_derivable"), ("0.900", "inputs_inconsistent")],
    )
    def test_a_mean_without_spread_lies_in_its_interval(self, low: str, expected: str) -> None:
        assert self.verdicts(sd="", ci_low=low) == {"mean": expected}


DRUG_2_SE = {**DRUG_2, "sd": "0.633"}
DRUG_1_SE = {**DRUG_1, "sd": "0.566"}


class TestStandardErrorAsSd:
    """The sleep data with the standard errors 0.56573 and 0.63317 printed as SD."""

    @pytest.mark.parametrize("method", ["Student t test", "Welch t test", "independent t-test"])
    def test_the_reason_says_so(self, method: str) -> None:
        printed = {
            **TestTwoSample.STUDENT,
            "method": method,
            "ci_level": "95",
            "scale": "difference",
        }
        printed |= {"df": "", "statistic": "t=-1.86", "ci_low": "-3.36", "ci_high": "0.20"}
        ledger = ledger_of(outcomes=[DRUG_1_SE, DRUG_2_SE], contrasts=[printed])
        found = rows(ledger, check="standard_error_as_sd")
        assert set(found["quantity"]) == {"statistic", "p_value", "conf_low", "conf_high"}
        assert (found["verdict"] == "not_reproduced").all()
        assert found["reason"].str.contains("looks like a standard error").all()

    @pytest.mark.parametrize(
        "more",
        [{"method": "Mann-Whitney"}, {"method": "test not read"}, {"statistic": "t=-1.30"}],
    )
    def test_it_is_silent(self, more: dict[str, str]) -> None:
        printed = {**TestTwoSample.STUDENT, **more}
        ledger = ledger_of(outcomes=[DRUG_1_SE, DRUG_2_SE], contrasts=[printed])
        assert rows(ledger, check="standard_error_as_sd").empty
        ledger = ledger_of(outcomes=[DRUG_1, DRUG_2], contrasts=[printed])
        assert rows(ledger, check="standard_error_as_sd").empty


class TestArmSizes:
    ARMS = (arm("backward", 23, "40.0"), arm("forward", 22, "41.0"), arm("control", 23, "42.0"))

    @pytest.mark.parametrize(
        ("study", "fails"),
        [
            ({"n_randomised": "68"}, False),
            ({"n_randomised": "60"}, True),
            ({"n_randomised": "60 (3 lost)"}, True),
            ({"n_randomised": "60 (planned)"}, False),
            ({"n_randomised": "30", "design": "crossover trial"}, False),
            ({"n_randomised": "30", "design": "not read"}, False),
            ({"n_randomised": "12 (clusters)"}, False),
            ({"n_randomised": "60", "arms": "backward; control"}, False),
        ],
    )
    def test_people_in_the_arms(self, study: dict[str, Any], fails: bool) -> None:
        base = {"design": "3-arm RCT", "arms": "backward; forward; control"}
        ledger = ledger_of(outcomes=[*self.ARMS, arm("all", 99, "41")], **{**base, **study})
        found = rows(ledger, check="arm_sizes")
        assert found["verdict"].tolist() == ["inputs_inconsistent"] * fails
        assert set(found["quantity"]) <= {"n"}

    def test_knees_are_no_people(self) -> None:
        knees = [{**one, "note": "n is knees"} for one in self.ARMS]
        ledger = ledger_of(outcomes=knees, design="3-arm RCT", arms="a; b; c", n_randomised="60")
        assert rows(ledger, check="arm_sizes").empty


COMPLETE: dict[str, Any] = {
    "design": "single group",
    "arms": "a",
    "design_analysis": "complete case",
}


@pytest.mark.parametrize(
    ("change", "study", "expected"),
    [
        ("-4.0", {}, "reproduced"),
        ("4.0", {}, "reproduced"),
        ("-7.0", COMPLETE, "inputs_inconsistent"),
        ("-7.0", {"n_randomised": "20"}, "inputs_inconsistent"),
        ("-7.0", {"n_randomised": "25"}, "not_derivable"),
        ("-7.0", {"n_randomised": "20", "design_analysis": "intention to treat"}, "not_derivable"),
        ("-7.0", {"n_randomised": "20", "design_analysis": "mixed model"}, "not_derivable"),
    ],
)
def test_a_change_against_its_two_means(change: str, study: dict[str, Any], expected: str) -> None:
    outcomes = [
        arm("a", 20, "44.0", time="baseline"),
        arm("a", 20, "40.0"),
        arm("a", 20, change, time="baseline to week 6", outcome="lumbar flexion change"),
    ]
    base = {"design": "single group", "arms": "a"}
    assert verdicts(ledger_of(outcomes=outcomes, **{**base, **study}), "change_of_scores") == [
        expected
    ]
    for other in (
        {"note": "imputed"},
        {"outcome": "adjusted lumbar flexion change"},
        {"unit": "%"},
    ):
        rest = [*outcomes[:2], {**outcomes[2], **other}]
        assert verdicts(ledger_of(outcomes=rest, **{**base, **study}), "change_of_scores") == []


@pytest.mark.parametrize(
    ("sd", "n", "expected"),
    # |5 - 8| = 3 to 13, with rounding 2.9 to 13.1.
    [
        ("6.0", 20, ["compatible"]),
        ("2.9", 20, ["compatible"]),
        ("2.5", 20, ["inputs_inconsistent"]),
        ("14.0", 20, ["inputs_inconsistent"]),
        ("2.5", 18, []),
    ],
)
def test_sd_of_a_change(sd: str, n: int, expected: list[str]) -> None:
    outcomes = [
        arm("a", 20, "44.0", "5.0", time="baseline"),
        arm("a", n, "40.0", "8.0"),
        arm("a", n, "-4.0", sd, time="baseline to week 6", outcome="lumbar flexion change"),
    ]
    assert verdicts(ledger_of(outcomes=outcomes, **COMPLETE), "change_correlation") == expected
    unread = verdicts(ledger_of(outcomes=outcomes), "change_correlation")
    assert unread == [one.replace("inputs_inconsistent", "not_derivable") for one in expected]


WOMAC_ENDS = {"pain": "20", "stiffness": "8", "function": "68", "total": "96"}


class TestSubscaleSum:
    """WOMAC Likert 3.1: 5, 2 and 17 items of 0 to 4; total 0 to 96 (Bellamy 1988)."""

    def verdicts(self, total: str, name: str, ends: dict[str, str], **study: Any) -> list[str]:
        means = {"pain": "8.43", "stiffness": "4.09", "function": "34.13", "total": total}
        outcomes = [
            arm(
                "a", 23, mean, outcome=part, instrument=f"WOMAC {part}{name}", unit="points",
                **({"scale_min": "0", "scale_max": ends[part]} if ends else {}),
            )
            for part, mean in means.items()
        ]  # fmt: skip
        return list(verdicts(ledger_of(outcomes=outcomes, **study), "subscale_sum"))

    @pytest.mark.parametrize(("name", "ends"), [(" (Likert 3.1)", {}), ("", WOMAC_ENDS)])
    def test_the_parts_add_up(self, name: str, ends: dict[str, str]) -> None:
        assert self.verdicts("46.65", name, ends, **COMPLETE) == ["reproduced"]
        assert self.verdicts("41.65", name, ends, **COMPLETE) == ["inputs_inconsistent"]
        assert self.verdicts("41.65", name, ends) == ["not_derivable"]

    @pytest.mark.parametrize(
        ("name", "ends"),
        [
            ("", {}),
            (" (Likert, normalised 0-100)", {}),
            ("", dict.fromkeys(WOMAC_ENDS, "100")),
            ("", {**WOMAC_ENDS, "total": "100"}),
        ],
    )
    def test_a_total_that_is_no_sum(self, name: str, ends: dict[str, str]) -> None:
        assert self.verdicts("46.65", name, ends, **COMPLETE) == []


@pytest.mark.parametrize(
    ("label", "mdc", "expected"),
    # R: qnorm(0.95) * sqrt(2) * 3.11 = 7.234; qnorm(0.975) * sqrt(2) * 3.11 = 8.620.
    [
        ("MDC90", "7.23", "reproduced"),
        ("MDC90", "8.62", "not_reproduced"),
        ("MDC95", "8.62", "reproduced"),
        ("MDC (90 %)", "7.23", "reproduced"),
        ("MDC", "8.62", "reproduced"),
        ("MDC", "7.23", "compatible"),
        ("minimal detectable change", "9.90", "not_reproduced"),
    ],
)
def test_the_level_of_a_detectable_change(label: str, mdc: str, expected: str) -> None:
    outcomes = [arm("all", 40, "3.11", outcome="SEM"), arm("all", 40, mdc, outcome=label)]
    assert verdicts(ledger_of(outcomes=outcomes), "minimal_detectable_change") == [expected]


@pytest.mark.parametrize(
    # SD sqrt(1 - ICC) = 4.20 sqrt(0.05) = 0.939; 0.89 to 0.99 over the rounding of ICC 0.95.
    ("sem", "expected"),
    [("0.94", "reproduced"), ("1.50", "not_derivable")],
)
def test_sem_of_sd_and_icc(sem: str, expected: str) -> None:
    outcomes = [
        arm("all", 40, sem, outcome="SEM"),
        arm("all", 40, "0.95", outcome="ICC"),
        arm("all", 40, "48.0", "4.20"),
    ]
    assert verdicts(ledger_of(outcomes=outcomes), "minimal_detectable_change") == [expected]


class TestGait:
    def speed(self, text: str, unit: str, outcome: str = "gait velocity", **more: str) -> list[str]:
        outcomes = [
            {**arm("a", 20, text, "0.1", outcome=outcome, unit=unit), **more},
            arm("a", 20, "60.0", "2.0", outcome="step length", unit="cm"),
            arm("a", 20, "110.0", "2.0", outcome="cadence", unit="steps/min"),
        ]
        return list(verdicts(ledger_of(outcomes=outcomes), "identities"))

    @pytest.mark.parametrize(
        ("right", "wrong", "unit"),
        [("1.10", "1.30", "m/s"), ("110", "130", "cm/s"), ("66.0", "78.0", "m/min")],
    )
    def test_velocity_in_its_units(self, right: str, wrong: str, unit: str) -> None:
        assert self.speed(right, unit) == ["reproduced"]
        assert self.speed(wrong, unit) == ["inputs_inconsistent"]

    def test_another_velocity_or_other_people(self) -> None:
        assert self.speed("2.20", "cm/s", "sway velocity") == []
        assert self.speed("1.30", "m/s", "backward gait velocity") == []
        assert self.speed("1.30", "m/s", n="18") == []
        assert self.speed("1.30", "m/s", instrument="stopwatch") == []

    def test_stance_is_single_and_double_support(self) -> None:
        outcomes = [
            arm("a", 20, "62", outcome="stance phase", unit="%"),
            arm("a", 20, "38", outcome="single support", unit="%"),
            arm("a", 20, "24", outcome="double support", unit="%"),
        ]
        assert verdicts(ledger_of(outcomes=outcomes), "identities") == ["compatible"]
