"""The engine against the slow dense oracle: likelihood, derivatives, df, covariances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from scipy.optimize import minimize

from backwalk_stats.engine.mixed.contrasts import Inference
from backwalk_stats.engine.mixed.dof import KenwardRoger, Satterthwaite
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.robust import robust_covariance
from tests.oracles.dense_gls import Data, Dense, simulated
from tests.oracles.engine_fit import dense_at, engine_fit


@dataclass(frozen=True)
class Case:
    name: str
    data: Data
    reml: bool = True


def cases() -> dict[str, Case]:
    """Every structure, then groups, weights and random effects; REML and ML."""
    out = {}
    for name in ("us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh", "sp_exp"):
        uneven = name == "sp_exp"
        out[name] = Case(name, simulated(3, uneven=uneven))
        out[f"{name}-ml-weights"] = Case(name, simulated(5, uneven=uneven, weighted=True), False)
        grouped = simulated(4, n=20, uneven=uneven, grouped=True, weighted=uneven)
        out[f"{name}-arms"] = Case(name, grouped)
    for name, width in (("intercept", 1), ("slope", 2), ("slope-uncorrelated", 2)):
        out[name] = Case(name, simulated(3, n=24, m=4, effects=width, uneven=True))
        weighted = simulated(8, n=24, m=4, effects=width, weighted=True)
        out[f"{name}-ml-weights"] = Case(name, weighted, False)
    out["us-four-visits"] = Case("us", simulated(6, n=16, m=4))
    return out


CASES = cases()


@pytest.fixture(scope="module")
def fits() -> dict[str, Fit]:
    return {key: engine_fit(one.name, one.data, reml=one.reml) for key, one in CASES.items()}


@cache
def covariance_by_differences(key: str) -> np.ndarray:
    """Return the oracle's covariance of the parameters at the optimum of a case."""
    case = CASES[key]
    fit = engine_fit(case.name, case.data, reml=case.reml)
    return dense_at(case.name, case.data, fit).theta_covariance()


def off_the_optimum(case: Case, fit: Fit) -> Dense:
    """Return the oracle at a point where the gradient is not zero."""
    marginal = fit.likelihood.marginal
    theta = marginal.from_free(fit.free + 0.1 * np.cos(np.arange(len(fit.free))))
    return replace(dense_at(case.name, case.data, fit), theta=theta)


@pytest.mark.parametrize("key", CASES)
def test_converges_inside(fits, key):
    assert fits[key].converged, fits[key].notes
    assert not fits[key].singular


@pytest.mark.parametrize("key", CASES)
def test_likelihood_and_fixed_effects(fits, key):
    fit = fits[key]
    oracle = dense_at(CASES[key].name, CASES[key].data, fit)
    assert fit.point.deviance == pytest.approx(oracle.deviance(oracle.theta), abs=1e-9)
    np.testing.assert_allclose(fit.point.beta, oracle.beta, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(fit.point.phi, oracle.phi(oracle.theta), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("key", CASES)
def test_derivatives_off_the_optimum(fits, key):
    fit = fits[key]
    oracle = off_the_optimum(CASES[key], fit)
    point = fit.likelihood.at(oracle.theta)
    assert point is not None
    slopes = fit.likelihood.slopes(point)
    unit = oracle.sizes  # in standard errors: parameters of every scale are held to one measure
    np.testing.assert_allclose(slopes.gradient * unit, oracle.gradient() * unit, atol=1e-8)
    square = np.outer(unit, unit)
    np.testing.assert_allclose(slopes.hessian * square, oracle.hessian() * square, atol=1e-8)
    np.testing.assert_allclose(slopes.expected * square, oracle.expected() * square, atol=1e-10)


@pytest.mark.parametrize("key", CASES)
def test_satterthwaite(fits, key):
    fit = fits[key]
    oracle = dense_at(CASES[key].name, CASES[key].data, fit)
    c = covariance_by_differences(key)
    rows = combinations(fit)
    expected = [oracle.satterthwaite(row, c) for row in rows]
    np.testing.assert_allclose(Satterthwaite(fit).single(rows), expected, rtol=1e-6)


@pytest.mark.parametrize("expected", [False, True], ids=["observed", "expected"])
@pytest.mark.parametrize("linear", [False, True], ids=["full", "linear"])
@pytest.mark.parametrize("key", [key for key, one in CASES.items() if one.reml])
def test_kenward_roger(fits, key, linear, expected):
    fit = fits[key]
    oracle = dense_at(CASES[key].name, CASES[key].data, fit)
    c = oracle.theta_covariance(expected=True) if expected else covariance_by_differences(key)
    adjusted, p = oracle.kenward_roger(c, linear=linear)
    method = KenwardRoger(fit, linear=linear, expected=expected)
    np.testing.assert_allclose(method.covariance, adjusted, rtol=1e-6, atol=1e-9)
    rows = combinations(fit)
    single = [oracle.kenward_roger_f(row[None], c, p)[0] for row in rows]
    np.testing.assert_allclose(method.single(rows), single, rtol=1e-6)
    found = method.joint(rows[:2], rows[:2])
    assert (found.df, found.scale) == pytest.approx(oracle.kenward_roger_f(rows[:2], c, p), 1e-6)


@pytest.mark.parametrize(("kind", "power"), [("cr0", 0.0), ("cr2", 0.5), ("cr3", 1.0)])
@pytest.mark.parametrize("key", CASES)
def test_robust(fits, key, kind, power):
    fit, data = fits[key], CASES[key].data
    covariance, df = dense_at(CASES[key].name, data, fit).robust(power)
    found = robust_covariance(fit, y=data.y, x=data.x, kind=kind)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-8, atol=1e-11)
    for row in combinations(fit):
        assert found.degrees_of_freedom(row) == pytest.approx(df(row), rel=1e-8)


@pytest.mark.parametrize("key", CASES)
def test_no_other_optimiser_gets_lower(fits, key):
    """A derivative-free search of the oracle's own likelihood from beside the optimum."""
    case, fit = CASES[key], fits[key]
    oracle = dense_at(case.name, case.data, fit)
    marginal = fit.likelihood.marginal

    def deviance(free):
        return oracle.deviance(marginal.from_free(free))

    start = fit.free + 0.2 * np.sin(1.0 + np.arange(len(fit.free)))
    found = minimize(deviance, start, method="L-BFGS-B", options={"ftol": 1e-13, "maxiter": 300})
    assert fit.point.deviance <= found.fun + 1e-8
    assert found.fun == pytest.approx(fit.point.deviance, abs=1e-4)


@pytest.mark.parametrize("key", ["us", "csh", "slope"])
def test_the_basis_of_the_fit_does_not_matter(fits, key):
    case = CASES[key]
    q, r = np.linalg.qr(case.data.x)
    turned = engine_fit(case.name, replace(case.data, x=q))
    rows = combinations(fits[key])
    for method in (Satterthwaite, KenwardRoger):
        plain = Inference(method(fits[key]), fits[key].point.beta, np.eye(len(r)))
        other = Inference(method(turned), turned.point.beta, r)
        np.testing.assert_allclose(other.beta, plain.beta, rtol=1e-7, atol=1e-10)
        one, two = plain.test(rows), other.test(rows)
        np.testing.assert_allclose(two.std_error, one.std_error, rtol=1e-7)
        np.testing.assert_allclose(two.df, one.df, rtol=1e-5)
        left, right = plain.joint(rows[:2]), other.joint(rows[:2])
        assert right.statistic == pytest.approx(left.statistic, rel=1e-6)
        assert right.df_den == pytest.approx(left.df_den, rel=1e-5)


@pytest.mark.parametrize("method", [Satterthwaite, KenwardRoger])
def test_f_of_one_row_is_t_squared_and_rows_that_repeat_count_once(fits, method):
    fit = fits["us"]
    door = Inference(method(fit), fit.point.beta, np.eye(len(fit.point.beta)))
    rows = combinations(fit)
    single, joint = door.test(rows[:1]), door.joint(rows[:1])
    assert joint.statistic == pytest.approx(float(np.asarray(single.statistic)[0]) ** 2)
    assert joint.p_value == pytest.approx(float(np.asarray(single.p_value)[0]))
    once, twice = door.joint(rows[:2]), door.joint(np.vstack([rows[:2], rows[0] + rows[1]]))
    assert twice.df_num == once.df_num == 2.0
    if method is KenwardRoger:
        assert twice.df_den == pytest.approx(once.df_den, rel=1e-6)
    # Fai and Cornelius's df depends on how a hypothesis is written; its F does not.
    assert twice.statistic == pytest.approx(once.statistic, rel=1e-8)


def combinations(fit: Fit) -> np.ndarray:
    """Return single coefficients and a mixture."""
    p = len(fit.point.beta)
    return np.vstack([np.eye(p)[1], np.eye(p)[p - 1], np.linspace(-1.0, 1.0, p)])
