"""Whose row is whose: doubled rows, arms that vary within a participant, ids used again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.models.formula.design import Factor

SEVERAL_PEOPLE = "these are several people"  # in the note on ids that may start anew


class Participants(NamedTuple):
    """Who each row belongs to: a code for each row, and the ids in order of first appearance."""

    codes: np.ndarray
    ids: tuple[object, ...]


def participants_of(column: pd.Series) -> Participants:
    """Return the participants of a column without gaps, in the order in which they appear."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        given = column.array.categories.tolist()
        codes, own = pd.factorize(column.array.codes)
        return Participants(codes, tuple(given[at] for at in own.tolist()))
    codes, ids = pd.factorize(column)
    return Participants(codes, tuple(ids.tolist()))


def codes_of(column: pd.Series) -> np.ndarray:
    """Return a code for each row: of a categorical its own, else as the values appear."""
    if isinstance(column.array, pd.Categorical):
        return column.array.codes.astype(int)
    return pd.factorize(column)[0]


def varying(codes: np.ndarray, people: np.ndarray) -> int:
    """Return within how many participants a code varies."""
    first = np.full(int(people.max()) + 1, -1)
    first[people[::-1]] = codes[::-1]
    return len(np.unique(people[first[people] != codes]))


def refuse_varying(codes: np.ndarray, people: np.ndarray, name: str) -> None:
    """Refuse a label, such as the arm, of which some participant has two."""
    moved = varying(codes, people)
    if moved:
        raise UsageError(
            f"{name} varies within {moved} participants; it must be one for each (ids that start "
            "anew at each site are to be made unique; arms that change by design are a crossover)"
        )


def refuse_repeats(
    people: np.ndarray, visits: np.ndarray | None, participant: str | None, visit: str | None
) -> None:
    """Refuse two rows of a participant, or of a participant at a visit."""
    keys, what = people.astype(np.int64), str(participant)
    if visits is not None:
        keys, what = keys * (int(visits.max()) + 1) + visits, f"{what} and {visit}"
    again = len(keys) - len(np.unique(keys))
    if again:
        raise UsageError(
            f"{again} rows repeat the same {what}; keep one row each, and make ids unique where "
            "they start anew at each site"
        )


def refuse_copies(frame: pd.DataFrame, participant: str, outcome: str) -> tuple[str, ...]:
    """Refuse rows that are copies of another, where all else tells a participant's rows apart.

    A model with random effects names no visit. Where the other columns of the model tell the rows
    of everyone apart, but for whole copies, these were entered twice; where they do not, a score
    may well be measured twice, and the notes say so.
    """
    copies = int(frame.duplicated().sum())
    if not copies:
        return ()
    rest = [name for name in frame.columns if name != outcome]
    if int(frame.duplicated(rest).sum()) == copies and len(rest) > 1:
        raise UsageError(
            f"{copies} rows repeat another of the same {participant}, all else being the same; "
            "keep one row each"
        )
    same = "1 row is" if copies == 1 else f"{copies} rows are"
    return (f"{same} the same as another of the same {participant} in every column used",)


def reused_ids(
    factors: Mapping[str, Factor], people: np.ndarray, *, participant: str, visit: str | None
) -> tuple[str, ...]:
    """Return a note on factors that vary within participants, as where ids start anew at each site.

    A factor of which nobody has a level twice is a visit or a period, and is not told of.
    """
    told = []
    for name, one in factors.items():
        if name in (participant, visit) or len(one.levels) < 2:
            continue
        moved = varying(one.codes, people)
        if not moved:
            continue
        keys = people.astype(np.int64) * len(one.levels) + one.codes
        if visit is not None or len(np.unique(keys)) < len(keys):
            told.append(f"{name} (within {moved})")
    if not told:
        return ()
    return (
        f"{', '.join(told)} of {int(people.max()) + 1} {participant} varies; where ids start anew "
        f"at each site {SEVERAL_PEOPLE}: make {participant} unique (site and id together)",
    )
