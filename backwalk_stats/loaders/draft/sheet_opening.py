"""A sheet of which nothing is declared: read again with what its own faults advise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from backwalk_stats.errors import Fault, InputError
from backwalk_stats.loaders.draft.visit_names import visit_of
from backwalk_stats.loaders.sheets.encoding import DECIMAL_COMMA, DECIMAL_POINT
from backwalk_stats.loaders.sheets.read_sheet import TEXT, WORKBOOKS, read_any_sheet
from backwalk_stats.loaders.sheets.reader_process import one_reader
from backwalk_stats.loaders.sheets.sheet import LINE, NUMBER, SEPARATORS, ReadOptions, Sheet

_ADVICE = re.compile(
    r"\b(encoding|separator|decimal|header_rows|header_row|footer_rows) = "
    r'("[^"]{1,40}"|\[\d{1,4}, \d{1,4}\]|\d{1,4})'
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_ROUNDS = 8
MOST_SHEETS = 20
LEAST_COLUMNS = 4  # of a table whose rows of one cell are asked about
NO_SHEET = "no such sheet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A sheet as it could be read, with the keys of `[[data]]` that reading it takes.

    Attributes
    ----------
    sheet : Sheet
    keys : dict
        Key to value, such as {"separator": ";"}.
    why : dict
        Key to why it is there.
    questions : dict
        Key to what is to be asked about it.
    """

    sheet: Sheet
    keys: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)


def open_unknown(path: Path, dictionary: Path | None = None) -> Opening:
    """Return a sheet, read with what the readers themselves advise to declare.

    Of a workbook with several sheets the one with most cells that hold numbers is taken. Where no
    advice helps, the faults of the reader are raised.
    """
    if path.suffix.lower() not in WORKBOOKS or dictionary is not None:
        return _with_decimal(_text(path, dictionary))
    found, first = {}, None
    with one_reader():
        for number in range(1, MOST_SHEETS + 1):
            try:
                one = _opened(path, {"sheet": number}, None)
            except InputError as error:
                if error.faults[0].found == NO_SHEET:
                    break
                first = first or error
                continue
            if not one.sheet.log["action"].str.endswith("is hidden").any():
                found[one.sheet.sheets[0]] = one
    if not found:
        raise first or InputError.of(path.name, "a sheet with records", "none")
    name = max(found, key=lambda one: _numbers(found[one].sheet))
    chosen = found[name]
    keys = {key: value for key, value in chosen.keys.items() if key != "sheet"}
    if number == 2 and len(found) == 1:
        return _with_decimal(Opening(sheet=chosen.sheet, keys=keys, why=chosen.why))
    others = ", ".join(f"'{one}'" for one in found if one != name)
    why = {**chosen.why, "sheet": "of the sheets it has most cells with numbers"}
    asked = {"sheet": f"are the data in '{name}'? There is {others} too"} if others else {}
    columns = list(chosen.sheet.frame.columns)
    alike = [one for one in found if list(found[one].sheet.frame.columns) == columns]
    if len(alike) > 1:
        listed = " and ".join(f"'{one}'" for one in alike)
        asked["sheet"] = (
            f"only '{name}' is read, and {listed} have the same columns: is each an arm, or a "
            "visit? Then write their rows into one sheet, with a column that tells it"
        )
    return _with_decimal(
        Opening(
            sheet=chosen.sheet,
            keys={"sheet": name, **keys},
            why=why,
            questions={**chosen.questions, **asked},
        )
    )


def headings(sheet: Sheet) -> list[int]:
    """Return the lines of rows within a table of which one cell alone is filled, by a heading.

    A heading is a word where most other cells of its column are none: an id alone is a person.
    """
    cells = sheet.frame.drop(columns=LINE)
    lines = []
    if cells.shape[1] >= LEAST_COLUMNS:
        filled = cells != ""
        for row in np.flatnonzero(filled.sum(axis=1) == 1):
            column = cells.iloc[:, int(filled.iloc[row].to_numpy().argmax())]
            words = column.str.contains(_WORD)
            if words.iloc[row] and words.sum() < 0.5 * (column != "").sum():
                lines.append(int(sheet.frame[LINE].iloc[row]))
    return lines


def opened_again(
    path: Path, before: Opening, keys: Mapping[str, Any], asked: Mapping[str, str]
) -> Opening:
    """Return a sheet read with more keys; as it was where that does not help."""
    try:
        one = _opened(path, {**before.keys, **keys}, None)
    except InputError:
        return before
    return Opening(
        sheet=one.sheet,
        keys=one.keys,
        why={**before.why, **one.why},
        questions={**before.questions, **asked},
    )


def _text(path: Path, dictionary: Path | None) -> Opening:
    """Return a file of text with the separator that it needs, where no fault tells which."""
    try:
        return _opened(path, {}, dictionary)
    except InputError as error:
        if path.suffix.lower() not in TEXT:
            raise
        for mark in (mark for mark in SEPARATORS if mark != ","):
            try:
                one = _opened(path, {"separator": mark}, dictionary)
            except InputError:
                continue
            if one.sheet.frame.shape[1] > 2:
                why = {**one.why, "separator": "with it the file can be read"}
                return Opening(sheet=one.sheet, keys=one.keys, why=why, questions=one.questions)
        raise error


def _opened(path: Path, keys: Mapping[str, Any], dictionary: Path | None) -> Opening:
    keys = dict(keys)
    why: dict[str, str] = {}
    asked: dict[str, str] = {}
    for _ in range(_ROUNDS):
        rows = keys.get("header_rows")
        given = {**keys, "header_rows": tuple(rows)} if rows else keys
        options = ReadOptions(**given, dictionary=dictionary, repeats=dictionary is not None)
        try:
            sheet = read_any_sheet(path, options)
            faults = list(sheet.faults)
        except InputError as error:
            sheet, faults = None, list(error.faults)
        if sheet is not None and not faults:
            # Names such as "week 6" alone do not say what was measured: the upper row does.
            if "header_row" in asked and any(map(visit_of, sheet.frame.columns)):
                rows = tomllib.loads(asked.pop("header_row"))["header_rows"]
                why["header_rows"] = why.pop("header_row")
                keys = {**keys, "header_rows": rows}
                del keys["header_row"]
                continue
            told = {key: f"or is it {other}?" for key, other in asked.items()}
            return Opening(sheet=sheet, keys=keys, why=why, questions=told)
        advised = _advised(faults, keys)
        if advised is None:
            break
        fault, told, other = advised
        keys.update(told)
        if "header_rows" in told:
            keys.pop("header_row", None)
        why.update(dict.fromkeys(told, fault.found))
        if other:
            asked[next(iter(told))] = other
    raise InputError(faults)


def _advised(
    faults: list[Fault], keys: Mapping[str, Any]
) -> tuple[Fault, dict[str, Any], str] | None:
    """Return the first fault that tells what to declare, what that is, and what else it may be."""
    for fault in faults:
        told: dict[str, Any] = {}
        other = ""
        for key, text in _ADVICE.findall(fault.action):
            if told and key.startswith("header_row") and any(k.startswith("header") for k in told):
                other = f"{key} = {text}"
                continue
            value = tomllib.loads(f"value = {text}")["value"]
            if keys.get(key) != value:
                told[key] = value
        if told:
            return fault, told, other
    return None


def _with_decimal(one: Opening) -> Opening:
    """Return a sheet with the decimal mark that its cells have, where no point contradicts it."""
    if "decimal" in one.keys or one.keys.get("separator") == ",":
        return one
    cells = one.sheet.frame.drop(columns=LINE).to_numpy().ravel()
    text = "\n".join(str(cell) for cell in cells if cell)
    if DECIMAL_COMMA.search(text) is None or DECIMAL_POINT.search(text) is not None:
        return one
    return Opening(
        sheet=one.sheet,
        keys={**one.keys, "decimal": ","},
        why={**one.why, "decimal": "numbers have commas and none has a point"},
        questions=one.questions,
    )


def _numbers(sheet: Sheet) -> int:
    """Return how many cells hold a number."""
    cells = sheet.frame.drop(columns=LINE).to_numpy().ravel()
    return int(np.sum([NUMBER.fullmatch(str(cell)) is not None for cell in cells]))
