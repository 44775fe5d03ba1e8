"""Small workbooks for tests, and their parts rewritten by hand."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl

ROWS: list[list[Any]] = [
    ["id", "group", "pain_w0", "pain_w6"],
    ["P01", "BW", 6, 3.5],
    ["P02", "FW", 7, 5],
    ["P03", "BW", 5, 4],
    ["P04", "FW", 6, 6],
]


def write_workbook(
    path: Path, rows: Sequence[Any] | None = None, change: Callable | None = None
) -> Path:
    """Write rows into the first sheet, "scores", let `change(book, sheet)` alter it, and save."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "scores"
    for row in ROWS if rows is None else rows:
        sheet.append(list(row))
    if change is not None:
        change(book, sheet)
    book.save(path)
    return path


def rewrite_part(path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """Replace one part of a saved workbook by what `change` makes of it; add it where it is not."""
    with zipfile.ZipFile(path) as archive:
        parts = {one: archive.read(one) for one in archive.namelist()}
    parts[name] = change(parts.get(name, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in parts.items():
            archive.writestr(one, content)
    return path
