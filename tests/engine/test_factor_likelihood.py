"""Two random factors against plain N x N matrices: likelihood, derivatives, random effects."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.engine.mixed import random_factors
from backwalk_stats.engine.mixed.factor_likelihood import (
    FactorLikelihood,
    FactorPoint,
    predicted_levels,
)
from backwalk_stats.engine.mixed.random_factors import Clusters
from backwalk_stats.models.fit.fitted import FittedModel
from tests.models.test_two_random_factors import crossed

FORMULAS = {
    "crossed": "pain ~ arm * week + (1 | therapist) + (1 | id)",
    "slope of the finer": "pain ~ arm * week + (week | id) + (1 | therapist)",
    "slope of the coarser": "pain ~ arm + week + (1 | id) + (week | therapist)",
    "apart": "pain ~ arm + week + (week || id) + (1 | therapist)",
    "nested": "pain ~ arm * week + (1 | site/id)",
    "slopes of nested": "pain ~ arm + week + (week | site/id)",
    "many small and one large": "pain ~ arm + week + (1 | room) + (1 | id)",
}


@dataclass(frozen=True)
class Plain:
    """V and its derivatives as whole matrices, from the fit's rows and nothing of the engine."""

    fit: FittedModel
    weights: np.ndarray
    theta: np.ndarray
    v1: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        for one in self.fit.random:
            level = np.asarray(one.codes)
            same = level[:, None] == level[None, :]
            width = one.z.shape[1]
            for a in range(width):
                for b in range(a + 1) if one.correlated else (a,):
                    e = np.zeros((width, width))
                    e[a, b] = e[b, a] = 1.0
                    self.v1.append(same * (one.z @ e @ one.z.T))
        self.v1.append(np.diag(1.0 / self.weights))

    def parts(self) -> tuple[np.ndarray, ...]:
        v = sum(t * one for t, one in zip(self.theta, self.v1, strict=True))
        w, x = np.linalg.inv(v), np.linalg.qr(self.fit.x)[0]
        phi = np.linalg.inv(x.T @ w @ x)
        return v, w, x, phi, w - w @ x @ phi @ x.T @ w


def weighed(name: str) -> tuple[FittedModel, np.ndarray]:
    data = crossed(4, people=18)
    data["room"] = np.where(data["id"] < "P10", "hall", data["id"])
    weights = "weight" if name in ("crossed", "nested") else None
    fit = bw.lmm(FORMULAS[name], data, weights=weights, method="reml")
    return fit, data["weight"].to_numpy() if weights else np.ones(len(data))


@pytest.mark.parametrize("reml", [True, False], ids=["reml", "ml"])
@pytest.mark.parametrize("name", FORMULAS)
def test_likelihood_and_derivatives_off_the_optimum(name, reml):
    fit, weights = weighed(name)
    patterns, marginal = fit.fit.likelihood.patterns, fit.fit.likelihood.marginal
    assert isinstance(patterns, Clusters)
    assert isinstance(marginal, random_factors.RandomFactors)
    theta = marginal.from_free(fit.fit.free + 0.3 * np.cos(np.arange(marginal.count)))
    likelihood = FactorLikelihood(patterns, marginal, reml)
    point = likelihood.at(theta)
    assert isinstance(point, FactorPoint)
    slopes = likelihood.slopes(point)
    plain = Plain(fit, weights, theta)
    v, w, x, phi, p = plain.parts()
    y, n = fit.y, len(fit.y)
    deviance = np.linalg.slogdet(v)[1] + y @ p @ y
    deviance += (n - (x.shape[1] if reml else 0)) * np.log(2.0 * np.pi)
    deviance -= np.linalg.slogdet(phi)[1] if reml else 0.0
    assert point.deviance == pytest.approx(deviance, abs=1e-9)
    load = p if reml else w
    scale = np.sqrt([np.trace(w @ a @ w @ a) for a in plain.v1])
    gradient = [np.trace(load @ a) - y @ p @ a @ p @ y for a in plain.v1]
    np.testing.assert_allclose(slopes.gradient / scale, gradient / scale, atol=1e-9)
    expected = [[np.trace(load @ a @ load @ b) for b in plain.v1] for a in plain.v1]
    pull = [[2.0 * y @ p @ a @ p @ b @ p @ y for b in plain.v1] for a in plain.v1]
    square = np.outer(scale, scale)
    np.testing.assert_allclose(slopes.expected / square, expected / square, atol=1e-9)
    hessian = np.array(pull) - expected
    np.testing.assert_allclose(slopes.hessian / square, hessian / square, atol=1e-9)
    np.testing.assert_allclose(marginal.v(theta).sum(), v.sum() + (marginal.rows < 0).sum())


@pytest.mark.parametrize("name", FORMULAS)
def test_small_sample_terms_and_random_effects(name):
    fit, weights = weighed(name)
    inner, theta = fit.fit, fit.fit.point.theta
    plain = Plain(fit, weights, theta)
    _, w, x, phi, p = plain.parts()
    turn = np.linalg.qr(fit.x)[1]
    to_fit = turn @ np.linalg.inv(fit.inference.basis)  # from one orthonormal basis to another
    rng = np.random.default_rng(1)
    half = rng.normal(size=(len(theta),) * 2)
    c = half @ half.T
    found = inner.likelihood.spread_of_weights(inner.point, c, with_curvature=True)
    inside = sum(
        c[j, k] * a @ w @ b for j, a in enumerate(plain.v1) for k, b in enumerate(plain.v1)
    )
    expected = to_fit.T @ (x.T @ w @ inside @ w @ x) @ to_fit
    size = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=1e-9 * size)
    matrices = dict(fit.covariance).values()
    for one, held, g in zip(fit.random, predicted_levels(inner), matrices, strict=True):
        for level in range(len(one.levels)):
            z = one.z * (one.codes == level)[:, None]
            load = g @ z.T @ w
            np.testing.assert_allclose(held.effects[level], g @ z.T @ p @ fit.y, atol=1e-9)
            prediction = g - g @ z.T @ p @ z @ g
            np.testing.assert_allclose(held.conditional[level], g - load @ z @ g, atol=1e-9)
            np.testing.assert_allclose(held.prediction[level], prediction, atol=1e-9)
    np.testing.assert_allclose(inner.point.phi, to_fit.T @ phi @ to_fit, rtol=1e-8, atol=1e-12)


def test_clusters_of_very_different_size_are_worked_on_apart(monkeypatch):
    data = crossed(4, people=18)
    data["room"] = np.where(data["id"] < "P10", "hall", data["id"])
    one = bw.lmm(FORMULAS["many small and one large"], data)
    monkeypatch.setattr(random_factors, "SMALL_TABLE", 0)
    monkeypatch.setattr(random_factors, "PADDED", 2)
    apart = bw.lmm(FORMULAS["many small and one large"], data)
    assert isinstance(one.fit.likelihood.patterns, Clusters)
    assert isinstance(apart.fit.likelihood.patterns, Clusters)
    assert len(one.fit.likelihood.patterns.parts) == 1
    assert len(apart.fit.likelihood.patterns.parts) > 1
    columns = ["estimate", "std_error", "df"]
    pd.testing.assert_frame_equal(
        one.coefficients()[columns], apart.coefficients()[columns], rtol=1e-8
    )
    pd.testing.assert_frame_equal(
        one.random_effects()[["estimate", "prediction_error"]],
        apart.random_effects()[["estimate", "prediction_error"]],
        rtol=1e-6,
        atol=1e-10,
    )
