"""Units in which cells stand, turned into the unit of the outcome: exact factors, never guessed."""

from __future__ import annotations

import math
import re

from backwalk_stats.errors import nearest

# By what is measured: unit to its size. What is not here is not converted.
_SIZES: dict[str, dict[str, float]] = {
    "length": {"mm": 1.0, "cm": 10.0, "m": 1000.0, "km": 1e6, "in": 25.4, "ft": 304.8},
    "mass": {"g": 1.0, "kg": 1000.0, "lb": 453.59237, "oz": 28.349523125, "st": 6350.29318},
    "time": {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "days": 86400.0, "weeks": 604800.0},
    "angle": {"°": 1.0, "rad": 180.0 / math.pi},
    "share": {"%": 1.0, "fraction": 100.0},
    "force": {"N": 1.0, "kN": 1000.0, "kgf": 9.80665, "lbf": 4.4482216152605},
    "speed": {"m/s": 1.0, "cm/s": 0.01, "km/h": 1.0 / 3.6, "m/min": 1.0 / 60.0},
}
_OTHER_NAMES = (
    ("mm", "millimetre millimetres millimeter millimeters"),
    ("cm", "centimetre centimetres centimeter centimeters"),
    ("m", "metre metres meter meters"),
    ("in", "inch inches"),
    ("ft", "foot feet"),
    ("g", "gram grams"),
    ("kg", "kilogram kilograms kgs"),
    ("lb", "lbs pound pounds"),
    ("s", "sec secs second seconds"),
    ("min", "mins minute minutes"),
    ("h", "hr hrs hour hours"),
    ("°", "deg degree degrees"),
    ("rad", "radian radians"),
    ("%", "percent per_cent percentage"),
    ("fraction", "proportion share"),
)
_ALSO = {other: unit for unit, others in _OTHER_NAMES for other in others.split()}
_SCALE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)", re.ASCII)
Conversion = tuple[float, float]  # value times the first plus the second


def conversion(
    given: str, wanted: str, *, low: float | None = None, high: float | None = None
) -> Conversion | None:
    """Return how cells in one unit become values in another; None where nobody can say.

    A scale, such as "0-10", is stretched to the ends `low` and `high` of the outcome.

    >>> conversion("cm", "mm"), conversion("fraction", "%"), conversion("minutes", "s")
    ((10.0, 0.0), (100.0, 0.0), (60.0, 0.0))
    >>> conversion("0-10", "points", low=0, high=100), conversion("cm", "s") is None
    ((10.0, 0.0), True)
    """
    first, second = _plain(given), _plain(wanted)
    if first == second:
        return 1.0, 0.0
    ends = _SCALE.fullmatch(first)
    if ends is not None:
        start, end = float(ends[1]), float(ends[2])
        if low is None or high is None or end <= start:
            return None
        times = (high - low) / (end - start)
        return times, low - start * times
    for sizes in _SIZES.values():
        if first in sizes and second in sizes:
            return sizes[first] / sizes[second], 0.0
    return None


def _plain(unit: str) -> str:
    text = unit.strip()
    known = {name for sizes in _SIZES.values() for name in sizes}
    if text in known:
        return text
    lowered = "_".join(text.casefold().split())
    return _ALSO.get(lowered, next((one for one in known if one.casefold() == lowered), text))


def known_units(wanted: str, *, scaled: bool) -> list[str]:
    """Return the units that can be turned into one, itself first.

    >>> known_units("%", scaled=False)
    ['%', 'fraction']
    """
    unit = _plain(wanted)
    family = next((sizes for sizes in _SIZES.values() if unit in sizes), {})
    others = [one for one in family if one != unit]
    return [*filter(None, [wanted]), *others, *(["0-10", "0-100"] if scaled else [])]


def advice(given: str, known: list[str]) -> str:
    """Return what to write in place of a unit that is not known."""
    return nearest(given, known) or "Values in other units are not guessed: convert them yourself"
