"""Whole-curve statistics against spm1d on the data sets that it ships with published results.

spm1d (Pataky) is used as an oracle only. Its statistics of repeated measures are not compared:
their smoothness comes from residuals that still hold participant effects (see
docs/methods/curve_tests.md). Tolerances: curves 1e-8, thresholds 1e-6, cluster p 1e-6.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion.curve_tests import random_field_test

pytestmark = pytest.mark.filterwarnings("ignore")
CURVE, THRESHOLD, CLUSTER = 1e-8, 1e-6, 1e-6


@pytest.fixture(scope="module")
def spm1d():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("spm1d")


def plantar_arch_angle(spm1d):
    one, other = spm1d.data.uv1d.tpaired.PlantarArchAngle().get_data()
    return spm1d.stats.ttest_paired(one, other), statistics.one_sample(one - other)


def simulated_one_sample(spm1d):
    y, mu = spm1d.data.uv1d.t1.SimulatedPataky2015a().get_data()
    return spm1d.stats.ttest(y, mu), statistics.one_sample(y - mu)


def random_one_sample(spm1d):
    y, mu = spm1d.data.uv1d.t1.Random().get_data()
    return spm1d.stats.ttest(y, mu), statistics.one_sample(y - mu)


def plantar_two_sample(spm1d):
    one, other = spm1d.data.uv1d.t2.PlantarArchAngle().get_data()
    return spm1d.stats.ttest2(one, other, equal_var=True), statistics.two_sample(one, other)


def simulated_two_local_max(spm1d):
    one, other = spm1d.data.uv1d.t2.SimulatedTwoLocalMax().get_data()
    return spm1d.stats.ttest2(one, other, equal_var=True), statistics.two_sample(one, other)


def simulated_regression(spm1d):
    y, x = spm1d.data.uv1d.regress.SimulatedPataky2015c().get_data()
    return spm1d.stats.regress(y, x), statistics.regression(y, x)


def speed_regression(spm1d):
    y, x = spm1d.data.uv1d.regress.SpeedGRF().get_data()
    return spm1d.stats.regress(y, x), statistics.regression(y, x)


def speed_one_way(spm1d):
    y, groups = spm1d.data.uv1d.anova1.SpeedGRFcategorical().get_data()
    return spm1d.stats.anova1(y, groups, equal_var=True), statistics.one_way(y, groups)


def weather(spm1d):
    y, groups = spm1d.data.uv1d.anova1.Weather().get_data()
    return spm1d.stats.anova1(y, groups, equal_var=True), statistics.one_way(y, groups)


CASES = (
    plantar_arch_angle,
    simulated_one_sample,
    random_one_sample,
    plantar_two_sample,
    simulated_two_local_max,
    simulated_regression,
    speed_regression,
    speed_one_way,
    weather,
)


@pytest.mark.parametrize("case", CASES, ids=[case.__name__ for case in CASES])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_statistic_threshold_and_clusters(case, alpha, spm1d):
    theirs, ours = case(spm1d)
    np.testing.assert_allclose(ours.values, np.asarray(theirs.z), rtol=CURVE, atol=CURVE)
    options = {"two_tailed": True} if ours.two_sided else {}
    inference = theirs.inference(alpha, **options)
    found = random_field_test(ours, alpha=alpha)
    assert found.threshold == pytest.approx(float(inference.zstar), abs=THRESHOLD)
    assert [one.p_value for one in found.clusters] == pytest.approx(
        [float(one.P) for one in inference.clusters], abs=CLUSTER
    )
    ends = [(float(a), float(b)) for a, b in (one.endpoints for one in inference.clusters)]
    np.testing.assert_allclose(
        np.array([(one.start, one.end) for one in found.clusters]).reshape(-1, 2),
        np.array(ends).reshape(-1, 2),
        atol=1e-6,
    )


def simulated_one_sample_b(spm1d):
    y, mu = spm1d.data.uv1d.t1.SimulatedPataky2015b().get_data()
    return spm1d.stats.ttest(y, mu), statistics.one_sample(y - mu)


# Threshold (two-sided 0.05, F one-sided) and smallest cluster p as the data sets' author prints
# them, to the digits printed.
PUBLISHED = [
    pytest.param(plantar_arch_angle, 3.93947, 0.037295, id="paired PlantarArchAngle"),
    pytest.param(plantar_two_sample, 3.29469, 0.031225, id="two-sample PlantarArchAngle"),
    pytest.param(simulated_one_sample_b, 3.75332, 0.048047, id="SimulatedPataky2015b"),
    pytest.param(weather, 4.84513, None, id="Weather"),
]


@pytest.mark.parametrize(("case", "threshold", "p_value"), PUBLISHED)
def test_published_results(case, threshold, p_value, spm1d):
    _, ours = case(spm1d)
    found = random_field_test(ours)
    assert found.threshold == pytest.approx(threshold, abs=5e-6)
    if p_value is not None:
        assert p_value == pytest.approx(min(one.p_value for one in found.clusters), abs=5e-7)
