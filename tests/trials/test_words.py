"""Messages call things by the names that their reader has given them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwalk_stats.cli.check import summary
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.tables.trial_labels import arm_words, in_sentence
from tests.trials.made import PLACES, made, told, wide_frame


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_a_column_that_is_not_there_is_told_by_the_outcome(tmp_path: Path, kind: str, layout: str):
    place = 'column = "nrs"' if layout == "long" else 'columns = { W0 = "pre", W6 = "pst" }'
    path = made(tmp_path, wide_frame(), kind=kind, layout=layout, outcome=place)
    (fault,) = told(path)[0]
    assert "outcome pain, column" in fault
    assert "outcome[" not in fault and "data[" not in fault


def test_tables_are_called_by_their_names_everywhere(tmp_path: Path):
    path = made(
        tmp_path,
        wide_frame(),
        data='sequence = "order"\ndate = { W0 = "day", W9 = "day" }',
        estimand='covariates = ["baseline", "weight"]\nvisit = "W9"',
        more='[[outcome]]\nname = "walk"\nlow = 5\nhigh = 1\ncolumns = { W8 = "x" }\n'
        '[[estimand]]\nid = "second"\noutcome = "wlak"\nsurprise = 1\n',
    )
    faults, log = check_trial(path)
    printed = summary(path, faults, log)
    assert "estimand second, surprise" in printed
    path.write_text(path.read_text().replace("surprise = 1\n", ""))
    faults, log = check_trial(path)
    printed = summary(path, faults, log)
    for word in ("file s.csv, sequence", "outcome walk, columns", "estimand E1, covariates",
                 "estimand E1, visit", "estimand second, outcome"):  # fmt: skip
        assert word in printed, printed
    assert "[0]" not in printed and "[1]" not in printed


def test_a_file_without_the_column_of_a_key(tmp_path: Path):
    faults, _ = told(made(tmp_path, wide_frame(), data='covariates = ["weight"]'))
    (fault,) = faults
    assert "s.csv, column weight: expected the column that covariates.weight names" in fault


def test_an_instrument_of_several_versions_says_which(tmp_path: Path):
    outcome = 'instrument = "VAS"\ncolumns = { W0 = "pre", W6 = "post" }'
    (fault,) = told(made(tmp_path, wide_frame(), outcome=outcome))[0]
    assert 'version = "mm" (0 to 100 mm)' in fault and 'version = "cm" (0 to 10 cm)' in fault
    assert "''" not in fault


@pytest.mark.parametrize("name", ["status", "change", "baseline", "value"])
def test_a_name_that_is_taken_gets_help(tmp_path: Path, name: str):
    path = made(tmp_path, wide_frame({name: ["1.5"] * 24}), data=f'covariates = ["{name}"]')
    assert any(f'my_{name} = "..."' in fault for fault in told(path)[0])
    path.write_text(path.read_text().replace('name = "pain"', f'name = "{name}"'))
    assert any(f'name = "pain_{name}"' in fault for fault in told(path)[0])


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Pilates", "Pilates"),
        ("Mulligan mobilisation", "Mulligan mobilisation"),
        ("McKenzie", "McKenzie"),
        ("Tai Chi", "Tai Chi"),
        ("Usual care", "usual care"),
        ("Trained backwards", "trained backwards"),
        ("Cycling", "cycling"),
        ("Waiting list", "waiting list"),
        ("Backward walking", "backward walking"),
        ("Control", "control"),
    ],
)
def test_names_of_arms_keep_their_capital(label: str, said: str):
    assert arm_words(label) == said


def test_names_of_people_in_outcomes_keep_their_capital():
    assert in_sentence("Beck depression inventory") == "Beck depression inventory"
    assert in_sentence("Parkinson's disability") == "Parkinson's disability"
    assert in_sentence("Back pain") == "back pain"


def test_questions_are_lines_of_their_own(tmp_path: Path):
    cells = ["F", "Female", "M", "m"] * 6
    path = made(tmp_path, wide_frame({"sex": cells}), data='covariates = ["sex"]')
    printed = summary(path, *check_trial(path))
    head, question, *_ = printed.split("\n\n")[1].splitlines()
    assert head == "1 question that the trial file can answer"
    assert question.startswith("  s.csv, sex: sex: do 'Female' and 'F' mean the same level?")
    assert "question" not in printed.split("\n\n")[2]
