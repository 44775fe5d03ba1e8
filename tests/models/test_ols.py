"""`ols` against R's lm, emmeans and car, against statsmodels, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.engine.linear.heteroskedastic import CLUSTERED, KINDS
from backwalk_stats.errors import BackwalkError, NotEstimable, UsageError
from backwalk_stats.models.linear.ols import DF, VCOV, ols

FIELDS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]
FORMULAS = {
    "additive": "post ~ arm + pre",
    "crossed": "post ~ arm * sex + pre + age",
    "slopes": "post ~ arm * pre + sex",
    "functions": "post ~ arm + log(age) + sqrt(pre)",
    "bare": "post ~ 0 + arm + pre",
}
R = """
suppressMessages({library(jsonlite); library(emmeans)})
args <- commandArgs(TRUE)
data <- read.csv(args[1], stringsAsFactors = TRUE)
data$arm <- factor(data$arm, levels = c("usual", "forward", "backward"))
formulas <- fromJSON(args[2])
has_car <- requireNamespace("car", quietly = TRUE)
one <- function(text) {
  fit <- lm(as.formula(text), data)
  found <- summary(fit)
  limits <- confint(fit)
  out <- list(
    term = names(coef(fit)), estimate = unname(coef(fit)),
    std_error = unname(found$coefficients[, 2]), statistic = unname(found$coefficients[, 3]),
    p_value = unname(found$coefficients[, 4]), conf_low = unname(limits[, 1]),
    conf_high = unname(limits[, 2]), df = df.residual(fit), sigma = found$sigma,
    r_squared = found$r.squared, adjusted = found$adj.r.squared,
    loglik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit),
    covariance = unname(vcov(fit)))
  means <- emmeans(fit, "arm")
  frame <- as.data.frame(summary(means, infer = TRUE))
  out$means <- list(
    arm = as.character(frame$arm), estimate = frame$emmean, std_error = frame$SE, df = frame$df,
    statistic = frame$t.ratio, p_value = frame$p.value, conf_low = frame$lower.CL,
    conf_high = frame$upper.CL)
  pairs <- as.data.frame(summary(
    contrast(means, "revpairwise", adjust = "none"), infer = TRUE))
  out$pairs <- list(
    contrast = as.character(pairs$contrast), estimate = pairs$estimate, std_error = pairs$SE,
    df = pairs$df, statistic = pairs$t.ratio, p_value = pairs$p.value, conf_low = pairs$lower.CL,
    conf_high = pairs$upper.CL)
  if (has_car && !grepl("0 +", text, fixed = TRUE)) {
    sums <- list(arm = "contr.sum")
    if (grepl("sex", text)) sums$sex <- "contr.sum"
    table <- car::Anova(lm(as.formula(text), data, contrasts = sums), type = 3)
    kept <- !(rownames(table) %in% c("(Intercept)", "Residuals"))
    out$anova <- list(
      term = rownames(table)[kept], df_num = table$Df[kept], statistic = table$`F value`[kept],
      p_value = table$`Pr(>F)`[kept])
  }
  out
}
cat(toJSON(lapply(formulas, one), digits = NA, auto_unbox = TRUE))
"""


def trial(n: int = 47, seed: int = 20) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "arm": pd.Categorical(
                rng.choice(["usual", "forward", "backward"], n),
                categories=["usual", "forward", "backward"],
            ),
            "sex": rng.choice(["female", "male"], n),
            "age": rng.normal(48.0, 9.0, n).round(1),
            "pre": rng.normal(6.0, 1.4, n).clip(1.0, 10.0).round(2),
        }
    )
    effect = frame["arm"].map({"usual": 0.0, "forward": -0.6, "backward": -1.2}).astype(float)
    frame["post"] = (1.0 + 0.6 * frame["pre"] + effect + rng.normal(0.0, 1.0, n)).round(2)
    frame.loc[[4, 17], "post"] = np.nan
    frame.loc[9, "age"] = np.nan
    return frame


@pytest.fixture(scope="module")
def from_r(rscript: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("ols")
    (folder / "run.R").write_text(R)
    trial().to_csv(folder / "trial.csv", index=False)
    run = subprocess.run(
        [rscript, "run.R", "trial.csv", json.dumps(FORMULAS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
    )
    if "there is no package" in run.stderr:
        pytest.skip("R lacks jsonlite or emmeans")
    assert run.returncode == 0, run.stderr
    values: dict[str, Any] = json.loads(run.stdout)
    return values


@pytest.mark.parametrize("name", FORMULAS)
def test_coefficients_and_summary_are_rs(name, from_r):
    theirs, fit = from_r[name], ols(FORMULAS[name], trial())
    found = fit.coefficients()
    assert found["term"].tolist() == theirs["term"]
    for field in FIELDS:
        assert found[field].to_numpy() == pytest.approx(theirs[field], rel=1e-9, abs=1e-11)
    summary = fit.stats
    ours = (
        summary.residual_sd,
        summary.r_squared,
        summary.r_squared_adjusted,
        summary.loglik,
        summary.aic,
        summary.bic,
    )
    names = ("sigma", "r_squared", "adjusted", "loglik", "aic", "bic")
    assert ours == pytest.approx([theirs[key] for key in names], rel=1e-10)
    assert fit.covariance.to_numpy() == pytest.approx(
        np.array(theirs["covariance"]), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize("name", FORMULAS)
def test_means_and_contrasts_are_emmeans(name, from_r):
    fit = ols(FORMULAS[name], trial())
    means, pairs = fit.marginal_means("arm"), fit.contrasts("arm", method="pairwise")
    assert means["arm"].tolist() == from_r[name]["means"]["arm"]
    assert pairs["contrast"].tolist() == from_r[name]["pairs"]["contrast"]
    for field in FIELDS:
        for ours, theirs in ((means, "means"), (pairs, "pairs")):
            assert ours[field].to_numpy() == pytest.approx(
                from_r[name][theirs][field], rel=1e-9, abs=1e-11
            )


@pytest.mark.parametrize("name", [name for name in FORMULAS if name != "bare"])
def test_anova_is_cars_type_three(name, from_r):
    if "anova" not in from_r[name]:
        pytest.skip("R lacks car")
    theirs, table = from_r[name]["anova"], ols(FORMULAS[name], trial()).anova()
    assert table["term"].tolist() == theirs["term"]
    for field in ("df_num", "statistic", "p_value"):
        assert table[field].to_numpy() == pytest.approx(theirs[field], rel=1e-8)
    assert set(table["df_den"]) == {float(ols(FORMULAS[name], trial()).stats.df_residual)}


@pytest.mark.parametrize("vcov", KINDS)
def test_robust_errors_are_statsmodels(vcov):
    formula_api = pytest.importorskip("statsmodels.formula.api")
    frame = trial().dropna()
    theirs = formula_api.ols("post ~ arm * sex + pre + age", frame).fit()
    robust = theirs.get_robustcov_results(vcov.upper(), use_t=True)
    found = ols(FORMULAS["crossed"], frame, vcov=vcov).coefficients()
    names = [
        name.replace("[T.", "").replace("]", "").replace("Intercept", "(Intercept)")
        for name in theirs.model.exog_names
    ]
    table = found.set_index("term").loc[names]
    assert table["std_error"].to_numpy() == pytest.approx(robust.bse, rel=1e-10)
    assert table["p_value"].to_numpy() == pytest.approx(robust.pvalues, rel=1e-8)


def test_robust_errors_reach_every_view():
    plain, robust = (
        ols(FORMULAS["crossed"], trial(), vcov=vcov, df="satterthwaite")
        for vcov in ("model", "HC3")
    )
    assert robust.stats.vcov == "hc3"
    for view in ("coefficients", "anova"):
        ours, theirs = getattr(robust, view)(), getattr(plain, view)()
        assert (ours["p_value"] != theirs["p_value"]).all()
    for ours, theirs in (
        (robust.marginal_means("arm", by="sex"), plain.marginal_means("arm", by="sex")),
        (robust.contrasts("arm"), plain.contrasts("arm")),
    ):
        assert ours["estimate"].to_numpy() == pytest.approx(theirs["estimate"])
        assert (ours["df"] < theirs["df"]).all()
        assert (ours["std_error"] != theirs["std_error"]).all()


def test_missing_rows_are_counted_and_told():
    fit = ols("post ~ arm + age", trial())
    assert (fit.stats.n_obs, fit.stats.n_dropped) == (44, 3)
    assert "3 of 47 rows left out; missing values: post 2, age 1" in fit.stats.notes
    assert fit.fitted().index.equals(fit.residuals().index)
    together = fit.fitted() + fit.residuals()
    assert together.to_numpy() == pytest.approx(trial()["post"].loc[together.index].to_numpy())
    assert set(trial().index) - set(together.index) == {4, 9, 17}


def test_an_ill_conditioned_design_is_told():
    x = np.linspace(0.0, 1.0, 30)
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"x{power}": x**power for power in range(1, 10)})
    frame["y"] = rng.normal(size=30)
    fit = ols("y ~ " + " + ".join(f"x{power}" for power in range(1, 10)), frame)
    assert fit.stats.condition_number > 1e6
    assert any("condition number" in note for note in fit.stats.notes)
    assert ols("y ~ x1", frame).stats.condition_number == pytest.approx(1.0)
    assert ols("y ~ x1", frame).stats.notes == ()


def test_an_exact_fit_keeps_its_estimates_and_has_no_tests():
    frame = pd.DataFrame({"x": np.arange(6.0), "y": 1.0 + 2.0 * np.arange(6.0)})
    fit = ols("y ~ x", frame)
    found = fit.coefficients()
    assert found["estimate"].tolist() == pytest.approx([1.0, 2.0], rel=1e-14)
    assert (found["std_error"] == 0.0).all()
    assert found[["statistic", "p_value", "conf_low", "conf_high"]].isna().all(axis=None)
    assert fit.anova()["p_value"].isna().all()
    assert "no residual variance" in fit.stats.notes[-1]
    assert fit.stats.r_squared == 1.0


def refused() -> dict[str, tuple[str, pd.DataFrame, dict[str, str], str]]:
    frame = trial()
    twice = frame.assign(months=12.0 * frame["age"] + 3.0)
    empty = frame[(frame["arm"] != "backward") | (frame["sex"] != "male")]
    return {
        "collinear": ("post ~ age + pre + months", twice, {}, "months is collinear with age"),
        "empty cell": (
            "post ~ arm * sex",
            empty,
            {},
            "no row has arm = backward and sex = male, but",
        ),
        "constant outcome": ("flat ~ arm", frame.assign(flat=4.0), {}, "flat is the same"),
        "constant covariate": (
            "post ~ arm + flat",
            frame.assign(flat=0.1),
            {},
            "flat: the same in every row",
        ),
        "one arm": ("post ~ arm", frame[frame["arm"] == "usual"], {}, "arm: one level"),
        "too few rows": ("post ~ arm + pre", frame.iloc[[0, 1, 2, 3]], {}, "leave no degree"),
        "infinite": (
            "post ~ pre",
            frame.assign(pre=frame["pre"].where(frame.index > 2, np.inf)),
            {},
            "pre: 3 of 47 values are not finite",
        ),
        "infinite outcome": (
            "post ~ pre",
            frame.assign(post=frame["post"].where(frame.index > 0, -np.inf)),
            {},
            "not finite",
        ),
        "text outcome": ("sex ~ pre", frame, {}, "sex is not numeric: 47 of 47 values"),
        "no such column": ("post ~ weight", frame, {}, "no column named weight"),
        "unknown vcov": ("post ~ pre", frame, {"vcov": "hc9"}, "'hc9'; it is one of model, hc0"),
        "unknown df": ("post ~ pre", frame, {"df": "kenward"}, "it is one of residual, satter"),
        "random effects": ("post ~ (1 | sex)", frame, {}, "no random effects"),
        "no term": ("post ~ 0", frame, {}, "no term"),
        "nothing complete": (
            "post ~ pre",
            frame.assign(post=np.nan),
            {},
            "no row has all of post, pre",
        ),
        "code": ("post ~ __import__('os')", frame, {}, "no such function|not allowed"),
    }


@pytest.mark.parametrize("name", refused())
def test_refusals_say_what_is_wrong(name):
    formula, frame, choices, message = refused()[name]
    with pytest.raises(BackwalkError, match=message) as caught:
        ols(formula, frame, **choices)
    assert isinstance(caught.value, UsageError | NotEstimable)


def test_intercept_alone():
    found = ols("post ~ 1", trial()).coefficients().iloc[0]
    values = trial()["post"].dropna()
    assert found["estimate"] == pytest.approx(values.mean())
    assert found["std_error"] == pytest.approx(values.sem())


def test_choices_are_complete():
    frame = trial()
    for vcov in ("model", *KINDS):
        for df in DF:
            summary = ols("post ~ arm + pre", frame, vcov=vcov, df=df).stats
            assert (summary.vcov, summary.df) == (vcov, df)
    for vcov in CLUSTERED:
        with pytest.raises(UsageError, match="needs cluster="):
            ols("post ~ arm + pre", frame, vcov=vcov)
    assert {"model", *KINDS, *CLUSTERED} == set(VCOV)


def test_data_are_left_as_they_are():
    frame = trial()
    before = frame.copy(deep=True)
    ols("post ~ arm * pre", frame).contrasts("arm")
    pd.testing.assert_frame_equal(frame, before)


def test_a_level_of_one_arm_only_is_told_with_the_way_out():
    frame = pd.DataFrame({"y": np.arange(12.0) ** 1.5, "arm": ["b", "f"] * 6})
    frame["who"] = [f"{arm}{k // 4}" for k, arm in enumerate(frame["arm"])]
    with pytest.raises(UsageError, match=r"Each who has one arm only.*\(1 \| who\), it can stand"):
        ols("y ~ arm * who", frame)
    crossed = frame.assign(who=["x", "x", "y", "y", "z", "z"] * 2).drop([0, 6])
    with pytest.raises(UsageError, match=r"leave out the interaction or the level$"):
        ols("y ~ arm * who", crossed)
