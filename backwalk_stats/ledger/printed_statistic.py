"""Printed test statistics and degrees of freedom: "t=-1.971", "F=4.31" with "1,63"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backwalk_stats.ledger.rounding import number_in

_LETTER = re.compile(
    r"^\s*(t|f|q|z|chi2|chi-square|x2|\u03c72)\s*(?:\(([^)]*)\))?\s*=", re.IGNORECASE
)
_FAMILY = {"t": "t", "f": "F", "z": "z", "q": "chi2"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistic:
    """A printed statistic: its family ("t", "F", "chi2", "z"), number and degrees of freedom."""

    family: str
    text: str
    df: tuple[float, ...]


def parse_df(text: str) -> tuple[float, ...]:
    """Return the degrees of freedom of a text such as "2,65", "27.4" or "28 (implied)".

    Examples
    --------
    >>> parse_df("1,63 (as printed)"), parse_df("")
    ((1.0, 63.0), ())
    """
    bare = text.partition("(")[0]
    return tuple(float(part) for part in re.findall(r"\d+(?:\.\d+)?", bare))


def parse_statistic(statistic: str, df: str) -> Statistic | None:
    """Return a printed statistic, or None when its family is not said.

    Examples
    --------
    >>> parse_statistic("t=-1.628", "28 (implied)")
    Statistic(family='t', text='-1.628', df=(28.0,))
    """
    letter = _LETTER.match(statistic)
    number = number_in(statistic[letter.end() :]) if letter else None
    if letter is None or number is None:
        return None
    return Statistic(
        family=_FAMILY.get(letter.group(1).lower(), "chi2"),
        text=number,
        df=parse_df(df) or parse_df(letter.group(2) or ""),
    )
