"""Where a printed number is drawn: a point, or a bound with a side."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PRINTED = re.compile(
    r"^\s*(?:[A-Za-z]{1,2}\s*)?(?P<sign>[=<>≤≥]?)\s*(?P<number>[+\-−]?(?:\d+\.?\d*|\.\d+))\s*%?"
    r"(?:\s*[\(\[].*)?$"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedValue:
    """A printed number that can be drawn.

    Attributes
    ----------
    value : float
        The number.
    bound : {"", "<", ">"}
        On which side of the number the printed value lies; empty where it is the number itself.
    decimals : int
        Decimals printed.
    """

    value: float
    bound: str
    decimals: int


def printed_value(text: str) -> PrintedValue | None:
    """Return the number that a printed text holds, or None where it is not one plain number.

    Examples
    --------
    >>> printed_value("P < .04")
    PrintedValue(value=0.04, bound='<', decimals=2)
    >>> printed_value("t=-1.628").value
    -1.628
    >>> printed_value("2,65") is None, printed_value("11.7% slower") is None
    (True, True)
    """
    found = _PRINTED.match(text)
    if found is None:
        return None
    number = found["number"].replace("−", "-")
    bound = {"≤": "<", "≥": ">", "=": ""}.get(found["sign"], found["sign"])
    return PrintedValue(value=float(number), bound=bound, decimals=len(number.partition(".")[2]))
