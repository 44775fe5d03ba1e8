"""Questions of `check`: they find what is planted, and are silent on honest trials."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from backwalk_stats.loaders.checks import percent_cells, unit_of_some, zeros_for_missing
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.loaders.trial.sources import TrialView
from backwalk_stats.loaders.trial_file.outcome_scale import measured
from backwalk_stats.loaders.trial_file.schema import OutcomeTable
from backwalk_stats.trial.study import Arm, Study, Visit
from tests.loaders.sheet_files import write

VISITS = ("W0", "W4", "W8")
NAN = float("nan")
PAIN = {"name": "pain", "low": 0, "high": 100, "better": "lower", "unit": "mm"}
WALK = {"name": "walk", "low": 0, "better": "higher", "unit": "m"}
DAYS = {"name": "days", "low": 0, "high": 28, "better": "lower"}


def view_of(outcomes, values, *, covariates=None, formats=None):
    """What a check sees of arrays (people, visits), one an outcome."""
    n = len(next(iter(values.values())))
    ids = [f"p{k:04d}" for k in range(n)]
    study = Study(
        id="t",
        title="t",
        seed=1,
        arms=(Arm(name="forward", label="forward"), Arm(name="backward", label="backward")),
        visits=tuple(Visit(name=one, week=None, label=one) for one in VISITS),
        baseline="W0",
    )
    arm = pd.Categorical(["forward", "backward"] * (n // 2) + ["forward"] * (n % 2))
    people = pd.DataFrame({"participant": ids, "arm": arm, **(covariates or {})})
    parts = [
        pd.DataFrame(
            {
                "participant": ids, "arm": arm, "visit": visit, "outcome": name,
                "value": table[:, place].astype(float), "reason": "", "file": "s.csv",
                "column": f"{name}_{visit}", "line": np.arange(2, n + 2),
            }
        )
        for name, table in values.items()
        for place, visit in enumerate(VISITS)
    ]  # fmt: skip
    wide = {}
    for name, table in values.items():
        frame = pd.DataFrame(table.astype(float), index=pd.Index(ids, name="participant"))
        frame.columns = list(VISITS)
        wide[name] = frame.dropna(axis=1, how="all").dropna(how="all")
    found = Findings()
    tables = [
        measured(OutcomeTable.model_validate({**one, "columns": {}}), found, place=place)
        for place, one in enumerate(outcomes)
    ]
    assert not found.faults, found.faults
    return TrialView(
        study=study, measured=tuple(filter(None, tables)), estimands=(), cells=pd.concat(parts),
        participants=people, flow=pd.DataFrame(), wide=wide, lacking=frozenset(),
        formats=formats or {},
    )  # fmt: skip


def asked(check, view):
    findings = Findings()
    check.check(view, findings)
    assert not findings.faults
    log = findings.log()
    assert set(log["level"]) <= {"question"}
    return log["action"].tolist()


def honest(rng, n):
    """A course of pain with floors, days with many true zeros, a walk; people drop out."""
    own = rng.normal(size=n)
    effect = rng.uniform(0, 40)
    start = rng.uniform(35, 70)
    pain = start - effect * np.array([0, 0.6, 1]) + 15 * own[:, None] + rng.normal(0, 10, (n, 3))
    pain = np.clip(np.round(pain), 0, 100)
    mean = rng.uniform(0.3, 12) * np.exp(0.6 * own)[:, None] * np.array([1, 0.7, 0.5])
    days = np.clip(rng.poisson(mean), 0, 28).astype(float)
    days[rng.random(n) < rng.uniform(0, 0.5)] = 0  # who never has any
    walk = 400 + 80 * own[:, None] + np.array([0, 20, 40]) + rng.normal(0, 30, (n, 3))
    values = {"pain": pain, "days": days, "walk": walk}
    last = np.where(rng.random(n) < rng.uniform(0, 0.35), rng.integers(1, 3, n), 3)
    gone = np.arange(3)[None, :] >= last[:, None]
    for table in values.values():
        table[gone | (rng.random((n, 3)) < rng.uniform(0, 0.1))] = NAN
    return values


@pytest.mark.parametrize("check", [zeros_for_missing, unit_of_some], ids=lambda one: one.__name__)
@pytest.mark.parametrize("trials", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_honest_trials_are_hardly_ever_asked_about(check, trials):
    rng = np.random.default_rng(7 + trials)
    crying = 0
    for _ in range(trials):
        values = honest(rng, int(rng.integers(16, 160)))
        crying += bool(asked(check, view_of([PAIN, DAYS, WALK], values)))
    assert crying <= 0.01 * trials


@pytest.mark.parametrize("value", [0.0, 28.0, 99.0], ids=["zero", "end", "code"])
def test_a_value_at_people_without_other_outcomes_is_asked_about(value):
    rng = np.random.default_rng(3)
    found = 0
    for _ in range(40):
        values = honest(rng, 60)
        days = {**DAYS, "high": 100}
        gone = rng.random(60) < 0.2
        for name in ("pain", "walk"):
            values[name][gone, 2] = NAN
        values["days"] = np.where(values["days"] == value, value + 1, values["days"])
        values["days"][gone, 2] = value
        said = asked(zeros_for_missing, view_of([PAIN, days, WALK], values))
        assert all("days at W8" in one for one in said)
        found += any(f'days_W8 = ["{value:g}"]' in one for one in said)
    assert found >= 36


def test_zeros_in_every_outcome_at_people_who_left_are_asked_about():
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(40):
        own = rng.normal(size=80)
        pain = np.clip(60 + 10 * own[:, None] + rng.normal(0, 8, (80, 3)), 15, 100).round()
        walk = 400 + 80 * own[:, None] + rng.normal(0, 30, (80, 3))
        gone = rng.random(80) < 0.25
        pain[gone, 1:], walk[gone, 1:] = 0, 0
        said = asked(zeros_for_missing, view_of([PAIN, WALK], {"pain": pain, "walk": walk}))
        found += {one.split(":")[0] for one in said} == {
            "pain at W4", "pain at W8", "walk at W4", "walk at W8"
        }  # fmt: skip
    assert found >= 36


def test_a_heap_at_zero_is_no_question_where_another_outcome_was_measured():
    rng = np.random.default_rng(6)
    values = {
        "days": np.column_stack([rng.integers(8, 28, 80)] * 3).astype(float),
        "walk": rng.normal(400, 50, (80, 3)),
    }
    values["days"][rng.random(80) < 0.3, 1:] = 0
    assert asked(zeros_for_missing, view_of([DAYS, WALK], values)) == []
    alone = asked(zeros_for_missing, view_of([DAYS], {"days": values["days"]}))
    assert len(alone) == 2 and "0 is heaped up" in alone[0]
    confirmed = {**DAYS, "confirmed": ["zeros"]}
    assert asked(zeros_for_missing, view_of([confirmed], {"days": values["days"]})) == []


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("times", [0.1, 10.0])
def test_a_visit_in_another_unit_is_asked_about(place, times):
    rng = np.random.default_rng(8)
    found = 0
    for _ in range(20):
        own = rng.normal(size=40)
        values = 55 - np.array([0, 8, 15]) + 12 * own[:, None] + rng.normal(0, 8, (40, 3))
        values = np.clip(values, 12, 95).round()
        values[:, place] *= times
        outcome = PAIN if times < 1 else {**PAIN, "high": 1000}
        said = asked(unit_of_some, view_of([outcome], {"pain": values}))
        found += len(said) == 1 and VISITS[place] in said[0] and "unit" in said[0]
        confirmed = {**outcome, "confirmed": ["unit"]}
        assert asked(unit_of_some, view_of([confirmed], {"pain": values})) == []
    assert found >= 19


def test_a_factor_that_everybody_changes_by_is_a_unit():
    rng = np.random.default_rng(9)
    kilos = rng.normal(80, 12, 30)[:, None] * rng.normal(1, 0.02, (30, 3))
    kilos[:, 2] /= 0.45359237
    weight = {"name": "weight", "low": 0, "better": "lower", "unit": "kg"}
    (said,) = asked(unit_of_some, view_of([weight], {"weight": kilos}))
    assert 'W8 = "lb"' in said


def test_a_rater_with_another_unit_is_asked_about_and_one_with_other_patients_is_not():
    rng = np.random.default_rng(10)
    rater = pd.Categorical(rng.choice(["Ada", "Bo", "Cy"], 60))
    pain = np.clip(rng.normal(55, 15, (60, 3)), 11, 100).round()
    severe = np.where((rater == "Bo")[:, None], np.clip(pain * 0.5, 1, 100), pain)
    assert asked(unit_of_some, view_of([PAIN], {"pain": severe}, covariates={"rater": rater})) == []
    pain[rater == "Bo"] /= 10
    (said,) = asked(unit_of_some, view_of([PAIN], {"pain": pain}, covariates={"rater": rater}))
    assert "where rater is Bo" in said and "cm for mm" in said


@pytest.mark.parametrize("first", [0, 9, 33])
def test_a_block_of_rows_in_another_unit_is_asked_about_with_its_lines(first):
    rng = np.random.default_rng(11)
    found = 0
    for _ in range(20):
        pain = np.clip(rng.normal(55, 15, (44, 3)), 11, 100).round()
        pain[first : first + 11] /= 10
        said = asked(unit_of_some, view_of([PAIN], {"pain": pain}))
        found += len(said) == 1 and f"lines {first + 2} to {first + 12}" in said[0]
    assert found == 20


def test_rows_in_the_order_of_their_values_are_no_block():
    rng = np.random.default_rng(12)
    for high in (100, 400):
        values = np.sort(rng.gamma(1.2, 18, (60, 3)), axis=0).clip(0, high)
        assert asked(unit_of_some, view_of([{**PAIN, "high": high}], {"pain": values})) == []


def test_cells_shown_as_percent_beside_others_are_asked_about():
    rng = np.random.default_rng(13)
    values = rng.uniform(20, 90, (30, 3))
    values[:, 1] /= 100
    outcome = {"name": "function", "low": 0, "high": 100, "better": "higher"}
    formats = {("s.csv", "function_W4"): {"percent": tuple(range(2, 32))}}
    view = view_of([outcome], {"function": values}, formats=formats)
    (said,) = asked(percent_cells, view)
    assert "function at W4" in said and 'W4 = "fraction"' in said
    assert asked(unit_of_some, view) == []  # one cause, one question
    for more in ({"confirmed": ["percent"]}, {"unit": "%", "units": {"W4": "fraction"}}):
        again = view_of([{**outcome, **more}], {"function": values}, formats=formats)
        assert asked(percent_cells, again) == []


TOML = """\
[trial]
id = "t"
title = "t"
[arms]
reference = "forward"
labels = { B = "backward", F = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W4", "W8"]
[[data]]
file = "scores.KIND"
layout = "long"
participant = "id"
arm = "arm"
visit = "visit"
[[outcome]]
name = "pain"
low = 0
high = 100
unit = "mm"
better = "lower"
column = "pain"
[[outcome]]
name = "walk"
low = 0
unit = "m"
better = "higher"
column = "walk"
"""


@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav", "dta"])
def test_long_files_of_every_format_are_asked_about(tmp_path, kind):
    rng = np.random.default_rng(14)
    rows: list[list[object]] = [["id", "arm", "visit", "pain", "walk"]]
    gone = set(range(0, 40, 5))
    for k in range(40):
        for place, visit in enumerate(VISITS):
            pain = float(rng.integers(30, 90))
            walk = None if place == 2 and k in gone else float(rng.integers(300, 500))
            pain = 0.0 if walk is None else pain
            unit = 10 if 12 <= k < 20 else 1  # a block of people
            rows.append([f"P{k:02d}", "BF"[k % 2], visit, pain / unit, walk])
    if kind in ("sav", "dta"):
        frame = pd.DataFrame(rows[1:], columns=rows[0]).astype({"pain": float, "walk": float})
        getattr(pyreadstat, f"write_{kind}")(frame, tmp_path / f"scores.{kind}")
    else:
        write(tmp_path, kind, rows)
    (tmp_path / "trial.toml").write_text(TOML.replace("KIND", kind))
    faults, log = check_trial(tmp_path)
    assert not faults, faults
    said = log.loc[log["level"] == "question", "action"].tolist()
    assert any("pain at W8: 0 stands" in one and "missing" in one for one in said), said
    assert any("values in lines 38 to 60" in one for one in said), said  # W8 has zeros
