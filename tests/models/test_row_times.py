"""Spatial covariances of rows at times of their own: nlme, a dense likelihood, one time a visit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers


def trial(seed: int = 1, people: int = 25, visits: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), visits)
    visit = np.tile(np.arange(visits), people)
    day = visit * 14.0 + rng.integers(-4, 5, len(who)) + 5
    apart = np.abs(day[:, None] - day) + np.where(who[:, None] == who, 0.0, np.inf)
    arm = np.where(who % 2, "forward", "backward")
    root = np.linalg.cholesky(1.5 * np.exp(-apart / 20.0))
    pain = 6 - 0.05 * day + 0.5 * (arm == "forward") + root @ rng.normal(size=len(who))
    frame = pd.DataFrame({"id": who, "visit": visit, "day": day, "arm": arm, "pain": pain})
    frame["place"] = rng.normal(0, 10, len(who)).round(1)
    return frame[rng.random(len(who)) > 0.1].reset_index(drop=True)


FORMULA = "pain ~ arm * factor(visit)"
EXPONENT = {"sp_exp": 1, "sp_pow": 1, "sp_gau": 2}


def fitted(frame: pd.DataFrame, covariance: str, times: str | list[str] = "day", **choices: str):
    return bw.mmrm(FORMULA, frame, "id", "visit", covariance=covariance, times=times, **choices)


def test_log_likelihoods_and_ranges_are_those_of_nlme(tmp_path):
    script = """
for (kind in c("exp", "gau", "plane")) for (method in c("REML", "ML")) {
  shape <- list(exp = corExp(form = ~ day | id), gau = corGaus(form = ~ day | id),
                plane = corExp(form = ~ day + place | id))[[kind]]
  fit <- gls(pain ~ arm * factor(visit), frame, correlation = shape, method = method,
             control = glsControl(tolerance = 1e-12, msTol = 1e-14, maxIter = 500))
  out[[paste(kind, method)]] <- list(loglik = as.numeric(logLik(fit)), variance = fit$sigma^2,
    range = as.numeric(coef(fit$modelStruct$corStruct, unconstrained = FALSE)),
    beta = as.numeric(coef(fit)))
}
"""
    frame = trial(2)
    found = r_answers(script, {"frame": frame}, ("nlme",), tmp_path)
    kinds: dict[str, tuple[str, str | list[str]]] = {
        "exp": ("sp_exp", "day"),
        "gau": ("sp_gau", "day"),
        "plane": ("sp_exp", ["day", "place"]),
    }
    for name, theirs in found.items():
        kind, method = name.split()
        covariance, times = kinds[kind]
        own = fitted(frame, covariance, times, method=method.lower())
        assert own.stats.converged
        assert own.stats.loglik == pytest.approx(theirs["loglik"], abs=1e-6)
        assert own.stats.loglik >= theirs["loglik"] - 1e-9
        variance, rho = own.variance_parameters()["estimate"]
        assert variance == pytest.approx(theirs["variance"], rel=1e-3)
        wanted = np.exp(-1.0 / theirs["range"] ** EXPONENT[covariance])
        assert rho == pytest.approx(wanted, rel=1e-3)
        assert own.params.to_numpy() == pytest.approx(theirs["beta"], abs=1e-3)


def dense(frame: pd.DataFrame, theta: np.ndarray, x: np.ndarray, times: list[str], power: int):
    """Return -2 log REML likelihood and the coefficients' covariance, by matrices of all rows."""
    place = frame[times].to_numpy(dtype=float)
    away = np.sqrt(((place[:, None] - place) ** 2).sum(axis=2))
    same = frame["id"].to_numpy()[:, None] == frame["id"].to_numpy()
    v = np.where(same, theta[0] * theta[1] ** (away**power), 0.0)
    inverse = np.linalg.inv(v)
    information = x.T @ inverse @ x
    y = frame["pain"].to_numpy()
    rest = y - x @ np.linalg.solve(information, x.T @ inverse @ y)
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
    size = (len(y) - x.shape[1]) * np.log(2 * np.pi)
    return size + logs + rest @ inverse @ rest, np.linalg.inv(information)


@pytest.mark.parametrize("times", [["day"], ["day", "place"]])
@pytest.mark.parametrize("covariance", list(EXPONENT))
def test_likelihood_errors_and_df_are_those_of_dense_matrices(covariance, times):
    frame = trial(3, 14)
    fit = fitted(frame, covariance, times)
    power, theta = EXPONENT[covariance], fit.fit.point.theta

    def at(moved: np.ndarray):
        return dense(frame, moved, fit.x, times, power)

    deviance, phi = at(theta)
    assert -2 * fit.stats.loglik == pytest.approx(deviance, rel=1e-9)
    assert fit.bse.to_numpy() == pytest.approx(np.sqrt(np.diagonal(phi)), rel=1e-7)
    step = np.diag([1e-4 * theta[0], 1e-4 * min(theta[1], 1 - theta[1])])
    for one in step:
        assert abs(at(theta + one)[0] - at(theta - one)[0]) < 1e-5
        assert at(theta + 30 * one)[0] > deviance
    slopes = [(at(theta + one)[1] - at(theta - one)[1])[1, 1] / (2 * one.sum()) for one in step]
    gradient = np.array(slopes)
    df = 2 * phi[1, 1] ** 2 / (gradient @ fit.fit.theta_covariance @ gradient)
    assert fit.coefficients()["df"][1] == pytest.approx(df, rel=1e-4)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
@pytest.mark.parametrize("covariance", list(EXPONENT))
def test_one_time_for_each_visit_is_a_case_of_it(covariance, df):
    frame = trial(4)
    frame["week"], frame["zero"] = frame["visit"] * 2.0, 0.0
    by_visit = fitted(frame, covariance, "week", df=df)
    by_row = fitted(frame, covariance, ["week", "zero"], df=df)
    assert by_row.stats.loglik == pytest.approx(by_visit.stats.loglik, abs=1e-9)
    pd.testing.assert_frame_equal(by_row.coefficients(), by_visit.coefficients(), rtol=1e-5)
    pd.testing.assert_frame_equal(
        by_row.variance_parameters(), by_visit.variance_parameters(), rtol=1e-5
    )
    assert by_visit.covariance.shape == (4, 4)


def test_what_the_fit_says_of_itself():
    fit = fitted(trial(5), "sp_exp")
    assert "covariance sp_exp: distances in day, each row at its own" in fit.stats.notes
    assert "correlation at distance 1" in str(fit.summary())
    with pytest.raises(UsageError, match="variance_parameters"):
        _ = fit.covariance
    drawn = bw.bootstrap(fit, "arm", "visit", replicates=20, seed=1)
    assert (drawn["n_failed"] == 0).all()
    normal = fit.residuals(kind="normalised")
    assert float((normal**2).sum()) == pytest.approx(len(fit.y) - fit.x.shape[1], rel=0.05)


def test_rows_that_would_be_one_and_groups_are_refused():
    frame = trial(6)
    frame.loc[frame["id"] == 3, "day"] = 9.0
    with pytest.raises(UsageError, match="two rows of a participant are at the same place"):
        fitted(frame, "sp_exp")
    with pytest.raises(UsageError, match="leave out group"):
        fitted(trial(6), "sp_gau", group="arm")
    with pytest.raises(UsageError, match="needs times"):
        bw.mmrm(FORMULA, trial(6), "id", "visit", covariance="sp_pow")
