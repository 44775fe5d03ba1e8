"""The whole analysis: every kind of trial to its end, the same numbers twice, numbers against R."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.multiplicity import with_adjusted_p
from backwalk_stats.analyses.questions.subgroups import subgroups
from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.models.missing.reference_based import conditional_mean_imputation
from backwalk_stats.models.mixed.mmrm import mmrm
from backwalk_stats.trial import tables
from tests.analyses import trials
from tests.reference.stored import stored

FOLDER = Path(__file__).parents[2] / "data" / "example_trial"
NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


@cache
def example() -> TrialAnalysis:
    trial = load_trial(FOLDER / "trial.toml")
    quick = tuple(replace(one, imputations=10, resamples=300) for one in trial.estimands)
    return analyse_trial(replace(trial, estimands=quick))


@cache
def sheet() -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / "scores.csv", na_values=["NA", "999"])
    frame["arm"] = pd.Categorical(frame["group"], ["FW", "BW"])
    return frame


def row(analysis: str, quantity: str, **named: str) -> pd.Series:
    found = example().estimates
    found = found[found["estimand"].isin(["", "E1"])]  # others ask the same of other values
    wanted = {"outcome": "knee_pain", "visit": "W6", **named}
    wanted |= {"analysis": analysis, "quantity": quantity}
    for name, value in wanted.items():
        found = found[found[name] == value]
    assert len(found) == 1, found
    return found.iloc[0]


def test_ancova_and_its_means_are_those_of_lm() -> None:
    values = stored("example_trial")
    found = row("ancova", "mean_difference")
    for name in NUMBERS:
        assert found[name] == pytest.approx(values["ancova"][name], rel=1e-9), name
    for arm, mean in values["adjusted_means"].items():
        found = row("ancova", "adjusted_mean", arm=arm)
        assert found["estimate"] == pytest.approx(mean, rel=1e-10)


def test_the_change_score_is_welchs_t_test() -> None:
    values, found = stored("example_trial")["welch"], row("change-score", "change_difference")
    for name in NUMBERS:
        assert found[name] == pytest.approx(values[name], rel=1e-10), name


def test_changes_within_arms_are_the_paired_t_test() -> None:
    for arm, values in stored("example_trial")["paired"].items():
        found = row("within-arm", "mean_change", arm=arm)
        for name in NUMBERS:
            assert found[name] == pytest.approx(values[name], rel=1e-10), name


def test_the_mixed_model_is_that_of_gls() -> None:
    values = stored("example_trial")["gls"]
    for visit in ("W3", "W6"):
        found = row("mmrm", "mean_difference", visit=visit)
        assert found["estimate"] == pytest.approx(values[visit][0], abs=2e-6)
    part = example().part("mmrm", "knee_pain")
    assert part is not None
    assert part.frames["fit"]["loglik"].iloc[0] == pytest.approx(values["loglik"], abs=1e-6)


def test_subgroups_of_an_ancova_are_the_interaction_of_lm() -> None:
    values = stored("example_trial")["subgroup"]
    trial = example().trial
    asked = replace(trial.estimands[0], analysis="ancova", sensitivity=())
    found = subgroups(trial, asked).estimates.set_index("note")
    for level in ("F", "M"):
        assert found.loc[f"sex: {level}", "estimate"] == pytest.approx(values[level], rel=1e-9)
    test = found.loc["interaction of arm and sex"]
    assert test["statistic"] == pytest.approx(values["interaction_f"], rel=1e-8)
    assert test["p_value"] == pytest.approx(values["interaction_p"], rel=1e-8)


def test_subgroups_of_a_mixed_model_are_those_of_gls() -> None:
    """R nlme 3.1-162: gls(y ~ v * nprs_w0 + group * v * sex + age, corSymm, varIdent, REML).

    Estimates at W6; its standard errors (0.71215568, 0.64693055) are not those of Kenward and
    Roger, which are larger by what the covariance costs.
    """
    gls = {"F": (-1.04512582, 0.71215568), "M": (-1.23311471, 0.64693055)}
    for level, (estimate, error) in gls.items():
        found = row("subgroup", "mean_difference", note=f"sex: {level}")
        assert found["estimate"] == pytest.approx(estimate, abs=1e-6)
        assert error < found["std_error"] < 1.02 * error
    test = row("subgroup", "f_statistic", note="interaction of arm and sex")
    assert np.sqrt(test["statistic"]) == pytest.approx(0.18798889 / 0.97595089, rel=0.01)
    part = example().part("subgroup", "knee_pain")
    assert part is not None and part.method.startswith("The mixed model of the main analysis")


@pytest.mark.parametrize(
    ("analysis", "formula"),
    [
        ("ancova", "value ~ baseline + age + C(arm, Treatment('forward')) * C(sex)"),
        ("change-score", "change ~ C(arm, Treatment('forward')) * C(sex)"),
    ],
)
def test_a_third_arm_is_in_the_model_and_not_in_the_interaction(
    analysis: Any, formula: str
) -> None:
    """statsmodels: the t of the one product is the root of F, and all arms give the variance."""
    import statsmodels.formula.api as smf

    trial = trials.simulated(n=90, arms=("forward", "backward", "usual_care"), seed=4)
    asked = replace(trial.estimands[0], analysis=analysis, covariates=("baseline", "age"))
    part = subgroups(trial, replace(asked, subgroups=("sex",)))
    (test,) = part.frames["interaction"].to_dict("records")
    people = trial.participants.set_index("participant")
    wide = trial.data.pivot(index="participant", columns="visit", values="value")
    frame = pd.DataFrame(
        {
            "value": wide[asked.visit],
            "baseline": wide["W0"],
            "change": wide[asked.visit] - wide["W0"],
            **{name: people[name].reindex(wide.index) for name in ("arm", "sex", "age")},
        }
    ).astype({"arm": str, "sex": str})
    fit = smf.ols(formula, frame).fit()
    product = "C(arm, Treatment('forward'))[T.backward]:C(sex)[T.M]"
    assert test["df_num"] == 1 and test["df_den"] == fit.df_resid
    assert test["statistic"] == pytest.approx(fit.tvalues[product] ** 2, rel=1e-8)
    assert test["p_value"] == pytest.approx(fit.pvalues[product], rel=1e-8)


def test_the_mixed_anova_is_that_of_afex() -> None:
    from backwalk_stats.analyses.questions.mixed_anova import mixed_anova

    values = stored("example_trial")["mixed_anova"]
    trial = example().trial
    found = mixed_anova(trial, trial.estimands[0]).estimates.iloc[0]
    assert found["statistic"] == pytest.approx(values["f"], rel=1e-9)
    assert found["df"] == pytest.approx(values["df_den"], rel=1e-9)
    assert found["p_value"] == pytest.approx(values["p"], rel=1e-9)


def test_the_doors_give_the_same_on_the_sheet_itself() -> None:
    frame = sheet()
    found = ancova(frame, outcome="nprs_w6", baseline="nprs_w0", arm="arm", covariates=["age"])
    assert row("ancova", "mean_difference")["p_value"] == pytest.approx(found["p_value"].iloc[0])
    long = frame.melt(
        id_vars=["id", "arm", "age", "nprs_w0"],
        value_vars=["nprs_w3", "nprs_w6"],
        var_name="when",
        value_name="pain",
    )
    fit = mmrm("pain ~ nprs_w0 * when + arm * when + age", long, "id", "when", df="kenward-roger")
    last = fit.contrasts("arm", by="when").iloc[1]
    for name in NUMBERS:
        assert row("mmrm", "mean_difference")[name] == pytest.approx(last[name], rel=1e-6), name
    events = pd.read_csv(FOLDER / "events.csv")
    first = events.groupby("id")["first_affected"].min()  # imputed from there on
    after = long["when"].str[-1] >= long["id"].map(first).str[-1].fillna("9")
    jump = conditional_mean_imputation(
        long.assign(pain=long["pain"].mask(after), after=after),
        value="pain",
        participant="id",
        visit="when",
        arm="arm",
        baseline="nprs_w0",
        at="nprs_w6",
        strategy="jr",
        covariates=["age"],
        event="after",
    ).iloc[0]
    mine = row("jump-to-reference", "mean_difference", note="conditional means, jackknife")
    assert mine["std_error"] == pytest.approx(jump["std_error"], rel=1e-6)


def test_responders_count_a_missing_score_as_declared() -> None:
    frame = sheet()
    gain = frame["nprs_w0"] - frame["nprs_w6"]
    rule = "improved by 2 points or more (mcid-musculoskeletal-points)"
    for handling, answer in (
        ("observed cases", (gain >= 2).astype(float).where(gain.notna())),
        ("missing = no response", (gain >= 2).astype(float)),
    ):
        found = responders(frame.assign(answer=answer), responder="answer", arm="arm")
        for quantity in ("risk_difference", "risk_ratio", "nnt"):
            mine = row("responder", quantity, note=f"{rule}; {handling}")
            other = found[found["quantity"] == quantity].iloc[0]
            assert mine["estimate"] == pytest.approx(other["estimate"])
            assert mine["conf_low"] == pytest.approx(other["conf_low"])


def test_the_sequence_of_tests_is_kept() -> None:
    found = example().estimates
    answers = found[found["p_adjusted"].notna()]
    assert answers["estimand"].tolist() == ["E1", "E2", "E3"]
    largest = np.maximum.accumulate(answers["p_value"].to_numpy())
    assert answers["p_adjusted"].to_numpy() == pytest.approx(largest)


def test_an_estimand_without_a_test_counts_as_one() -> None:
    trial, found = example().trial, example().estimates
    hidden = found.assign(p_value=found["p_value"].mask(found["estimand"] == "E1"))
    adjusted = with_adjusted_p(trial, hidden.assign(p_adjusted=np.nan))
    kept = adjusted[adjusted["p_adjusted"].notna()]
    assert kept["estimand"].tolist() == ["E2", "E3"]
    assert (kept["p_adjusted"] == 1.0).all()


def test_descriptions_count_the_sheet() -> None:
    analysis = example()
    table = analysis.part("baseline").frames["baseline"]  # type: ignore[union-attr]
    pain = table[(table["variable"] == "knee_pain") & (table["arm"] == "backward")].iloc[0]
    own = sheet()[sheet()["group"] == "BW"]["nprs_w0"]
    assert (pain["mean"], pain["sd"]) == pytest.approx((own.mean(), own.std()))
    missing = analysis.part("missingness").frames["missingness"]  # type: ignore[union-attr]
    last = missing[(missing["outcome"] == "knee_pain") & (missing["visit"] == "W6")]
    gone = sheet()["nprs_w6"].isna().groupby(sheet()["group"]).sum()
    assert dict(zip(last["arm"], last["n_missing"], strict=True)) == {
        "forward": gone["FW"],
        "backward": gone["BW"],
    }
    sessions = analysis.part("adherence").frames["sessions"]  # type: ignore[union-attr]
    assert sessions["n"].eq(30).all()
    flow = analysis.part("flow").frames["flow"]  # type: ignore[union-attr]
    assert flow.loc[flow["stage"] == "randomised", "n"].tolist() == [60]


def test_the_estimates_are_those_of_the_parts() -> None:
    analysis = example()
    given = [part.estimates for part in analysis.parts if len(part.estimates)]
    pd.testing.assert_frame_equal(pd.concat(given, ignore_index=True), analysis.estimates)
    assert analysis.estimates.columns.tolist() == list(tables.RESULTS)
    forest = analysis.part("sensitivity", "knee_pain").frames["forest"]  # type: ignore[union-attr]
    assert forest["group"].tolist()[0] == ""
    assert forest["label"].iloc[0] == "mmrm"


@pytest.mark.parametrize(
    "build",
    [
        trials.simulated,
        trials.without_baseline_visit,
        trials.arm_unseen_at_the_end,
        trials.some_baselines_missing,
        trials.crossover,
    ],
)
def test_every_trial_comes_to_its_end_and_gives_the_same_twice(build) -> None:
    trial = build()
    asked = replace(
        trial.estimands[0], sensitivity=("ancova", "multiple-imputation", "tipping-point")
    )
    trial = replace(trial, estimands=(asked,))
    calls: list[tuple[int, int, str]] = []
    one = analyse_trial(trial, lambda done, total, what: calls.append((done, total, what)))
    two = analyse_trial(trial)
    pd.testing.assert_frame_equal(one.estimates, two.estimates)
    assert [done for done, _, _ in calls] == list(range(len(one.parts) + 1))
    assert {total for _, total, _ in calls} == {len(one.parts)}


def test_an_outcome_without_an_estimand_gets_an_exploratory_one() -> None:
    trial = replace(trials.simulated(), estimands=())
    found = analyse_trial(trial).estimates
    answer = found[found["role"] == "exploratory"]
    assert answer["estimand"].tolist() == ["exploratory-pain"]
    assert answer["analysis"].tolist() == ["mmrm"]


def test_a_declared_count_that_differs_is_told() -> None:
    rows = [("assessed", "", "", 90), ("excluded", "", "declined", 40), ("randomised", "", "", 50)]
    declared = pd.DataFrame(rows, columns=list(tables.FLOW))
    part = analyse_trial(replace(trials.simulated(), flow=declared)).part("flow")
    assert part is not None
    assert any("50 are declared, 48 are in the data" in note for note in part.notes)
    flow = part.frames["flow"]
    excluded = flow[flow["stage"] == "excluded"]
    assert excluded[["reason", "n"]].to_numpy().tolist() == [["", 40], ["declined", 40]]


def test_the_long_layout_gives_the_numbers_of_the_wide_one(tmp_path: Path) -> None:
    frame = sheet().fillna({"nprs_w3": -1, "nprs_w6": -1})
    long = frame.melt(
        id_vars=["id", "group", "age"],
        value_vars=["nprs_w0", "nprs_w3", "nprs_w6"],
        var_name="visit",
        value_name="pain",
    )
    long["visit"] = long["visit"].str[-2:].str.upper()
    long["pain"] = long["pain"].astype(int).astype(str).replace("-1", "")
    long.to_csv(tmp_path / "long.csv", index=False)
    (tmp_path / "trial.toml").write_text(
        """
[trial]
id = "long"
title = "Long"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]
[[data]]
file = "long.csv"
layout = "long"
participant = "id"
arm = "group"
visit = "visit"
covariates = ["age"]
[[outcome]]
name = "knee_pain"
instrument = "nprs"
column = "pain"
[[estimand]]
outcome = "knee_pain"
analysis = "mmrm"
covariates = ["baseline", "age"]
""",
        encoding="utf-8",
    )
    found = analyse_trial(load_trial(tmp_path / "trial.toml")).estimates
    mine = found[(found["analysis"] == "mmrm") & (found["quantity"] == "mean_difference")]
    assert mine["estimate"].iloc[1] == pytest.approx(
        row("mmrm", "mean_difference")["estimate"], rel=1e-8
    )
