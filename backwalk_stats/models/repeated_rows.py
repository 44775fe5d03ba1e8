"""The rows of `mmrm` as arrays: who, at which visit, in which group, with which weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.patterns import Patterns, gather
from backwalk_stats.errors import UsageError
from backwalk_stats.models.coded import Coded, coded, coding_notes
from backwalk_stats.models.column_numbers import listed
from backwalk_stats.models.columns import TrialColumns, settled_formula
from backwalk_stats.models.design import design_of
from backwalk_stats.models.formula import parse_formula
from backwalk_stats.models.participant_rows import reused_ids
from backwalk_stats.models.rows import (
    LISTED,
    Participants,
    outcome_of,
    participants_of,
    refuse_empty_cells,
    refuse_few_visits,
    refuse_flat_visits,
)
from backwalk_stats.models.summary import residuals_of
from backwalk_stats.models.variables import Factor, as_factor


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedRows:
    """What a fit needs, whatever its covariance.

    Attributes
    ----------
    coded : Coded
        Outcome and fixed effects.
    residual : array, shape (N,)
        Of least squares.
    people : Participants
    visits : Factor
    groups : tuple
        Levels with a covariance of their own; empty where there is one for all.
    times : tuple of float
        Of the visits, where declared.
    places : tuple of int
        Of the visits, among those that were planned: some may have no row.
    patterns : Patterns
    notes : tuple of str
        What was left out.
    """

    coded: Coded
    residual: FloatArray
    people: Participants
    visits: Factor
    groups: tuple[object, ...]
    times: tuple[float, ...]
    places: tuple[int, ...]
    patterns: Patterns
    notes: tuple[str, ...]


def repeated_rows(
    text: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
    group: str | None,
    weights: str | None,
    times: str | None,
    least_visits: int,
    ordered: str = "",
) -> RepeatedRows:
    """Return the arrays of a model; parameters as in `visit_model`.

    `ordered` is what needs the order of the visits, "" where nothing does.

    Raises
    ------
    UsageError
        If the formula or a column cannot be used, or the data cannot answer.
    """
    formula = parse_formula(text)
    if formula.random:
        raise UsageError("mmrm has no random effects: leave out ( | ), or use lmm")
    columns = TrialColumns(
        participant=participant, visit=visit, group=group, weights=weights, times=times
    )
    settled = settled_formula(data, formula, columns, ordered=ordered)
    frame = settled.frame
    y, people = outcome_of(formula, frame), participants_of(frame[participant])
    visits = as_factor(frame[visit], visit)
    refuse_few_visits(visits, least=least_visits)
    refuse_flat_visits(y, visits)
    design = design_of(formula, frame)
    refuse_empty_cells(design, formula)
    own = coded(formula, frame, design=design)
    if own.offset is not None:
        refuse_flat_visits(own.y, visits)
    grouped = None if group is None else as_factor(frame[group], group)
    reused = reused_ids(design.factors, people.codes, participant=participant, visit=visit)
    return RepeatedRows(
        coded=own,
        residual=residuals_of(y=own.y, q=own.q),
        people=people,
        visits=visits,
        groups=() if grouped is None else grouped.levels,
        times=() if times is None else times_of(frame[times], visits),
        places=tuple(settled.planned.index(level) for level in visits.levels),
        patterns=gather(
            y=own.y,
            x=own.q,
            participant=people.codes,
            slot=visits.codes,
            slots=len(visits.levels),
            group=None if grouped is None else _each(grouped.codes, people),
            weights=None if weights is None else frame[weights].to_numpy(),
            offset=own.least_squares,
        ),
        notes=(
            *settled.notes,
            *_unseen(settled.planned, visits),
            *reused,
            *coding_notes(formula, design, dropped=len(data) - len(frame)),
        ),
    )


def _unseen(planned: Sequence[object], visits: Factor) -> tuple[str, ...]:
    gone = [level for level in planned if level not in visits.levels]
    return (f"{visits.name}: no row used has {listed(gone)}; left out",) if gone else ()


def _each(codes: np.ndarray, people: Participants) -> np.ndarray:
    """Return the code of each participant, shape (n,), from that of each row."""
    out = np.full(len(people.ids), -1)
    out[people.codes] = codes
    return out


def times_of(column: pd.Series, visits: Factor) -> tuple[float, ...]:
    """Return the time of each visit, in the order of the visits.

    Raises
    ------
    UsageError
        If a visit has two times, or two visits have one.
    """
    values = column.to_numpy()
    at = np.zeros(len(visits.levels))
    at[visits.codes] = values
    mixed = np.unique(visits.codes[at[visits.codes] != values])
    if len(mixed):
        named = ", ".join(visits.labels[int(i)] for i in mixed[:LISTED])
        raise UsageError(
            f"times {column.name}: {visits.name} {named} has more than one time; "
            "declare one time for each visit"
        )
    if len(set(at.tolist())) < len(at):
        raise UsageError(f"times {column.name}: two visits have the same time")
    return tuple(at.tolist())
