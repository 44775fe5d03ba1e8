"""A printed number and every value that it could have been rounded from, exactly."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from backwalk_stats.errors import UsageError

PLAIN_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)", re.ASCII)
LONGEST = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedNumber:
    """A number as it was printed, with its rounding interval.

    Both ends of the interval are closed, so that a tie rounded up and a tie rounded to even
    are both accepted. Truncated numbers are not covered.

    Attributes
    ----------
    text : str
        The number as printed; trailing zeros count.
    value, low, high : Fraction
        The number itself and the ends of what rounds to it.
    decimals : int
        Digits after the decimal point.
    """

    text: str
    value: Fraction
    low: Fraction
    high: Fraction
    decimals: int


def read_printed(text: str) -> PrintedNumber:
    """Return the printed number and its rounding interval as exact fractions.

    Parameters
    ----------
    text : str
        A plain decimal number such as ``4.80``; no exponent, sign of inequality or unit.

    Returns
    -------
    PrintedNumber
        Half a unit of the last printed digit on either side, ends included.

    Raises
    ------
    UsageError
        When the text is not a plain decimal number of at most 40 characters.

    Examples
    --------
    >>> number = read_printed("4.80")
    >>> float(number.low), float(number.high), number.decimals
    (4.795, 4.805, 2)
    """
    plain = text.strip()
    if len(plain) > LONGEST or not PLAIN_DECIMAL.fullmatch(plain):
        raise UsageError(
            f"expected a plain decimal number as printed, such as 4.80, found {text!r}"
        )
    decimals = len(plain.partition(".")[2])
    value = Fraction(Decimal(plain))
    half = Fraction(1, 2 * 10**decimals)
    return PrintedNumber(
        text=plain, value=value, low=value - half, high=value + half, decimals=decimals
    )
