"""`bw.curve_test` against plain loops over relabellings, and what it refuses."""

from __future__ import annotations

from itertools import combinations, permutations, product
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import ndimage, stats

import backwalk_stats as bw
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.motion.curve_tests import runs_beyond
from backwalk_stats.motion.largest_statistic import MaxNull, Search

NODES = 21


def smooth(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return np.asarray(np.cumsum(rng.normal(size=(*shape, NODES)), axis=-1))


@pytest.fixture
def rng():
    return np.random.default_rng(20261201)


def share(heights: list[float], observed: float) -> float:
    return float(np.mean(np.array(heights) >= observed * (1 - 1e-9)))


def test_welch_lists_every_deal(rng):
    a, b = 3 * smooth(rng, 4), smooth(rng, 5)
    pooled = np.concatenate([a, b])
    heights = []
    for chosen in combinations(range(9), 4):
        mask = np.isin(np.arange(9), chosen)
        t = stats.ttest_ind(pooled[mask], pooled[~mask], equal_var=False).statistic
        heights.append(np.abs(t).max())
    found = bw.curve_test(a, b, design="welch")
    plain = stats.ttest_ind(a, b, equal_var=False)
    np.testing.assert_allclose(found.statistic, plain.statistic)
    np.testing.assert_allclose(found.df, plain.df)
    assert found.p_value == pytest.approx(share(heights, np.abs(plain.statistic).max()))


def slow_t2(one: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
    """T2 at every node by the inverse of a covariance, shapes (n, nodes, components)."""
    found = []
    for node in range(one.shape[1]):
        y = one[:, node]
        if other is None:
            gap, cov, scale = y.mean(axis=0), np.cov(y, rowvar=False), float(len(y))
        else:
            z = other[:, node]
            gap = y.mean(axis=0) - z.mean(axis=0)
            parts = [(len(part) - 1) * np.cov(part, rowvar=False) for part in (y, z)]
            cov = (parts[0] + parts[1]) / (len(y) + len(z) - 2)
            scale = len(y) * len(z) / (len(y) + len(z))
        found.append(scale * gap @ np.linalg.solve(cov, gap))
    return np.array(found)


def test_vectors_against_every_relabelling(rng):
    a = np.moveaxis(smooth(rng, 6, 2), 1, 2) + np.array([1.0, 0.0])
    b = np.moveaxis(smooth(rng, 6, 2), 1, 2)
    paired = [slow_t2(np.array(signs)[:, None, None] * (a - b)).max()
              for signs in product((1, -1), repeat=6)]  # fmt: skip
    found = bw.curve_test(a, b, design="hotelling-paired")
    np.testing.assert_allclose(found.statistic, slow_t2(a - b), rtol=1e-8)
    assert found.p_value == pytest.approx(share(paired, slow_t2(a - b).max()))
    one, other = a[:4], b[:3]
    pooled = np.concatenate([one, other])
    dealt = []
    for chosen in combinations(range(7), 4):
        mask = np.isin(np.arange(7), chosen)
        dealt.append(slow_t2(pooled[mask], pooled[~mask]).max())
    two = bw.curve_test(one, other, design="hotelling-two-sample")
    np.testing.assert_allclose(two.statistic, slow_t2(one, other), rtol=1e-8)
    assert two.p_value == pytest.approx(share(dealt, slow_t2(one, other).max()))
    assert two.df == (2.0, 5.0) and two.conf_low.shape == (NODES, 2)


def test_units_of_components_change_no_vector_test(rng):
    a, b = np.moveaxis(smooth(rng, 2, 6, 3), 2, 3)
    turn = rng.normal(size=(3, 3)) + 3 * np.eye(3)
    for design in ("hotelling-paired", "hotelling-two-sample"):
        one = bw.curve_test(a, b, design=design)
        other = bw.curve_test(a @ turn, b @ turn, design=design)
        np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-6)
        assert one.p_value == other.p_value


def test_groups_with_a_covariate_refit_every_order(rng):
    groups, z = smooth(rng, 3, 2), rng.normal(size=6)
    y = np.concatenate(list(groups))[:, ::5]
    dummies = np.repeat(np.eye(3), 2, axis=0)[:, 1:]
    reduced = sm.add_constant(z)
    fits = [sm.OLS(y[:, k], reduced).fit() for k in range(y.shape[1])]

    def largest(order: tuple[int, ...]) -> float:
        heights = []
        for fit in fits:
            again = fit.fittedvalues + fit.resid[list(order)]
            full = sm.OLS(again, np.column_stack([reduced, dummies])).fit()
            heights.append(full.compare_f_test(sm.OLS(again, reduced).fit())[0])
        return float(max(heights))

    heights = [largest(order) for order in list(permutations(range(6)))[::24]]
    split = [y[:2], y[2:4], y[4:]]
    found = bw.curve_test(split, design="anova", covariates=z)
    assert found.statistic.max() == pytest.approx(heights[0], rel=1e-8)
    assert found.df == (2.0, 2.0) and found.relabellings == 720
    from backwalk_stats.motion.curve_models.linear_curves import columns, linear_null

    null = linear_null(y, columns(dummies, reduced), permutations=720, seed=1)
    for height in heights:
        assert np.abs(null.heights / height - 1).min() < 1e-8


def test_a_mean_with_a_covariate_flips_residuals(rng):
    y, z = smooth(rng, 6)[:, ::5] + 2.0, rng.normal(size=6)
    centred = z - z.mean()
    rest = y - np.outer(centred, centred @ y) / (centred @ centred)
    heights = []
    for signs in product((1, -1), repeat=6):
        flipped = np.array(signs)[:, None] * rest
        fits = [sm.OLS(column, sm.add_constant(centred)).fit() for column in flipped.T]
        heights.append(max(abs(fit.tvalues[0]) for fit in fits))
    found = bw.curve_test(y, design="one-sample", covariates=z)
    plain = [sm.OLS(column, sm.add_constant(centred)).fit() for column in y.T]
    np.testing.assert_allclose(found.statistic, [fit.tvalues[0] for fit in plain])
    assert found.p_value == pytest.approx(share(heights, np.abs(found.statistic).max()))


def slow_masses(t: np.ndarray, height: float, circular: bool) -> list[float]:
    """Mass of each run by scipy's labels; the last node of a cycle is the first."""
    masses = []
    for sign in (1, -1):
        size = sign * (t[:-1] if circular else t)
        labels, count = ndimage.label(size >= height)
        if circular and count > 1 and labels[0] and labels[-1]:
            labels[labels == labels[-1]] = labels[0]
        masses += [size[labels == k].sum() for k in np.unique(labels[labels > 0])]
    return masses


@pytest.mark.parametrize("circular", [False, True])
def test_cluster_mass_against_labelled_runs(circular, rng):
    y = smooth(rng, 7)
    y[:, -1] = y[:, 0]
    height = 1.0
    heights = []
    for signs in product((1, -1), repeat=7):
        t = np.asarray(stats.ttest_1samp(np.array(signs)[:, None] * y, 0).statistic)
        heights.append(max(slow_masses(t, height, circular), default=0.0))
    found = bw.curve_test(y, design="one-sample", method="cluster-mass", circular=circular,
                          cluster_threshold=height)  # fmt: skip
    observed = slow_masses(found.statistic, height, circular)
    np.testing.assert_allclose(np.sort(found.clusters["mass"]), np.sort(observed))
    for mass, p_value in found.clusters[["mass", "p_value"]].to_numpy():
        assert p_value == pytest.approx(share(heights, mass))
    assert np.isnan(found.conf_low).all(), "a mass says nothing of single nodes"


def test_a_region_is_all_that_counts(rng):
    a, b = smooth(rng, 2, 5)
    roi = (np.arange(NODES) > 4) & (np.arange(NODES) < 12)
    whole = bw.curve_test(a, b, roi=roi)
    cut = bw.curve_test(a[:, roi], b[:, roi])
    assert (whole.p_value, whole.threshold) == (cut.p_value, cut.threshold)
    np.testing.assert_allclose(whole.conf_low[roi], cut.conf_low)
    assert np.isnan(whole.conf_low[~roi]).all()
    flat = a.copy()
    flat[:, 0] = b[:, 0] = 1.0
    still = bw.curve_test(flat, b, roi=roi)
    assert np.isnan(still.statistic[0]) and still.p_value == whole.p_value


def test_sides(rng):
    a, b = smooth(rng, 2, 5)
    up, down, both = (bw.curve_test(a, b, alternative=side)
                      for side in ("greater", "less", "two-sided"))  # fmt: skip
    turned = bw.curve_test(b, a, alternative="less")
    assert up.p_value == turned.p_value and up.threshold == pytest.approx(turned.threshold)
    assert np.isinf(up.conf_high).all() and np.isinf(down.conf_low).all()
    assert (up.conf_low >= both.conf_low).all()
    assert min(up.p_value, down.p_value) <= both.p_value <= 2 * min(up.p_value, down.p_value)


def test_ties_lift_the_threshold():
    null = MaxNull(heights=np.array([9.0, 8.0, 8.0 * (1 - 1e-12), *np.arange(1.0, 38.0) / 10]),
                   exact=True)  # fmt: skip
    assert null.critical_height(0.05, 9.0) == 9.0  # 2 of 40 are allowed, and 3 reach 8
    assert null.critical_height(0.075, 9.0) == pytest.approx(8.0)
    assert float(null.p_value(8.0)) == 3 / 40


def test_threshold_and_p_agree_with_ties():
    rng = np.random.default_rng(4)
    for _ in range(20):
        heights = rng.integers(1, 12, 60).astype(float)
        top = float(heights[0])
        for exact in (True, False):
            null = MaxNull(heights=heights, exact=exact)
            for alpha in (0.05, 0.1, 0.3):
                reached = top >= null.critical_height(alpha, top)
                assert reached == (float(null.p_value(top)) <= alpha)


def test_a_huge_effect_has_the_p_of_its_two_sign_patterns(rng):
    y = rng.normal(size=(8, 5)) + 1e5
    assert bw.curve_test(y, design="one-sample").p_value == 2 / 2**8
    a, b = rng.normal(size=(2, 4, 5))
    assert bw.curve_test(a + 1e6, b).p_value == 2 / 70


def test_runs_over_the_end_are_one():
    t = np.array([3.0, 3.0, 0.0, -3.0, 0.0, 3.0, 3.0])
    (low, high) = runs_beyond(t, 2.0, Search(circular=True))
    assert (low.sign, low.places.tolist()) == (-1, [3])
    assert high.start > high.end and high.places.tolist() == [5, 6, 0, 1] and high.mass == 9.0
    assert high.extent == pytest.approx((6 - high.start) + high.end)
    assert len(runs_beyond(t, 2.0, Search())) == 3
    (whole,) = runs_beyond(np.full(5, 3.0), 2.0, Search(circular=True))
    assert (whole.start, whole.end, whole.mass) == (0.0, 4.0, 12.0)


def test_offsets_of_people_change_no_paired_test(rng):
    a, b = smooth(rng, 2, 7)
    moved = 50 * rng.normal(size=(7, 1))
    one = bw.curve_test(a, b, design="paired")
    other = bw.curve_test(a + moved, b + moved, design="paired")
    np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-9)
    assert one.p_value == other.p_value


def test_lists_and_frames_are_arrays_too(rng):
    a, b = smooth(rng, 2, 5)
    wanted = bw.curve_test(a, b)
    named = pd.DataFrame(a, columns=[f"node {k}" for k in range(NODES)], index=list("vwxyz"))
    for one in (a.tolist(), named, named.astype("Float64"), np.ma.array(a)):
        found = bw.curve_test(one, b)
        np.testing.assert_array_equal(found.statistic, wanted.statistic)
        assert found.p_value == wanted.p_value


def test_an_answer_shows_itself(rng):
    found = bw.curve_test({"before": smooth(rng, 3), "after": smooth(rng, 3) + 20}, design="anova")
    assert len(repr(found)) < 2000 and "whole curve: p = 0.1" in repr(found)
    assert found.post_hoc is not None and found.post_hoc["pair"].tolist() == ["before-after"]
    assert found.post_hoc["p_value"].iloc[0] == found.p_value == 0.1
    assert "<table" in found._repr_html_() and np.isnan(found.difference).all()


A, B = np.cumsum(np.random.default_rng(1).normal(size=(2, 6, NODES)), axis=2)
GAP = np.where(np.arange(NODES) == 3, np.nan, A)
V = np.random.default_rng(2).normal(size=(6, NODES, 3))
TEXT = pd.DataFrame(A).assign(id="P1")
REFUSED: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "text": (UsageError, "found text", {"a": A.astype(str)}),
    "a column of text": (UsageError, "no nodes: id", {"a": TEXT}),
    "no curves": (UsageError, "found one number", {"a": None}),
    "one curve": (UsageError, "a row each; found 21", {"a": A[0]}),
    "n of 1": (NotEstimable, "a: 1 curve", {"a": A[:1]}),
    "missing": (NotEstimable, "6 of 126 numbers missing .* 6 of 6 rows", {"a": GAP}),
    "other nodes": (UsageError, "20 nodes beside curves of 21", {"b": B[:, :20]}),
    "ragged": (UsageError, "rows of different length", {"a": [[1.0], [1.0, 2.0]]}),
    "a constant node": (NotEstimable, "do not vary at 21 of 21", {"a": A * 0 + 0.1, "b": B * 0}),
    "a constant gap": (NotEstimable, "do not vary", {"b": A + 0.1, "design": "paired"}),
    "pairs": (UsageError, "pairs row with row", {"b": B[:5], "design": "paired"}),
    "no b": (UsageError, "needs b", {"b": None}),
    "b too many": (UsageError, "takes no b", {"design": "one-sample"}),
    "design": (UsageError, "design is 'anovas'", {"design": "anovas"}),
    "method": (UsageError, "method is 'rft'", {"method": "rft"}),
    "side": (UsageError, "alternative is 'up'", {"alternative": "up"}),
    "no height": (UsageError, "needs cluster_threshold", {"method": "cluster-mass"}),
    "a height": (UsageError, "belongs to method", {"cluster_threshold": 2.0}),
    "welch": (UsageError, "differ from node to node", {"design": "welch",
                                                       "method": "random-field"}),
    "sides of T2": (UsageError, "no direction", {"a": V, "b": V + 1, "alternative": "less",
                                                 "design": "hotelling-paired"}),
    "planes that repeat": (NotEstimable, "determine each other",
                           {"a": V[..., [0, 1, 1]], "b": -V[..., [0, 1, 1]] * 2,
                            "design": "hotelling-two-sample"}),
    "few for T2": (NotEstimable, "3 degrees of freedom", {"a": V[:3], "b": -V[:3],
                                                           "design": "hotelling-paired"}),
    "covariate is the arm": (NotEstimable, "covariates determine it",
                             {"covariates": np.repeat([0.0, 1.0], 6)}),
    "covariates of welch": (UsageError, "takes no covariates", {"covariates": np.arange(12),
                                                                "design": "welch"}),
    "roi": (UsageError, "True or False for each of 21 nodes", {"roi": [3, 9]}),
    "no roi": (UsageError, "no node is True", {"roi": np.zeros(NODES, dtype=bool)}),
    "roi of a cycle": (UsageError, "last node repeats", {"roi": np.arange(NODES) < 5,
                                                         "circular": True}),
    "alpha": (UsageError, "alpha is 5", {"alpha": 5}),
    "permutations": (UsageError, "99 or more", {"permutations": 9}),
    "seed": (UsageError, "seed is -1", {"seed": -1}),
    "slope on nothing": (NotEstimable, "does not vary", {"b": np.ones(6), "design": "regression"}),
    "one group": (UsageError, "at least two groups", {"a": [A], "b": None, "design": "anova"}),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    kind, told, given = REFUSED[name]
    with pytest.raises(kind, match=told) as error:
        bw.curve_test(**({"a": A, "b": B, "permutations": 99} | given))
    assert str(error.value).count("\n") == 0


PEOPLE = pd.DataFrame(A, index=list("stuvwx"))
NUMBERED = pd.Series(np.arange(6.0), index=PEOPLE.index)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"b": PEOPLE[::-1] + 1, "design": "paired"}, "b: its rows are named as those of a"),
        ({"b": NUMBERED[::-1], "design": "regression"}, "b: its rows"),
        ({"b": None, "design": "one-sample", "covariates": NUMBERED[::-1]}, "covariates: its rows"),
        ({"b": PEOPLE[PEOPLE.columns[::-1]]}, "b: its columns are named as those of a"),
        ({"b": pd.DataFrame(B).assign(id=range(6))}, "no nodes: id"),
        ({"a": pd.DataFrame(A)[::-1], "b": pd.DataFrame(B, index=range(3, 9))}, ""),
    ],
)
def test_labels_of_frames_do_not_contradict_their_places(given, told):
    asked = {"a": PEOPLE, "b": PEOPLE + 1, "design": "two-sample", "permutations": 99} | given
    if not told:  # numbers that are left over
        assert bw.curve_test(**asked).n == (6, 6)
        return
    with pytest.raises(UsageError, match=told):
        bw.curve_test(**asked)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"off": [50.0] * 5}, "expected one number a curve"),
        ({"off": 0}, "between 0 and 20"),
        ({"off": 10, "to": 20}, "between 0 and 20"),
        ({"off": [0.6] * 6}, "found shares of the cycle"),
        ({"off": "heel"}, "found text"),
        ({"off": 10, "to": 12, "reverse": 1}, "True or False"),
    ],
)
def test_alignment_refuses_what_is_no_toe_off(given, told):
    with pytest.raises(UsageError, match=told):
        bw.align_curves(A, **given)


def test_alignment_moves_the_toe_off_and_nothing_else():
    off = np.linspace(5.0, 15.0, 6)
    kink = np.abs(np.arange(NODES) - off[:, None])
    found = bw.align_curves(kink, off, to=10)
    assert (found[:, 10] < 1e-12).all()
    np.testing.assert_allclose(found[:, [0, -1]], kink[:, [0, -1]])
    np.testing.assert_allclose(bw.align_curves(A, 10, to=10), A)
    np.testing.assert_allclose(bw.align_curves(bw.align_curves(A, reverse=True), reverse=True), A)
