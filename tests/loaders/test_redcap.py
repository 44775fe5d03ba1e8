"""A raw export of REDCap is read by its data dictionary: codes, boxes, events, missing codes."""

from __future__ import annotations

import csv

import pytest

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.redcap import NAMES, parsed_choices, read_dictionary, read_redcap
from backwalk_stats.loaders.sheets.sheet import ReadOptions

# name, form, kind, choices, validation, low, high, identifier
FIELDS = [
    ("record_id", "entry", "text", "", "", "", "", ""),
    ("arm", "entry", "radio", "1, Backward | 2, Forward, usual", "", "", "", ""),
    ("birth", "entry", "text", "", "date_dmy", "", "", "y"),
    ("age", "entry", "text", "", "integer", "18", "90", ""),
    ("site", "entry", "checkbox", "1, Knee | 2, Back | -9, Unknown", "", "", "", ""),
    ("explained", "entry", "yesno", "", "", "", "", ""),
    ("about", "entry", "descriptive", "", "", "", "", ""),
    ("pain", "scores", "text", "", "number", "0", "10", ""),
    ("speed", "scores", "text", "", "number_2dp_comma_decimal", "", "", ""),
    ("total", "scores", "calc", "[pain]*10", "", "", "", ""),
    ("mood", "scores", "slider", "low | high", "number", "", "", ""),
    ("scan", "scores", "file", "", "", "", "", ""),
    ("words", "scores", "notes", "", "", "", "", ""),
]
RECORD = {
    "record_id": "7",
    "redcap_event_name": "baseline_arm_1",
    "redcap_repeat_instrument": "",
    "redcap_repeat_instance": "",
    "redcap_data_access_group": "north",
    "arm": "1",
    "birth": "1960-04-03",
    "age": "66",
    "site___1": "1",
    "site___2": "0",
    "site____9": "0",
    "explained": "1",
    "entry_complete": "2",
    "pain": "6.5",
    "speed": "0,85",
    "total": "65",
    "mood": "50",
    "scan": "[document]",
    "words": "walks, mostly",
    "scores_complete": "2",
}


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def dictionary(folder, names=0):
    header = [both[names] for both in NAMES.values()]
    return write(folder / "dictionary.csv", [header, *FIELDS])


def export(folder, *changes, **options):
    """Write an export of a record for each change of the good one, and read it."""
    records = [RECORD | change for change in changes or ({},)]
    header = list(dict.fromkeys(name for record in records for name in record))
    rows = [[record.get(name, "") for name in header] for record in records]
    path = write(folder / "export.csv", [header, *rows])
    return read_sheet(path, ReadOptions(dictionary=dictionary(folder), **options))


def faults_of(folder, *changes, **options):
    with pytest.raises(InputError) as caught:
        export(folder, *changes, **options)
    return caught.value.faults


def told(sheet, level):
    rows = sheet.log[sheet.log["level"] == level]
    return list(zip(rows["column"], rows["action"], rows["count"], strict=True))


def test_codes_labels_boxes_events_and_dates(tmp_path):
    sheet = export(tmp_path, {}, {"record_id": "8", "arm": "2", "birth": ""})
    assert sheet.frame["arm"].tolist() == ["1", "2"]
    assert sheet.frame["redcap_event_name"].tolist() == ["baseline_arm_1"] * 2
    assert sheet.frame["redcap_data_access_group"].tolist() == ["north"] * 2
    box = {"1": "Checked", "0": "Unchecked"}
    assert sheet.labels == {
        "arm": {"1": "Backward", "2": "Forward, usual"},
        "site___1": box,
        "site___2": box,
        "site____9": box,
        "explained": {"1": "Yes", "0": "No"},
    }
    assert sheet.dates == {"birth": (2,)}


def test_columns_that_no_analysis_needs_are_left_out_and_told(tmp_path):
    sheet = export(tmp_path)
    gone = ["redcap_repeat_instrument", "redcap_repeat_instance", "entry_complete"]
    gone += ["scores_complete", "scan"]
    assert not set(gone) & set(sheet.frame.columns)
    noted = {action: count for _, action, count in told(sheet, "note") if "left out" in action}
    assert noted == {"left out: a column that REDCap adds": 4, "left out: an uploaded file": 1}
    assert [column for column, _, _ in told(sheet, "warning")] == ["birth"]
    assert "identifying a person" in told(sheet, "warning")[0][1]


def test_decimal_commas_of_one_field_become_the_mark_of_the_others(tmp_path):
    sheet = export(tmp_path)
    assert sheet.frame["speed"].tolist() == ["0.85"]
    assert told(sheet, "repair") == [("speed", "decimal commas written as points", 1)]


def test_names_of_the_programming_interface_do_as_well(tmp_path):
    fields, _ = read_dictionary(dictionary(tmp_path, names=1))
    assert [field.name for field in fields] == [row[0] for row in FIELDS]


def test_missing_data_codes_stay_and_are_no_faults(tmp_path):
    codes = {"arm": "UNK", "pain": "-99", "birth": "UNK", "site___unk": "1", "site____99": "0"}
    sheet = export(tmp_path, codes, missing_codes=("UNK", "-99"))
    assert sheet.frame[["arm", "pain", "birth"]].values.tolist() == [["UNK", "-99", "UNK"]]
    assert not sheet.dates
    found = {fault.column: fault.found for fault in faults_of(tmp_path, codes)}
    assert found["arm"] == "a code that the data dictionary does not have"
    assert found["birth"] == "another text"
    assert found[None] == "2 others: site___unk, site____99"


def test_values_outside_the_limits_of_data_entry_are_told(tmp_path):
    sheet = export(tmp_path, {"age": "17"}, {"age": "91", "pain": "-99"}, missing_codes=("-99",))
    warnings = {column: action for column, action, _ in told(sheet, "warning")}
    assert warnings["age"] == "outside the limits of data entry, 18 to 90 (lines 2, 3)"
    assert "pain" not in warnings


@pytest.mark.parametrize(
    ("column", "value", "expected", "found"),
    [
        ("arm", "Backward", "one of the codes 1, 2", "a label in place of its code"),
        ("arm", "3", "one of the codes 1, 2", "a code that the data dictionary does not have"),
        ("site___1", "Checked", "one of the codes 1, 0", "a label in place of its code"),
        ("explained", "Yes", "one of the codes 1, 0", "a label in place of its code"),
        ("age", "66.5", "a whole number", "another text"),
        ("pain", "6,5", "a number", "another text"),
        ("pain", "inf", "a number", "another text"),
        ("speed", "0.85", "a number with a decimal comma", "another text"),
        ("mood", "low", "a number", "another text"),
        ("birth", "03-04-1960", "a date such as 2026-03-04", "another text"),
        ("birth", "19600403", "a date such as 2026-03-04", "another text"),
    ],
)
def test_a_wrong_cell(tmp_path, column, value, expected, found):
    (fault,) = faults_of(tmp_path, {}, {column: value})
    assert (fault.file, fault.row, fault.column) == ("export.csv", 3, column)
    assert (fault.expected, fault.found) == (expected, found)


def test_an_export_of_labels_is_refused(tmp_path):
    path = write(tmp_path / "export.csv", [["Record ID", "Event Name", "Arm"], ["7", "W0", "BW"]])
    with pytest.raises(InputError, match="raw data"):
        read_sheet(path, ReadOptions(dictionary=dictionary(tmp_path)))


def test_repeats_are_refused_and_every_fault_comes_at_once(tmp_path):
    repeat = {"redcap_repeat_instrument": "scores", "redcap_repeat_instance": "2", "age": "x"}
    faults = faults_of(tmp_path, {}, repeat, repeat)
    assert [(fault.row, fault.column) for fault in faults] == [
        (3, "redcap_repeat_instrument"),
        (3, "age"),
    ]
    assert "2 rows of repeats (lines 3, 4)" in faults[0].found


def test_a_dictionary_that_is_none(tmp_path):
    path = write(tmp_path / "wrong.csv", [["name", "kind"], ["a", "b"]])
    with pytest.raises(InputError) as caught:
        read_dictionary(path)
    assert len(caught.value.faults) == 5
    odd = ("odd", "entry", "hologram", "", "", "", "", "")
    header = [both[0] for both in NAMES.values()]
    path = write(tmp_path / "odd.csv", [header, *FIELDS, odd])
    with pytest.raises(InputError, match=r"expected a field type: .*found hologram"):
        read_dictionary(path)


def test_a_dictionary_is_needed_and_goes_with_text(tmp_path):
    path = write(tmp_path / "export.csv", [["record_id"], ["7"]])
    with pytest.raises(UsageError, match="give dictionary"):
        read_redcap(path, ReadOptions())
    (tmp_path / "export.xlsx").write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match=r"found a \.xlsx file"):
        read_sheet(tmp_path / "export.xlsx", ReadOptions(dictionary=dictionary(tmp_path)))


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("1, None | 2, Some", {"1": "None", "2": "Some"}),
        ("a, b | c, d", {"a": "b", "c": "d"}),
        ("0,No|1,Yes, a little", {"0": "No", "1": "Yes, a little"}),
        ("1, One |  | 2, Two", {"1": "One", "2": "Two"}),
        ("-1, Unknown", {"-1": "Unknown"}),
        ("", {}),
    ],
)
def test_choices(text, choices):
    assert parsed_choices(text) == choices
