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
from backwalk_stats.trial.estimand import (
    ADJUSTED_NOTE,
    BY,
    Estimand,
    MultiplicityGraph,
    families_of,
)
from backwalk_stats.trial.plan import Plan
from backwalk_stats.trial.tables import TESTS_TOGETHER
from backwalk_stats.trial.trial import Trial

BY_GRAPH = ("graph", "parallel-gatekeeping")


@dataclass(frozen=True, kw_only=True, slots=True)
class Procedure:
    """How p-values are adjusted together: of a trial, or of a plan before there are data.

    Attributes
    ----------
    method : str
        One of `trial.multiplicity.METHODS`, but "none".
    families : list of list of str
        Ids of estimands in their declared order.
    graph : MultiplicityGraph or None
        As declared, or that of parallel gatekeeping.
    """

    method: str
    families: list[list[str]]
    graph: MultiplicityGraph | None

    @property
    def names(self) -> list[str]:
        """Return the ids, family by family: the order of all p-values."""
        return [name for family in self.families for name in family]

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray] | None:
        """Return weights (m,) and transitions (m, m) of the graph, None without one."""
        graph, names = self.graph, self.names
        if graph is None:
            return None
        weights = np.array([graph.weight(name) for name in names])
        return weights, np.array([[graph.part(one, other) for other in names] for one in names])

    def steps(self, p: FloatArray) -> RejectionSteps | None:
        """Return how the graph is gone through; None where the procedure is another."""
        return None if self.arrays is None else graphical(p, *self.arrays)

    def adjusted(self, p: FloatArray) -> FloatArray:
        """Return the adjusted p-values, shape (m,); nothing may be missing."""
        if self.arrays is not None:
            return graphical(p, *self.arrays).adjusted
        if self.method == "gatekeeping":
            ends = np.cumsum([len(family) for family in self.families])[:-1]
            return np.concatenate(gatekeeping(np.split(p, ends)))
        return fixed_sequence(p) if self.method == "fixed-sequence" else adjusted(p, self.method)


def procedure_of(planned: Trial | Plan) -> Procedure:
    """Return the procedure that a trial file declares, with the graph that it comes to."""
    (method, order), graph = planned.multiplicity, planned.graph
    families = families_of(order)
    if method == "parallel-gatekeeping":
        graph = _of_gates(families)
    return Procedure(method=method, families=families, graph=graph if method in BY_GRAPH else None)


def _of_gates(families: list[list[str]]) -> MultiplicityGraph:
    """Return the graph of parallel gatekeeping."""
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


@dataclass(frozen=True, kw_only=True, slots=True)
class TestedTogether:
    """Estimands that are adjusted together.

    Attributes
    ----------
    procedure : Procedure
    rows : dict
        Id to the place of its row in the estimates; None where it has none.
    sides : array, shape (m,)
        2 where a p-value is one-sided, of a margin, else 1.
    p : array, shape (m,)
        Two-sided p, or twice a one-sided one (at most 1); NaN where nothing could be tested.
    """

    procedure: Procedure
    rows: dict[str, int | None]
    sides: FloatArray
    p: FloatArray

    @property
    def names(self) -> list[str]:
        """Return their ids, family by family."""
        return self.procedure.names

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
    procedure = procedure_of(trial)
    names = procedure.names
    rows = {name: answering_row(trial, estimates, name) for name in names}
    known = estimates["p_value"].to_numpy(dtype=float)
    own = [np.nan if rows[name] is None else known[rows[name]] for name in names]
    sides = np.array([1.0 if _asked(trial, name).margin is None else 2.0 for name in names])
    p = np.minimum(1.0, sides * np.array(own))
    return TestedTogether(procedure=procedure, rows=rows, sides=sides, p=p)


def with_adjusted_p(trial: Trial, estimates: pd.DataFrame) -> pd.DataFrame:
    """Return estimates whose p_adjusted is filled in where the trial declares multiplicity.

    Only the row that answers an estimand gets one, with a note that names the procedure. An
    estimand that could not be tested counts as p = 1, and its own p_adjusted stays missing. The
    adjusted p of a margin is one-sided, as its p is: half of what was adjusted.
    """
    tested = tested_together(trial, estimates)
    if tested is None:
        return estimates
    found = tested.procedure.adjusted(tested.counted)
    column = estimates["p_adjusted"].to_numpy(dtype=float).copy()
    notes = estimates["note"].astype("object").to_numpy().copy()
    told = f"{ADJUSTED_NOTE}{BY[trial.multiplicity[0]]}"
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
    found = tested.procedure.adjusted(tested.counted)
    steps = tested.procedure.steps(tested.counted)
    order = range(len(tested.names)) if steps is None else steps.order.tolist()
    begun = tested.procedure.arrays
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
