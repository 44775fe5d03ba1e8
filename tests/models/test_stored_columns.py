"""The gate for columns against the stored cases: R's numbers, or a refusal that says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.stored_models import cases, held, prepared, stored

FORMULAS = [one for one in cases("column_gate") if "__formula_" in one]


def by_quantity(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {row["quantity"]: row["estimate"] for row in rows}


@pytest.mark.parametrize("name", FORMULAS or ["column_gate__absent"])
def test_formulas_are_read_as_r_reads_them(name):
    case = stored(name)
    data = prepared(case)
    tables, limit = case["tables"], case["tolerance"]["estimate"]
    fit = bw.ols(data=data, **case["call"]["arguments"])
    wanted = by_quantity(tables["fit"])
    assert fit.x.shape[1] == wanted["rank"]
    assert (fit.residuals() ** 2).sum() == pytest.approx(wanted["rss"], rel=limit)
    assert fit.stats.loglik == pytest.approx(wanted["log_likelihood"], rel=limit)
    assert fit.stats.df_residual == wanted["df_residual"]
    fitted = [row["fitted"] for row in tables["fitted"]]
    assert fit.fitted().to_numpy()[: len(fitted)] == pytest.approx(fitted, rel=limit)


@pytest.mark.parametrize("case_name", ["arm_with_trailing_blank", "object_covariate"])
def test_an_analysis_of_covariance(case_name):
    case = stored(f"column_gate__{case_name}")
    asked = dict(case["call"]["arguments"])
    if isinstance(asked.get("covariates"), str):
        asked["covariates"] = [asked["covariates"]]
    found = bw.ancova(prepared(case), **asked)
    rows = case["tables"]["ancova"]
    assert len(found) == len(rows)
    assert held(found.iloc[0], rows[0], case["tolerance"]) == 6


def test_numbers_held_as_objects_are_numbers():
    case = stored("column_gate__object_baseline_ols")
    found = bw.ols(data=prepared(case), **case["call"]["arguments"]).coefficients()
    for (_, own), row in zip(found.iterrows(), case["tables"]["coefficients"], strict=True):
        assert held(own, row, case["tolerance"]) == 4


def test_ids_of_two_types_are_one_person():
    case = stored("column_gate__ids_of_two_types")
    fit = bw.mmrm(data=prepared(case), **case["call"]["arguments"])
    wanted = by_quantity(case["tables"]["fit"])
    assert fit.stats.n_participants == wanted["n_participants"]
    assert fit.stats.loglik == pytest.approx(wanted["log_likelihood"], rel=1e-7)


def test_ids_that_start_anew_at_each_site_are_told():
    case = stored("column_gate__ids_reused_between_sites")
    try:
        fit = bw.lmm(data=prepared(case), **case["call"]["arguments"])
    except UsageError as refused:
        assert "id" in str(refused)
    else:
        assert any("arm" in note and "id" in note for note in fit.stats.notes)


def test_a_planned_visit_keeps_its_place():
    case = stored("column_gate__planned_visit")
    fit = bw.mmrm(data=prepared(case), **case["call"]["arguments"])
    right, wrong = (by_quantity(case["tables"][one]) for one in ("fit", "wrong"))
    assert fit.stats.loglik == pytest.approx(right["log_likelihood"], rel=1e-7)
    rho = fit.variance_parameters().set_index("term")["estimate"].iloc[1]
    assert rho == pytest.approx(right["rho"], rel=case["tolerance"]["estimate"])
    assert abs(rho - wrong["rho"]) > 0.01


def test_visits_as_text_stand_in_the_order_of_their_numbers():
    case = stored("column_gate__text_visits_ar1")
    fit = bw.mmrm(data=prepared(case), **case["call"]["arguments"])
    tables, limit = case["tables"], case["tolerance"]
    wanted = by_quantity(tables["fit"])
    assert fit.stats.loglik == pytest.approx(wanted["log_likelihood"], rel=limit["loglik"])
    own = fit.variance_parameters()["estimate"].to_numpy()
    assert own == pytest.approx([wanted["variance"], wanted["rho"]], rel=limit["estimate"])
    found = fit.contrasts("arm", by="visit")
    for (_, one), row in zip(found.iterrows(), tables["contrasts"], strict=True):
        assert one["visit"] == row["visit"]
        assert held(one, row, limit) == 2
    change = fit.contrasts("visit", by="arm", method="change")
    for (_, one), row in zip(change.iterrows(), tables["change"], strict=False):
        assert (one["contrast"], one["arm"]) == (row["contrast"], row["arm"])
        assert held(one, row, limit) == 2


def test_jump_to_reference_knows_the_last_visit():
    case = stored("column_gate__text_visits_jump_to_reference")
    found = bw.conditional_mean_imputation(prepared(case), **case["call"]["arguments"])
    limit = case["tolerance"]["estimate"]
    right, wrong = (case["tables"][one][0]["estimate"] for one in ("jr", "mar"))
    assert np.asarray(found["estimate"])[0] == pytest.approx(right, rel=limit)
    assert abs(right - wrong) > 0.1


def test_a_seed_is_given():
    case = stored("column_gate__seed_none")
    asked = dict(case["call"]["arguments"])
    named = ("factor", "by", "replicates")
    choices = {name: asked.pop(name) for name in named}
    fit = bw.mmrm(data=prepared(case), **asked)
    with pytest.raises(UsageError, match="seed"):
        bw.bootstrap(fit, **choices, seed=None)  # type: ignore[arg-type]
