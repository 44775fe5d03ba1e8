"""A yes-or-no outcome: its percentage gives the count, its proportion gives the SD.

Of n answers of which k are yes, the proportion is k/n and the sample SD is
sqrt(n/(n-1) * p * (1-p)): nothing is left to choose (DEBIT: Heathers & Brown 2019,
https://osf.io/5vb3u).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, sqrt

from backwalk_stats.engine.printed_number import read_printed
from backwalk_stats.errors import NotEstimable, UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Debit:
    """Whether a printed mean and SD can belong to n answers of yes or no.

    Attributes
    ----------
    possible : bool
        Whether some whole count gives both the printed mean and the printed SD.
    counts : tuple of int
        The numbers of yes that give both.
    mean_counts : tuple of int
        The numbers of yes that give the printed mean.
    sd_low, sd_high : float
        The smallest and largest sample SD of proportions that round to the printed mean,
        whole counts or not (the published form of the test, which needs no exact n).
    """

    possible: bool
    counts: tuple[int, ...]
    mean_counts: tuple[int, ...]
    sd_low: float
    sd_high: float


def debit(*, mean_text: str, sd_text: str, n: int, yes: int = 1) -> Debit:
    """Return whether n answers of yes or no can have the printed mean and sample SD.

    Parameters
    ----------
    mean_text, sd_text : str
        Mean and SD (with n - 1) as printed.
    n : int
        Number of answers, at least 2.
    yes : int
        What a yes counts: 1 where a proportion was printed, 100 where a percentage was.

    Examples
    --------
    >>> debit(mean_text="0.35", sd_text="0.49", n=20).counts
    (7,)
    >>> debit(mean_text="0.35", sd_text="0.18", n=20).possible
    False
    """
    if n < 2:
        raise NotEstimable(f"an SD needs at least 2 people, found n = {n}")
    mean, sd = read_printed(mean_text), read_printed(sd_text)
    if sd.value < 0:
        raise UsageError(f"expected an SD of at least 0, found {sd_text}")
    mean_counts = _counts(text=mean_text, n=n, yes=yes)
    low, high = max(Fraction(0), sd.low) ** 2, sd.high**2
    counts = tuple(k for k in mean_counts if low <= _variance(Fraction(k, n), n, yes) <= high)
    ends = [min(max(end / yes, Fraction(0)), Fraction(1)) for end in (mean.low, mean.high)]
    half = Fraction(1, 2)
    widest = half if ends[0] <= half <= ends[1] else min(ends, key=lambda p: abs(p - half))
    return Debit(
        possible=len(counts) > 0,
        counts=counts,
        mean_counts=mean_counts,
        sd_low=sqrt(min(_variance(p, n, yes) for p in ends)),
        sd_high=sqrt(_variance(widest, n, yes)),
    )


def _counts(*, text: str, n: int, yes: int) -> tuple[int, ...]:
    """Return the counts k out of n for which yes * k / n rounds to the text."""
    if n < 1 or yes < 1:
        raise UsageError(f"expected n of at least 1, found {n}")
    printed = read_printed(text)
    first, last = ceil(printed.low * n / yes), floor(printed.high * n / yes)
    return tuple(range(max(0, first), min(n, last) + 1))


def _variance(proportion: Fraction, n: int, yes: int) -> Fraction:
    """Return the sample variance of n answers with that proportion of yes."""
    return Fraction(n, n - 1) * proportion * (1 - proportion) * yes * yes
