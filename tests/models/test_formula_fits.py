"""Fits by formulas against R: bases at other values, offsets, cell means, joint tests."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.linear.bases import natural_spline, orthogonal_polynomial
from backwalk_stats.errors import UsageError
from tests.models.test_formula import DATA, LEVELS, REFERENCE
from tests.models.trials import slope_trial

COMPLETE = DATA["complete"]
NEW = pd.DataFrame(
    {
        "a": pd.Categorical(["p", "q", "r", "q"], LEVELS["a"]),
        "b": pd.Categorical(["u", "v", "v", "u"], LEVELS["b"]),
        "x": [31.5, 50.0, 64.2, 90.0],
        "week": [2, 5, 12, 30],
        "t": [1.0, 2.5, 4.0, 11.0],
    }
)


@pytest.fixture(scope="module")
def trial():
    return slope_trial(24, seed=5)


def close(found, expected, tolerance=1e-9):
    np.testing.assert_allclose(np.asarray(found, dtype=float), expected, rtol=tolerance, atol=1e-10)


@pytest.mark.parametrize("text", REFERENCE["fits"])
def test_fits_are_those_of_lm_predict_and_emmeans(text):
    expected = REFERENCE["fits"][text]
    fit = bw.ols(text, COMPLETE)
    table = fit.coefficients()
    assert list(table["term"]) == expected["coefficients"]["term"]
    close(table["estimate"], expected["coefficients"]["estimate"])
    close(table["std_error"], expected["coefficients"]["std_error"])
    close(fit.fit.rss, expected["rss"])
    close(fit.fitted()[:6], expected["fitted"])
    close(fit.fitted() + fit.residuals(), COMPLETE["y"])
    for name, values in expected["predict"].items():
        close(fit.predict(NEW)[name], values)
    for name, values in expected["means"].items():
        close(fit.marginal_means("a")[name], values)


def joint_test(text: str, term: str):
    found = bw.ols(text, COMPLETE).anova().set_index("term")
    return found.loc[term]


@pytest.mark.parametrize("text", REFERENCE["tests"])
def test_joint_tests_are_type_three_as_of_car(text):
    expected = REFERENCE["tests"][text]
    assert list(bw.ols(text, COMPLETE).anova()["term"]) == expected["term"]
    for place, term in enumerate(expected["term"]):
        found = joint_test(text, term)
        for name in ("df_num", "statistic", "p_value"):
            close(found[name], expected[name][place])


def test_joint_tests_are_those_of_emmeans():
    for text, expected in REFERENCE["joint"].items():
        for place, term in enumerate(expected["term"]):
            # joint_tests rounds F to three digits; p is not rounded.
            close(joint_test(text, term)["p_value"], expected["p_value"][place])


@pytest.mark.parametrize("text", REFERENCE["whole"])
def test_the_last_term_is_tested_beyond_what_other_terms_hold(text):
    term = text.rsplit(" ", 1)[1]
    found = joint_test(text, term)
    for name, value in REFERENCE["whole"][text].items():
        close(found[name], value)


def test_a_term_and_its_coding_give_one_test():
    """The same space of means by other terms, so the same test of the interaction."""
    crossed, nested = joint_test("y ~ a * b", "a:b"), joint_test("y ~ b * a", "b:a")
    close(crossed[["df_num", "statistic", "p_value"]], nested[["df_num", "statistic", "p_value"]])


def test_cell_means_are_means_of_cells():
    fit = bw.ols("y ~ 0 + a:b", COMPLETE)
    raw = COMPLETE.groupby(["b", "a"], observed=True)["y"].mean()
    close(fit.coefficients()["estimate"], raw)
    for text in ("y ~ a:b", "y ~ a * b", "y ~ a / b", "y ~ a + b %in% a", "y ~ b:a"):
        other = bw.ols(text, COMPLETE)
        close(other.marginal_means("a", by="b")["estimate"], raw)
        close(other.contrasts("a", by="b")["std_error"], fit.contrasts("a", by="b")["std_error"])


def mixed_fits(text, frame):
    yield bw.ols(text, frame)
    yield bw.mmrm(text, frame, "id", "visit", covariance="cs")
    yield bw.lmm(f"{text} + (1 | id)", frame, df="kenward-roger")


def test_an_offset_is_subtracted_before_the_fit_and_added_after_it(trial):
    offset = 0.05 * trial["age"] + np.log(trial["week"])
    less = trial.assign(pain=trial["pain"] - offset)
    text = "pain ~ arm * visit + dose"
    pairs = zip(
        mixed_fits(text + " + offset(0.05 * age) + offset(log(week))", trial),
        mixed_fits(text, less),
        strict=True,
    )
    held = offset.mean()
    for with_offset, without in pairs:
        close(with_offset.coefficients().iloc[:, 1:], without.coefficients().iloc[:, 1:])
        close(with_offset.fitted(), without.fitted() + offset)
        close(with_offset.residuals(), without.residuals())
        close(with_offset.anova().iloc[:, 1:], without.anova().iloc[:, 1:])
        close(with_offset.predict(trial)["estimate"], without.predict(trial)["estimate"] + offset)
        means = with_offset.marginal_means("arm", by="visit")
        close(means["offset"], held)
        close(means["estimate"], without.marginal_means("arm", by="visit")["estimate"] + held)
        close(means["statistic"], means["estimate"] / means["std_error"])
        close(with_offset.marginal_means("arm", at={"dose": 2.0})["offset"], held)
        with pytest.raises(UsageError, match="no numeric covariate named age"):
            with_offset.marginal_means("arm", at={"age": 40.0})
        pairs_of_arms = with_offset.contrasts("arm", by="visit")
        close(pairs_of_arms.iloc[:, 2:], without.contrasts("arm", by="visit").iloc[:, 2:])


def test_a_missing_offset_leaves_out_the_row_and_its_prediction(trial):
    gap = trial.assign(age=trial["age"].where(trial.index != 3))
    fit = bw.lmm("pain ~ arm + offset(age) + (1 | id)", gap)
    assert fit.stats.n_obs == len(trial) - 1
    assert list(np.flatnonzero(fit.predict(gap)["estimate"].isna())) == [3]
    with pytest.raises(UsageError, match="no column named age"):
        fit.predict(trial.drop(columns="age"))


def test_an_offset_is_a_coefficient_of_one(trial):
    """So a model with it lies within the one that estimates the coefficient."""
    fixed = bw.lmm("pain ~ arm + offset(0.02 * age) + (1 | id)", trial, method="ml")
    free = bw.lmm("pain ~ arm + age + (1 | id)", trial, method="ml")
    found = fixed.likelihood_ratio_test(free)
    assert found["statistic"][1] >= 0.0
    slope = float(free.coefficients()["estimate"].iloc[-1])
    same = bw.lmm(f"pain ~ arm + offset({slope!r} * age) + (1 | id)", trial, method="ml")
    close(same.likelihood_ratio_test(free)["statistic"][1], 0.0, 1e-6)
    close(same.stats.loglik, free.stats.loglik)


@pytest.mark.parametrize("basis", ["poly(age, 3)", "ns(age, 3)", "poly(age, 2, raw = TRUE)"])
def test_a_basis_is_that_of_the_fit_wherever_it_is_evaluated(trial, basis):
    for fit in mixed_fits(f"pain ~ arm * {basis} + visit", trial):
        rows = trial.iloc[[7, 2]]
        close(fit.predict(rows)["estimate"], fit.predict(trial)["estimate"].iloc[[7, 2]])
        mean = trial["age"].mean()
        close(
            fit.marginal_means("arm")["estimate"],
            fit.marginal_means("arm", at={"age": mean})["estimate"],
        )
        grid = trial.assign(age=mean).drop_duplicates(["arm", "visit"]).sort_values("arm")
        by_hand = fit.predict(grid)["estimate"].groupby(grid["arm"], observed=True).mean()
        close(fit.marginal_means("arm")["estimate"], by_hand)


def test_rows_left_out_move_the_knots_and_this_is_said(trial):
    gap = trial.assign(pain=trial["pain"].where(trial.index > 4))
    for fit in mixed_fits("pain ~ ns(age, 3) + visit", gap):
        assert any("knots of ns(age, 3)" in note for note in fit.stats.notes)
    for fit in mixed_fits("pain ~ ns(age, 3) + visit", trial):
        assert not any("knots" in note for note in fit.stats.notes)


def test_the_columns_gate_of_formulas(shared):
    """Fits of R 4.2.2's lm, made for this package."""
    folder = shared / "reference" / "models2"
    files = sorted(folder.glob("values/column_gate__formula_*.json"))
    assert len(files) >= 7
    for file in files:
        case = json.loads(file.read_text("utf-8"))
        frame = pd.read_csv(folder / case["data"])
        for name, levels in case["levels"].items():
            frame[name] = pd.Categorical(frame[name], levels)
        fit = bw.ols(case["call"]["arguments"]["formula"], frame)
        expected = {row["quantity"]: row["estimate"] for row in case["tables"]["fit"]}
        found = fit.coefficients().set_index("term")
        close([len(found), fit.fit.rss], [expected["rank"], expected["rss"]], 1e-8)
        close(fit.stats.loglik, expected["log_likelihood"], 1e-8)
        close(fit.stats.df_residual, expected["df_residual"])
        assert fit.formula.intercept == expected["intercept"]
        for row in case["tables"]["coefficients"]:
            close(found.loc[row["term"], "estimate"], row["estimate"], 1e-8)
            close(found.loc[row["term"], "std_error"], row["std_error"], 1e-7)
        close(fit.fitted()[:6], [row["fitted"] for row in case["tables"]["fitted"]], 1e-8)


def test_what_is_taken_away_within_parentheses_is_not_fitted(shared):
    """4.320 with the interaction alone; nlme's gls (R 4.2.2) gives 3.998179 for the contrast."""
    frame = pd.read_csv(shared / "reference" / "fev_data.csv")
    frame["ARMCD"] = pd.Categorical(frame["ARMCD"], ["PBO", "TRT"])
    text = "FEV1 ~ SEX + (ARMCD * AVISIT - ARMCD:AVISIT)"
    fit = bw.mmrm(text, frame, "USUBJID", "AVISIT")
    assert fit.contrasts("ARMCD")["estimate"][0] == pytest.approx(3.998179, abs=5e-6)
    assert list(fit.coefficients()["term"])[:3] == ["(Intercept)", "SEXMale", "ARMCDTRT"]


def test_polynomials_are_orthonormal_and_splines_are_linear_beyond_the_data():
    x = np.random.default_rng(3).normal(50.0, 12.0, 40)
    z = orthogonal_polynomial(x, 6).at(x)
    close(z.T @ z, np.eye(6))
    close(z.sum(axis=0), np.zeros(6))
    basis = natural_spline(x, 4)
    for edge, step in ((x.min(), -1.0), (x.max(), 1.0)):
        found = basis.at(edge + step * np.array([0.0, 1.0, 2.0, 3.0]))
        close(np.diff(found, 2, axis=0), np.zeros((2, 4)))
    # Twice differentiable at an interior knot, third derivative jumps: a cubic spline.
    at, h = float(basis.interior[1]), 1e-3
    second = np.diff(basis.at(at + h * np.arange(-3.0, 4.0)), 2, axis=0) / h**2
    assert np.abs(second[2] - second[1]).max() < 1e-3 < np.abs(basis.turn).max()
