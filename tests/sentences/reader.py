"""Numbers and sentences of a report read back from their text alone, by rules of the tests' own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, isinf, isnan

APART = "\u202f"  # between the digits of a number of five and more
NUMBER = rf"[−]?(?:(?:\d{{1,3}}(?:{APART}\d{{3}})+|\d{{1,4}})(?:\.\d+)?(?: × 10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)"
ENDS = rf"{NUMBER} to {NUMBER}"
P = r"p (?:[=<>] \d\.\d+|not known)"
_LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Printed:
    """A printed number: what it says, and half of its last digit."""

    value: float
    slack: float
    text: str

    def says(self, value: float) -> bool:
        """Tell whether rounding the value once gives this number."""
        if isnan(value) or isinf(value) or isinf(self.value):
            return value == self.value
        return abs(self.value - value) <= self.slack * (1 + 1e-9) + 1e-12 * abs(value)


def printed(text: str) -> Printed:
    """Read one number."""
    plain = text.strip().replace("−", "-").replace(APART, "")
    if "∞" in plain:
        return Printed(float("-inf") if plain.startswith("-") else float("inf"), 0.0, text)
    mantissa, _, power = plain.partition(" × 10")
    shift = int(power.translate(_LOWERED)) if power else 0
    exact = Decimal(mantissa).scaleb(shift)
    last = int(Decimal(mantissa).as_tuple().exponent) + shift
    assert not (float(exact) == 0 and plain.startswith("-")), f"a zero with a sign: {text}"
    assert len(re.sub(r"\D", "", mantissa)) < 12, f"too many digits: {text}"
    return Printed(float(exact), 0.5 * 10.0**last, text)


def ends(text: str) -> tuple[Printed, Printed]:
    """Read an interval, "lower to upper"."""
    low, _, high = text.partition(" to ")
    return printed(low), printed(high)


def same_p(text: str, value: float) -> bool:
    """Tell whether a printed p, with or without "p =", is the value's: once rounded, or a bound."""
    plain = text.replace("p ", "", 1).replace("= ", "").replace(" ", "").strip()
    if isnan(value):
        return plain in ("notknown", "–")
    if plain in ("<0.001", ">0.999"):
        return value < 0.001 if plain[0] == "<" else value > 0.999
    return bool(re.fullmatch(r"[01]\.\d{3}", plain)) and printed(plain).says(value)


def name(text: str) -> str:
    """Return an arm or an outcome as it is compared: without case, without quotation marks."""
    return text.strip("“” ").casefold()


def tells(number: Printed, value: float, low: float, high: float) -> bool:
    """Tell whether a printed number is the value and tells it: zeros stand for little alone."""
    if number.text != "0" and not number.says(value):
        return False
    wide = high - low
    if not isfinite(wide) or wide == 0:
        known = [abs(one) for one in (value, low, high) if isfinite(one)]
        wide = max(known, default=0.0)
    return number.value != 0 or abs(value) <= 0.02 * wide


# Whom a difference favours, from the row and the outcome, and from nothing that was printed.


def winner(better: str, low: float, high: float) -> str:
    """Return "arm", "reference", "neither", or "" where the limits or the direction are unknown."""
    if isnan(low) or isnan(high) or better not in ("lower", "higher"):
        return ""
    if low <= 0 <= high:
        return "neither"
    return "arm" if (low > 0) == (better == "higher") else "reference"
