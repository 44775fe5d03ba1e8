"""One paper from a file or a pipe: its running text and its tables.

PDF and Word files are read in another process, with bounds on memory and time: this module run as
`python -m backwalk_stats.paper.paper_files pdf|docx`, the file on the standard input, its text and
tables as JSON on the standard output. A file that breaks its reader, or makes it take all memory,
ends that process and not the one that asked.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.paper.table_grid import (
    Grid,
    csv_grids,
    grid_of,
    html_tables_and_prose,
    markdown_grids,
)
from backwalk_stats.paper.tables_in_lines import tables_in_lines

ENDINGS = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf", ".csv", ".tsv")
LARGEST_FILE = 50 * 1024**2
LARGEST_TEXT = 3_000_000
MEMORY = 2 * 1024**3
SECONDS = 60
MAX_PAGES = 400
REFUSED = 3
MISSING = 4
_HTML = re.compile(r"<(?:html|body|table|p|div)\b[^>]*>", re.IGNORECASE)
_RULE = re.compile(r"^\s*\|.*\|\s*\n\s*\|?\s*:?-{2,}", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """A paper that was read.

    Attributes
    ----------
    name : str
        Of the file, without its folder; "pasted text" for a pipe.
    text : str
        Running text, without the tables.
    tables : tuple of Grid
        In order.
    sha256 : str
        Of the file.
    notes : tuple of str
        What was left out.
    """

    name: str
    text: str
    tables: tuple[Grid, ...]
    sha256: str
    notes: tuple[str, ...] = ()


def read_paper(source: str | Path) -> Paper:
    """Read a paper.

    Parameters
    ----------
    source : str or Path
        A file (txt, md, html, docx, pdf, csv), or "-" for the standard input.

    Returns
    -------
    Paper
        Text and tables apart.

    Raises
    ------
    InputError
        When the file is no paper that can be read: what was expected, found, and what to do.
    """
    if str(source) == "-":
        content, name, ending = _piped(), "pasted text", ""
    else:
        path = Path(source)
        content, name, ending = _content(path), path.name, path.suffix.lower()
    sha256 = hashlib.sha256(content).hexdigest()
    if content.startswith(b"%PDF-") or ending == ".pdf":
        return _from_document("pdf", content, name, sha256)
    if content.startswith(b"PK\x03\x04") or ending == ".docx":
        return _from_document("docx", content, name, sha256)
    text = _decoded(content, name)
    if not text.strip():
        raise _refused(name, "text", "nothing", "Give a file that is not empty, or paste into -")
    prose, tables = _parted(text, ending)
    return Paper(name=name, text=prose, tables=tuple(tables), sha256=sha256)


def _piped() -> bytes:
    return sys.stdin.buffer.read(LARGEST_FILE)


def _content(path: Path) -> bytes:
    name = path.name or str(path)
    if not path.exists():
        raise _refused(name, "a file", "no such file", "Check the path, or give - for a pipe")
    if path.is_dir():
        raise _refused(
            name, "a file", "a folder", "A folder of evidence goes to reproduce --evidence"
        )
    if path.suffix.lower() not in ENDINGS:
        found = path.suffix or "no ending"
        raise _refused(name, f"one of {', '.join(ENDINGS)}", found, "Save it as one of these")
    if path.stat().st_size > LARGEST_FILE:
        raise _refused(name, "at most 50 MB", "a larger file", "Give the part with the numbers")
    return path.read_bytes()


def _refused(name: str, expected: str, found: str, action: str) -> InputError:
    return InputError([Fault(file=name, expected=expected, found=found, action=action)])


def _decoded(content: bytes, name: str) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as fault:
        found = f"byte {fault.start + 1} that is none"
        raise _refused(name, "text in UTF-8", found, "Save it as UTF-8 and try again") from fault
    if "\x00" in text:
        raise _refused(name, "text", "a binary file", "Give txt, md, html, docx, pdf or csv")
    if len(text) > LARGEST_TEXT:
        found = f"{len(text)} characters"
        action = "Give the part with the numbers"
        raise _refused(name, f"at most {LARGEST_TEXT} characters", found, action)
    return text


def _parted(text: str, ending: str) -> tuple[str, list[Grid]]:
    """Return prose and tables of a text, by its ending, or by its looks where it was piped."""
    if ending in (".csv", ".tsv"):
        return "", csv_grids(text)
    if ending in (".html", ".htm") or (not ending and _HTML.search(text)):
        tables, prose = html_tables_and_prose(text)
        return prose, tables
    if ending in (".md", ".markdown") or _RULE.search(text):
        tables, prose = markdown_grids(text)
        return prose, tables
    tables, prose = tables_in_lines(text)
    return prose, tables


def _from_document(kind: str, content: bytes, name: str, sha256: str) -> Paper:
    found = _in_another_process(kind, content, name)
    if found.get("encrypted"):
        raise _refused(
            name, "a PDF without password", "an encrypted one", "Save it without a password"
        )
    notes = []
    pages = found.get("pages", 0)
    if pages > MAX_PAGES:
        notes.append(f"only the first {MAX_PAGES} of {pages} pages were read")
    text, tables = _blocks(found["blocks"])
    if not text.strip() and not tables:
        action = "A scanned page has no text: run a text recognition first, or paste the text"
        raise _refused(name, "text", "none", action)
    return Paper(name=name, text=text, tables=tuple(tables), sha256=sha256, notes=tuple(notes))


def _blocks(blocks: Sequence[Sequence[object]]) -> tuple[str, list[Grid]]:
    """Return prose and tables of the blocks of a document, each table with the text around it."""
    prose: list[str] = []
    tables: list[Grid] = []
    texts = [str(content) if kind == "text" else "" for kind, content in blocks]
    for place, (kind, content) in enumerate(blocks):
        if kind == "text":
            found, rest = tables_in_lines(str(content))
            tables += [_named(grid, len(tables) + k + 1) for k, grid in enumerate(found)]
            prose.append(rest)
        elif isinstance(content, list) and content:
            caption = next((text for text in reversed(texts[:place]) if text.strip()), "")
            notes = texts[place + 1] if place + 1 < len(texts) else ""
            name = f"table {len(tables) + 1}"
            tables.append(grid_of(content, head=1, caption=caption, notes=notes, name=name))
    return "\n\n".join(prose), tables


def _named(grid: Grid, number: int) -> Grid:
    return Grid(
        headings=grid.headings, rows=grid.rows, caption=grid.caption, notes=grid.notes,
        name=f"table {number}",
    )  # fmt: skip


def _in_another_process(kind: str, content: bytes, name: str) -> dict[str, Any]:
    package = Path(__file__).parents[2]
    way = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "backwalk_stats.paper.paper_files", kind]
    words = "PDF" if kind == "pdf" else "Word"
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=SECONDS, check=False,
            env={**os.environ, "PYTHONPATH": way},
        )  # fmt: skip
    except subprocess.TimeoutExpired as fault:
        found = f"one that takes longer than {SECONDS} s"
        raise _refused(name, f"a {words} file", found, "Paste its text instead") from fault
    if done.returncode == MISSING:
        action = "Install the extra: pip install 'backwalk-stats[paper]', or paste the text"
        raise _refused(name, "a reader of PDF files", "none installed", action)
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip()[-60:] or "it ended without a word"
        found = f"one that cannot be read ({why})"
        raise _refused(name, f"a whole {words} file", found, "Save it anew, or paste its text")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# In the other process -----------------------------------------------------------------------------


def read_document(kind: str) -> int:
    """Read one file from the standard input; the exit code says how it went."""
    _bound()
    content = sys.stdin.buffer.read()
    try:
        found = _pdf(content) if kind == "pdf" else _docx(content)
    except ImportError:
        return MISSING
    except Exception as fault:
        sys.stderr.write(type(fault).__name__)
        return REFUSED
    sys.stdout.buffer.write(json.dumps(found).encode())
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such bounds; there the time limit of the caller remains.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _pdf(content: bytes) -> dict[str, Any]:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"encrypted": True}
    pages = list(reader.pages)[:MAX_PAGES]
    return {
        "blocks": [["text", page.extract_text()] for page in pages],
        "pages": len(reader.pages),
    }


def _docx(content: bytes) -> dict[str, Any]:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(content))
    blocks: list[list[Any]] = []
    for element in document.element.body.iterchildren():
        if element.tag.endswith("}p"):
            blocks.append(["text", _paragraph(Paragraph(element, document))])
        elif element.tag.endswith("}tbl"):
            table = Table(element, document)
            rows = [
                [" ".join(_paragraph(p) for p in cell.paragraphs) for cell in row.cells]
                for row in table.rows
            ]
            blocks.append(["table", rows])
    return {"blocks": blocks}


def _paragraph(paragraph: Any) -> str:  # noqa: ANN401
    """Return a paragraph's text; a raised 2 stays, a raised footnote sign goes."""
    parts = []
    for run in paragraph.runs:
        text = run.text
        if run.font.superscript and text.strip() != "2":
            text = ""
        elif run.font.subscript and text.strip():
            text = "_" + text
        parts.append(text)
    # Text in links and changes stands in no run.
    return "".join(parts) if parts else str(paragraph.text)


if __name__ == "__main__":
    sys.exit(read_document(sys.argv[1]))
