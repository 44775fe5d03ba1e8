"""`crossover` against R's lm and t.test, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import BackwalkError
from backwalk_stats.models.arms.crossover import crossover
from backwalk_stats.models.mixed.lmm import lmm
from tests.reference.stored import stored

VALUES = stored("crossover")
FIELDS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]


def case(name: str) -> pd.DataFrame:
    return pd.DataFrame(VALUES[name]["data"]).astype({"value": float})


def run(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    choices = {"reference": "forward", **choices}
    return crossover(frame, value="value", participant="id", period="period", arm="arm", **choices)


@pytest.mark.parametrize("name", ["square", "cube"])
def test_effects_are_lm(name):
    found = run(case(name))
    for row, expected in zip(found.to_dict("records"), VALUES[name]["effects"], strict=False):
        for field in FIELDS:
            assert row[field] == pytest.approx(expected[field], rel=1e-10)


def test_square_is_the_t_test_on_period_differences():
    found = run(case("square"), sequence="sequence")
    assert found["quantity"].tolist() == ["mean_difference", "period_effect", "carry_over"]
    assert found["contrast"].tolist() == ["backward - forward", "2 - 1", "FB - BF"]
    expected = VALUES["square"]["hills_armitage"]
    for field in ("statistic", "p_value", "conf_low", "conf_high"):
        assert found.loc[0, field] == pytest.approx(expected[field], rel=1e-10)
    for field in FIELDS:
        assert found.loc[2, field] == pytest.approx(
            VALUES["square"]["carry_over"][field], rel=1e-10
        )
    assert "do not choose the analysis by it" in found["notes"].tolist()[2]


def test_sequence_is_read_from_the_arms():
    named = run(case("square"), sequence="sequence")
    read = run(case("square").sample(frac=1.0, random_state=3))
    assert read["contrast"].tolist()[2] == "forward, backward - backward, forward"
    numbers = [*FIELDS, "n_participants", "n_dropped"]
    pd.testing.assert_frame_equal(named[numbers], read[numbers])


def test_three_arms_have_no_carry_over_row_and_count_who_is_left_out():
    found = run(case("cube"))
    assert found["quantity"].tolist() == ["mean_difference"] * 2 + ["period_effect"] * 2
    assert found["contrast"].tolist() == [
        "backward - forward",
        "usual - forward",
        "2 - 1",
        "3 - 1",
    ]
    assert found[["n_participants", "n_dropped"]].drop_duplicates().to_numpy().tolist() == [[8, 1]]


def test_complete_data_give_the_mixed_model():
    frame = case("square").assign(
        period=lambda f: f["period"].map(str),
        arm=lambda f: pd.Categorical(f["arm"], ["forward", "backward"]),
    )
    fit = lmm("value ~ arm + period + (1 | id)", frame, df="kenward-roger").coefficients()
    expected = fit.set_index("term").loc["armbackward"]
    # The mixed model also uses the sequences' totals: nothing new of the arms where all complete.
    assert run(frame).loc[0, "estimate"] == pytest.approx(expected["estimate"], rel=1e-6)
    assert run(frame).loc[0, "std_error"] == pytest.approx(expected["std_error"], rel=1e-5)


def refused() -> dict[str, tuple[pd.DataFrame, dict[str, Any], str]]:
    frame = case("square")
    first = frame["id"].eq(1)
    return {
        "two rows": (pd.concat([frame, frame.head(1)]), {}, "1 rows repeat the same id and period"),
        "one order": (frame.query("sequence == 'BF'"), {}, "arm and period cannot be told apart"),
        "one period": (frame.query("period == 1"), {}, "arm is one for each participant"),
        "parallel": (
            frame.assign(arm=np.where(frame["id"] < 5, "forward", "backward")),
            {},
            "arm is one for each participant: a crossover",
        ),
        "arm missing": (
            frame.assign(arm=frame["arm"].where(frame.index > 0)),
            {},
            "arm: missing in 1 of 20",
        ),
        "no such arm": (
            frame,
            {"reference": "rest"},
            "arm has no level 'rest'; there are: backward",
        ),
        "two sequences": (
            frame.assign(sequence=frame["sequence"].where(frame.index > 0, "FB")),
            {"sequence": "sequence"},
            "sequence: some participants have two",
        ),
        "sequence against arms": (
            frame.assign(sequence=frame["sequence"].where(~first, "FB")),
            {"sequence": "sequence"},
            "sequence = FB: participants have the arms in different orders",
        ),
        "exact": (
            frame.assign(value=frame["id"] + frame["period"].astype(float)),
            {},
            "no residual variance",
        ),
        "two people": (frame.query("id in [1, 10]"), {}, "leave no degree of freedom"),
    }


@pytest.mark.parametrize("name", refused())
def test_refusals_say_what_is_wrong(name):
    frame, choices, message = refused()[name]
    with pytest.raises(BackwalkError, match=message):
        run(frame, **choices)
