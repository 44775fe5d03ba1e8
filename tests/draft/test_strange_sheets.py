"""Sheets as clinics and students have them: what their drafts find, and what they ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from backwalk_stats.cli.app import run
from tests.draft.test_drafts import ARMS, drafted, faults, pain, people, question_above, save, wide

N = 30


def unused(text: str) -> str:
    return text.partition("# Not used:")[2]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


LANGUAGES = {
    "German": ("Patientennummer", "Gruppe", ("Kontrolle", "Rückwärts"),
               ("Schmerz_vor", "Schmerz_nach", "Schmerz_Nachuntersuchung")),
    "Spanish": ("Paciente", "Grupo", ("Habitual", "Ejercicio"),
                ("Dolor_inicial", "Dolor_final", "Dolor_seguimiento")),
    "Portuguese": ("Participante", "Tratamento", ("Controle", "Marcha"),
                   ("Dor_antes", "Dor_depois", "Dor_acompanhamento")),
    "French": ("Sujet_ID", "Groupe", ("Témoin", "Marche"),
               ("Douleur_avant", "Douleur_après", "Douleur_suivi")),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_of_other_languages(tmp_path: Path, language: str):
    own, arm, labels, scores = LANGUAGES[language]
    made: dict[str, Sequence[Any]] = {
        own: [f"QX{row}" for row in range(N)],
        arm: [labels[row % 2] for row in range(N)],
        **{name: pain(N, place) for place, name in enumerate(scores)},
    }
    tables, text, file = drafted(save(tmp_path / "s.csv", made))
    assert tables["data"][0]["participant"] == own and tables["data"][0]["arm"] == arm
    assert list(tables["outcome"][0]["columns"].values()) == list(scores)
    assert f"its label says {labels[0].casefold()}" in text
    assert tables["outcome"][0]["better"] == "lower"
    assert not faults(file)


@pytest.mark.parametrize("other", ["received", "arm_2"])
def test_a_second_column_of_arms_is_asked_about_and_no_covariate(tmp_path: Path, other: str):
    made = wide()
    made["allocated"] = made.pop("group")
    made[other] = [ARMS[0] if row == 3 else one for row, one in enumerate(made["allocated"])]
    tables, text, file = drafted(save(tmp_path / "s.csv", made))
    said = f"# ? or is it {' or '.join({'allocated', other} - {tables['data'][0]['arm']})}?"
    assert said in text
    assert not {other, "allocated"} & {one["column"] for one in
                                       tables["data"][0]["covariates"].values()}  # fmt: skip
    assert not faults(file)


AFTERWARDS: dict[str, list[Any]] = {
    "pain_change": [row % 4 - 3 for row in range(N)],
    "dropout": ["yes" if row % 7 == 0 else "no" for row in range(N)],
    "adherence": [50 + row for row in range(N)],
    "Remarks": ["late" if row % 9 == 0 else "" for row in range(N)],
    "outcome": ["good" if row % 3 else "bad" for row in range(N)],
    "nprs_last": [row % 10 for row in range(N)],
}


def test_what_is_known_only_afterwards_is_no_covariate(tmp_path: Path):
    tables, text, file = drafted(save(tmp_path / "s.csv", wide() | AFTERWARDS))
    assert set(tables["data"][0]["covariates"]) == {"age", "sex"}
    assert not [name for name in AFTERWARDS if f"  {name}: " not in unused(text)]
    assert len(tables["outcome"]) == 1
    assert not faults(file)


def test_days_of_each_person_are_no_visits_and_do_not_stand_in_the_draft(tmp_path: Path):
    rows = [
        {"id": f"P{one}", "group": ARMS[one % 2], "day": day, "nprs": (one + day) % 11}
        for one in range(24)
        for day in (0, 3 + one % 9, 13 + one % 8, 22 + one % 7)
    ]
    tables, text, file = drafted(save(tmp_path / "s.csv", columns_of(rows)))
    assert tables["visits"]["order"] == ["baseline", "end"]
    assert tables["data"][0]["visit"] == "?" and question_above(text, "visit")
    assert "found a question that is open" in faults(file)[0]


def test_planned_days_are_visits(tmp_path: Path):
    rows = [
        {"id": f"P{one}", "group": ARMS[one % 2], "day": day, "nprs": (one + day) % 11}
        for one in range(24)
        for day in (0, 28, 56, 84)
    ]
    tables, _, file = drafted(save(tmp_path / "s.csv", columns_of(rows)))
    assert tables["visits"]["order"] == ["0", "28", "56", "84"]
    assert not faults(file)


@pytest.mark.parametrize(
    ("stem", "values", "said"),
    [
        ("koos_pain", range(3, 93, 3), {"better": "higher"}),
        ("vas", [row % 11 for row in range(N)], {"instrument": "vas100", "version": "cm"}),
        ("vas", [row * 3 for row in range(N)], {"instrument": "vas100", "version": "mm"}),
        ("rmdq", [row % 25 for row in range(N)], {"instrument": "rmdq", "version": "24"}),
        ("lefs", [row * 2 for row in range(N)], {"instrument": "lefs", "subscale": "score"}),
        ("nprs", [row * 3 for row in range(N)], {"better": "lower"}),
    ],
)
def test_direction_and_version_of_an_instrument(
    tmp_path: Path, stem: str, values: Sequence[int], said: dict[str, str]
):
    made = people(N) | {f"{stem}_pre": list(values), f"{stem}_post": list(values)[::-1]}
    tables, text, file = drafted(save(tmp_path / "s.csv", made))
    assert said.items() <= tables["outcome"][0].items()
    if "instrument" not in said:
        name = stem.partition("_")[0]
        assert f"but no scale of {name} fits name and values" in text
    assert not faults(file)


def test_a_visit_of_words_after_one_of_numbers_is_asked_about(tmp_path: Path):
    made = people(N) | {f"nprs_{when}": pain(N, k) for k, when in enumerate(("pre", "3m", "post"))}
    _, text, _ = drafted(save(tmp_path / "s.csv", made))
    assert "# ? post: no number says when it was. After M3?" in text
    assert question_above(text, "order")


def test_headings_among_the_rows_are_asked_about_and_ids_alone_are_people(tmp_path: Path):
    rows: list[list[object]] = [["S.No", "Age", "Sex", "Pre VAS", "Post VAS"], ["GROUP A"]]
    rows += [[n, 40 + n, "MF"[n % 2], n % 11, n % 7] for n in range(1, 13)]
    rows += [["GROUP B"], *([n, 41 + n, "MF"[n % 2], n % 10, n % 8] for n in range(1, 12)), [12]]
    sheet = tmp_path / "s.xlsx"
    padded = [[*row, *[None] * (5 - len(row))] for row in rows]
    pd.DataFrame(padded).to_excel(sheet, header=False, index=False)
    _, text, _ = drafted(sheet)
    assert "one cell alone is filled in line 2, 15: is it a heading" in text


def test_sheets_of_the_same_columns_are_asked_about(tmp_path: Path):
    sheet = tmp_path / "s.xlsx"
    one = pd.DataFrame(wide()).drop(columns="group")
    with pd.ExcelWriter(sheet) as book:
        for name in ("Walking", "Control"):
            one.to_excel(book, sheet_name=name, index=False)
    _, text, _ = drafted(sheet)
    assert "'Walking' and 'Control' have the same columns: is each an arm, or a visit?" in text


def test_knees_of_a_person_are_asked_about_and_no_covariate(tmp_path: Path):
    made = {name: [one for one in values for _ in "LR"] for name, values in wide().items()}
    made["side"] = ["L", "R"] * N
    tables, text, _ = drafted(save(tmp_path / "s.csv", made))
    assert tables["data"][0]["within"] == "side" and question_above(text, "within")
    assert "side" not in tables["data"][0]["covariates"]


def test_an_export_of_labels_has_visits(tmp_path: Path):
    rows = [
        {"Record ID": n, "Event Name": event, "Treatment arm": arm, "Pain NPRS": (n + k) % 11}
        for n in range(1, 25)
        for k, (event, arm) in enumerate(
            {"Baseline (Arm 1: Main)": ARMS[n % 2], "Week 6 (Arm 1: Main)": ""}.items()
        )
    ]
    tables, _, file = drafted(save(tmp_path / "s.csv", columns_of(rows)))
    assert tables["data"][0]["visit"] == "Event Name" and tables["visits"]["weeks"] == [0, 6]
    assert not faults(file)


def test_a_row_a_measurement_is_asked_about(tmp_path: Path):
    rows = [
        {"ID": n, "Group": ARMS[n % 2], "Test": test, "Value": (n + k) % 11}
        for n in range(1, 25)
        for k, test in enumerate(("VAS_pre", "VAS_post", "ROM_pre", "ROM_post"))
    ]
    tables, text, _ = drafted(save(tmp_path / "s.csv", columns_of(rows)))
    assert "rows of an id differ by Test" in text and question_above(text, "participant")
    assert "covariates" not in tables["data"][0]


def test_two_measurements_at_each_visit_are_two_outcomes(tmp_path: Path):
    names = ("pre1", "pre2", "post1", "post2")
    made = people(N) | {name: pain(N, k) for k, name in enumerate(names)}
    tables, _, _ = drafted(save(tmp_path / "s.csv", made))
    assert tables["visits"]["order"] == ["pre", "post"]
    columns = [one["columns"] for one in tables["outcome"]]
    assert columns == [{"pre": "pre1", "post": "post1"}, {"pre": "pre2", "post": "post2"}]


def test_cells_that_are_no_numbers_are_told_by_what_they_look_like(tmp_path: Path):
    made = wide() | {
        "tug_pre": [f"0:{10 + row}" for row in range(N)],
        "crp_pre": ["<2" if row % 6 == 0 else str(row) for row in range(N)],
        "crp_post": list(range(N)),
    }
    tables, text, file = drafted(save(tmp_path / "s.csv", made))
    assert "tug_pre: many different cells of what looks like a time (30 cells; Give" in text
    assert "crp_pre: mostly numbers, with a bound, not a number (5 cells; Give" in text
    assert "crp_post" in unused(text), "measured after treatment"
    assert set(tables["data"][0]["covariates"]) == {"age", "sex"}
    assert not faults(file)


def test_a_total_is_matched_by_the_name_of_its_column(tmp_path: Path):
    made = people(N) | {f"WOMAC Total {when}": [20 + 2 * row for row in range(N)]
                        for when in ("Pre", "Post")}  # fmt: skip
    tables, _, file = drafted(save(tmp_path / "s.csv", made))
    assert tables["outcome"][0]["subscale"] == "total"
    assert not faults(file)


def test_a_sheet_that_is_no_trial_is_told_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    sheet = tmp_path / "my file.csv"
    sheet.write_text("Pos,Item,Price\n1,Chair,49.90\n2,Table,199.00\n")
    folder = tmp_path / "Rück ordner"
    assert run(["init", str(folder), "--from", str(sheet)]) == 0
    said = capfd.readouterr().out
    assert "No column looks like ids nor an arm nor an outcome" in said
    assert f"backwalk check '{folder}/trial.toml'" in said, "as a shell takes it"


def test_no_id_and_no_text_of_a_person_is_in_a_draft(tmp_path: Path):
    made = wide() | {
        "comment": [f"CANARY{row}" if row < 6 else "" for row in range(N)],
        "hospital_no": [f"CANARYH{row}" for row in range(N)],
        "e-mail": [f"CANARY{row}@x.org" for row in range(N)],
    }
    made["record_id"] = [f"CANARYID{row}" for row in range(N)]
    _, text, _ = drafted(save(tmp_path / "s.csv", made))
    assert "CANARY" not in text


KEYS = (
    ('order = ["W0"', 'weeks = [0, 6]\norder = ["W0"', "key visits.weeks: expected 3 weeks"),
    ('reference = "fw"', 'reference = "FW"', "key arms.reference: expected"),
    ('reference = "fw"', 'reference = "FW"', "results: write 'fw'"),
    ('covariates = ["baseline"]', 'covariates = "baseline"', 'as covariates = ["baseline"]'),
    ('better = "lower"', 'better = "?"', "'lower' or 'higher', found a question that is open"),
)


@pytest.mark.parametrize(("line", "new", "said"), KEYS)
def test_a_fault_names_its_key_and_tells_what_to_write(
    tmp_path: Path, line: str, new: str, said: str
):
    made = people(N) | {f"pain_w{week}": pain(N, week) for week in (0, 6, 12)}
    _, text, file = drafted(save(tmp_path / "s.csv", made))
    text = text.replace("weeks = [0, 6, 12]\n", "")
    assert line in text
    file.write_text(text.replace(line, new, 1), encoding="utf-8")
    told = faults(file)
    assert len(told) == 1 and said in told[0]


def test_a_label_goes_where_the_message_says(tmp_path: Path):
    made = wide()
    _, text, file = drafted(save(tmp_path / "s.csv", made))
    made["group"][4] = "Backward"
    save(tmp_path / "trial" / "s.csv", made)
    assert "Add it to labels under [arms]" in faults(file)[0]
    file.write_text(text.replace("labels = { ", 'labels = { Backward = "bw", '), encoding="utf-8")
    assert not faults(file)


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\x7fELF\x02\x01"])
def test_a_file_that_is_no_text_is_not_told_to_change_its_encoding(
    tmp_path: Path, start: bytes, capfd: pytest.CaptureFixture[str]
):
    sheet = tmp_path / "s.csv"
    sheet.write_bytes(start + bytes(range(256)) * 20)
    assert run(["init", str(tmp_path / "new"), "--from", str(sheet)]) == 2
    said = capfd.readouterr().err
    assert "renaming a file does not convert it" in said and "ncoding" not in said
    assert not (tmp_path / "new").exists()
