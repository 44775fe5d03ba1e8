"""Meta-analysis against R's metafor, published values, slow oracles and properties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.engine.meta import (
    common_effect,
    generalised_q,
    hartung_knapp,
    heterogeneity,
    random_effects,
    restricted_loglik,
    tau2_dersimonian_laird,
    tau2_interval,
    tau2_paule_mandel,
    tau2_reml,
)
from backwalk_stats.errors import NotEstimable
from tests.reference.stored import stored

SETS = stored("meta")["sets"]
TAU2 = {"dl": tau2_dersimonian_laird, "pm": tau2_paule_mandel, "reml": tau2_reml}
POOL = {"z": random_effects, "hksj": hartung_knapp}


def columns(name: str) -> dict[str, Any]:
    given_set = SETS[name]["input"]
    return {
        "estimate": np.array(given_set["yi"]),
        "std_error": np.sqrt(np.array(given_set["vi"])),
    }


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", TAU2)
def test_tau2_is_metafors(name, method):
    expected = SETS[name][f"{method}_z"]["tau2"]
    assert TAU2[method](**columns(name)) == pytest.approx(expected, rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("method", TAU2)
@pytest.mark.parametrize("ci", POOL)
def test_pooled_effect_is_metafors(name, method, ci):
    expected = SETS[name][f"{method}_{ci}"]
    pool = POOL[ci](**columns(name), tau2=TAU2[method](**columns(name)))
    for field in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        # metafor stops its iterations at 1e-13 to 1e-14 on tau2, so 1e-8 is its own accuracy.
        assert getattr(pool.effect, field) == pytest.approx(expected[field], rel=1e-8, abs=1e-12)
    np.testing.assert_allclose(pool.weight, expected["weight"], rtol=1e-8)


@pytest.mark.parametrize("name", SETS)
def test_common_effect_heterogeneity_and_profile_are_metafors(name):
    expected = SETS[name]
    pool, spread = common_effect(**columns(name)), heterogeneity(**columns(name))
    assert pool.effect.estimate == pytest.approx(expected["common"]["estimate"], rel=1e-12)
    assert pool.effect.conf_low == pytest.approx(expected["common"]["conf_low"], rel=1e-10)
    assert spread.q == pytest.approx(expected["q"], rel=1e-10)
    assert spread.q_p == pytest.approx(expected["q_p"], rel=1e-10)
    low, high = tau2_interval(**columns(name))
    assert low == pytest.approx(expected["tau2_low"], rel=1e-7, abs=1e-9)
    assert high == pytest.approx(expected["tau2_high"], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", SETS)
def test_prediction_interval_has_k_minus_2_df(name):
    expected = SETS[name]
    pool = random_effects(**columns(name), tau2=tau2_reml(**columns(name)))
    if expected["pi_low"] is None:
        assert math.isnan(pool.prediction_low)
        assert math.isnan(pool.prediction_high)
        return
    assert pool.prediction_low == pytest.approx(expected["pi_low"], rel=1e-8)
    assert pool.prediction_high == pytest.approx(expected["pi_high"], rel=1e-8)


def test_bcg_published_values():
    # Viechtbauer 2010, J Stat Softw 36(3), section 3: tau2 0.3132, mean -0.7145 (SE 0.1798),
    # Q 152.2330 on 12 df.
    pool = random_effects(**columns("bcg"), tau2=tau2_reml(**columns("bcg")))
    assert round(pool.tau2, 4) == 0.3132
    assert round(pool.effect.estimate, 4) == -0.7145
    assert round(pool.effect.std_error, 4) == 0.1798
    assert round(heterogeneity(**columns("bcg")).q, 4) == 152.2330


def test_an_empty_profile_is_zero_to_zero_and_narrow_hartung_knapp_is_marked():
    assert tau2_interval(**columns("null_interval")) == (0.0, 0.0)
    pool = hartung_knapp(**columns("null_interval"), tau2=0.0)
    assert pool.narrower_than_z
    assert not hartung_knapp(**columns("two"), tau2=tau2_reml(**columns("two"))).narrower_than_z


def test_two_reml_peaks_give_the_higher():
    # One precise outlier and imprecise others can give a boundary peak and an inner one.
    effect = np.array([0.0, 0.0, 0.0, 6.0])
    error = np.array([0.01, 2.0, 2.0, 0.6])
    points = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 40_000)])
    heights = [restricted_loglik(effect=effect, variance=error**2, tau2=float(t)) for t in points]
    best = points[int(np.argmax(heights))]
    assert tau2_reml(estimate=effect, std_error=error) == pytest.approx(best, rel=1e-3)


studies = st.lists(st.tuples(st.floats(-10, 10), st.floats(0.01, 10)), min_size=2, max_size=12).map(
    lambda rows: (np.array([r[0] for r in rows]), np.array([r[1] for r in rows]))
)


@settings(max_examples=150, deadline=None)
@given(studies)
def test_reml_is_no_lower_than_any_point_of_a_grid(rows):
    effect, error = rows
    variance = error**2
    tau2 = tau2_reml(estimate=effect, std_error=error)
    top = restricted_loglik(effect=effect, variance=variance, tau2=tau2)
    grid = np.concatenate([[0.0], np.geomspace(1e-5, 1e3, 300)])
    others = [restricted_loglik(effect=effect, variance=variance, tau2=float(t)) for t in grid]
    assert tau2 >= 0.0
    assert top >= max(others) - 1e-7 * (1.0 + abs(top))


@settings(max_examples=100, deadline=None)
@given(studies)
def test_paule_mandel_and_profile_solve_their_equations(rows):
    effect, error = rows
    variance, df = error**2, effect.size - 1
    tau2 = tau2_paule_mandel(estimate=effect, std_error=error)
    q = generalised_q(effect=effect, variance=variance, tau2=tau2)
    assert q == pytest.approx(df, rel=1e-9) if tau2 > 0.0 else q <= df + 1e-9
    low, high = tau2_interval(estimate=effect, std_error=error)
    assert 0.0 <= low <= tau2 <= high


@settings(max_examples=60, deadline=None)
@given(studies, st.floats(-5, 5), st.sampled_from([1e-3, 0.1, 7.0, 1e3]))
def test_unit_and_origin_do_not_matter(rows, shift, scale):
    effect, error = rows
    for tau2_of in TAU2.values():
        plain = tau2_of(estimate=effect, std_error=error)
        moved = tau2_of(estimate=scale * effect + shift, std_error=scale * error)
        tolerance = 1e-5 * float(np.min(error)) ** 2 + 1e-6 * plain
        assert moved / scale**2 == pytest.approx(plain, rel=1e-6, abs=tolerance + 1e-9)


def test_equal_standard_errors_have_closed_forms():
    # With one sampling variance v every estimator is max(0, s^2 - v), and the mean is plain.
    effect, error = np.array([1.0, 4.0, 2.0, 7.0]), np.full(4, 1.5)
    closed = float(effect.var(ddof=1)) - 2.25
    for tau2_of in TAU2.values():
        assert tau2_of(estimate=effect, std_error=error) == pytest.approx(closed, rel=1e-10)
    pool = hartung_knapp(estimate=effect, std_error=error, tau2=closed)
    assert pool.effect.std_error == pytest.approx(effect.std(ddof=1) / 2.0, rel=1e-12)


@pytest.mark.parametrize(
    ("effect", "error"),
    [([1.0], [1.0]), ([1.0, 2.0], [1.0]), ([1.0, math.nan], [1.0, 1.0]), ([1.0, 2.0], [1.0, 0.0])],
)
def test_unusable_studies_are_refused(effect, error):
    with pytest.raises(NotEstimable):
        heterogeneity(estimate=effect, std_error=error)


def test_identical_effects_have_no_hartung_knapp_interval():
    with pytest.raises(NotEstimable):
        hartung_knapp(estimate=[1.0, 1.0, 1.0], std_error=[0.1, 0.2, 0.3], tau2=0.0)
    with pytest.raises(NotEstimable):
        random_effects(estimate=[1.0, 2.0], std_error=[0.1, 0.2], tau2=-1.0)
