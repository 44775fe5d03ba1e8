"""The canonical form of a plan: every key of the schemas is declared, and does what is declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from backwalk_stats.loaders.motion.motion_file_schema import MotionTables
from backwalk_stats.loaders.plan_lock.canonical import (
    DECLARED,
    PlannedTrial,
    canonical,
    decides,
    plan_hash,
    power_hash,
)
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.trial_file import read_trial_file
from tests.bad_inputs.trials import TOML
from tests.plan.plans import SMALL, planned

# A table of every kind, with another motion file; no file of data is there.
RICH = """\
[trial]
id = "rich"
title = "A trial with every table"
seed = 3
registration = "none"
deviations = ["one"]
unblinded = 2026-11-30
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
names = { backward = "Backward walking" }
[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]
windows = { W6 = [35, 50] }
labels = { W6 = "Week six" }
[[data]]
file = "scores.csv"
participant = "id"
arm = "group"
date = { W6 = "day" }
covariates = { age = { column = "Age", kind = "number", unit = "years", confirmed = ["bounds"] } }
missing_codes = { "999" = "not done" }
missing_codes_where_empty = { w6 = { codes = ["0"], empty = ["f6"] } }
[[outcome]]
name = "pain"
label = "Pain"
low = 0
high = 10
step = 1
role = "primary"
columns = { W0 = "w0", W3 = "w3", W6 = "w6" }
[[outcome.threshold]]
name = "mcid-own"
kind = "mcid"
value = 2
population = "anybody"
source = "Somebody 2001"
[[outcome]]
name = "stiffness"
better = "lower"
columns = { W0 = "s0", W6 = "s6" }
[[estimand]]
outcome = "pain"
analysis = "ancova"
events = { surgery = "composite", rescue = "while-on-treatment" }
composite = 10
sensitivity = ["rank-based", "change-score"]
subgroups = ["age"]
[[estimand]]
outcome = "stiffness"
intercurrent = "treatment-policy"
[multiplicity]
method = "fixed-sequence"
[sets]
per_protocol = "pp"
[flow]
assessed = 90
[[events]]
file = "events.csv"
participant = "id"
kind = "kind"
visit = "from"
[adherence]
file = "sessions.csv"
participant = "id"
columns = ["s1", "s2"]
[harms]
file = "harms.csv"
participant = "id"
term = "what"
asked = "both"
definition = "Anything."
[intervention.backward]
name = "Backward walking"
[methods]
background = "Knees hurt."
[motion]
file = "motion.toml"
[labels]
age = "Age in years"
[report]
small_cell = 4
[[deviation]]
key = "trial.seed"
when = 2026-11-30
reason = "Why."
[[decision]]
key = "sets.per_protocol"
what = "Who was late once stays in the set."
when = 2026-11-29
reason = "Every session was attended."
[plan]
replicates = 1000
target_power = 0.8
rationale = "What a trial in knees found."
[[plan.scenario]]
name = "expected"
outcome = "pain"
per_arm = [20, 40]
means = { forward = [6, 5, 4], backward = [6, 4, 3] }
sd = [2, 2, 2]
correlation = 0.5
dropout = { forward = [0, 0.1, 0.2], backward = [0, 0.1, 0.2] }
dropout_mechanism = { mar = 0.3 }
round = true
clusters = { name = "th", size = 5, icc = 0.05 }
covariates = { age = { mean = 60, sd = 8, correlation = 0.1 } }
rationale = "The smallest difference that matters."
"""
MOTION: dict[str, Any] = {
    "motion": {"id": "m"},
    "arms": {"reference": "forward", "names": {"backward": "Backward"}},
    "visits": {"baseline": "W0", "order": ["W0", "W6"]},
    "format": [{"name": "own"}],
    "markers": {},
    "segments": {"pelvis": {"sensor": "a"}},
    "signals": {"bend": {"label": "LumbarBend"}},
    "joint": [{"name": "lumbar", "proximal": "pelvis", "distal": "trunk"}],
    "coupling": [{"name": "own", "proximal": "a", "distal": "b"}],
    "recording": [{"file": "p1.csv", "participant": "1", "arm": "forward", "visit": "W0",
                   "direction": "forward"}],
    "repositioning": {"file": "r.csv", "participant": "id", "arm": "arm", "visit": "visit",
                      "target": 30.0, "trials": ["t1", "t2"]},
    "curve_test": [{"test": "two-sample", "signal": "bend"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> PlannedTrial:
    path = tmp_path_factory.mktemp("rich") / "trial.toml"
    path.write_text(RICH, encoding="utf-8")
    file = read_trial_file(path, data=False)
    assert not file.faults, "\n".join(map(str, file.faults))
    # Tables that go together with no others stand beside them all the same: no data are read.
    tables = file.tables.model_copy(update={"clusters": {"therapist": "th"}})
    motion = MotionTables.model_validate(MOTION)
    return PlannedTrial(tables=tables, measured=file.measured, motion=motion)


def classes(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        yield from _inside(field.annotation)


def _inside(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from classes(annotation)
    for part in get_args(annotation):
        yield from _inside(part)


SCHEMA = dict.fromkeys([*classes(TrialTables), *classes(MotionTables)])
KEYS = [(kind.__name__, key) for kind in SCHEMA for key in kind.model_fields]


@pytest.mark.parametrize("kind", SCHEMA, ids=lambda kind: kind.__name__)
def test_every_key_is_declared_once(kind: type[BaseModel]) -> None:
    first, second = (names.split() for names in DECLARED[kind.__name__])
    assert sorted([*first, *second]) == sorted(kind.model_fields)


def test_nothing_is_declared_that_is_not_there() -> None:
    assert set(DECLARED) == {kind.__name__ for kind in SCHEMA}


def instances(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from instances(getattr(value, name))
    for one in value.values() if isinstance(value, dict) else ():
        yield from instances(one)
    for one in value if isinstance(value, list) else ():
        yield from instances(one)


def swapped(value: Any, old: BaseModel, new: BaseModel) -> Any:
    """Return a tree of tables with one of them in the place of another."""
    if value is old:
        return new
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        return value.model_copy(
            update={name: swapped(getattr(value, name), old, new) for name in names}
        )
    if isinstance(value, dict):
        return {name: swapped(one, old, new) for name, one in value.items()}
    return [swapped(one, old, new) for one in value] if isinstance(value, list) else value


def other(value: Any, *, adding: bool) -> Any:
    """Return another value of the kind; a table of names gets one more, or another text."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, date):
        return date(2026, 1, 2)
    if isinstance(value, str):
        return f"{value}x"
    if isinstance(value, list):
        return [other(value[0], adding=adding), *value[1:]] if value else ["x"]
    if isinstance(value, dict):
        if adding or not value:
            return {**value, "x": next(iter(value.values()), "x")}
        name, one = next(iter(value.items()))
        return {**value, name: other(one, adding=adding)}
    return "x"


RECORD = ("instrument", "version", "subscale", "role", "unit", "better", "low", "high", "step",
          "kind", "exposure")  # fmt: skip


def with_outcome(trial: PlannedTrial, key: str, *, threshold: bool) -> PlannedTrial:
    """Return a plan whose first outcome, as its instrument yields it, has another value."""
    one = trial.measured[0]
    if threshold or key in ("threshold", "thresholds"):
        first = one.outcome.thresholds[0]
        changed = replace(first, **{key: other(getattr(first, key), adding=True)}) if threshold \
            else replace(first, value=first.value + 1)  # fmt: skip
        outcome = replace(one.outcome, thresholds=(changed,))
    else:
        value = getattr(one.outcome, key)
        outcome = replace(one.outcome, **{key: other(value, adding=True)})
    return replace(trial, measured=(replace(one, outcome=outcome), *trial.measured[1:]))


def changed(trial: PlannedTrial, kind: str, key: str) -> PlannedTrial | None:
    """Return the plan with another value of a key; None where it holds tables with keys of their
    own, which are changed one by one."""
    if kind == "ThresholdTable" or (kind == "OutcomeTable" and key in (*RECORD, "thresholds")):
        return with_outcome(trial, key, threshold=kind == "ThresholdTable")
    roots = (trial.tables, trial.motion)
    table = next(one for root in roots for one in instances(root) if type(one).__name__ == kind)
    value = getattr(table, key)
    if any(True for _ in instances(value)) or (kind == "MotionTables" and key == "markers"):
        return None
    new = other(value, adding=decides(kind, key))
    if (kind, key) == ("EstimandTable", "contrast"):
        new = ["forward", "backward"]
    if (kind, key) == ("EstimandTable", "outcome"):
        new = "stiffness"
    if (kind, key) == ("EstimandTable", "intercurrent"):
        new = "hypothetical"
    if (kind, key) == ("EstimandTable", "events"):
        new = {**value, "surgery": "hypothetical"}
    if (kind, key) == ("OutcomeTable", "name"):
        first = trial.measured[0]
        renamed = replace(first, outcome=replace(first.outcome, name="painx"))
        tables = swapped(trial.tables, trial.tables.estimand[0], trial.tables.estimand[0]
                         .model_copy(update={"outcome": "painx", "visit": "W6"}))  # fmt: skip
        return replace(trial, tables=tables, measured=(renamed, *trial.measured[1:]))
    copy = table.model_copy(update={key: new})
    measured = tuple(replace(one, table=swapped(one.table, table, copy)) for one in trial.measured)
    return PlannedTrial(
        tables=swapped(trial.tables, table, copy),
        measured=measured,
        motion=swapped(trial.motion, table, copy),
    )


@pytest.mark.parametrize(("kind", "key"), KEYS, ids=[".".join(one) for one in KEYS])
def test_a_key_that_decides_changes_the_hash_and_another_does_not(
    rich: PlannedTrial, kind: str, key: str
) -> None:
    one = changed(rich, kind, key)
    if one is None:
        nested = DECLARED[kind][0 if decides(kind, key) else 1].split()
        assert key in nested  # its tables are looked at by themselves
        return
    same = plan_hash(canonical(one)) == plan_hash(canonical(rich))
    assert same != decides(kind, key)


# Trial files that say the same, and some that do not.


def hash_of(tmp_path: Any, *changes: tuple[str, str], add: str = "") -> str:
    text = TOML
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "trial.toml"
    path.write_text(text + add, encoding="utf-8")
    file = read_trial_file(path, data=False)
    assert not file.faults, "\n".join(map(str, file.faults))
    return plan_hash(canonical(PlannedTrial.of(file)))


COVARIATES = 'covariates = ["baseline", "age"]'
SAME = [
    ((COVARIATES, f"{COVARIATES}\nlevel = 0.95"), "a default written out"),
    ((COVARIATES, f"{COVARIATES}\nlevel = 0.950"), "another spelling of a number"),
    ((COVARIATES, 'covariates = ["age", "baseline"]'), "another order of a set"),
    ((COVARIATES, f'{COVARIATES}\nanalysis = "mmrm"\ncovariance = "us"'), "the default model"),
    (('visit = "W6"\ncontrast', "contrast"), "the last visit left out"),
    (('contrast = ["backward", "forward"]\n', ""), "the only contrast left out"),
    (("[[estimand]]\n", '[[estimand]]\nid = "E1"\n'), "the id by place"),
    (("[[estimand]]\n", "# a comment\n[[estimand]]\n\n"), "comments and blank lines"),
    (('layout = "wide"\nparticipant = "id"', 'participant = "id"\nlayout = "wide"'), "order"),
    (("seed = 20261122", 'seed = 20261122\nregistration = "NCT0, 2026"'), "prose"),
    (('title = "Backward', 'title = "Backward,'), "a comma of prose"),
    (('FW = "forward"', 'FW = "forward"\n[arms.names]\nforward = "Forward"'), "names for readers"),
    (('"NA", "999"]', '"999", "NA"]'), "order of codes"),
    (('layout = "wide"\n', 'layout = "wide"\nseparator = ","\n'), "the separator of the ending"),
    (('"", "NA", "999"]', '"NA", "999"]'), "the empty cell, which is always missing"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "what"), SAME, ids=[what for _, what in SAME])
def test_what_says_the_same_has_the_same_hash(tmp_path: Any, change: Any, what: str) -> None:
    assert hash_of(tmp_path, change) == hash_of(tmp_path)


def test_covariates_left_out_are_the_baseline(tmp_path: Any) -> None:
    written = hash_of(tmp_path, (COVARIATES, 'covariates = ["baseline"]'))
    left_out = hash_of(tmp_path, (f"{COVARIATES}\n", ""))
    none = hash_of(tmp_path, (COVARIATES, "covariates = []"))
    assert written == left_out != none


def test_another_order_of_tables_with_names_is_the_same(tmp_path: Any) -> None:
    second = '[[estimand]]\nid = "B"\noutcome = "womac_function"\n'
    first = '[[estimand]]\nid = "A"\noutcome = "knee_pain"\n'
    cut = (TOML[TOML.index("[[estimand]]") :], "")
    assert hash_of(tmp_path, cut, add=first + second) == hash_of(tmp_path, cut, add=second + first)


def test_power_hangs_on_the_scenario_and_not_on_where_data_will_stand(rich: PlannedTrial) -> None:
    plan = canonical(rich)
    moved = {**plan, "data.1.file": "other.csv", "outcome.pain.columns": {"W0": ["x"]}}
    assert power_hash(moved) == power_hash(plan) and plan_hash(moved) != plan_hash(plan)
    for key in ("trial.seed", "estimand.E1.level", "visits.weeks", "outcome.pain.high",
                "multiplicity.method", "clusters.practice", "data.1.within"):  # fmt: skip
        assert power_hash({**plan, key: 77}) != power_hash(plan), key
    alone = {key: value for key, value in plan.items() if key != "clusters.therapist"}
    assert power_hash(alone) != power_hash(plan)
    assert power_hash({**plan, "clusters.therapist": "another column"}) == power_hash(plan)


ONE_OUTCOME = SMALL.replace(
    SMALL[SMALL.index('[[outcome]]\nname = "function"') : SMALL.index("[[estimand]]")], ""
)
SHARES = "dropout = { forward = [0, 0.05, 0.15], backward = [0, 0.1, 0.2] }\n"
LEAVE = f"{SHARES}dropout_mechanism = {{ mar = 0.2 }}\n"
NOBODY = "dropout = { forward = [0, 0.0, 0], backward = [0, 0, 0] }\n"
SAME_SCENARIO = [
    ([('outcome = "pain"\nmeans', "means")], [], "the only outcome left out"),
    ([("[13, 20]", "[20, 13]")], [], "another order of sizes"),
    ([("[13, 20]", "13")], [("[13, 20]", "[13]")], "one size without brackets"),
    ([(LEAVE, NOBODY)], [(LEAVE, "")], "shares of nobody"),
    ([(SHARES, "")], [(LEAVE, "")], "a mechanism, and nobody leaves"),
    ([(LEAVE, f'{NOBODY}dropout_mechanism = "mcar"\n')], [(LEAVE, "")], "both of nobody"),
]


@pytest.mark.parametrize(("one", "other"), [each[:2] for each in SAME_SCENARIO],
                         ids=[each[2] for each in SAME_SCENARIO])  # fmt: skip
def test_scenarios_that_say_the_same_have_the_same_hash(
    tmp_path: Any, one: Any, other: Any
) -> None:
    def plan_of(*changes: tuple[str, str]) -> dict[str, Any]:
        path = planned(tmp_path, *changes, text=ONE_OUTCOME)
        return canonical(PlannedTrial.of(read_trial_file(path, data=False)))

    assert plan_of(*one) == plan_of(*other)
    assert power_hash(plan_of(*one)) != power_hash(plan_of(("0.6", "0.7")))


def test_no_recording_of_a_person_is_in_a_plan(rich: PlannedTrial) -> None:
    assert not [key for key in canonical(rich) if "recording" in key.split(".")[1:2]]
    assert {field.name for field in fields(PlannedTrial)} == {"tables", "measured", "motion"}
