"""Where an outcome's values stand and in which unit; baselines, and visits of one arm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.questions.ancova import ancova
from backwalk_stats.analyses.questions.mmrm import mmrm
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial_file.units import conversion
from backwalk_stats.trial.result import Result
from tests.trials.made import PEOPLE, PLACES, long_frame, made, told, wide_frame, write

VAS = 'instrument = "vas100"\nversion = "mm"\n'
WIDE = 'columns = { W0 = "pre", W6 = "post" }\n'
LONG = 'column = "pain"\n'
HEAD_3 = """\
[trial]
id = "made"
title = "SIMULATED: three visits"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
"""


def values(path: Path, visit: str) -> list[float]:
    """Return what was read at a visit, by participant."""
    trial = load_trial(path)
    rows = trial.data[trial.data["visit"] == visit].set_index("participant")["value"]
    return rows.reindex(trial.participants["participant"]).tolist()


def difference(found: Result) -> dict:
    """Return the row that compares the arms."""
    rows = found.estimates[found.estimates["quantity"] == "mean_difference"]
    return rows.iloc[-1].to_dict()


def least_squares(*columns: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Return estimate and standard error of the first column, an intercept being in the model."""
    design = np.column_stack([*columns, np.ones(len(outcome))])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    residuals = outcome - design @ coefficients
    variance = residuals @ residuals / (len(outcome) - design.shape[1])
    return float(coefficients[0]), float(np.sqrt(variance * inverse[0, 0]))


# Units.


@pytest.mark.parametrize(
    ("given", "wanted", "ends", "factor"),
    [
        ("cm", "mm", (None, None), (10.0, 0.0)),
        ("MM", "cm", (None, None), (0.1, 0.0)),
        ("metres", "cm", (None, None), (100.0, 0.0)),
        ("inches", "cm", (None, None), (2.54, 0.0)),
        ("fraction", "%", (None, None), (100.0, 0.0)),
        ("percent", "%", (None, None), (1.0, 0.0)),
        ("min", "s", (None, None), (60.0, 0.0)),
        ("lb", "kg", (None, None), (0.45359237, 0.0)),
        ("grams", "kg", (None, None), (0.001, 0.0)),
        ("rad", "°", (None, None), (180.0 / np.pi, 0.0)),
        ("degrees", "rad", (None, None), (np.pi / 180.0, 0.0)),
        ("0-100", "points", (0.0, 10.0), (0.1, 0.0)),
        ("1 to 5", "points", (0.0, 100.0), (25.0, -25.0)),
        ("0-10", "points", (None, None), None),
        ("cm", "s", (None, None), None),
        ("furlongs", "cm", (None, None), None),
        ("points", "", (None, None), None),
    ],
)
def test_units_are_turned_by_exact_factors(given, wanted, ends, factor):
    found = conversion(given, wanted, low=ends[0], high=ends[1])
    assert (found is None) == (factor is None)
    if factor is not None:
        assert found == pytest.approx(factor, rel=1e-15)


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_a_visit_in_another_unit_is_turned_and_noted(tmp_path: Path, kind: str, layout: str):
    frame = wide_frame()
    frame["pre"] = [f"{int(x) + 0.7:.1f}" for x in frame["pre"]]  # cm
    frame["post"] = [str(10 * int(x) + 3) for x in frame["post"]]  # mm
    frame.loc[2, "pre"] = "99"
    place = LONG if layout == "long" else WIDE
    path = made(
        tmp_path,
        frame,
        kind=kind,
        layout=layout,
        data='missing_codes = ["99"]',
        outcome=f'{VAS}{place}units = {{ W0 = "cm", W6 = "mm" }}',
    )
    assert told(path)[0] == []
    wanted = [np.nan if x == "99" else round(10 * float(x)) for x in frame["pre"]]
    np.testing.assert_array_equal(values(path, "W0"), wanted)
    np.testing.assert_array_equal(values(path, "W6"), [float(x) for x in frame["post"]])
    log = load_trial(path).load_log
    (note,) = log[log["action"].str.contains("turned into")].to_dict("records")
    assert note["action"] == "pain at W0: cm turned into mm, times 10"
    assert note["count"] == PEOPLE - 1


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (f'{VAS}{WIDE}units = {{ W0 = "furlongs" }}', "cm"),
        (f'{WIDE}units = {{ W0 = "cm" }}', 'Write unit = "..." as well'),
        (f'unit = "s"\n{WIDE}units = {{ W0 = "cm" }}', "min"),
        (f'{VAS}{WIDE}units = {{ W9 = "cm" }}', "visits: W0, W6"),
    ],
)
def test_a_unit_that_cannot_be_turned_is_a_fault_with_those_that_can(tmp_path, outcome, expected):
    faults, _ = told(made(tmp_path, wide_frame(), outcome=outcome))
    assert any("units" in fault and expected in fault for fault in faults), faults


# Baselines that have a column of their own.


@pytest.mark.parametrize("repeated", [True, False], ids=["every row", "once"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "dta"])
def test_a_baseline_in_a_column_of_a_long_file(tmp_path: Path, kind: str, repeated: bool):
    frame = wide_frame()
    path = made(
        tmp_path, frame, kind=kind, layout="long", outcome=f'{LONG}baseline_column = "base"'
    )
    rows = long_frame(frame.assign(base=frame["pre"]))
    later = rows[rows["visit"] == "W6"]
    extra = later.assign(visit="W3")
    rows = pd.concat([extra, later]).sort_values("id", kind="stable")
    if not repeated:
        rows["base"] = [x if k % 2 else "" for k, x in enumerate(rows["base"])]
    write(rows, tmp_path / f"s.{kind}")
    path.write_text(path.read_text().replace('order = ["W0",', 'order = ["W0", "W3",'))
    assert told(path)[0] == []
    assert values(path, "W0") == [float(x) for x in frame["pre"]]
    trial = load_trial(path)
    arm = (frame["group"] == "BW").to_numpy(float)
    estimate, error = least_squares(
        arm, frame["pre"].astype(float).to_numpy(), outcome=frame["post"].astype(float).to_numpy()
    )
    row = difference(ancova(trial, trial.estimands[0]))
    assert row["estimate"] == pytest.approx(estimate, abs=1e-10)
    assert row["std_error"] == pytest.approx(error, abs=1e-10)


def test_a_person_with_two_baselines_is_a_fault(tmp_path: Path):
    frame = wide_frame()
    path = made(tmp_path, frame, layout="long", outcome=f'{LONG}baseline_column = "base"')
    rows = long_frame(frame.assign(base=frame["pre"]))
    rows = pd.concat([rows[rows["visit"] == "W6"]] * 2).sort_values("id", kind="stable")
    rows["visit"] = ["W3", "W6"] * PEOPLE
    rows["base"] = [x if k != 5 else "0" for k, x in enumerate(rows["base"])]
    write(rows, tmp_path / "s.csv")
    path.write_text(path.read_text().replace('order = ["W0",', 'order = ["W0", "W3",'))
    (fault,) = told(path)[0]
    assert "line 7, column base: expected one baseline for each participant" in fault


@pytest.mark.parametrize("same", [True, False])
def test_rows_of_the_baseline_beside_its_column(tmp_path: Path, same: bool):
    frame = wide_frame()
    base = frame["pre"] if same else [str((int(x) + 1) % 10) for x in frame["pre"]]
    frame = frame.assign(base=base)
    path = made(tmp_path, frame, layout="long", outcome=f'{LONG}baseline_column = "base"')
    faults, _ = told(path)
    if not same:
        (fault,) = faults
        assert "the baseline that base has" in fault and f"{PEOPLE} rows" in fault
        return
    assert faults == []
    assert values(path, "W0") == [float(x) for x in frame["pre"]]


def test_a_baseline_in_the_file_of_the_people(tmp_path: Path):
    frame = wide_frame()
    rows = long_frame(frame)
    path = made(tmp_path, frame, layout="long", outcome=f'{LONG}baseline_column = "pre"')
    write(rows.loc[rows["visit"] == "W6", ["id", "group", "visit", "pain"]], tmp_path / "s.csv")
    write(frame[["id", "pre"]], tmp_path / "people.csv")
    path.write_text(
        path.read_text() + '[[data]]\nfile = "people.csv"\nparticipant = "id"\n', encoding="utf-8"
    )
    assert told(path)[0] == []
    assert values(path, "W0") == [float(x) for x in frame["pre"]]


def test_a_baseline_column_that_is_not_there(tmp_path: Path):
    path = made(tmp_path, wide_frame(), layout="long", outcome=f'{LONG}baseline_column = "bse"')
    (fault,) = told(path)[0]
    assert "no column 'bse'" in fault


def test_a_baseline_column_in_another_unit(tmp_path: Path):
    frame = wide_frame()
    frame = frame.assign(base=[f"{int(x) / 10:.1f}" for x in frame["pre"]])
    outcome = f'{VAS}columns = {{ W6 = "post" }}\nbaseline_column = "base"\nunits = {{ W0 = "cm" }}'
    outcome += '\nconfirmed = ["unit"]'
    path = made(tmp_path, frame, outcome=outcome)
    assert told(path)[0] == []
    assert values(path, "W0") == [float(x) for x in frame["pre"]]


# Outcomes without a baseline.


@pytest.mark.parametrize(
    ("written", "names"), [("[]", ()), ('["age"]', ("age",))], ids=["unadjusted", "age"]
)
@pytest.mark.parametrize("analysis", ["ancova", "mmrm"])
def test_an_outcome_without_a_baseline(tmp_path: Path, analysis: str, written: str, names: tuple):
    frame = wide_frame({"age": [str(40 + (7 * k) % 29) for k in range(PEOPLE)]})
    path = made(
        tmp_path,
        frame,
        data='covariates = ["age"]',
        outcome='columns = { W6 = "post" }',
        estimand=f"covariates = {written}",
    )
    path.write_text(path.read_text().replace('"ancova"', f'"{analysis}"'))
    assert told(path)[0] == []
    trial = load_trial(path)
    arm = (frame["group"] == "BW").to_numpy(float)
    others = [frame[name].astype(float).to_numpy() for name in names]
    estimate, error = least_squares(arm, *others, outcome=frame["post"].astype(float).to_numpy())
    found = analyse_trial(trial).part(analysis)
    assert found is not None and found.converged
    row = difference(found)
    assert (row["n"], row["n_reference"]) == (PEOPLE // 2, PEOPLE // 2)
    assert row["estimate"] == pytest.approx(estimate, abs=1e-10)
    assert row["std_error"] == pytest.approx(error, abs=1e-10)
    assert "baseline" not in found.method.split(" on ")[1]


def test_an_outcome_with_a_baseline_that_is_not_listed_is_not_adjusted_for_it(tmp_path: Path):
    frame = wide_frame()
    trial = load_trial(made(tmp_path, frame, estimand="covariates = []"))
    found = ancova(trial, trial.estimands[0])
    arm = (frame["group"] == "BW").to_numpy(float)
    estimate, _ = least_squares(arm, outcome=frame["post"].astype(float).to_numpy())
    assert difference(found)["estimate"] == pytest.approx(estimate, abs=1e-10)
    assert any("not adjusted for the baseline, which was measured" in one for one in found.notes)


@pytest.mark.parametrize(
    ("estimand", "key"),
    [
        ("", "estimand[0].covariates"),
        ('covariates = ["baseline", "age"]', "estimand[0].covariates"),
        ('covariates = []\nsensitivity = ["change-score"]', "estimand[0].sensitivity"),
    ],
)
def test_an_estimand_that_needs_a_baseline_says_what_to_write(tmp_path, estimand, key):
    frame = wide_frame({"age": [str(40 + k) for k in range(PEOPLE)]})
    path = made(
        tmp_path,
        frame,
        data='covariates = ["age"]',
        outcome='columns = { W6 = "post" }',
        estimand=estimand,
    )
    faults, _ = told(path)
    assert len(faults) == 1
    if "covariates" in key:
        assert 'covariates = ["age"]' in faults[0] and "covariates = []" in faults[0]
        advised = 'covariates = ["age"]'
        text = path.read_text()
        text = text.replace(estimand, advised) if estimand else text + advised
        path.write_text(text)
        assert told(path)[0] == [], "the advice leads out"


def test_a_long_outcome_without_a_baseline_says_what_to_write(tmp_path: Path):
    frame = wide_frame()
    path = made(tmp_path, frame, layout="long")
    rows = long_frame(frame)
    write(rows[rows["visit"] == "W6"], tmp_path / "s.csv")
    (fault,) = told(path)[0]
    assert "baseline_column" in fault and "covariates = []" in fault
    path.write_text(path.read_text() + "covariates = []")
    assert told(path)[0] == []


# A visit that one arm has no values at, and several estimands on one outcome.


def three_visits(folder: Path, analysis: str, *, third: bool = False) -> tuple[Path, pd.DataFrame]:
    """Write a trial whose W3 only one arm has; return it with its frame."""
    frame = wide_frame({"mid": [str((k * 5) % 9) for k in range(PEOPLE)]})
    frame.loc[frame["group"] == "BW", "mid"] = ""
    head = HEAD_3
    if third:
        frame.loc[frame.index % 6 == 0, "group"] = "CW"
        frame.loc[frame["group"] == "CW", "mid"] = "4"
        frame.loc[frame["group"] == "CW", "post"] = ""
        head = head.replace('FW = "forward" }', 'FW = "forward", CW = "sideward" }')
    path = made(
        folder,
        frame,
        head=head,
        outcome='columns = { W0 = "pre", W3 = "mid", W6 = "post" }',
        estimand='contrast = ["backward", "forward"]\nvisit = "W6"\nrole = "primary"',
        more=(
            f'[[estimand]]\noutcome = "pain"\nanalysis = "{analysis}"\nvisit = "W3"\n'
            'contrast = ["backward", "forward"]\nrole = "secondary"\n'
            '[[estimand]]\noutcome = "pain"\nanalysis = "mmrm"\nvisit = "W6"\n'
            'contrast = ["backward", "forward"]\nrole = "exploratory"\n'
        ),
    )
    return path, frame


@pytest.mark.parametrize("third", [False, True], ids=["two arms", "a third arm"])
@pytest.mark.parametrize("analysis", ["ancova", "mmrm"])
def test_a_visit_without_one_arm_stops_that_estimand_alone(tmp_path, analysis, third):
    path, frame = three_visits(tmp_path, analysis, third=third)
    faults, log = told(path)
    assert faults == []
    assert any(
        "W3 in arm backward" in one and "E2 cannot be compared" in one for one in log["action"]
    )
    trial = load_trial(path)
    assert [one.role for one in trial.estimands] == ["primary", "secondary", "exploratory"]
    first, second, last = (
        question(trial, estimand)
        for question, estimand in zip(
            (ancova, ancova if analysis == "ancova" else mmrm, mmrm), trial.estimands, strict=True
        )
    )
    used = frame[frame["post"] != ""]
    arm = (used["group"] == "BW").to_numpy(float)
    estimate, error = least_squares(
        arm, used["pre"].astype(float).to_numpy(), outcome=used["post"].astype(float).to_numpy()
    )
    for found in (first, last):
        row = difference(found)
        assert row["estimate"] == pytest.approx(estimate, abs=1e-10)
        assert row["std_error"] == pytest.approx(error, abs=1e-10)
    assert not second.converged
    assert "nobody in backward has pain at W3" in second.notes[0]
    assert any("W3 is left out of the model" in one for one in last.notes)
