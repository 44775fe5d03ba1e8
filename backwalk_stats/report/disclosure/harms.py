"""Harms of few people: what is hidden at once, and what follows from the rest of their table.

Somebody has a harm, or has not; terms overlap, so that people do not add up, and events do. From
the events of any harm, less those that are shown, follow those that are hidden; from the people
with any harm follows how many of a hidden term there are at the least.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from backwalk_stats.tables.numbers import frame_rows
from backwalk_stats.tables.small_cells import small

if TYPE_CHECKING:
    from backwalk_stats.report.disclosure.counts import CountBook, Place
    from backwalk_stats.report.disclosure.linear_system import Name
    from backwalk_stats.trial.result import Result

PLACE: Place = ("harms",)
COUNTS = ("people", "percent", "events", "rate", "rate_low", "rate_high")
TERMS = ("term", "fall")
SUBSETS = ("serious", "related", "led_to_stop", "falls")
TOTAL = "any harm"  # note of its rows
_ABSURD = 1e6  # events of an arm that nobody exceeds


def few_harms(estimates: pd.DataFrame, limit: int) -> np.ndarray:
    """Tell which rows of results are on harms that few people of an arm have, or all but few.

    The difference of two arms goes with either of them, since it tells the one from the other.
    """
    about = (estimates["analysis"] == "harms").to_numpy()
    shares = estimates[about & (estimates["quantity"] == "percent").to_numpy()]
    people = (shares["estimate"] * shares["n"] / 100.0).round(6)
    few = small(people, limit) | small(shares["n"] - people, limit) | people.isna().to_numpy()
    hidden = {
        (str(note).partition("; not shown")[0], str(arm))
        for note, arm, gone in zip(shares["note"], shares["arm"], few, strict=True)
        if gone
    }
    rows = zip(estimates["note"], estimates["arm"], estimates["contrast"], strict=True)
    told = [
        any((str(note), part) in hidden for part in (str(arm), *str(contrast).split(" - ")))
        for note, arm, contrast in rows
    ]
    return np.asarray(about & np.array(told, dtype=bool))


def add_harms(book: CountBook, frame: pd.DataFrame) -> None:
    """Add the cells of `tables.HARMS`, and what ties people to events and terms to their total.

    What is hidden of an arm of which anything is shown is somebody's: zero would be shown.
    """
    for arm, own in frame.groupby("arm", sort=False, observed=True):
        names: dict[str, list[str]] = {}
        sums = own["kind"].isin(["any", "falls"])  # may be hidden for what they tell of others
        shown = bool(own.loc[~sums, "people"].notna().any())
        for row in frame_rows(own):
            term, n = str(row["term"]), float(row["n"])
            names.setdefault(str(row["kind"]), []).append(term)
            people, events = float(row["people"]), float(row["events"])
            least = float(shown and isnan(people) and row["kind"] not in ("any", "falls"))
            _add_cells(book, str(arm), term, row=(n, people, events), least=least)
        _tie_total(book, str(arm), names)


def _add_cells(
    book: CountBook, arm: str, term: str, *, row: tuple[float, float, float], least: float
) -> None:
    """Add people, the others, and events of one kind of harm in one arm."""
    n, people, events = row
    who, rest, what = (("harmed", term, arm), ("unharmed", term, arm), ("harms", term, arm))
    book.cell(who, people, most=n, least=least)
    book.cell(rest, nan, most=n)
    book.cell(what, events, most=_ABSURD, least=least)
    book.tie({who: 1.0, rest: 1.0}, n, n)
    book.tie({what: 1.0, who: -1.0}, 0.0, _ABSURD)
    if isnan(people):
        book.hide(who, PLACE, most=int(n))
    book.hide(rest, PLACE, most=int(n), hidden=False)


def _tie_total(book: CountBook, arm: str, names: dict[str, list[str]]) -> None:
    """Add that terms make up the total, and that flags and falls are parts of it."""
    total = names.get("any", [""])[0]
    terms = [term for kind in TERMS for term in names.get(kind, [])]
    who, what = ("harmed", total, arm), ("harms", total, arm)
    if not book.has([who, what]):
        return
    _tie_sum(book, what, [("harms", term, arm) for term in terms], 0.0)
    _tie_sum(book, who, [("harmed", term, arm) for term in terms], _ABSURD)
    for term in [*terms, *(one for kind in SUBSETS for one in names.get(kind, []))]:
        book.tie({who: 1.0, ("harmed", term, arm): -1.0}, 0.0, _ABSURD)
        book.tie({what: 1.0, ("harms", term, arm): -1.0}, 0.0, _ABSURD)
    for fall in names.get("falls", []):
        parts = names.get("fall", [])
        _tie_sum(book, ("harms", fall, arm), [("harms", term, arm) for term in parts], 0.0)
        _tie_sum(book, ("harmed", fall, arm), [("harmed", term, arm) for term in parts], _ABSURD)
        for term in parts:
            book.tie({("harmed", fall, arm): 1.0, ("harmed", term, arm): -1.0}, 0.0, _ABSURD)


def _tie_sum(book: CountBook, whole: Name, terms: Sequence[Name], above: float) -> None:
    """Add that terms together are the whole, or more than it by so many at the most."""
    book.tie({whole: -1.0, **dict.fromkeys(terms, 1.0)}, 0.0, above)


def totals_of(part: Result) -> tuple[list[bool], list[bool]]:
    """Return which rows of frame and estimates are the total that others follow from."""
    frame = part.frames.get("harms")
    kinds = [] if frame is None else [kind in ("any", "falls") for kind in frame["kind"]]
    notes = part.estimates["note"].astype(str)
    return kinds, [note in (TOTAL, "any fall") for note in notes]
