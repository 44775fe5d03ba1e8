"""The rows of `mmrm` as arrays: who, at which visit, in which group, with which weight."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.patterns import Patterns, gather
from backwalk_stats.errors import UsageError
from backwalk_stats.models.coded import Coded, coded, coding_notes
from backwalk_stats.models.design import design_of
from backwalk_stats.models.formula import parse_formula
from backwalk_stats.models.rows import (
    Participants,
    complete_rows,
    outcome_of,
    participants_of,
    refuse_duplicates,
    refuse_empty_cells,
    visits_of,
)
from backwalk_stats.models.summary import residuals_of
from backwalk_stats.models.variables import Factor
from backwalk_stats.models.visit_columns import (
    groups_of,
    named,
    refuse_few_visits,
    refuse_flat_visits,
    times_of,
    weights_of,
)


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
) -> RepeatedRows:
    """Return the arrays of a model; parameters as in `visit_model`.

    Raises
    ------
    UsageError
        If the formula or a column cannot be used, or the data cannot answer.
    """
    formula = parse_formula(text)
    if formula.random:
        raise UsageError("mmrm has no random effects: leave out ( | ), or use lmm")
    needed = [*formula.columns, participant, visit, *named([group, weights, times])]
    frame, notes = complete_rows(data, needed)
    y, people = outcome_of(formula, frame), participants_of(frame[participant])
    visits = visits_of(frame[visit])
    refuse_few_visits(visits, least=least_visits)
    refuse_duplicates(people, visits)
    refuse_flat_visits(y, visits)
    design = design_of(formula, frame)
    refuse_empty_cells(design, formula)
    own = coded(formula, frame, design=design)
    if own.offset is not None:
        refuse_flat_visits(own.y, visits)
    grouped = None if group is None else groups_of(frame[group], people)
    return RepeatedRows(
        coded=own,
        residual=residuals_of(y=own.y, q=own.q),
        people=people,
        visits=visits,
        groups=() if grouped is None else grouped.levels,
        times=() if times is None else times_of(frame[times], visits),
        patterns=gather(
            y=own.y,
            x=own.q,
            participant=people.codes,
            slot=visits.codes,
            slots=len(visits.levels),
            group=None if grouped is None else grouped.codes,
            weights=None if weights is None else weights_of(frame[weights]),
            offset=own.least_squares,
        ),
        notes=(*notes, *coding_notes(formula, design, dropped=len(data) - len(frame))),
    )
