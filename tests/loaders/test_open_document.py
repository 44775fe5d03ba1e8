"""An .ods sheet is read as an .xlsx is; its XML is small here, and written by hand."""

from __future__ import annotations

import zipfile

import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)


def text(value):
    return (
        f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    )


def number(value, more=""):
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}"{more}>'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def row(*cells, more=""):
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


HEADER = row(text("id"), text("pain"))
REST = (
    '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
    'table:number-columns-repeated="16384"/></table:table-row>'
)


def write(folder, *rows, name="scores", prolog=""):
    path = folder / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr(
            "content.xml",
            f"{prolog}<office:document-content {NAMESPACES} {CALC}><office:body>"
            f'<office:spreadsheet><table:table table:name="{name}">{"".join(rows)}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def faults_of(path):
    with pytest.raises(InputError) as caught:
        read_sheet(path, ReadOptions())
    return caught.value.faults


def test_cells_become_text(tmp_path):
    path = write(tmp_path, HEADER, row(text("007"), number(6)), row(text("008"), number(3.5)), REST)
    sheet = read_sheet(path)
    assert sheet.frame.to_dict("list") == {
        "line": [2, 3],
        "id": ["007", "008"],
        "pain": ["6", "3.5"],
    }


def test_hidden_and_filtered_rows_are_counted(tmp_path):
    hidden = ' table:visibility="filter"'
    path = write(
        tmp_path, HEADER, row(text("P1"), number(6), more=hidden), row(text("P2"), number(6))
    )
    actions = read_sheet(path).log["action"].tolist()
    assert "hidden rows were read like the others" in actions
    assert "a filter is set; rows that it hides were read like the others" in actions


def test_errors_and_formulas_without_a_value_are_refused(tmp_path):
    error = (
        '<table:table-cell table:formula="of:=NA()" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    )
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    path = write(tmp_path, HEADER, row(text("P1"), error), row(text("P2"), formula))
    found = [(fault.row, fault.found) for fault in faults_of(path)]
    assert found == [
        (2, "an error such as #N/A or #DIV/0!"),
        (3, "a formula without its computed value"),
    ]


def test_merged_cells_are_refused(tmp_path):
    spans = ' table:number-columns-spanned="1" table:number-rows-spanned="2"'
    path = write(
        tmp_path,
        HEADER,
        row(text("P1"), number(6, spans)),
        row(text("P2"), "<table:covered-table-cell/>"),
    )
    assert [fault.found for fault in faults_of(path)] == ["merged cells B2:B3"]


def test_a_run_of_values_that_fills_a_million_rows_is_refused(tmp_path):
    run = ' table:number-rows-repeated="1000000"'
    path = write(tmp_path, HEADER, row(text("P1"), number(6), more=run))
    assert faults_of(path)[0].found == "1000001 rows"


def test_a_document_type_is_refused(tmp_path):
    path = write(tmp_path, HEADER, prolog='<!DOCTYPE a [<!ENTITY b "c">]>')
    assert "document type" in faults_of(path)[0].found
