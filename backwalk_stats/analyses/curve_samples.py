"""From tidy mean curves to the arrays that a whole-curve test takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan

WALKS = ("forward", "backward")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """The curves of one question.

    Attributes
    ----------
    y : array, shape (n, k, nodes)
        k is what is compared within a participant: visits, or forward and backward walking.
    arm : array of bool, shape (n,)
        False for the reference; for more than two arms the place of the arm.
    covariate : array, shape (n,)
        Empty where there is none.
    contrast : str
    left_out : int
        Participants without all of what is compared.
    without : str
        What they are without, in words.
    """

    y: FloatArray
    arm: np.ndarray
    covariate: FloatArray
    contrast: str
    left_out: int
    without: str

    @property
    def n(self) -> int:
        """Return the number of participants."""
        return len(self.y)


def sample_of(question: CurveTestPlan, plan: MotionPlan, curves: pd.DataFrame) -> Sample:
    """Return the curves (`tables.CURVES`) that a question compares.

    It is refused where there is no such signal, or the arms are not two where two are compared.
    """
    rows = curves[curves["signal"] == question.signal]
    if rows.empty:
        there = ", ".join(sorted(curves["signal"].unique())) or "none"
        raise NotEstimable(f"no curve of {question.signal}; there are: {there}")
    people = rows[["participant", "arm"]].drop_duplicates().reset_index(drop=True)
    wanted, column = _compared(question, plan)
    if column == "visit":
        rows = rows[rows["direction"] == question.direction]
    else:
        rows = rows[rows["visit"] == question.visit]
    if rows.empty:
        when = ", ".join(part for part in (question.direction, question.visit) if part)
        raise NotEstimable(f"no curve of {question.signal} ({when})")
    y = _stacked(rows, people, column, wanted)
    torn_allowed = question.test == "pointwise-model"
    whole = np.asarray(np.isfinite(y).all(axis=2))
    kept = np.asarray(whole.any(axis=1) if torn_allowed else whole.all(axis=1))
    people = people.loc[kept]
    arms = people["arm"].to_numpy()
    contrast, code = _arms(question, plan, arms)
    return Sample(
        y=y[kept],
        arm=code,
        covariate=_covariate(question, plan, people),
        contrast=contrast,
        left_out=int((~kept).sum()),
        without={"visit": "a visit", "direction": "one of the two walks"}[column],
    )


def _compared(question: CurveTestPlan, plan: MotionPlan) -> tuple[list[str], str]:
    """Return what is compared within a participant, and the column that holds it."""
    if question.test == "paired":
        return list(WALKS), "direction"
    if question.test == "baseline-adjusted":
        return [plan.visits[0], question.visit], "visit"
    if question.test in ("two-sample", "regression"):
        return [question.visit], "visit"
    return list(plan.visits), "visit"


def _stacked(
    rows: pd.DataFrame, people: pd.DataFrame, column: str, wanted: list[str]
) -> FloatArray:
    """Return curves by participant and what is compared, NaN where one is missing."""
    if people["participant"].duplicated().any():
        raise NotEstimable("a participant is in two arms")
    wide = rows.pivot(index="participant", columns=[column, "node"], values="value")
    nodes = sorted(rows["node"].unique())
    places = pd.MultiIndex.from_product([wanted, nodes])
    found = wide.reindex(index=people["participant"], columns=places).to_numpy(dtype=float)
    return found.reshape(len(people), len(wanted), len(nodes))


def _arms(question: CurveTestPlan, plan: MotionPlan, arms: np.ndarray) -> tuple[str, np.ndarray]:
    """Return the contrast, and who is in the arm that comes first in it."""
    if question.test == "paired":
        return "backward - forward", np.zeros(len(arms), dtype=bool)
    if question.test in ("repeated-measures", "regression"):
        slope = f"slope on {question.covariate}" if question.covariate else ""
        return slope, np.zeros(len(arms), dtype=bool)
    names = [arm.name for arm in plan.arms if arm.name in set(arms)]
    if question.test == "arm-by-visit":
        return "", np.array([names.index(arm) for arm in arms])
    if len(names) != 2:
        raise NotEstimable(f"{len(names)} arms have curves; this test compares two")
    reference, other = names
    return f"{other} - {reference}", np.asarray(arms == other)


def _covariate(question: CurveTestPlan, plan: MotionPlan, people: pd.DataFrame) -> FloatArray:
    if not question.covariate or plan.covariates is None:
        return np.empty(0)
    values = plan.covariates.set_index("participant")[question.covariate]
    found = values.reindex(people["participant"]).to_numpy(dtype=float)
    if not np.isfinite(found).all():
        missing = int((~np.isfinite(found)).sum())
        raise NotEstimable(f"{missing} participants have no {question.covariate}")
    return np.asarray(found)
