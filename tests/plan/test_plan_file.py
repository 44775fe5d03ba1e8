"""What a trial file may assume before there are data, and what it is told where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

import backwalk_stats as bw
from backwalk_stats.loaders.trial_file.plan_schema import matrix_of
from tests.plan.plans import SMALL, planned

SCENARIO = SMALL.index("[[plan.scenario]]")


def line_of(text: str, key: str) -> int:
    """The line on which a key of the scenario stands."""
    start = text.index("[[plan.scenario]]")
    return text[: text.index(f"\n{key} =", start) + 1].count("\n") + 1


def test_everything_that_is_said_is_read(tmp_path):
    plan = bw.load_plan(planned(tmp_path))
    (one,) = plan.scenarios
    assert (one.name, one.outcome, one.per_arm) == ("expected", "pain", (13, 20))
    assert list(one.means) == ["forward", "backward"]
    assert one.means["backward"] == (6.0, 4.6, 3.6)
    assert one.dropout["backward"] == (0.0, 0.1, 0.2)
    assert (one.mar, one.rounded, one.clusters) == (0.2, True, None)
    assert (plan.replicates, plan.alpha, plan.targets) == (300, 0.05, (0.8, 0.85, 0.9))
    assert plan.estimands[0].visit == "W6" and plan.estimands[0].contrast[0] == "backward"


def test_a_folder_stands_for_its_trial_file(tmp_path):
    planned(tmp_path)
    assert repr(bw.load_plan(tmp_path)) == "<Plan of small: estimands E1, E2; scenarios expected>"


@pytest.mark.parametrize(
    ("old", "new", "key", "told"),
    [
        ("forward = [0, 0.05, 0.15]", "forward = [0, 0.15, 0.05]", "dropout", "0.15, then 0.05"),
        ("forward = [0, 0.05, 0.15]", "forward = [0.1, 0.15, 0.2]", "dropout", "0 first"),
        ("forward = [0, 0.05, 0.15]", "forward = [0, 0.05, 1.0]", "dropout", "below 1"),
        ("forward = [0, 0.05, 0.15]", "forward = [0, 0.05]", "dropout", "3 numbers"),
        ("forward = [0, 0.05, 0.15]", "fordward = [0, 0.05, 0.1]", "dropout", "'forward'?"),
        ("forward = [6, 5.2, 4.8]", "forward = [6, 5.2]", "means", "3 numbers"),
        ("forward = [6, 5.2, 4.8]", "forward = [6, 5.2, 11]", "means", "0 to 10"),
        ("forward = [6, 5.2, 4.8], ", "", "means", "none of forward"),
        ("sd = [1.8, 2.0, 2.1]", "sd = [1.8, 2.0]", "sd", "3 numbers"),
        ("sd = [1.8, 2.0, 2.1]", "sd = [1.8, 0, 2.1]", "sd", "above 0"),
        ("sd = [1.8, 2.0, 2.1]", "sd = [1.8, -2, 2.1]", "sd", "above 0"),
        ("sd = [1.8, 2.0, 2.1]", "sd = [1.8, nan, 2.1]", "sd", "number"),
        ("sd = [1.8, 2.0, 2.1]", "sd = [1.8, 1e200, 2.1]", "sd", "or less"),
        ("per_arm = [13, 20]", 'per_arm = "13"', "per_arm", "per_arm = [..., ...]"),
        ("correlation = 0.6", "correlation = -0.5", "correlation", "positive definite"),
        ("correlation = 0.6", "correlation = 1.0", "correlation", "below 1"),
        ("correlation = 0.6", 'correlation = "ar1:1.2"', "correlation", "below 1"),
        ("correlation = 0.6", 'correlation = "ar:0.7"', "correlation", '"ar1:0.7"'),
        ("correlation = 0.6", "correlation = [[1, 0.5], [0.5, 1]]", "correlation", "3 x 3"),
        (
            "correlation = 0.6",
            "correlation = [[1, 0.5, 0.3], [0.4, 1, 0.5], [0.3, 0.5, 1]]",
            "correlation",
            "symmetric",
        ),
        (
            "correlation = 0.6",
            "correlation = [[1, 0.9, 0.1], [0.9, 1, 0.9], [0.1, 0.9, 1]]",
            "correlation",
            "positive definite",
        ),
        (
            "correlation = 0.6",
            "correlation = [[1, 0.5, 0.3], [0.5, 2, 0.5], [0.3, 0.5, 1]]",
            "correlation",
            "1 on the diagonal",
        ),
        ("{ mar = 0.2 }", '"mnar"', "dropout_mechanism", '"mcar"'),
        ("{ mar = 0.2 }", "{ mar = true }", "dropout_mechanism", '"mcar"'),
        ("per_arm = [13, 20]", "per_arm = [1, 20]", "per_arm", "2 or more"),
        ("per_arm = [13, 20]", "per_arm = 12.5", "per_arm", "list"),
        ("per_arm = [13, 20]", "per_arm = [13, 13]", "per_arm", "once"),
        ('outcome = "pain"\nmeans', 'outcome = "pian"\nmeans', "outcome", "'pain'?"),
        ("round = true", "rond = true", "rond", "'round'?"),
        (
            "round = true",
            'round = true\nclusters = { name = "t", size = 90, icc = 0.1 }',
            "clusters",
            "size of an arm",
        ),
        (
            "round = true",
            'round = true\nclusters = { name = "t", size = 5, icc = 1.0 }',
            "clusters",
            "below 1",
        ),
    ],
)
def test_a_scenario_that_cannot_be_is_told_with_key_and_line(tmp_path, old, new, key, told):
    path = planned(tmp_path, (old, new))
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(path)
    faults = caught.value.faults
    assert len(faults) == 1, str(caught.value)
    assert told in str(faults[0])
    assert key in (faults[0].column or "")
    assert faults[0].row == line_of(path.read_text(), key)
    assert "scenario expected" in faults[0].place


@pytest.mark.parametrize(
    ("removed", "key"),
    [
        ("dropout_mechanism = { mar = 0.2 }\n", "dropout_mechanism"),
        ("round = true\n", "round"),
        ('outcome = "pain"\nmeans', "outcome"),
        ("sd = [1.8, 2.0, 2.1]\n", "sd"),
        ("correlation = 0.6\n", "correlation"),
        ('name = "expected"\n', "name"),
    ],
)
def test_what_decides_numbers_is_asked_for(tmp_path, removed, key):
    path = planned(tmp_path, (removed, "means" if removed.endswith("means") else ""))
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(path)
    (fault,) = caught.value.faults
    assert fault.column == f"plan.scenario[0].{key}" and "no such key" in fault.found


@pytest.mark.parametrize(
    ("column", "told"),
    [('["weight"]', "'age'"), ('{ age = { column = "a", kind = "category" } }', "a category")],
)
def test_covariates_are_numbers_of_the_trial(tmp_path, column, told):
    age = ("round = true", "round = true\ncovariates = { age = { mean = 60, sd = 8, "
           "correlation = 0.3 } }")  # fmt: skip
    path = planned(tmp_path, age, ('arm = "group"', f'arm = "group"\ncovariates = {column}'))
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(path)
    (fault,) = caught.value.faults
    assert told in fault.found and fault.column == "plan.scenario[0].covariates.age"


def test_without_drop_out_it_is_said_that_nobody_leaves(tmp_path):
    text = planned(tmp_path).read_text()
    kept = [line for line in text.splitlines() if not line.startswith("dropout")]
    (one,) = bw.load_plan(planned(tmp_path, text="\n".join(kept))).scenarios
    assert one.complete and "says nothing on drop-out" in one.assumptions[0]


def test_arms_that_differ_at_baseline_are_told_as_an_assumption(tmp_path):
    path = planned(tmp_path, ("backward = [6, 4.6, 3.6]", "backward = [5.5, 4.6, 3.6]"))
    (taken,) = bw.load_plan(path).scenarios[0].assumptions
    assert "differ at baseline" in taken


@pytest.mark.parametrize(
    ("old", "new"), [("[plan]", "[[plan]]"), ("[[plan.scenario]]", "[[drawn]]")]
)
def test_a_list_of_tables_that_is_none_is_told_with_its_line(tmp_path, old, new):
    path = planned(tmp_path, (old, new))
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(path)
    assert caught.value.faults[0].row == path.read_text().splitlines().index(new) + 1


@pytest.mark.parametrize(
    ("removed", "told"),
    [
        ("sd = [1.8, 2.0, 2.1]\n", "Add it: sd = ..."),
        ('name = "expected"\n', 'Add it: name = "..."'),
    ],
)
def test_what_to_add_has_quotation_marks_where_it_is_text(tmp_path, removed, told):
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(planned(tmp_path, (removed, "")))
    assert caught.value.faults[0].action == told


def test_every_fault_is_told_at_once(tmp_path):
    path = planned(
        tmp_path, ("sd = [1.8, 2.0, 2.1]", "sd = [1.8]"), ("correlation = 0.6", "correlation = 2")
    )
    with pytest.raises(bw.InputError) as caught:
        bw.load_plan(path)
    assert len(caught.value.faults) == 2


def test_two_scenarios_of_one_name_are_refused(tmp_path):
    path = planned(tmp_path, text=SMALL + SMALL[SCENARIO:])
    with pytest.raises(bw.InputError, match="every scenario once"):
        bw.load_plan(path)


def test_scores_of_a_crossover_and_of_events_are_not_drawn(tmp_path):
    kind = ('role = "primary"', 'role = "primary"\nkind = "binary"\nevent = "1"')
    path = planned(
        tmp_path, kind, ('instrument = "nprs"\n', ""), ('analysis = "mmrm"\n', ""),
        ('analysis = "ancova"\n', ""),
    )  # fmt: skip
    with pytest.raises(bw.InputError, match="which is binary"):
        bw.load_plan(path)


def test_clusters_of_the_trial_are_those_of_the_scenario(tmp_path):
    own = ("[plan]\n", '[clusters]\ntherapist = "who"\n\n[plan]\n')
    only = ('analysis = "mmrm"', 'analysis = "ancova"')
    with pytest.raises(bw.InputError, match="size of a therapist and its icc"):
        bw.load_plan(planned(tmp_path, own, only))
    other = ("round = true", 'round = true\nclusters = { name = "site", size = 5, icc = 0.1 }')
    with pytest.raises(bw.InputError, match="clusters of the trial, 'therapist'"):
        bw.load_plan(planned(tmp_path, own, only, other))


def test_faults_of_the_plan_stop_the_analysis_too(tmp_path):
    path = planned(tmp_path, ("sd = [1.8, 2.0, 2.1]", "sd = [1.8]"))
    (tmp_path / "not_yet.csv").write_text(
        "id,group,p0,p3,p6,f0,f3,f6\n1,FW,6,5,4,50,40,30\n2,BW,6,5,4,50,45,33\n"
        "3,FW,7,6,4,52,41,30\n4,BW,5,5,3,49,45,35\n"
    )
    faults, _ = bw.check_trial(path)
    assert [fault.column for fault in faults] == ["plan.scenario[0].sd"]


def test_an_autoregressive_correlation_counts_visits():
    expected = [[0.7 ** abs(i - j) for j in range(4)] for i in range(4)]
    np.testing.assert_allclose(matrix_of("ar1:0.7", 4), expected, rtol=1e-15)


def test_reference_plans_are_read(shared):
    for path in sorted((shared / "plan" / "trials").glob("*.toml")):
        plan = bw.load_plan(path)
        assert len(plan.scenarios) == 1 and plan.target_power == 0.9
