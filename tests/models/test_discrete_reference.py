"""Risks, rates, ordered categories and estimating equations held to values of R.

tests/reference/discrete: values.json names program, version and call of each case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.reference.stored import FOLDER, stored

CASES = stored("discrete")
KINDS = {"conf_low": "conf", "conf_high": "conf", "p_value": "p"}


def rows_of(case: dict[str, Any]) -> pd.DataFrame:
    """Return the data of a case, columns with named levels as categoricals."""
    frame = pd.read_csv(FOLDER / "discrete" / case["data"])
    for column, levels in case["levels"].items():
        frame[column] = pd.Categorical(frame[column], levels, ordered=True)
    return frame


def answer(case: dict[str, Any], **choices: Any) -> Any:
    function = getattr(bw, case["call"]["function"])
    return function(data=rows_of(case), **{**case["call"]["arguments"], **choices})


def held(row: pd.Series, expected: dict[str, Any], tolerance: dict[str, float]) -> None:
    """Hold every number of a row that the reference has."""
    for name in ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value", "df"):
        if expected.get(name) is None:
            continue
        kind = tolerance.get(KINDS.get(name, name), tolerance["estimate"])
        assert row[name] == pytest.approx(expected[name], rel=kind, abs=1e-300), name


def row_of(frame: pd.DataFrame, **labels: str) -> pd.Series:
    own = frame[np.logical_and.reduce([frame[name] == value for name, value in labels.items()])]
    assert len(own) == 1, labels
    return own.iloc[0]


@pytest.mark.parametrize("name", ["two_arm", "two_arm_unadjusted"])
@pytest.mark.parametrize("form", ["ye_decomposed", "ye_residual", "influence"])
def test_adjusted_risk(name, form):
    case = CASES[f"adjusted_risk__{name}"]
    found = answer(case, vcov=form)
    for expected in case["tables"][form]:
        labels = {"arm": expected["contrast"].split(" - ")[0], "quantity": expected["quantity"]}
        held(row_of(found, **labels), expected, case["tolerance"])
    assert found["notes"].str.contains(f"standard errors: {form}").all()


def test_separated_risks_are_firths_and_say_so():
    case = CASES["adjusted_risk__separated"]
    found = answer(case)
    for expected in case["tables"]["firth"]:
        held(row_of(found, quantity=expected["quantity"]), expected, case["tolerance"])
    assert found["notes"].str.contains("separated: the logistic model has no maximum").all()


def test_stratified_risk():
    case = CASES["stratified_risk__sites"]
    found = answer(case)
    for expected in case["tables"]["uncorrected"]:
        labels = {"quantity": expected["quantity"], "arm": "backward"}
        held(row_of(found, **labels), expected, case["tolerance"])
    corrected = case["tables"]["corrected"][-1]
    held(row_of(found, quantity="cmh_corrected"), corrected, case["tolerance"])


def test_paired_proportions():
    case = CASES["mcnemar__within_arm"]
    found = answer(case)
    names = {"mcnemar": "p_asymptotic", "mcnemar_corrected": "p_corrected",
             "mcnemar_exact": "p_exact", "mcnemar_mid_p": "p_mid"}  # fmt: skip
    for expected in case["tables"]["exact"]:
        own = found[found["arm"] == expected["arm"]].set_index("quantity")
        for quantity, p in names.items():
            assert own.loc[quantity, "p_value"] == pytest.approx(expected[p], rel=1e-9)
        for name in ("n", "gained", "lost", "p_exact", "p_mid"):
            assert own[name].unique() == pytest.approx([expected[name]], rel=1e-12)
        odds = own.loc["odds_ratio"]
        infinite = {name: np.inf if one is None else one for name, one in expected.items()}
        assert own.loc["risk_difference", "estimate"] == pytest.approx(expected["risk_difference"])
        assert odds["estimate"] == pytest.approx(infinite["odds_ratio"], rel=1e-12)
        assert odds["conf_low"] == pytest.approx(infinite["or_low"], rel=1e-9)
        assert odds["conf_high"] == pytest.approx(infinite["or_high"], rel=1e-9)


@pytest.mark.parametrize("name", ["two_arm", "two_arm_unadjusted"])
@pytest.mark.parametrize("vcov", ["model", "observed", "hc0", "hc1", "hc3"])
def test_rate_ratio(name, vcov):
    case = CASES[f"rate_ratio__{name}_robust"]
    found = answer(case, vcov=vcov)
    held(row_of(found, quantity="rate_ratio"), case["tables"][vcov][0], case["tolerance"])
    fit = {row["quantity"]: row["estimate"] for row in case["tables"]["fit"]}
    for quantity in ("dispersion", "log_likelihood"):
        estimate = row_of(found, quantity=quantity)["estimate"]
        assert estimate == pytest.approx(fit[quantity], rel=1e-6)


def test_robust_errors_of_a_rate_ratio_are_hc3_and_say_so():
    found = answer(CASES["rate_ratio__two_arm_robust"])
    pd.testing.assert_frame_equal(found, answer(CASES["rate_ratio__two_arm_robust"], vcov="hc3"))
    assert found["notes"].str.contains("standard errors: hc3").all()


def test_counts_without_overdispersion_are_poisson_and_say_so():
    case = CASES["rate_ratio__no_overdispersion"]
    found = answer(case)
    held(row_of(found, quantity="rate_ratio"), case["tables"]["poisson"][0], case["tolerance"])
    assert row_of(found, quantity="dispersion")["estimate"] == 0.0
    assert found["notes"].str.contains("no overdispersion").all()


def test_an_arm_without_an_event_has_exact_conditional_limits():
    case = CASES["rate_ratio__none_in_one_arm"]
    found = row_of(answer(case), quantity="rate_ratio")
    expected = case["tables"]["exact_conditional"][0]
    held(found, {**expected, "estimate": None, "conf_low": None}, case["tolerance"])
    assert found["estimate"] == 0.0 == found["conf_low"]
    assert "no event in backward" in found["notes"] and np.isnan(found["std_error"])


@pytest.mark.parametrize("name", ["two_arm", "two_arm_unadjusted"])
@pytest.mark.parametrize("limits", ["wald", "profile"])
def test_ordinal(name, limits):
    case = CASES[f"ordinal__{name}"]
    found = answer(case, limits=limits)
    for expected in [*case["tables"][limits], *case["tables"]["thresholds"]]:
        held(row_of(found, term=expected["term"]), expected, case["tolerance"])
    for expected in case["tables"]["proportionality"]:
        held(row_of(found, term=expected["quantity"]), expected, case["tolerance"])
    for expected in case["tables"]["superiority"]:
        term = expected["quantity"].removeprefix("probability_of_superiority_")
        held(row_of(found, term=term), expected, case["tolerance"])
    likelihood = row_of(found, quantity="log_likelihood")["estimate"]
    assert likelihood == pytest.approx(case["tables"]["fit"][0]["estimate"], rel=1e-9)


@pytest.mark.parametrize("name", [name for name in CASES if name.startswith("gee__")])
@pytest.mark.parametrize("working", ["moments", "geepack"])
def test_gee(name, working):
    case = CASES[name]
    fit = answer(case, working=working)
    found = fit.coefficients()
    expected = pd.DataFrame(case["tables"][working])
    assert found["term"].tolist() == expected["term"].tolist()
    for column, tolerance in case["tolerance"].items():
        assert found[column].to_numpy() == pytest.approx(expected[column], rel=tolerance)
    own = {row["quantity"]: row["estimate"] for row in case["tables"].get("working", [])}
    if f"scale_{working}" in own:
        assert fit.stats.scale == pytest.approx(own[f"scale_{working}"], rel=1e-8)
    if f"alpha_{working}" in own:
        assert fit.stats.alpha == pytest.approx(own[f"alpha_{working}"], rel=1e-7)
    assert f"working correlation {case['call']['arguments']['correlation']}" in fit.stats.notes[-1]


def test_the_whole_reference_is_held(shared):
    folder = shared / "reference" / "models2" / "values"
    kinds = ("adjusted_risk", "stratified_risk", "mcnemar", "rate_ratio", "ordinal", "gee")
    there = {one.stem for one in folder.glob("*.json") if one.stem.split("__")[0] in kinds}
    assert there == CASES.keys()
