"""One-way ANOVA and its pairs: R, SciPy, and the arms recovered from a merged one."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.summary.many_arms import (
    Arms,
    bonferroni_pair,
    lsd_pair,
    one_way,
    tukey_pair,
)
from backwalk_stats.engine.summary.two_arms import Arm, pooled
from backwalk_stats.errors import NotEstimable, UsageError
from tests.reference.stored import stored

CASES = stored("one_way")["cases"]
PAIN = Arms([23, 23, 22], [3.9, 4.6, 4.8], [1.1, 1.3, 0.8])
FUNCTION = Arms([23, 23, 22], [48.1, 50.2, 51.6], [3.4, 4.2, 3.6])


@pytest.mark.parametrize("case", CASES)
def test_table_is_rs(case):
    table = one_way(Arms(**case["input"]))
    for field in ("statistic", "p_value", "ms_between", "ms_within", "df_within", "r_squared"):
        assert getattr(table, field) == pytest.approx(case[field], rel=1e-10)
    assert table.residual_sd == pytest.approx(case["ms_within"] ** 0.5, rel=1e-10)


@pytest.mark.parametrize("case", CASES)
def test_pairs_are_rs(case):
    arms = Arms(**case["input"])
    # R's ptukey and qtukey stop at 1e-4 of q.
    loose: dict[str, Any] = {"rel": 2e-4, "abs": 1e-9}
    for at, (first, second) in enumerate(combinations(range(len(case["input"]["n"])), 2)):
        tukey = tukey_pair(arms, first=first, second=second)
        assert tukey.p_value == pytest.approx(np.atleast_1d(case["tukey_p"])[at], **loose)
        assert tukey.conf_low == pytest.approx(np.atleast_1d(case["tukey_low"])[at], **loose)
        assert tukey.conf_high == pytest.approx(np.atleast_1d(case["tukey_high"])[at], **loose)
        lsd = lsd_pair(arms, first=first, second=second)
        assert lsd.p_value == pytest.approx(np.atleast_1d(case["lsd_p"])[at], rel=1e-9)
        bonferroni = bonferroni_pair(arms, first=first, second=second)
        expected = np.atleast_1d(case["bonferroni_p"])[at]
        assert bonferroni.p_value == pytest.approx(expected, rel=1e-9)


def test_recovered_arms_of_alghadir2019():
    assert round(one_way(PAIN).statistic, 3) == 4.265
    assert round(one_way(PAIN).p_value, 4) == 0.0182
    assert round(one_way(FUNCTION).statistic, 3) == 4.977
    assert round(one_way(FUNCTION).p_value, 4) == 0.0097
    walking = {"first": 0, "second": 1}
    control = {"first": 0, "second": 2}
    pairs = (lsd_pair, tukey_pair, bonferroni_pair)
    assert [round(f(PAIN, **walking).p_value, 3) for f in pairs] == [0.033, 0.083, 0.099]
    assert [round(f(FUNCTION, **walking).p_value, 3) for f in pairs] == [0.062, 0.147, 0.186]
    assert [round(f(PAIN, **control).p_value, 4) for f in pairs] == [0.0073, 0.0198, 0.0220]
    assert [round(f(FUNCTION, **control).p_value, 4) for f in pairs] == [0.0026, 0.0073, 0.0079]


@pytest.mark.parametrize(("t", "df"), [(1.0, 3), (4.0, 30), (9.0, 20), (12.0, 65), (0.0, 20)])
def test_tukey_of_two_is_t(t, df):
    n = [df // 2 + 1, df - df // 2 + 1]
    scale = (1 / n[0] + 1 / n[1]) ** 0.5
    two = Arms(n, [t * scale, 0.0], [1.0, 1.0])
    tukey = tukey_pair(two, first=0, second=1)
    lsd = lsd_pair(two, first=0, second=1)
    # SciPy takes the upper tail as 1 - cdf: of a p below 1e-13 nothing but that is known.
    assert tukey.p_value == pytest.approx(lsd.p_value, rel=1e-9, abs=1e-13)
    assert tukey.conf_low == pytest.approx(lsd.conf_low, rel=1e-9)


def test_table_of_the_studentized_range():
    # Upper 5 % points (Pearson and Hartley, Biometrika Tables, table 29): k = 3 and 5.
    for k, df, q in ((3, 20, 3.58), (3, 60, 3.40), (5, 20, 4.23), (5, 60, 3.98)):
        n = np.full(k, df // k + 1)
        n[0] += df + k - n.sum()
        pair = tukey_pair(Arms(n, np.zeros(k), np.ones(k)), first=0, second=1)
        assert round(pair.conf_high / pair.std_error * 2**0.5, 2) == q


@given(
    st.lists(
        st.tuples(st.integers(2, 60), st.floats(-50, 50), st.floats(0.1, 20)),
        min_size=2,
        max_size=5,
    )
)
def test_two_arms_are_a_t_test_and_order_does_not_matter(arms):
    n, mean, sd = (list(column) for column in zip(*arms, strict=True))
    table = one_way(Arms(n, mean, sd))
    turned = one_way(Arms(n[::-1], mean[::-1], sd[::-1]))
    assert table.statistic == pytest.approx(turned.statistic, rel=1e-9, abs=1e-12)
    assert 0.0 <= table.r_squared <= 1.0
    if len(arms) == 2:
        t = pooled(Arm(*arms[0]), Arm(*arms[1]))
        assert table.statistic == pytest.approx(t.statistic**2, rel=1e-8, abs=1e-9)
        assert table.p_value == pytest.approx(t.p_value, rel=1e-6, abs=1e-300)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_summaries_and_raw_groups_agree(seed, k):
    rng = np.random.default_rng(seed)
    groups = [rng.normal(rng.normal(), 1.0, rng.integers(2, 20)) for _ in range(k)]
    table = one_way(
        Arms(
            n=[g.size for g in groups],
            mean=[g.mean() for g in groups],
            sd=[g.std(ddof=1) for g in groups],
        )
    )
    expected = stats.f_oneway(*groups)
    assert table.statistic == pytest.approx(expected.statistic, rel=1e-9, abs=1e-12)
    assert table.p_value == pytest.approx(expected.pvalue, rel=1e-8)


def test_boxes_are_leading_axes():
    means = np.array([[3.85, 4.55, 4.75], [3.95, 4.65, 4.85], [3.85, 4.65, 4.75]])
    table = one_way(PAIN._replace(mean=means))
    assert np.asarray(table.p_value).size == 3
    one = one_way(PAIN._replace(mean=means[2]))
    assert np.asarray(table.statistic)[2] == pytest.approx(one.statistic, rel=1e-14)
    for pair in (lsd_pair, bonferroni_pair, tukey_pair):
        box = pair(PAIN._replace(mean=means), first=0, second=1)
        single = pair(PAIN._replace(mean=means[1]), first=0, second=1)
        assert np.asarray(box.p_value)[1] == pytest.approx(single.p_value, rel=1e-12)
        assert np.asarray(box.conf_low)[1] == pytest.approx(single.conf_low, rel=1e-12)


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(NotEstimable):
        one_way(Arms([5, 5], [1, 2], [0, 0]))
    with pytest.raises(NotEstimable):
        one_way(Arms([5], [1], [1]))
    with pytest.raises(UsageError):
        lsd_pair(PAIN, first=0, second=3)
    with pytest.raises(UsageError):
        tukey_pair(PAIN, first=1, second=1)
    with pytest.raises(NotEstimable):
        tukey_pair(Arms([[5, 5], [6, 6]], [1, 2], [1, 1]), first=0, second=1)
