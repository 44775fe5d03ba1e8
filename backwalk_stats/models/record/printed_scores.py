"""GRIM, GRIMMER and DEBIT at the door: whether a printed mean and SD can be of n whole numbers.

The same exact tests as the ledger's, for one number of the paper in hand. An answer of no says
that mean, SD, n and scale cannot all be right as printed; it does not say which, nor why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from numbers import Integral
from typing import Any

from backwalk_stats.engine.printed import integer_samples
from backwalk_stats.engine.printed import integer_samples as binary_samples
from backwalk_stats.engine.printed.grid import ScoreGrid, read_printed, score_grid
from backwalk_stats.engine.printed.sd_bounds import nearest_sds
from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

WEAK = 2  # with so many possible means inside the rounding interval, no mean could have failed
NOT_WHICH = "mean, SD, n and scale cannot all be right as printed"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PrintedScores(Shown):
    """Whether a printed mean, or mean and SD, can be; shows itself in plain words.

    Attributes
    ----------
    test : str
        "GRIM", "GRIMMER" or "DEBIT".
    possible : bool
        Whether some sample of n scores has the printed numbers.
    mean, sd : str
        As printed; `sd` is "" where the mean alone was asked about.
    n, items : int
        Participants, and whole-number items averaged into one score.
    nearest : tuple of float
        The possible means (GRIM) or SDs (GRIMMER) next to the printed one, of which the first is
        not above and the last not below it; the ends of the possible SDs (DEBIT).
    notes : tuple of str
        What was taken for granted, and how much the answer weighs.
    """

    test: str
    possible: bool
    mean: str
    sd: str
    n: int
    items: int
    nearest: tuple[float, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        """Return the answer, then line by line what it rests on."""
        what = f"mean {self.mean}" + (f" and SD {self.sd}" if self.sd else "")
        can = "possible" if self.possible else "impossible"
        return "\n  ".join([f"{self.test}: {what} {can} at n = {self.n}", *self.notes])

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        return f"<pre>{escape(repr(self))}</pre>"


def grim(mean: str, n: int, items: int = 1) -> PrintedScores:
    """Return whether n whole-number scores can have the printed mean (GRIM).

    T / (n k) must round to the mean for a whole number T (Brown and Heathers, Soc Psychol Personal
    Sci 2017;8:363). Both ends of the rounding interval count as inside.

    Parameters
    ----------
    mean : str
        The mean as printed: "4.80" and "4.8" are different intervals.
    n : int
        Participants who were scored.
    items : int
        Whole-number items averaged into one score, k; 1 where a score is a whole number.

    Returns
    -------
    PrintedScores
        `.possible`, `.nearest` (the possible means on either side), `.notes`.

    Raises
    ------
    UsageError
        If the mean is not text that holds a number, or n or items are not whole numbers above 0.

    Examples
    --------
    >>> grim("20.79", 21)
    GRIM: mean 20.79 impossible at n = 21
      nearest possible means 20.762 and 20.810
      mean, SD, n and scale cannot all be right as printed
      if scores are whole numbers
    >>> grim("20.79", 19).possible
    True
    """
    mean = _as_plain(mean)
    grid = _grid(n, items, mean=mean)
    found = integer_samples.grim(mean_text=mean, n=n, grid=grid)
    nearest = tuple(float(one) for one in (found.below, found.above) if one is not None)
    notes = []
    if not found.possible:
        notes = [_beside("means", nearest, mean), NOT_WHICH]
    elif found.n_possible >= WEAK:
        notes = [f"{found.n_possible} possible means round to it, so the test is weak"]
    return PrintedScores(
        test="GRIM",
        possible=found.possible,
        mean=mean,
        sd="",
        n=n,
        items=items,
        nearest=nearest,
        notes=(*notes, _assumed(items)),
    )


def grimmer(mean: str, sd: str, n: int, items: int = 1) -> PrintedScores:
    """Return whether n whole-number scores can have the printed mean and SD together (GRIMMER).

    Decided exactly: a sample that fits is found, or every one is ruled out (Anaya, PeerJ Preprints
    2016;4:e2400v1). The SD is the sample SD, with n - 1.

    Parameters
    ----------
    mean, sd : str
        As printed.
    n : int
        Participants who were scored, 2 to 100,000.
    items : int
        Whole-number items averaged into one score; 1 where a score is a whole number.

    Returns
    -------
    PrintedScores
        `.possible`, `.nearest` (the possible SDs on either side; empty where the mean itself is
        impossible), `.notes`.

    Raises
    ------
    UsageError
        As `grim`, and for an SD below 0.
    NotEstimable
        If n is 1 or above 100,000, or the spread too wide to be searched.

    Examples
    --------
    >>> grimmer("3.44", "2.47", 18)
    GRIMMER: mean 3.44 and SD 2.47 impossible at n = 18
      nearest possible SDs 2.455 and 2.479
      mean, SD, n and scale cannot all be right as printed
      if scores are whole numbers and the SD has n - 1
    >>> grimmer("5.9", "0.3", 15).possible
    True
    """
    mean, sd = _as_plain(mean), _as_plain(sd)
    grid = _grid(n, items, mean=mean, sd=sd)
    found = integer_samples.grimmer(mean_text=mean, sd_text=sd, n=n, grid=grid)
    near = nearest_sds(mean_text=mean, sd_text=sd, n=n, grid=grid)
    nearest = tuple(one for one in (near.below, near.above) if one is not None)
    notes = []
    if not found.possible:
        beside = _beside("SDs", nearest, sd) if found.mean_possible else "the mean alone cannot be"
        notes = [beside, NOT_WHICH]
    return PrintedScores(
        test="GRIMMER",
        possible=found.possible,
        mean=mean,
        sd=sd,
        n=n,
        items=items,
        nearest=nearest,
        notes=(*notes, f"{_assumed(items)} and the SD has n - 1"),
    )


def debit(mean: str, sd: str, n: int) -> PrintedScores:
    """Return whether n answers of yes or no can have the printed proportion and SD (DEBIT).

    Of k yes the proportion is p = k / n and the sample SD sqrt(n / (n - 1) p (1 - p)): nothing is
    left to choose (Heathers and Brown 2019, https://osf.io/5vb3u).

    Parameters
    ----------
    mean, sd : str
        Proportion of yes, from 0 to 1, and its sample SD (n - 1), as printed.
    n : int
        Answers, 2 or more.

    Returns
    -------
    PrintedScores
        `.possible`, `.nearest` (the smallest and largest SD of proportions that round to the
        printed one), `.notes`.

    Raises
    ------
    UsageError
        If mean or SD is not text that holds a number, the mean is no proportion, or the SD is
        below 0.
    NotEstimable
        If n is 1.

    Examples
    --------
    >>> debit("0.35", "0.49", 20)
    DEBIT: mean 0.35 and SD 0.49 possible at n = 20
      7 said yes
      if answers are yes or no (1 or 0) and the SD has n - 1
    >>> debit("0.35", "0.18", 20).possible
    False
    """
    mean, sd = _as_plain(mean), _as_plain(sd)
    _grid(n, 1, mean=mean, sd=sd)
    if not 0 <= read_printed(mean).value <= 1:
        raise UsageError(
            f"expected the mean of answers of yes (1) and no (0), from 0 to 1, found {mean}; "
            "divide a percentage and its SD by 100, keeping the decimals that were printed"
        )
    found = binary_samples.debit(mean_text=mean, sd_text=sd, n=n)
    ends = tuple(dict.fromkeys((found.sd_low, found.sd_high)))
    notes = [f"{' or '.join(map(str, found.counts))} said yes"]
    if not found.possible:
        counts = "no whole number of yes gives this proportion"
        notes = [_beside("SDs", ends, sd) if found.mean_counts else counts, NOT_WHICH]
    return PrintedScores(
        test="DEBIT",
        possible=found.possible,
        mean=mean,
        sd=sd,
        n=n,
        items=1,
        nearest=ends,
        notes=(*notes, "if answers are yes or no (1 or 0) and the SD has n - 1"),
    )


def _as_plain(text: Any) -> Any:  # noqa: ANN401
    """Return a number as pasted, `−4,80`, with a hyphen and a point; `1,234` may be thousands."""
    if not isinstance(text, str):
        return text
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    return text.replace(",", ".") if re.fullmatch(r"[+-]?(?:\d+,\d{1,2}|0,\d+)", text) else text


def _grid(n: int, items: int, **printed: str) -> ScoreGrid:
    """Return the scores that one person can have; refuse numbers that are not as printed."""
    for name, text in printed.items():
        if not isinstance(text, str):
            raise UsageError(
                f"expected the {name} as printed, as text such as '4.80', found a "
                f"{type(text).__name__}: its decimals say how it was rounded"
            )
    counts: dict[str, Any] = {"n": n, "items": items}
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise UsageError(f"expected {name} as a whole number of at least 1, found {value!r}")
    return score_grid(items=items)


def _beside(what: str, nearest: tuple[float, ...], printed: str) -> str:
    """Return the nearest possible values, with a decimal more than was printed."""
    decimals = read_printed(printed).decimals + 1
    return f"nearest possible {what} {' and '.join(f'{one:.{decimals}f}' for one in nearest)}"


def _assumed(items: int) -> str:
    """Return what was taken for granted of the scores."""
    if items == 1:
        return "if scores are whole numbers"
    return f"if a score is the mean of {items} whole-number items"
