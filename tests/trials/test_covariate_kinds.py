"""What a covariate's cells mean: categories, numbers, codes, labels, units, in every format."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backwalk_stats.analyses.questions.ancova import ancova
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial.categories import spellings
from backwalk_stats.loaders.trial.covariate_values import is_site
from backwalk_stats.trial.trial import Trial
from tests.trials.made import FORMATS, PEOPLE, PLACES, made, people, questions, told, wide_frame

CODES = [str(1 + k % 3) for k in range(PEOPLE)]
IN_MODEL = 'covariates = ["baseline", "surgeon"]'
DECLARED = 'covariates = {{ surgeon = {{ column = "surgeon", kind = "{}" }} }}'


def differences(trial: Trial) -> list[dict[Hashable, Any]]:
    """Return the rows of the difference by the analysis of covariance."""
    (estimand,) = trial.estimands
    rows = ancova(trial, estimand).estimates
    return rows[rows["quantity"] == "mean_difference"].to_dict("records")


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_few_whole_numbers_in_a_model_are_a_question(tmp_path: Path, kind: str, layout: str):
    frame = wide_frame({"surgeon": CODES})
    path = made(
        tmp_path,
        frame,
        kind=kind,
        layout=layout,
        data='covariates = ["surgeon"]',
        estimand=IN_MODEL,
    )
    (asked,) = questions(path)
    assert asked.startswith("surgeon: surgeon: 3 whole numbers look like codes of categories")
    assert 'kind = "category"' in asked and 'kind = "number"' in asked and "E1" in asked
    trial = load_trial(path)
    assert trial.participants["surgeon"].dtype == "float64"
    (row,) = differences(trial)
    assert row["note"].startswith("surgeon, of 3 whole numbers, looks like codes")


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_a_declared_category_is_never_averaged(tmp_path: Path, kind: str, layout: str):
    frame = wide_frame({"surgeon": CODES})
    path = made(
        tmp_path,
        frame,
        kind=kind,
        layout=layout,
        data=DECLARED.format("category"),
        estimand=IN_MODEL,
    )
    assert questions(path) == []
    trial = load_trial(path)
    assert trial.participants["surgeon"].tolist() == CODES
    assert trial.participants["surgeon"].cat.categories.tolist() == ["1", "2", "3"]
    (row,) = differences(trial)
    assert row["df"] == PEOPLE - 5  # mean, arm, baseline, two of three levels


def test_a_declared_number_is_taken_as_one_without_a_question(tmp_path: Path):
    frame = wide_frame({"surgeon": CODES})
    path = made(tmp_path, frame, data=DECLARED.format("number"), estimand=IN_MODEL)
    assert questions(path) == []
    trial = load_trial(path)
    assert trial.participants["surgeon"].dtype == "float64" and not trial.assumptions


@pytest.mark.parametrize("kind", FORMATS)
def test_what_is_only_described_is_counted(tmp_path: Path, kind: str):
    path = made(
        tmp_path, wide_frame({"surgeon": CODES}), kind=kind, data='covariates = ["surgeon"]'
    )
    assert questions(path) == []
    assert people(path)["surgeon"].cat.categories.tolist() == ["1", "2", "3"]
    assert "counted as categories" in " ".join(load_trial(path).load_log["action"])


def test_subgroups_are_models_too(tmp_path: Path):
    path = made(
        tmp_path,
        wide_frame({"surgeon": CODES}),
        data='covariates = ["surgeon"]',
        estimand='subgroups = ["surgeon"]',
    )
    assert len(questions(path)) == 1


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("height_of_fall", [f"{k}.5" for k in range(PEOPLE)]),
        ("years_of_school", [str(k) for k in range(PEOPLE)]),
        ("age", [str(60 + k % 4) for k in range(PEOPLE)]),
    ],
)
def test_numbers_that_are_no_codes_are_not_asked_about(tmp_path: Path, name: str, cells: list):
    path = made(
        tmp_path,
        wide_frame({name: cells}),
        data=f'covariates = {{ x = {{ column = "{name}", confirmed = ["bounds"] }} }}',
        estimand='covariates = ["baseline", "x"]',
    )
    assert questions(path) == []
    assert people(path)["x"].dtype == "float64"


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_labels_join_codes_and_ignore_case_and_spaces(tmp_path: Path, kind: str, layout: str):
    cells = (["r", "Right ", " RIGHT", "l", "LEFT", "Left  knee"] * PEOPLE)[:PEOPLE]
    data = (
        'covariates = { side = { column = "side", kind = "category", '
        'labels = { R = "Right", l = "Left", "left knee" = "Left" } } }'
    )
    path = made(tmp_path, wide_frame({"side": cells}), kind=kind, layout=layout, data=data)
    side = people(path)["side"]
    assert side.cat.categories.tolist() == ["Right", "Left"]
    assert side.tolist() == (["Right"] * 3 + ["Left"] * 3) * (PEOPLE // 6)
    assert questions(path) == []


@pytest.mark.parametrize("kind", FORMATS)
def test_two_codes_with_one_label_are_one_level(tmp_path: Path, kind: str):
    data = 'covariates = { th = { column = "th", labels = { 1 = "A", 2 = "B", 3 = "A" } } }'
    path = made(tmp_path, wide_frame({"th": CODES}), kind=kind, data=data)
    assert people(path)["th"].tolist() == [{"1": "A", "2": "B", "3": "A"}[code] for code in CODES]


def test_a_code_that_nobody_has_labelled_is_a_fault(tmp_path: Path):
    data = 'covariates = { th = { column = "th", labels = { 1 = "A", 2 = "B" } } }'
    faults, _ = told(made(tmp_path, wide_frame({"th": CODES}), data=data))
    (fault,) = faults
    assert "column th: expected one of the declared labels: 1, 2" in fault
    assert "without a label (8 rows: lines 4, 7" in fault


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_codes_with_leading_zeros_are_never_numbers(tmp_path: Path, kind: str, layout: str):
    cells = [["007", "012", "120", "12"][k // 2 % 4] for k in range(PEOPLE)]
    path = made(
        tmp_path,
        wide_frame({"batch": cells}),
        kind=kind,
        layout=layout,
        data='covariates = ["batch"]\nmissing_codes = ["7"]',
        estimand='covariates = ["baseline", "batch"]',
    )
    batch = people(path)["batch"]
    assert batch.cat.categories.tolist() == ["007", "012", "12", "120"]
    assert batch.notna().all(), "007 is not the code 7"
    assert questions(path) == []


def test_a_declared_number_with_a_text_is_a_fault(tmp_path: Path):
    cells = ["low"] * (PEOPLE - 4) + ["3", "4", "5", "6"]
    data = 'covariates = { dose = { column = "dose", kind = "number" } }'
    faults, _ = told(made(tmp_path, wide_frame({"dose": cells}), data=data))
    assert len(faults) == 1 and "column dose: expected a number, found text" in faults[0]


@pytest.mark.parametrize(
    "name",
    ["site", "Centre", "clinic_no", "Studienzentrum", "sede", "sitio", "hôpital", "SiteID"],
)
def test_places_in_other_languages_are_places(tmp_path: Path, name: str):
    assert is_site(name)
    path = made(
        tmp_path,
        wide_frame({name: CODES}),
        data=f'covariates = {{ x = "{name}" }}',
        estimand='covariates = ["baseline", "x"]',
    )
    assert questions(path) == []
    assert people(path)["x"].cat.categories.tolist() == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["website", "parasite", "opposite", "percentage"])
def test_what_only_sounds_like_a_place_is_none(name: str):
    assert not is_site(name)


# Spellings.


@pytest.mark.parametrize(
    ("levels", "groups"),
    [
        ({"F": 3, "Female": 4, "M": 3, "male": 5}, [["Female", "F"], ["male", "M"]]),
        ({"ja": 4, "yes": 3, "nein": 5}, [["yes", "ja"]]),
        ({"links": 4, "L": 3, "rechts": 5, "R": 1}, [["links", "L"], ["rechts", "R"]]),
        ({"post-op": 4, "postop": 3, "pre": 5}, [["post-op", "postop"]]),
        ({"sev": 4, "severe": 9, "mild": 3}, [["severe", "sev"]]),
        ({"A": 4, "AB": 3, "B": 5, "0": 1}, []),
        ({"I": 4, "II": 3, "III": 5, "VIII": 2, "V": 3}, []),
        ({"mild": 4, "moderate": 3, "severe": 5}, []),
        ({"high": 2, "highest": 3, "higher": 4}, []),
        ({"1": 4, "2": 3, "12": 2}, []),
        ({"<6m": 4, ">6m": 3}, []),
        ({"A+": 4, "A-": 3}, []),
        ({"1.5": 4, "15": 3, "1 to 5": 2}, []),
        ({"grade-1": 4, "Grade 1": 3, "grade 2": 2}, [["grade-1", "Grade 1"]]),
        ({"Hôpital A": 4, "hopital A": 3}, [["Hôpital A", "hopital A"]]),
    ],
)
def test_labels_that_look_like_one(levels: dict, groups: list):
    assert spellings(levels) == groups


def test_free_text_is_not_compared_pair_by_pair():
    letters = ["".join(chr(97 + int(one)) for one in str(k)) for k in range(5000)]
    assert spellings({f"word{text}": 1 for text in letters}) == []


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_spellings_are_one_question_with_the_labels_to_write(
    tmp_path: Path, kind: str, layout: str
):
    cells = (["F", "f", "Female", "m", "Male", "M"] * PEOPLE)[:PEOPLE]
    frame = wide_frame({"sex": cells})
    path = made(tmp_path, frame, kind=kind, layout=layout, data='covariates = ["sex"]')
    (asked,) = questions(path)
    assert len(people(path)["sex"].cat.categories) == 4
    labels = asked.split("labels = ")[1]
    path = made(
        tmp_path,
        frame,
        kind=kind,
        layout=layout,
        data=f'covariates = {{ sex = {{ column = "sex", labels = {labels} }} }}',
    )
    assert questions(path) == [], "the advice leads out"
    assert people(path)["sex"].cat.categories.tolist() == ["Female", "Male"]


# Value labels of SPSS and Stata.


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_one_label_on_a_number_does_not_make_it_a_category(tmp_path: Path, kind: str):
    cells = [f"{20 + k}.5" for k in range(PEOPLE - 2)] + ["99", "99"]
    frame = wide_frame({"load": cells})
    labels = {"load": {"99": "Not measured"}}
    path = made(tmp_path, frame, kind=kind, data='covariates = ["load"]', labels=labels)
    (fault,) = told(path)[0]
    assert "load" in fault and "label" in fault and "missing" in fault
    assert "Give the code a label" not in fault
    data = 'covariates = ["load"]\nmissing_codes_by_column = { load = ["99"] }'
    path = made(tmp_path, frame, kind=kind, data=data, labels=labels)
    load = people(path)["load"]
    assert load.dtype == "float64" and load.isna().sum() == 2


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_labels_of_the_ends_of_a_scale_change_nothing(tmp_path: Path, kind: str):
    cells = [str(k % 11) for k in range(PEOPLE)]
    labels = {"fear": {"0": "none", "10": "as bad as can be"}, "pre": {"0": "no pain"}}
    data = 'covariates = { fear = { column = "fear", kind = "number" } }'
    path = made(tmp_path, wide_frame({"fear": cells}), kind=kind, data=data, labels=labels)
    assert people(path)["fear"].tolist() == [float(cell) for cell in cells]


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_labelled_missing_value_of_an_outcome_is_no_score(tmp_path: Path, kind: str):
    frame = wide_frame()
    frame.loc[3, "post"] = "99"
    labels = {"post": {"99": "keine Angabe"}}
    (fault,) = told(made(tmp_path, frame, kind=kind, labels=labels))[0]
    assert "column post" in fault and 'missing_codes_by_column = { "post" = ["99"] }' in fault


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_value_labels_that_look_like_one_level_are_asked_about(tmp_path: Path, kind: str):
    labels = {"side": {"1": "L", "2": "Left", "3": "Right"}}
    frame = wide_frame({"side": CODES})
    path = made(tmp_path, frame, kind=kind, data='covariates = ["side"]', labels=labels)
    (asked,) = questions(path)
    assert 'labels = { L = "Left", Right = "Right" }' in asked
    data = 'covariates = { side = { column = "side", labels = { L = "Left", Right = "Right" } } }'
    path = made(tmp_path, frame, kind=kind, data=data, labels=labels)
    assert questions(path) == [] and set(people(path)["side"]) == {"Left", "Right"}


# Units and bounds.


def test_the_way_out_of_bounds_leads_out(tmp_path: Path):
    frame = wide_frame({"step_height_cm": ["18", "20", "15"] * (PEOPLE // 3), "age_band": CODES})
    path = made(tmp_path, frame, data='covariates = ["step_height_cm", "age_band"]')
    faults, _ = told(path)
    assert len(faults) == 2
    assert all('kind = "category"' in fault and "unit" in fault for fault in faults)
    data = (
        'covariates = { step = { column = "step_height_cm", kind = "number", unit = "cm" }, '
        'band = { column = "age_band", kind = "category" } }'
    )
    path = made(tmp_path, frame, data=data)
    assert told(path)[0] == []
    assert load_trial(path).labels["step"] == "Step (cm)"


@pytest.mark.parametrize(
    ("unit", "faults"), [("years", 1), ("months", 0), ("kg", 0)], ids=["years", "months", "kg"]
)
def test_a_declared_unit_chooses_the_bounds(tmp_path: Path, unit: str, faults: int):
    frame = wide_frame({"age": [str(500 + k) for k in range(PEOPLE)]})
    data = f'covariates = {{ age = {{ column = "age", kind = "number", unit = "{unit}" }} }}'
    assert len(told(made(tmp_path, frame, data=data))[0]) == faults
    data = data.replace(" } }", ', confirmed = ["bounds"] } }')
    assert told(made(tmp_path, frame, data=data))[0] == []


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('kind = "number", labels = { 1 = "A" }', 'expected kind = "category" beside labels'),
        ('kind = "category", unit = "cm"', 'expected kind = "number" beside a unit'),
        ('labels = { a = "A", " A" = "B" }', "one that also means 'A'"),
        ('kind = "ordinal"', "category"),
    ],
)
def test_keys_of_a_covariate_that_contradict_each_other(tmp_path: Path, table: str, expected: str):
    data = f'covariates = {{ th = {{ column = "th", {table} }} }}'
    with pytest.raises(InputError, match="th") as error:
        load_trial(made(tmp_path, wide_frame({"th": CODES}), data=data))
    assert expected in str(error.value)


# What cannot be told from the arm.


def test_a_category_in_one_arm_only_is_told_before_an_estimate(tmp_path: Path):
    cells = [["A", "B"][k // 2 % 2] if k % 2 else ["C", "D"][k // 2 % 2] for k in range(PEOPLE)]
    path = made(
        tmp_path,
        wide_frame({"surgeon": cells}),
        data='covariates = ["surgeon"]',
        estimand=IN_MODEL,
    )
    (fault,) = told(path)[0]
    assert "surgeon" in fault and "arm" in fault and "E1" in fault
    assert "as a random intercept it can stand: [clusters]" in fault


def test_a_category_that_is_partly_in_both_arms_is_estimated(tmp_path: Path):
    cells = ["A" if k < 4 else "B" if k % 2 else "C" for k in range(PEOPLE)]
    path = made(
        tmp_path,
        wide_frame({"surgeon": cells}),
        data='covariates = ["surgeon"]',
        estimand=IN_MODEL,
    )
    assert told(path)[0] == []
    (row,) = differences(load_trial(path))
    assert np.isfinite(row["estimate"]) and row["df"] == PEOPLE - 5


def test_two_covariates_that_tell_the_arm_together(tmp_path: Path):
    first = ["a" if k % 4 < 2 else "b" for k in range(PEOPLE)]
    both = [
        "x" if (one == "a") == bool(k % 2) else "y" for k, one in enumerate(first)
    ]  # arm = first xor both: each alone says nothing of it, nor do both without their product
    path = made(
        tmp_path,
        wide_frame({"one": first, "two": both}),
        data='covariates = ["one", "two"]',
        estimand='covariates = ["baseline", "one", "two"]',
    )
    assert told(path)[0] == []
    numbers = [float(k % 2) for k in range(PEOPLE)]
    spread = [f"{k / 7:.3f}" for k in range(PEOPLE)]
    total = [f"{number + float(part):.3f}" for number, part in zip(numbers, spread, strict=True)]
    path = made(
        tmp_path,
        wide_frame({"part": spread, "total": total}),
        data='covariates = ["part", "total"]',
        estimand='covariates = ["baseline", "part", "total"]',
    )
    (fault,) = told(path)[0]
    assert "part and total" in fault
