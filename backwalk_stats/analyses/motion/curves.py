"""Whole curves as outcomes: is one walk, visit or arm different from another, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion import permutation
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.curve_tests import CurveTest, permutation_test, random_field_test
from backwalk_stats.motion.largest_statistic import MaxNull
from backwalk_stats.motion.pointwise_model import pointwise_model
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan
from backwalk_stats.trial.tables import CLUSTERS, CURVE_TEST

Both = tuple[CurveStatistic, MaxNull]
Nodes = dict[str, FloatArray | float]  # columns of `tables.CURVE_TEST`
METHODS = {
    "baseline-adjusted": (
        "arms compared at each node by least squares with the baseline curve at the same node; "
        "largest |t| over the nodes against {m} permutations of the residual curves (Freedman and "
        "Lane)"
    ),
    "two-sample": "two-sample t at each node; largest |t| against {m} deals of the arms",
    "paired": (
        "backward minus forward walking within participants, t at each node; largest |t| against "
        "{m} patterns of signs"
    ),
    "regression": "slope on a covariate at each node; largest |t| against {m} orders of it",
    "repeated-measures": (
        "F of the visits within participants at each node; largest F against {m} orders of each "
        "participant's visits"
    ),
    "arm-by-visit": (
        "F of the interaction of arm and visit at each node, free of participants' own level; "
        "largest F against {m} deals of the arms"
    ),
    "pointwise-model": (
        "constrained longitudinal mixed model at each node (unstructured covariance of visits, "
        "Kenward-Roger); limits for all nodes at once by random field theory"
    ),
}
# Random field theory is shown beside the permutation where residuals are free of participants'
# offsets; elsewhere it is conservative when people differ much.
FREE_OF_OFFSETS = ("baseline-adjusted", "paired", "repeated-measures", "arm-by-visit")
WALKS = ("forward", "backward")


class _Size(TypedDict):
    permutations: int
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CurveResult(Shown):
    """One whole-curve question, answered.

    Attributes
    ----------
    plan : CurveTestPlan
    contrast : str
        Such as "backward - forward"; "" for an F test.
    nodes : DataFrame
        Columns of `tables.CURVE_TEST`.
    clusters : DataFrame
        Columns of `tables.CLUSTERS`, by permutation and, where it is right, by random fields.
    p_value : float
        Of the whole curve.
    n, left_out : int
        Participants used, and those left out.
    without : str
        What those left out are without, such as "a visit".
    method : str
    notes : tuple of str
        Where a model did not converge.
    """

    plan: CurveTestPlan
    contrast: str
    nodes: pd.DataFrame
    clusters: pd.DataFrame
    p_value: float
    n: int
    left_out: int
    without: str
    method: str
    notes: tuple[str, ...]


def curve_results(
    plan: MotionPlan, curves: pd.DataFrame, progress: Callable[[int, int, str], None] | None = None
) -> tuple[CurveResult, ...]:
    """Return the answer to every whole-curve question of a plan from `tables.CURVES`.

    `progress` is called with the number of tests done, their number, and what comes now. Where
    questions cannot be answered from the curves the refusal names all of them.
    """
    found, refused = [], []
    for place, question in enumerate(plan.curve_tests):
        if progress is not None:
            progress(place, len(plan.curve_tests), f"{question.test} of {question.signal}")
        try:
            found.append(_answer(question, plan, curves, seed=plan.seed + place))
        except NotEstimable as error:
            refused.append(f"{question.test} of {question.signal}: {error}")
    if refused:
        raise NotEstimable(*refused)
    return tuple(found)


def _answer(
    question: CurveTestPlan, plan: MotionPlan, curves: pd.DataFrame, *, seed: int
) -> CurveResult:
    sample = sample_of(question, plan, curves)
    if question.test == "pointwise-model":
        return _modelled(question, plan, sample)
    found, null = _tested(question, sample, permutations=plan.permutations, seed=seed)
    test = permutation_test(found, null, alpha=question.alpha)
    tests = [test]
    if question.test in FREE_OF_OFFSETS:
        tests.append(random_field_test(found, alpha=question.alpha))
    low, high = test.band()
    nodes: Nodes = {
        "estimate": test.statistic.estimate,
        "std_error": test.statistic.std_error,
        "conf_low": low,
        "conf_high": high,
        "statistic": test.statistic.values,
        "threshold": test.threshold,
        "p_value": test.p_nodes,
    }
    drawn = f"all {len(null.heights)}" if null.exact else f"{len(null.heights)} random"
    return _result(question, sample, nodes, tests, p_value=test.p_value, drawn=drawn)


def _tested(question: CurveTestPlan, sample: Sample, *, permutations: int, seed: int) -> Both:
    """Return the statistic of a question, and its distribution where nothing differs."""
    size = _Size(permutations=permutations, seed=seed)
    y, arm = sample.y, sample.arm
    if question.test == "baseline-adjusted":
        return (
            statistics.ancova(y[:, 1], arm, y[:, 0]),
            permutation.ancova_null(y[:, 1], arm, y[:, 0], **size),
        )
    if question.test == "two-sample":
        one, other = y[arm, 0], y[~arm, 0]
        return statistics.two_sample(one, other), permutation.two_sample_null(one, other, **size)
    if question.test == "paired":
        gap = y[:, 1] - y[:, 0]
        return statistics.one_sample(gap), permutation.sign_null(gap, **size)
    if question.test == "regression":
        x = sample.covariate
        return statistics.regression(y[:, 0], x), permutation.regression_null(y[:, 0], x, **size)
    if question.test == "repeated-measures":
        return statistics.repeated_measures(y), permutation.within_participant_null(y, **size)
    return statistics.arm_by_visit(y, arm), permutation.arm_by_visit_null(y, arm, **size)


def _modelled(question: CurveTestPlan, plan: MotionPlan, sample: Sample) -> CurveResult:
    found = pointwise_model(
        sample.y, sample.arm, visit=plan.visits.index(question.visit), level=1.0 - question.alpha
    )
    lost = int((~found.converged).sum())
    nodes: Nodes = {
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "statistic": found.estimate / found.std_error,
        "threshold": found.threshold,
        "p_value": found.p_nodes,
    }
    least = float(np.nanmin(found.p_nodes))
    result = _result(question, sample, nodes, [], p_value=least, drawn="")
    said = f"the model did not converge at {lost} nodes"
    return replace(result, notes=(said,)) if lost else result


def _result(
    question: CurveTestPlan,
    sample: Sample,
    nodes: Nodes,
    tests: Sequence[CurveTest],
    *,
    p_value: float,
    drawn: str,
) -> CurveResult:
    """Return the answer to a question from its nodes, and the runs that tests have found."""
    frame = pd.DataFrame({"node": np.arange(sample.y.shape[-1]), **nodes})
    runs = [_cluster_rows(question, sample, test) for test in tests]
    nothing = pd.DataFrame(columns=list(CLUSTERS))
    return CurveResult(
        plan=question,
        contrast=sample.contrast,
        nodes=_keyed(frame, question, sample)[list(CURVE_TEST)],
        clusters=pd.concat(runs, ignore_index=True) if runs else nothing,
        p_value=p_value,
        n=sample.n,
        left_out=sample.left_out,
        without=sample.without,
        method=METHODS[question.test].format(m=drawn),
        notes=(),
    )


def _cluster_rows(question: CurveTestPlan, sample: Sample, test: CurveTest) -> pd.DataFrame:
    rows = [(test.method, one.start, one.end, one.peak, one.p_value) for one in test.clusters]
    frame = pd.DataFrame(rows, columns=["method", "start", "end", "peak", "p_value"])
    return _keyed(frame, question, sample)[list(CLUSTERS)]


def _keyed(frame: pd.DataFrame, question: CurveTestPlan, sample: Sample) -> pd.DataFrame:
    return frame.assign(
        test=question.test,
        signal=question.signal,
        direction=question.direction,
        visit=question.visit,
        contrast=sample.contrast,
    )


# From tidy mean curves to the arrays that a whole-curve test takes.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Sample(Shown):
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
