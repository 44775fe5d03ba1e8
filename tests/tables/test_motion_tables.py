"""Tables of movement: text only, units said, small cells hidden, every question in words."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.analyses.motion.curves import METHODS
from backwalk_stats.tables.labels import feature_label, signal_label
from backwalk_stats.tables.motion import (
    QUESTIONS,
    CurveAnswer,
    curve_tests_table,
    features_table,
    regions,
)
from backwalk_stats.trial.tables import CLUSTERS

ARMS = {"forward": "Forward walking", "backward": "Backward walking"}
VISITS = {"W0": "W0", "W6": "W6"}


def features(**changed) -> pd.DataFrame:
    rows = [
        {"feature": "speed", "direction": "backward", "visit": visit, "arm": arm, "n": 9.0,
         "mean": 0.98123, "sd": 0.0713} | changed
        for visit in VISITS for arm in ARMS
    ]  # fmt: skip
    return pd.DataFrame(rows)


def table(frame: pd.DataFrame, small_cell: int = 5):
    return features_table(frame, arms=ARMS, visits=VISITS, small_cell=small_cell)


def test_a_feature_stands_under_its_name_unit_and_walk():
    found = table(features())
    assert found.groups == ("Speed (m/s), walking backwards",) * 2
    assert found.rows[0] == ("W0", "0.981 (0.0713), 9", "0.981 (0.0713), 9")
    assert all(isinstance(cell, str) for row in found.rows for cell in row)


def test_small_cells_are_hidden_and_it_is_said():
    found = table(features(n=4.0))
    cells = [cell for row in found.rows for cell in row[1:]]
    assert len(set(cells)) == 1 and not re.search(r"\d", cells[0])
    assert len(found.notes) == 2
    assert "0.98" in str(table(features(n=4.0), small_cell=3).rows)


def test_an_arm_without_the_feature_has_a_dash():
    found = table(features().query("arm == 'forward'"))
    assert all(row[2] == "–" for row in found.rows)


def test_no_feature_gives_an_empty_table():
    assert table(features().iloc[:0]).rows == ()


FEATURES = [
    ("lumbar_flexion_rom", "Lumbar flexion, range of motion (°)"),
    ("bend_lumbar_flexion_rom", "Forward bend, lumbar flexion, range of motion (°)"),
    ("lumbopelvic_marp", "Lumbopelvic, mean absolute relative phase (°)"),
    ("lumbopelvic_deviation_phase", "Lumbopelvic, deviation phase (°)"),
    ("lumbopelvic_variability", "Lumbopelvic, coupling angle variability (°)"),
    ("lumbopelvic_anti_phase", "Lumbopelvic, anti-phase (% of all steps)"),
    ("stance_left", "Stance, left foot (% of the cycle)"),
    ("cadence", "Cadence (steps/min)"),
    ("step_length", "Step length (m)"),
    ("lumbar_contribution", "Lumbar contribution to the bend (%)"),
    ("lumbar_contribution_q3", "Lumbar contribution, quarter 3 of the bend (%)"),
    ("rhythm_ratio_q1", "Lumbar to hip ratio, quarter 1 of the bend"),
    ("repositioning_rmse", "Repositioning, root mean squared error (unit of the positions)"),
    ("repositioning_constant", "Repositioning, constant error (unit of the positions)"),
]


@pytest.mark.parametrize(("name", "words"), FEATURES)
def test_every_feature_has_words_and_its_unit(name, words):
    assert feature_label(name) == words


def test_signals_have_words():
    assert signal_label("knee_flexion") == "Knee flexion"


def answer(test: str = "two-sample", **changed) -> CurveAnswer:
    rows = [
        {"method": method, "start": 12.4, "end": 40.0, "peak": 4.0, "p_value": p}
        for method, p in (("permutation", 0.012), ("random-field", 0.034))
    ]
    parts: dict[str, Any] = {
        "test": test, "signal": "lumbar_flexion", "direction": "backward", "visit": "W6",
        "covariate": "", "n": 18, "p_value": 0.0121,
        "clusters": pd.DataFrame(rows, columns=list(CLUSTERS)), "nodes": 101,
    }  # fmt: skip
    return CurveAnswer(**parts | changed)


def test_every_question_that_can_be_asked_has_words():
    assert set(QUESTIONS) == set(METHODS)


@pytest.mark.parametrize("test", QUESTIONS)
def test_a_test_is_told_in_words(test):
    found = curve_tests_table([answer(test)], visits=VISITS)
    question, when, n, p, _ = found.rows[0]
    assert question == QUESTIONS[test] and when == "walking backwards, W6"
    planes = ", three planes" if test.startswith("vector") else ""
    assert (n, p) == ("18", "0.012") and found.groups == (f"Lumbar flexion{planes}",)


def test_regions_are_of_one_method_in_per_cent_of_the_cycle():
    assert regions(answer()) == "12–40 % (p = 0.012)"
    assert regions(answer(), "random-field") == "12–40 % (p = 0.034)"
    assert regions(answer(nodes=201)) == "6–20 % (p = 0.012)"
    assert regions(answer(clusters=answer().clusters.iloc[:0])) == "nowhere"


def test_a_covariate_is_named_and_a_paired_test_is_of_both_walks():
    found = curve_tests_table(
        [answer("regression", covariate="age"), answer("paired", direction="", visit="")],
        visits=VISITS,
    )
    assert found.rows[0][0] == "Slope on a covariate: age"
    assert found.rows[1][1] == "both walks"
