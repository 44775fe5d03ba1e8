"""A column of text as numbers: missing codes apart, repairs logged, the rest refused by line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.loaders.cell_number import Decimal, looks_like, number
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.plain_signs import plain_signs


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """The cells of one column, and what is declared about them.

    Attributes
    ----------
    file, column : str
        For messages.
    texts : sequence of str
        As written.
    lines : sequence of int
        Where each stands in the file.
    codes : mapping of str to str
        Text that means missing to the reason; the empty cell always means missing.
    marked : mapping of int to str
        Line to reason, where the file itself says why a cell is missing.
    dates : frozenset of int
        Lines at which the file holds a date.
    decimal : str
        Decimal mark.
    """

    file: str
    column: str
    texts: Sequence[str]
    lines: Sequence[int]
    codes: Mapping[str, str]
    marked: Mapping[int, str]
    dates: frozenset[int]
    decimal: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Numbers:
    """Numbers of one column: values of shape (n,), NaN where missing; reasons, "" where none."""

    values: NDArray[np.float64]
    reasons: list[str]


def numbers(cells: Cells, *, findings: Findings) -> Numbers:
    """Return a column as numbers; every cell that is none becomes part of a fault.

    Examples
    --------
    >>> cells = Cells(file="scores.csv", column="pain", texts=["3", "999", "−1", ""],
    ...               lines=[2, 3, 4, 5], codes={"999": "not done"}, marked={}, dates=frozenset(),
    ...               decimal=".")
    >>> findings = Findings()
    >>> numbers(cells, findings=findings)
    Numbers(values=array([ 3., nan, -1., nan]), reasons=['', 'not done', '', ''])
    >>> findings.log()["action"].tolist()
    ['typographic signs, digits or spaces written plainly', "code '999' read as missing: not done"]
    """
    known = {text: _read(text, cells) for text in dict.fromkeys(cells.texts)}
    values = np.array([known[text].value for text in cells.texts], dtype=np.float64)
    reasons = [
        known[text].reason or cells.marked.get(line, "")
        for text, line in zip(cells.texts, cells.lines, strict=True)
    ]
    _tell_wrong(cells, known, findings)
    _tell_repairs(cells, known, findings)
    return Numbers(values=values, reasons=reasons)


def missing_code(text: str, codes: Mapping[str, str], decimal: Decimal = ".") -> str | None:
    """Return the declared code that a text is, "" for an empty cell, None for a value.

    A code that is a number is also found where it is written differently: 999 as 999.0.
    """
    plain = text.strip()
    if not plain:
        return ""
    if plain in codes:
        return plain
    value = number(plain_signs(plain), decimal)
    if value is None:
        return None
    return next((code for code in codes if number(code.strip()) == value), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    value: float = np.nan
    reason: str = ""
    code: str = ""
    repaired: bool = False
    wrong: tuple[str, str] | None = None


def _read(text: str, cells: Cells) -> _Read:
    code = missing_code(text, cells.codes, cells.decimal)
    if code is not None:
        return _Read(reason=cells.codes.get(code, ""), code=code)
    plain = plain_signs(text)
    value = number(plain, cells.decimal)
    if value is None:
        return _Read(wrong=looks_like(plain))
    return _Read(value=value, repaired=plain != text.strip(" "))


def _tell_wrong(cells: Cells, known: Mapping[str, _Read], findings: Findings) -> None:
    wrong: dict[tuple[str, str], list[int]] = defaultdict(list)
    for text, line in zip(cells.texts, cells.lines, strict=True):
        problem = known[text].wrong
        if line in cells.dates:
            problem = looks_like("2026-01-02")
        if problem is not None:
            wrong[problem].append(line)
    expected = "a number" if cells.decimal == "." else "a number with a decimal comma"
    for (found, action), rows in wrong.items():
        findings.fault(cells.file, cells.column, expected, found, rows=rows, action=action)


def _tell_repairs(cells: Cells, known: Mapping[str, _Read], findings: Findings) -> None:
    repaired = sum(known[text].repaired for text in cells.texts)
    if repaired:
        action = "typographic signs, digits or spaces written plainly"
        findings.repair(cells.file, cells.column, action, repaired)
    for code, reason in cells.codes.items():
        count = sum(known[text].code == code for text in cells.texts) if code else 0
        if count:
            said = "" if reason in ("", f"code {code}") else f": {reason}"
            action = f"code '{code}' read as missing{said}"
            findings.repair(cells.file, cells.column, action, count)
