"""Tables for other programs: nothing that a text holds becomes an instruction there."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from backwalk_stats.tables.display import DisplayTable, display_columns

HOSTILE = r"a|b & 5% $x_1$ #{y} ~ ^ \input{z} <b> −1 ≤ 2 ∞"


@pytest.fixture
def table() -> DisplayTable:
    return DisplayTable(
        columns=display_columns(("what", HOSTILE, "left", 2.0), ("n", "n", "right", None)),
        rows=((HOSTILE, "1"), ("plain", "2"), ("third", "3")),
        groups=("One", "One", "Two"),
        caption="A table.",
        notes=(HOSTILE,),
    )


def test_markdown_has_as_many_cells_in_every_row(table):
    lines = [line for line in table.to_markdown().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 3 + 2
    counts = {line.replace(r"\|", "").count("|") for line in lines}
    assert counts == {3}
    assert "<b>" not in table.to_markdown()


def test_latex_escapes_what_would_be_run(table):
    text = table.to_latex()
    assert r"\input" not in text
    assert r"5\%" in text
    assert r"\#\{y\}" in text
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1
    body = text.partition(r"\midrule")[2].partition(r"\bottomrule")[0].strip().splitlines()
    rows = [line for line in body if not line.startswith(r"\multicolumn")]
    assert [line.replace(r"\&", "").count("&") for line in rows] == [1, 1, 1]


def test_csv_reads_back(table):
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert [row[-1] for row in rows[1:]] == ["1", "2", "3"]
    assert [row[0] for row in rows[1:]] == ["One", "One", "Two"]


def test_great_tables_holds_the_same_and_the_same_bytes(table):
    pytest.importorskip("great_tables")
    first, second = (table.to_gt("one").as_raw_html() for _ in range(2))
    assert first == second
    assert "A table." in first
    assert "&lt;b&gt;" in first or "<b>" not in first


@pytest.mark.parametrize("ending", ["docx", "html", "md", "tex", "csv"])
def test_a_table_is_written_as_one_file(table, tmp_path, ending):
    written = bw.tables.save(table, tmp_path / f"table.{ending}")
    content = written.read_bytes()
    if ending == "docx":
        content = zipfile.ZipFile(written).read("word/document.xml")
    assert b"third" in content
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"table.{ending}"]


def test_another_ending_is_refused(table, tmp_path):
    with pytest.raises(UsageError, match=r"\.docx"):
        bw.tables.save(table, tmp_path / "table.odt")
    assert not list(tmp_path.iterdir())


def test_latex_takes_any_label_for_text():
    columns = display_columns(("a", "[A]", "left", None), ("b", "B", "right", None))
    rows = (("[1, 2]", "5 %"), ("two\n\nlines", "a_b & {c}"))
    lines = DisplayTable(columns=columns, rows=rows, caption="T").to_latex().splitlines()
    # A bracket after a line break would be a length, an empty line the end of a paragraph.
    assert not [line for line in lines if line.startswith("[") or not line.strip()]
    assert r"two lines & a\_b \& \{c\} \\" in lines
    assert r"{}[1, 2] & 5 \% \\" in lines
