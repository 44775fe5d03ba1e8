"""Harms as files have them: read where they can be, refused by line where not, nobody named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.trial.trial import Trial

TOML = """
[trial]
id = "small"
title = "A small trial"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W6"]
[[data]]
file = "scores.csv"
participant = "id"
arm = "group"
[[outcome]]
name = "pain"
instrument = "nprs"
columns = { W0 = "pain_w0", W6 = "pain_w6" }
"""
SCORES = (
    "id,group,pain_w0,pain_w6,weeks\nA01,BW,6,3,6\nA02,BW,7,4,6\nA03,FW,6,5,5.5\nA04,FW,5,4,6\n"
)
KEYS = 'participant = "id"\nterm = "what"\nserious = "sae"\nasked = "systematic"\n'


def loaded(folder: Path, harms: str, keys: str = KEYS, scores: str = SCORES) -> Trial:
    (folder / "scores.csv").write_text(scores, encoding="utf-8")
    (folder / "harms.csv").write_text(harms, encoding="utf-8")
    text = f'{TOML}[harms]\nfile = "harms.csv"\n{keys}'
    (folder / "trial.toml").write_text(text, encoding="utf-8")
    return load_trial(folder / "trial.toml")


def refused(folder: Path, harms: str, keys: str = KEYS, scores: str = SCORES) -> str:
    with pytest.raises(InputError) as error:
        loaded(folder, harms, keys, scores)
    text = str(error.value)
    assert not {"A01", "A02", "A03", "A04", "ZZ9", "ouch"} & set(text.replace(",", " ").split())
    assert len(error.value.faults) == 1, text
    return text


def test_spellings_are_one_term_and_nothing_recorded_is_not_no(tmp_path: Path) -> None:
    harms = loaded(tmp_path, "id,what,sae\nA01,Sore knee,ja\nA01, sore  Knee,0\nA03,Fell,\n").harms
    assert harms is not None
    assert harms.events["term"].tolist() == ["Sore knee", "Sore knee", "Fell"]
    np.testing.assert_array_equal(harms.events["serious"], [1.0, 0.0, np.nan])
    assert harms.flags == ("serious",) and harms.falls == ("Fell",) and not harms.falls_declared
    assert harms.weeks.empty


def test_falls_and_words_are_what_the_trial_file_says(tmp_path: Path) -> None:
    keys = KEYS + 'falls = ["stumble"]\ncodes = { probable = "yes" }\nexposure = "weeks"\n'
    harms = loaded(tmp_path, "id,what,sae\nA01,Fall,probable\nA02,Stumble,no\n", keys).harms
    assert harms is not None
    assert harms.falls == ("Stumble",) and harms.falls_declared
    assert harms.events["serious"].tolist() == [1.0, 0.0]
    assert harms.weeks["weeks"].tolist() == [6.0, 6.0, 5.5, 6.0]


def test_long_descriptions_are_one_term(tmp_path: Path) -> None:
    text = "was walking with her neighbour when the left knee gave way on the stairs at home"
    trial = loaded(tmp_path, f"id,what,sae\nA01,{text},no\nA02,Fall,no\n")
    assert trial.harms is not None
    assert not any("neighbour" in term for term in trial.harms.events["term"])
    assert (trial.load_log["action"].str.contains("count as one term")).any()


@pytest.mark.parametrize(
    ("rows", "keys", "said"),
    [
        ("id,what,sae\nA01,Fall,no\nZZ9,Fall,no\n", KEYS, ("line 3", "column id", "no file of")),
        ("id,what,sae\nA01,Fall,no\n,Fall,no\n", KEYS, ("line 3", "an empty cell")),
        ("id,what,sae\nA01,,no\n", KEYS, ("line 2", "column what")),
        ("id,what,sae\nA01,Fall,ouch\n", KEYS, ("line 2", "yes or no", "codes = ")),
        ("id,harm,sae\nA01,Fall,no\n", KEYS, ("harms.term", "no column 'what'")),
        ("id,what,sae,on\nA01,Fall,no,ouch\n", KEYS + 'start = "on"\n', ("line 2", "a date")),
        ("id,what,sae,on\nA01,Fall,no,2999-01-01\n", KEYS + 'start = "on"\n', ("to come",)),
        ("id,what,sae\nA01,Fall,no\n", KEYS + 'exposure = "week"\n', ("exposure", "'weeks'")),
        ("id,what,sae\nA01,Fall,no\n", KEYS.replace("systematic", "asked"), ("systematic",)),
        ("id,what,sae\nA01,Fall,no\n", KEYS.replace('"sae"', '"what"'), ("every column once",)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_fault(
    rows: str, keys: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    text = refused(tmp_path, rows, keys)
    assert all(one in text for one in said), text


def test_weeks_below_zero_and_a_crossover_are_refused(tmp_path: Path) -> None:
    keys = KEYS + 'exposure = "weeks"\n'
    text = refused(tmp_path, "id,what,sae\n", keys, SCORES.replace("5.5", "-5"))
    assert "line 4" in text and "below 0" in text
