"""Each fault of a trial file names its key and line, the choices, and the nearest of them."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic import BaseModel

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial_file.schema import TrialTables
from backwalk_stats.loaders.trial_file.trial_file import read_trial_file
from tests.bad_inputs.trials import TOML, faults_of, the_fault, write_trial

ESTIMAND = 'visit = "W6"\ncontrast'
DATA = 'layout = "wide"'

# what stands there, what is written, key of the fault, part of what is expected, of the advice
CASES = [
    ("seed = 20261122", "sed = 1", "trial.sed", "a key", "Did you mean 'seed'?"),
    ("seed = 20261122", "seed = -1", "trial.seed", "0 or more", ""),
    ("seed = 20261122", 'design = "paralel"', "trial.design", "'crossover'", "'parallel'"),
    ('title = "Backward', 'titel = "Backward', "trial.title", "this key", "Add it"),
    ('reference = "forward"', 'reference = "foward"', "arms.reference", "backward", "'forward'"),
    ('FW = "forward"', 'FW = "Forward walking"', "arms.labels.FW", "a-z", ""),
    ('FW = "forward"', 'FW = "forward"\nbw = "forward"', "arms.labels.bw", "labels", ""),
    ('baseline = "W0"', 'baseline = "WO"', "visits.baseline", "W0, W3, W6", ""),
    ('baseline = "W0"', 'baseline = "W3"', "visits.order", "'W3' first", "order of time"),
    ('["W0", "W3", "W6"]', '["W0", "W3", "w0"]', "visits.order", "every visit once", ""),
    ("weeks = [0, 3, 6]", "weeks = [0, 3]", "visits.weeks", "3 weeks", ""),
    ("weeks = [0, 3, 6]", "weeks = [0, 6, 3]", "visits.weeks", "increase", ""),
    ("scores.csv", "score.csv", "data[0].file", "beside or below", "'scores.csv'"),
    (DATA, 'layout = "tall"', "data[0].layout", "'wide' or 'long'", ""),
    (DATA, 'layout = "long"', "data[0].visit", "column of the visit", ""),
    (DATA, DATA + '\nduplicates = "drop"', "data[0].duplicates", "'reject'", ""),
    (DATA, DATA + '\nsequence = "s"', "data[0].sequence", "crossover", ""),
    ('["age", "sex", "site"]', '["Age (y)"]', "data[0].covariates", "names", "covariates = {"),
    ('["age", "sex", "site"]', '["age", "value"]', "data[0].covariates", "another name", ""),
    ('"NA", "999"]', '"NA", 999]', "data[0].missing_codes", "quotation marks", ""),
    ('arm = "group"\n', "", "data", "a column of the arm", "arm ="),
    ('"nprs"', '"nrps"', "outcome[0].instrument", "nprs", ""),
    ('"likert-3.1"', '"likert"', "outcome[1].version", "likert-3.1", ""),
    ('"function"', '"funktion"', "outcome[1].subscale", "function", ""),
    ('role = "primary"', 'role = "primry"', "outcome[0].role", "'primary'", "'primary'"),
    ('role = "primary"', "high = 100", "outcome[0].high", "10", "Leave the key out"),
    ('role = "primary"', 'thresholds = ["mcid"]', "outcome[0].thresholds", "mcid-ostelo", ""),
    ('role = "primary"', 'column = "x"', "outcome[0]", "one of columns", ""),
    ('"womac_function"', '"knee_pain"', "outcome[1].name", "every outcome once", ""),
    ('name = "knee_pain"', 'name = "knee pain"', "outcome[0].name", "a name", ""),
    ("{ W0 =", "{ W1 =", "outcome[0].columns", "W0, W3, W6", ""),
    ('outcome = "knee_pain"', 'outcome = "kne"', "estimand[0].outcome", "knee_pain", ""),
    (ESTIMAND, 'visit = "W0"\ncontrast', "estimand[0].visit", "W3, W6", ""),
    ('["backward", "forward"]', '["backward", "fw"]', "estimand[0].contrast", "arms", ""),
    ('["backward", "forward"]', '["forward", "forward"]', "estimand[0].contrast", "two", ""),
    ('["backward", "forward"]', '["backward"]', "estimand[0].contrast", "at least 2", ""),
    ('"baseline", "age"', '"baseline", "aeg"', "estimand[0].covariates", "age", "'age'"),
    (ESTIMAND, f'analysis = "ancvoa"\n{ESTIMAND}', "estimand[0].analysis", "'mmrm'", "'ancova'"),
    (ESTIMAND, f'sensitivity = ["mmrm"]\n{ESTIMAND}', "estimand[0].sensitivity", "other", ""),
    (ESTIMAND, f'analysis = "crossover"\n{ESTIMAND}', "estimand[0].analysis", "another", ""),
    (ESTIMAND, f'population = "per-protocol"\n{ESTIMAND}', "sets.per_protocol", "column", ""),
    (ESTIMAND, f"level = 95\n{ESTIMAND}", "estimand[0].level", "below 1", ""),
    (ESTIMAND, f'subgroups = ["bmi"]\n{ESTIMAND}', "estimand[0].subgroups", "sex", ""),
    (ESTIMAND, f'covariance = "un"\n{ESTIMAND}', "estimand[0].covariance", "'us'", ""),
]  # fmt: skip
NAMES = [f"{key}-{number}" for number, (_, _, key, _, _) in enumerate(CASES)]


@pytest.mark.parametrize(("old", "new", "key", "expected", "advice"), CASES, ids=NAMES)
def test_a_wrong_key(tmp_path, old, new, key, expected, advice):
    path = write_trial(tmp_path, toml=[(old, new)])
    faults = [fault for fault in faults_of(path) if fault.column == key]
    (fault,) = [fault for fault in faults if expected in fault.expected]
    assert advice in fault.action
    assert fault.file == "trial.toml"
    if fault.row is not None:
        lines = path.read_text().splitlines()
        # Of a key that is missing, the line is that of its table.
        words = [part.split("[")[0] for part in key.split(".")]
        assert any(word in lines[fault.row - 1] for word in words)


MORE = [
    ('[multiplicity]\nmethod = "holm"\norder = ["E2"]', "multiplicity.order", "E1"),
    ('[multiplicity]\nmethod = "holm"\norder = ["E1+E1"]', "multiplicity.order", "gatekeeping"),
    ('[multiplicity]\nmethod = "bonferroni"', "multiplicity.method", "'holm'"),
    ("[flow]\nallocated = { foward = 20 }", "flow.allocated", "forward"),
    ("[flow]\nassessed = -1", "flow.assessed", "0 or more"),
    ("[flow]\nasessed = 1", "flow.asessed", "a key"),
    ('[adherence]\nfile = "scores.csv"\nparticipant = "id"', "adherence", "either columns"),
    ("[report]\nsmall_cell = -1", "report.small_cell", "0 or more"),
    ('[sets]\nper_protocol = "kept"', "sets.per_protocol", "a column of the data"),
    ('[[estimand]]\nid = "E1"\noutcome = "knee_pain"', "estimand[1].id", "every id once"),
    (
        '[[outcome]]\nname = "x"\nlow = 5\nhigh = 5\ncolumn = "x"',
        "outcome[2].high",
        "more than low",
    ),
    ('[[outcome]]\nname = "x"\nthresholds = ["m"]\ncolumn = "x"', "outcome[2].thresholds", "has"),
]


@pytest.mark.parametrize(("more", "key", "expected"), MORE, ids=[key for _, key, _ in MORE])
def test_a_wrong_key_of_the_tables_that_may_be_left_out(tmp_path, more, key, expected):
    faults = faults_of(write_trial(tmp_path, more=f"\n{more}\n"))
    assert any(expected in fault.expected for fault in faults if fault.column == key)


def test_faults_of_several_tables_and_of_the_data_are_told_at_once(tmp_path):
    path = write_trial(
        tmp_path,
        toml=[('"nprs"', '"nrps"'), ('"baseline", "age"', '"baseline", "aeg"')],
        cells=[(3, "womacf_w0", "69"), (4, "age", "-2")],
    )
    places = [(fault.file, fault.column) for fault in faults_of(path)]
    assert places == [
        ("trial.toml", "outcome[0].instrument"),
        ("trial.toml", "estimand[0].covariates"),
        ("scores.csv", "womacf_w0"),
        ("scores.csv", "age"),
    ]


def test_every_table_that_is_missing_is_named(tmp_path):
    path = tmp_path / "trial.toml"
    path.write_text("")
    actions = [fault.action for fault in faults_of(path)]
    tables = ["[trial]", "[arms]", "[visits]", "[[data]]", "[[outcome]]"]
    assert actions == [f"Add the table {table}" for table in tables]


@pytest.mark.parametrize("text", ["a = ", "x", '[trial]\nid = "a', "[[", "a = 1 2"])
def test_text_that_is_no_toml_is_refused_with_its_line(tmp_path, text):
    path = tmp_path / "trial.toml"
    path.write_text("# a trial\n" + text)
    fault = the_fault(path)
    assert fault.expected == "TOML"
    assert fault.row == 2 or "end of document" in fault.found


@pytest.mark.parametrize("name", ["trial.toml", "my_trial"])
def test_what_is_not_there_is_not_said_to_be_of_another_kind(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: expected a file, found no such file"):
        read_trial_file(tmp_path / name)


def test_what_is_left_out_is_filled_in(tmp_path):
    short = TOML.replace('visit = "W6"\ncontrast = ["backward", "forward"]\n', "")
    short = short.replace('covariates = ["baseline", "age"]\n', "").replace("seed = 20261122\n", "")
    path = write_trial(tmp_path)
    path.write_text(short.replace("weeks = [0, 3, 6]\n", ""))
    trial = load_trial(path)
    (estimand,) = trial.estimands
    assert (estimand.id, estimand.visit, estimand.role) == ("E1", "W6", "primary")
    assert estimand.contrast == ("backward", "forward")
    assert (estimand.covariates, estimand.analysis) == (("baseline",), "mmrm")
    assert [visit.label for visit in trial.study.visits] == ["Baseline", "W3", "W6"]
    assert trial.study.seed == 1
    assert trial.multiplicity == ("none", ())


def test_three_arms_need_a_contrast(tmp_path):
    third = [('FW = "forward"', 'FW = "forward"\nC = "control"')]
    load_trial(write_trial(tmp_path, toml=third))
    without = [*third, ('contrast = ["backward", "forward"]\n', "")]
    assert the_fault(write_trial(tmp_path, toml=without)).column == "estimand[0].contrast"


def test_an_outcome_and_a_threshold_of_ones_own(tmp_path):
    own = """name = "knee_pain"
label = "Worst pain"
low = 0
high = 10
step = 1
better = "lower"
unit = "points"
"""
    more = """
[[outcome.threshold]]
name = "mcid-pilot"
kind = "mcid"
value = 2
population = "our pilot trial"
source = "protocol, section 9"
"""
    path = write_trial(
        tmp_path,
        toml=[
            ('name = "knee_pain"\ninstrument = "nprs"\n', own),
            ('W6 = "nprs_w6" }\n', f'W6 = "nprs_w6" }}\n{more}'),
        ],
    )
    outcome = load_trial(path).outcome("knee_pain")
    assert (outcome.label, outcome.low, outcome.high, outcome.step) == ("Worst pain", 0, 10, 1)
    assert (outcome.thresholds[0].value, outcome.thresholds[0].unit) == (2, "points")


def test_a_trial_file_is_read_with_the_lines_of_its_keys(tmp_path):
    found = read_trial_file(write_trial(tmp_path))
    assert (
        found.lines["estimand[0].covariates"]
        == TOML.splitlines().index('covariates = ["baseline", "age"]') + 1
    )
    assert found.faults == ()
    with pytest.raises(InputError):
        read_trial_file(tmp_path / "other.toml")


def keys_of(model):
    for name, field in model.model_fields.items():
        yield name
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from keys_of(part)


def test_the_document_names_every_key(root):
    text = (root / "docs" / "trial_file.md").read_text(encoding="utf-8")
    keys = list(keys_of(TrialTables))
    assert {"missing_rule", "small_cell", "fallback"} <= set(keys)
    assert not [key for key in keys if f"`{key}`" not in text and f"[{key}]" not in text]
