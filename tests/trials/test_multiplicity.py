"""Several estimands tested together: from the trial file to adjusted p-values and what is said."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.analyses.whole_trial import TrialAnalysis, analyse_trial
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.report import sections_trial
from backwalk_stats.report.document import document
from backwalk_stats.report.sections_trial import multiplicity
from backwalk_stats.report.subject import trial_subject
from tests.models.test_multiplicity import closed_testing
from tests.sentences import held
from tests.sentences.reader import same_p

HEAD = """\
[trial]
id = "several"
title = "SIMULATED: several estimands"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W6", "W12"]
[[data]]
file = "s.csv"
participant = "id"
arm = "group"
[[outcome]]
name = "pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "p0", W6 = "p6", W12 = "p12" }
[[outcome]]
name = "speed"
label = "Walking speed"
better = "higher"
unit = "m/s"
role = "primary"
columns = { W0 = "s0", W6 = "s6", W12 = "s12" }
"""
ASKED = (("pain", "W6"), ("pain", "W12"), ("speed", "W6"), ("speed", "W12"))
GRAPH = """\
method = "graph"
weights = { E1 = 0.5, E2 = 0.3 }
[multiplicity.transitions]
E1 = { E2 = 0.5, E3 = 0.5 }
E2 = { E1 = 0.5, E4 = 0.5 }
E3 = { E4 = 1.0 }
E4 = { E3 = 0.75 }
"""
WEIGHTS = np.array([0.5, 0.3, 0.0, 0.0])
PARTS = np.array([[0, 0.5, 0.5, 0], [0.5, 0, 0, 0.5], [0, 0, 0, 1.0], [0, 0, 0.75, 0]])


def frame(n: int = 60, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    pain, speed = rng.integers(4, 9, n), rng.normal(1.0, 0.2, n)
    columns: dict[str, Any] = {"id": [f"Q{k:03d}" for k in range(n)]}
    columns["group"] = np.where(arm == 1, "BW", "FW")
    columns["p0"], columns["s0"] = pain, speed.round(2)
    for week, gain in (("6", 1.6), ("12", 1.1)):
        columns[f"p{week}"] = np.clip(pain - rng.integers(0, 4, n) - gain * arm, 0, 10).round()
        columns[f"s{week}"] = (speed + 0.07 * gain * arm + rng.normal(0, 0.17, n)).round(2)
    return pd.DataFrame(columns)


def made(folder: Path, tests: str, *, more: dict[int, str] | None = None) -> Path:
    """Write a trial of four estimands; `tests` are lines of [multiplicity], "" for none."""
    frame().to_csv(folder / "s.csv", index=False)
    asked = "".join(
        f'[[estimand]]\noutcome = "{outcome}"\nvisit = "{visit}"\nanalysis = "ancova"\n'
        f"{(more or {}).get(place, '')}\n"
        for place, (outcome, visit) in enumerate(ASKED, start=1)
    )
    path = folder / "trial.toml"
    path.write_text(HEAD + asked + (f"[multiplicity]\n{tests}" if tests else ""), encoding="utf-8")
    return path


@cache
def _analysed(folder: Path, tests: str) -> TrialAnalysis:
    return analyse_trial(load_trial(made(folder, tests)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("several")


def answers(analysis: TrialAnalysis, quantity: str = "mean_difference") -> pd.DataFrame:
    rows = analysis.estimates
    return rows[(rows["role"] == "primary") & (rows["quantity"] == quantity)]


def test_a_graph_adjusts_as_closed_testing_does(folder: Path) -> None:
    rows = answers(_analysed(folder, GRAPH))
    assert rows["estimand"].tolist() == ["E1", "E2", "E3", "E4"]
    wanted = closed_testing(rows["p_value"].to_numpy(), WEIGHTS, PARTS)
    assert rows["p_adjusted"].to_numpy() == pytest.approx(wanted, abs=1e-9)
    assert rows["note"].str.endswith("p_adjusted: the graphical procedure").all()
    assert len(set(wanted.round(6))) > 1


def test_parallel_gates_adjust_the_families_of_the_order(folder: Path) -> None:
    rows = answers(
        _analysed(folder, 'method = "parallel-gatekeeping"\norder = ["E3+E4", "E1+E2"]\n')
    )
    weights = np.array([0.0, 0.0, 0.5, 0.5])
    parts = np.array([[0, 1.0, 0, 0], [1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.5, 0.5, 0, 0]])
    wanted = closed_testing(rows["p_value"].to_numpy(), weights, parts)
    assert rows["p_adjusted"].to_numpy() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    "tests",
    [
        GRAPH,
        'method = "parallel-gatekeeping"\norder = ["E1+E2", "E3+E4"]\n',
        'method = "gatekeeping"\norder = ["E1", "E2+E3", "E4"]\n',
        'method = "hommel"\norder = ["E1", "E2"]\n',
        'method = "none"\nreason = "each is a question of its own"\n',
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_what_the_report_says_is_what_the_rows_say(folder: Path, tests: str) -> None:
    subject = trial_subject(_analysed(folder, tests))
    sections = document.written_sections(sections_trial, subject)
    held.holds(subject, sections)
    told = {one.id: one for one in sections}
    assert ("multiplicity" in told) == ("none" not in tests)
    if "none" in tests:
        assert "each is a question of its own" in str(told["methods"].blocks)
        return
    blocks = told["multiplicity"].blocks
    (table,) = (one.table for one in blocks if isinstance(one, document.TableBlock))
    rows = {row["estimand"]: row for row in answers(subject.analysis).to_dict("records")}
    for line in table.rows:
        row = rows[line[0].partition(":")[0]]
        assert same_p(f"p {'' if line[-3][0] in '<>' else '= '}{line[-3]}", row["p_value"])
        assert same_p(f"p {'' if line[-2][0] in '<>' else '= '}{line[-2]}", row["p_adjusted"])
        assert (line[-1] == "rejected") == (row["p_adjusted"] <= 0.05), line


def test_the_table_of_a_graph_has_the_share_at_which_each_is_tested(folder: Path) -> None:
    """Who is rejected passes p <= share times level; who is not, does not."""
    subject = trial_subject(_analysed(folder, GRAPH))
    tests = subject.analysis.tests
    assert tests["weight"].sum() == pytest.approx(0.8)
    rejected = tests["estimand"].isin(multiplicity.rejected_estimands(subject)).to_numpy()
    passes = (tests["p_value"] <= 0.05 * tests["share"]).to_numpy()
    first = int(np.argmin(passes)) if not passes.all() else len(passes)
    assert rejected.tolist() == [True] * first + [False] * (len(passes) - first)


FAULTS = [
    (GRAPH.replace("E2 = 0.3 }", "E2 = 0.6 }"), "weights", "1.1"),
    (GRAPH.replace("E1 = { E2 = 0.5", "E1 = { E2 = 0.7"), "transitions.E1", "1.2"),
    (GRAPH.replace("E3 = { E4 = 1.0 }", "E3 = { E5 = 1.0 }"), "transitions.E3", "E5"),
    (GRAPH.replace("E1 = 0.5, E2 = 0.3", "E1 = 0.5, E9 = 0.3"), "weights", "E9"),
    (GRAPH.replace("E3 = { E4 = 1.0 }", "E3 = { E3 = 0.5 }"), "transitions.E3", "itself"),
    (GRAPH.replace("E3 = 0.5 }", "E3 = -0.5 }"), "transitions.E1.E3", ""),
    ('method = "graph"\nweights = { E1 = 0.5, E2 = 0 }\n', "weights", "E2"),
    ('method = "graph"\n', "weights", "no weights"),
    ('method = "holm"\nweights = { E1 = 1.0 }\n', "weights", '"holm"'),
    ('method = "holm"\nreason = "why not"\n', "reason", '"holm"'),
    (GRAPH.replace('"graph"', '"graph"\norder = ["E1"]'), "order", ""),
    ('order = ["E1", "E2"]\n', "method", "an order"),
    ('method = "parallel-gatekeeping"\norder = ["E1+E2+E3+E4"]\n', "order", "two families"),
    ('method = "holm"\norder = ["E1+E2"]\n', "order", "parallel-gatekeeping"),
]


@pytest.mark.parametrize(("tests", "key", "said"), FAULTS)
def test_what_does_not_fit_is_one_fault(tmp_path: Path, tests: str, key: str, said: str) -> None:
    faults = [str(one) for one in check_trial(made(tmp_path, tests))[0]]
    assert len(faults) == 1, faults
    assert f"multiplicity.{key}" in faults[0] and said in faults[0], faults


def asked(path: Path) -> list[str]:
    faults, log = check_trial(path)
    assert not faults, faults
    rows = log[(log["level"] == "question") & log["column"].str.contains("multiplicity")]
    return rows["action"].tolist()


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("", "E1, E2, E3, E4 are all primary"),
        ('method = "none"\n', "without a reason"),
        ('method = "holm"\norder = ["E1", "E2", "E3"]\n', "E4 is primary and not among"),
        ('method = "none"\nreason = "each is a question of its own"\n', ""),
        ('method = "holm"\n', ""),
    ],
)
def test_several_primary_estimands_are_asked_about(tmp_path: Path, tests: str, said: str) -> None:
    found = asked(made(tmp_path, tests))
    assert len(found) == bool(said)
    assert not said or said in found[0]


@pytest.mark.usefixtures("undrawn")
def test_one_primary_estimand_is_not_asked_about(tmp_path: Path) -> None:
    roles = {place: 'role = "secondary"' for place in (2, 3, 4)}
    path = made(tmp_path, "", more=roles)
    assert asked(path) == []
    subject = trial_subject(analyse_trial(load_trial(path)))
    assert "not adjusted" not in str(document.written_sections(sections_trial, subject))


@pytest.mark.usefixtures("undrawn")
def test_a_margin_is_adjusted_on_the_scale_of_two_sides(tmp_path: Path) -> None:
    """Twice the one-sided p beside the others; its adjusted p is one-sided again."""
    margin = {3: 'framework = "non-inferiority"\nmargin = 0.15'}
    path = made(tmp_path, GRAPH, more=margin)
    analysis = analyse_trial(load_trial(path))
    plain = answers(analysis)
    (against,) = answers(analysis, "non_inferiority").to_dict("records")
    p = plain["p_value"].to_numpy().copy()
    p[2] = min(1.0, 2 * against["p_value"])
    wanted = closed_testing(p, WEIGHTS, PARTS)
    assert against["p_adjusted"] == pytest.approx(max(against["p_value"], wanted[2] / 2), abs=1e-9)
    others = plain[plain["estimand"] != "E3"]["p_adjusted"]
    assert others.to_numpy() == pytest.approx(np.delete(wanted, 2), abs=1e-9)
    assert plain.set_index("estimand").loc["E3", "p_adjusted"] != pytest.approx(wanted[2] / 2)
    subject = trial_subject(analysis)
    held.holds(subject, document.written_sections(sections_trial, subject))


def test_levels_that_differ_beside_a_margin_are_a_fault(tmp_path: Path) -> None:
    more = {1: 'framework = "equivalence"\nmargin = 2.0', 2: "level = 0.9"}
    (fault,) = check_trial(made(tmp_path, 'method = "holm"\n', more=more))[0]
    assert "multiplicity.method" in str(fault) and "0.9 and 0.95" in str(fault)


def test_an_adjusted_p_goes_with_the_p_that_is_hidden(folder: Path) -> None:
    """In a fixed sequence the second adjusted p can be the first p itself."""
    analysis = _analysed(folder, 'method = "fixed-sequence"\n')
    rows = analysis.estimates
    withheld = (rows["estimand"] == "E1") & (rows["role"] == "primary")
    note = "not shown: of fewer than 5 people, or beside such a mean or count"
    hidden = rows.assign(
        note=rows["note"].where(~withheld, note), p_value=rows["p_value"].mask(withheld)
    )
    subject = trial_subject(replace(analysis, estimates=hidden))
    assert subject.analysis.estimates["p_adjusted"].isna().all()
    assert subject.analysis.tests.empty
    section = multiplicity.section(subject)
    assert "not shown" in str(section) and not [b for b in section.blocks if b.kind == "table"]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("covariates", ["[]", '["s0"]'])
@pytest.mark.parametrize("margin", ["", 'framework = "non-inferiority"\nmargin = 0.2'])
def test_few_people_are_not_told_by_an_adjusted_row(
    tmp_path: Path, covariates: str, margin: str
) -> None:
    """The note of the adjusted row has the procedure, and stays one of its rule."""
    path = made(tmp_path, 'method = "hochberg"\n')
    data = frame()
    data["fell"] = np.where(data.index < 3, "yes", "no")
    data.loc[data["group"] == "BW", "fell"] = ["yes", "no", "no"] * 10
    data.to_csv(tmp_path / "s.csv", index=False)
    text = path.read_text().replace('arm = "group"', 'arm = "group"\ncovariates = ["s0"]', 1)
    outcome = '[[outcome]]\nname = "fell"\nkind = "binary"\nevent = "yes"\nbetter = "lower"\n'
    asked_of = f'[[estimand]]\noutcome = "fell"\ncovariates = {covariates}\n{margin}\n'
    outcome += f'role = "primary"\ncolumns = {{ W6 = "fell" }}\n{asked_of}[multiplicity]'
    path.write_text(text.replace("[multiplicity]", outcome))
    rows = trial_subject(analyse_trial(load_trial(path))).analysis.estimates
    own = rows[rows["estimand"] == "E5"]
    columns = ["estimate", "conf_low", "conf_high", "p_value", "p_adjusted", "std_error"]
    assert len(own) > 3 and own[columns].isna().all(axis=None), own


@pytest.mark.parametrize(
    ("margin", "said"),
    [
        ("margin = 5.0", "half of the scale, 0 to 10"),
        ("margin = 25", "half of the scale, 0 to 10"),
        ('margin = 25\nconfirmed = ["margin"]', ""),
        ("margin = 4.9", ""),
    ],
)
def test_a_margin_as_wide_as_the_scale_is_asked_about(
    tmp_path: Path, margin: str, said: str
) -> None:
    path = made(tmp_path, 'method = "holm"\n', more={1: f'framework = "equivalence"\n{margin}'})
    faults, log = check_trial(path)
    told = log[(log["level"] == "question") & log["column"].str.contains("margin")]["action"]
    assert not faults and len(told) == bool(said) and said in "".join(told), log


def test_a_margin_in_another_unit_is_asked_about_without_a_scale(tmp_path: Path) -> None:
    """0.1 m/s written as 10 cm/s."""
    for size, asks in (("0.1", 0), ("10", 1)):
        more = {3: f'framework = "non-inferiority"\nmargin = {size}'}
        log = check_trial(made(tmp_path, 'method = "holm"\n', more=more))[1]
        told = log[log["action"].str.contains("two standard deviations")]
        assert len(told) == asks, log
