"""Visits in names: week 6, wk6, _t1, pre and post, .3m; their order is by number, then by words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Days of a unit; None where a number is an order and no time.
_UNITS = {
    "min": 1 / 1440, "mins": 1 / 1440, "minute": 1 / 1440, "minutes": 1 / 1440,
    "h": 1 / 24, "hr": 1 / 24, "hour": 1 / 24, "hours": 1 / 24,
    "d": 1.0, "day": 1.0, "days": 1.0, "tag": 1.0, "tage": 1.0, "pod": 1.0,
    "w": 7.0, "wk": 7.0, "wks": 7.0, "week": 7.0, "weeks": 7.0, "woche": 7.0, "wochen": 7.0,
    "semana": 7.0, "semanas": 7.0, "semaine": 7.0, "semaines": 7.0, "sem": 7.0,
    "m": 30.4375, "mo": 30.4375, "mon": 30.4375, "mth": 30.4375, "month": 30.4375,
    "months": 30.4375, "monat": 30.4375, "monate": 30.4375, "mes": 30.4375, "meses": 30.4375,
    "mois": 30.4375,
    "y": 365.25, "yr": 365.25, "year": 365.25, "years": 365.25, "jahr": 365.25,
}  # fmt: skip
_SIZES: dict[str, float | None] = {**_UNITS, **dict.fromkeys(("st", "nd", "rd", "th"))}
_ORDERS = ("visit", "v", "t", "time", "timepoint", "period", "p", "occasion", "wave", "session")
_BEFORE = (
    "pre", "baseline", "base", "bl", "start", "initial", "screening", "screen", "preop", "before",
    "admission", "enrolment", "enrollment", "vorher", "vor", "eingang", "beginn", "antes", "basal",
    "inicial", "inicio", "avant", "intake", "pretest", "pretreatment", "prä",
)  # fmt: skip
_AFTER = (
    "post", "end", "final", "after", "postop", "discharge", "nachher", "nach", "ende", "después",
    "despues", "depois", "apres", "après", "posttest", "posttreatment",
)  # fmt: skip
_LATER = (
    "followup", "fu", "fup", "katamnese", "nachuntersuchung", "nachbeobachtung", "seguimiento",
    "seguimento", "acompanhamento", "suivi",
)  # fmt: skip
_PREFIX = {7.0: "W", 30.4375: "M", 1.0: "D", 365.25: "Y", 1 / 24: "H", 1 / 1440: "min"}
_SMALL = {"at", "of", "the", "after", "in"}
_WORDS_AFTER = {*_AFTER, *_LATER}
_WALKS = {"walk", "walking", "gait", "speed", "backward", "bwt", "shuttle"}
_FILLERS = _SMALL | {
    "score", "total", "value", "test", "treatment", "intervention", "visit", "assessment",
    "measurement",
}  # fmt: skip
BY_WORDS, _FOLLOW_UP = 1e7, 1e8  # places of visits whose names tell no time
_CAMEL = re.compile(r"(?<=[a-zà-þ])(?=[A-ZÀ-Þ])")
_OP = re.compile(r"(?<![A-Za-z])(pre|post)[ _-]?op(?![a-z])", re.IGNORECASE)
_PER = re.compile(r"[a-zµ]{1,5}/(?:m|m2|m²|s|s2|s²|min|l|dl|ml|h|d)(?![a-z0-9])", re.IGNORECASE)
_FOLLOW = re.compile(r"follow[ _-]?up", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s_./:()\[\]-]+")
_NUMBER_UNIT = re.compile(r"[a-z]{0,12}?(\d{1,4})([a-zà-þ]{1,8})")
_UNIT_NUMBER = re.compile(r"([a-zà-þ]{1,12}?)(\d{1,4})(?:am|pm)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitName:
    """A visit as a name tells it.

    Attributes
    ----------
    name : str
        Short, as the trial file calls it, such as "W6".
    place : float
        Where it stands in time: days, or the number; words before are -1, after are last.
    days : float or None
        Days, where the name has a unit of time.
    before : bool
        Whether its word says that it is the baseline.
    """

    name: str
    place: float
    days: float | None = None
    before: bool = False


def visit_of(text: str) -> VisitName | None:
    """Return the visit that a text is, None where it is none.

    >>> visit_of("week 6").name, visit_of("Month 3").days, visit_of("pre").before
    ('W6', 91.3125, True)
    >>> visit_of("-1").place, visit_of("baseline_arm_1").before, visit_of("pain")
    (-1.0, True, None)
    """
    plain = text.strip()
    if re.fullmatch(r"[-+]?\d{1,6}(?:\.\d{1,3})?", plain):
        return VisitName(name=plain, place=float(plain))
    plain = re.sub(r"_arm_\d{1,3}$| \(arm \d{1,3}: .*\)$", "", plain.casefold())
    parted = parted_name(plain)
    return parted[1] if parted is not None and not parted[0] else None


def parted_name(name: str) -> tuple[str, VisitName] | None:
    """Return what is measured and the visit that a column's name tells; None without a visit.

    >>> parted_name("nprs_w6")[0], parted_name("nprs_w6")[1].name, parted_name("bdi.2m")[1].name
    ('nprs', 'W6', 'M2')
    >>> parted_name("glucose PRE")[0], parted_name("Pain follow-up")[1].name, parted_name("age")
    ('glucose', 'followup', None)
    >>> parted_name("pacu30min_throatPain")[0], parted_name("postOp4hour_throatPain")[1].days * 24
    ('throat pain', 4.0)
    >>> parted_name("pain after 6 weeks")[1].name, parted_name("follow-up 3 months NPRS")[0]
    ('W6', 'nprs')
    """
    text = _FOLLOW.sub("followup", _OP.sub(lambda op: f"{op[1].lower()}op", _PER.sub("", name)))
    words = [word for word in _SEPARATORS.split(_CAMEL.sub("_", text).casefold()) if word]
    for first in range(len(words)):
        for width in (2, 1):
            taken = words[first : first + width]
            visit = _said("".join(taken), apart=width == 2) if len(taken) == width else None
            if visit is not None and taken[0] in _WORDS_AFTER and _timed_from(words[first + 1 :]):
                # "follow-up 3 months", "after 6 weeks": the number tells the visit.
                return parted_name(" ".join([*words[:first], *words[first + 1 :]]))
            if visit is not None and not _distance(
                taken, [*words[first + width :][:1], *words[:first][-1:]]
            ):
                left = [*words[:first], *words[first + width :]]
                if visit.days is not None:  # "3-month follow-up"
                    left = [word for word in left if word not in _WORDS_AFTER]
                small = [word for word in left if word not in _SMALL]
                kept = [word for word in small if word not in _FILLERS] or small
                return " ".join(kept), visit
    return None


def _timed_from(words: Sequence[str]) -> bool:
    """Return whether words begin with a time, such as week 6 or 6 weeks, and no distance walked."""
    for width in (2, 1):
        visit = _said("".join(words[:width]), apart=width == 2) if len(words) >= width else None
        if visit is not None:
            return visit.days is not None and not _distance(words[:width], words[width : width + 1])
    return False


def _distance(taken: Sequence[str], beside: Sequence[str]) -> bool:
    """Return whether a number of m is one of metres, by a word beside it: a 10 m walk."""
    return "".join(taken).endswith("m") and not _WALKS.isdisjoint(beside)


def numbered_name(name: str) -> tuple[str, int] | None:
    """Return a name that ends in a number as stem and number.

    >>> numbered_name("pk5"), numbered_name("pain")
    (('pk', 5), None)
    """
    match = re.fullmatch(r"(.*\D)(\d{1,3})", name.strip())
    return (match[1].rstrip(" _.-"), int(match[2])) if match and match[1].strip(" _.-") else None


def in_time(visits: Sequence[VisitName]) -> list[VisitName]:
    """Return visits once each, in order of time: by number and by words, never by letters."""
    once = {one.name: one for one in visits}
    return sorted(once.values(), key=lambda one: one.place)


def _said(word: str, *, apart: bool) -> VisitName | None:
    """Return the visit of one word, or of two that stood apart, such as "week" and "6"."""
    if word in _BEFORE and not apart:
        return VisitName(name=word, place=-2.0 if "screen" in word else -1.0, before=True)
    if word in _AFTER and not apart:
        return VisitName(name=word, place=BY_WORDS)
    if word in _LATER and not apart:
        return VisitName(name=word, place=_FOLLOW_UP)
    match = _UNIT_NUMBER.fullmatch(word)
    if match:
        unit, number = match[1], int(match[2])
        if unit in _LATER:
            return VisitName(name=f"FU{number}", place=_FOLLOW_UP + number)
        if unit in _ORDERS:
            return VisitName(name=f"{unit[0].upper()}{number}", place=float(number))
        if unit in _UNITS:
            return _timed(unit, number)
    match = _NUMBER_UNIT.fullmatch(word)
    if match and match[2] in _SIZES and not (apart and word[:1].isalpha()):
        return _timed(match[2], int(match[1]))
    return None


def _timed(unit: str, number: int) -> VisitName:
    size = _SIZES[unit]
    if size is None:
        return VisitName(name=f"V{number}", place=float(number))
    days = number * size
    return VisitName(name=f"{_PREFIX[size]}{number}", place=days, days=days)
