"""A trial file held against its lock: differences, their reasons, and the estimates they touch."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.analyses.planned import with_plan
from backwalk_stats.cli.app import run
from backwalk_stats.plan.lock import lock_plan
from backwalk_stats.trial import tables
from tests.bad_inputs.trials import log_of, the_fault, write_trial

COVARIATES = 'covariates = ["baseline", "age"]'
ANCOVA = f'{COVARIATES}\nanalysis = "ancova"\nsensitivity = ["rank-based"]'
FIRST = '[[estimand]]\nid = "E1"\n'


def locked(folder: Path, *changes: tuple[str, str], more: str = "", day=date(2026, 5, 1)) -> Path:
    """Return a trial whose plan was locked, with what was changed after that."""
    toml = (("[[estimand]]\n", FIRST), (COVARIATES, ANCOVA))
    path = write_trial(folder, toml=toml)
    lock_plan(path, data_seen="blinded", day=day)
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text + more, encoding="utf-8")
    return path


def deviation(key: str, when: str = "2026-05-02", before: str = "") -> str:
    said = f"before_unblinding = {before}\n" if before else ""
    return f'\n[[deviation]]\nkey = "{key}"\nwhen = {when}\nreason = "Why."\n{said}'


LEVEL = (ANCOVA, f"{ANCOVA}\nlevel = 0.9")
OPENED = ("seed = 20261122", "seed = 20261122\nunblinded = 2026-06-01")


def marks(path: Path) -> dict[tuple[str, str], str]:
    """Return how the estimates of each estimand and analysis stand to the plan."""
    rows = bw.analyse(path).results
    found = rows.groupby(["estimand", "analysis"])["planned"].unique()
    return {(str(key[0]), str(key[1])): "/".join(sorted(own)) for key, own in found.items()}  # type: ignore[index]


def test_without_a_lock_nothing_is_marked_and_one_sentence_says_it(tmp_path):
    analysed = bw.analyse(write_trial(tmp_path))
    assert tuple(analysed.results.columns) == tables.RESULTS
    assert set(analysed.results["planned"]) == {""}
    assert analysed.trial.plan is not None and analysed.trial.plan.locks == ()


def test_what_is_as_locked_is_planned(tmp_path):
    path = locked(tmp_path)
    assert set(marks(path).values()) == {"planned"}
    plan = bw.load_trial(path).plan
    assert plan is not None and plan.differences == () and not plan.late


def test_a_difference_marks_the_estimates_that_hang_on_it_and_no_others(tmp_path):
    second = '\n[[estimand]]\nid = "E2"\noutcome = "womac_function"\nvisit = "W3"\n'
    path = locked(tmp_path, LEVEL, more=second)
    found = marks(path)
    assert found["E1", "ancova"] == found["E1", "rank-based"] == "changed"
    assert found["E2", "mmrm"] == "post hoc"
    assert found["", "within-arm"] == "planned"
    plan = bw.load_trial(path).plan
    assert plan is not None
    assert [one.key for one in plan.differences] == ["estimand.E1.level", "estimand.E2"]
    assert [(one.planned, one.done) for one in plan.differences] == [
        ("0.95", "0.9"),
        ("not in the plan", "mmrm of womac_function at W3"),
    ]


def test_an_analysis_that_the_plan_does_not_have_is_post_hoc(tmp_path):
    added = ('sensitivity = ["rank-based"]', 'sensitivity = ["rank-based", "change-score"]')
    found = marks(locked(tmp_path, added, more=deviation("estimand.E1.sensitivity", before="true")))
    assert found["E1", "change-score"] == "post hoc"
    assert found["E1", "ancova"] == found["E1", "rank-based"] == "planned"


@pytest.mark.parametrize(
    ("when", "before", "opened", "timing", "mark"),
    [
        ("2026-05-02", "", False, None, "changed"),
        ("2026-05-02", "true", False, True, "changed"),
        ("2026-05-02", "false", False, False, "post hoc"),
        ("2026-05-02", "", True, True, "changed"),
        ("2026-06-02", "", True, False, "post hoc"),
        ("2026-06-02", "true", True, False, "post hoc"),
        ("2026-06-01", "", True, None, "changed"),
        ("2026-06-01", "true", True, True, "changed"),
    ],
)
def test_what_is_dated_after_unblinding_is_post_hoc_whatever_is_said(
    tmp_path, when, before, opened, timing, mark
):
    changes = (LEVEL, OPENED) if opened else (LEVEL,)
    path = locked(tmp_path, *changes, more=deviation("estimand.E1.level", when, before))
    trial = bw.load_trial(path)
    assert trial.plan is not None
    (one,) = trial.plan.differences
    assert (one.reason, str(one.when), one.before_unblinding) == ("Why.", when, timing)
    row = {"estimand": "E1", "analysis": "ancova", "outcome": "knee_pain", "role": "primary"}
    frame = bw.analyse(path).results if mark == "post hoc" and before == "true" else None
    assert frame is None or set(frame.loc[frame["analysis"] == "ancova", "planned"]) == {mark}
    asked = {each.id: each for each in trial.estimands}
    assert with_plan(trial.plan, pd.DataFrame([row]), asked)["planned"].tolist() == [mark]


def test_a_plan_locked_after_unblinding_makes_nothing_planned(tmp_path):
    opened = ("seed = 20261122", "seed = 20261122\nunblinded = 2026-04-01")
    assert set(marks(locked(tmp_path, opened)).values()) == {"post hoc"}


def test_an_amendment_after_unblinding_changes_no_plan(tmp_path):
    path = locked(tmp_path, LEVEL, OPENED)
    lock_plan(path, data_seen="all", amend=True, reason="as we like it", day=date(2026, 7, 1))
    plan = bw.load_trial(path).plan
    assert plan is not None and plan.held is not None
    assert plan.held.locked == date(2026, 5, 1)
    assert [one.key for one in plan.differences] == ["estimand.E1.level"]
    text = path.read_text(encoding="utf-8").replace("unblinded = 2026-06-01", "")
    path.write_text(text, encoding="utf-8")
    plan = bw.load_trial(path).plan
    assert plan is not None and plan.differences == () and len(plan.locks) == 2


# What is said of a key that is not there, or that does not differ.


def test_a_deviation_of_no_key_is_a_fault_with_its_line(tmp_path):
    path = locked(tmp_path, LEVEL, more=deviation("estimand.E1.levle"))
    fault = the_fault(path)
    assert path.read_text(encoding="utf-8").splitlines()[(fault.row or 0) - 1].startswith("key =")
    assert "'estimand.E1.levle'" in fault.found
    assert fault.action == "Did you mean 'estimand.E1.level'?"


def test_a_difference_is_explained_once(tmp_path):
    path = locked(tmp_path, LEVEL, more=2 * deviation("estimand.E1.level"))
    assert "once" in the_fault(path).expected


@pytest.mark.parametrize("lock", [True, False], ids=["locked", "not locked"])
def test_what_does_not_differ_is_not_explained_twice_either(tmp_path, lock):
    path = locked(tmp_path, more=2 * deviation("estimand.E1.level"))
    if not lock:
        (tmp_path / "plan.lock.json").unlink()
    assert "once" in the_fault(path).expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ('\n[[deviation]]\nkey = "a"\nreason = "b"\n', "this key"),
        (deviation("estimand.E1.level", '"soon"'), "a date such as 2026-11-30"),
        (deviation("estimand.E1.level", before='"yes"'), "true or false"),
    ],
)
def test_a_deviation_that_is_not_whole_is_a_fault(tmp_path, more, expected):
    assert expected in the_fault(locked(tmp_path, LEVEL, more=more)).expected


def test_a_deviation_that_explains_nothing_is_noted(tmp_path):
    path = locked(tmp_path, more=deviation("estimand.E1.level"))
    ((column, action, _),) = log_of(path, "note")
    assert "does not differ" in action and "deviation" in column
    (tmp_path / "plan.lock.json").unlink()
    ((_, action, _),) = log_of(path, "note")
    assert "no plan was locked" in action


def test_a_lock_changed_by_hand_holds_nothing(tmp_path):
    path = locked(tmp_path, LEVEL)
    lock = tmp_path / "plan.lock.json"
    said = json.loads(lock.read_text(encoding="utf-8"))
    said["plan"]["estimand.E1.level"] = 0.9
    lock.write_text(json.dumps(said), encoding="utf-8")
    analysed = bw.analyse(path)
    assert analysed.trial.plan is not None and analysed.trial.plan.edited
    assert set(analysed.results["planned"]) == {""}


def test_labels_that_may_name_places_are_told_by_their_number(tmp_path):
    site = 'covariates = { age = "age", sex = "sex", site = { column = "site", labels = {%s} } }'
    one, other = site % 'A = "North"', site % 'A = "North", B = "South"'
    path = write_trial(tmp_path, toml=[('covariates = ["age", "sex", "site"]', one)])
    lock_plan(path, data_seen="all")
    path.write_text(path.read_text(encoding="utf-8").replace(one, other), encoding="utf-8")
    plan = bw.load_trial(path).plan
    assert plan is not None
    (found,) = plan.differences
    assert (found.planned, found.done) == ("labels = 1 of them", "labels = 2 of them")


# The report.


def test_a_report_says_what_differs_in_a_table_and_beside_the_estimate(tmp_path):
    more = '\n[[estimand]]\nid = "E9"\noutcome = "womac_function"\nanalysis = "ancova"\n'
    path = locked(tmp_path, LEVEL, more=more + deviation("estimand.E1.level", before="true"))
    out = tmp_path / "out"
    assert run(["analyse", str(path), "--out", str(out), "--only", "html", "-q"]) == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    plan = json.loads((tmp_path / "plan.lock.json").read_text(encoding="utf-8"))
    assert "Two entries differ from the plan of 1 May 2026" in page and plan["hash"] in page
    assert "Changed from the plan: level." in page and "Post hoc: not in the locked plan." in page
    rows = (out / "tables" / "plan_differences.csv").read_text(encoding="utf-8").splitlines()
    assert rows[1].startswith("estimand.E1.level,0.95,0.9,2 May 2026,Why.,yes,E1")
    assert "not explained" in rows[2]
    for name, mark in (("estimand_own", "post hoc"), ("responders_1_shares", "changed")):
        assert mark in (out / "tables" / f"{name}.csv").read_text(encoding="utf-8"), name
    kept = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert {one["planned"] for one in kept} == {"planned", "changed", "post hoc"}
    stamp = json.loads((out / "provenance.json").read_text(encoding="utf-8"))
    assert "plan.lock.json" in stamp["inputs"]
