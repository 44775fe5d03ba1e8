"""The simulated trials that ship are those that the stored values were computed on."""

from __future__ import annotations

import hashlib
import tomllib

import pandas as pd
import pytest

from tests.oracles.example_trials import FOLDER

SOURCE = tomllib.loads((FOLDER / "SOURCE.toml").read_text("utf-8"))


def test_every_file_has_a_passport():
    assert {one["name"] for one in SOURCE["file"]} == {file.name for file in FOLDER.glob("*.csv")}


@pytest.mark.parametrize("one", SOURCE["file"], ids=lambda one: one["name"])
def test_the_bytes_are_those_of_the_passport(one):
    assert hashlib.sha256((FOLDER / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    frame = pd.read_csv(FOLDER / one["name"])
    people = f"{frame['id'].nunique():,} participants x {frame['visit'].nunique()} visits"
    assert one["what"] == f"{people}, {frame['pain'].isna().sum()} outcomes missing."
