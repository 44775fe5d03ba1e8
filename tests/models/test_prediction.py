"""Intervals of new rows: against R's `predict.lm`, a dense computation, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers


def trial(seed: int = 1, people: int = 14, visits: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), visits)
    week = np.tile(np.arange(visits) * 3.0, people)
    pain = 6 - 0.2 * week + rng.normal(0, 1, people)[who] + rng.normal(0, 0.1, people)[who] * week
    frame = pd.DataFrame({"id": who, "week": week, "arm": np.where(who % 2, "backward", "forward")})
    frame["weight"] = rng.uniform(0.5, 2.0, len(who)).round(2)
    frame["site"] = np.where(who % 4 < 2, "A", "B")
    return frame.assign(pain=pain + rng.normal(0, 0.6, len(who)))


NEW = pd.DataFrame({"week": [2.0, 9.0, np.nan], "arm": ["forward", "backward", "forward"]})


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_of_least_squares_is_rs(level, tmp_path):
    frame = trial(2, 9, 1).assign(week=np.arange(9.0))
    fit = bw.ols("pain ~ arm * week", frame)
    script = f"""
fit <- lm(pain ~ arm * week, frame)
for (kind in c("confidence", "prediction"))
  out[[kind]] <- predict(fit, new, interval = kind, level = {level})
"""
    found = r_answers(script, {"frame": frame, "new": NEW.iloc[:2]}, (), tmp_path)
    for kind, rows in found.items():
        own = fit.predict(NEW, interval=kind, level=level)
        assert own[["estimate", "conf_low", "conf_high"]].to_numpy()[:2] == pytest.approx(
            np.array(rows), rel=1e-10
        )
        assert own.iloc[2].isna().all()


def test_of_least_squares_by_its_formula():
    frame = trial(3)
    fit = bw.ols("pain ~ arm + week", frame)
    mean, one = (fit.predict(NEW, interval=kind) for kind in ("confidence", "prediction"))
    wanted = np.sqrt(mean["std_error"] ** 2 + fit.stats.residual_sd**2)
    assert one["std_error"][:2].to_numpy() == pytest.approx(wanted[:2])
    assert one["df"].tolist()[:2] == [fit.stats.df_residual] * 2


# A dense computation of the variance of one outcome of somebody new, and of its derivatives.

G = {
    "(1 | id)": lambda theta, z: theta[0] * z[:, [0]] @ z[:, [0]].T,
    "(week | id)": lambda theta, z: z @ np.array([theta[[0, 1]], theta[[1, 2]]]) @ z.T,
    "(week || id)": lambda theta, z: z @ np.diag(theta[:2]) @ z.T,
}


def whole_variance(
    theta: np.ndarray, part: str, frame: pd.DataFrame, x: np.ndarray, row: np.ndarray
) -> float:
    """Return x Phi x' + z G z' + sigma2 of a new row (1, arm, week), by matrices of all rows."""
    z = np.column_stack([np.ones(len(frame)), frame["week"]])
    same = frame["id"].to_numpy()[:, None] == frame["id"].to_numpy()
    v = np.where(same, G[part](theta, z), 0.0) + theta[-1] * np.eye(len(frame))
    new = np.array([[1.0, row[2]]])
    phi = np.linalg.inv(x.T @ np.linalg.solve(v, x))
    return float(row @ phi @ row + G[part](theta, new)[0, 0] + theta[-1])


@pytest.mark.parametrize("part", list(G))
@pytest.mark.parametrize("df", ["satterthwaite", "residual"])
def test_of_a_mixed_model_by_dense_matrices(part, df):
    frame = trial(4)
    fit = bw.lmm(f"pain ~ arm + week + {part}", frame, df=df)
    found = fit.predict(NEW, interval="prediction", level=0.9)
    x = np.column_stack([np.ones(len(frame)), frame["arm"] == "forward", frame["week"]])
    theta = fit.fit.point.theta
    for at, row in enumerate(np.array([[1.0, 1.0, 2.0], [1.0, 0.0, 9.0]])):
        v = whole_variance(theta, part, frame, x, row)
        assert found["std_error"][at] ** 2 == pytest.approx(v, rel=1e-8)
        step = 1e-5 * np.abs(theta) + 1e-8
        gradient = np.array(
            [
                (whole_variance(theta + one, part, frame, x, row)
                 - whole_variance(theta - one, part, frame, x, row)) / (2 * one.sum())
                for one in np.diag(step)
            ]
        )  # fmt: skip
        wanted = 2 * v**2 / (gradient @ fit.fit.theta_covariance @ gradient)
        wanted = wanted if df == "satterthwaite" else len(frame) - 3
        assert found["df"][at] == pytest.approx(wanted, rel=1e-5)
    assert found["estimate"].equals(fit.predict(NEW)["estimate"])
    assert found.iloc[2].isna().all()


def test_the_interval_holds_nine_of_ten_new_participants():
    rng = np.random.default_rng(5)
    hits = []
    for seed in range(40):
        fit = bw.lmm("pain ~ week + (1 | id)", trial(100 + seed, 10, 3))
        other = trial(1000 + seed, 25, 3)
        found = fit.predict(other, interval="prediction", level=0.9)
        inside = (found["conf_low"] < other["pain"]) & (other["pain"] < found["conf_high"])
        hits.append(inside[rng.integers(0, 3) :: 3].mean())
    assert np.mean(hits) == pytest.approx(0.9, abs=4 * np.std(hits) / np.sqrt(len(hits)))


def test_weights_offsets_and_two_factors():
    frame = trial(6)
    fit = bw.lmm("pain ~ arm + offset(week) + (1 | id)", frame, weights="weight")
    new = NEW.iloc[:2].assign(weight=[1.0, 4.0])
    found, mean = (fit.predict(new, interval=one) for one in ("prediction", "confidence"))
    variance, residual = fit.variance_parameters()["estimate"]
    more = found["std_error"] ** 2 - mean["std_error"] ** 2
    assert more.to_numpy() == pytest.approx([variance + residual, variance + residual / 4])
    assert found["estimate"].tolist() == mean["estimate"].tolist()
    assert (found["conf_low"] + found["conf_high"]).to_numpy() / 2 == pytest.approx(
        found["estimate"]
    )
    with pytest.raises(UsageError, match="no column named weight"):
        fit.predict(NEW, interval="prediction")
    with pytest.raises(UsageError, match="1 of 2 are not above 0"):
        fit.predict(new.assign(weight=[0.0, 1.0]), interval="prediction")
    nested = bw.lmm("pain ~ arm + week + (1 | site/id)", frame)
    found, mean = (nested.predict(NEW, interval=one) for one in ("prediction", "confidence"))
    total = nested.variance_parameters()["estimate"].sum()
    more = found["std_error"] ** 2 - mean["std_error"] ** 2
    assert more.to_numpy()[:2] == pytest.approx([total, total])


def test_what_has_no_prediction_interval_is_refused():
    frame = trial(7)
    hc3 = bw.ols("pain ~ arm + week", frame, vcov="hc3")
    robust = bw.lmm("pain ~ arm + week + (1 | id)", frame, vcov="robust-cr2")
    visits = bw.mmrm("pain ~ arm * week", frame, "id", "week", covariance="cs")
    for fit, remedy in ((hc3, "vcov='model'"), (robust, "vcov='model'"), (visits, "fit lmm")):
        with pytest.raises(UsageError, match=remedy):
            fit.predict(NEW, interval="prediction")
        with pytest.raises(UsageError, match="it is one of confidence, prediction"):
            fit.predict(NEW, interval="tolerance")
