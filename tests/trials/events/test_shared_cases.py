"""Shared trials with events: numbers of R, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.analyses.menu import MENU
from backwalk_stats.cli.app import run
from backwalk_stats.loaders.load import load_trial
from tests.trials.expected import SHARED, Outcome, holds

FOLDER = SHARED.parent / "events"
PATH = FOLDER / "expected.json"
CASES = json.loads(PATH.read_text(encoding="utf-8"))["cases"] if PATH.is_file() else []
pytestmark = pytest.mark.skipif(not CASES, reason=f"the shared cases are not here ({FOLDER})")


COLUMNS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")


@pytest.mark.parametrize(
    "case", [one for one in CASES if "numbers" in one], ids=lambda one: one["name"]
)
def test_numbers_are_those_of_r(case: dict[str, Any]) -> None:
    trial = load_trial(SHARED.parent / case["trial"])
    asked = replace(trial.estimands[0], imputations=2)
    codes = (asked.analysis, *asked.sensitivity)
    found = pd.concat([MENU[code](trial, asked).estimates for code in codes])
    for numbers in case["numbers"]:
        rows = found[found["quantity"] == "mean_difference"]
        for column, value in numbers.get("where", {}).items():
            rows = rows[rows[column] == value]
        row = rows.iloc[-1]  # of several the last one answers
        for column in COLUMNS:
            if column in numbers:
                assert row[column] == pytest.approx(numbers[column], rel=0, abs=numbers["tol"])


def hold(case: dict[str, Any], folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asked = ["--out", str(folder), "--only", "html", "--quiet"]
    trial = str(SHARED.parent / case["trial"])
    code = run([case["command"], trial, *(asked if case["command"] == "analyse" else [])])
    got = Outcome(code, "".join(capfd.readouterr()), folder)
    lacks = holds(case, got)
    assert not lacks, "\n".join([case["why"], *lacks, got.printed[:3000]])


@pytest.mark.parametrize(
    "case", [one for one in CASES if "numbers" not in one], ids=lambda one: one["name"]
)
def test_a_case_is_refused(
    case: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hold(case, tmp_path / "out", capfd)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case", [one for one in CASES if "numbers" in one], ids=lambda one: one["name"]
)
def test_a_case_gives_what_it_should(
    case: dict[str, Any], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hold(case, tmp_path / "out", capfd)
