"""Tests of terms of type II and III, and partial eta squared: R's nested models, and dense GLS."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers


def unbalanced(seed: int = 1, n: int = 47) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = pd.Categorical(rng.choice(["f", "b", "c"], n, p=[0.5, 0.3, 0.2]), ["f", "b", "c"])
    sex = pd.Categorical(rng.choice(["m", "w"], n, p=[0.35, 0.65]))
    base = rng.normal(6, 1, n)
    pain = base + 0.5 * arm.codes + 0.7 * arm.codes * sex.codes + rng.normal(0, 1, n)
    return pd.DataFrame({"arm": arm, "sex": sex, "base": base, "pain": pain})


NESTED = """
frame$arm <- factor(frame$arm, levels = c("f", "b", "c"))
frame$sex <- factor(frame$sex, levels = c("m", "w"))
full <- lm(pain ~ arm * sex * base, frame)
row <- function(small, large) {
  ss <- deviance(lm(small, frame)) - deviance(lm(large, frame))
  df <- df.residual(lm(small, frame)) - df.residual(lm(large, frame))
  f <- ss / df / summary(full)$sigma^2
  c(df, f, pf(f, df, df.residual(full), lower.tail = FALSE), ss / (ss + deviance(full)))
}
out$arm <- row(pain ~ sex * base, pain ~ arm + sex * base)
out$sex <- row(pain ~ arm * base, pain ~ sex + arm * base)
out$base <- row(pain ~ arm * sex, pain ~ base + arm * sex)
out[["arm:sex"]] <- row(pain ~ (arm + sex) * base, pain ~ arm:sex + (arm + sex) * base)
out[["sex:base"]] <- row(pain ~ arm * (sex + base), pain ~ sex:base + arm * (sex + base))
out[["arm:sex:base"]] <- row(pain ~ (arm + sex + base)^2, pain ~ arm * sex * base)
contrasts(frame$arm) <- contr.sum(3)
contrasts(frame$sex) <- contr.sum(2)
three <- drop1(lm(pain ~ arm * sex + base, frame), . ~ ., test = "F")
out$three <- cbind(three[["F value"]][-1], three[["Pr(>F)"]][-1])
"""


def test_of_least_squares_are_rs_nested_models(tmp_path):
    frame = unbalanced()
    found = r_answers(NESTED, {"frame": frame}, (), tmp_path)
    three = np.array(found.pop("three"))
    fit = bw.ols("pain ~ arm * sex * base", frame)
    own = fit.anova(type=2, effect_size="partial-eta-squared").set_index("term")
    columns = ["df_num", "statistic", "p_value", "partial_eta_squared"]
    for term, row in found.items():
        assert own.loc[term, columns].to_numpy(dtype=float) == pytest.approx(row, rel=1e-8), term
    assert own["df_den"].tolist() == [fit.stats.df_residual] * len(own)
    other = bw.ols("pain ~ arm * sex + base", frame).anova().set_index("term")
    held = other.loc[["arm", "sex", "base", "arm:sex"], ["statistic", "p_value"]]
    assert held.to_numpy() == pytest.approx(three, rel=1e-8)


def test_without_interactions_both_types_are_one():
    fit = bw.ols("pain ~ arm + sex + base", unbalanced(2))
    pd.testing.assert_frame_equal(fit.anova(type=2), fit.anova(type=3), rtol=1e-10)


def test_of_a_mixed_model_are_differences_of_generalised_residuals():
    frame = unbalanced(3, 60)
    frame["id"], frame["visit"] = np.arange(60) // 3, np.tile([1, 2, 3], 20)
    fit = bw.mmrm("pain ~ arm * base + sex", frame, "id", "visit", covariance="cs", df="residual")
    v = np.kron(np.eye(20), fit.covariance)
    half = np.linalg.inv(np.linalg.cholesky(v))
    y = half @ frame["pain"].to_numpy()

    def rss(formula: str) -> float:
        x = half @ bw.ols(formula, frame).x
        return float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())

    own = fit.anova(type=2).set_index("term")
    wanted = {
        "arm": rss("pain ~ base + sex") - rss("pain ~ arm + base + sex"),
        "base": rss("pain ~ arm + sex") - rss("pain ~ arm + base + sex"),
        "sex": rss("pain ~ arm * base") - rss("pain ~ arm * base + sex"),
        "arm:base": rss("pain ~ arm + base + sex") - rss("pain ~ arm * base + sex"),
    }
    for term, chi in wanted.items():
        row = own.loc[term]
        assert row["statistic"] * row["df_num"] == pytest.approx(chi, rel=1e-7), term


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"type": 1}, "one of 2, 3"),
        ({"type": "II"}, "one of 2, 3"),
        ({"effect_size": "eta"}, "it is one of partial-eta-squared"),
    ],
)
def test_choices_that_do_not_exist_are_refused(choices, message):
    with pytest.raises(UsageError, match=message):
        bw.ols("pain ~ arm + base", unbalanced(4)).anova(**choices)


def test_shares_of_sums_of_squares_need_sums_of_squares():
    frame = unbalanced(5)
    frame["id"], frame["visit"] = np.arange(47) // 2, np.arange(47) % 2
    mixed = bw.mmrm("pain ~ arm + base", frame, "id", "visit", covariance="cs")
    for fit in (mixed, bw.ols("pain ~ arm + base", frame, vcov="hc3")):
        with pytest.raises(UsageError, match="fit ols"):
            fit.anova(effect_size="partial-eta-squared")
