"""P-values of the estimands of a trial, adjusted together as its trial file declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.models.arms.multiplicity import (
    RejectionSteps,
    adjusted,
    fixed_sequence,
    gatekeeping,
    graphical,
    parallel_gates,
)
from backwalk_stats.trial.estimand import BY, Estimand, MultiplicityGraph, families_of
from backwalk_stats.trial.tables import TESTS_TOGETHER
from backwalk_stats.trial.trial import Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class TestedTogether:
    """Estimands that are adjusted together.

    Attributes
    ----------
    names : list of str
        Their ids, family by family.
    families : list of list of str
    rows : dict
        Id to the place of its row in the estimates; None where it has none.
    sides : array, shape (m,)
        2 where a p-value is one-sided, of a margin, else 1.
    p : array, shape (m,)
        Two-sided p, or twice a one-sided one (at most 1); NaN where nothing could be tested.
    """

    names: list[str]
    families: list[list[str]]
    rows: dict[str, int | None]
    sides: FloatArray
    p: FloatArray

    @property
    def counted(self) -> FloatArray:
        """Return the p-values, 1 where nothing could be tested: so it can never help another."""
        return np.where(np.isnan(self.p), 1.0, self.p)


def tested_together(trial: Trial, estimates: pd.DataFrame) -> TestedTogether | None:
    """Return the estimands that are adjusted together, None where none are.

    The row of an estimand is that of its main analysis, contrast and visit; of one with a margin,
    the test against the margin. A one-sided p stands for a two-sided one when it is doubled: it is
    below the level where the one-sided p is below half of it.
    """
    method, order = trial.multiplicity
    if method == "none" or not order:
        return None
    families = families_of(order)
    names = [name for family in families for name in family]
    rows = {name: answering_row(trial, estimates, name) for name in names}
    known = estimates["p_value"].to_numpy(dtype=float)
    own = [np.nan if rows[name] is None else known[rows[name]] for name in names]
    sides = np.array([1.0 if _asked(trial, name).margin is None else 2.0 for name in names])
    p = np.minimum(1.0, sides * np.array(own))
    return TestedTogether(names=names, families=families, rows=rows, sides=sides, p=p)


def with_adjusted_p(trial: Trial, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return estimates whose p_adjusted is filled in where the trial declares multiplicity.

    Only the row that answers an estimand gets one, with a note that names the procedure. An
    estimand that could not be tested counts as p = 1, and its own p_adjusted stays missing. The
    adjusted p of a margin is one-sided, as its p is: half of what was adjusted.
    """
    tested = tested_together(trial, estimates)
    if tested is None:
        return estimates
    found = _adjusted(trial, tested)
    column = estimates["p_adjusted"].to_numpy(dtype=float).copy()
    notes = estimates["note"].astype("object").to_numpy().copy()
    told = f"p_adjusted: {BY[trial.multiplicity[0]]}"
    plain = estimates["p_value"].to_numpy(dtype=float)
    for place, name in enumerate(tested.names):
        row = tested.rows[name]
        if row is None or np.isnan(tested.p[place]):
            continue
        column[row] = max(plain[row], found[place] / tested.sides[place])
        notes[row] = f"{notes[row]}; {told}" if notes[row] else told
    return estimates.assign(
        p_adjusted=column, note=pd.Series(notes, index=estimates.index, dtype="str")
    )


def tests_in_order(trial: Trial, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the tests that are adjusted together (`tables.TESTS_TOGETHER`), in their order.

    Those of a graph stand as they are gone through, with the share of the level that each has then;
    p-values are two-sided, those of margins doubled. Without multiplicity there is no row.
    """
    tested = tested_together(trial, estimates)
    if tested is None:
        return pd.DataFrame(columns=list(TESTS_TOGETHER))
    found, steps = _adjusted(trial, tested), _steps(trial, tested)
    order = range(len(tested.names)) if steps is None else steps.order.tolist()
    begun = _graph_arrays(trial, tested)
    frame = pd.DataFrame(
        {
            "step": step,
            "estimand": tested.names[place],
            "weight": np.nan if begun is None else begun[0][place],
            "share": np.nan if steps is None else steps.share[place],
            "p_value": tested.p[place],
            "p_adjusted": np.nan if np.isnan(tested.p[place]) else found[place],
        }
        for step, place in enumerate(order, start=1)
    )
    return frame[list(TESTS_TOGETHER)]


def graph_of(trial: Trial) -> MultiplicityGraph | None:
    """Return the graph of a trial's procedure: as declared, or that of parallel gatekeeping."""
    method, order = trial.multiplicity
    if method != "parallel-gatekeeping":
        return trial.graph if method == "graph" else None
    families = families_of(order)
    names = [name for family in families for name in family]
    weights, parts = parallel_gates([len(family) for family in families])
    return MultiplicityGraph(
        weights=tuple((name, float(w)) for name, w in zip(names, weights, strict=True) if w),
        transitions=tuple(
            (one, other, float(parts[j, k]))
            for j, one in enumerate(names)
            for k, other in enumerate(names)
            if parts[j, k]
        ),
    )


def _adjusted(trial: Trial, tested: TestedTogether) -> FloatArray:
    """Return the adjusted p-values in the order of the names."""
    method = trial.multiplicity[0]
    steps = _steps(trial, tested)
    if steps is not None:
        return steps.adjusted
    if method == "gatekeeping":
        ends = np.cumsum([len(family) for family in tested.families])[:-1]
        return np.concatenate(gatekeeping(np.split(tested.counted, ends)))
    if method == "fixed-sequence":
        return fixed_sequence(tested.counted)
    return adjusted(tested.counted, method)


def _steps(trial: Trial, tested: TestedTogether) -> RejectionSteps | None:
    """Return how a graph is gone through; None where the procedure is another."""
    arrays = _graph_arrays(trial, tested)
    return None if arrays is None else graphical(tested.counted, *arrays)


def _graph_arrays(trial: Trial, tested: TestedTogether) -> tuple[FloatArray, FloatArray] | None:
    """Return weights and transitions in the order of the names."""
    graph, names = graph_of(trial), tested.names
    if graph is None:
        return None
    weights = np.array([graph.weight(name) for name in names])
    return weights, np.array([[graph.part(one, other) for other in names] for one in names])


def _asked(trial: Trial, name: str) -> Estimand:
    return next(one for one in trial.estimands if one.id == name)


def answering_row(trial: Trial, estimates: pd.DataFrame, estimand: str) -> int | None:
    """Return the place of the row that answers an estimand, None where there is none.

    Of an estimand with a margin it is the test against the margin.
    """
    one = _asked(trial, estimand)
    wanted = (
        (estimates["estimand"] == estimand)
        & (estimates["analysis"] == one.analysis)
        & (estimates["quantity"] == (one.margin_quantity or main_quantity(one.analysis)))
        & (estimates["contrast"] == one.contrast_name)
        & (estimates["visit"] == one.visit)
        & (estimates["role"] == one.role)
    )
    places = np.flatnonzero(wanted.to_numpy())
    return int(places[-1]) if len(places) else None


def covered_rows(trial: Trial, estimates: pd.DataFrame) -> Sequence[int]:
    """Return the places of the rows that are adjusted together."""
    tested = tested_together(trial, estimates)
    return [] if tested is None else [row for row in tested.rows.values() if row is not None]
