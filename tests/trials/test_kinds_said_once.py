"""What is wrong with an outcome of a kind, or its harms and flow, is one fault, or is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwalk_stats.analyses.harms import harms
from backwalk_stats.cli.app import run
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.tables.estimates import results_table
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial.outcome import Outcome
from tests.trials.made import made, wide_frame
from tests.trials.test_other_kinds import KINDS, frame, trial_of

HARMS = '[harms]\nfile = "h.csv"\nparticipant = "id"\nterm = "term"\nasked = "both"\n'


def told(path: Path) -> list[str]:
    return [str(fault) for fault in check_trial(path)[0]]


def log_of(path: Path, level: str) -> list[str]:
    faults, log = check_trial(path)
    assert not faults, list(map(str, faults))
    return log.loc[log["level"] == level, "action"].tolist()


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("binary", 'event = "yes"', 'event = "recovered"', "the event 'recovered' in some row"),
        ("binary", 'event = "yes"', "", "outcome state, event"),
        ("ordinal", KINDS["ordinal"], "", "outcome state, order"),
        ("ordinal", KINDS["ordinal"], "order = [3, 4, 5, 6]", "text in quotation marks, found 3"),
    ],
)
def test_one_cause_is_one_fault(tmp_path: Path, kind: str, old: str, new: str, said: str) -> None:
    path = trial_of(tmp_path, kind)
    path.write_text(path.read_text().replace(old, new))
    (fault,) = told(path)
    assert said in fault


@pytest.mark.parametrize("where", ["clusters", "within"])
def test_a_kind_in_rows_that_hang_together_is_one_fault(tmp_path: Path, where: str) -> None:
    path = trial_of(tmp_path, "count", report='[clusters]\ntown = "age"\n' * (where == "clusters"))
    if where == "within":
        path.write_text(path.read_text().replace('arm = "group"', 'arm = "group"\nwithin = "age"'))
    faults = [one for one in told(path) if "state" in one]
    assert len(faults) == 1 and "a continuous outcome, found 'count'" in faults[0], faults


def test_spellings_that_are_taken_as_one_are_logged(tmp_path: Path) -> None:
    data = frame()
    cells = [str(cell) for cell in data["ordinal"]]
    cells[3], cells[8] = cells[3].upper(), f" {cells[8]} "
    data["ordinal"] = cells
    said = log_of(trial_of(tmp_path, "ordinal", data), "repair")
    assert "values written otherwise, by case or spaces, taken as one" in said
    places = [f"T{k % 5}" for k in range(24)]
    places[4] = "t4"
    path = made(tmp_path, wide_frame({"th": places}), more='[clusters]\ntherapist = "th"\n')
    assert "values written otherwise, by case or spaces, taken as one" in log_of(path, "repair")
    assert load_trial(path).clusters["cluster"].nunique() == 5  # type: ignore[index]


@pytest.mark.parametrize("cell", ["999", "99"])
def test_a_time_like_a_code_is_asked_about(tmp_path: Path, cell: str) -> None:
    data = frame()
    data.loc[6, "months"] = cell
    path = trial_of(tmp_path, "count", data)
    (asked,) = [one for one in log_of(path, "question") if "all other times" in one]
    assert f'months = ["{cell}"]' in asked and 'confirmed = ["codes"]' in asked
    text = path.read_text()
    path.write_text(text.replace('kind = "count"', 'kind = "count"\nconfirmed = ["codes"]'))
    assert not any("all other times" in one for one in log_of(path, "question"))
    answer = f'covariates = ["age"]\nmissing_codes_by_column = {{ months = ["{cell}"] }}'
    path.write_text(text.replace('covariates = ["age"]', answer, 1))
    assert not any("all other times" in one for one in log_of(path, "question"))


def test_estimating_equations_are_of_no_one_visit(tmp_path: Path) -> None:
    path = trial_of(tmp_path, "binary", estimand='analysis = "gee"\nvisit = "W6"\ncovariates = []')
    (fault,) = told(path)
    assert "estimand E1, visit" in fault and "over all visits after baseline" in fault


# Harms and flow.


def with_harms(folder: Path, rows: str, more: str = "", data: dict[str, list[str]] | None = None):
    (folder / "h.csv").write_text("id,term,grave\n" + rows)
    return made(folder, wide_frame(data), more=f"{HARMS}{more}[report]\nsmall_cell = 0\n")


@pytest.mark.parametrize("word", ["none", "No", "nothing", "keine", "-", "No adverse events"])
def test_a_row_that_says_nothing_happened_is_no_harm(tmp_path: Path, word: str) -> None:
    (fault,) = told(with_harms(tmp_path, f"P01,fall,\nP02,{word},\n"))
    assert "h.csv, line 3, column term" in fault and "Leave the row out" in fault


def test_what_nobody_recorded_is_not_counted_as_nought(tmp_path: Path) -> None:
    key = 'serious = "grave"\n'
    part = harms(load_trial(with_harms(tmp_path, "P01,fall,\nP04,rash,\n", key)))
    assert not (part.frames["harms"]["kind"] == "serious").any()
    assert any("serious is recorded of none" in one for one in part.notes)
    part = harms(load_trial(with_harms(tmp_path, "P01,fall,no\nP04,rash,\n", key)))
    rows = part.frames["harms"]
    assert (rows.loc[rows["kind"] == "serious", "people"] == 0).all()
    assert any("serious is not recorded of each" in one for one in part.notes)


def test_falls_and_times_that_do_not_fit_are_asked_about(tmp_path: Path) -> None:
    path = with_harms(tmp_path, "P01,fell at home,\nP04,tumble,\n", 'falls = ["tumble"]\n')
    assert any("not among the falls that are named" in one for one in log_of(path, "question"))
    weeks = ["0" if k == 3 else "6" for k in range(24)]
    key = 'exposure = "weeks"\n'
    path = with_harms(tmp_path, "P01,rash,\nP04,rash,\n", key, {"weeks": weeks})
    assert any("a harm and no time followed" in one for one in log_of(path, "question"))
    weeks[3], weeks[4] = "6", "0"  # somebody without a harm
    path = with_harms(tmp_path, "P01,rash,\nP04,rash,\n", key, {"weeks": weeks})
    assert not any("no time followed" in one for one in log_of(path, "question"))


@pytest.mark.parametrize(
    ("flow", "said"),
    [
        ("assessed = 40\nexcluded = { ill = 9, away = 5 }\nrandomised = 24", "less excluded: 26"),
        ("randomised = 25\nallocated = { forward = 12, backward = 12 }", "found 24 in all arms"),
        (
            "allocated = { forward = 12 }\nreceived = { forward = 10 }\n"
            "not_received = { forward = { ill = 1 } }",
            "as allocated to forward: 12, found 11",
        ),
    ],
)
def test_a_flow_that_does_not_add_up_is_a_fault(tmp_path: Path, flow: str, said: str) -> None:
    (fault,) = told(made(tmp_path, wide_frame(), more=f"[flow]\n{flow}\n"))
    assert said in fault


def test_a_flow_that_adds_up_or_is_told_in_part_stands(tmp_path: Path) -> None:
    flow = (
        "assessed = 40\nexcluded = 16\nrandomised = 24\nallocated = { forward = 12, backward = 12 }"
        "\nreceived = { forward = 11 }\nnot_received = { forward = 1 }"
    )
    for keys in (flow, flow.replace("excluded = 16\n", ""), "assessed = 90\nrandomised = 24"):
        assert not told(made(tmp_path, wide_frame(), more=f"[flow]\n{keys}\n"))


@pytest.mark.parametrize("place", ["harms", "methods", "category"])
def test_check_finds_the_id_that_analyse_refuses(tmp_path: Path, capsys, place: str) -> None:
    if place == "harms":
        path = with_harms(tmp_path, "P01,fall of P01 at home,\n")
    elif place == "methods":
        path = made(tmp_path, wide_frame(), more='[methods]\nethics = "after P07 fell"\n')
    else:
        words = KINDS["ordinal"].replace('"better"', '"as P07"')
        data = frame().replace({"ordinal": {"better": "as P07"}})
        path = trial_of(tmp_path, "ordinal", data)
        path.write_text(path.read_text().replace(KINDS["ordinal"], words))
    assert run(["check", str(path)]) == 2
    said = capsys.readouterr()
    assert "a text that names no participant" in said.out and "P07" not in said.out
    assert "P01" not in said.out and "What was understood" not in said.out
    assert run(["analyse", str(path), "--out", str(tmp_path / "out"), "--only", "html"]) == 2


# Numbers needed to treat: of an event that is worse, more of it is harm.


@pytest.mark.parametrize(
    ("better", "value", "said"),
    [("higher", 5.0, "NNTB 5.0"), ("lower", 5.0, "NNTH 5.0"), ("lower", -4.0, "NNTB 4.0")],
)
def test_whom_a_number_needed_is_for(better: str, value: float, said: str) -> None:
    import pandas as pd

    from backwalk_stats.analyses.results import results_frame

    ends = sorted((value * 0.5, value * 2.0))
    row = {"quantity": "nnt", "contrast": "b - f", "estimate": value, "visit": "W6",
           "conf_low": ends[0], "conf_high": ends[1], "n": 20, "n_reference": 20}  # fmt: skip
    rows = results_frame([row], analysis="adjusted-risk", outcome="state")
    outcome = Outcome(name="state", label="State", better=better, kind="binary", categories=("1",))  # type: ignore[arg-type]
    labels = Labels(arms={"f": "F", "b": "B"}, visits={"W6": "W6"}, outcomes={"state": outcome})
    table = results_table(pd.DataFrame(rows), labels=labels)
    (cells,) = table.rows
    assert any(cell.startswith(said) for cell in cells), cells
    assert any(cell.startswith(said[:4]) and " to " in cell for cell in cells), cells
