"""A separated text is read as the trial file declares it, and says what it looks like otherwise."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.sheets.footer_rows import row_faults
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.records import split_records
from backwalk_stats.loaders.sheets.sheet import SEPARATORS, ReadOptions

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


def write(folder, text, name="scores.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ReadOptions(**options))
    return caught.value.faults


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6), st.data())
def test_any_separator_is_read_back(rows, data):
    rows = [["x" + cells[0], *cells[1:]] for cells in rows]
    mark = data.draw(st.sampled_from(sorted(SEPARATORS)))
    stream = io.StringIO()
    csv.writer(stream, delimiter=mark, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    records = split_records(stream.getvalue(), file="x.csv", separator=mark, declarable=True)
    assert list(records.cells) == rows


def test_semicolons_and_decimal_commas_as_declared(tmp_path):
    path = write(tmp_path, "id;pain\n001;6,5\nNA;7\n")
    sheet = read_sheet(path, ReadOptions(separator=";", decimal=","))
    assert sheet.frame.to_dict("list") == {
        "line": [2, 3],
        "id": ["001", "NA"],
        "pain": ["6,5", "7"],
    }
    assert sheet.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sheet.log.empty


@pytest.mark.parametrize(
    ("text", "found", "action"),
    [
        ("id;pain\n1;6,5\n", "a semicolon between the columns and a decimal comma",
         'Set separator = ";" and decimal = ","'),
        ("id;pain\n1;6.5\n", "a semicolon between the columns",
         'Set separator = ";" and decimal = "."'),
        ("id;pain\n1;6\n", "a semicolon between the columns", 'Set separator = ";"'),
        ("id\tpain\n1\t6,5\n", "a tab between the columns and a decimal comma",
         r'Set separator = "\t" and decimal = ","'),
        ("id|pain\n1|6\n", "a vertical bar between the columns", 'Set separator = "|"'),
    ],
)  # fmt: skip
def test_what_another_separator_looks_like(tmp_path, text, found, action):
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.expected == "commas between the columns"
    assert fault.found == f"what looks like {found}"
    assert fault.action == action


def test_commas_where_semicolons_are_declared(tmp_path):
    (fault,) = faults_of(write(tmp_path, "id,pain\n1,6.5\n"), separator=";", decimal=",")
    assert fault.action == 'Set separator = "," and decimal = "."'


def test_tabs_by_the_ending(tmp_path):
    sheet = read_sheet(write(tmp_path, "id\tnote\n1\ta,b\n", name="scores.tsv"))
    assert sheet.frame["note"].tolist() == ["a,b"]


def test_another_encoding_as_declared(tmp_path):
    path = write(tmp_path, "id,site\n1,Málaga\n", encoding="cp1252")
    (fault,) = faults_of(path)
    assert "CP1252" in fault.found
    sheet = read_sheet(path, ReadOptions(encoding="cp1252"))
    assert sheet.frame["site"].tolist() == ["Málaga"]
    assert sheet.log[["level", "action"]].values.tolist() == [["note", "read as cp1252, as asked"]]


def test_rows_above_the_header_and_under_the_records(tmp_path):
    text = "Trial of walking\n\nid,pain\n1,6\n2,7\nNote: diary pain\n"
    path = write(tmp_path, text)
    assert faults_of(path)
    sheet = read_sheet(path, ReadOptions(header_row=3, footer_rows=1))
    assert sheet.frame.to_dict("list") == {"line": [4, 5], "id": ["1", "2"], "pain": ["6", "7"]}
    told = sheet.log.loc[sheet.log["level"] == "note", ["action", "count"]].values.tolist()
    assert told == [
        ["rows above the header not read", 2],
        ["rows under the records not read (line 6)", 1],
    ]


def test_a_header_below_the_end(tmp_path):
    (fault,) = faults_of(write(tmp_path, "id,pain\n1,6\n"), header_row=9)
    assert fault.expected == "a header in line 9"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["P1", "5", "6"], ["P2", "", ""]], ""),
        ([["P1", "5", "6"], ["lost to follow up", "", ""]], "a note under the table (line 3)"),
        ([["P1", "5", "6"], ["* diary", "", ""]], "a note under the table (line 3)"),
        ([["P1", "5", "6"], ["", "", "Source: diary"]], "a note under the table (line 3)"),
        ([["P1", "5", "6"], ["Mean", "5", "6"]], "rows that summarise, such as a mean (line 3)"),
        ([["P1", "5", "6"], ["Mean:", "5", "6"], ["SD", "1", "1"]],
         "rows that summarise, such as a mean (lines 3, 4)"),
        ([["SE", "5", "6"], ["SE", "5", "7"]], ""),  # a site
        ([["P1", "5", "6"], ["SE", "5", "6"]], ""),
        ([["", "W0", "W3"], ["P1", "5", "6"], ["P2", "5", "7"]],
         "what looks like a second row of names under line 1"),
        ([["", "(points)", "(mm)"], ["P1", "5", "6"], ["P2", "5", ""]],
         "what looks like a second row of names under line 1"),
        ([["P1", "NA", "ND"], ["P2", "5", "6"], ["P3", "5", "7"]], ""),
        ([["P1", "W0", "W3"], ["P2", "x", "6"], ["P3", "5", "y"]], ""),
    ],
)  # fmt: skip
def test_rows_that_are_no_records(rows, found):
    numbered = list(enumerate(rows, start=2))
    faults, where = row_faults(numbered, header=["id", "a", "b"], top=1, file="x.csv")
    assert [fault.found for fault in faults] == ([found] if found else [])
    assert bool(where) == bool(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"separator": " "}, "no such separator; there are: a comma, a semicolon"),
        ({"decimal": "'"}, "no such decimal mark; there are: a point, a comma"),
        ({"separator": ",", "decimal": ","}, "cannot both be a comma"),
        ({"header_row": 0}, "header_row is 1 or more"),
        ({"footer_rows": -1}, "footer_rows 0 or more"),
    ],
)
def test_choices_that_do_not_exist(options, message):
    with pytest.raises(UsageError, match=message):
        ReadOptions(**options)
