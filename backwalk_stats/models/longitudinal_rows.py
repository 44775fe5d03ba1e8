"""The rows of a constrained longitudinal model: indicators of each arm at each later visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns import TrialColumns, label_of, level_of, settled_visits
from backwalk_stats.models.inner_names import inner_names
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
    columns = TrialColumns(
        outcome=value, participant=participant, visit=visit, arm=arm, covariates=tuple(covariates)
    )
    settled = settled_visits(
        data, columns, reference=reference, ordered="a constrained longitudinal model"
    ).complete()
    complete = settled.frame
    visits, arms = as_factor(complete[visit], visit), _two_arms(complete[arm], arm)
    first = level_of(visits.levels, baseline_visit, visit)
    order = [first, *(place for place in range(len(visits.levels)) if place != first)]
    at = np.argsort(order)[visits.codes]
    visit_labels = tuple(visits.labels[place] for place in order)
    group, arm_labels = arms.codes, arms.labels
    frame = pd.DataFrame(
        {
            "value": complete[value].to_numpy(),
            "who": pd.factorize(complete[participant])[0],
            "visit": np.array(visit_labels)[at],
        }
    )
    planned = _planned(complete[visit].cat.categories.tolist(), visits.levels[first])
    frame["visit"] = pd.Categorical(frame["visit"], categories=planned, ordered=True)
    effects = []
    for a, v in product(range(1, len(arm_labels)), range(1, len(visit_labels))):
        own = (group == a) & (at == v)
        _refuse_unseen(own, f"{arm} = {arm_labels[a]} and {visit} = {visit_labels[v]}")
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
        notes=settled.notes,
    )


def _two_arms(column: pd.Series, name: str) -> Factor:
    arms = as_factor(column, name)
    if len(arms.levels) < 2:
        raise UsageError(f"{name} has one level in the rows used: nothing to compare")
    return arms


def _refuse_unseen(own: np.ndarray, cell: str) -> None:
    if not own.any():
        raise UsageError(f"no row has {cell}; leave out the visit")


def _planned(declared: Sequence[object], baseline: object) -> list[str]:
    """Return the labels of the planned visits, the baseline first."""
    later = [level for level in declared if level != baseline]
    return [label_of(level) for level in (baseline, *later)]
