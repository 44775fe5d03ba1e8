"""Numbers as a reader sees them: rounded half up, with a true minus sign, a dash for none."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal
from math import floor, isfinite, isinf, isnan, log10
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

DASH = "–"
MINUS = "−"
SMALLEST_P = 0.001
_DIGITS = re.compile(r"\d+(?:\.(\d*))?")
_LONG_DECIMAL = re.compile(r"(?<![\d.])-?\d+\.\d{3,}(?![\d.])")
LOWEST_POWER, HIGHEST_POWER = -4, 14  # beyond these a power of ten reads better
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
WIDEST = 700  # digits: no float needs more, so rounding never overflows
Row: TypeAlias = dict[str, Any]


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with a fixed count of decimals; none as a dash, an infinity as its sign.

    Rounding is half away from zero on the shortest decimal that reads back as `value`, the way
    papers round: 2.675 becomes 2.68, though its binary form lies below.

    Examples
    --------
    >>> number(2.675), number(-0.5, 1), number(-0.001), number(float("nan"))
    ('2.68', '−0.5', '0.00', '–')
    """
    if value is None or isnan(value):
        return DASH
    if isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if abs(value) >= 10.0 ** (HIGHEST_POWER + 1):
        return significant(value)
    rounded = _half_up(value, digits)
    return _signed(f"{abs(rounded):f}", negative=rounded < 0)


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
    """
    if not isfinite(span) or span <= 0:
        return 2
    return min(max(2 - floor(log10(span / 2)), 0), 9)


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


def interval_digits(low: float | None, high: float | None) -> int:
    """Return the decimals of an estimate: enough for its interval to have two digits that count.

    Tables, figures and sentences all keep to it, so that a number looks the same in each.

    Examples
    --------
    >>> interval_digits(-0.509, 0.527), interval_digits(-11.1, -1.4), interval_digits(None, None)
    (2, 1, 2)
    """
    wide = 0.0 if low is None or high is None else abs(high - low)
    return min(max(decimals_for(4 * wide), 1), 6) if isfinite(wide) and wide > 0 else 2


def interval_name(level: float) -> str:
    """Return what an interval of a confidence level is called.

    Examples
    --------
    >>> interval_name(0.95), interval_name(0.975)
    ('95% interval', '97.5% interval')
    """
    return f"{number(100 * level, 0 if float(100 * level).is_integer() else 1)}% interval"


def _half_up(value: float, decimals: int) -> Decimal:
    """Return `value` rounded half away from zero at a decimal place."""
    step = Decimal(1).scaleb(-decimals)
    exact = Decimal(repr(float(value)))
    return exact.quantize(step, context=Context(prec=WIDEST, rounding=ROUND_HALF_UP))


def _power(value: float, digits: int) -> int:
    """Return the power of ten of a number that has been rounded to significant digits."""
    decimals = digits - 1 - Decimal(repr(float(value))).adjusted()
    return _half_up(value, decimals).adjusted()


def _scientific(value: float, digits: int, power: int) -> str:
    """Return a very small or very large number with a power of ten."""
    rounded = _half_up(value, digits - 1 - power).scaleb(-power)
    raised = str(power).translate(_RAISED)
    return f"{_signed(f'{abs(rounded):f}', negative=value < 0)} × 10{raised}"


def _signed(magnitude: str, *, negative: bool) -> str:
    """Return a magnitude with a true minus sign where it is negative."""
    return f"{MINUS}{magnitude}" if negative else magnitude


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
