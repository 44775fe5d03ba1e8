"""Harms of the shared trials: every expectation, and every number of their table."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.cli.app import run
from tests.trials.expected import Outcome, holds

HARMS = Path(__file__).parents[4] / "shared" / "trials" / "harms"
THERE = (HARMS / "expected.json").is_file()
CASES: list[dict[str, Any]] = (
    json.loads((HARMS / "expected.json").read_text(encoding="utf-8"))["cases"] if THERE else []
)
ARM = {"new": "backward", "ref": "forward"}
pytestmark = pytest.mark.skipif(not THERE, reason=f"the shared trials are not here ({HARMS})")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each report, by trial, written once."""
    return {case["name"]: tmp_path_factory.mktemp(case["name"]) / "out" for case in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda one: one["name"])
def test_a_case_gives_what_it_should(
    case: dict[str, Any], runs: dict[str, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    trial, folder = str(HARMS.parent / case["trial"]), runs[case["name"]]
    how = ["analyse", trial, "--out", str(folder), "--only", "html", "--quiet"]
    code = run(how if case["command"] == "analyse" else ["check", trial])
    got = Outcome(code, "".join(capfd.readouterr()), folder)
    lacks = holds(case, got)
    assert not lacks, "\n".join([case["why"], *lacks, got.printed[:2000]])
    if code == 0:
        table = pd.read_csv(folder / "tables" / "harms_by_arm.csv", dtype=str).set_index("Harm")
        limits_of(case, got.results)
        for asked in case.get("table", {}).get("rows", []):
            found = [int(re.findall(r"\d+", cell)[0]) for cell in table.loc[asked["row"]][1:5]]
            assert sorted(found) == sorted(asked["cells"])
        hidden(case, table, got)


def limits_of(case: dict[str, Any], results: pd.DataFrame) -> None:
    """Hold that each difference has one of the two pairs of limits that are right."""
    rows = results[(results["analysis"] == "harms") & (results["quantity"] == "risk_difference")]
    for asked in case.get("numbers", []):
        own = rows[(rows["estimate"] - asked["any_of"]["risk difference"]).abs() < asked["tol"]]
        assert any(
            abs(row["conf_low"] - low) < asked["tol"]
            and abs(row["conf_high"] - high) < asked["tol"]
            for row in own.to_dict("records")
            for low, high in asked["limits"]
        )


def hidden(case: dict[str, Any], table: pd.DataFrame, got: Outcome) -> None:
    """Hold that hidden people are neither in the table nor in the results."""
    results = got.results[got.results["analysis"] == "harms"]
    lowered = table.rename(index=str.lower)
    for one in case.get("suppression", {}).get("hidden", []):
        if one["row"].lower() not in lowered.index:
            continue  # a column that the trial file does not name
        own = lowered.loc[one["row"].lower()]
        cells = [cell for name, cell in own.items() if ARM[one["arm"]].capitalize() in str(name)]
        assert cells and set(cells) == {"*"}
        note = results["note"].str.lower().str.partition("; not shown")[0]
        mine = results[(note == one["row"].lower()) & (
            (results["arm"] == ARM[one["arm"]]) | results["contrast"].notna())]  # fmt: skip
        assert len(mine) and mine[["estimate", "conf_low", "conf_high"]].isna().all().all()


COLUMNS = {"people": "people", "events": "events", "person_weeks": "weeks", "n": "n",
           "rate100": "rate", "rate100_low": "rate_low", "rate100_high": "rate_high"}  # fmt: skip


def test_every_number_is_that_of_the_table() -> None:
    """`expected_table.csv`: own code there; Newcombe's limits checked against statsmodels."""
    trial = bw.load_trial(HARMS / "all_counts.toml")
    from backwalk_stats.analyses.harms import harms

    found = harms(trial)
    frame, differences = found.frames["harms"], found.estimates
    compared = 0
    for row in pd.read_csv(HARMS / "expected_table.csv").to_dict("records"):
        for short, arm in ARM.items():
            own = frame[(frame["term"] == row["what"]) & (frame["arm"] == arm)]
            if own.empty:
                assert row["what"] == "led to stop"  # the trial file names no such column
                continue
            for theirs, ours in COLUMNS.items():
                assert float(own[ours].iloc[0]) == pytest.approx(
                    row[f"{theirs}_{short}"], rel=1e-12, abs=1e-12
                )
                compared += 1
        gap = differences[(differences["note"] == row["what"])
                          & (differences["quantity"] == "risk_difference")]  # fmt: skip
        if len(gap):
            assert gap["estimate"].iloc[0] == pytest.approx(row["risk_difference"], abs=1e-12)
            assert gap["conf_low"].iloc[0] == pytest.approx(row["newcombe_low"], abs=1e-12)
            assert gap["conf_high"].iloc[0] == pytest.approx(row["newcombe_high"], abs=1e-12)
    assert compared == 98
    assert differences["p_value"].isna().all()
