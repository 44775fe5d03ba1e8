"""The examples of the document on the trial file work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backwalk_stats.loaders.load import check_trial, load_trial

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "trial_file.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```csv\n(.*?)```\n+```toml\n(.*?)```", TEXT, re.DOTALL)
HEAD = """\
[trial]
id = "example"
title = "An example"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
"""
VISITS = '[visits]\nbaseline = "W0"\norder = ["W0", "W6"]\n'
# Participants, values at W6, questions.
HELD = {
    "scores.csv": (6, 6, 0),
    "visits.csv": (4, 4, 0),
    "vas.csv": (6, 5, 0),
    "gpe.csv": (6, 6, 0),
    "export.csv": (5, 4, 0),
    "dates.csv": (4, 4, 1),
}


def test_every_example_is_held() -> None:
    assert len(EXAMPLES) == len(HELD)
    assert len(re.findall("```toml", TEXT)) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("sheet", "toml"), EXAMPLES, ids=[re.findall('file = "(.*)"', one[1])[0] for one in EXAMPLES]
)
def test_an_example_is_read_without_a_fault(tmp_path: Path, sheet: str, toml: str) -> None:
    (file,) = re.findall('file = "(.*)"', toml)
    (tmp_path / file).write_text(sheet, encoding="utf-8")
    path = tmp_path / "trial.toml"
    path.write_text(HEAD + ("" if "[visits]" in toml else VISITS) + toml, encoding="utf-8")
    faults, log = check_trial(path)
    assert not faults
    trial = load_trial(path)
    people, values, questions = HELD[file]
    there = trial.data[(trial.data["visit"] == "W6") & trial.data["value"].notna()]
    assert (len(trial.participants), len(there)) == (people, values)
    assert (log["level"] == "question").sum() == questions
