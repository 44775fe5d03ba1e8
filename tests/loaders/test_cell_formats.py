"""What a workbook shows otherwise than it stores it: per cent, money, times, struck through."""

from __future__ import annotations

import datetime

import openpyxl
import pytest
from openpyxl.styles import Font

from backwalk_stats.loaders.sheets.cell_formats import format_kind
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from tests.loaders.sheet_files import cell, write_ods


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0%", "percent"), ("0.00%;[Red]-0.00%", "percent"), ('0" %"', ""), (r"0\%", ""),
        ("General", ""), ("0.00", ""), ("#,##0", ""), ("@", ""), ("[Blue]0.0", ""),
        ("[>100]0", ""), ('"$"#,##0.00', "currency"), ("$#,##0.00", "currency"),
        ("[$€-2] 0.00", "currency"), ('0 "US$ a day"', ""),
        ("[$-409]d-mmm-yy", "date"), ("dd/mm/yyyy", "date"), ("mmm", "date"), ("[h]:mm:ss", "time"),
        ("h:mm AM/PM", "time"), ("mm:ss.0", "time"), ("yyyy-mm-dd hh:mm", "date"), ("", ""),
    ],
)  # fmt: skip
def test_kinds_of_formats(code, kind):
    assert format_kind(code) == kind


def test_formats_and_strikes_of_an_xlsx(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["id", "pre", "post", "cost", "took"],
        ["P1", 45, 0.4, 3.5, 1],
        ["P2", 50, 0.6, 2, 2],
    ):
        sheet.append(row)
    sheet["E2"], sheet["E3"] = datetime.time(0, 12), datetime.time(1, 5)
    for place, code in (("C2", "0%"), ("C3", "0.0%"), ("C9", "0%"), ("D2", "[$€-2] 0.00")):
        sheet[place].number_format = code
    sheet["B3"].font = Font(strike=True)
    path = tmp_path / "scores.xlsx"
    book.save(path)
    read = read_sheet(path)
    assert read.frame["post"].tolist() == ["0.4", "0.6"]
    assert read.formats == {
        "post": {"percent": (2, 3)},
        "cost": {"currency": (2,)},
        "took": {"time": (2, 3)},
    }
    warnings = read.log[read.log["level"] == "warning"]
    struck = warnings[warnings["action"].str.contains("struck through")]
    assert struck[["column", "count"]].values.tolist() == [["pre", 1]]


def test_formats_and_strikes_of_an_ods(tmp_path):
    style = (
        '<style:style style:name="ce1" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>'
    )
    percent = '<table:table-cell office:value-type="percentage" office:value="0.4"{more}/>'
    rows = [
        "".join(map(cell, ["id", "pre", "post"])),
        cell("P1") + cell(45) + percent.format(more=""),
        cell("P2") + cell(50) + percent.format(more=' table:style-name="ce2"'),
    ]
    xml = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    read = read_sheet(write_ods(tmp_path / "scores.ods", xml, style))
    assert read.formats == {"post": {"percent": (2, 3)}}
    assert [text for text in read.log["action"] if "struck through" in text] == [
        "cells that are struck through were read like the others (line 3)"
    ]
