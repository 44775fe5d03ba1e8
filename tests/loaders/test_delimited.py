"""A CSV file is read as written, or every fault of it is named with its line."""

from __future__ import annotations

import csv
import hashlib
import io
import os

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.sheets import records
from backwalk_stats.loaders.sheets.delimited import MAX_BYTES, read_text_table
from backwalk_stats.loaders.sheets.records import split_records


def write(folder, content, name="table.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_text_table(path, **options)
    return caught.value.faults


# What a cell may hold: any text but NUL and lone surrogates.
CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NAMES = st.lists(st.text("abcdefgh_", min_size=1, max_size=6), min_size=2, max_size=5, unique=True)


@st.composite
def tables(draw):
    names = draw(NAMES)
    row = st.lists(CELLS, min_size=len(names), max_size=len(names))
    rows = draw(st.lists(row.filter(lambda cells: any(map(str.strip, cells))), min_size=1))
    return names, rows


@given(tables(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_a_csv_writer_writes_is_read_back_cell_by_cell(table, ending, mark):
    names, rows = table
    stream = io.StringIO()
    csv.writer(stream, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    read = split_records(stream.getvalue(), file="x.csv")
    assert read.header == tuple(names)
    assert list(read.cells) == rows
    # Brute force: a record starts one line after those that the text before it closes.
    before = io.StringIO()
    writer = csv.writer(before, lineterminator=ending, quoting=csv.QUOTE_ALL)
    expected = []
    for cells in [names, *rows]:
        text = before.getvalue()
        closed = text.count("\r\n") + text.replace("\r\n", "").count("\n")
        closed += text.replace("\r\n", "").count("\r")
        expected.append(closed + 1)
        writer.writerow(cells)
    assert list(read.starts) == expected[1:]


@given(tables())
def test_agrees_with_pandas_reading_text(table):
    names, rows = table
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([names, *rows])
    text = stream.getvalue()
    theirs = pd.read_csv(
        io.StringIO(text, newline=""), dtype=str, keep_default_na=False, index_col=False
    )
    ours = split_records(text, file="x.csv")
    assert [list(row) for row in theirs.itertuples(index=False)] == list(ours.cells)


def test_every_cell_is_text_and_only_the_empty_one_is_missing(tmp_path):
    path = write(tmp_path, "id,value\n001,NA\n12E3,null\n007,\n")
    frame = read_text_table(path).frame
    assert frame["id"].tolist() == ["001", "12E3", "007"]
    assert frame["value"].tolist() == ["NA", "null", ""]
    assert frame["line"].tolist() == [2, 3, 4]
    assert frame["line"].dtype == "int64"


def test_line_is_where_the_record_starts(tmp_path):
    path = write(tmp_path, 'a,b\n"one\ntwo",1\n\nthree,2\n')
    table = read_text_table(path)
    assert table.frame["line"].tolist() == [2, 5]
    assert table.notes == ("table.csv: 1 blank line(s) passed over",)


def test_hash_is_that_of_the_bytes(tmp_path):
    path = write(tmp_path, b"\xef\xbb\xbfa,b\r\n1,2\r\n")
    table = read_text_table(path)
    assert table.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert table.frame.columns.tolist() == ["line", "a", "b"]
    assert table.notes == ("table.csv: a UTF-8 byte order mark was removed",)


def test_a_missing_last_line_break_is_said(tmp_path):
    notes = read_text_table(write(tmp_path, "a,b\n1,4.25")).notes
    assert notes == ("table.csv: no line break at the end, so the last value may be cut short",)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("a,b\n1,2\n".encode("utf-32"), "UTF-32"),
        ("a,b\n1,José\n".encode("latin-1"), "Latin-1"),
        ("a,b\n1,“x”\n".encode("cp1252"), "CP1252"),
    ],
)
def test_other_encodings_are_named(tmp_path, content, found):
    (fault,) = faults_of(write(tmp_path, content))
    assert fault.expected == "UTF-8 text"
    assert found in fault.found


def test_the_line_of_the_first_wrong_byte_is_named(tmp_path):
    (fault,) = faults_of(write(tmp_path, b"a,b\n1,2\n3,Jos\xe9\n"))
    assert fault.row == 3


def test_an_encoding_that_was_asked_for_is_used_and_noted(tmp_path):
    path = write(tmp_path, "a,b\n1,José\n".encode("cp1252"))
    table = read_text_table(path, encoding="cp1252")
    assert table.frame["b"].tolist() == ["José"]
    assert table.notes == ("table.csv: read as cp1252, as asked",)


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "rot13"])
def test_an_encoding_that_is_none_is_a_usage_error(tmp_path, encoding):
    with pytest.raises(UsageError, match="no encoding named"):
        read_text_table(write(tmp_path, "a,b\n1,2\n"), encoding=encoding)


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"PK\x03\x04", "xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"PAR1", "Parquet"),
        (b"$FL2", "SPSS"),
        (b"\x80\x04\x95", "pickle"),
        (b"<!doctype HTML>", "web page"),
    ],
)
def test_other_kinds_of_file_are_named(tmp_path, start, found):
    (fault,) = faults_of(write(tmp_path, start + b"\x00" * 40))
    assert fault.expected == "CSV text"
    assert found in fault.found


def test_nul_bytes_are_placed(tmp_path):
    (fault,) = faults_of(write(tmp_path, b"arm,mean\nbackward,4.8\nforward,2\x00\n"))
    assert (fault.row, fault.column) == (3, "mean")
    assert fault.found == "a NUL byte as character 2"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "an empty file"),
        ("\n\n", "an empty file"),
        ("\ufeff", "an empty file"),
        ("a,b\n", "only the header"),
        ("a,b", "only the header"),
    ],
)
def test_nothing_to_read(tmp_path, text, found):
    assert [fault.found for fault in faults_of(write(tmp_path, text))] == [found]


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_other_separators_are_named(tmp_path, mark):
    text = f"id{mark}pain{mark}n\n1{mark}6,5{mark}3\n"
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.row == 1
    assert "between the columns" in fault.found
    assert "point as decimal mark" in fault.action


def test_ragged_rows_are_all_listed_and_a_short_last_one_looks_truncated(tmp_path):
    faults = faults_of(write(tmp_path, "a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,"))
    assert [(fault.row, fault.found) for fault in faults] == [
        (2, "2 values (2 rows: lines 2, 5)"),
        (4, "4 values"),
    ]
    (cut,) = faults_of(write(tmp_path, "a,b,c\n1,2,3\n1,"))
    assert (cut.row, cut.action) == (3, "The file looks truncated")
    assert all(fault.expected == "3 values, as the header has" for fault in faults)


def test_an_extra_value_in_the_first_row_does_not_shift_the_columns(tmp_path):
    (fault,) = faults_of(write(tmp_path, "a,b\n1,2,3\n1,2\n"))
    assert fault.row == 2


def test_names_that_are_missing_double_or_taken(tmp_path):
    faults = faults_of(write(tmp_path, "pain,pain,,line\n1,2,3,4\n"))
    assert [fault.column for fault in faults] == ["pain", None, "line"]
    assert "2 times" in faults[0].found
    assert faults[1].found == "1 column(s) without a name"


def test_rows_of_empty_cells_are_refused(tmp_path):
    (fault,) = faults_of(write(tmp_path, "a,b\n1,2\n,\n"))
    assert (fault.row, fault.found) == (3, "only empty cells")


@pytest.mark.parametrize(
    ("text", "row", "action"),
    [
        ('a,b\n1,"open\n2,3\n', 2, "truncated"),
        ('a,b\n1,2\n3,"x"y\n4,5\n', 3, "Double the quotation marks"),
    ],
)
def test_open_and_stray_quotation_marks(tmp_path, text, row, action):
    (fault,) = faults_of(write(tmp_path, text))
    assert fault.row == row
    assert action in fault.action


def test_every_kind_of_fault_at_once(tmp_path):
    text = b'a,a,b\n1,2\n1,2,\x00\n,,\n1,2,3,4\n1,2,"open\n'
    faults = faults_of(write(tmp_path, text))
    assert [fault.row for fault in faults] == [1, 2, 5, 4, 3, 6]


def test_caps(tmp_path, monkeypatch):
    (fault,) = faults_of(write(tmp_path, ",".join(f"c{k}" for k in range(1001)) + "\n1\n"))
    assert fault.found == "1001 columns"
    (fault,) = faults_of(write(tmp_path, "a,b\n1," + "x" * 40_000 + "\n"))
    assert (fault.row, fault.column, fault.found) == (2, "b", "40000 characters")
    (fault,) = faults_of(write(tmp_path, "a,b\n1," + "x" * 200_000 + "\n"))
    assert fault.found == "a longer cell"
    monkeypatch.setattr(records, "MAX_RECORDS", 3)
    (fault,) = faults_of(write(tmp_path, "a,b\n" + "1,2\n" * 4))
    assert (fault.row, fault.expected) == (5, "at most 3 records")


def test_a_file_over_the_size_cap_is_not_read_whole(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES * 40)  # sparse: takes no room on disk
    (fault,) = faults_of(path)
    assert fault.found == "a larger file"


def test_what_is_not_a_file(tmp_path):
    assert faults_of(tmp_path / "none.csv")[0].found == "no such file"
    (tmp_path / "folder.csv").mkdir()
    assert faults_of(tmp_path / "folder.csv")[0].found == "a folder"
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
        assert faults_of(tmp_path / "pipe.csv")[0].found == "a device or a pipe"


def test_messages_carry_no_control_characters(tmp_path):
    path = write(tmp_path, "a\x1b[31m,a\x1b[31m\n1,2\n")
    with pytest.raises(InputError) as caught:
        read_text_table(path)
    assert "\x1b" not in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_an_input_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(content)
    try:
        frame = read_text_table(path).frame
    except InputError as error:
        assert error.faults
    else:
        assert len(frame) >= 1
