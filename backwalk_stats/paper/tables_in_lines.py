"""Tables that were pasted, or taken from a PDF, as lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backwalk_stats.paper.printed_patterns import CLOSE, NUMBER, OPEN, SIGNED, TO
from backwalk_stats.paper.table_grid import Grid, grid_of

_SIZE = re.compile(r"[(\[,]?\s*\b[nN]\s*=\s*\d{1,6}\s*[)\]]?")
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
    r"\s*((?:mean\s)?difference[^pP]*?(?:\([^)]*\))?|MD\s*(?:\([^)]*\))?|[pP](?:[-\s]?[vV]alue)?(?![\w])|[tFz](?![\w]))\s*",
    re.I,
)
LONGEST_CAPTION = 300
_CAPTION = re.compile(r"^\s*\**\s*(?:supplementary\s)?tab(?:le|\.)", re.I)


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
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
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
            return _parted(text, sizes), place + size
        if not sizes and size == 1:
            break
    return [], place


def _parted(text: str, sizes: Sequence[re.Match[str]]) -> list[str]:
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
