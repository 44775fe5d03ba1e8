"""What a stranger's files hold that is not what it seems: each trap beside an honest twin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.trial.categories import spellings
from backwalk_stats.trial.trial import Trial
from tests.trials.made import HEAD, PEOPLE, made, questions, told, wide_frame

TIMED = 'better = "lower"\nunit = "s"\ncolumns = { W0 = "pre", W6 = "post" }'
TWO = """\
columns = { W0 = "pre", W6 = "post" }
[[outcome]]
name = "function"
better = "higher"
low = 0
high = 80
columns = { W0 = "f0", W6 = "f6" }
"""


def put(frame: pd.DataFrame, rows: list[int], **cells: str) -> pd.DataFrame:
    """Return a frame with cells of some rows replaced."""
    found = frame.copy()
    for name, text in cells.items():
        found.loc[rows, name] = text
    return found


def timed() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    pre, post = (np.round(rng.normal(mean, 1.5, PEOPLE), 1).astype(str) for mean in (10, 9))
    return wide_frame({"pre": list(pre), "post": list(post)})


def warnings(path: Path) -> list[str]:
    faults, log = told(path)
    assert not faults, faults
    return log.loc[log["level"] == "warning", "action"].tolist()


def n_at(trial: Trial, visit: str) -> int:
    data = trial.data
    return int((data["value"].notna() & (data["visit"] == visit)).sum())


# A record where names are declared.


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("declared", "action"),
    [
        ("header_row = 2", "Set header_row = 1"),
        ("header_rows = [1, 2]", "Set header_row = 1"),
        ("header_row = 5", "Set header_row = 1"),
    ],
)
def test_a_record_is_never_shown_as_names(tmp_path: Path, suffix: str, declared: str, action: str):
    path = made(tmp_path, wide_frame(), kind=suffix, data=declared)
    (fault,), _ = told(path)
    assert "what looks like a record" in fault and fault.endswith(action)
    assert "P0" not in fault and "FW" not in fault
    assert not told(made(tmp_path, wide_frame(), kind=suffix, data=action[4:]))[0]


def test_a_file_without_names_shows_no_record(tmp_path: Path):
    path = made(tmp_path, wide_frame())
    wide_frame().to_csv(tmp_path / "s.csv", index=False, header=False)
    (fault,), _ = told(path)
    assert "where none has them, write one" in fault and "P01" not in fault


def test_two_rows_of_names_are_advised(tmp_path: Path):
    outcome = 'instrument = "nprs"\ncolumns = { W0 = "Pain W0", W6 = "Pain W6" }'
    body = wide_frame().to_csv(index=False, header=False)
    for declared, action in (("header_rows = [2, 3]", "header_rows = [1, 2]"), ("", "[1, 2]")):
        path = made(tmp_path, wide_frame(), data=declared, outcome=outcome)
        (tmp_path / "s.csv").write_text("id,group,Pain,\n,,W0,W6\n" + body)
        (fault,), _ = told(path)
        assert action in fault and "P01" not in fault
    path = made(tmp_path, wide_frame(), data="header_rows = [1, 2]", outcome=outcome)
    (tmp_path / "s.csv").write_text("id,group,Pain,\n,,W0,W6\n" + body)
    assert len(load_trial(path).participants) == PEOPLE


# Summaries under the records.


@pytest.mark.parametrize("rows", ["mean BW,BW,6.1,4.1\nmean FW,FW,6,5\n", "Mittelwert,,6.1,4\n"])
def test_means_are_no_people_declared_or_not(tmp_path: Path, rows: str):
    n = rows.count("\n")
    for declared in ("", f"footer_rows = {n}"):
        path = made(tmp_path, wide_frame(), data=declared)
        (tmp_path / "s.csv").write_text(wide_frame().to_csv(index=False) + rows)
        if declared:
            assert len(load_trial(path).participants) == PEOPLE
        else:
            (fault,), _ = told(path)
            assert fault.endswith(f"set footer_rows = {n}")


# Codes that lie far from every other value.


@pytest.mark.parametrize("code", ["999", "99", "-9", "-1", "0", "99.9"])
def test_codes_where_the_scale_has_no_end_are_a_question(tmp_path: Path, code: str):
    frame = put(timed(), [3, 8], post=code)
    (asked,) = questions(made(tmp_path, frame, outcome=TIMED))
    assert f'missing_codes_by_column = {{ "post" = ["{code}"] }}' in asked
    followed = f'missing_codes_by_column = {{ "post" = ["{code}"] }}'
    path = made(tmp_path, frame, outcome=TIMED, data=followed)
    assert not questions(path) and n_at(load_trial(path), "W6") == PEOPLE - 2
    denied = made(tmp_path, frame, outcome=TIMED + '\nconfirmed = ["codes"]')
    assert not questions(denied) and n_at(load_trial(denied), "W6") == PEOPLE


def test_honest_values_are_no_codes(tmp_path: Path):
    assert not questions(made(tmp_path, timed(), outcome=TIMED))
    assert not questions(made(tmp_path, put(timed(), [4], post="14.9"), outcome=TIMED))
    rng = np.random.default_rng(5)
    falls = put(timed(), list(range(PEOPLE)), pre="0")
    falls["post"] = rng.integers(0, 5, PEOPLE).astype(str)
    assert not questions(made(tmp_path, falls, outcome=TIMED))


@pytest.mark.parametrize("code", ["999", "-9", "99"])
def test_codes_among_covariates_are_a_question(tmp_path: Path, code: str):
    months = [str(2 + (7 * k) % 29) for k in range(PEOPLE)]
    frame = put(wide_frame({"months": months}), [3, 9], months=code)
    (asked,) = questions(made(tmp_path, frame, data='covariates = ["months"]'))
    assert f'missing_codes_by_column = {{ "months" = ["{code}"] }}' in asked
    data = f'covariates = ["months"]\nmissing_codes_by_column = {{ "months" = ["{code}"] }}'
    path = made(tmp_path, frame, data=data)
    assert not questions(path) and load_trial(path).participants["months"].isna().sum() == 2
    said = '{ column = "months", kind = "number", confirmed = ["codes"] }'
    assert not questions(made(tmp_path, frame, data=f"covariates = {{ months = {said} }}"))


def test_zeros_only_where_the_other_outcome_is_empty(tmp_path: Path):
    rng = np.random.default_rng(4)
    more = {f: list(rng.integers(30, 60, PEOPLE).astype(str)) for f in ("f0", "f6")}
    frame = wide_frame(more)
    frame["post"] = frame["post"].replace("0", "1")
    frame = put(put(frame, [2, 7, 11, 15, 20], post="0", f6=""), [5], post="0")
    (asked,) = questions(made(tmp_path, frame, outcome=TWO))
    rule = 'missing_codes_where_empty = { post = { codes = ["0"], empty = ["f6"] } }'
    assert rule in asked
    path = made(tmp_path, frame, outcome=TWO, data=rule)
    assert not questions(path)
    own = load_trial(path).data.query("outcome == 'pain' and visit == 'W6'")["value"]
    assert own.isna().sum() == 5 and (own == 0).sum() == 1
    wrong = made(tmp_path, frame, outcome=TWO, data=rule.replace("f6", "f9"))
    assert "no column 'f9'" in told(wrong)[0][0]


# What a covariate's column is.


@pytest.mark.parametrize(
    "cells", [["5,5", "6,1", "7", "8,25"], ["70 kg", "81 kg", "77kg"], ["45%", "50%", "61%"]]
)
def test_numbers_in_other_clothes_are_no_silent_categories(tmp_path: Path, cells: list[str]):
    frame = wide_frame({"x": [cells[k % len(cells)] for k in range(PEOPLE)]})
    (asked,) = questions(made(tmp_path, frame, data='covariates = ["x"]'))
    assert "look like numbers" in asked
    said = 'covariates = { x = { column = "x", kind = "category" } }'
    assert not questions(made(tmp_path, frame, data=said))


@pytest.mark.parametrize("cells", [["<5", "5-10", ">10"], ["I", "II", "III"], ["A", "B", "C"]])
def test_classes_are_categories_without_a_question(tmp_path: Path, cells: list[str]):
    frame = wide_frame({"x": [cells[k % 3] for k in range(PEOPLE)]})
    assert not questions(made(tmp_path, frame, data='covariates = ["x"]'))


@pytest.mark.parametrize("name", ["therapist", "Therapeut", "rater_id", "fisioterapeuta"])
def test_many_codes_of_people_are_asked_about(tmp_path: Path, name: str):
    frame = wide_frame({name: [str(101 + k // 2) for k in range(PEOPLE)]})
    data = f'covariates = {{ x = "{name}" }}'
    (asked,) = questions(made(tmp_path, frame, data=data, estimand='covariates = ["x"]'))
    assert "12 whole numbers look like codes" in asked
    counted = load_trial(made(tmp_path, frame, data=data)).participants["x"]
    assert len(counted.cat.categories) == 12


def test_words_of_one_level_in_more_languages():
    for pair in (
        ("sim", "s"),
        ("não", "n"),
        ("女性", "女"),
        ("左側", "左"),
        ("yes", "1"),
        ("evet", "e"),
    ):
        assert spellings(dict.fromkeys(pair, 3)) == [sorted(pair, key=lambda one: -len(one))]
    assert spellings({"1": 3, "0": 4, "2": 5}) == spellings({"S": 2, "M": 3, "L": 4}) == []


def test_ids_and_the_compared_outcome_are_no_covariates(tmp_path: Path):
    (fault,), _ = told(made(tmp_path, wide_frame(), data='covariates = ["id"]'))
    assert "a covariate that is no id" in fault
    data, estimand = 'covariates = ["post"]', 'covariates = ["baseline", "post"]'
    (fault,), _ = told(made(tmp_path, wide_frame(), data=data, estimand=estimand))
    assert "pain at W6" in fault


# Ids that are made.


def test_made_ids_leave_a_column_of_their_name(tmp_path: Path):
    ages = [str(41 + (5 * k) % 31) for k in range(PEOPLE)]
    frame = wide_frame({"row_id": ages}).drop(columns="id")
    path = made(tmp_path, frame, data='covariates = { x = "row_id" }')
    path.write_text(path.read_text().replace('participant = "id"', "row_id = true"))
    assert load_trial(path).participants["x"].tolist() == [float(age) for age in ages]
    sites = {"site": ["AB"[k % 4 // 2] for k in range(PEOPLE)], "site / id": ages}
    path = made(tmp_path, wide_frame(sites), data='covariates = { x = "site / id" }')
    path.write_text(path.read_text().replace('= "id"', '= ["site", "id"]'))
    trial = load_trial(path)
    assert trial.participants["x"].tolist() == ages  # a site by its name, so a category
    assert trial.participants["participant"][0] == "A / P01"


def test_ids_within_centres_are_one_fault_where_arms_clash(tmp_path: Path):
    frame = wide_frame({"site": ["A"] * 12 + ["B"] * 12})
    frame["id"] = [f"P{k % 12:02d}" for k in range(PEOPLE)]
    frame["group"] = ["BW", "FW"] * 6 + ["FW", "BW"] * 6
    (fault,), _ = told(made(tmp_path, frame))
    assert 'participant = ["site", "id"]' in fault
    frame = frame.drop(columns="site")
    assert any("one arm for each participant" in one for one in told(made(tmp_path, frame))[0])


# Who is in, and who left.


def test_people_with_an_arm_are_not_left_out_in_silence(tmp_path: Path):
    frame = put(wide_frame({"in": ["yes"] * PEOPLE}), [20, 21, 22], **{"in": "no", "group": ""})
    path = made(tmp_path, frame, data='keep = { in = ["yes"] }')
    assert not warnings(path)
    for word in ("ja", ""):
        path = made(tmp_path, put(frame, [3], **{"in": word}), data='keep = { in = ["yes"] }')
        (warned,) = warnings(path)
        assert "people who have an arm are not kept (line 5)" in warned


def test_words_for_having_stayed_are_no_reasons(tmp_path: Path):
    frame = put(wide_frame({"why": [""] * PEOPLE}), [4], why="moved", post="")
    stayed = [k for k in range(PEOPLE) if k != 4]
    for word, unknown in (("", False), ("terminé", False), ("完了", False), ("went on", True)):
        path = made(tmp_path, put(frame, stayed, why=word), data='dropout_reason = "why"')
        assert any("left by why" in one for one in warnings(path)) is unknown
        flow = load_trial(path).flow
        n = flow.loc[flow["stage"] == "discontinued", "n"].sum()
        assert n == (PEOPLE if unknown else 1)


# One cause is one fault or one question.


def test_arms_without_a_label_are_one_fault(tmp_path: Path):
    frame = wide_frame()
    frame["group"] = frame["group"].map({"BW": "1", "FW": "2"})
    (fault,), _ = told(made(tmp_path, frame))
    assert "a label of an arm" in fault


def test_a_column_of_times_is_one_fault(tmp_path: Path):
    frame = put(wide_frame(), list(range(PEOPLE)), post="0:12")
    (fault,), _ = told(made(tmp_path, frame))
    assert "what looks like a time" in fault


def test_two_raters_are_one_question(tmp_path: Path):
    rng = np.random.default_rng(2)
    frame = wide_frame({"rater": ["XY"[k // 4 % 2] for k in range(PEOPLE)]})
    for name in ("pre", "post"):
        mm = rng.integers(30, 90, PEOPLE)
        frame[name] = np.where(frame["rater"] == "Y", mm / 10, mm).astype(str)
    outcome = 'instrument = "vas100"\nversion = "mm"\ncolumns = { W0 = "pre", W6 = "post" }'
    (asked,) = questions(made(tmp_path, frame, data='covariates = ["rater"]', outcome=outcome))
    assert "where rater is" in asked


def test_cells_of_money_are_a_question(tmp_path: Path):
    path = made(tmp_path, timed(), kind="xlsx", outcome=TIMED)
    assert not questions(path)
    book = openpyxl.load_workbook(tmp_path / "s.xlsx")
    for row in range(2, PEOPLE + 2):
        book.active.cell(row, 4).number_format = '"$"#,##0.00'
    book.save(tmp_path / "s.xlsx")
    (asked,) = questions(path)
    assert "shown as money" in asked
    text = path.read_text().replace("unit =", 'confirmed = ["unit"]\nunit =')
    path.write_text(text)
    assert not questions(path)


def test_rows_of_an_instrument_that_nobody_named_are_told(tmp_path: Path):
    rows = ["record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,pain"]
    for k in range(8):
        arm = 1 + k % 2
        rows += [f"{k},base_arm_{arm},,,{5 + k % 3}", f"{k},week_6_arm_{arm},,,{3 + k % 4}"]
    text = f"""{HEAD}
[[data]]
file = "s.csv"
layout = "long"
participant = "record_id"
arm_from_event = {{ 1 = "BW", 2 = "FW" }}
visit = "redcap_event_name"
visit_labels = {{ base = "W0", week_6 = "W6" }}
[[outcome]]
name = "pain"
instrument = "nprs"
column = "pain"
"""
    path = tmp_path / "trial.toml"
    path.write_text(text)
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    assert len(load_trial(path).participants) == 8
    (tmp_path / "s.csv").write_text("\n".join([*rows, "0,base_arm_1,adverse,1,"]) + "\n")
    (fault,), _ = told(path)
    assert 'instrument = "adverse"' in fault
    path.write_text(text.replace(', 2 = "FW" }', " }", 1))
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    (fault,), _ = told(path)
    assert "arms 2" in fault
