"""The door of coordination: reference values, properties, what is refused and what is told."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.motion.coordination import PATTERNS, coupled, deviation_phase, error_floor

TURN = np.radians(np.arange(101) * 3.6)


def cycles(n: int = 9, *, size: float = 5.0, lag: float = 0.0, drift: float = 0.0) -> np.ndarray:
    """Return sines that are `lag` degrees behind, `drift` degrees more from cycle to cycle."""
    lags = np.radians(lag + drift * np.arange(n))[:, None]
    return size * np.sin(TURN - lags)


def shares(found: bw.Coordination, which: str) -> dict[str, float]:
    frame = found.pattern_shares
    return dict(zip(frame["pattern"], frame[which], strict=True))


@pytest.fixture(scope="module")
def reference(shared):
    """../shared/motion/reference_curves: by hand with numpy and scipy.signal.hilbert."""
    folder = shared / "motion" / "reference_curves"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/motion/reference_curves beside the checkout")
    inputs = json.loads((folder / "inputs.json").read_text("utf-8"))["coordination"]
    values = json.loads((folder / "references.json").read_text("utf-8"))["coordination"]
    return bw.coordination(np.array(inputs["proximal"]), np.array(inputs["distal"])), values


@pytest.mark.parametrize("name", ["coupling_angle", "variability", "marp", "deviation_phase"])
def test_reference_values(reference, name):
    found, values = reference
    np.testing.assert_allclose(getattr(found, name), values[name], atol=1e-9)


def test_reference_shares_and_means(reference):
    found, values = reference
    np.testing.assert_allclose(found.mean_angle, values["mean_coupling_angle"], atol=1e-9)
    assert found.pattern_shares["pattern"].tolist() == list(PATTERNS)
    for which, expected in values["pattern_shares"].items():
        assert shares(found, which) == pytest.approx(expected, abs=1e-9)
    assert found.short_steps == 0 and found.steps == 700


# Slow and obvious: every step by itself.


def slow_shares(proximal: np.ndarray, distal: np.ndarray) -> dict[str, float]:
    names = []
    for one, other in zip(proximal, distal, strict=True):
        for (a, b), (c, d) in zip(pairwise(one), pairwise(other), strict=True):
            angle = np.degrees(np.arctan2(d - c, b - a)) % 360
            eighth = int((angle + 22.5) // 45) % 8
            names.append(PATTERNS[eighth % 4])
    return {name: 100.0 * names.count(name) / len(names) for name in PATTERNS}


@pytest.mark.parametrize("seed", range(5))
def test_shares_are_those_of_every_step_by_itself(seed):
    proximal, distal = np.random.default_rng(seed).normal(size=(2, 6, 30)).cumsum(axis=2)
    found = bw.coordination(proximal, distal, floor=0.0)
    assert shares(found, "share_of_steps") == pytest.approx(slow_shares(proximal, distal))


def test_opposite_steps_have_no_mean_angle_and_one_share():
    """Two cycles that go opposite ways: in-phase in all steps, and no mean at any node."""
    up = np.linspace(0.0, 10.0, 11)
    found = bw.coordination([up, -up], [up, -up])
    assert shares(found, "share_of_steps")["in-phase"] == 100.0
    assert found.pattern_shares["share_of_mean_angle"].isna().all()


def test_the_mean_is_circular():
    """Steps at 350 and 10 degrees have the mean 0."""
    run = np.arange(11.0)
    slope = np.tan(np.radians(10.0))
    found = bw.coordination([run, run], [slope * run, -slope * run])
    assert np.abs((found.mean_angle + 180.0) % 360.0 - 180.0).max() < 1e-9
    assert shares(found, "share_of_mean_angle")["proximal"] == 100.0


def nullable(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values).astype("Float64")


def test_lists_frames_and_whole_numbers_are_the_same():
    one, other = cycles(8), cycles(8, lag=30.0)
    plain = bw.coordination(one, other)
    for kind in (
        np.ndarray.tolist,
        pd.DataFrame,
        np.ma.masked_invalid,
        np.asfortranarray,
        nullable,
    ):
        again = bw.coordination(kind(one), kind(other))
        np.testing.assert_array_equal(again.coupling_angle, plain.coupling_angle)
        assert again.deviation_phase == plain.deviation_phase
    whole = bw.coordination(np.round(one).astype(int), np.round(other).astype(int))
    assert np.isfinite(whole.marp)


def test_the_inputs_are_left_alone():
    one, other = cycles(), cycles(lag=40.0)
    kept = one.copy(), other.copy()
    bw.coordination(one, other)
    np.testing.assert_array_equal((one, other), kept)


GOOD = cycles()
BAD = {
    "one axis": (GOOD[0], GOOD, bw.UsageError, "array of 1 axes; one cycle is an array of one row"),
    "three axes": (GOOD[None], GOOD, bw.UsageError, "array of 3 axes"),
    "ragged": ([[1.0, 2, 3, 4], [1.0, 2]], GOOD, bw.UsageError, "rows of different length"),
    "text": (GOOD.astype(str), GOOD, bw.UsageError, "found text or objects"),
    "truth": (GOOD > 0, GOOD, bw.UsageError, "found true and false"),
    "complex": (GOOD + 1j, GOOD, bw.UsageError, "found complex numbers"),
    "nothing": (None, GOOD, bw.UsageError, "expected numbers"),
    "objects": (pd.DataFrame({"a": ["x", 1.0]}), GOOD, bw.UsageError, "expected numbers"),
    "no cycle": (GOOD[:0], GOOD[:0], bw.UsageError, "at least 1 cycle"),
    "few nodes": (GOOD[:, :3], GOOD[:, :3], bw.UsageError, "at least 1 cycle of 4 nodes"),
    "other nodes": (GOOD, GOOD[:, :-1], bw.UsageError, r"9 x 101 and distal is 9 x 100"),
    "other cycles": (GOOD, GOOD[:-1], bw.UsageError, r"9 x 101 and distal is 8 x 101"),
    "missing": (np.where(GOOD > 4.9, np.nan, GOOD), GOOD, bw.NotEstimable, "in 9 of 9 cycles"),
    "infinite": (GOOD, np.where(GOOD > 4.9, np.inf, GOOD), bw.NotEstimable, "not finite"),
    "no angles": (GOOD * 1e307, GOOD, bw.UsageError, "beyond 1e.09, which are no angles"),
    "masked text": (np.ma.masked_equal(GOOD.astype(str), ""), GOOD, bw.UsageError, "text or obj"),
    "nullable": (
        pd.DataFrame(GOOD).astype("Float64").mask(pd.DataFrame(GOOD) > 4.9),
        GOOD,
        bw.NotEstimable,
        "are missing",
    ),
    "masked": (np.ma.masked_greater(GOOD, 4.9), GOOD, bw.NotEstimable, "are missing"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_one_clear_error(bad):
    proximal, distal, error, words = BAD[bad]
    with pytest.raises(error, match=words):
        bw.coordination(proximal, distal)


@pytest.mark.parametrize("floor", [-1.0, np.nan, np.inf, "1", True, [0.1]])
def test_a_floor_is_a_length(floor):
    with pytest.raises(bw.UsageError, match="floor is the length of a step"):
        bw.coordination(GOOD, GOOD, floor=floor)


# What cannot be had is NaN, with the reason; the rest stands.


def test_one_cycle_has_no_spread():
    found = bw.coordination(cycles(1), cycles(1, lag=40.0))
    assert found.marp == pytest.approx(40.0) and np.isnan(found.deviation_phase)
    assert np.isnan(found.variability).all() and np.isnan(found.sufficient_error)
    assert "MARP 40.0 degrees, no deviation phase" in repr(found)
    assert found.notes == (
        "one cycle: no variability and no deviation phase, which are spreads over cycles",
    )
    assert shares(found, "share_of_steps") == shares(found, "share_of_mean_angle")


@pytest.mark.parametrize("level", [0.0, 12.3, -1e6])
def test_a_segment_that_does_not_move_has_no_phase(level):
    still = np.full_like(GOOD, level) * (1.0 + 1e-15 * np.arange(101))
    found = bw.coordination(GOOD, still)
    assert np.isnan(found.marp) and np.isnan(found.deviation_phase)
    assert "a segment does not move (the distal one, in 9 of 9 cycles)" in found.notes[0]
    assert shares(found, "share_of_steps")["proximal"] == 100.0


def test_neither_segment_moves():
    found = bw.coordination(np.zeros((9, 101)), np.ones((9, 101)))
    assert found.pattern_shares[["share_of_steps", "share_of_mean_angle"]].isna().all(axis=None)
    assert found.short_steps == found.steps == 900
    assert "no pattern; no relative phase" in repr(found)


@pytest.mark.parametrize(("n", "told"), [(2, True), (7, True), (8, False), (20, False)])
def test_a_spread_over_few_strides_is_told(n, told):
    found = bw.coordination(cycles(n), cycles(n, lag=40.0, drift=1.0))
    assert any("fewer than 8 is not to be relied on" in note for note in found.notes) == told


def test_steps_that_hardly_move_have_no_direction_and_are_counted():
    """A plateau with noise a thousandth of the movement: its directions are chance."""
    rng = np.random.default_rng(3)
    ramp = np.concatenate([np.linspace(0, 10, 40), np.full(61, 10.0)])
    noise = rng.normal(0.0, 1e-5, (2, 9, 101)) * (np.arange(101) >= 40)
    found = bw.coordination(ramp + noise[0], ramp + noise[1])
    assert found.short_steps == 9 * 61
    assert shares(found, "share_of_steps")["in-phase"] == 100.0
    assert any(f"{found.short_steps} of 900 steps" in note for note in found.notes)
    blind = bw.coordination(ramp + noise[0], ramp + noise[1], floor=0.0)
    assert shares(blind, "share_of_steps")["in-phase"] < 70.0


def test_the_floor_follows_the_movement_and_not_the_unit():
    one, other = cycles(), cycles(lag=33.0, drift=2.0)
    plain, scaled = bw.coordination(one, other), bw.coordination(1e-3 * one, 1e-3 * other)
    assert scaled.floor == pytest.approx(1e-3 * plain.floor)
    np.testing.assert_allclose(scaled.coupling_angle, plain.coupling_angle, atol=1e-9)


def test_what_is_strange_is_told():
    radians = bw.coordination(np.radians(GOOD), np.radians(GOOD))
    assert sum("radians are to be turned into degrees" in note for note in radians.notes) == 2
    turned = bw.coordination(cycles(200)[:, :50], cycles(200, lag=30.0)[:, :50])
    assert any("rows are cycles, columns are nodes" in note for note in turned.notes)
    assert any("ends a cycle" in note for note in turned.notes), "half a cycle is not closed"
    assert not bw.coordination(GOOD, cycles(lag=20.0)).notes


def test_what_is_built_in_when_a_joint_is_coupled_with_its_proximal_segment():
    """The distal segment rests in space: the joint's angle is minus the pelvis, all anti-phase."""
    rest = np.zeros_like(GOOD)
    joint = bw.coordination(GOOD, rest - GOOD)
    space = bw.coordination(GOOD, rest)
    assert shares(joint, "share_of_mean_angle")["anti-phase"] == 100.0
    assert joint.marp == pytest.approx(180.0)
    assert shares(space, "share_of_mean_angle")["proximal"] == 100.0 and np.isnan(space.marp)


# Errors of measurement and the deviation phase that they alone give.


@pytest.mark.parametrize(("sizes", "error"), [((5.0, 4.0), 0.2), ((2.0, 3.0), 0.1)])
def test_errors_alone_give_the_floor_of_the_deviation_phase(sizes, error):
    rng = np.random.default_rng(8)
    noisy = []
    for size, lag in zip(sizes, (0.0, 40.0), strict=True):
        noise = rng.normal(0.0, error, (200, 100))
        noisy.append(cycles(200, size=size, lag=lag) + np.hstack([noise, noise[:, :1]]))
    found = bw.coordination(*noisy)
    clean = error_floor(cycles(1, size=sizes[0]), cycles(1, size=sizes[1]), error=error)
    assert found.deviation_phase == pytest.approx(clean, rel=0.08)
    assert found.sufficient_error == pytest.approx(error, rel=0.08)


def test_phases_by_chance_have_the_spread_of_all_directions():
    """360 / sqrt(12) = 103.92 in the long run."""
    chance = np.random.default_rng(2).uniform(-180.0, 180.0, (20_000, 20))
    assert deviation_phase(chance) == pytest.approx(360.0 / np.sqrt(12.0), rel=0.02)


def test_it_shows_itself():
    found = bw.coordination(cycles(5), cycles(5, lag=40.0, drift=2.0))
    assert repr(found).startswith("<Coordination of 5 cycles x 101 nodes: in-phase")
    assert "5 cycles: a spread over fewer than 8" in repr(found)
    page = found._repr_html_()
    assert "% of the mean angle" in page and "% of all steps" in page and "are left out" in page


# Properties, with new seeds in `make slow`.

SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(100, 300)]


@pytest.mark.parametrize("seed", [1, 2, 3, *SEEDS])
def test_properties(seed):
    """Order of cycles, offsets, a common turn of the sign and time turned round change little."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 12))
    one, other = (
        sum(rng.normal(0, 4 / k, (n, 1)) * 0.2 * np.sin(k * TURN + rng.normal())
            + rng.normal() * 4 / k * np.cos(k * TURN + rng.normal()) for k in (1, 2, 3))
        for _ in range(2)
    )  # fmt: skip
    plain, order = coupled(one, other), rng.permutation(n)
    moved = [
        coupled(one[order], other[order]),
        coupled(one + rng.normal(), other + rng.normal()),
        coupled(-one, -other),
        coupled(one[:, ::-1], other[:, ::-1]),
    ]
    for again in moved:
        np.testing.assert_allclose(again.step_shares, plain.step_shares, atol=1e-9)
        assert again.marp == pytest.approx(plain.marp, abs=1e-7)
        assert again.deviation_phase == pytest.approx(plain.deviation_phase, abs=1e-7)
    swapped = coupled(other, one)
    np.testing.assert_allclose(swapped.step_shares[[1, 3]], plain.step_shares[[1, 3]], atol=1e-9)
    np.testing.assert_allclose(swapped.step_shares[[0, 2]], plain.step_shares[[2, 0]], atol=1e-9)
    np.testing.assert_allclose(swapped.variability, plain.variability, atol=1e-6)
    assert plain.step_shares.sum() == pytest.approx(100.0)
    assert ((plain.variability >= 0.0) & (plain.variability <= 81.03)).all()
    assert 0.0 <= plain.marp <= 180.0 and 0.0 <= plain.deviation_phase <= 255.0
