"""Rows of the list of bad inputs about ids, repeated rows and arms of a trial."""

from __future__ import annotations

import pytest

from backwalk_stats.loaders.load import check_trial, load_trial
from tests.bad_inputs.trials import (
    LONG,
    faults_of,
    good_rows,
    log_of,
    long_rows,
    the_fault,
    write_csv,
    write_trial,
)


def test_id_leading_zero_ids_001_01_1(tmp_path):
    path = write_trial(tmp_path, cells=[(3, "id", "01"), (4, "id", "1")])
    trial = load_trial(path)
    assert trial.participants["participant"].tolist()[:4] == ["001", "01", "1", "004"]
    assert [count for column, action, count in log_of(path, "repair") if column == "id"] == [39]
    assert any("leading zeros" in action for _, action, _ in log_of(path, "warning"))


def test_id_12e3_ids(tmp_path):
    trial = load_trial(write_trial(tmp_path, cells=[(3, "id", "12E3"), (4, "id", "12000")]))
    assert trial.participants["participant"].tolist()[1:3] == ["12E3", "12000"]


def test_id_ids_2_53_as_float(tmp_path):
    cells = [(3, "id", "9007199254740993"), (4, "id", "9007199254740992")]
    trial = load_trial(write_trial(tmp_path, cells=cells))
    assert trial.participants["participant"].tolist()[1:3] == [cell for _, _, cell in cells]
    assert trial.data["participant"].nunique() == 40


def test_id_blank_nan_id(tmp_path):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "id", ""), (9, "id", " ")]))
    assert fault.found == "an empty cell (2 rows: lines 3, 9)"
    trial = load_trial(write_trial(tmp_path, cells=[(3, "id", "NaN"), (9, "id", "NA")]))
    assert {"NaN", "NA"} <= set(trial.participants["participant"])


@pytest.mark.parametrize("other", ["P01 ", "p01", " P01", "Ｐ01", "P01\u00a0"])
def test_id_trailing_spaces_case_differences_in_ids_p01_vs_p01(tmp_path, other):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "id", "P01"), (9, "id", other)]))
    assert fault.row == 3 and "line 9" in fault.found
    assert other.strip() not in str(fault)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("surname", ["x"]),
        ("PatientName", ["x"]),
        ("Vorname", ["x"]),
        ("first name", ["x"]),
        ("date_of_birth", [""]),
        ("DOB", [""]),
        ("e-mail", [""]),
        ("nhs_number", [""]),
        ("Telefon", [""]),
        ("remark", ["see ann.lee@example.org"[4:]]),
        ("code", ["078-05-1120"]),
        ("remark", ["Ann Lee", "Bo Ek", "Cy Dahl", "Eva Falk"]),
        ("born", ["1951-03-04", "1960-01-31", "1949-12-24"]),
    ],
)
def test_id_names_e_mail_dates_of_birth_national_ids_in_columns(tmp_path, column, texts):
    def spoil(rows):
        many = texts * len(rows)
        if len(texts) > 1:
            many = [f"{text[:-1]}{k % 9}" if text[0] == "1" else f"{text}{chr(97 + k % 26)}"
                    for k, text in enumerate(many)]  # fmt: skip
        return [row | {column: text} for row, text in zip(rows, many, strict=False)]

    path = write_trial(tmp_path, spoil=spoil)
    fault = the_fault(path)
    assert fault.column == column
    assert "--allow-identifiers" in fault.action
    trial = load_trial(path, allow_identifiers=True)
    assert column not in trial.participants
    logged = trial.load_log[trial.load_log["column"] == column]
    assert logged["level"].tolist() == ["warning"]
    assert not any(text and text in logged.to_string() for text in texts)


def test_dup_duplicate_subject_visit_rows_same_values(tmp_path):
    path = write_trial(tmp_path, spoil=lambda rows: [*rows, rows[3]])
    fault = the_fault(path)
    assert fault.found == "rows that are the same (2 rows: lines 5, 42)"
    assert "duplicates" in fault.action
    path = write_trial(
        tmp_path, toml=LONG, spoil=lambda rows: [*long_rows(rows), long_rows(rows)[4]]
    )
    assert the_fault(path).expected == "each visit of a participant once"


def test_dup_duplicate_subject_visit_different_values_by_policy(tmp_path):
    def spoil(rows):
        return [*long_rows(rows), long_rows(rows)[0] | {"nprs": "0", "womacf": "68"}]

    path = write_trial(tmp_path, toml=LONG, spoil=spoil)
    assert the_fault(path).found == "rows with other values (2 rows: lines 2, 122)"
    first = float(good_rows()[0]["nprs_w0"])
    for policy, value in (("first", first), ("last", 0.0), ("mean", first / 2)):
        declared = ('layout = "long"', f'layout = "long"\nduplicates = "{policy}"')
        path = write_trial(tmp_path, toml=(*LONG, declared), spoil=spoil)
        assert load_trial(path).data["value"].iloc[0] == value
        assert any("occur again" in action for _, action, _ in log_of(path, "repair"))


def test_dup_subject_in_both_arms(tmp_path):
    def spoil(rows):
        rows = long_rows(rows)
        rows[1]["group"] = "BW"
        return rows

    fault = the_fault(write_trial(tmp_path, toml=LONG, spoil=spoil))
    assert (fault.row, fault.column) == (3, "group")
    assert fault.found == "another arm than in scores.csv, line 2"
    for policy in ("first", "last", "mean"):
        declared = ('layout = "wide"', f'layout = "wide"\nduplicates = "{policy}"')
        path = write_trial(
            tmp_path, toml=[declared], spoil=lambda rows: [*rows, rows[0] | {"group": "BW"}]
        )
        assert "another arm" in the_fault(path).found


def test_dup_the_same_visit_in_two_files(tmp_path):
    second = """
[[data]]
file = "more.csv"
layout = "long"
participant = "id"
visit = "visit"

[[outcome]]
name = "knee_pain"
"""
    path = write_trial(
        tmp_path,
        toml=(*LONG, ('\n[[outcome]]\nname = "knee_pain"\n', second)),
        spoil=lambda rows: long_rows(rows)[2:],
    )
    rows = [{name: row[name] for name in ("id", "visit", "nprs", "womacf")}
            for row in long_rows(good_rows())]  # fmt: skip
    write_csv(tmp_path / "more.csv", rows[:2])
    assert load_trial(path).data["value"].notna().all()
    write_csv(tmp_path / "more.csv", rows[:4])
    faults = faults_of(path)
    assert {(fault.file, fault.row) for fault in faults} == {("more.csv", 4)}
    assert {fault.found for fault in faults} == {
        "visits that an earlier file has too (2 rows: lines 4, 5)"
    }


def test_dup_duplicate_column_names(tmp_path):
    path = write_trial(tmp_path)
    sheet = tmp_path / "scores.csv"
    sheet.write_text(sheet.read_text().replace("nprs_w3", "nprs_w0", 1))
    assert "'nprs_w0' 2 times" in the_fault(path).found


def test_dup_duplicate_whole_file_ingested_twice_under_other_name(tmp_path):
    again = '\n[[data]]\nfile = "again.csv"\nparticipant = "id"\n\n[[outcome]]\nname = "knee_pain"'
    path = write_trial(tmp_path, toml=[('\n[[outcome]]\nname = "knee_pain"', again)])
    (tmp_path / "again.csv").write_bytes((tmp_path / "scores.csv").read_bytes())
    trial = load_trial(path)
    warnings = trial.load_log[trial.load_log["level"] == "warning"]
    assert warnings["action"].tolist() == ["the same content as scores.csv: not read twice"]
    assert len(trial.participants) == 40


def test_arm_typos_backward_backward_bw(tmp_path):
    cells = [(3, "group", "backward"), (5, "group", "Backward "), (7, "group", "ｂｗ")]
    path = write_trial(tmp_path, cells=cells)
    assert ("group", "labels matched without regard to case and spaces", 2) in log_of(
        path, "repair"
    )
    assert load_trial(path).participants["arm"].value_counts().tolist() == [20, 20]
    fault = the_fault(write_trial(tmp_path, cells=[(3, "group", "BWW"), (4, "group", "Bakward")]))
    assert fault.found == "'BWW', 'Bakward' (2 rows: lines 3, 4)"
    assert "BW" in fault.expected


@pytest.mark.parametrize("label", ["NA", "None", "null"])
def test_arm_na_none_null_as_labels_or_site_code(tmp_path, label):
    def spoil(rows):
        for row in rows:
            row["group"] = row["group"].replace("BW", label)
            row["site"] = row["site"].replace("A", label)
        return rows

    path = write_trial(tmp_path, toml=[('BW = "backward"', f'{label} = "backward"')], spoil=spoil)
    people = load_trial(path).participants
    assert people["arm"].value_counts()["backward"] == 20
    assert people["site"].value_counts()[label] == 20
    kept = "labels such as NA kept as labels, not as missing"
    logged = log_of(path, "repair")
    assert ("group", kept, 20) in logged and ("site", kept, 20) in logged


def test_arm_one_arm_only(tmp_path):
    path = write_trial(tmp_path, spoil=lambda rows: [row for row in rows if row["group"] == "BW"])
    fault = the_fault(path)
    assert fault.found == "nobody in forward"
    assert "no estimand" in fault.action
    text = path.read_text()
    path.write_text(text[: text.index("[[estimand]]")])
    trial = load_trial(path)
    assert trial.study.arm_names == ("backward",)


def test_arm_arm_with_n_1(tmp_path):
    def spoil(rows):
        return [row for row in rows if row["group"] == "FW"] + rows[1:2]

    fault = the_fault(write_trial(tmp_path, spoil=spoil))
    assert fault.found == "1 in backward"
    assert "two participants" in fault.expected


def test_arm_arm_coded_0_1_2_with_unused_level(tmp_path):
    labels = ('BW = "backward"\nFW = "forward"', '1 = "backward"\n0 = "forward"\n2 = "control"')
    path = write_trial(
        tmp_path,
        toml=[labels],
        spoil=lambda rows: [row | {"group": str(int(row["group"] == "BW"))} for row in rows],
    )
    trial = load_trial(path)
    assert trial.study.arm_names == ("forward", "backward")
    assert list(trial.data["arm"].cat.categories) == ["forward", "backward"]
    assert list(trial.participants["arm"].cat.categories) == ["forward", "backward"]
    assert ("key arms", "arm control left out: nobody is in it", 1) in log_of(path, "repair")


def test_arm_unbalanced_by_mistake_n_30_vs_n_3(tmp_path):
    def spoil(rows):
        return [row for row in rows if row["group"] == "FW"] + rows[1:8:2]

    (warning,) = log_of(write_trial(tmp_path, spoil=spoil), "warning")
    assert warning[1].startswith("arms of very unequal size")
    flow = "\n[flow]\nassessed = 50\nallocated = { forward = 20, backward = 20 }\n"
    path = write_trial(tmp_path, spoil=spoil, more=flow)
    (warning,) = log_of(path, "warning")
    assert "another number than [flow] says" in warning[1] and warning[2] == 4
    assert not log_of(write_trial(tmp_path, more=flow), "warning")


def test_arm_swapped_arm_labels_bw_fw_against_the_published_sizes(tmp_path):
    flow = "\n[flow]\nallocated = { forward = 20, backward = 18 }\n"
    path = write_trial(tmp_path, more=flow, spoil=lambda rows: [*rows[:36], *rows[37:40:2]])
    warnings = [action for _, action, _ in log_of(path, "warning")]
    assert any("exchanged" in action for action in warnings)
    exchanged = ('BW = "backward"\nFW = "forward"', 'BW = "forward"\nFW = "backward"')
    path.write_text(path.read_text().replace(*exchanged))
    assert not log_of(path, "warning")


def test_arm_empty_cells_are_listed(tmp_path):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "group", ""), (8, "group", "")]))
    assert fault.found == "an empty cell (2 rows: lines 3, 8)"


def test_two_files_are_joined_by_id(tmp_path):
    second = (
        '\n[[data]]\nfile = "later.csv"\nparticipant = "pid"\n\n[[outcome]]\nname = "knee_pain"'
    )
    later = ("nprs_w6", "womacf_w6")
    path = write_trial(
        tmp_path,
        toml=[('\n[[outcome]]\nname = "knee_pain"', second)],
        spoil=lambda rows: [{k: v for k, v in row.items() if k not in later} for row in rows],
    )
    rows = good_rows()
    rows = [{"pid": row["id"]} | {name: row[name] for name in later} for row in rows[::-1]]
    write_csv(tmp_path / "later.csv", rows)
    joined = load_trial(path)
    (tmp_path / "whole").mkdir()
    whole = load_trial(write_trial(tmp_path / "whole"))
    assert joined.data.equals(whole.data)
    assert joined.participants.equals(whole.participants)
    write_csv(tmp_path / "later.csv", [*rows, rows[0] | {"pid": "999x"}])
    fault = the_fault(path)
    assert (fault.file, fault.row) == ("later.csv", 42)
    assert "999x" not in str(fault)


def test_priv_exception_text_log_containing_row_values_or_ids(tmp_path):
    canary = "ZQ7canary"
    cells = [
        (3, "id", canary), (4, "id", canary.lower()), (5, "nprs_w0", canary), (6, "age", canary),
        (7, "womacf_w0", "73.125"), (8, "age", "-17.25"), (9, "id", canary),
    ]  # fmt: skip
    faults, log = check_trial(write_trial(tmp_path, cells=cells))
    said = "\n".join([*map(str, faults), log.to_string()])
    assert len(faults) >= 5
    for word in (canary, canary.lower(), "73.125", "-17.25"):
        assert word not in said


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    cells = [(3, "nprs_w0", "6,5"), (4, "group", "XX"), (5, "id", ""), (6, "womacf_w3", "99")]
    found = {(fault.row, fault.column) for fault in faults_of(write_trial(tmp_path, cells=cells))}
    assert found == {(3, "nprs_w0"), (4, "group"), (5, "id"), (6, "womacf_w3")}
