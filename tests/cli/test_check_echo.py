"""Where there is no fault `check` says what it understood, and what cannot be carried out."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from backwalk_stats.cli import check
from tests.bad_inputs.trials import LONG, long_rows, write_trial

APP = typer.Typer()
APP.command()(check.command)


def printed(*arguments):
    done = CliRunner().invoke(APP, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def lines_with(text, *words):
    return [line for line in text.splitlines() if all(word in line for word in words)]


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_it_says_who_is_in_which_arm_under_which_label(tmp_path, layout):
    long = layout == "long"
    toml, spoil = (LONG, long_rows) if long else ((), None)
    text = printed(write_trial(tmp_path, toml=toml, spoil=spoil))
    assert lines_with(text, "BW in the data = backward: 20 people")
    assert lines_with(text, "FW in the data = forward: 20 people", "the reference")
    swapped = [("BW = ", "XX = "), ("FW = ", "BW = "), ("XX = ", "FW = ")]
    other = printed(write_trial(tmp_path, toml=[*toml, *swapped], spoil=spoil))
    assert lines_with(other, "FW in the data = backward: 20 people")


def test_it_says_outcomes_comparisons_and_the_next_command(tmp_path):
    path = write_trial(tmp_path, cells=[(2, "nprs_w6", ""), (3, "nprs_w6", "")])
    text = printed(path)
    assert lines_with(text, "knee_pain:", "nprs", "0 to 10", "lower is better")
    assert lines_with(text, "W6: n = 38, 2 missing, range", "forward 19", "backward 19")
    (told,) = lines_with(text, "E1 (primary)", "backward minus forward", "at W6")
    assert "below 0 favours backward" in told and "adjusted for baseline, age" in told
    assert lines_with(text, "exploratory", "womac_function at W6")
    assert f"backwalk analyse {path}" in text


def test_questions_come_first_and_the_comparison_that_cannot_be_made_has_its_reason(tmp_path):
    path = write_trial(
        tmp_path,
        toml=[
            ('"age", "sex", "site"]', '"age", "sex", "site", "months"]'),
            ('covariates = ["baseline", "age"]', 'covariates = ["age", "months"]'),
        ],
        spoil=lambda rows: [
            row | {"months": str(12 * int(row["age"])), "womacf_w6": "68"} for row in rows
        ],
    )
    text = printed(path)
    (why,) = lines_with(text, "mmrm: cannot be carried out")
    assert "collinear" in why and "months" in why and "age" in why


def test_a_range_of_few_people_is_not_shown_and_no_id_is(tmp_path):
    def few(rows):
        return [
            row | {"womacf_w3": row["womacf_w3"] if k < 4 else ""} for k, row in enumerate(rows)
        ]

    text = printed(write_trial(tmp_path, spoil=few))
    (told,) = lines_with(text, "W3: n = 4,")
    assert "range not shown" in told
    body = text.partition("\nNext\n")[0]
    assert not any(f"{k:03d}" in body for k in range(1, 41))


def test_the_same_stands_in_json_and_nothing_where_there_are_faults(tmp_path):
    path = write_trial(tmp_path)
    told = json.loads(printed(path, "--json"))["understood"]
    assert {arm["arm"]: arm["participants"] for arm in told["arms"]} == {
        "forward": 20, "backward": 20
    }  # fmt: skip
    assert told["outcomes"][0]["visits"][2]["n"] == 40
    assert told["comparisons"][0]["analyses"][0]["n"] == {"forward": 20, "backward": 20}
    broken = write_trial(tmp_path, cells=[(2, "nprs_w6", "eleven")])
    done = CliRunner().invoke(APP, [str(broken), "--json"])
    assert done.exit_code == 2 and json.loads(done.output)["understood"] is None
