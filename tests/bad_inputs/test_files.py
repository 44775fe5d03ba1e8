"""Rows of the list of bad inputs about the files themselves, read alone and as part of a trial."""

from __future__ import annotations

import datetime
import pickle
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.sheets.delimited import MAX_BYTES
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions
from tests.bad_inputs.trials import good_rows, log_of, the_fault, write_trial
from tests.loaders.workbooks import ROWS, rewrite_part, write_workbook

SHEET = "xl/worksheets/sheet1.xml"
BOMB = 200 * 2**20


def write(folder, content, name="scores.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def faults_of(path, **options):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ReadOptions(**options))
    return caught.value.faults


def warnings_of(sheet):
    rows = sheet.log[sheet.log["level"] == "warning"]
    return dict(zip(rows["action"], rows["count"], strict=True))


def trial_of(folder, name, *, more=""):
    """Write the good trial with its data in a file of another name; the file is still to write."""
    layout = ('layout = "wide"', f'layout = "wide"\n{more}')
    return write_trial(folder, toml=[("scores.csv", name), layout])


def numbers(rows):
    """Return the good rows with their numbers as numbers, as a program would hold them."""
    frame = pd.DataFrame(rows)
    scores = [name for name in frame if name not in {"id", "group", "site", "sex"}]
    return frame.astype({name: float for name in scores})


def same_data(trial, other):
    for name in ("data", "participants"):
        pd.testing.assert_frame_equal(getattr(trial, name), getattr(other, name))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_enc_utf_16_file(tmp_path, encoding):
    path = write(tmp_path, "id,pain\n1,6\n".encode(encoding))
    (fault,) = faults_of(path)
    assert fault.found.startswith(f"bytes that look like {encoding.upper()[:6]}")
    if encoding != "utf-16-le":
        assert len(read_sheet(path, ReadOptions(encoding=encoding)).frame) == 1


def test_enc_latin_1_cp1252_bytes_jose(tmp_path):
    path = write(tmp_path, "id,site\n1,x\n2,José\n".encode("cp1252"))
    (fault,) = faults_of(path)
    assert fault.row == 3
    assert "CP1252" in fault.found
    sheet = read_sheet(path, ReadOptions(encoding="cp1252"))
    assert sheet.frame["site"].tolist() == ["x", "José"]
    assert sheet.log["action"].tolist() == ["read as cp1252, as asked"]


def test_enc_utf_8_bom_in_header(tmp_path):
    sheet = read_sheet(write(tmp_path, b"\xef\xbb\xbfid,pain\n1,6\n"))
    assert sheet.frame.columns.tolist() == ["line", "id", "pain"]
    assert sheet.log[["level", "action"]].values.tolist() == [
        ["repair", "a UTF-8 byte order mark was removed"]
    ]


def test_enc_nul_byte_in_a_field(tmp_path):
    (fault,) = faults_of(write(tmp_path, "id,pain\n1,6\n2,2\0\n"))
    assert (fault.row, fault.column) == (3, "pain")
    assert fault.found == "a NUL byte as character 2"


def test_enc_unicode_minus_1_5_fullwidth_arabic_digits_nbsp(tmp_path):
    cells = [(3, "womacf_w0", "３４"), (4, "womacf_w0", "٣٣"), (5, "womacf_w0", "30\u00a0")]
    trial = write_trial(tmp_path, cells=cells)
    values = load_trial(trial).data.query("outcome == 'womac_function' and visit == 'W0'")["value"]
    assert values.tolist()[1:4] == [34, 33, 30]
    (logged,) = [row for row in log_of(trial, "repair") if row[0] == "womacf_w0"]
    assert logged[2] == 3


@pytest.mark.parametrize(
    ("text", "rows"),
    [("id,pain\r\n1,6\n2,7\r\n3", [4]), ("id,pain\n1,6\n2,", []), ("id,pain\n1,6\n2,7\n3", [4])],
)
def test_enc_mixed_line_endings_missing_final_newline(tmp_path, text, rows):
    path = write(tmp_path, text)
    if not rows:
        told = "no line break at the end, so the last value may be cut short"
        assert told in warnings_of(read_sheet(path))
        return
    faults = faults_of(path)
    assert [fault.row for fault in faults] == rows
    assert faults[-1].action == "The file looks truncated"


def test_num_decimal_comma_with_semicolon_is_named(tmp_path):
    (fault,) = faults_of(write(tmp_path, "id;pain\n1;6,5\n2;7\n"))
    assert fault.found == "what looks like a semicolon between the columns and a decimal comma"
    assert fault.action == 'Set separator = ";" and decimal = ","'


@pytest.mark.parametrize("kind", ["int8", "int16"])
def test_num_int8_int16_overflow_from_sav_parquet(tmp_path, kind):
    values = np.array([120, 100, -100], dtype=kind)
    for write_file in (
        lambda frame: frame.to_stata(tmp_path / "scores.dta", write_index=False),
        lambda frame: pyreadstat.write_sav(frame, tmp_path / "scores.sav"),
    ):
        write_file(pd.DataFrame({"pain": values}))
    for name in ("scores.dta", "scores.sav"):
        texts = read_sheet(tmp_path / name).frame["pain"]
        assert (texts.astype(float) + 10).tolist() == [130, 110, -90]
    (fault,) = faults_of(write(tmp_path, b"PAR1", "scores.parquet"))
    assert fault.action == "Export it as CSV"


def test_id_ids_2_53_as_float_in_a_workbook(tmp_path):
    path = write_workbook(tmp_path / "scores.xlsx", [["id"], [2**53]])
    rewrite_part(path, SHEET, lambda xml: xml.replace(b"9007199254740992", b"9007199254740993"))
    assert read_sheet(path).frame["id"].tolist() == ["9007199254740993"]


def test_id_leading_zero_ids_001_01_1_in_other_files(tmp_path):
    ids = ["001", "01", "1", "12E3"]
    frame = pd.DataFrame({"id": ids})
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    write_workbook(tmp_path / "a.xlsx", [["id"], *[[one] for one in ids]])
    for name in ("a.sav", "a.dta", "a.xlsx"):
        assert read_sheet(tmp_path / name).frame["id"].tolist() == ids


def test_dup_duplicate_column_names_in_every_text_and_workbook(tmp_path):
    write_workbook(tmp_path / "a.xlsx", [["id", "pain", "pain "], ["P1", 5, 6]])
    write(tmp_path, "id,pain,pain\nP1,5,6\n", "a.csv")
    for name in ("a.xlsx", "a.csv"):
        (fault,) = faults_of(tmp_path / name)
        assert (fault.column, fault.found) == ("pain", "'pain' 2 times")


def test_shape_extra_field_in_first_data_row_of_a_file(tmp_path):
    (fault,) = faults_of(write(tmp_path, "id,pain\nP1,6,7\nP2,5\n"))
    assert (fault.row, fault.expected, fault.found) == (
        2,
        "2 values, as the header has",
        "3 values",
    )


def test_shape_ragged_rows_of_a_file(tmp_path):
    faults = faults_of(write(tmp_path, "id;a;b\n1;2\n1;2;3\n1;2;3;4\n1;2;3\n"), separator=";")
    assert [fault.row for fault in faults] == [2, 4]
    assert faults[1].action == "A cell with a semicolon in it needs quotation marks around it"


def test_shape_header_only_empty_file_0_rows_in_any_file(tmp_path):
    write(tmp_path, "", "a.csv")
    write(tmp_path, "id,pain\n", "b.csv")
    write_workbook(tmp_path / "a.xlsx", [])
    write_workbook(tmp_path / "b.xlsx", [["id", "pain"]])
    pyreadstat.write_sav(pd.DataFrame({"pain": pd.Series([], dtype=float)}), tmp_path / "a.sav")
    for name in ("a.csv", "b.csv", "a.xlsx", "b.xlsx", "a.sav"):
        assert len(faults_of(tmp_path / name)) == 1, name


NOTE = [*ROWS, [], ["Note: diary pain", None, None, None]]
SECOND = [ROWS[0], ["", "", "(points)", "(points)"], *ROWS[1:]]
TITLE = [["", "", "Pain", ""], *ROWS]


@pytest.mark.parametrize(
    ("rows", "merge", "found", "row"),
    [
        (NOTE, "", "a note under the table (line 7)", 7),
        (NOTE, "A7:D7", "merged cells A7:D7", 7),
        ([*ROWS, ["Mean", None, 6, 4.6]], "", "rows that summarise, such as a mean (line 6)", 6),
        (SECOND, "", "what looks like a second row of names under line 1", 2),
        (TITLE, "C1:D1", "what looks like a title or an upper row of names (line 1)", 1),
        (ROWS, "B2:B3", "merged cells B2:B3", 2),
    ],
)
def test_shape_footer_notes_rows_merged_cells_multi_row_header(tmp_path, rows, merge, found, row):
    def change(_, sheet):
        if merge:
            sheet.merge_cells(merge)

    path = write_workbook(tmp_path / "scores.xlsx", rows, change)
    faults = {fault.found: fault for fault in faults_of(path)}
    assert faults[found].row == row
    assert faults[found].action


def test_shape_footer_notes_rows_merged_cells_multi_row_header_declared(tmp_path):
    path = write_workbook(
        tmp_path / "scores.xlsx", [*TITLE, [], ["Note: diary pain"]],
        lambda _, sheet: sheet.merge_cells("A8:D8"),
    )  # fmt: skip
    sheet = read_sheet(path, ReadOptions(header_row=2, footer_rows=2))
    assert sheet.frame["line"].tolist() == [3, 4, 5, 6]


def test_shape_wrong_sheet_hidden_rows_sheets_filtered_rows(tmp_path):
    def change(book, sheet):
        book.create_sheet("codes")
        book.create_sheet("old").sheet_state = "hidden"
        sheet.row_dimensions[3].hidden = True
        sheet.auto_filter.ref = "A1:D5"
        sheet.auto_filter.add_filter_column(1, ["BW"])

    path = write_workbook(tmp_path / "scores.xlsx", change=change)
    sheet = read_sheet(path)
    assert len(sheet.frame) == 4
    assert warnings_of(sheet) == {
        "sheet 'scores' was read, not 'codes'; set sheet to choose": 1,
        "hidden sheets were not read: 'old'": 1,
        "hidden rows were read like the others": 1,
        "a filter is set; rows that it hides were read like the others": 1,
    }
    (fault,) = faults_of(path, sheet="Scores")
    assert fault.action.startswith("Its sheets: 'scores', 'codes', 'old'.")


def test_date_1904_date_system_mac_is_warned_of_and_applied(tmp_path):
    day = datetime.date(2026, 3, 4)
    rows = [["id", "seen"], ["P1", day]]
    plain = read_sheet(write_workbook(tmp_path / "a.xlsx", rows))

    def change(book, _):
        book.epoch = CALENDAR_MAC_1904

    mac = read_sheet(write_workbook(tmp_path / "b.xlsx", rows, change))
    assert plain.frame["seen"].tolist() == mac.frame["seen"].tolist() == [day.isoformat()]
    told = "dates count from 1904 (an old Mac setting); check one of them"
    assert told in warnings_of(mac)
    assert told not in warnings_of(plain)


def test_date_excel_serial_45300_stays_a_number(tmp_path):
    sheet = read_sheet(write_workbook(tmp_path / "a.xlsx", [["id", "seen"], ["P1", 45300]]))
    assert sheet.frame["seen"].tolist() == ["45300"]
    assert not sheet.dates


def test_date_excel_mangled_values_1_2_1_feb_mar1_in_a_workbook(tmp_path):
    path = trial_of(tmp_path, "scores.xlsx")
    rows = [[*row.values()] for row in numbers(good_rows()).to_dict("records")]
    rows[1][5] = datetime.date(2026, 2, 1)
    write_workbook(tmp_path / "scores.xlsx", [[*good_rows()[0]], *rows])
    assert rows[1][5] == datetime.date(2026, 2, 1)
    fault = the_fault(path)
    assert (fault.file, fault.row, fault.column) == ("scores.xlsx", 3, "nprs_w0")
    assert "date" in fault.found


class Harm:
    """What a pickle runs when somebody loads it."""

    def __reduce__(self):
        return (open, ("owned", "w"))


@pytest.mark.parametrize(
    "name",
    ["a.pkl", "a.pickle", "a.joblib", "a.RData", "a.rds", "a.npy", "a.csv", "a.xlsx", "a.sav"],
)
def test_sec_pickle_joblib_rdata_exec_npy_allow_pickle_whatever_its_name(
    tmp_path, monkeypatch, name
):
    monkeypatch.chdir(tmp_path)
    for protocol in (2, 3, 4, 5):
        path = write(tmp_path, pickle.dumps(Harm(), protocol=protocol), name)
        (fault,) = faults_of(path)
        assert "CSV" in fault.action or "convert" in fault.action
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("name", ["../../owned", "/owned", "..\\owned", "C:\\owned", "a/../../b"])
def test_sec_zip_slip_tar_traversal(tmp_path, name):
    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), name, lambda _: b"owned")
    (fault,) = faults_of(path)
    assert fault.found == "an archive with a name that leads out of it"
    assert not list(tmp_path.rglob("owned"))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/media/image1.png"])
def test_sec_zip_bomb_xlsx_194_kb_200_mb_ratio_1029(tmp_path, part):
    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), part, lambda _: bytes(BOMB))
    assert path.stat().st_size < 300_000
    tracemalloc.start()
    (fault,) = faults_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert fault.found == "an archive that unpacks to more than 100 times its size"
    assert peak < 40 * 2**20


def test_sec_zip_bomb_that_declares_a_small_size(tmp_path):
    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), "big.bin", lambda _: bytes(BOMB))
    content = path.read_bytes()
    path.write_bytes(content.replace(BOMB.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    with zipfile.ZipFile(path) as archive:
        assert archive.getinfo("big.bin").file_size == 1000
    (fault,) = faults_of(path)
    assert fault.found == "an archive with a part that is not of the size it declares"


def test_sec_huge_csv_gbs_one_1_gb_line(tmp_path):
    path = tmp_path / "scores.csv"
    with path.open("wb") as stream:
        stream.truncate(2**30)  # sparse: takes no room on disk
    tracemalloc.start()
    (fault,) = faults_of(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (fault.expected, fault.found) == (f"at most {MAX_BYTES // 2**20} MB", "a larger file")
    assert peak < 2**20
    for name in ("scores.xlsx", "scores.sav", "scores.dta"):
        assert faults_of(path.rename(tmp_path / name))[0].found == "a larger file"
        (tmp_path / name).rename(path)
    path.write_bytes(b"x" * (MAX_BYTES - 1))
    assert faults_of(path)[0].found == "a longer cell"


@pytest.mark.parametrize(
    "part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_sec_xml_entity_dtd_in_xlsx_odm(tmp_path, part, encoding):
    secret = write(tmp_path, "secret word", "secret.txt")
    doctype = f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{secret}"><!ENTITY c "&b;&b;">]>'

    def change(xml):
        root = xml.decode().partition("?>")[2] if xml.startswith(b"<?xml") else xml.decode()
        text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}{root or "<a>&c;</a>"}'
        return text.encode(encoding)

    path = rewrite_part(write_workbook(tmp_path / "a.xlsx"), part, change)
    (fault,) = faults_of(path)
    assert fault.found == "XML with a document type (DTD)"
    assert "secret" not in str(fault)


def test_sec_csv_with_100k_columns_10_mb_cell(tmp_path):
    wide = ",".join(f"c{k}" for k in range(100_000))
    (fault,) = faults_of(write(tmp_path, f"{wide}\n{wide}\n"))
    assert (fault.expected, fault.found) == ("at most 1000 columns", "100000 columns")
    (fault,) = faults_of(write(tmp_path, "id,note\n1," + "x" * 10**7 + "\n"))
    assert (fault.row, fault.found) == (2, "a longer cell")


def test_sav_sav_dta_value_labels_vs_codes(tmp_path):
    path = trial_of(tmp_path, "scores.sav")
    frame = numbers(good_rows())
    frame["group"] = frame["group"].map({"BW": 1.0, "FW": 2.0})
    labels: Any = {"group": {1.0: "BW", 2.0: "FW"}}
    pyreadstat.write_sav(frame, tmp_path / "scores.sav", variable_value_labels=labels)
    (tmp_path / "csv").mkdir()
    same_data(load_trial(path), load_trial(write_trial(tmp_path / "csv")))
    frame.loc[3, "group"] = 9.0
    pyreadstat.write_sav(frame, tmp_path / "scores.sav", variable_value_labels=labels)
    told = "values without a label beside values with one (line 5)"
    assert told in warnings_of(read_sheet(tmp_path / "scores.sav"))
    fault = the_fault(path)
    assert (fault.row, fault.column) == (5, "group")


def test_sav_sav_user_missing_999(tmp_path):
    path = trial_of(tmp_path, "scores.sav")
    frame = numbers(good_rows())
    frame.loc[[2, 4], "nprs_w3"] = 999.0
    frame.loc[5, "nprs_w3"] = np.nan
    pyreadstat.write_sav(
        frame,
        tmp_path / "scores.sav",
        missing_ranges={"nprs_w3": [999.0]},
        variable_value_labels={"nprs_w3": {999.0: "refused"}},
    )
    sheet = read_sheet(tmp_path / "scores.sav")
    assert sheet.missing.values.tolist() == [
        [4, "nprs_w3", "999: refused"],
        [6, "nprs_w3", "999: refused"],
    ]
    counted = sheet.log[["column", "action", "count"]].values.tolist()
    assert ["nprs_w3", "missing for the reason 999: refused", 2] in counted
    trial = load_trial(path)
    assert trial.data["value"].isna().sum() == 3
    assert trial.missing["reason"].tolist() == ["999: refused"] * 2


def test_sav_sas_special_missing_a_z_stata_a_z(tmp_path):
    path = trial_of(tmp_path, "scores.dta")
    frame = numbers(good_rows())
    frame["nprs_w3"] = frame["nprs_w3"].astype(object)
    frame.loc[2, "nprs_w3"], frame.loc[4, "nprs_w3"] = "a", "z"
    labels: Any = {"nprs_w3": {"a": "refused"}}
    letters = {"nprs_w3": ["a", "z"]}
    file = tmp_path / "scores.dta"
    pyreadstat.write_dta(frame, file, missing_user_values=letters, variable_value_labels=labels)
    sheet = read_sheet(tmp_path / "scores.dta")
    assert sheet.missing.values.tolist() == [[4, "nprs_w3", ".a: refused"], [6, "nprs_w3", ".z"]]
    assert load_trial(path).missing["reason"].tolist() == [".a: refused", ".z"]
    for name in ("scores.sas7bdat", "scores.xpt"):
        assert faults_of(write(tmp_path, b"x", name))[0].found == "another kind of file"


def test_sav_wrong_file_type_by_extension_xlsx_named_csv(tmp_path):
    frame = pd.DataFrame({"pain": [1.0]})
    write_workbook(tmp_path / "a.xlsx")
    pyreadstat.write_sav(frame, tmp_path / "a.sav")
    frame.to_stata(tmp_path / "a.dta", write_index=False)
    frame.to_stata(tmp_path / "old.dta", write_index=False, version=114)
    write(tmp_path, "id,pain\n1,6\n", "a.csv")
    contents = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for path, content in contents.items():
        for ending in {".xlsx", ".ods", ".sav", ".dta", ".csv"} - {path.suffix}:
            other = write(tmp_path, content, f"renamed{ending}")
            faults = faults_of(other)
            assert "convert" in faults[0].action or "begins with" in faults[0].expected, (
                path,
                ending,
            )


@pytest.mark.parametrize("ending", [".xlsx", ".sav", ".dta", ".tsv"])
def test_a_trial_is_the_same_from_every_kind_of_file(tmp_path, ending):
    (tmp_path / "csv").mkdir()
    expected = load_trial(write_trial(tmp_path / "csv"))
    path = trial_of(tmp_path, f"scores{ending}")
    frame = numbers(good_rows())
    file = tmp_path / f"scores{ending}"
    if ending == ".xlsx":
        book = openpyxl.Workbook()
        for row in [list(frame), *frame.to_numpy().tolist()]:
            book.active.append(row)
        book.save(file)
    elif ending == ".tsv":
        frame.to_csv(file, sep="\t", index=False)
    else:
        (pyreadstat.write_sav if ending == ".sav" else pyreadstat.write_dta)(frame, file)
    same_data(load_trial(path), expected)
