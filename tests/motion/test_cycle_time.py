"""Curves turned round and aligned before walks are compared, and clusters told in degrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.motion.cluster_effects import (
    MORE,
    cluster_effect,
    effect_sentence,
    words_of,
)
from backwalk_stats.analyses.motion.curves import curve_results
from backwalk_stats.analyses.motion.cycle_time import REVERSED, curves_in_time, time_sentence
from backwalk_stats.analyses.motion.study import compared_means, mean_curves
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.orientation import joint_angles
from backwalk_stats.trial.motion_plan import CurveTestPlan, Joint, MotionPlan, Recording
from backwalk_stats.trial.study import Arm
from backwalk_stats.trial.tables import CURVES, FEATURES

N, NODES, STANCE = 8, 41, "stance_left"
RNG = np.random.default_rng(5)
Y = np.cumsum(RNG.normal(size=(N, 2, NODES)), axis=2)
OFF = RNG.uniform(55, 66, size=(N, 2))
WALKS = ("forward", "backward")
PAIRED = CurveTestPlan(test="paired", signal="lumbar_flexion", visit="W0")
PLAN = MotionPlan(
    id="m", visits=("W0",), permutations=256, curve_tests=(PAIRED,),
    arms=(Arm(name="one", label="One"),), joints=(Joint(name="lumbar", proximal="p", distal="l"),),
)  # fmt: skip


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    people = [f"P{k}" for k in range(N)]
    curves = [(person, "one", "W0", walk, "lumbar_flexion", k, Y[i, w, k])
              for i, person in enumerate(people) for w, walk in enumerate(WALKS)
              for k in range(NODES)]  # fmt: skip
    features = [{"participant": person, "arm": "one", "visit": "W0", "direction": walk,
                 "feature": "stance_left", "value": OFF[i, w], "n_cycles": 5}
                for i, person in enumerate(people) for w, walk in enumerate(WALKS)]  # fmt: skip
    return pd.DataFrame(curves, columns=list(CURVES)), pd.DataFrame(features)[list(FEATURES)]


def in_arrays(backward: str, align: str) -> tuple[np.ndarray, np.ndarray]:
    """The same comparison by the door for arrays, in nodes."""
    to = OFF.mean() * 0.4
    off = [OFF[:, w] * 0.4 if align else None for w in (0, 1)]
    turned = backward == "reversed"
    forward = bw.align_curves(Y[:, 0], off[0], to=to)
    return forward, bw.align_curves(Y[:, 1], off[1], to=to, reverse=turned)


@pytest.mark.parametrize("backward", ["as-walked", "reversed"])
@pytest.mark.parametrize("align", ["", "toe-off"])
def test_walks_are_compared_in_the_time_that_is_declared(backward, align):
    plan = replace(PLAN, backward=backward, align=align)
    curves, features = frames()
    timed = curves_in_time(plan, curves, features)
    found = curve_results(plan, timed)[0]
    forward, back = in_arrays(backward, align)
    wanted = bw.curve_test(back, forward, design="paired", permutations=256, circular=True)
    np.testing.assert_allclose(found.nodes["statistic"], wanted.statistic, rtol=1e-7)
    assert found.p_value == wanted.p_value
    means, by = compared_means(mean_curves(timed), plan, PAIRED)
    assert by == "direction" and set(means["direction"]) == set(WALKS)
    own = means[means["direction"] == "backward"].sort_values("node")["estimate"]
    np.testing.assert_allclose(own, back.mean(axis=0))


def test_other_tests_see_backward_walking_in_its_own_time():
    curves, features = frames()
    timed = curves_in_time(replace(PLAN, backward="reversed"), curves, features)
    assert set(timed["direction"]) == {*WALKS, REVERSED}
    keys = ["participant", "direction", "node"]
    kept = timed[timed["direction"] != REVERSED].sort_values(keys)["value"]
    np.testing.assert_array_equal(kept, curves.sort_values(keys)["value"])


def test_a_walk_without_toe_off_is_refused_by_count():
    curves, features = frames()
    with pytest.raises(NotEstimable, match="2 of 16 curves have none") as error:
        curves_in_time(replace(PLAN, align="toe-off"), curves, features.iloc[2:])
    assert "P0" not in str(error.value)


@pytest.mark.parametrize("side", ["right", "affected"])
def test_the_toe_off_is_that_of_the_foot_whose_contacts_cut_the_cycles(side):
    curves, features = frames()
    other = features.assign(feature="stance_right", value=features["value"] - 5.0)
    every = pd.concat([features.assign(value=99.0), other])
    people = tuple(
        Recording(file="", participant=f"P{k}", arm="one", visit="W0", direction="forward",
                  rate=100.0, affected="right")
        for k in range(N)
    )  # fmt: skip
    plan = replace(PLAN, align="toe-off", side=side, recordings=people)
    wanted = curves_in_time(replace(PLAN, align="toe-off"), curves, other.assign(feature=STANCE))
    pd.testing.assert_frame_equal(curves_in_time(plan, curves, every), wanted)
    assert f"toe-off of the {side} foot" in time_sentence(plan, every)


def test_the_time_is_told():
    _, features = frames()
    assert time_sentence(PLAN, features) == "Backward curves are compared in their own time."
    told = time_sentence(replace(PLAN, backward="reversed", align="toe-off"), features)
    assert "turned round" in told and f"{OFF.mean():.1f} % of the cycle" in told


@pytest.mark.parametrize(
    ("plane", "turn"), [("flexion", -1.0), ("side_bend", 1.0), ("rotation", 1.0)]
)
@pytest.mark.parametrize("size", [12.0, -12.0])
def test_words_of_a_plane_say_what_the_trunk_does(plane, turn, size):
    """Axes: x forward, y up, z right; the head end of the spine moves as the word says."""
    angle = np.radians(size) * turn
    c, s = np.cos(angle), np.sin(angle)
    about = {
        "flexion": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
        "side_bend": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "rotation": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
    }[plane]
    axes = np.array(about, dtype=float)
    value = float(getattr(joint_angles(np.eye(3)[None], axes[None]), plane)[0])
    word = MORE[plane][0] if value > 0 else MORE[plane][1]
    up, front = axes[:, 1], axes[:, 0]
    seen = {
        "flexion": "flexion" if up[0] > 0 else "extension",
        "side_bend": f"side bend to the {'right' if up[2] > 0 else 'left'}",
        "rotation": f"rotation to the {'right' if front[2] > 0 else 'left'}",
    }
    assert word == seen[plane]


def test_words_are_known_only_where_the_angle_is_computed():
    def walk(**angles: np.ndarray) -> Recording:
        return Recording(file="f", participant="P", arm="one", visit="W0", direction="forward",
                         rate=100.0, angles=angles)  # fmt: skip

    given = walk(lumbar_flexion=np.zeros(5))
    assert words_of("lumbar_flexion", replace(PLAN, recordings=(given,))) is None
    assert words_of("lumbar_flexion", replace(PLAN, recordings=(given, walk()))) == MORE["flexion"]
    assert words_of("thorax_flexion", PLAN) is None
    hip = replace(PLAN, joints=(Joint(name="hip", proximal="p", distal="t", kind="hip"),))
    assert words_of("hip_flexion", hip) == MORE["flexion"] and words_of("hip_rotation", hip) is None


def test_a_cluster_is_told_with_its_limits():
    bump = 4.0 * np.exp(-0.5 * ((np.arange(101) - 20) / 5.0) ** 2)
    found = cluster_effect(bump, bump - 1, bump + 1, start=15.2, end=24.8)
    inside = bump[16:25]
    assert found.mean == pytest.approx(inside.mean())
    assert (found.mean_low, found.mean_high) == pytest.approx(
        (inside.mean() - 1, inside.mean() + 1)
    )
    assert (found.peak, found.peak_low, found.peak_high, found.peak_at) == (4.0, 3.0, 5.0, 20.0)
    told = effect_sentence(found, who="backward walking had", words=None)
    assert told.startswith("backward walking had values larger by 3.5 degrees (2.5 to 4.5) from 15")
    turned = cluster_effect(-bump, -bump - 1, -bump + 1, start=15.2, end=24.8)
    less = effect_sentence(turned, who="W6 had", words=MORE["rotation"])
    assert "3.5 degrees more rotation to the right (2.5 to 4.5)" in less
    one_sided = cluster_effect(bump, bump - 1, bump + np.inf, start=15.2, end=24.8)
    assert "(2.5 or more)" in effect_sentence(one_sided, who="W6 had", words=None)


def test_a_cluster_over_the_end_has_the_mean_of_both_parts():
    curve = np.zeros(101)
    curve[:5], curve[95:] = 2.0, 2.0
    curve[[0, 100]] = 3.0
    found = cluster_effect(curve, curve, curve, start=94.5, end=4.5)
    assert found.mean == pytest.approx((3.0 + 9 * 2.0) / 10)  # node 100 is node 0
    assert found.peak_at == 0.0 and (found.start, found.end) == (94.5, 4.5)
