"""What the numbers do not determine is not estimated: the rows of the group `stat`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.linear.firth import firth_fit
from backwalk_stats.errors import InputError, NotEstimable, UsageError
from backwalk_stats.ledger.reading.printed import parse_p
from backwalk_stats.models.arms.change import change_score, within_arm
from tests.models.trials import slope_trial

OUTCOMES, CONTRASTS = "outcomes.csv", "contrasts.csv"


@pytest.fixture(scope="module")
def trial():
    return slope_trial(30, seed=3)


def two_arms(before: list[float], after: list[float]) -> pd.DataFrame:
    half = len(before) // 2
    arms = ["forward"] * half + ["backward"] * half
    return pd.DataFrame({"arm": arms, "before": before, "after": after})


def verdicts(folder, **where):
    checks = bw.reproduce(evidence=folder).checks
    for column, value in where.items():
        told = (
            checks[column].str.split("; ")
            if column == "check"
            else checks[column].map(lambda x: [x])
        )
        checks = checks[[value in names for names in told]]
    return checks


@pytest.mark.parametrize("after", [[4.0] * 10, [4.0] * 5 + [3.0] * 5])
def test_stat_zero_variance_in_both_arms(after):
    data = two_arms([6.0] * 10, after)
    with pytest.raises(NotEstimable, match="without variation there is no test"):
        change_score(data, outcome="after", baseline="before", arm="arm", reference="forward")


def test_stat_all_paired_differences_0():
    same = [3.0, 5.0, 6.0, 7.0, 4.0, 2.0]
    with pytest.raises(NotEstimable, match="without variation there is no test"):
        within_arm(two_arms(same, same), outcome="after", baseline="before", arm="arm")


@pytest.mark.parametrize(("column", "text"), [("sd", "-1"), ("n", "0")])
def test_stat_negative_or_zero_sd_se_sd_n_0_in_summary_data(record_folder, column, text):
    with pytest.raises(InputError, match=f"outcomes.csv, line 2, column {column}"):
        bw.reproduce(evidence=record_folder((OUTCOMES, 2, column, text)))


def test_stat_negative_or_zero_sd_se_sd_n_0_in_summary_data_has_no_p(record_folder):
    folder = record_folder((OUTCOMES, 2, "sd", "0"), (OUTCOMES, 3, "sd", "0"))
    found = verdicts(folder, outcome="pain", check="two_sample")
    assert not (found["recomputed"] == 0).any()


def test_stat_se_reported_as_sd_factor_sqrt_n(record_folder):
    read = [(CONTRASTS, 2, "method", "Student t"), (CONTRASTS, 2, "ci_level", "95")]
    folder = record_folder((OUTCOMES, 2, "sd", "0.27"), (OUTCOMES, 3, "sd", "0.29"), *read)
    found = verdicts(folder, outcome="pain", check="two_sample", quantity="conf_low")
    assert found["verdict"].tolist() == ["not_reproduced"]
    assert "cannot all be right as printed" in found["reason"].iloc[0]


def test_stat_impossible_mean_sd_n_on_the_scale(record_folder):
    folder = record_folder((OUTCOMES, 2, "mean", "3.11"), (OUTCOMES, 2, "sd", "4.90"))
    found = bw.reproduce(evidence=folder).checks
    failing = found[found["verdict"] == "inputs_inconsistent"]
    assert {"grim", "sd_bounds"} <= set("; ".join(failing["check"]).split("; "))
    assert not failing["reason"].str.contains("fraud").any()


def test_stat_r_1_derived_from_sd_change(record_folder):
    rows = [(OUTCOMES, 2, "timepoint", "baseline"), (OUTCOMES, 3, "arm", "backward")]
    rows += [(OUTCOMES, 3, "timepoint", "week 6")]
    rows += [(OUTCOMES, 4, name, value) for name, value in (
        ("outcome", "pain change"), ("instrument", "NRS"), ("unit", "points"), ("scale_max", "10"),
        ("scale_min", "0"), ("mean", "0.9"), ("sd", "3.90"), ("timepoint", "week 6"),
        ("arm", "backward"))]  # fmt: skip
    rows += [("studies.csv", 2, "design_analysis", "complete case")]
    found = verdicts(record_folder(*rows), check="change_correlation")
    assert found["verdict"].tolist() == ["inputs_inconsistent"]
    assert "correlation beyond -1 to 1" in found["reason"].iloc[0]


def test_stat_collinear_covariates(trial):
    twice = trial.assign(months=trial["age"] * 12.0)
    with pytest.raises(UsageError, match="collinear") as caught:
        bw.mmrm("pain ~ arm * visit + age + months", twice, participant="id", visit="visit")
    assert "months" in str(caught.value)
    assert "age" in str(caught.value)


def test_stat_near_collinear_cond_1e8_huge_offset_1e9_x(trial):
    whole = trial.assign(age=trial["age"].round())
    far = whole.assign(age=whole["age"] + 1e9)
    formula = "pain ~ arm * visit + age"
    near, moved = (bw.mmrm(formula, data, "id", "visit").coefficients() for data in (whole, far))
    here, there = (table.set_index("term").loc["age"] for table in (near, moved))
    assert abs(here["estimate"] - there["estimate"]) < 1e-5 * here["std_error"]
    assert there["std_error"] == pytest.approx(here["std_error"], rel=1e-6)


def test_stat_singleton_group_site_empty_cell_in_arm_x_visit(trial):
    last = trial["visit"].astype(str) == str(trial["visit"].iloc[-1])
    empty = trial[~(last & (trial["arm"] == "backward"))]
    with pytest.raises(UsageError, match="backward"):
        bw.mmrm("pain ~ arm * visit", empty, participant="id", visit="visit")


def test_stat_model_does_not_converge(trial):
    few = trial[trial["id"] < "P0005"]
    fit = bw.mmrm("pain ~ arm * visit", few, participant="id", visit="visit")
    assert not fit.stats.converged
    assert fit.contrasts("arm", by="visit")[["std_error", "p_value"]].isna().all().all()


def test_stat_variance_component_on_the_boundary(trial):
    noise = trial.assign(pain=np.random.default_rng(1).normal(size=len(trial)))
    fit = bw.lmm("pain ~ week + (week | id)", noise)
    assert fit.stats.singular
    assert any(note.startswith("singular") for note in fit.stats.notes)


def test_stat_variance_component_on_the_boundary_falls_back_as_declared(trial):
    few = trial[trial["id"] < "P0005"]
    fit = bw.mmrm("pain ~ arm * visit", few, "id", "visit", fallback=("toeph", "csh", "cs"))
    assert any("from the declared fallback" in note for note in fit.stats.notes)


def test_stat_unidentifiable_random_slope_2_obs_person(trial):
    two = trial.groupby("id").head(2)
    with pytest.raises(UsageError):
        bw.lmm("pain ~ week + (week | id)", two)


def test_stat_perfect_separation_responder_model():
    arm = np.repeat([0.0, 1.0], 10)
    fit = firth_fit(y=arm.copy(), x=np.column_stack([np.ones(20), arm]))
    assert np.isfinite(fit.beta).all()
    assert np.isfinite(fit.std_error).all()


@pytest.mark.parametrize(
    ("text", "bounds"),
    [("0.000", (0.0, 0.0005)), ("<0.05", (0.0, 0.05)), ("NS", (0.05, 1.0))],
)
def test_stat_p_0_000_p_0_05_ns_p_1_in_published_input(text, bounds):
    printed = parse_p(text)
    assert printed is not None
    assert [(one.low, one.high) for one in printed.intervals] == [bounds]


def test_stat_p_0_000_p_0_05_ns_p_1_in_published_input_above_one(record_folder):
    with pytest.raises(InputError, match="0 to 1"):
        bw.reproduce(evidence=record_folder((CONTRASTS, 2, "p_value_as_printed", "1.2")))


@pytest.mark.parametrize(
    ("low", "verdict", "said"),
    [
        ("-0.50", "inputs_inconsistent", "does not hold its estimate"),
        ("-1.20", "compatible", "not in the middle of its interval"),
    ],
)
def test_stat_ci_not_containing_estimate_ci_asymmetric_for_a(record_folder, low, verdict, said):
    folder = record_folder((CONTRASTS, 2, "ci_low", low))
    found = verdicts(folder, outcome="pain", check="interval_shape")
    assert found["verdict"].tolist() == [verdict]
    assert said in found["reason"].iloc[0]
