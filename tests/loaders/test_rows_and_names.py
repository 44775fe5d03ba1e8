"""Rows above, under and between records, and names of columns: the same in every format."""

from __future__ import annotations

import re

import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets.read_sheet import read_any_sheet, read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions
from tests.loaders.sheet_files import FORMATS, Rows, write

NAMES = ["id", "arm", "w0", "w6"]
RECORDS: Rows = [["K1", "BW", 6, 4], ["K2", "FW", 7, None], ["K3", "BW", 5, 3], ["K4", "FW", 8, 6]]
KEYS = ("id", "arm")
EMPTY = [None] * 4


def ids(path, **options):
    return read_sheet(path, ReadOptions(**options)).frame["id"].tolist()


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ReadOptions(**options))
    return caught.value.faults


def footer_rows_advised(fault):
    match = re.search(r"footer_rows = (\d+)", fault.action)
    assert match is not None
    return int(match[1])


def told(sheet):
    return sheet.log["action"].tolist()


@pytest.fixture(params=FORMATS)
def kind(request):
    return request.param


@pytest.mark.parametrize("blank", [0, 1, 3])
@pytest.mark.parametrize("notes", [1, 2])
def test_a_footer_counts_every_line_under_the_last_record(tmp_path, kind, blank, notes):
    under: Rows = [
        *[EMPTY] * blank,
        *[[f"Note: rater {k}", None, None, None] for k in range(notes)],
    ]
    path = write(tmp_path, kind, [NAMES, *RECORDS, *under])
    sheet = read_sheet(path, ReadOptions(footer_rows=blank + notes, record_columns=KEYS))
    assert sheet.frame["id"].tolist() == ["K1", "K2", "K3", "K4"]
    (note,) = [action for action in told(sheet) if "under the records" in action]
    assert re.findall(r"\d+", note)[0] == "6"
    assert "rater" not in sheet.log.to_string()


@pytest.mark.parametrize("keys", [KEYS, ("id",), ()])
@pytest.mark.parametrize("last", [["K4", "FW", 8, 6], ["K4", "FW", None, None]])
def test_a_record_is_never_cut_off(tmp_path, kind, keys, last):
    rows = [NAMES, *RECORDS[:3], last, EMPTY, ["Note: second rater", None, None, None]]
    path = write(tmp_path, kind, rows)
    (fault,) = faults_of(path, footer_rows=3, record_columns=keys)
    assert "footer_rows" in fault.expected and fault.found == "a record (line 5)"
    assert "K4" not in str(fault)
    # Who follows the advice is rid of the fault.
    wanted = footer_rows_advised(fault)
    assert ids(path, footer_rows=wanted, record_columns=keys) == ["K1", "K2", "K3", "K4"]


def test_a_footer_that_should_not_be_there(tmp_path, kind):
    path = write(tmp_path, kind, [NAMES, *RECORDS])
    (fault,) = faults_of(path, footer_rows=2, record_columns=KEYS)
    assert fault.found == "2 records (lines 4, 5)"
    assert fault.action.endswith("leave footer_rows out")


@pytest.mark.parametrize(
    "footer",
    [
        [["BW", "backward", None, None], ["FW", "forward", None, None]],
        [["Mean", None, 6.5, 4.3], ["SD", None, 1.3, 1.5]],
        [["Checked by", "JD", None, None]],
        [["Mean", "BW", 5.5, 3.5], ["Mean", "FW", 7.5, 6]],
    ],
)
def test_legends_and_totals_are_cut_off_as_declared(tmp_path, kind, footer):
    path = write(tmp_path, kind, [NAMES, *RECORDS, EMPTY, *footer])
    assert len(ids(path, footer_rows=1 + len(footer), record_columns=KEYS)) == 4


def test_the_advice_about_notes_counts_as_footer_rows_does(tmp_path, kind):
    under: Rows = [
        EMPTY,
        ["Mean", None, 6.5, 4.3],
        EMPTY,
        EMPTY,
        ["Note: diary pain", None, None, None],
    ]
    path = write(tmp_path, kind, [NAMES, *RECORDS, *under])
    assert {footer_rows_advised(fault) for fault in faults_of(path)} == {5}
    assert len(ids(path, footer_rows=5, record_columns=KEYS)) == 4


def test_a_note_among_records_is_no_footer(tmp_path, kind):
    rows = [NAMES, *RECORDS[:2], ["* moved away in May", None, None, None], *RECORDS[2:]]
    (fault,) = faults_of(write(tmp_path, kind, rows))
    assert fault.action == "Delete it"


TITLES = [
    [["Trial of walking, second export"], ["2026-05-03"]],
    [["Trial of walking"], [], [], ["exported by the office"]],
]


@pytest.mark.parametrize("titles", TITLES)
def test_one_fault_tells_where_the_names_stand(tmp_path, kind, titles):
    path = write(tmp_path, kind, [*titles, NAMES, *RECORDS])
    (fault,) = faults_of(path)
    line = len(titles) + 1
    assert fault.action == f"Set header_row = {line}"
    assert ids(path, header_row=line) == ["K1", "K2", "K3", "K4"]
    assert read_sheet(path, ReadOptions(header_row=line)).frame["line"].tolist()[0] == line + 1


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_title_and_another_separator_are_told_together(tmp_path, mark):
    rows = ["Trial of walking, May", "", mark.join(NAMES), f"K1{mark}BW{mark}6,5{mark}4"]
    rows += [f"K2{mark}FW{mark}5,5{mark}4"] * 3
    path = tmp_path / "scores.csv"
    path.write_text("\n".join(rows) + "\n")
    (fault,) = faults_of(path)
    written = r"\t" if mark == "\t" else mark
    assert fault.action == f'Set header_row = 3 and separator = "{written}" and decimal = ","'
    assert len(ids(path, header_row=3, separator=mark, decimal=",")) == 4


def test_a_header_row_that_is_empty_is_told(tmp_path, kind):
    path = write(tmp_path, kind, [["Trial"], [None], NAMES, *RECORDS])
    (fault,) = faults_of(path, header_row=2)
    assert "row = 3" in fault.action and "empty" in fault.found


def test_two_rows_of_names(tmp_path, kind):
    upper = [[None, None, "Pain", None], ["ID", None, "Pain", None]]
    lower: Rows = [["id", "arm", "W0", "W6"], [None, "arm", "W0", "W6"]]
    for above, under, first in zip(upper, lower, ("id", "ID"), strict=True):
        path = write(tmp_path, kind, [["Trial"], above, under, *RECORDS])
        sheet = read_sheet(path, ReadOptions(header_rows=(2, 3)))
        assert list(sheet.frame.columns) == ["line", first, "arm", "Pain W0", "Pain W6"]
        assert sheet.frame["line"].tolist() == [4, 5, 6, 7]


def test_merged_names_hold_for_their_columns_alone(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["id", "arm", "Pain", None, None], [None, None, "W0", "W6", "site"]):
        sheet.append(row)
    for record in RECORDS:
        sheet.append([*record, "A"])
    for cells in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(cells)
    path = tmp_path / "scores.xlsx"
    book.save(path)
    frame = read_sheet(path, ReadOptions(header_rows=(1, 2))).frame
    assert list(frame.columns) == ["line", "id", "arm", "Pain W0", "Pain W6", "site"]
    assert any("merged cells" in fault.found for fault in faults_of(path))


@pytest.mark.parametrize("place", [0, 2, 4])
def test_columns_without_a_name_or_a_value_are_passed_over(tmp_path, kind, place):
    rows = [[*row[:place], None, *row[place:]] for row in [NAMES, *RECORDS]]
    sheet = read_sheet(write(tmp_path, kind, rows))
    assert list(sheet.frame.columns) == ["line", *NAMES]
    assert sheet.frame["w0"].tolist() == ["6", "7", "5", "8"]
    if place < 4 or kind in ("csv", "tsv"):
        assert "columns without a name or a value passed over" in told(sheet)


def test_a_column_without_a_name_that_has_a_value_is_one_fault(tmp_path, kind):
    rows: Rows = [[*NAMES, None], *([*row, 1] for row in RECORDS)]
    (fault,) = faults_of(write(tmp_path, kind, rows))
    assert fault.found.startswith("no name over column")


@pytest.mark.parametrize("text", ["id,pain,\n1,6\n2,7\n", "id,pain\n1,6,\n2,7,\n"])
def test_commas_at_the_end_of_some_lines_alone(tmp_path, text):
    path = tmp_path / "scores.csv"
    path.write_text(text)
    sheet = read_sheet(path)
    assert sheet.frame["pain"].tolist() == ["6", "7"]
    assert sheet.log["level"].tolist() == ["note"]


def test_rows_of_separators_alone_are_told_and_counted_as_lines(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("id,pain\n1,6\n,\n2,7\n , \n,\n")
    sheet = read_sheet(path)
    assert sheet.frame["line"].tolist() == [2, 4]
    assert told(sheet) == ["rows of separators alone passed over"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_tells_the_separator(tmp_path, first):
    path = tmp_path / "scores.csv"
    path.write_text(f"{first}\r\nid;pain\r\n1;6,5\r\n", newline="")
    sheet = read_sheet(path, ReadOptions(decimal=","))
    assert sheet.frame.to_dict("list") == {"line": [3], "id": ["1"], "pain": ["6,5"]}
    assert [action for action in told(sheet) if "sep=" in action]
    assert read_sheet(path, ReadOptions(decimal=",", header_row=2)).frame["id"].tolist() == ["1"]


def test_another_sign_after_sep_is_told(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("sep=~\nid~pain\n1~6\n")
    (fault,) = faults_of(path)
    assert "sep=" in fault.expected


@pytest.mark.parametrize(
    "blank", ["\u00a0", "\u2007", "\u202f", "\u3000", "  ", "\u00a0 ", "\u200b "]
)
def test_blanks_of_every_kind_in_names_are_one_space(tmp_path, kind, blank):
    rows = [["id", "arm", f"pain{blank}w0", "w6"], *RECORDS]
    sheet = read_sheet(write(tmp_path, kind, rows))
    assert "pain w0" in sheet.frame.columns
    assert any("one space" in action for action in told(sheet))


def test_one_cause_gives_one_message(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("id,pain\n" + "1,2,3\n" * 500 + "1\n" * 300)
    wide, short = faults_of(path)
    assert "500 rows" in wide.found and "300 rows" in short.found


@pytest.mark.parametrize(
    ("encoding", "key"),
    [("cp1252", "windows-1252"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("utf-32", "utf-32")],
)  # fmt: skip
def test_the_key_of_another_encoding_is_named_and_works(tmp_path, encoding, key):
    path = tmp_path / "scores.csv"
    path.write_bytes("id,site\n1,Málaga\n".encode(encoding))
    (fault,) = faults_of(path)
    assert f'encoding = "{key}"' in fault.action
    sheet = read_any_sheet(path, ReadOptions(encoding=key))
    assert sheet.frame["site"].tolist() == ["Málaga"]


def test_no_key_is_named_that_would_not_work(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_bytes(b"id,site\n1,\x81\x8d\n")
    (fault,) = faults_of(path)
    assert "encoding =" not in fault.action


def test_quotation_marks_in_a_footer_do_no_harm(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text('id,arm,w0\n1,BW,6\n2,FW,5\n"Diary" of May, never closed: "\n')
    assert ids(path, footer_rows=1) == ["1", "2"]
