"""Which instrument an outcome may be, by its name, range and step; which way may be better."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backwalk_stats.instruments import all_instruments
from backwalk_stats.instruments.instrument import Scale, Version
from backwalk_stats.loaders.draft.column_facts import words_of

# Words of a name, and abbreviations that are used for one thing only, by which way is better.
# They are proposed and asked about, never taken for granted.
_LOWER = words_of(
    "pain headache ache disability depression dep anxiety anger fatigue stiffness severity "
    "symptom symptoms bdi hamd hamdtl hamatotl hads madrs phq gad twstrs stai womac odi rmdq "
    "tsk kinesiophobia cough swallow nausea updrs catastrophizing interference "
    "schmerz schmerzen dolor dor dolore douleur depresion depressão angst ansiedad ansiedade "
    "behinderung steifigkeit rigidez fatiga fadiga"
)
_HIGHER = words_of(
    "function strength distance mobility eq5d wellbeing efficacy satisfaction kraft fuerza força "
    "funktion función função beweglichkeit rom"
)
_UNITS = ("mm", "cm", "m", "kg", "s", "sec", "n", "nm", "%", "points", "mmhg", "°", "m/s", "mmol/l")
_HEADER_UNIT = re.compile(r"[(\[]\s*([^()\[\]]{1,12}?)\s*[)\]]")
_ENOUGH = 3
_USED = 0.2  # of a scale's range


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """An instrument that fits an outcome.

    Attributes
    ----------
    instrument, version, subscale : str
        As a trial file names them; "" for what need not be said.
    why : str
        What fits.
    others : tuple of str
        Versions or subscales that fit as well.
    """

    instrument: str
    version: str
    subscale: str
    why: str
    others: tuple[str, ...] = ()


def unit_of(name: str) -> str:
    """Return the unit that a header tells in brackets, else "".

    >>> unit_of("Pain (mm)"), unit_of("Pain (worst)")
    ('mm', '')
    """
    told = _HEADER_UNIT.search(name)
    return told[1] if told and told[1].casefold() in _UNITS else ""


def matched(stem: str, values: NDArray[np.float64], unit: str = "") -> Match | None:
    """Return the instrument that a name and all values fit, None where none does.

    >>> matched("nprs", np.array([0.0, 4, 10, 7])).instrument
    'nprs'
    >>> matched("nprs", np.array([0.0, 40, 80, 7])), matched("grip", np.array([3.0]))
    (None, None)
    """
    words = _words(stem)
    found: list[tuple[str, str, str, Scale]] = []
    for one in all_instruments():
        names = [one.code, *(alias for alias, _ in one.aliases)]
        if not any(_in(_plain(name), words) for name in names):
            continue
        told = {code for alias, code in one.aliases if code and _in(_plain(alias), words)}
        for version in one.versions:
            if told and version.code not in told:
                continue
            many, chosen = len(version.scales) > 1, version.code if len(one.versions) > 1 else ""
            found += [
                (one.code, chosen, scale.name if many else "", scale)
                for scale in _meant(version, words, unit)
                if _fits(scale, values, unit)
            ]
    if not found:
        return None
    # A range of which little is used is rather the shorter one: 0 to 10 in a line of 100 mm.
    fitting = [one for one in found if _used(one[3], values) >= _USED] or [min(found, key=_range)]
    found = [fitting[0], *(one for one in found if one is not fitting[0])]
    code, version_code, subscale, scale = found[0]
    ends = "" if scale.high is None else f", all values in {scale.low:g} to {scale.high:g}"
    step = "" if scale.step is None else f" in steps of {scale.step:.4g}"
    others = [" ".join(filter(None, one[:3])) for one in found[1:]]
    return Match(
        instrument=code,
        version=version_code,
        subscale=subscale,
        why=f"the name says {code}{ends}{step if ends else ''}",
        others=tuple(others),
    )


def misfit(stem: str) -> tuple[str, str]:
    """Return the instrument that a name says and which way is better of all its scales, else "".

    >>> misfit("koos pain"), misfit("womac"), misfit("grip")
    (('koos', 'higher'), ('womac', 'lower'), ('', ''))
    """
    words = _words(stem)
    for one in all_instruments():
        names = [one.code, *(alias for alias, _ in one.aliases)]
        if any(_in(_plain(name), words) for name in names):
            better = {scale.better for version in one.versions for scale in version.scales}
            return one.code, str(better.pop()) if len(better) == 1 else ""
    return "", ""


def likely_better(stem: str) -> tuple[str, str]:
    """Return which way may be better and the word that says so; ("", "") where none does.

    >>> likely_better("throat pain"), likely_better("pk")
    (('lower', 'pain'), ('', ''))
    """
    words = _words(stem)
    for better, listed in (("lower", _LOWER), ("higher", _HIGHER)):
        for word in words:
            if word in listed or word.rstrip("0123456789") in listed:
                return better, word
    return "", ""


def _words(stem: str) -> list[str]:
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
    return [word for word in re.split(r"[\W_]+", spread.casefold()) if word]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _in(name: str, words: list[str]) -> bool:
    """Return whether words of a stem, one or joined neighbours, are a name."""
    joined = {"".join(words[a:b]) for a in range(len(words)) for b in range(a + 1, len(words) + 1)}
    return name in joined or any(
        re.fullmatch(rf"{re.escape(name)}(?:{_SHORT})", word) for word in words
    )


_SHORT = "f|p|s|pain|function|stiffness|total|adl|qol|sport|symptoms"


def _meant(version: Version, words: list[str], unit: str) -> list[Scale]:
    """Return the scales that a stem may mean: a subscale that it tells, else the whole."""
    named = [one for one in version.scales if one.name != "score" and _named(one, words, unit)]
    whole = (version.code,) if named else ("score", version.code)
    alone = len(version.scales) == 1
    return [one for one in version.scales if alone or one.name in whole or one in named]


def _named(scale: Scale, words: list[str], unit: str) -> bool:
    """Return whether a stem, or its unit, tells the subscale."""
    first = _plain(scale.name)
    ends = [first, first[:1]] if first in ("function", "pain", "stiffness") else [first]
    return any(
        word == first or (word.endswith(tuple(ends)) and len(word) > 1) for word in words
    ) or (bool(unit) and unit.casefold() in (scale.unit.casefold(), first))


def _range(found: tuple[str, str, str, Scale]) -> float:
    scale = found[3]
    return np.inf if scale.high is None or scale.low is None else scale.high - scale.low


def _used(scale: Scale, values: NDArray[np.float64]) -> float:
    """Return the share of a scale's range up to the highest value; 1 where it has no end."""
    if scale.high is None or scale.low is None:
        return 1.0
    return (float(values.max()) - scale.low) / (scale.high - scale.low)


def _fits(scale: Scale, values: NDArray[np.float64], unit: str) -> bool:
    if len(values) < _ENOUGH:
        return False
    low, high = float(values.min()), float(values.max())
    if (scale.low is not None and low < scale.low) or (
        scale.high is not None and high > scale.high
    ):
        return False
    if scale.usual is not None and not scale.usual[0] <= float(np.median(values)) <= scale.usual[1]:
        return False
    if unit and scale.unit and unit.casefold() != scale.unit.casefold() and unit != "points":
        return False
    if scale.step is None or scale.low is None:
        return True
    steps = (values - scale.low) / scale.step
    # A diary's mean is no step: half of the values on steps is enough to be this scale.
    return bool(np.mean(np.abs(steps - np.round(steps)) < 1e-2) >= 0.5)
