"""`backwalk init DIR --from SHEET`: a draft that parses, asks, and tells nothing of one person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.cli.app import run
from backwalk_stats.loaders.load import check_trial
from tests.trials.made import write

ARMS = ["BW", "FW"]


def save(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    write(pd.DataFrame(columns).astype(str), path)
    return path


def people(n: int = 30) -> dict[str, list[Any]]:
    """Return ids that occur nowhere else, arms and ages of made people."""
    return {
        "record_id": [f"KX{710 + row}" for row in range(n)],
        "group": [ARMS[row % 2] for row in range(n)],
        "age": [41 + (row * 7) % 37 for row in range(n)],
        "sex": ["F" if row % 3 else "M" for row in range(n)],
    }


def pain(n: int, shift: int = 0) -> list[int]:
    return [(row * 3 + shift) % 11 for row in range(n)]


def wide(n: int = 30) -> dict[str, list[Any]]:
    return people(n) | {f"nprs_w{week}": pain(n, week) for week in (12, 0, 6)}


def drafted(sheet: Path, *more: str) -> tuple[dict[str, Any], str, Path]:
    """Return a draft as tables and text, and the file that it is in."""
    folder = sheet.parent / "trial"
    assert run(["init", str(folder), "--from", str(sheet), "--quiet", *more]) == 0
    file = folder / "trial.toml"
    text = file.read_text(encoding="utf-8")
    return tomllib.loads(text), text, file


def faults(file: Path) -> list[str]:
    return [str(one) for one in check_trial(file)[0]]


def question_above(text: str, line: str) -> bool:
    lines = text.splitlines()
    place = next(n for n, one in enumerate(lines) if one.startswith(line))
    return lines[place - 1].startswith("# ? ")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "sav", "dta"])
def test_a_wide_sheet_of_any_format_is_drafted_and_accepted(tmp_path: Path, ending: str):
    sheet = save(tmp_path / f"scores.{ending}", wide())
    tables, text, file = drafted(sheet)
    assert not faults(file)
    data = tables["data"][0]
    assert (data["participant"], data["arm"], data["layout"]) == ("record_id", "group", "wide")
    assert tables["visits"]["order"] == ["W0", "W6", "W12"]
    assert tables["visits"]["weeks"] == [0, 6, 12]
    assert tables["outcome"][0]["instrument"] == "nprs"
    assert tables["arms"]["reference"] == "fw" and question_above(text, "reference")
    assert data["covariates"]["age"]["kind"] == "number"
    assert data["covariates"]["sex"]["kind"] == "category"
    assert file.with_name(sheet.name).read_bytes() == sheet.read_bytes()


@pytest.mark.parametrize("ending", ["csv", "xlsx", "sav", "dta"])
def test_a_long_sheet_with_a_baseline_column_is_drafted_and_accepted(tmp_path: Path, ending: str):
    made = people(20)
    columns: dict[str, list[Any]] = {name: [] for name in (*made, "visit", "odi", "odi_bl")}
    for row in range(20):
        for week in (6, 12):
            for name, values in made.items():
                columns[name].append(values[row])
            columns["visit"].append(f"week {week}")
            columns["odi"].append(2 * ((row * 5 + week) % 40))
            columns["odi_bl"].append(2 * (20 + row % 25))
    tables, text, file = drafted(save(tmp_path / f"visits.{ending}", columns))
    assert not faults(file)
    assert tables["data"][0]["layout"] == "long"
    assert tables["visits"]["order"] == ["baseline", "week 6", "week 12"]
    assert tables["outcome"][0]["baseline_column"] == "odi_bl"
    assert question_above(text, "baseline_column")


def test_nothing_of_one_person_is_in_a_draft(tmp_path: Path):
    made = wide() | {"weight": [61.37 + row for row in range(30)]}
    made["remark"] = [f"rang on day {row} of April" for row in range(30)]
    _, text, _ = drafted(save(tmp_path / "scores.csv", made))
    said = re.sub(r"# .*", "", text) + "".join(re.findall(r"# .*", text))
    shown = [one for name in ("record_id", "weight", "remark") for one in map(str, made[name])]
    assert not [one for one in shown if one in said]


def test_people_are_known_by_site_and_id_where_ids_repeat(tmp_path: Path):
    made = wide()
    made["record_id"] = [row % 15 + 1 for row in range(30)]
    made["centre"] = ["North" if row < 15 else "South" for row in range(30)]
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert tables["data"][0]["participant"] == ["centre", "record_id"]
    assert question_above(text, "participant")
    assert not faults(file)


def test_rows_without_ids_are_asked_about(tmp_path: Path):
    made = wide()
    del made["record_id"]
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert tables["data"][0]["row_id"] is True and question_above(text, "row_id")
    assert not faults(file)


def test_the_direction_of_an_unknown_outcome_must_be_answered(tmp_path: Path):
    made = people() | {"zeta_pre": pain(30), "zeta_post": pain(30, 3)}
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert tables["visits"]["order"] == ["pre", "post"]
    assert tables["outcome"][0]["better"] == "?" and question_above(text, "better")
    assert "better" in faults(file)[0]
    file.write_text(text.replace('better = "?"', 'better = "lower"'), encoding="utf-8")
    assert not faults(file)


@pytest.mark.parametrize(
    ("code", "key"), [("99", "missing_codes_by_column"), ("NA", "missing_codes")]
)
def test_codes_and_words_for_missing_are_asked_about(tmp_path: Path, code: str, key: str):
    made = wide()
    made["nprs_w6"] = [code if row in (3, 8) else one for row, one in enumerate(made["nprs_w6"])]
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    named = tables["data"][0][key]
    assert named == ({"nprs_w6": ["99"]} if code == "99" else ["NA"])
    assert question_above(text, key)
    assert tables["outcome"][0]["instrument"] == "nprs"
    assert not faults(file)


def test_a_value_within_the_others_is_no_code(tmp_path: Path):
    made = wide() | {"dist_w0": [60 + 2 * row for row in range(30)]}
    made["dist_w0"][4] = 99
    made["dist_w6"] = made["dist_w0"]
    tables, _, _ = drafted(save(tmp_path / "scores.csv", made))
    assert "missing_codes_by_column" not in tables["data"][0]


def test_codes_of_a_category_are_asked_about_and_sites_are_no_numbers(tmp_path: Path):
    made = wide() | {
        "smoking": [row % 3 for row in range(30)],
        "site": [1 + row % 4 for row in range(30)],
    }
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    kinds = tables["data"][0]["covariates"]
    assert kinds["smoking"]["kind"] == "category" and question_above(text, "smoking")
    assert kinds["site"]["kind"] == "category"
    assert not faults(file)


def test_columns_that_identify_people_are_told_and_not_used(tmp_path: Path):
    made = wide() | {
        "first name": [f"Ann{chr(97 + row % 26)}" for row in range(30)],
        "Year of birth": [1950 + row for row in range(30)],
    }
    tables, text, _ = drafted(save(tmp_path / "scores.csv", made))
    assert "first name (a name)" in text and "Year of birth" in text
    assert set(tables["data"][0]["covariates"]) == {"age", "sex"}


def test_items_are_no_visits_and_no_outcomes(tmp_path: Path):
    made = wide() | {
        f"rmdq{item}_w{week}": [(row * item) % 2 for row in range(30)]
        for item in range(1, 25)
        for week in (0, 6)
    }
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert [one["name"] for one in tables["outcome"]] == ["nprs"]
    assert "rmdq24_w6 (48 columns): an item of rmdq" in text
    assert not faults(file)


def test_numbered_answers_are_items_and_not_ten_visits(tmp_path: Path):
    made = people() | {f"q{item}": [(row * item) % 5 for row in range(30)] for item in range(1, 11)}
    _, text, _ = drafted(save(tmp_path / "scores.csv", made))
    assert "q10 (10 columns): an item of q" in text


def test_spellings_of_one_arm_are_one_arm(tmp_path: Path):
    made = wide()
    made["group"][4] = "bw "
    tables, _, file = drafted(save(tmp_path / "scores.csv", made))
    assert len(tables["arms"]["labels"]) == 2
    assert not faults(file)


def test_treatments_in_turn_are_drafted_as_a_crossover_and_asked_about(tmp_path: Path):
    made: dict[str, Any] = {
        "id": [f"P{row // 2}" for row in range(40)],
        "period": [1 + row % 2 for row in range(40)],
        "sequence": ["BF" if row // 2 % 2 else "FB" for row in range(40)],
        "arm": [ARMS[(row + row // 2) % 2] for row in range(40)],
        "pain": pain(40),
    }
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert tables["trial"]["design"] == "crossover" and question_above(text, "design")
    assert tables["data"][0]["arm"] == "arm" and tables["data"][0]["sequence"] == "sequence"
    assert tables["estimand"][0]["analysis"] == "crossover"
    assert not faults(file)


def test_an_arm_that_changes_now_and_then_is_asked_about(tmp_path: Path):
    made: dict[str, Any] = {
        "id": [f"P{row // 2}" for row in range(40)],
        "period": [1 + row % 2 for row in range(40)],
        "arm": [ARMS[row % 2 and row // 2 % 2] for row in range(40)],
        "pain": pain(40),
    }
    tables, text, _ = drafted(save(tmp_path / "scores.csv", made))
    assert tables["data"][0]["arm"] == "?"
    assert re.search(r"# \? .*crossover", text)


def test_two_baselines_of_an_outcome_are_not_two_visits(tmp_path: Path):
    names = ("pain_screening", "pain_baseline", "pain_w6", "odi_w0", "odi_w6")
    made = people() | {name: [2 * one for one in pain(30, k)] for k, name in enumerate(names)}
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert len(tables["visits"]["order"]) == 2
    assert "pain_screening: measured before treatment" in text
    assert not faults(file)


NAMES = (
    ("id", "group", "nprs w0 😀", "nprs w6 #]"),
    ("id", "group", 'nprs_w0" = 1', "nprs_w6\\u0041"),
    ("id", "group", "nprs_w0", "?"),
    ("id", "group", "status", "arm"),
    ("id", "group", "a" * 3000, "1" * 3000),
)


@pytest.mark.parametrize("names", NAMES, ids=range(len(NAMES)))
def test_any_name_of_a_column_gives_a_file_that_parses(tmp_path: Path, names: Sequence[str]):
    rows = [[f"P{row}", ARMS[row % 2], row % 10, (row + 3) % 10] for row in range(20)]
    sheet = tmp_path / "s.csv"
    pd.DataFrame(rows, columns=list(names)).to_csv(sheet, index=False)
    tables, _, _ = drafted(sheet)
    assert tables["data"][0]["participant"] == "id"


def test_rows_without_an_arm_are_counted_and_asked_about(tmp_path: Path):
    made = wide()
    made["group"][7] = ""
    tables, text, file = drafted(save(tmp_path / "scores.csv", made))
    assert tables["data"][0]["keep"] == {"group": ["BW", "FW"]}
    assert question_above(text, "keep") and "1 person has no arm" in text
    assert not faults(file)


SHEETS: dict[str, tuple[str, dict[str, Any]]] = {
    "semicolons and commas": (
        "id;group;vas (mm) pre;vas (mm) post\n"
        + "".join(f"P{n};{ARMS[n % 2]};{40 + n},5;{20 + n},25\n" for n in range(12)),
        {"separator": ";", "decimal": ","},
    ),
    "a title and a note": (
        "Trial of walking,,,\n,,,\nid,group,nprs_w0,nprs_w6\n"
        + "".join(f"P{n},{ARMS[n % 2]},{n % 10},{(n + 3) % 10}\n" for n in range(12))
        + "Note: pain of the last week,,,\n",
        {"header_row": 3, "footer_rows": 1},
    ),
    "two rows of names": (
        "Trial of walking,,,\n,,NPRS,\nid,group,week 0,week 6\n"
        + "".join(f"P{n},{ARMS[n % 2]},{n % 10},{(n + 3) % 10}\n" for n in range(12)),
        {},
    ),
}


@pytest.mark.parametrize("what", SHEETS)
def test_what_reading_takes_is_declared(tmp_path: Path, what: str):
    content, keys = SHEETS[what]
    sheet = tmp_path / "s.csv"
    sheet.write_text(content, encoding="utf-8")
    tables, _, file = drafted(sheet)
    data = tables["data"][0]
    assert {key: data.get(key) for key in keys} == keys
    assert data["participant"] == "id" and data["arm"] == "group"
    assert len(tables["visits"]["order"]) == 2
    assert not faults(file)


def test_of_a_workbook_the_sheet_with_the_numbers_is_drafted(tmp_path: Path):
    sheet = tmp_path / "book.xlsx"
    with pd.ExcelWriter(sheet) as book:
        pd.DataFrame({"variable": ["nprs"], "meaning": ["pain"]}).to_excel(
            book, sheet_name="Codebook", index=False
        )
        pd.DataFrame(wide()).to_excel(book, sheet_name="Scores", index=False)
    tables, text, file = drafted(sheet)
    assert tables["data"][0]["sheet"] == "Scores" and question_above(text, "sheet")
    assert not faults(file)


def dictionary(*fields: Sequence[str]) -> str:
    heads = (
        "Variable / Field Name,Form Name,Field Type,"
        '"Choices, Calculations, OR Slider Labels",Text Validation Type OR Show Slider Number\n'
    )
    return heads + "".join(",".join(f'"{one}"' for one in field) + "\n" for field in fields)


FIELDS = (
    ("record_id", "base", "text", "", ""),
    ("alloc", "base", "radio", "1, Backward | 2, Usual care", ""),
    ("age", "base", "text", "", "integer"),
    ("nprs", "diary", "text", "", "integer"),
)


def exported(rows: Mapping[str, str]) -> str:
    """Return an export of people by event: the columns of each event from its template."""
    lines = ["record_id,redcap_event_name,alloc,age,nprs"]
    for n in range(1, 17):
        arm, age = 1 + n % 2, 40 + n
        for place, one in enumerate(rows.values()):
            lines.append(one.format(n=n, arm=arm, age=age, nprs=(n * 3 + place) % 11))
    return "\n".join(lines) + "\n"


def test_an_export_of_redcap_with_its_dictionary(tmp_path: Path):
    sheet, book = tmp_path / "export.csv", tmp_path / "dictionary.csv"
    book.write_text(dictionary(*FIELDS), encoding="utf-8")
    events = {"a": "{n},baseline_arm_1,{arm},{age},{nprs}", "b": "{n},week_6_arm_1,,,{nprs}",
              "c": "{n},week_12_arm_1,,,{nprs}"}  # fmt: skip
    sheet.write_text(exported(events), encoding="utf-8")
    tables, _, file = drafted(sheet, "--dictionary", str(book))
    assert tables["visits"]["order"] == ["baseline", "week_6", "week_12"]
    assert tables["arms"]["reference"] == "usual-care"
    assert tables["data"][0]["dictionary"] == "dictionary.csv"
    assert "keep" not in tables["data"][0], "the arm stands at the first event alone"
    assert not faults(file)


def test_a_dictionary_is_asked_for_and_belongs_to_an_export(tmp_path: Path):
    sheet = tmp_path / "export.csv"
    sheet.write_text(exported({"a": "{n},baseline_arm_1,{arm},{age},{nprs}"}), encoding="utf-8")
    _, text, _ = drafted(sheet)
    assert question_above(text, "file = ") and "--dictionary" in text
    book = save(tmp_path / "book.xlsx", wide())
    new = tmp_path / "new"
    assert run(["init", str(new), "--from", str(book), "--dictionary", str(sheet)]) == 2
    assert not new.exists()


def test_a_file_that_cannot_be_read_leaves_nothing(tmp_path: Path, capfd):
    bad = tmp_path / "x.xlsx"
    bad.write_bytes(b"no workbook")
    for sheet in (bad, tmp_path / "missing.csv", tmp_path / "x.rds", tmp_path):
        assert run(["init", str(tmp_path / "new"), "--from", str(sheet)]) == 2
        assert "Traceback" not in capfd.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["x.xlsx"]


def test_what_is_there_is_not_overwritten(tmp_path: Path):
    sheet = save(tmp_path / "scores.csv", wide())
    folder = tmp_path / "trial"
    folder.mkdir()
    (folder / "trial.toml").write_text("mine")
    assert run(["init", str(folder), "--from", str(sheet)]) == 2
    assert [one.read_text() for one in folder.iterdir()] == ["mine"]


def test_a_dictionary_alone_is_refused(tmp_path: Path):
    assert run(["init", str(tmp_path / "new"), "--dictionary", "d.csv"]) == 2


def test_levels_of_an_event_are_asked_for_and_none_is_taken(tmp_path: Path) -> None:
    answers = [int(row % 3 > 0) for row in range(30)]
    columns = wide() | {f"walks_w{week}": answers for week in (0, 6)}
    _, text, _ = drafted(save(tmp_path / "scores.csv", columns))
    (line,) = [one for one in text.splitlines() if "walks has two levels" in one]
    assert '"0" and "1"' in line and "which is the event" in line
    assert '#event = "?"' in text and '#better = "?"' in text


def test_columns_that_may_tell_of_events_or_harms_are_told_and_nothing_is_made_of_them(
    tmp_path: Path,
) -> None:
    rng = [row % 2 for row in range(30)]
    columns: dict[str, list[Any]] = {name: rng for name in ("rescue_med", "adverse_event")}
    columns["falls_history"] = ["yes" if one else "no" for one in rng]
    tables, text, file = drafted(save(tmp_path / "scores.csv", wide() | columns))
    data = tables["data"][0]
    assert "falls_history" in data["covariates"]  # of the time before
    assert not {"rescue_med", "adverse_event"} & set(data["covariates"])
    assert "events" not in tables and "harms" not in tables
    lines = text.splitlines()
    for name, table in (("rescue_med", "#[[events]]"), ("adverse_event", "#[harms]")):
        place = next(n for n, one in enumerate(lines) if "By their names" in one and name in one)
        assert lines[place + 2].startswith("# ? ") and lines[place + 3] == table
        assert any(name in one and "see the end" in one for one in lines[:place])
    assert not faults(file)
    whole = re.sub(r"^#(?=\[|[a-z]+ = )", "", text[text.index("# By their names") :], flags=re.M)
    asked = tomllib.loads(whole)
    assert asked["events"][0]["participant"] == asked["harms"]["participant"] == "record_id"
