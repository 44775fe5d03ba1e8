"""What the report on movement says of a test is held against the test's own nodes and runs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.motion.curves import CurveResult, curve_results
from backwalk_stats.analyses.motion.cycle_time import curves_in_time
from backwalk_stats.analyses.motion.movement import Movement
from backwalk_stats.analyses.motion.study import MotionStudy, mean_curves
from backwalk_stats.report.sections_motion import answer, curves, methods
from backwalk_stats.report.subject import MotionSubject, motion_subject
from backwalk_stats.tables.display import DisplayTable
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import CurveTestPlan, Joint, MotionPlan, Recording
from backwalk_stats.trial.study import Arm

NODES = 21
PLANES = ("flexion", "side_bend", "rotation")
ARMS = ("control", "trained")
CLUSTER = re.compile(
    r"(?:had )?(?P<mean>[\d.]+) degrees more (?P<word>flexion|extension) "
    r"\((?P<low>-?[\d.]+) to (?P<high>-?[\d.]+)\) from (?P<start>\d+) to (?P<end>\d+) % of the "
    r"cycle(?P<over>, over its end)?, with a peak of (?P<peak>[\d.]+) "
)


def asked(test: str, **more: Any) -> CurveTestPlan:
    signal = "lumbar" if test.startswith("vector") else "lumbar_flexion"
    walks = {} if test in ("paired", "vector-paired") else {"direction": "backward"}
    visits = {} if test in ("repeated-measures", "arm-by-visit") else {"visit": "V2"}
    every: dict[str, Any] = {"test": test, "signal": signal, **walks, **visits, **more}
    return CurveTestPlan(**every)


def study(*tests: CurveTestPlan, people: int = 16, small: int = 0, **plan: Any) -> MotionStudy:
    """Return a study of made-up curves; `small` of the trained are in a third arm."""
    rng = np.random.default_rng(7)
    turn = 2 * np.pi * np.arange(NODES) / (NODES - 1)
    arms = (*ARMS, "third") if small else ARMS
    rows, features, recordings = [], [], []
    for who in range(people):
        arm = "third" if who < small else ARMS[who % 2]
        level = rng.normal()
        for visit in ("V0", "V2"):
            for walk in ("forward", "backward"):
                more = 4.0 * (np.cos(turn) > 0.6) * (arm == "trained") * (visit == "V2")
                more = more - 3.0 * (np.cos(turn) < -0.6) * (walk == "backward")
                for plane in PLANES:
                    y = level + np.sin(turn) + more + 0.3 * rng.normal(size=NODES)
                    y[-1] = y[0]
                    rows += [(f"P{who}", arm, visit, walk, f"lumbar_{plane}", k, y[k])
                             for k in range(NODES)]  # fmt: skip
                features += [(f"P{who}", arm, visit, walk, f"stance_{side}", at, 6)
                             for side, at in (("left", 62.0), ("right", 71.0))]  # fmt: skip
                recordings.append((f"canary{who}_{visit}_{walk}.c3d", f"P{who}", visit, walk,
                                   "belt", 6, 4, 1, 2, "kinematic", ""))  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(tables.CURVES))
    walks = Recording(file="a", participant="P0", arm="control", visit="V0", direction="forward",
                      rate=100.0, affected="right")  # fmt: skip
    made = MotionPlan(
        id="made-up", nodes=NODES, permutations=199, visits=("V0", "V2"), curve_tests=tests,
        joints=(Joint(name="lumbar", proximal="pelvis", distal="lumbar"),),
        arms=tuple(Arm(name=one, label=f"{one.capitalize()} people") for one in arms),
        recordings=(walks,), **plan,
    )  # fmt: skip
    sheet = pd.DataFrame(features, columns=list(tables.FEATURES))
    timed = curves_in_time(made, frame, sheet)
    return MotionStudy(
        plan=made, results=curve_results(made, timed), means=mean_curves(timed),
        movement=Movement(
            features=sheet, curves=frame, cycles=pd.DataFrame(columns=list(tables.CYCLES)),
            notes=(), recordings=pd.DataFrame(recordings, columns=list(tables.RECORDINGS)),
        ),
        over_cycle=pd.DataFrame(columns=list(tables.COUPLING_OVER_CYCLE)),
        rose=pd.DataFrame(columns=list(tables.COUPLING_ROSE)),
    )  # fmt: skip


def told(made: MotionStudy) -> list[str]:
    """Return the sentence of each test."""
    blocks: Any = answer.section(motion_subject(made)).blocks
    return [str(entry[0]) for entry in blocks[1].entries]


def opening(made: MotionStudy) -> str:
    blocks: Any = answer.section(motion_subject(made)).blocks
    return " ".join(str(entry[0]) for entry in blocks[0].entries)


def table_of(subject: MotionSubject, name: str) -> DisplayTable:
    """Return a table of the methods section."""
    blocks: Any = methods.section(subject).blocks
    return next(one.table for one in blocks if getattr(one, "id", "") == name)


def figures(made: MotionStudy) -> list[Any]:
    """Return the pictures of the curves."""
    return [one for one in curves.section(motion_subject(made)).blocks if hasattr(one, "alt")]


def hold(sentence: str, one: CurveResult) -> int:
    """Hold every number of a sentence to the nodes of its test; return how many runs it tells."""
    nodes = one.nodes[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float)
    found = list(CLUSTER.finditer(sentence))
    for run in found:
        at = np.arange(NODES) * 100 / (NODES - 1)
        start, end = float(run["start"]) - 0.51, float(run["end"]) + 0.51
        inside = (
            (at >= start) & (at <= end) if start < end else (at >= start) & (at < 100) | (at <= end)
        )
        assert bool(run["over"]) == (start > end)
        sign = 1.0 if run["word"] == "flexion" else -1.0
        mean, low, high = sign * nodes[inside].mean(axis=0)
        low, high = min(low, high), max(low, high)
        given = [float(run[name]) for name in ("mean", "low", "high")]
        assert given == pytest.approx([mean, low, high], abs=0.0501)
        assert float(run["peak"]) == pytest.approx((sign * nodes[inside, 0]).max(), abs=0.0501)
        assert low > 0.0, "beyond chance is where the band of the whole curve leaves zero"
    return len(found)


@pytest.mark.parametrize("test", ["two-sample", "baseline-adjusted", "welch", "pointwise-model"])
def test_arms_are_told_with_degrees_direction_and_place(test):
    made = study(asked(test))
    (sentence,) = told(made)
    assert "the arm 'Trained people' had " in sentence and "16 participants" in sentence
    assert hold(sentence, made.results[0]) == 1 and "over its end" in sentence


def test_walks_are_told_as_walks_and_turned_round_where_declared():
    made = study(asked("paired"))
    (sentence,) = told(made)
    assert "backward walking had " in sentence and "more extension" in sentence
    assert hold(sentence, made.results[0]) >= 1
    assert "in their own time" in opening(made)
    (unbanded,) = [str(one.caption) for one in figures(made)][:1]
    assert "Means without bands, the band of the difference" in unbanded
    turned = study(asked("paired"), backward="reversed", align="toe-off")
    assert "time of backward walking is turned round" in opening(turned)
    (drawn,) = [one for one in curves.section(motion_subject(turned)).blocks
                if getattr(one, "name", "") == "curve_1_lumbar_flexion"]  # fmt: skip
    said = str(drawn)
    caption: Any = drawn
    assert "turned round" in str(caption.caption) and "62.0 % of the cycle" in str(caption.caption)
    assert "P0" not in said


@pytest.mark.parametrize("test", ["arm-by-visit", "vector-paired", "vector-two-sample"])
def test_a_statistic_without_direction_is_given_none(test):
    made = study(asked(test))
    (sentence,) = told(made)
    assert "has no direction" in sentence and "degrees more" not in sentence


def test_one_sided_tests_parts_of_the_cycle_and_what_is_held_are_named():
    (sentence,) = told(study(asked("two-sample", alternative="greater", roi=(90.0, 20.0))))
    assert "one-sided (greater), from 90 to 20 % of the cycle only: " in sentence
    assert " or more) from " in sentence


def test_no_difference_is_no_proof_of_none():
    made = study(asked("two-sample"))
    nothing = replace(made.results[0], p_value=0.4)
    (sentence,) = told(replace(made, results=(nothing,)))
    assert "this does not show that there is no difference" in sentence


def test_a_vector_test_has_a_picture_of_three_planes():
    for test in ("vector-paired", "vector-two-sample"):
        made = study(asked(test))
        names = [getattr(one, "name", "") for one in curves.section(motion_subject(made)).blocks]
        assert "curve_1_lumbar" in names


@pytest.mark.parametrize(("side", "off"), [("left", 62.0), ("right", 71.0)])
def test_toe_off_is_of_the_foot_that_cuts_the_cycles(side, off):
    subject = motion_subject(study(asked("two-sample"), side=side))
    assert set(subject.toe_offs["off"]) == {off}


def test_a_small_arm_hides_the_curves_of_all_arms_and_its_counts():
    made = study(asked("arm-by-visit"), small=3)
    subject = motion_subject(made)
    assert subject.study.means.empty and subject.toe_offs.empty
    blocks: Any = curves.section(subject).blocks
    assert "fewer than 5 people" in str(blocks[0]) and len(blocks) == 2
    cycles = table_of(subject, "cycles-per-person")
    assert {row[3] for row in cycles.rows} == {"*"} and "(6 to 6)" in cycles.rows[0][1]


def test_quality_is_counts_and_names_nobody():
    table = table_of(motion_subject(study()), "recordings-quality")
    assert table.rows[0] == ("Walking forwards, V0", "16 of 16", "96", "32", "64", "16", "markers")
    assert "canary" not in str(table).lower()
    hidden = table_of(motion_subject(study(people=4)), "recordings-quality")
    assert set(hidden.rows[0][1:]) == {"*"}
