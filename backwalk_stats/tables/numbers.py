"""Numbers as a reader sees them: rounded half up, with a true minus sign, a dash for none."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, isfinite, isinf, isnan, log10
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

DASH = "–"
MINUS = "−"
THOUSANDS = "\u202f"
PARTED_FROM = 5  # digits before the point
SMALLEST_P = 0.001
_APART = re.compile(rf"(?<=\d){THOUSANDS}(?=\d)")
_DIGITS = re.compile(r"\d+(?:\.(\d*))?")
_LONG_DECIMAL = re.compile(r"(?<![\d.])-?\d+\.\d{3,}(?![\d.])")
LOWEST_POWER, HIGHEST_POWER = -4, 14  # beyond these a power of ten reads better
MOST_DECIMALS, COARSEST = 8, -3  # decimals beyond these are written with a power of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
WIDEST = 700  # digits: no float needs more, so rounding never overflows
Row: TypeAlias = dict[str, Any]


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed count of decimals; none as a dash, an infinity as its sign.

    Rounding is half away from zero on the shortest decimal that reads back as `value`, the way
    papers round: 2.675 becomes 2.68, though its binary form lies below. With more than eight
    decimals, or rounded to tens of thousands and coarser, a number has a power of ten.

    Examples
    --------
    >>> number(2.675), number(-0.5, 1), number(-0.001), number(float("nan"))
    ('2.68', '−0.5', '0.00', '–')
    >>> number(12345.6, 1).split(THOUSANDS)
    ['12', '345.6']
    >>> number(-0.0000123, 9), number(3456789.0, -4), number(1e-9, 0)
    ('−1.2300 × 10⁻⁵', '3.46 × 10⁶', '0')
    """
    if value is None or isnan(value):
        return DASH
    if isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if not 0 <= digits <= MOST_DECIMALS:
        return _with_power(value, digits)
    if abs(value) >= 10.0 ** (HIGHEST_POWER + 1):
        return significant(value)
    rounded = _half_up(value, digits)
    return _signed(f"{abs(rounded):f}", negative=rounded < 0)


def after(unit: str) -> str:
    """Return a unit as it follows its number: the sign of degrees without a space.

    >>> after("points"), after("°"), after("")
    (' points', '°', '')
    """
    return unit if unit in ("", "°") else f" {unit}"


def amount(size: float, unit: str) -> str:
    """Return a size as it was declared, with its unit: one of a thing that is counted is singular.

    >>> amount(1.0, "points"), amount(2.5, "points"), amount(1.0, "s"), amount(1.0, "steps/min")
    ('1 point', '2.5 points', '1 s', '1 steps/min')
    """
    counted = size == 1.0 and unit.isalpha() and len(unit) > 3 and unit.endswith("s")
    return f"{plain(size)}{after(unit[:-1] if counted else unit)}"


def significant(value: float | None, digits: int = 3) -> str:
    """Return a number with a count of significant digits; whole digits are never dropped.

    Examples
    --------
    >>> significant(0.0147231), significant(571.66), significant(1234.4), significant(-2.5894)
    ('0.0147', '572', '1234', '−2.59')
    >>> significant(0.99996), significant(0.0000012), significant(3.4928e-8)
    ('1.00', '1.20 × 10⁻⁶', '3.49 × 10⁻⁸')
    """
    if value is None or isnan(value) or isinf(value):
        return number(value)
    if value == 0:
        return "0"
    power = _power(value, digits)
    if power < LOWEST_POWER or power > HIGHEST_POWER:
        return _scientific(value, digits, power)
    return number(value, max(digits - 1 - power, 0))


def beside(value: float | None, printed: str) -> str:
    """Return a recomputed number with one decimal more than the printed one beside it.

    Where that holds no number, four significant digits are shown; where one decimal more would
    leave fewer than two, two are shown.

    Examples
    --------
    >>> beside(1.3303, "1.33"), beside(91.304, "91"), beside(0.0004, "0.1"), beside(0.65, "ns")
    ('1.330', '91.3', '0.00040', '0.6500')
    """
    found = _DIGITS.search(printed)
    if found is None or value is None or isnan(value) or isinf(value):
        return significant(value, 4)
    decimals = len(found[1] or "") + 1
    return significant(value, 2) if 0 < abs(value) < 10.0**-decimals else number(value, decimals)


def p_value(value: float | None) -> str:
    """Return a p-value as a number: three decimals, below 0.001 as a bound.

    Examples
    --------
    >>> p_value(0.01472), p_value(0.0002), p_value(0.9998)
    ('0.015', '< 0.001', '> 0.999')
    """
    if value is None or isnan(value):
        return DASH
    if value < SMALLEST_P:
        return "< 0.001"
    if value > 1 - SMALLEST_P:
        return "> 0.999"
    return number(value, 3)


def p_text(value: float | None) -> str:
    """Return a p-value as a statement.

    Examples
    --------
    >>> p_text(0.01472), p_text(0.0002), p_text(float("nan"))
    ('p = 0.015', 'p < 0.001', 'p not known')
    """
    text = p_value(value)
    if text == DASH:
        return "p not known"
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def ratio(value: float | None, digits: int) -> str:
    """Return a ratio with decimals, and with more where these would say 0 or 1 of another number.

    A ratio of 0.0002 is not 0, and one of 1.004 is on one side of 1: what an interval includes
    must be seen.

    Examples
    --------
    >>> ratio(0.0002, 2), ratio(0.971, 1), ratio(1.0, 1), ratio(0.0, 2), ratio(2.45, 1)
    ('0.0002', '0.97', '1.0', '0', '2.5')
    """
    if value is None or not isfinite(value):
        return number(value, digits)
    if value == 0.0:
        return "0"
    for more in range(digits, MOST_DECIMALS + 1):
        rounded = _half_up(value, more)
        if rounded and (rounded != 1 or value == 1.0):
            return number(value, more)
    return number(value, digits) if _half_up(value, digits) else significant(value, 1)


def interval_text(low: float | None, high: float | None, digits: int = 2) -> str:
    """Return an interval, from its lower to its upper end.

    Examples
    --------
    >>> interval_text(-1.42, 0.018)
    '−1.42 to 0.02'
    >>> interval_text(float("nan"), float("nan"))
    '–'
    """
    lower, upper = number(low, digits), number(high, digits)
    return DASH if lower == upper == DASH else f"{lower} to {upper}"


def significant_interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Return an interval whose ends have a count of significant digits, written in one style.

    Examples
    --------
    >>> significant_interval(0.013012, 0.016551), significant_interval(8.2e-5, 1.63e-4, 2)
    ('0.0130 to 0.0166', '8.2 × 10⁻⁵ to 1.6 × 10⁻⁴')
    """
    lower, upper = significant(low, digits), significant(high, digits)
    if lower == upper == DASH:
        return DASH
    if low and high and isfinite(low) and isfinite(high) and ("×" in lower) != ("×" in upper):
        lower, upper = (_scientific(end, digits, _power(end, digits)) for end in (low, high))
    return lower if lower == upper else f"{lower} to {upper}"


def effect_text(row: Row, digits: int = 2) -> str:
    """Return an effect with its interval, as text.

    Examples
    --------
    >>> effect_text({"estimate": -0.892, "conf_low": -1.623, "conf_high": -0.161})
    '−0.89 [−1.62, −0.16]'
    """
    low, high = number(row["conf_low"], digits), number(row["conf_high"], digits)
    return f"{number(row['estimate'], digits)} [{low}, {high}]"


def shortened(text: str) -> str:
    """Return a text in which a number with many decimals has two, or three significant digits.

    Examples
    --------
    >>> shortened("4.25 (1.242176)"), shortened("0.0123456 (0.00)"), shortened("1.56 (0.63)")
    ('4.25 (1.24)', '0.0123 (0.00)', '1.56 (0.63)')
    """

    def rounded(found: re.Match[str]) -> str:
        """Return one number with fewer decimals."""
        value = float(found.group())
        return number(value) if value == 0 or abs(value) >= 1 else significant(value)

    return _LONG_DECIMAL.sub(rounded, text)


def count(value: float | None) -> str:
    """Return a whole number; a fraction is shown with one decimal and not hidden.

    Examples
    --------
    >>> count(68.0), count(float("nan")), count(12.5)
    ('68', '–', '12.5')
    """
    whole = value is None or isnan(value) or isinf(value) or float(value).is_integer()
    return number(value, 0 if whole else 1)


def percent(value: float | None, digits: int = 1) -> str:
    """Return a percentage.

    Examples
    --------
    >>> percent(12.329364), percent(float("nan"))
    ('12.3%', '–')
    """
    text = number(value, digits)
    return text if text == DASH else f"{text}%"


def decimals_for(span: float) -> int:
    """Return the decimals that suit numbers on a scale of a given length.

    Examples
    --------
    >>> decimals_for(10), decimals_for(68), decimals_for(600), decimals_for(0.4)
    (2, 1, 0, 3)
    >>> decimals_for(4e-7), decimals_for(3e7)
    (9, -5)
    """
    if not isfinite(span) or span <= 0:
        return 2
    decimals = 2 - floor(log10(span / 2))
    return decimals if decimals < COARSEST else max(decimals, 0)


def held_decimals(values: Iterable[float], most: int) -> int:
    """Return the decimals that numbers hold, at most so many: rounded ones are printed as such.

    Examples
    --------
    >>> held_decimals([6.2, 5.0], 2), held_decimals([6.2333, 5.0], 2)
    (1, 2)
    """
    there = [value for value in values if isfinite(value)]
    held = (places for places in range(most) if all(round(one, places) == one for one in there))
    return next(held, most) if there else most


def decimals_of(values: Iterable[float | None]) -> int:
    """Return the decimals that suit numbers beside each other: by how far they lie apart.

    Those that do not differ have the decimals of their size; what is not known does not count.

    Examples
    --------
    >>> decimals_of([6.1, 4.9, 5.2, float("nan")]), decimals_of([0.0004, 0.0004]), decimals_of([])
    (3, 6, 2)
    """
    known = [one for one in values if one is not None and isfinite(one)]
    if not known:
        return 2
    span = max(known) - min(known)
    largest = max(abs(one) for one in known)
    return decimals_for(span if span > 1e-9 * largest else 4 * largest)


def means_digits(rows: Iterable[Row]) -> int:
    """Return the decimals of means: those of about six SDs, or of four intervals, or of their size.

    Examples
    --------
    >>> interval = {"estimate": 5.1, "conf_low": 4.7, "conf_high": 5.6}
    >>> means_digits([interval | {"sd": 1.2}]), means_digits([interval | {"sd": float("nan")}])
    (2, 2)
    """
    told = list(rows)
    spreads = [abs(float(row["sd"])) for row in told]
    wide = [abs(float(row["conf_high"] - row["conf_low"])) for row in told]
    for times, lengths in ((6, spreads), (4, wide)):
        most = max((one for one in lengths if isfinite(one)), default=0.0)
        if most > 0:
            return decimals_for(times * most)
    return decimals_of(row["estimate"] for row in told)


def interval_digits(low: float | None, high: float | None, estimate: float | None = None) -> int:
    """Return the decimals of an estimate: enough for its interval to have two digits that count.

    Tables, figures and sentences all keep to it, so that a number looks the same in each. Where a
    limit is not known or infinite, the estimate and the other limit decide.

    Examples
    --------
    >>> interval_digits(-0.509, 0.527), interval_digits(-11.1, -1.4), interval_digits(None, None)
    (2, 1, 2)
    >>> interval_digits(-float("inf"), float("inf"), 0.0004), interval_digits(-820.0, 340.0)
    (6, 0)
    """
    ends = [one for one in (low, high) if one is not None and isfinite(one)]
    known = ends if len(ends) == 2 or estimate is None or not isfinite(estimate) else [
        *ends, estimate
    ]  # fmt: skip
    wide = max(known) - min(known) if known else 0.0
    wide = wide if wide > 0 else max((abs(one) for one in known), default=0.0)
    if not wide > 0 or not isfinite(4 * wide):
        return 2
    decimals = decimals_for(4 * wide)
    return 1 if decimals == 0 and wide < _WHOLE else decimals


_WHOLE = 500.0  # an interval wider than that needs no decimal


def vanishes(value: float, digits: int) -> bool:
    """Tell whether a number is nothing but zeros when it is written with these decimals.

    >>> vanishes(-0.004, 2), vanishes(0.005, 2), vanishes(0.0, 1)
    (True, False, True)
    """
    return isfinite(value) and not _half_up(value, digits)


def plain(value: float) -> str:
    """Return a number with the decimals that it was given, and no more than ten digits that count.

    >>> plain(2.0), plain(0.00001), plain(-1.50), plain(0.1 + 0.2)
    ('2', '0.00001', '−1.5', '0.3')
    """
    exact = Decimal(f"{float(value):.10g}").normalize()
    return _signed(f"{abs(exact):f}", negative=exact < 0)


def at_least(value: float, digits: int) -> str:
    """Return a given number beside others of so many decimals: with more where it has more.

    >>> at_least(2.0, 2), at_least(1.5, 0), at_least(0.0004, 2)
    ('2.00', '1.5', '0.0004')
    """
    _, _, own = plain(value).partition(".")
    return number(value, digits) if len(own) <= digits else plain(value)


def level_text(level: float) -> str:
    """Return a confidence level in per cent, never rounded up to another.

    >>> level_text(0.95), level_text(0.975), level_text(0.9999), level_text(1 - 0.05 / 3)
    ('95%', '97.5%', '99.99%', '98.33%')
    """
    percent_ = 100 * Decimal(repr(float(level)))
    decimals = 2
    while percent_.quantize(Decimal(1).scaleb(-decimals)) >= 100:
        decimals += 1
    return f"{plain(float(percent_.quantize(Decimal(1).scaleb(-decimals))))}%"


def interval_name(level: float) -> str:
    """Return what an interval of a confidence level is called.

    Examples
    --------
    >>> interval_name(0.95), interval_name(0.975)
    ('95% interval', '97.5% interval')
    """
    return f"{level_text(level)} interval"


def _half_up(value: float, decimals: int) -> Decimal:
    """Return `value` rounded half away from zero at a decimal place."""
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(repr(float(value)))
    return exact.quantize(step, context=Context(prec=WIDEST, rounding=ROUND_HALF_UP))


def _with_power(value: float, decimals: int) -> str:
    """Return a number rounded at a decimal place, with the power of ten of its first digit."""
    rounded = _half_up(value, decimals)
    if not rounded:
        return "0"
    power = rounded.adjusted()
    magnitude = f"{abs(rounded).scaleb(-power):.{max(decimals + power, 0)}f}"
    return f"{_signed(magnitude, negative=rounded < 0)} × 10{str(power).translate(_RAISED)}"


def _power(value: float, digits: int) -> int:
    """Return the power of ten of a number that has been rounded to significant digits."""
    decimals = digits - 1 - Decimal(repr(float(value))).adjusted()
    return _half_up(value, decimals).adjusted()


def _scientific(value: float, digits: int, power: int) -> str:
    """Return a very small or very large number with a power of ten."""
    rounded = _half_up(value, digits - 1 - power).scaleb(-power)
    raised = str(power).translate(_RAISED)
    return f"{_signed(f'{abs(rounded):f}', negative=value < 0)} × 10{raised}"


def parted(magnitude: str) -> str:
    """Return digits in threes from five before the point on, a narrow no-break space between.

    >>> parted("1234.5678"), parted("-180"), parted("1234567.8").split(THOUSANDS)
    ('1234.5678', '-180', ['1', '234', '567.8'])
    """
    whole, point, rest = magnitude.partition(".")
    digits = whole.lstrip("-")
    if len(digits) < PARTED_FROM or not digits.isdecimal():
        return magnitude
    sign = whole[: len(whole) - len(digits)]
    return f"{sign}{int(digits):,}".replace(",", THOUSANDS) + point + rest


def unparted(text: str) -> str:
    """Return a text for a file of data: no digits stand apart in it.

    >>> unparted(f"n = {parted('12345')}")
    'n = 12345'
    """
    return _APART.sub("", text)


def _signed(magnitude: str, *, negative: bool) -> str:
    """Return a magnitude, its digits in threes, with a true minus sign where it is negative."""
    return f"{MINUS if negative else ''}{parted(magnitude)}"


# The rows of a frame as dictionaries, for code that writes or draws one row at a time.


def frame_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame, column name to value, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> frame_rows(pd.DataFrame({"label": ["Chen 2021"], "n": [32]}))
    [{'label': 'Chen 2021', 'n': 32}]
    """
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]
