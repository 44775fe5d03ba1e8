"""One paper from a file or a pipe: its running text and its tables.

PDF and Word files are read in the reader's process, with bounds on memory and time.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backwalk_stats.errors import Fault, InputError, UsageError
from backwalk_stats.loaders.sheets.reader_process import read_apart
from backwalk_stats.paper.printed_patterns import CLOSE, NUMBER, OPEN, SIGNED, TO
from backwalk_stats.paper.table_columns import TIME
from backwalk_stats.paper.table_grid import (
    Grid,
    csv_grids,
    grid_of,
    html_tables_and_prose,
    markdown_grids,
)

ENDINGS = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".pdf", ".csv", ".tsv")
LARGEST_FILE = 50 * 1024**2
LARGEST_TEXT = 3_000_000
MAX_PAGES = 400
_HTML = re.compile(r"<(?:html|body|table|p|div)\b[^<>]*>", re.IGNORECASE)
_RULE = re.compile(r"^[ \t]*\|.*\|[ \t]*\n[ \t]*(?:\|[ \t]*)?:?-{2,}", re.MULTILINE)
_SIZE = re.compile(r"[(\[,]?\s{0,4}\b[nN]\s*=\s*\d{1,6}\s*[)\]]?")
_LABEL_WORDS = re.compile(
    r"^(?:outcomes?(?:\smeasures?)?|variables?|measures?|characteristics?|parameters?|items?|tests?)\b\s*",
    re.I,
)
_MARK = r"[*†‡§]{0,3}"
_CELL = re.compile(
    rf"(?:{SIGNED}\s*(?:±|\+/[-–])\s*{NUMBER}"
    rf"|{SIGNED}\s*{OPEN}\s*{SIGNED}{TO}{SIGNED}\s*{CLOSE}"
    rf"|{SIGNED}\s*{OPEN}\s*{NUMBER}\s*%?\s*{CLOSE}"
    rf"|\d+/\d+\s*{OPEN}\s*{NUMBER}\s*%?\s*{CLOSE}"
    rf"|[<>≤≥]\s*{NUMBER}|{SIGNED}%?|[nN]\.?[sS]\.?(?!\w)){_MARK}(?=\s|$)"
)
_AFTER_ARMS = re.compile(
    r"\s*((?:(?:adjusted|mean|between[-\s]groups?|treatment|estimated)\s){0,3}difference[^pP]*?(?:\([^)]*\))?|MD\s*(?:\([^)]*\))?|[pP](?:[-\s]?[vV]alue)?(?![\w])|[tFz](?![\w]))\s*",
    re.I,
)
LONGEST_CAPTION = 300
_BLANKS = re.compile(r"[^\S\n\t]{3,}")  # as two: patterns try each of a long run
_CAPTION = re.compile(r"^[\s*]*(?:supplementary\s)?tab(?:le|\.)", re.I)


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
    content = sys.stdin.buffer.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise _refused("pasted text", "at most 50 MB", "more", "Give the part with the numbers")
    return content


def _content(path: Path) -> bytes:
    name = path.name or str(path)
    if not path.exists():
        raise _refused(name, "a file", "no such file", "Check the path, or give - for a pipe")
    if path.is_dir():
        raise _refused(
            name, "a file", "a folder", "A folder of evidence goes to reproduce --evidence"
        )
    if not path.is_file():
        # Such a thing may never end, or fill all memory.
        raise _refused(name, "a file", "a device or a named pipe", "Give - and pipe it in")
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
    words = "PDF" if kind == "pdf" else "Word"
    try:
        return read_apart(
            pdf_blocks if kind == "pdf" else word_blocks,
            content,
            file=name,
            what=f"a whole {words} file",
            action="Save it anew, or paste its text",
        )
    except UsageError as error:
        action = "Install the extra: pip install 'backwalk-stats[paper]', or paste the text"
        raise _refused(name, f"a reader of {words} files", "none installed", action) from error


# In the other process -----------------------------------------------------------------------------


def pdf_blocks(content: bytes) -> dict[str, Any]:
    """Return the texts of a PDF, page by page, and how many pages it has."""
    import logging

    try:
        from pypdf import PdfReader
    except ImportError as error:
        raise UsageError("no pypdf") from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"encrypted": True}
    pages = list(reader.pages)[:MAX_PAGES]
    return {
        "blocks": [["text", page.extract_text()] for page in pages],
        "pages": len(reader.pages),
    }


def word_blocks(content: bytes) -> dict[str, Any]:
    """Return the texts and tables of a Word file, in their order."""
    try:
        import docx
    except ImportError as error:
        raise UsageError("no python-docx") from error
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(content))
    blocks: list[list[Any]] = []
    for element in document.element.body.iterchildren():
        if element.tag.endswith("}p"):
            blocks.append(["text", _paragraph(Paragraph(element, document))])
        elif element.tag.endswith("}tbl"):
            blocks += _word_tables(Table(element, document))
    return {"blocks": blocks}


def _word_tables(table: Any) -> list[list[Any]]:  # noqa: ANN401
    """Return a table's cells, and behind it the tables that stand inside its cells."""
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    rows, inner, seen = [], [], set()
    for row in table.rows:
        line = []
        for cell in row.cells:
            line.append(" ".join(_paragraph(Paragraph(p, cell)) for p in cell._tc.p_lst).strip())
            if cell._tc not in seen:
                seen.add(cell._tc)
                inner += [Table(one, cell) for one in cell._tc.tbl_lst]
        rows.append(line)
    blocks: list[list[Any]] = [["table", rows]] if any(map(any, rows)) else []
    return blocks + [block for one in inner for block in _word_tables(one)]


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


# Tables that were pasted, or taken from a PDF, as lines of text.


def tables_in_lines(text: str) -> tuple[list[Grid], str]:
    r"""Return the tables that stand in a text as lines, and the text without them.

    Two kinds are read: lines with tabs between their cells, and lines below a heading that names
    two arms or more with their n, when each line ends in as many cells as the heading has columns.
    Anything else stays in the text: nothing is guessed.

    Parameters
    ----------
    text : str
        As pasted, or as a PDF gives it.

    Examples
    --------
    >>> lines = (
    ...     "Table 2. Mean ± SD\nOutcome Backward (n = 34) Forward (n = 33) p\n"
    ...     "Pain 3.47 ± 1.64 3.94 ± 1.89 0.281\nSway 8.7 ± 1.6 10.3 ± 2.0 0.001"
    ... )
    >>> found, rest = tables_in_lines(lines)
    >>> found[0].headings[1], found[0].rows[0]
    (('Backward (n = 34)',), ('Pain', '3.47 ± 1.64', '3.94 ± 1.89', '0.281'))
    """
    plain = _BLANKS.sub("  ", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = plain.split("\n")
    found: list[Grid] = []
    rest: list[str] = []
    place = 0
    while place < len(lines):
        rows, end = _tabbed(lines, place)
        if not rows:
            rows, end = _spaced(lines, place)
        if rows:
            name = f"table {len(found) + 1}"
            caption, notes = _caption(lines, place), _notes(lines, end)
            found.append(grid_of(rows, head=1, caption=caption, notes=notes, name=name))
            rest.append("")
            place = end
        else:
            rest.append(lines[place])
            place += 1
    return found, "\n".join(rest)


def _tabbed(lines: Sequence[str], place: int) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    end = place
    while end < len(lines) and lines[end].count("\t") >= 1:
        rows.append([cell.strip() for cell in lines[end].split("\t")])
        end += 1
    wide = [row for row in rows if len(row) >= 3]
    return (rows, end) if len(wide) >= 2 else ([], place)


def _spaced(lines: Sequence[str], place: int) -> tuple[list[list[str]], int]:
    """Return heading and rows when a heading with sized arms begins at a line, else nothing."""
    heading, start = _heading(lines, place)
    if len(heading) < 3:
        return [], place
    columns = len(heading) - 1
    rows, end, label = [heading], start, ""
    while end < len(lines) and lines[end].strip():
        cells = _cells(lines[end], columns)
        if cells is None:
            # A label alone, broken over two lines, belongs to the row that follows.
            if re.search(r"\d", lines[end]) or label or len(lines[end]) > 60:
                break
            label = lines[end].strip()
        else:
            rows.append([f"{label} {cells[0]}".strip(), *cells[1:]])
            label = ""
        end += 1
    if label:
        end -= 1
    return (rows, end) if len(rows) >= 2 else ([], place)


def _heading(lines: Sequence[str], place: int) -> tuple[list[str], int]:
    """Return the texts of a heading; its arms may stand on one line or two."""
    for size in (1, 2, 3):
        text = " ".join(line.strip() for line in lines[place : place + size])
        sizes = list(_SIZE.finditer(text))
        if len(sizes) >= 2 and not re.search(r"[.;:]\s", text[: sizes[-1].end()]):
            cells, end = _cells_of_line(text, sizes), place + size
            times = _times(lines[end]) if end < len(lines) and cells else []
            if times and len(times) % len(sizes) == 0:
                return _with_times(cells, times, len(sizes)), end + 1
            return cells, end
        if not sizes and size == 1:
            break
    return [], place


def _times(line: str) -> list[str]:
    """Return the visits that a line under the arms names, when it says nothing else."""
    found = [match.group(0).strip() for match in TIME.finditer(line)]
    rest = TIME.sub(" ", line)
    return found if not re.sub(r"mean|median|\(?SD\)?|\(?SE\)?|[±()\s,]", "", rest) else []


def _with_times(cells: Sequence[str], times: Sequence[str], arms: int) -> list[str]:
    """Return a heading with each arm at each visit; what stands behind the arms stays."""
    each = len(times) // arms
    spread = [
        f"{cells[1 + arm]} {times[arm * each + k]}" for arm in range(arms) for k in range(each)
    ]
    return [cells[0], *spread, *cells[1 + arms :]]


def _cells_of_line(text: str, sizes: Sequence[re.Match[str]]) -> list[str]:
    parts, end = [], 0
    for size in sizes:
        parts.append(text[end : size.end()].strip())
        end = size.end()
    first = _LABEL_WORDS.match(parts[0])
    label = first.group(0).strip() if first else ""
    parts[0] = parts[0][first.end() :] if first else parts[0]
    tail = text[end:]
    while tail.strip():
        more = _AFTER_ARMS.match(tail)
        if not more or not more.group(1).strip():
            return []
        parts.append(more.group(1).strip())
        tail = tail[more.end() :]
    return [label, *parts]


def _cells(line: str, columns: int) -> list[str] | None:
    """Return label and cells of a line that ends in exactly so many cells."""
    for start in _starts(line):
        cells, end = [], start
        while end < len(line):
            cell = _CELL.match(line, end)
            if not cell:
                break
            cells.append(cell.group(0).strip())
            end = cell.end()
            while end < len(line) and line[end].isspace():
                end += 1
        if end >= len(line) and len(cells) == columns:
            return [line[:start].strip(), *cells]
    return None


def _starts(line: str) -> list[int]:
    stripped = line.rstrip()
    return [0, *(found.end() for found in re.finditer(r"\s+", stripped))] if stripped else []


def _caption(lines: Sequence[str], place: int) -> str:
    """Return the caption above a table: from the line that says "Table" to it."""
    for back in range(1, 6):
        if place - back < 0 or not lines[place - back].strip():
            break
        if _CAPTION.match(lines[place - back]):
            return " ".join(line.strip() for line in lines[place - back : place])
    if place >= 1 and lines[place - 1].strip() and len(lines[place - 1]) < LONGEST_CAPTION:
        return lines[place - 1].strip()
    above = place - 2
    return lines[above].strip() if above >= 0 and _CAPTION.match(lines[above]) else ""


def _notes(lines: Sequence[str], end: int) -> str:
    """Return what stands below a table: up to the next empty line, four lines at most."""
    kept: list[str] = []
    for line in lines[end : end + 4]:
        if not line.strip():
            break
        kept.append(line.strip())
    text = " ".join(kept)
    return text if re.match(r"[*†‡§¶]|note|abbrev|values|data|tab|sd\b|p\b", text, re.I) else ""
