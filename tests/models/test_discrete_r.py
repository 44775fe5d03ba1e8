"""Discrete outcomes held live to R on data drawn here: geepack, ordinal, MASS, stats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from tests.models.r_oracle import r_answers
from tests.models.test_discrete_doors import trial, visits

pytestmark = pytest.mark.slow
SEEDS = (21, 22, 23)
LEVELS = ["forward", "backward"]


def drawn(seed: int, n: int = 70) -> pd.DataFrame:
    frame = trial(n, seed=seed)
    return frame.assign(arm=pd.Categorical(frame["arm"], LEVELS))


def rows(found: pd.DataFrame, quantity: str) -> pd.DataFrame:
    return found[found["quantity"] == quantity]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("correlation", ["exchangeable", "ar1"])
@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_geepack_also_where_visits_are_missing_between_others(tmp_path, family, correlation, seed):
    frame = visits(seed=seed, n=30).assign(wave=lambda f: f["week"].map({2: 1, 4: 2, 8: 3, 12: 4}))
    outcome = {"gaussian": "pain", "binomial": "able", "poisson": "stumbles"}[family]
    script = f"""
    trial$arm <- factor(trial$arm, levels = c("forward", "backward"))
    fit <- geeglm({outcome} ~ arm + week + base, family = {family}, data = trial, id = id,
      waves = wave, corstr = "{correlation}", control = geese.control(epsilon = 1e-12, maxit = 500))
    out$beta <- coef(fit); out$se <- summary(fit)$coefficients[, 2]
    out$alpha <- summary(fit)$corr[1, 1]; out$scale <- summary(fit)$dispersion[1, 1]
    """
    answer = r_answers(script, {"trial": frame}, ("geepack",), tmp_path)
    fit = bw.gee(
        f"{outcome} ~ arm + week + base", frame, "id", family=family, correlation=correlation,
        visit="week", working="geepack", vcov="robust",
    )  # fmt: skip
    assert fit.params.tolist() == pytest.approx(named(answer["beta"]), rel=1e-5, abs=1e-8)
    assert fit.bse.tolist() == pytest.approx(named(answer["se"]), rel=1e-5)
    assert fit.stats.alpha == pytest.approx(answer["alpha"], rel=1e-4, abs=1e-6)
    assert fit.stats.scale == pytest.approx(answer["scale"], rel=1e-6)


def named(values: Any) -> list[float]:
    return list(values.values()) if isinstance(values, dict) else list(values)


@pytest.mark.parametrize("seed", SEEDS)
def test_clm_and_polr(tmp_path, seed):
    frame = drawn(seed)
    script = """
    trial$arm <- factor(trial$arm, levels = c("forward", "backward"))
    fit <- clm(factor(grade) ~ arm + base + site, data = trial)
    out$coef <- unname(coef(fit)); out$se <- unname(sqrt(diag(vcov(fit))))
    out$loglik <- as.numeric(logLik(fit))
    out$profile <- unname(confint(fit)["armbackward", ])
    """
    answer = r_answers(script, {"trial": frame}, ("ordinal",), tmp_path)
    found = bw.ordinal(
        frame, outcome="grade", arm="arm", covariates=["base", "site"], limits="profile"
    )
    odds, cuts = rows(found, "odds_ratio"), rows(found, "threshold")
    estimate = [*cuts["estimate"], *np.log(odds["estimate"])]
    error = [*cuts["std_error"], *odds["std_error"] / odds["estimate"]]
    assert estimate == pytest.approx(answer["coef"], rel=1e-5, abs=1e-6)
    assert error == pytest.approx(answer["se"], rel=1e-5)
    assert rows(found, "log_likelihood")["estimate"].item() == pytest.approx(answer["loglik"])
    limits = np.log(odds.iloc[0][["conf_low", "conf_high"]].to_numpy(dtype=float))
    assert limits == pytest.approx(answer["profile"], rel=1e-3)  # clm interpolates its profile


@pytest.mark.parametrize("seed", SEEDS)
def test_glm_nb(tmp_path, seed):
    frame = drawn(seed)
    script = """
    trial$arm <- factor(trial$arm, levels = c("forward", "backward"))
    fit <- glm.nb(falls ~ arm + base + offset(log(months)), data = trial,
      control = glm.control(epsilon = 1e-12, maxit = 200))
    out$beta <- coef(fit)[["armbackward"]]; out$theta <- fit$theta
    out$model <- sqrt(vcov(fit)["armbackward", "armbackward"])
    for (kind in c("HC0", "HC1", "HC3"))
      out[[tolower(kind)]] <- sqrt(vcovHC(fit, type = kind)["armbackward", "armbackward"])
    """
    answer = r_answers(script, {"trial": frame}, ("MASS", "sandwich"), tmp_path)
    for vcov in ("model", "hc0", "hc1", "hc3"):
        found = bw.rate_ratio(
            frame, outcome="falls", arm="arm", exposure="months", covariates="base", vcov=vcov
        )
        row = rows(found, "rate_ratio").iloc[0]
        assert np.log(row["estimate"]) == pytest.approx(answer["beta"], rel=1e-6)
        assert row["std_error"] / row["estimate"] == pytest.approx(answer[vcov], rel=1e-5)
        dispersion = rows(found, "dispersion")["estimate"].item()
        assert dispersion == pytest.approx(1 / answer["theta"], rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_tables_of_r(tmp_path, seed):
    frame = drawn(seed)
    script = """
    trial$arm <- factor(trial$arm, levels = c("backward", "forward"))
    t <- table(trial$arm, factor(trial$able, levels = c(1, 0)), trial$site)
    plain <- mantelhaen.test(t, correct = FALSE); yates <- mantelhaen.test(t, correct = TRUE)
    out$odds <- unname(plain$estimate); out$limits <- as.numeric(plain$conf.int)
    out$cmh <- unname(plain$statistic); out$corrected <- unname(yates$statistic)
    own <- trial[trial$arm == "backward", ]
    pairs <- table(factor(own$was, 0:1), factor(own$able, 0:1))
    out$exact <- binom.test(pairs[1, 2], pairs[1, 2] + pairs[2, 1])$p.value
    out$mcnemar <- mcnemar.test(pairs, correct = TRUE)$p.value
    """
    answer = r_answers(script, {"trial": frame}, (), tmp_path)
    found = bw.stratified_risk(frame, outcome="able", arm="arm", strata="site")
    odds = rows(found, "odds_ratio").iloc[0]
    assert odds["estimate"] == pytest.approx(answer["odds"], rel=1e-9)
    assert [odds["conf_low"], odds["conf_high"]] == pytest.approx(answer["limits"], rel=1e-8)
    for quantity, name in (("cmh", "cmh"), ("cmh_corrected", "corrected")):
        statistic = rows(found, quantity)["statistic"].item()
        assert statistic == pytest.approx(answer[name], rel=1e-9)
    paired = bw.paired_proportions(frame, before="was", after="able", arm="arm")
    own = paired[paired["arm"] == "backward"].set_index("quantity")["p_value"]
    assert own["mcnemar_exact"] == pytest.approx(answer["exact"], rel=1e-9)
    assert own["mcnemar_corrected"] == pytest.approx(answer["mcnemar"], rel=1e-9)
