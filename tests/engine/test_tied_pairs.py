"""Shifts of tied values: the same as from every pair, and no dearer for many people."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.engine.ranks.ranking import pair_differences, shift_of, walsh_averages
from backwalk_stats.engine.ranks.signed_rank import pseudo_median
from backwalk_stats.engine.ranks.two_arms import rank_sum


@pytest.mark.parametrize("decimals", [0, 1, 12])
def test_counts_stand_for_every_pair(decimals):
    rng = np.random.default_rng(1)
    for n in (2, 3, 10, 61):
        one = np.round(rng.normal(0, 3, n), decimals)
        two = np.round(rng.normal(1, 3, n + 4), decimals)
        first, second = np.triu_indices(n)
        means, counts = walsh_averages(one)
        apart, times = pair_differences(one, two)
        for found, often, every in (
            (means, counts, (one[first] + one[second]) / 2),
            (apart, times, np.subtract.outer(one, two).ravel()),
        ):
            np.testing.assert_array_equal(
                np.sort(np.repeat(found, often.astype(int))), np.sort(every)
            )
            for lower in (0.0, 3.0, len(every) / 4):
                limits = {"lower": lower, "upper": len(every) - lower}
                whole = shift_of(every, np.ones(len(every)), **limits)
                assert shift_of(found, often, **limits) == whole


def test_twenty_thousand_scores_need_no_table_of_all_pairs():
    rng = np.random.default_rng(2)
    change = np.round(rng.normal(-2, 2, 20_000))
    assert len(walsh_averages(change)[0]) < 1000
    assert pseudo_median(change).estimate == -2.0
    assert rank_sum(change, change + 1).shift.estimate == -1.0
