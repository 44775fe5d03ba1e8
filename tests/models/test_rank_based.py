"""Rank tests against R's coin and wilcox.test, against listing everything, and known floors."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from backwalk_stats.engine.ranks.signed_rank import pseudo_median, signed_rank, signed_rank_pratt
from backwalk_stats.engine.ranks.two_arms import rank_sum, superiority_interval, van_elteren
from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.change import within_arm
from backwalk_stats.models.arms.rank_based import rank_based
from tests.reference.stored import stored

VALUES = stored("ranks")
SCORES = st.lists(st.integers(0, 4), min_size=2, max_size=6)


@pytest.mark.parametrize("name", VALUES["two"])
def test_rank_sum_is_coin(name):
    expected = VALUES["two"][name]
    found = rank_sum(expected["first"], expected["second"])
    assert found.exact
    assert found.statistic == expected["statistic"]
    assert found.p_value == pytest.approx(expected["exact_p"], rel=1e-10)
    if name != "few":
        assert found.shift.low == pytest.approx(expected["exact_low"], rel=1e-10)
        assert found.shift.high == pytest.approx(expected["exact_high"], rel=1e-10)
        assert found.shift.estimate == pytest.approx(expected["coin_shift"], rel=1e-10)


def test_known_floor_rank_sum_with_ties():
    expected = VALUES["two"]["birth_weight"]
    found = rank_sum(expected["first"], expected["second"])
    assert round(found.p_value, 4) == 0.0082
    # SciPy's exact p takes the ties for none.
    naive = stats.mannwhitneyu(expected["first"], expected["second"], method="exact").pvalue
    assert round(naive, 5) == 0.00911
    # SAS takes the median of differences, as here; R's wilcox.test the root of its normal test.
    assert found.shift.estimate == pytest.approx(-0.425, rel=1e-12)
    assert expected["r_shift"] == pytest.approx(-0.42614, abs=5e-6)
    assert [found.shift.low, found.shift.high] == pytest.approx([-0.76, -0.10], rel=1e-12)


def test_normal_limits_of_the_shift_are_sas(monkeypatch):
    from backwalk_stats.engine.ranks import two_arms as module

    monkeypatch.setattr(module, "EXACT_UP_TO", 0)
    expected = VALUES["two"]["birth_weight"]
    found = rank_sum(expected["first"], expected["second"])
    # Asymptotic (Moses) limits of SAS's NPAR1WAY, as the CAMIS project lists them.
    assert [found.shift.low, found.shift.high] == pytest.approx([-0.77, -0.09], rel=1e-12)
    assert found.p_value == pytest.approx(expected["normal_p"], rel=1e-10)


def test_known_floor_signed_rank():
    # 240 changes without ties or zeros, rank sum 17251 (the CAMIS project's blood pressure data).
    n, positive = 240, 17251
    ranks = np.arange(1.0, n + 1)
    sign, left = -np.ones(n), positive
    for rank in range(n, 0, -1):
        if rank <= left:
            sign[rank - 1], left = 1.0, left - rank
    assert left == 0
    found = signed_rank(sign * ranks)
    assert (found.statistic, found.exact) == (positive, True)
    assert found.p_value == pytest.approx(0.009379, abs=5e-7)
    away, spread = positive - n * (n + 1) / 4, n * (n + 1) * (2 * n + 1) / 24
    z = away / np.sqrt(spread)
    assert 2 * stats.norm.sf(z) == pytest.approx(0.009535, abs=5e-7)
    t = away * np.sqrt((n - 1) / (n * spread - away**2))
    assert 2 * stats.t.sf(t, n - 1) == pytest.approx(0.009254, abs=5e-7)


@pytest.mark.parametrize("name", VALUES["one"])
def test_signed_rank_is_coin(name):
    expected = VALUES["one"][name]
    plain, pratt = signed_rank(expected["change"]), signed_rank_pratt(expected["change"])
    assert plain.statistic == expected["statistic"]
    assert plain.p_value == pytest.approx(expected["exact_p"], rel=1e-10)
    assert pratt.p_value == pytest.approx(expected["pratt_p"], rel=1e-10)
    if "low" in expected:
        found = pseudo_median(expected["change"])
        assert [found.estimate, found.low, found.high] == pytest.approx(
            [expected["pseudo_median"], expected["low"], expected["high"]], rel=1e-10
        )


def test_large_samples_are_wilcox_test():
    large = VALUES["large"]
    found = rank_sum(large["first"], large["second"])
    assert (found.exact, found.statistic) == (False, large["statistic"])
    assert found.p_value == pytest.approx(large["normal_p"], rel=1e-10)
    long = signed_rank(VALUES["long"]["change"])
    assert (long.exact, long.statistic) == (False, VALUES["long"]["statistic"])
    assert long.p_value == pytest.approx(VALUES["long"]["normal_p"], rel=1e-10)


def test_exact_and_normal_meet():
    rng = np.random.default_rng(3)
    first, second = rng.integers(0, 11, 100), rng.integers(1, 12, 100)
    exact = rank_sum(first, second)
    normal = stats.mannwhitneyu(first, second, method="asymptotic")
    assert exact.exact
    assert exact.p_value == pytest.approx(normal.pvalue, rel=0.02)


@given(first=SCORES, second=SCORES)
def test_rank_sum_is_the_listing_of_every_deal(first, second):
    values = np.array([*first, *second], dtype=float)
    if np.ptp(values) == 0:
        return
    ranks, m = stats.rankdata(values), len(first)
    sums = np.array([ranks[list(own)].sum() for own in combinations(range(len(values)), m)])
    centre = m * (len(values) + 1) / 2
    p = np.mean(np.abs(sums - centre) >= abs(ranks[:m].sum() - centre) - 1e-9)
    found = rank_sum(first, second)
    assert found.p_value == pytest.approx(p, rel=1e-10)
    back = rank_sum(second, first)
    assert back.p_value == pytest.approx(p, rel=1e-10)
    assert back.shift.estimate == -found.shift.estimate
    assert (back.shift.low, back.shift.high) == (-found.shift.high, -found.shift.low)
    assert back.probability == pytest.approx(1 - found.probability)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9).filter(any))
def test_signed_rank_is_the_listing_of_every_sign(changes):
    values = np.array(changes, dtype=float)
    for zeros, found in (("wilcox", signed_rank(values)), ("pratt", signed_rank_pratt(values))):
        kept = values[values != 0] if zeros == "wilcox" else values
        ranks = stats.rankdata(np.abs(kept))[kept != 0]
        moved = kept[kept != 0]
        signs = np.array(list(product([0, 1], repeat=len(ranks))))
        sums, seen = signs @ ranks, ranks[moved > 0].sum()
        p = np.mean(np.abs(sums - ranks.sum() / 2) >= abs(seen - ranks.sum() / 2) - 1e-9)
        assert found.p_value == pytest.approx(p, rel=1e-10)


def test_pseudo_median_covers_whole_numbers():
    # 800 samples of 12 whole-number changes about -1: closed intervals cover at least as often.
    rng = np.random.default_rng(11)
    samples = rng.integers(-3, 2, (800, 12)).astype(float)
    limits = [pseudo_median(one) for one in samples]
    assert np.mean([one.low <= -1 <= one.high for one in limits]) >= 0.95


def test_van_elteren_is_the_listing_and_coin():
    expected = VALUES["stratified"]
    frame = pd.DataFrame(expected["data"])
    found = rank_based(frame, outcome="value", arm="arm", reference="b", strata="site").iloc[0]
    assert found["method"] == "exact"
    assert found["p_value"] == pytest.approx(expected["exact_p"], rel=1e-10)


def test_van_elteren_in_large_strata_is_coin(monkeypatch):
    from backwalk_stats.engine.ranks import two_arms as module

    monkeypatch.setattr(module, "EXACT_UP_TO", 0)
    frame = pd.DataFrame(VALUES["stratified"]["data"])
    found = rank_based(frame, outcome="value", arm="arm", reference="b", strata="site").iloc[0]
    assert found["method"] == "normal"
    assert found["p_value"] == pytest.approx(VALUES["stratified"]["asymptotic_p"], rel=1e-10)


def test_one_stratum_is_the_plain_test():
    expected = VALUES["two"]["scale"]
    plain = rank_sum(expected["first"], expected["second"])
    alone = van_elteren([(expected["first"], expected["second"])])
    assert alone.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert alone.shift == plain.shift


def test_a_stratum_without_the_other_arm_is_said():
    frame = pd.DataFrame(VALUES["stratified"]["data"])
    lone = pd.DataFrame({"value": [3.0, 9.0], "arm": "a", "site": "x"})
    found = rank_based(
        pd.concat([frame, lone]), outcome="value", arm="arm", reference="b", strata="site"
    ).iloc[0]
    assert "2 participants in strata without the other arm" in found["notes"]
    alone = rank_based(frame, outcome="value", arm="arm", reference="b", strata="site").iloc[0]
    assert found["p_value"] == alone["p_value"]


def test_superiority_interval_holds_the_score_equation():
    for share, n1, n2 in ((0.62, 14, 9), (0.05, 8, 8), (1.0, 10, 12), (0.0, 5, 4)):
        low, high = superiority_interval(probability=share, n1=n1, n2=n2)
        for theta in {low, high} - {0.0, 1.0}:
            c = (n1 + n2) / 2 - 1
            spread = 1 + c * ((1 - theta) / (2 - theta) + theta / (1 + theta))
            variance = theta * (1 - theta) * spread / (n1 * n2)
            assert abs(theta - share) == pytest.approx(1.959963984540054 * variance**0.5)
        assert low <= share <= high
        assert high - low > 0.1


def test_superiority_interval_covers():
    rng = np.random.default_rng(2)
    true = stats.norm.cdf(0.8 / np.sqrt(2))
    hits = 0
    for _ in range(500):
        first, second = rng.normal(0.8, 1.0, 12), rng.normal(0.0, 1.0, 15)
        share = np.greater.outer(first, second).mean()
        low, high = superiority_interval(probability=share, n1=12, n2=15)
        hits += low < true < high
    assert 0.93 < hits / 500 < 0.985


def test_rounding_does_not_break_ties():
    before = np.array([5.1, 4.3, 7.2, 6.4, 3.9])
    frame = pd.DataFrame({"before": before, "after": before - 0.3})
    frame.loc[4, "after"] = 4.9
    found = within_arm(frame, outcome="after", baseline="before").iloc[0]
    plain = signed_rank([-3, -3, -3, -3, 10])
    assert found["wilcoxon_p"] == plain.p_value
    arms = frame.assign(change=frame["after"] - frame["before"], arm=list("aabbb"))
    tied = rank_based(arms, outcome="change", arm="arm", reference="b").iloc[0]
    assert tied["statistic"] == 2.0


def test_columns_and_three_arms():
    frame = pd.DataFrame(
        {
            "arm": np.repeat(["usual", "forward", "backward"], 5),
            "pain": [5, 6, 7, 8, None, 4, 5, 5, 6, 7, 1, 2, 3, 3, 2],
        }
    )
    found = rank_based(frame, outcome="pain", arm="arm", reference="usual")
    assert found["contrast"].tolist() == ["backward - usual", "forward - usual"]
    assert found[
        ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
    ].to_numpy().tolist() == [
        [5, 4, 0, 1],
        [5, 4, 0, 1],
    ]
    assert found["probability"].tolist()[0] == 0.0
    assert found[["std_error", "df"]].isna().all(axis=None)


def test_few_participants_have_no_finite_limits():
    frame = pd.DataFrame({"arm": list("aabb"), "pain": [1.0, 2.0, 4.0, 5.0]})
    found = rank_based(frame, outcome="pain", arm="arm", reference="a").iloc[0]
    assert (found["conf_low"], found["conf_high"]) == (-np.inf, np.inf)
    assert "no interval" in found["notes"]
    assert found["p_value"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("values", "choices", "message"),
    [
        ([3.0] * 6, {}, "every value is the same"),
        ([1.0, None, None, 2.0, 3.0, 4.0], {}, "a 1; each arm needs 2 at least"),
        ([1.0, 2.0, 3.0, 2.0, 3.0, 4.0], {"strata": "site"}, "no level of site has participants"),
        ([1.0, 2.0, 3.0, 2.0, 3.0, 4.0], {"participant": "id"}, "1 rows repeat the same id"),
    ],
)
def test_refusals_say_what_is_wrong(values, choices, message):
    frame = pd.DataFrame(
        {"arm": list("aaabbb"), "pain": values, "site": list("nnnsss"), "id": [1, 2, 3, 4, 5, 5]}
    )
    with pytest.raises(BackwalkError, match=message):
        rank_based(frame, outcome="pain", arm="arm", reference="a", **choices)
