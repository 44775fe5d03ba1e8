"""Papers from files: the same numbers out of every format, one message for a bad one."""

from __future__ import annotations

import io
import sys

import docx
import pytest
import typst

from backwalk_stats.errors import InputError
from backwalk_stats.paper.check_table import table_rows
from backwalk_stats.paper.check_text import text_rows
from backwalk_stats.paper.paper_files import read_paper

PROSE = (
    "Pain fell more with backward walking "
    "(mean difference -0.70, 95% CI -1.42 to 0.02; P = 0.057). "
    "The change differed, t(65) = 2.20, p = .031; sway did not, F(1, 65) = 0.48, p = .49."
)
CAPTION = "Table 2. Scores at week 6, mean ± SD; independent t-test."
HEAD = ["Outcome", "Backward (n = 34)", "Forward (n = 33)", "p"]
BODY = [
    ["TUG (s)", "8.67 ± 1.64", "10.26 ± 2.01", "0.600"],
    ["Sway (cm)", "3.47 ± 1.64", "3.94 ± 1.89", "0.281"],
]


def markdown() -> bytes:
    rows = "\n".join("| " + " | ".join(row) + " |" for row in BODY)
    head = "| " + " | ".join(HEAD) + " |\n|---|---|---|---|"
    return f"{PROSE}\n\n{CAPTION}\n\n{head}\n{rows}\n".encode()


def html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in BODY)
    head = "<tr>" + "".join(f"<th>{cell}</th>" for cell in HEAD) + "</tr>"
    table = f"<table><caption>{CAPTION}</caption>{head}{rows}</table>"
    top = "<html><head><title>t(1) = 1</title></head>"
    return f"{top}<body><p>{PROSE}</p>{table}</body></html>".encode()


def pasted() -> bytes:
    return "\n".join([PROSE, "", CAPTION, *("\t".join(row) for row in [HEAD, *BODY])]).encode()


def spaced() -> bytes:
    return "\n".join([PROSE, "", CAPTION, *(" ".join(row) for row in [HEAD, *BODY])]).encode()


def word() -> bytes:
    document = docx.Document()
    document.add_paragraph(PROSE)
    document.add_paragraph(CAPTION)
    table = document.add_table(rows=0, cols=4)
    for row in [HEAD, *BODY]:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pdf() -> bytes:
    cells = ", ".join(f"[{cell}]" for row in [HEAD, *BODY] for cell in row)
    table = f"#table(columns: 4, stroke: none, {cells})"
    source = f"{PROSE}\n\n{CAPTION}\n\n{table}\n"
    return typst.compile(source.encode())


FORMATS = {
    "paper.md": markdown,
    "paper.html": html,
    "pasted.txt": pasted,
    "spaced.txt": spaced,
    "paper.docx": word,
}


def numbers(path) -> list[tuple[str, str]]:
    paper = read_paper(path)
    rows = [*text_rows(paper.text), *(row for grid in paper.tables for row in table_rows(grid))]
    return [
        (str(row.get("reported") or row.get("reported_p")), str(row["verdict"])) for row in rows
    ]


WANTED = [
    ("0.057", "compatible"), (".031", "reproduced"), (".49", "reproduced"),
    ("8.67", "not_derivable"), ("1.64", "not_derivable"), ("10.26", "not_derivable"),
    ("2.01", "not_derivable"), ("0.600", "not_reproduced"),
    ("3.47", "not_derivable"), ("1.64", "not_derivable"), ("3.94", "not_derivable"),
    ("1.89", "not_derivable"), ("0.281", "compatible"),
]  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_numbers(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FORMATS[name]())
    assert numbers(path) == WANTED


def test_pdf_gives_the_same_numbers(tmp_path):
    pytest.importorskip("pypdf", reason="the extra `paper` is not installed")
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf())
    assert numbers(path) == WANTED


def test_csv_is_one_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(
        "\n".join(";".join(row) for row in [HEAD, *BODY]) + "\nindependent t-test; ± is SD\n"
    )
    assert numbers(path)[4] == ("0.600", "not_reproduced")


def test_a_pipe(monkeypatch):
    class Pipe:
        buffer = io.BytesIO(markdown())

    monkeypatch.setattr(sys, "stdin", Pipe())
    paper = read_paper("-")
    assert (paper.name, len(paper.tables)) == ("pasted text", 1)
    assert "TUG" not in paper.text


BAD = {
    "missing.txt": (None, "no such file"),
    "empty.txt": (b"  \n", "found nothing"),
    "latin.txt": ("3,1 ± 1,2".encode("latin-1"), "text in UTF-8"),
    "binary.txt": (b"a\x00b", "a binary file"),
    "paper.doc": (b"x", "one of .txt"),
    "broken.docx": (b"PK\x03\x04 no zip at all", "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_message(name, tmp_path):
    content, message = BAD[name]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_paper(path)
    assert len(caught.value.faults) == 1
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_is_no_paper(tmp_path):
    with pytest.raises(InputError, match="a folder"):
        read_paper(tmp_path)


def test_a_broken_pdf_is_one_message(tmp_path):
    pytest.importorskip("pypdf", reason="the extra `paper` is not installed")
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\n" + b"\x00\xff garbage " * 200)
    with pytest.raises(InputError, match="PDF"):
        read_paper(path)


def test_a_pdf_without_its_reader_is_said(tmp_path, monkeypatch):
    # The other process finds another module of this name first: as if none were installed.
    (tmp_path / "pypdf.py").write_text("raise ImportError")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError, match=r"backwalk-stats\[paper\]"):
        read_paper(path)


def test_a_reader_that_dies_does_not_take_us_along(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError, match="a damaged file"):
        read_paper(path)
