"""A cell as a date, by the format that the trial file declares; months may have names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

_TIME = re.compile(r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(?: ?[AaPp][Mm])?$", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_ISO_PART = re.compile(r"\d{4}(?:-(?:\d{2}|[A-Z]{2,3}|\?\?))?(?:-(?:\d{2}|[A-Z]{2,3}|\?\?))?")
_SERIAL = re.compile(r"\d{1,5}(?:\.\d{1,12})?", re.ASCII)
_FIRST_DAY = {"excel-1900": date(1899, 12, 30), "excel-1904": date(1904, 1, 1)}
_UNKNOWN = frozenset(["un", "unk", "nk", "uk", "xx", "xxx", "xxxx", "00", "0000", "??", "--"])
_PARTS = {
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%b": r"[^\W\d_]{3,10}\.?",
}
# January to December, in the languages in which sheets are kept.
_MONTHS = (
    "jan january januar janvier janv enero ene gennaio gen januari",
    "feb february februar fevrier fevr febrero febbraio februari",
    "mar march marz maerz mrz mars marzo maart mrt",
    "apr april avril avr abril abr aprile",
    "may mai mayo maggio mag mei",
    "jun june juni juin junio giugno giu",
    "jul july juli juillet juil julio luglio lug",
    "aug august aout agosto ago augustus",
    "sep sept september septembre septiembre settembre set",
    "oct october oktober okt octobre octubre ottobre ott",
    "nov november novembre noviembre",
    "dec december dezember dez decembre diciembre dic dicembre desember",
)
MONTH = {name: place for place, names in enumerate(_MONTHS, start=1) for name in names.split()}


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadDate:
    """What a cell says: a day, or a part of one; None and False where it says no date.

    `timed` says that a time of day was left out.
    """

    day: date | None = None
    partial: bool = False
    timed: bool = False


def read_date(text: str, form: str, *, today: date) -> ReadDate:
    """Return what a cell says in a format; of two-digit years the latest that is not to come.

    >>> this = date(2026, 6, 1)
    >>> read_date("2026-03-04 10:15", "iso", today=this).day
    datetime.date(2026, 3, 4)
    >>> read_date("4-Mär-24", "%d-%b-%y", today=this).day, read_date("2026-03", "iso", today=this)
    (datetime.date(2024, 3, 4), ReadDate(day=None, partial=True, timed=False))
    """
    plain = text.strip()
    cut = _TIME.sub("", plain)
    timed = cut != plain and not re.search(r"[ T]0{1,2}:00(?::00(?:\.0+)?)?$", plain)
    serial = form in _FIRST_DAY and _SERIAL.fullmatch(cut)
    try:
        if serial:
            days = float(cut)
            whole = _FIRST_DAY[form] + timedelta(days=int(days))
            return ReadDate(day=whole, timed=days % 1 > 0)
        iso = _ISO.fullmatch(cut)
        if iso:  # it can be no other day, whatever is declared
            return ReadDate(day=date(int(iso[1]), int(iso[2]), int(iso[3])), timed=timed)
        if form in ("iso", *_FIRST_DAY):
            return ReadDate(partial=_is_part(cut))
        return _by_format(cut, form, today=today, timed=timed)
    except (ValueError, OverflowError):
        return ReadDate()


def _is_part(text: str) -> bool:
    if not _ISO_PART.fullmatch(text):
        return False
    parts = text.split("-")[1:]
    known = [part for part in parts if part.isdigit() and part != "00"]
    return len(known) < 2 and all(1 <= int(part) <= 12 for part in known[:1])


def _by_format(text: str, form: str, *, today: date, timed: bool) -> ReadDate:
    codes = re.findall(r"%.", form)
    marks = [re.escape(mark) for mark in re.split(r"%.", form)]
    pattern = marks[0]
    for code, mark in zip(codes, marks[1:], strict=True):
        pattern += rf"({_PARTS[code]}|[A-Za-z?\-]{{2,4}}|0{{2,4}}){mark}"
    found = re.fullmatch(pattern, text)
    if found is None:
        return ReadDate()
    parts = dict(zip(codes, found.groups(), strict=True))
    unknown = [code for code, part in parts.items() if part.casefold() in _UNKNOWN]
    if unknown:
        return ReadDate(partial="%Y" not in unknown and "%y" not in unknown)
    month = _month(parts["%b"]) if "%b" in parts else int(parts["%m"])
    year = int(parts["%Y"]) if "%Y" in parts else _year(int(parts["%y"]), today)
    return ReadDate(day=date(year, month, int(parts["%d"])), timed=timed)


def _month(name: str) -> int:
    plain = unicodedata.normalize("NFKD", name.casefold().rstrip("."))
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    if plain not in MONTH:
        raise ValueError(name)
    return MONTH[plain]


def _year(last: int, today: date) -> int:
    year = today.year - today.year % 100 + last
    return year if year <= today.year else year - 100
