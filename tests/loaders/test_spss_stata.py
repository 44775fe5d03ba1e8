"""SPSS and Stata files, written here by pyreadstat and pandas, keep labels, reasons and dates."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets import spss_stata
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.reader_process import read_apart
from backwalk_stats.loaders.sheets.sheet import ReadOptions


def sav(folder, columns, **more):
    path = folder / "scores.sav"
    pyreadstat.write_sav(pd.DataFrame(columns), path, **more)
    return path


def dta(folder, columns, **more):
    path = folder / "scores.dta"
    pyreadstat.write_dta(pd.DataFrame(columns), path, **more)
    return path


def told(sheet, level):
    rows = sheet.log[sheet.log["level"] == level]
    return list(zip(rows["column"], rows["action"], rows["count"], strict=True))


def test_numbers_and_texts_as_text(tmp_path):
    columns = {"id": ["001", "12E3", ""], "pain": [6.0, 3.5, np.nan], "big": [2.0**53, 1.0, 2.0]}
    sheet = read_sheet(sav(tmp_path, columns))
    assert sheet.frame.to_dict("list") == {
        "line": [2, 3, 4],
        "id": ["001", "12E3", ""],
        "pain": ["6", "3.5", ""],
        "big": ["9007199254740992", "1", "2"],
    }
    assert sheet.missing.empty
    told_of = "numbers so large that the file may hold them rounded (line 2)"
    assert told(sheet, "warning") == [("big", told_of, 1)]


def test_user_missing_values_keep_code_and_label_as_the_reason(tmp_path):
    path = sav(
        tmp_path,
        {"pain": [5.0, 999.0, np.nan, -5.0, 97.0], "site": ["A", "XX", "B", "A", "A"]},
        missing_ranges={"pain": [999.0, {"lo": -9.0, "hi": -1.0}], "site": ["XX"]},
        variable_value_labels={"pain": {999.0: "refused"}},
    )
    sheet = read_sheet(path)
    assert sheet.frame["pain"].tolist() == ["5", "", "", "", "97"]
    assert sheet.frame["site"].tolist() == ["A", "", "B", "A", "A"]
    assert sheet.missing.values.tolist() == [
        [3, "pain", "999: refused"],
        [5, "pain", "-5"],
        [3, "site", "XX"],
    ]
    assert ("pain", "missing for the reason 999: refused", 1) in told(sheet, "note")


def test_value_labels_and_codes_without_one(tmp_path):
    labels = {"arm": {1.0: "BW", 2.0: "FW"}, "pain": {999.0: "refused"}}
    columns = {"arm": [1.0, 2.0, 9.0, 1.0], "pain": [5.0, 6.0, 7.0, 8.0]}
    sheet = read_sheet(sav(tmp_path, columns, variable_value_labels=labels))
    assert sheet.labels == {"arm": {"1": "BW", "2": "FW"}, "pain": {"999": "refused"}}
    assert sheet.frame["arm"].tolist() == ["1", "2", "9", "1"]
    # A label of a missing code alone does not make the scores beside it strange.
    told_of = "values without a label beside values with one (line 4)"
    assert told(sheet, "warning") == [("arm", told_of, 1)]


def test_dates_are_iso_and_placed(tmp_path):
    day = datetime.date(2026, 3, 4)
    moment = datetime.datetime(2026, 3, 4, 9, 30)
    sheet = read_sheet(sav(tmp_path, {"seen": [day, None], "at": [moment, moment]}))
    assert sheet.frame["seen"].tolist() == ["2026-03-04", ""]
    assert sheet.frame["at"].tolist() == ["2026-03-04T09:30:00"] * 2
    assert sheet.dates == {"seen": (2,), "at": (2, 3)}


def test_stata_letters_are_reasons(tmp_path):
    columns = {"pain": pd.Series([5, "a", "z"], dtype=object), "letter": ["a", "b", "z"]}
    labels = {"pain": {"a": "refused"}}
    path = dta(
        tmp_path,
        columns,
        missing_user_values={"pain": ["a", "z"]},
        variable_value_labels=labels,
    )
    sheet = read_sheet(path)
    assert sheet.frame["pain"].tolist() == ["5", "", ""]
    assert sheet.frame["letter"].tolist() == ["a", "b", "z"]
    assert sheet.missing.values.tolist() == [[3, "pain", ".a: refused"], [4, "pain", ".z"]]
    assert sheet.labels == {"pain": {".a": "refused"}}


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_every_release_of_stata(tmp_path, version):
    path = tmp_path / "scores.dta"
    frame = pd.DataFrame(
        {
            "pain": np.array([120, 100], dtype="int8"),
            "steps": np.array([32000, -5], dtype="int16"),
            "speed": np.array([0.1, 1.5], dtype="float32"),
            "site": ["José", "b"],
        }
    )
    frame.to_stata(path, version=version, write_index=False)
    sheet = read_sheet(path)
    assert sheet.frame["pain"].tolist() == ["120", "100"]
    assert sheet.frame["steps"].tolist() == ["32000", "-5"]
    assert sheet.frame["speed"].tolist() == ["0.1", "1.5"]
    assert sheet.frame["site"].tolist() == ["José", "b"]
    assert bool(told(sheet, "warning")) == (version < 118)


@pytest.mark.parametrize("name", ["José", "Josée"])  # at the end, where the library cuts it off
def test_another_encoding_is_asked_for_and_noted(tmp_path, name):
    path = sav(tmp_path, {"site": [name.replace("é", "e"), "b"]})
    plain, coded = name.replace("é", "e").encode(), name.encode("cp1252")
    path.write_bytes(path.read_bytes().replace(plain, coded))
    sheet = read_sheet(path)
    assert 'encoding = "windows-1252"' in sheet.broken["site"].action
    assert [row for row in told(sheet, "warning") if "cannot be used" in row[1]]
    sheet = read_sheet(path, ReadOptions(encoding="cp1252"))
    assert sheet.frame["site"].tolist() == [name, "b"]
    assert told(sheet, "note") == [("", "text read as cp1252, as asked", 1)]
    with pytest.raises(InputError, match="another encoding"):
        read_sheet(path, ReadOptions(encoding="nonsense"))


def test_unicode_is_read_whole(tmp_path):
    names = ["José", "Łódź", "東京", "é"]
    assert read_sheet(sav(tmp_path, {"site": names})).frame["site"].tolist() == names
    assert read_sheet(dta(tmp_path, {"site": names})).frame["site"].tolist() == names


@pytest.mark.parametrize("make", [sav, dta])
def test_a_file_without_cases_or_cut_short(tmp_path, make):
    path = make(tmp_path, {"pain": [1.0] * 200, "site": [f"a{k}" for k in range(200)]})
    whole = path.read_bytes()
    for length in (20, 300, len(whole) - 300):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"damaged|begins with|encoding"):
            read_sheet(path)
    path = make(tmp_path, {"pain": pd.Series([], dtype=float)})
    with pytest.raises(InputError, match="at least one case"):
        read_sheet(path)


def test_a_file_that_crashes_the_library_is_a_damaged_file(tmp_path, monkeypatch):
    path = sav(tmp_path, {"pain": [1.0]})
    monkeypatch.setitem(spss_stata.READERS, ".sav", "crash")
    monkeypatch.setattr(spss_stata, "parsed_file", os.abort)
    monkeypatch.setattr(
        spss_stata, "read_apart", lambda _, *__, **told: read_apart(os.abort, **told)
    )
    with pytest.raises(InputError, match="found a damaged file"):
        read_sheet(path)


def test_one_text_or_date_that_cannot_be_made_leaves_the_other_columns(tmp_path):
    columns = {"id": ["P1", "P2"], "note": ["abcd", "b"], "site": ["A", "B"], "pain": [6.0, 5.0]}
    path = sav(tmp_path, columns)
    path.write_bytes(path.read_bytes().replace(b"abcd", b"ab\xe9d"))
    sheet = read_sheet(path)
    assert list(sheet.broken) == ["note"]
    assert sheet.frame["pain"].tolist() == ["6", "5"]
    assert sheet.frame["site"].tolist() == ["A", "B"]
    far = pd.DataFrame({"id": ["P1", "P2"], "seen": [1.0, 6306150067200.0], "pain": [6.0, 5.0]})
    pyreadstat.write_sav(far, path, variable_format={"seen": "DATETIME20"})
    sheet = read_sheet(path)
    assert list(sheet.broken) == ["seen"]
    assert sheet.frame["seen"].tolist() == ["", ""]
    assert sheet.frame["pain"].tolist() == ["6", "5"]


@pytest.mark.parametrize("make", [sav, dta])
@pytest.mark.parametrize(
    ("values", "labels", "asked"),
    [
        ([24.1, 30.2, 99.0, 28.0], {99.0: "not measured"}, True),
        ([6.0, 3.0, -7.0, 8.0, 0.0], {-7.0: "refused"}, False),  # as far as the others reach
        ([6.0, 3.0, -99.0, 8.0], {-99.0: "refused"}, True),
        ([1.0, 2.0, 3.0, 4.0, 5.0], {5.0: "worst"}, False),
        ([1.0, 2.0, 1.0, 99.0], {1.0: "yes", 2.0: "no", 99.0: "not asked"}, False),
    ],
)
def test_one_label_on_a_value_far_out_is_one_question(tmp_path, make, values, labels, asked):
    path = make(tmp_path, {"bmi": values}, variable_value_labels={"bmi": labels})
    (code,) = [key for key in labels if len(labels) == 1] or [None]
    warnings = [row[1] for row in told(read_sheet(path), "warning")]
    questions = [text for text in warnings if "missing_codes_by_column" in text]
    assert len(questions) == asked
    if asked:
        assert warnings == questions
        declared = ReadOptions(missing_codes=(f"{code:.0f}",))
        assert told(read_sheet(path, declared), "warning") == []


FORMATS = Path(__file__).parents[3] / "shared" / "trials" / "real" / "formats"


@pytest.mark.skipif(not FORMATS.is_dir(), reason="the shared files are not here")
def test_cells_as_another_program_reads_them():
    cells = pd.read_csv(FORMATS.parents[1] / "real_cells.csv", dtype=str, keep_default_na=False)
    assert len(cells) == 149
    for file, rows in cells.groupby("file"):
        sheet = read_sheet(FORMATS / str(file))
        reasons = {
            (line, column): reason
            for line, column, reason in sheet.missing.itertuples(index=False, name=None)
        }
        for row in rows.itertuples():
            line = int(str(row.row)) + 1
            found = sheet.frame[row.column].iloc[line - 2].replace("T", " ")
            tag = reasons.get((line, row.column), "").partition(":")[0]
            if row.missing == "1":
                assert found == "", row
                assert row.cell in ("", tag), row
            else:
                assert found == str(row.cell).removesuffix(" 00:00:00"), row


def test_a_transport_file_of_sas_and_a_percent_format(tmp_path):
    path = tmp_path / "scores.xpt"
    frame = pd.DataFrame({"id": ["P1", "P2"], "share": [0.45, np.nan]})
    pyreadstat.write_xport(frame, path, variable_format={"share": "PERCENT8."})
    sheet = read_sheet(path)
    assert sheet.frame["share"].tolist() == ["0.45", ""]
    assert sheet.formats == {"share": {"percent": (2,)}}


@pytest.mark.skipif(not FORMATS.is_dir(), reason="the shared files are not here")
def test_labels_of_a_catalogue_of_sas(tmp_path):
    catalogue = FORMATS / "missing_formats.sas7bcat"
    sheet = read_sheet(FORMATS / "missing_test.sas7bdat", ReadOptions(catalogue=catalogue))
    assert sheet.labels["var1"]
    assert "catalogue of value labels" in sheet.log["action"].str.cat()
    with pytest.raises(InputError, match="a catalogue of SAS"):
        wrong = ReadOptions(catalogue=FORMATS / "sample.sas7bdat")
        read_sheet(FORMATS / "missing_test.sas7bdat", wrong)
    with pytest.raises(InputError, match="Leave catalogue out"):
        read_sheet(sav(tmp_path, {"pain": [1.0]}), ReadOptions(catalogue=catalogue))
