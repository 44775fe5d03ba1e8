"""Every analysis of the menu, on every kind of trial: the contract that reports rely on."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.menu import MAIN, MENU
from backwalk_stats.analyses.questions.responder import responder
from backwalk_stats.analyses.questions.subgroups import subgroups
from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.errors import NotEstimable
from backwalk_stats.trial import tables
from backwalk_stats.trial.estimand import MAIN_ANALYSES, OF_KIND, OF_MEANS, SENSITIVITY
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial
from tests.analyses import trials

TRIALS = {
    "two-arms": trials.simulated,
    "three-arms": lambda: trials.simulated(arms=("forward", "backward", "control"), n=60),
    "two-visits": trials.some_lost_before_the_only_visit,
    "four-visits": lambda: trials.simulated(weeks=(0, 2, 4, 6), n=60),
    "some-baselines-missing": trials.some_baselines_missing,
    "no-baseline": trials.without_baseline_visit,
    "arm-unseen-at-the-end": trials.arm_unseen_at_the_end,
    "crossover": trials.crossover,
}
PARALLEL = set(MENU) - {"crossover"}
NEEDS_BASELINE = {
    "change-score",
    "constrained-longitudinal",
    "multiple-imputation",
    "jump-to-reference",
    "copy-reference",
    "copy-increments",
    "last-mean-carried-forward",
    "tipping-point",
}
NEEDS_TWO_FOLLOW_UPS = {"random-slope", "last-mean-carried-forward"}
ESTIMATED = {
    "two-arms": PARALLEL,
    "three-arms": PARALLEL,
    "two-visits": PARALLEL - NEEDS_TWO_FOLLOW_UPS,
    "four-visits": PARALLEL,
    "some-baselines-missing": PARALLEL,
    "no-baseline": PARALLEL - NEEDS_BASELINE,
    "arm-unseen-at-the-end": {"random-slope"},
    "crossover": {"crossover"},
}
FRAMES = {
    "means": tables.MEANS,
    "lines": tables.ANCOVA_LINES,
    "points": tables.CHANGES,
    "difference_curve": tables.DIFFERENCE_CURVE,
    "residuals": tables.RESIDUALS,
    "residual_bins": tables.RESIDUAL_BINS,
    "residual_quantiles": tables.RESIDUAL_QUANTILES,
    "tipping": tables.TIPPING,
    "forest": tables.FOREST,
    "responders": tables.RESPONDERS,
    "response_curve": tables.RESPONSE_CURVE,
    "covariance": ("visit", "visit2", "value"),
}
# Words of the models' own rows, which no reader knows.
INTERNAL = re.compile(r"\bx\d|\brows?\b|missing values:|\bvalue,|outcome value|arm = |arm:visit")
INDIVIDUAL = {"points", "residuals"}


@cache
def trial_named(name: str) -> Trial:
    return TRIALS[name]()


def test_every_code_of_a_trial_file_is_on_the_menu() -> None:
    assert set(MAIN) == set(MAIN_ANALYSES)
    assert set(MENU) == set(SENSITIVITY)


def check(result: Result, code: str) -> None:
    assert result.analysis == code
    assert result.estimates.columns.tolist() == list(tables.RESULTS)
    assert (result.estimates["analysis"] == code).all()
    assert result.method.endswith(".")
    words = [result.method, *result.notes]
    for column in ("visit", "arm", "contrast", "quantity", "role", "note"):
        assert result.estimates[column].notna().all()
        words += result.estimates[column].tolist()
    assert not any("CANARY" in text for text in words)
    told = " ".join((result.method, *result.notes))
    assert not INTERNAL.search(told), told
    for name, frame in result.frames.items():
        assert frame.columns.tolist() == list(FRAMES.get(name, frame.columns)), name
        assert ("participant" in frame.columns) == (name in INDIVIDUAL), name
    interval = result.estimates.dropna(subset=["estimate", "conf_low", "conf_high"])
    inside = interval[interval["quantity"] != "nnt"]
    assert (inside["conf_low"] <= inside["estimate"] + 1e-12).all()
    assert (inside["estimate"] <= inside["conf_high"] + 1e-12).all()


@pytest.mark.parametrize("code", sorted(MENU))
@pytest.mark.parametrize("name", TRIALS)
def test_an_analysis_answers_or_says_why_not(name: str, code: str) -> None:
    trial = trial_named(name)
    estimand = trial.estimands[0]
    result = MENU[code](trial, estimand)
    check(result, code)
    quantity = main_quantity(estimand.analysis if code in ("per-protocol", "as-treated") else code)
    rows = result.estimates
    main = rows[
        (rows["quantity"] == quantity)
        & (rows["visit"] == estimand.visit)
        & (rows["contrast"] == estimand.contrast_name)
    ]
    of_another_kind = any(code in own for own in OF_KIND.values()) and code not in OF_MEANS
    alone = code == "cluster-robust"  # nobody hangs together here
    if code in ESTIMATED[name] and not of_another_kind and not alone:
        assert np.isfinite(main["estimate"]).all(), result.notes
        assert len(main)
    else:
        assert main["estimate"].isna().all(), rows
        assert result.notes
        assert not result.converged


@pytest.mark.parametrize("name", TRIALS)
def test_responders_and_subgroups_answer_or_say_why_not(name: str) -> None:
    trial = trial_named(name)
    check(responder(trial, trial.estimands[0]), "responder")
    check(subgroups(trial, trial.estimands[0]), "subgroup")


def test_the_role_says_which_row_answers() -> None:
    trial = trial_named("two-arms")
    rows = MENU["mmrm"](trial, trial.estimands[0]).estimates
    answer = rows[rows["role"] == "primary"]
    assert answer[["visit", "quantity"]].to_numpy().tolist() == [["W6", "mean_difference"]]
    assert set(MENU["ancova"](trial, trial.estimands[0]).estimates["role"]) == {"sensitivity"}


def test_the_estimands_own_reference_is_subtracted() -> None:
    trial = trial_named("three-arms")
    other = replace(trial.estimands[0], contrast=("forward", "control"))
    back = replace(trial.estimands[0], contrast=("control", "forward"))
    for code in ("mmrm", "ancova", "constrained-longitudinal", "change-score", "rank-based"):
        one, two = (MENU[code](trial, own).estimates for own in (other, back))
        quantity = main_quantity(code)
        found = [
            frame[(frame["quantity"] == quantity) & (frame["visit"] == "W6")]["estimate"].iloc[-1]
            for frame in (one, two)
        ]
        assert found[0] == pytest.approx(-found[1], abs=1e-8), code


def test_names_of_columns_never_reach_a_formula() -> None:
    trial = trial_named("two-arms")
    strange = "1 + __import__('os')"
    people = trial.participants.rename(columns={"sex": strange})
    named = replace(trial, participants=people)
    estimand = replace(trial.estimands[0], covariates=("baseline", strange), subgroups=(strange,))
    plain = replace(trial.estimands[0], covariates=("baseline", "sex"))
    for code in ("mmrm", "ancova", "random-slope", "multiple-imputation"):
        one = MENU[code](named, estimand).estimates["estimate"]
        two = MENU[code](trial, plain).estimates["estimate"]
        pd.testing.assert_series_equal(one, two)
    assert subgroups(named, estimand).estimates["estimate"].notna().all()


def test_a_collinear_covariate_is_named_as_the_user_named_it() -> None:
    trial = trial_named("two-arms")
    people = trial.participants.assign(years=trial.participants["age"] * 2.0)
    estimand = replace(trial.estimands[0], covariates=("baseline", "age", "years"))
    result = MENU["mmrm"](replace(trial, participants=people), estimand)
    assert "years" in result.notes[0]
    assert "x2" not in result.notes[0]


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    trial = trial_named("two-arms")
    other = replace(trial, study=replace(trial.study, seed=8))
    for code in ("multiple-imputation", "bootstrap", "permutation", "jump-to-reference"):
        one, again, else_ = (
            MENU[code](own, trial.estimands[0]).estimates for own in (trial, trial, other)
        )
        pd.testing.assert_frame_equal(one, again)
        assert not one.equals(else_), code


def test_with_one_visit_resampling_is_of_the_analysis_of_covariance() -> None:
    trial = trial_named("two-visits")
    estimand = replace(trial.estimands[0], analysis="ancova")
    whole = MENU["ancova"](trial, estimand).estimates.iloc[0]
    for code in ("bootstrap", "permutation"):
        result = MENU[code](trial, estimand)
        found = result.estimates.iloc[0]
        assert found["estimate"] == pytest.approx(whole["estimate"], abs=1e-9)
        assert "analysis of covariance" in result.method
        assert not any("main analysis" in note for note in result.notes)
        if code == "permutation":
            assert found["statistic"] == pytest.approx(whole["statistic"], rel=1e-6)
    shifted = MENU["tipping-point"](trial, estimand).estimates.iloc[0]
    assert shifted["estimate"] == pytest.approx(whole["estimate"], abs=1e-9)


@pytest.mark.parametrize("limit", [1, 5])
def test_notes_and_methods_tell_the_same_counts_as_the_tables(limit: int) -> None:
    trial = trials.simulated(lost=0.0)
    ids = trial.participants["participant"]
    gone = (trial.data["visit"] == "W6") & trial.data["participant"].isin(list(ids[:3]))
    trial = replace(trials.with_values(trial, gone), small_cell=limit)
    estimand = trial.estimands[0]
    assert MENU["mmrm"](trial, estimand).notes == (
        "3 of the 96 planned measurements after baseline are missing; the model uses the others",
    )
    ancova = MENU["ancova"](trial, estimand)
    assert ancova.notes == ("3 participants without the outcome are left out",)
    assert "45 of 48 participants with complete data" in ancova.method
    assert ancova.estimates["n"].iloc[0] + ancova.estimates["n_reference"].iloc[0] == 45
    imputed = MENU["multiple-imputation"](trial, estimand)
    assert "3 values imputed at the visit" in imputed.method


@pytest.mark.parametrize(("limit", "count"), [(1, "3"), (5, "fewer than 5")])
def test_why_a_subgroup_has_no_answer_tells_no_few(limit, count, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise NotEstimable("3 complete rows and 4 coefficients leave no degree of freedom")

    monkeypatch.setattr("backwalk_stats.analyses.questions.subgroups.ols", refused)
    trial = replace(trials.simulated(), small_cell=limit)
    asked = replace(trial.estimands[0], analysis="ancova", subgroups=("sex",))
    (note,) = subgroups(trial, asked).notes
    assert note.startswith(f"sex: not estimated: {count} participants with complete data")


def test_who_has_no_baseline_is_left_out_by_name_of_what_is_missing() -> None:
    trial = trial_named("some-baselines-missing")
    notes = MENU["mmrm"](trial, trial.estimands[0]).notes
    assert notes[0] == "10 participants without the baseline are left out"
    assert notes[1].startswith("8 of the 76 planned measurements after baseline are missing")
