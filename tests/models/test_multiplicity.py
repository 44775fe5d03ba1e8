"""Adjusted p-values against R's p.adjust, and against closed testing."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.multiplicity import METHODS, adjusted, fixed_sequence, gatekeeping
from tests.reference.stored import stored

P = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", stored("multiplicity")["cases"])
def test_adjusted_is_r(case, method):
    assert adjusted(case["p"], method) == pytest.approx(case[method], rel=1e-10, abs=1e-300)


@given(p=P)
def test_hommel_is_closed_testing_with_simes(p):
    values, m = np.array(p), len(p)
    oracle = np.zeros(m)
    for size in range(1, m + 1):
        for own in combinations(range(m), size):
            simes = min(1.0, (size * np.sort(values[list(own)]) / np.arange(1, size + 1)).min())
            oracle[list(own)] = np.maximum(oracle[list(own)], simes)
    assert adjusted(p, "hommel") == pytest.approx(oracle, abs=1e-12)


@given(p=P)
def test_order_of_power(p):
    bonferroni, holm, hochberg, hommel = (
        adjusted(p, name) for name in ("bonferroni", "holm", "hochberg", "hommel")
    )
    assert np.all(bonferroni >= holm - 1e-15)
    assert np.all(holm >= hochberg - 1e-15)
    assert np.all(hochberg >= hommel - 1e-12)


@given(p=P, level=st.floats(0.001, 0.5))
def test_fixed_sequence_stops_at_the_first_that_is_not_rejected(p, level):
    going, oracle = True, []
    for one in p:
        going = going and one <= level
        oracle.append(going)
    assert (fixed_sequence(p) <= level).tolist() == oracle


@given(families=st.lists(P, min_size=1, max_size=3), level=st.floats(0.001, 0.5))
def test_gatekeeping_opens_a_family_when_all_before_are_rejected(families, level):
    going, oracle = True, []
    for family in families:
        rejected = [bool(one) and going for one in adjusted(family) <= level]
        oracle.append(rejected)
        going = going and all(rejected)
    found = gatekeeping(families)
    assert [(own <= level).tolist() for own in found] == oracle


@pytest.mark.parametrize(
    ("values", "method", "message"),
    [
        ([], "holm", "one at least"),
        ([0.1, np.nan], "holm", "1 of 2 p-values are missing"),
        ([0.1, 1.2], "holm", "lies between 0 and 1"),
        ([0.1], "bh", "one of bonferroni, holm, hochberg, hommel"),
    ],
)
def test_refusals_say_what_is_wrong(values, method, message):
    with pytest.raises(BackwalkError, match=message):
        adjusted(values, method)
