"""Marginal means, contrasts and type III tests against emmeans, lmerTest and brute force."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers
from tests.models.trials import R_LEVELS, slope_trial, unordered

FORMULA = "pain ~ arm * visit * age + site * arm + log(dose1) + (1 | id)"
TYPE_THREE = (
    "pain ~ arm * visit + site + age + (1 | id)",
    "pain ~ site * arm * week + (1 | id)",
    "pain ~ log(age) * arm + sqrt(week) + (1 | id)",
    "pain ~ site + age * arm + site:age + (1 | id)",
    "pain ~ visit + visit:age + (1 | id)",
)
SCRIPT = (
    R_LEVELS
    + """
fit <- lmer(as.formula(FORMULA), trial)
grid <- ref_grid(fit)
frame <- function(x) as.data.frame(x)
out$both <- frame(emmeans(grid, ~ arm | visit))
out$site <- frame(emmeans(grid, ~ site))
out$at <- frame(emmeans(fit, ~ arm, at = list(age = 50)))
out$pairs <- frame(contrast(emmeans(grid, ~ visit | arm), "revpairwise"))
out$steps <- frame(contrast(emmeans(grid, ~ visit | arm), "consec"))
change <- contrast(emmeans(grid, ~ visit | arm), "trt.vs.ctrl1", adjust = "none")
out$change <- frame(change)
out$difference <- frame(contrast(change, "revpairwise", by = "contrast"))
out$custom <- frame(contrast(emmeans(grid, ~ site), list(a = c(-0.5, -0.5, 1))))
for (text in TYPE_THREE) {
  one <- lmer(as.formula(text), trial)
  rows <- list(satterthwaite = anova(one), kr = anova(one, ddf = "Kenward-Roger"))
  out$three[[text]] <- list(names = I(names(fixef(one))), terms = I(rownames(rows$kr)),
                            satterthwaite = as.matrix(rows[[1]]), kr = as.matrix(rows[[2]]))
}
"""
)


@pytest.fixture(scope="module")
def trial():
    frame = slope_trial(36, seed=11, missing=0.15)
    return frame.assign(dose1=frame["dose"] + 1.0)


@pytest.fixture(scope="module")
def fit(trial):
    return bw.lmm(FORMULA, trial, df="kenward-roger", information="expected")


@pytest.fixture(scope="module")
def answers(trial, tmp_path_factory):
    texts = ", ".join(f'"{text}"' for text in TYPE_THREE)
    head = f'\nFORMULA <- "{FORMULA}"\nTYPE_THREE <- c({texts})\n'
    return r_answers(
        head + SCRIPT,
        {"trial": trial},
        ("lme4", "lmerTest", "pbkrtest", "emmeans"),
        tmp_path_factory.mktemp("r"),
    )


def same(found, expected, value="estimate"):
    theirs = pd.DataFrame(expected)
    size = theirs["SE"].max()
    np.testing.assert_allclose(found["estimate"], theirs[value], atol=1e-4 * size)
    np.testing.assert_allclose(found["std_error"], theirs["SE"], rtol=1e-4)
    np.testing.assert_allclose(found["df"], theirs["df"], rtol=1e-3)


def test_means_as_emmeans(fit, answers):
    same(fit.marginal_means("arm", by="visit"), answers["both"], "emmean")
    same(fit.marginal_means("site"), answers["site"], "emmean")
    same(fit.marginal_means("arm", at={"age": 50}), answers["at"], "emmean")


def test_contrasts_as_emmeans(fit, answers):
    same(fit.contrasts("visit", by="arm", method="pairwise"), answers["pairs"])
    same(fit.contrasts("visit", by="arm", method="consecutive"), answers["steps"])
    same(fit.contrasts("site", method={"a": [-0.5, -0.5, 1]}), answers["custom"])
    changes = fit.contrasts("visit", by="arm", method="change")
    same(changes.iloc[:6], answers["change"])
    same(changes.iloc[6:], answers["difference"])
    assert list(changes["arm"].iloc[6:]) == ["backward - forward"] * 3


@pytest.mark.parametrize("formula", TYPE_THREE)
@pytest.mark.parametrize("df", ["satterthwaite", "kr"])
def test_type_three_as_lmer_test(trial, answers, formula, df):
    expected = answers["three"][formula]
    choice = "kenward-roger" if df == "kr" else df
    fit = bw.lmm(formula, trial, df=choice, information="expected")
    ours = sorted(map(sorted, map(unordered, fit.design.names)))
    assert ours == sorted(map(sorted, map(unordered, expected["names"])))
    frame = fit.anova()
    place = {unordered(name): index for index, name in enumerate(expected["terms"])}
    table = np.array(expected[df])[[place[unordered(term)] for term in frame["term"]]]
    np.testing.assert_array_equal(frame["df_num"], table[:, 2])
    np.testing.assert_allclose(frame["df_den"], table[:, 3], rtol=1e-3)
    np.testing.assert_allclose(frame["statistic"], table[:, 4], rtol=1e-3, atol=1e-6)


def test_means_are_averages_of_predictions_over_a_full_grid(trial, fit):
    """By brute force: predict every cell of the other factors, and average."""
    mean = {"age": trial["age"].mean(), "dose1": trial["dose1"].mean()}
    found = fit.marginal_means("arm", by="visit").set_index(["arm", "visit"])["estimate"]
    for arm, visit in product(["forward", "backward"], ["W02", "W04", "W08", "W12"]):
        cells = pd.DataFrame(
            {"arm": arm, "visit": visit, "site": ["S1", "S2", "S3"], **mean}, index=range(3)
        )
        assert fit.predict(cells)["estimate"].mean() == pytest.approx(found[arm, visit], rel=1e-12)


def test_nested_terms_are_tested_at_equal_weights(trial):
    """Where a main effect is left out, lmerTest tests at the reference level; this does not."""
    fit = bw.lmm("pain ~ arm + arm:site + (1 | id)", trial)
    test = fit.anova().set_index("term").loc["arm"]
    contrast = fit.contrasts("arm").iloc[0]
    assert test["statistic"] == pytest.approx(contrast["statistic"] ** 2, rel=1e-9)
    assert test["p_value"] == pytest.approx(contrast["p_value"], rel=1e-9)


def test_names_of_contrasts(fit):
    frame = fit.contrasts("visit", reference="W08")
    assert list(frame["contrast"]) == ["W02 - W08", "W04 - W08", "W12 - W08"]
    assert list(frame.columns) == [
        "contrast", "estimate", "conf_low", "conf_high", "p_value", "std_error", "df", "statistic"
    ]  # fmt: skip
    by = fit.contrasts("arm", by="visit")
    assert set(by["contrast"]) == {"backward - forward"}
    assert list(by["visit"]) == ["W02", "W04", "W08", "W12"]
    named = fit.contrasts("visit", method={"late - early": {"W12": 1, "W02": -0.5, "W04": -0.5}})
    assert list(named["contrast"]) == ["late - early"]


def test_level_widens_the_interval(fit):
    narrow, wide = fit.contrasts("arm", level=0.9), fit.contrasts("arm", level=0.99)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["p_value"] == narrow["p_value"]).all()


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda f: f.marginal_means("region"), "no factor named 'region'; there are: arm"),
        (lambda f: f.marginal_means("age"), "no factor named 'age'"),
        (lambda f: f.marginal_means("arm", by="arm"), "once"),
        (lambda f: f.marginal_means("arm", at={"arm": 1}), "no numeric covariate named arm"),
        (lambda f: f.marginal_means("arm", at={"dose1": -1}), "no value"),
        (lambda f: f.contrasts("arm", method="tukey"), "reference, pairwise"),
        (lambda f: f.contrasts("arm", reference="sideways"), "forward, backward"),
        (lambda f: f.contrasts("arm", method={"a": [1, 1]}), "sum to 0"),
        (lambda f: f.contrasts("arm", method={"a": [1, -1, 0]}), "2 levels, found 3"),
        (lambda f: f.contrasts("arm", method={"a": [0, 0]}), "every weight is 0"),
        (lambda f: f.contrasts("visit", method="change"), "give it as by"),
    ],
)
def test_refusals(fit, ask, said):
    with pytest.raises(UsageError) as caught:
        ask(fit)
    assert said in str(caught.value)
