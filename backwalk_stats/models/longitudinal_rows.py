"""The rows of a constrained longitudinal model: indicators of each arm at each later visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.models.inner_names import inner_names
from backwalk_stats.models.rows import complete_rows
from backwalk_stats.models.variables import Factor, as_factor


@dataclass(frozen=True, kw_only=True, slots=True)
class LongitudinalRows:
    """A frame with columns of its own, and the formula that they make.

    Attributes
    ----------
    frame : DataFrame
        value, who, visit, effect_a_v (1 in arm a at visit v, else 0), and covariates.
    formula : str
    arms, visits : tuple of str
        The reference arm and the baseline visit first.
    notes : tuple of str
        What was left out.
    """

    frame: pd.DataFrame
    formula: str
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    notes: tuple[str, ...]


def longitudinal_rows(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline_visit: object,
    covariates: Sequence[str],
    reference: object,
) -> LongitudinalRows:
    """Return the rows of a constrained longitudinal model; parameters as in its door.

    Raises
    ------
    UsageError
        If a column, visit or arm does not exist, a participant is in two arms, or an arm has no row
        at a later visit.
    """
    named = [value, participant, visit, arm, *covariates]
    _refuse_twice(named)
    complete, notes = complete_rows(data, named)
    visits, arms = as_factor(complete[visit], visit), as_factor(complete[arm], arm)
    if len(arms.levels) < 2:
        raise UsageError(f"{arm} has one level in the rows used: nothing to compare")
    mixed = int((complete[arm].groupby(complete[participant]).nunique() > 1).sum())
    if mixed:
        raise UsageError(f"{arm} varies within {mixed} participants; it must be one for each")
    at, visit_labels = _with_first(visits, baseline_visit)
    group, arm_labels = _with_first(arms, reference)
    frame = pd.DataFrame(
        {
            "value": complete[value].to_numpy(),
            "who": pd.factorize(complete[participant])[0],
            "visit": pd.Categorical(np.array(visit_labels)[at], categories=list(visit_labels)),
        }
    )
    effects = []
    for a, v in product(range(1, len(arm_labels)), range(1, len(visit_labels))):
        own = (group == a) & (at == v)
        if not own.any():
            raise UsageError(
                f"no row has {arm} = {arm_labels[a]} and {visit} = {visit_labels[v]}; leave out "
                "the visit"
            )
        frame[f"effect_{a}_{v}"] = own.astype(float)
        effects.append(f"effect_{a}_{v}")
    inner = inner_names(covariates)
    for source, name in inner.items():
        frame[name] = complete[source].reset_index(drop=True)
    terms = ["visit", *effects, *(f"{name} * visit" for name in inner.values())]
    return LongitudinalRows(
        frame=frame,
        formula=f"value ~ {' + '.join(terms)}",
        arms=arm_labels,
        visits=visit_labels,
        notes=notes,
    )


def _refuse_twice(named: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(named) if list(named).count(name) > 1]
    if twice:
        raise UsageError(f"{', '.join(twice)}: named twice")


def _with_first(factor: Factor, level: object) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return codes and labels with one level moved to the front; None leaves the order."""
    labels = factor.labels
    if level is None:
        first = 0
    elif level in factor.levels:
        first = factor.levels.index(level)
    elif str(level) in labels:
        first = labels.index(str(level))
    else:
        raise UsageError(f"{factor.name} has no level {level!r}; there are: {', '.join(labels)}")
    order = [first, *(place for place in range(len(labels)) if place != first)]
    return np.argsort(order)[factor.codes], tuple(labels[place] for place in order)
