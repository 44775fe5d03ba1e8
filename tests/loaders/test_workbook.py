"""A workbook is read cell by cell as text; what hides in it is told, what misleads is refused."""

from __future__ import annotations

import datetime
import io
import re
import struct
import zipfile

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions, number_text
from backwalk_stats.loaders.sheets.workbook_xml import column_letters, column_number
from tests.loaders.workbooks import ROWS, rewrite_part, write_workbook

SHEET = "xl/worksheets/sheet1.xml"


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ReadOptions(**options))
    return caught.value.faults


def told(sheet, level):
    return sheet.log.loc[sheet.log["level"] == level, "action"].tolist()


def test_cells_become_text_and_rows_keep_their_number(tmp_path):
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx"))
    assert sheet.file == "a.xlsx"
    assert sheet.frame.to_dict("list") == {
        "line": [2, 3, 4, 5],
        "id": ["P01", "P02", "P03", "P04"],
        "group": ["BW", "FW", "BW", "FW"],
        "pain_w0": ["6", "7", "5", "6"],
        "pain_w6": ["3.5", "5", "4", "6"],
    }
    assert sheet.log.empty
    assert sheet.missing.empty
    assert not sheet.labels
    assert not sheet.dates


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_themselves(value):
    text = number_text(value)
    assert float(text) == value
    assert "e" not in text
    assert len(text.lstrip("-").replace(".", "").strip("0")) <= 17


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_narrow_numbers_read_back_as_themselves(value):
    assert np.float32(number_text(np.float32(value))) == np.float32(value)


def test_large_ids_keep_every_digit(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [["id", "pain"], [2**53, 5], [1e22, 6]])
    # Other programs write a whole number as it is; openpyxl rounds it first.
    rewrite_part(path, SHEET, lambda xml: xml.replace(b"9007199254740992", b"9007199254740993"))
    frame = read_sheet(path).frame
    assert frame["id"].tolist() == ["9007199254740993", "10000000000000000000000"]


def test_text_that_looks_like_a_number_stays_as_typed(tmp_path):
    rows = [["id", "pain"], ["001", "6,5"], ["12E3", " 7 "], ["1-2", "NA"]]
    frame = read_sheet(write_workbook(tmp_path / "a.xlsx", rows)).frame
    assert frame["id"].tolist() == ["001", "12E3", "1-2"]
    assert frame["pain"].tolist() == ["6,5", " 7 ", "NA"]


def test_dates_and_times_are_iso_and_placed(tmp_path):
    day, clock = datetime.date(2026, 3, 4), datetime.time(9, 30)
    rows = [
        ["id", "seen", "pain"],
        ["P1", day, 5],
        ["P2", datetime.datetime.combine(day, clock), day],
        ["P3", None, clock],
        ["P4", None, datetime.timedelta(hours=30, minutes=1)],
    ]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", rows))
    assert sheet.frame["seen"].tolist() == ["2026-03-04", "2026-03-04T09:30:00", "", ""]
    assert sheet.frame["pain"].tolist() == ["5", "2026-03-04", "09:30:00", "30:01:00"]
    assert sheet.dates == {"seen": (2, 3), "pain": (3, 4, 5)}
    assert "cells are dates, not text or numbers (lines 3, 4, 5)" in told(sheet, "warning")


def test_booleans_are_words_and_noted(tmp_path):
    sheet = read_sheet(
        write_workbook(tmp_path / "a.xlsx", [["id", "drop"], ["P1", True], ["P2", False]])
    )
    assert sheet.frame["drop"].tolist() == ["TRUE", "FALSE"]
    assert told(sheet, "note") == ['TRUE and FALSE were written as "TRUE", "FALSE"']


@pytest.mark.parametrize("wanted", ["extra", 2, "2"])
def test_a_sheet_by_name_or_number(tmp_path, wanted):
    def change(book, _):
        book.create_sheet("extra").append(["id"])
        book["extra"].append(["P9"])

    path = write_workbook(tmp_path / "a.xlsx", change=change)
    sheet = read_sheet(path, ReadOptions(sheet=wanted))
    assert sheet.frame["id"].tolist() == ["P9"]
    assert told(sheet, "note") == ["sheet 'extra' was read, as asked"]


def test_a_sheet_that_is_named_with_a_digit_comes_first(tmp_path):
    def change(book, sheet):
        sheet.title = "2"
        book.create_sheet("extra")

    path = write_workbook(tmp_path / "a.xlsx", change=change)
    assert len(read_sheet(path, ReadOptions(sheet="2")).frame) == 4


@pytest.mark.parametrize("wanted", ["Scores ", 3, 0])
def test_sheets_are_listed(tmp_path, wanted):
    path = write_workbook(tmp_path / "a.xlsx", change=lambda book, _: book.create_sheet("codes"))
    (fault,) = faults_of(path, sheet=wanted)
    assert fault.action == "Its sheets: 'scores', 'codes'. Set sheet = \"...\""


def test_hidden_sheets_are_not_chosen_and_told(tmp_path):
    def change(book, sheet):
        sheet.sheet_state = "hidden"
        for row in ROWS[:2]:
            book.create_sheet("shown") if "shown" not in book.sheetnames else None
            book["shown"].append(row)

    path = write_workbook(tmp_path / "a.xlsx", change=change)
    sheet = read_sheet(path)
    assert len(sheet.frame) == 1
    assert told(sheet, "warning") == ["hidden sheets were not read: 'scores'"]
    asked = read_sheet(path, ReadOptions(sheet="scores"))
    assert "sheet 'scores' is hidden" in told(asked, "warning")


def test_hidden_rows_columns_and_filters_are_counted(tmp_path):
    def change(_, sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[4].hidden = True
        sheet.column_dimensions["C"].hidden = True
        sheet.auto_filter.ref = "A1:D5"
        sheet.auto_filter.add_filter_column(1, ["BW"])

    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", change=change))
    assert len(sheet.frame) == 4
    warnings = sheet.log[sheet.log["level"] == "warning"]
    assert dict(zip(warnings["action"], warnings["count"], strict=True)) == {
        "hidden rows were read like the others": 2,
        "hidden columns were read like the others": 1,
        "a filter is set; rows that it hides were read like the others": 1,
    }


def test_titles_and_notes_are_left_out_when_declared(tmp_path):
    rows = [["Trial of walking"], [], *ROWS, [], ["Note: diary pain"]]
    path = write_workbook(tmp_path / "a.xlsx", rows)
    names, note = faults_of(path)
    assert (names.row, names.found) == (1, "what looks like a title (line 1)")
    assert names.action == "Set header_row = 3"
    assert (note.row, note.found) == (9, "a note under the table (line 9)")
    assert note.action.endswith("set footer_rows = 2")
    sheet = read_sheet(path, ReadOptions(header_row=3, footer_rows=2))
    assert sheet.frame["line"].tolist() == [4, 5, 6, 7]
    assert told(sheet, "note") == [
        "rows under the records not read (lines 8, 9)",
        "rows above the header not read",
    ]


def test_empty_rows_and_empty_outer_columns_are_passed_over(tmp_path):
    rows = [[*ROWS[0], None, None], ROWS[1], [], ROWS[2]]
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", rows))
    assert sheet.frame["line"].tolist() == [2, 4]
    assert sheet.frame.columns.tolist() == ["line", *ROWS[0]]
    assert told(sheet, "repair") == ["empty rows passed over"]


def test_a_column_without_a_name_is_placed_by_its_letter(tmp_path):
    rows = [["id", None, "pain"], ["P1", 4, 5], ["P2", 4, 6]]
    (fault,) = faults_of(write_workbook(tmp_path / "a.xlsx", rows))
    assert (fault.row, fault.found) == (1, "no name over column B")
    rows = [["id", "pain"], ["P1", 4, 5], ["P2", 4, 6]]
    (fault,) = faults_of(write_workbook(tmp_path / "b.xlsx", rows))
    assert fault.found == "no name over column C"


@pytest.mark.parametrize("rows", [[], [[]], [["id", "pain"]]])
def test_nothing_to_read(tmp_path, rows):
    (fault,) = faults_of(write_workbook(tmp_path / "a.xlsx", rows))
    assert "header" in fault.found or fault.action == "The sheet is empty"


def test_error_cells_are_refused_by_column(tmp_path):
    rows = [*ROWS, ["P05", "BW", "#N/A", "#DIV/0!"], ["P06", "FW", "#N/A", 3]]
    faults = faults_of(write_workbook(tmp_path / "a.xlsx", rows))
    assert [(fault.row, fault.column) for fault in faults] == [(6, "pain_w0"), (6, "pain_w6")]
    assert "2 cells: lines 6, 7" in faults[0].found


def test_a_formula_is_read_by_its_computed_value_or_refused(tmp_path):
    rows = [*ROWS, ["P05", "BW", "=C2+1", 4]]
    path = write_workbook(tmp_path / "a.xlsx", rows)
    (fault,) = faults_of(path)
    assert (fault.row, fault.column) == (6, "pain_w0")
    assert fault.found == "a formula without its computed value"
    rewrite_part(
        path, SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>7</v>").replace(b"<v />", b"<v>7</v>")
    )
    sheet = read_sheet(path)
    assert sheet.frame["pain_w0"].iloc[-1] == "7"
    assert told(sheet, "note") == ["formulas: their last computed values were read"]


def test_cells_without_a_reference_stand_beside_each_other(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx", [*ROWS, ["P05", "BW", "#N/A", 3]])
    rewrite_part(path, SHEET, lambda xml: re.sub(rb'(<c|<row) r="\w+"', rb"\1", xml))
    (fault,) = faults_of(path)
    assert (fault.row, fault.column) == (6, "pain_w0")


def test_all_faults_of_a_sheet_at_once(tmp_path):
    rows = [["id", "pain", "pain"], ["P1", "#N/A", 1], ["P2", 2, 3], ["Mean", 2, 2]]
    path = write_workbook(tmp_path / "a.xlsx", rows, lambda _, sheet: sheet.merge_cells("B3:C3"))
    found = [fault.found for fault in faults_of(path)]
    assert len(found) == 4
    assert found[0] == "'pain' 2 times"
    assert found[1] == "merged cells B3:C3"


def test_no_message_or_log_holds_a_value_of_a_participant(tmp_path):
    canary = "CANARY77"
    rows = [["id", "pain"], [canary, "#N/A"], [f"Note: {canary} left", None], ["Mean", 5]]
    with pytest.raises(InputError) as caught:
        read_sheet(write_workbook(tmp_path / "a.xlsx", rows))
    assert canary not in str(caught.value)
    sheet = read_sheet(write_workbook(tmp_path / "b.xlsx", [["id", "on"], [canary, True]]))
    assert canary not in sheet.log.to_string()


def test_a_cell_far_away_takes_no_memory(tmp_path):
    def far(_, sheet):
        sheet["A400000"] = 1
        sheet["ALK1"] = 1

    (fault,) = faults_of(write_workbook(tmp_path / "a.xlsx", change=far))
    assert "cells" in fault.found
    path = write_workbook(tmp_path / "b.xlsx", change=lambda _, sheet: sheet.cell(1, 16384, 1))
    assert faults_of(path)[0].found == "16384 columns"
    path = write_workbook(tmp_path / "c.xlsx", change=lambda _, sheet: sheet.cell(1048576, 1, 1))
    assert faults_of(path)[0].found == "1048576 rows"


def test_a_workbook_with_macros_is_refused_whatever_its_name(tmp_path):
    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), "xl/vbaProject.bin", lambda _: b"x")
    (fault,) = faults_of(path)
    assert fault.found == "a workbook with macros"


def test_a_workbook_with_a_password_is_named(tmp_path):
    path = tmp_path / "a.xlsx"
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    path.write_bytes(start + b"\0" * 100 + "EncryptedPackage".encode("utf-16-le"))
    assert faults_of(path)[0].found == "a workbook with a password"


def test_an_archive_that_is_no_workbook(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert faults_of(path)[0].expected in {"a workbook", "a sound workbook"}


@pytest.mark.parametrize("length", [10, 200, 3000])
def test_a_workbook_that_is_cut_short(tmp_path, length):
    whole = write_workbook(tmp_path / "whole.xlsx").read_bytes()
    path = tmp_path / "a.xlsx"
    path.write_bytes(whole[:length])
    assert faults_of(path)


def test_a_name_that_is_no_unicode_is_a_damaged_archive(tmp_path):
    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), "né.xml", lambda _: b"<a/>")
    path.write_bytes(path.read_bytes().replace("né".encode(), b"n\xff\xff", 1))
    assert faults_of(path)[0].found == "a damaged archive"


SPOTS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=5)


def spoiled(content, spots):
    content = bytearray(content)
    for place, byte in spots:
        content[int(place * (len(content) - 1))] = byte
    return bytes(content)


@given(SPOTS, st.sampled_from(["", SHEET, "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]))
def test_changed_bytes_give_a_sheet_or_an_input_error(tmp_path_factory, spots, part):
    path = write_workbook(tmp_path_factory.mktemp("any") / "a.xlsx")
    if part:
        rewrite_part(path, part, lambda content: spoiled(content, spots))
    else:
        path.write_bytes(spoiled(path.read_bytes(), spots))
    try:
        assert len(read_sheet(path).frame) >= 1
    except InputError as error:
        assert error.faults


def declared_smaller(path, member, size):
    """Change the size that the archive declares for a member, in both places."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        start = archive.getinfo(member).header_offset
    struct.pack_into("<I", content, start + 22, size)
    place = content.find(b"PK\x01\x02")
    while content[place + 46 : place + 46 + len(member)] != member.encode():
        place = content.find(b"PK\x01\x02", place + 4)
    struct.pack_into("<I", content, place + 24, size)
    path.write_bytes(content)


def test_a_declared_size_is_not_believed(tmp_path):
    path = write_workbook(tmp_path / "a.xlsx")
    declared_smaller(path, SHEET, 10)
    assert "not of the size it declares" in faults_of(path)[0].found


def test_letters_of_columns():
    for number in range(1, 17000):
        letters = column_letters(number)
        assert column_number(letters) == number
        assert letters == openpyxl.utils.get_column_letter(number)
