"""Whole curves as outcomes: is one walk, visit or arm different from another, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.cluster_effects import cluster_sentences
from backwalk_stats.analyses.motion.cycle_time import REVERSED
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion import curve_designs as designs
from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion import permutation
from backwalk_stats.motion.curve_designs import Design, Effort
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.curve_tests import CurveTest, random_field_test
from backwalk_stats.motion.largest_statistic import MaxNull, Search, Summary
from backwalk_stats.motion.pointwise_model import pointwise_model
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan
from backwalk_stats.trial.tables import CLUSTERS, CURVE_TEST

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
    "welch": (
        "Welch's t at each node, each arm with its own variance; largest |t| against {m} deals of "
        "the arms"
    ),
    "paired-visits": (
        "visit minus baseline within participants, t at each node; largest |t| against {m} "
        "patterns of signs"
    ),
    "vector-paired": (
        "backward minus forward walking within participants, Hotelling's T2 of three planes at "
        "each node; largest T2 against {m} patterns of signs, one for all planes"
    ),
    "vector-two-sample": (
        "Hotelling's T2 of three planes at each node; largest T2 against {m} deals of the arms"
    ),
}
# Random field theory is shown beside the permutation where residuals are free of participants'
# offsets; elsewhere it is conservative when people differ much.
FREE_OF_OFFSETS = ("baseline-adjusted", "paired", "repeated-measures", "arm-by-visit")
BY_F = ("repeated-measures", "arm-by-visit")
VECTORS = ("vector-paired", "vector-two-sample")
PLANES = ("flexion", "side_bend", "rotation")
BOTH_WALKS = ("paired", "vector-paired")


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
    effects : tuple of str
        A sentence a cluster beyond chance: how large the difference is in the unit of the signal.
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
    effects: tuple[str, ...] = ()


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
    search = _search(question, sample.y.shape[2])
    design = _design(question, sample, roi=search.roi)
    test, drawn = designs.tested(
        design,
        search,
        method=question.method,
        alpha=question.alpha,
        height=float("nan") if question.cluster_threshold is None else question.cluster_threshold,
        effort=Effort(permutations=plan.permutations, seed=seed),
    )
    tests = [test]
    if question.test in FREE_OF_OFFSETS and question.method == "permutation":
        tests.append(random_field_test(design.statistic, alpha=question.alpha, search=search))
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
    if question.test in VECTORS:  # a difference in each plane: no one number a node
        nothing = np.full(sample.y.shape[2], np.nan)
        nodes |= dict.fromkeys(("estimate", "std_error", "conf_low", "conf_high"), nothing)
    told = f"all {drawn}" if test.exact else f"{drawn} random"
    result = _result(question, sample, nodes, tests, p_value=test.p_value, drawn=told)
    if question.test in (*BY_F, *VECTORS):
        return result
    return replace(result, effects=cluster_sentences(question, plan, result))


def _search(question: CurveTestPlan, nodes: int) -> Search:
    """Return what a question searches; a cycle has no end, so a run goes over it."""
    roi = None
    if len(question.roi):
        start, end = question.roi
        at = 100.0 * np.arange(nodes) / (nodes - 1)
        inside = (at >= start, at <= end)
        roi = inside[0] & inside[1] if start < end else inside[0] | inside[1]
        if not roi.any():
            raise NotEstimable(f"no node of {nodes} lies in roi")
    return Search(
        signed=question.test not in (*BY_F, *VECTORS),
        alternative=question.alternative,
        circular=True,
        roi=roi,
    )


def _design(question: CurveTestPlan, sample: Sample, *, roi: np.ndarray | None) -> Design:
    """Return the statistic of a question, and how its curves are relabelled."""
    y, arm, held = sample.y, sample.arm, sample.held
    if question.test == "baseline-adjusted":
        return _baseline_adjusted(y, arm, held, roi=roi)
    if question.test == "two-sample":
        order = np.concatenate([np.flatnonzero(arm), np.flatnonzero(~arm)])
        ordered = None if held is None else held[order]
        return designs.difference_design(y[arm, 0], y[~arm, 0], ordered, roi=roi)
    if question.test == "welch":
        return designs.welch_design(y[arm, 0], y[~arm, 0], roi=roi)
    if question.test in ("paired", "paired-visits"):
        return designs.mean_design(y[:, 1] - y[:, 0], held, roi=roi)
    if question.test == "regression":
        return designs.slope_design(y[:, 0], sample.covariate, held, roi=roi)
    if question.test == "vector-paired":
        return designs.vector_mean_design(y[:, 1] - y[:, 0], roi=roi)
    if question.test == "vector-two-sample":
        return designs.vector_difference_design(y[arm, 0], y[~arm, 0], roi=roi)
    return _over_visits(question, y, arm, roi=roi)


def _baseline_adjusted(
    y: FloatArray, arm: np.ndarray, held: FloatArray | None, *, roi: np.ndarray | None
) -> Design:
    def measure(after: FloatArray, before: FloatArray) -> CurveStatistic:
        return statistics.ancova(after, arm, before, held)

    def relabel(
        after: FloatArray, before: FloatArray, *, permutations: int, seed: int, summary: Summary
    ) -> MaxNull:
        return permutation.ancova_null(
            after, arm, before, held, permutations=permutations, seed=seed, summary=summary
        )

    return designs.designed((y[:, 1], y[:, 0]), measure, relabel, roi=roi)


def _over_visits(
    question: CurveTestPlan, y: FloatArray, arm: np.ndarray, *, roi: np.ndarray | None
) -> Design:
    """Return the F of visits, or of arm by visit; nodes are the last axis of the curves."""
    repeated = question.test == "repeated-measures"

    def visits_first(curves: FloatArray) -> FloatArray:
        return np.moveaxis(curves, 1, 2)

    def measure(curves: FloatArray) -> CurveStatistic:
        own = visits_first(curves)
        return statistics.repeated_measures(own) if repeated else statistics.arm_by_visit(own, arm)

    def relabel(curves: FloatArray, *, permutations: int, seed: int, summary: Summary) -> MaxNull:
        own, size = visits_first(curves), {"permutations": permutations, "seed": seed}
        if repeated:
            return permutation.within_participant_null(own, **size, summary=summary)
        return permutation.arm_by_visit_null(own, arm, **size, summary=summary)

    return designs.designed((np.moveaxis(y, 1, 2),), measure, relabel, roi=roi)


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
    frame = pd.DataFrame({"node": np.arange(sample.y.shape[2]), **nodes})
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
        method=_method(question, drawn),
        notes=(),
    )


def _method(question: CurveTestPlan, drawn: str) -> str:
    """Return the method in words, with what was chosen beyond the usual."""
    told = METHODS[question.test].format(m=drawn)
    size = {"greater": "t", "less": "-t"}.get(question.alternative, "|t|")
    told = told.replace("largest |t|", f"largest {size}")
    if question.cluster_threshold is not None:
        height = question.cluster_threshold
        told = re.sub(r"largest (\S+)", rf"heaviest run of \1 from {height:g} on", told)
    if question.covariates:
        told += (
            f"; held still, by residuals after Freedman and Lane: {', '.join(question.covariates)}"
        )
    if len(question.roi):
        told += f"; only from {question.roi[0]:g} to {question.roi[1]:g} % of the cycle"
    return told


def _cluster_rows(question: CurveTestPlan, sample: Sample, test: CurveTest) -> pd.DataFrame:
    rows = [
        (test.method, one.start, one.end, one.peak, one.p_value)
        for one in test.clusters
        if one.p_value <= question.alpha or test.method != "cluster-mass"
    ]
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
    y : array, shape (n, k, nodes) or (n, k, nodes, planes)
        k is what is compared within a participant: visits, or forward and backward walking.
    arm : array of bool, shape (n,)
        False for the reference; for more than two arms the place of the arm.
    covariate : array, shape (n,)
        Empty where there is none.
    held : array, shape (n, c), or None
        Covariates that are held still.
    contrast : str
    left_out : int
        Participants without all of what is compared.
    without : str
        What they are without, in words.
    """

    y: FloatArray
    arm: np.ndarray
    covariate: FloatArray
    held: FloatArray | None
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
    signals = [question.signal]
    if question.test in VECTORS:
        signals = [f"{question.signal}_{plane}" for plane in PLANES]
    absent = [one for one in signals if not (curves["signal"] == one).any()]
    if absent:
        there = ", ".join(sorted(curves["signal"].unique())) or "none"
        raise NotEstimable(f"no curve of {', '.join(absent)}; there are: {there}")
    rows = curves[curves["signal"].isin(signals)]
    people = rows[["participant", "arm"]].drop_duplicates().reset_index(drop=True)
    wanted, column = _compared(question, plan)
    if column == "visit":
        rows = rows[rows["direction"] == question.direction]
    else:
        rows = rows[rows["visit"] == question.visit]
    if rows.empty:
        when = ", ".join(part for part in (question.direction, question.visit) if part)
        raise NotEstimable(f"no curve of {question.signal} ({when})")
    planes = [_stacked(rows[rows["signal"] == one], people, column, wanted) for one in signals]
    y = np.stack(planes, axis=3) if question.test in VECTORS else planes[0]
    torn_allowed = question.test == "pointwise-model"
    whole = np.asarray(np.isfinite(y).reshape(len(y), len(wanted), -1).all(axis=2))
    kept = np.asarray(whole.any(axis=1) if torn_allowed else whole.all(axis=1))
    people = people.loc[kept]
    contrast, code = _arms(question, plan, people["arm"].to_numpy())
    named = (question.covariate,) if question.covariate else ()
    return Sample(
        y=y[kept],
        arm=code,
        covariate=_numbers(named, plan, people)[:, 0] if named else np.empty(0),
        held=_numbers(question.covariates, plan, people) if question.covariates else None,
        contrast=contrast,
        left_out=int((~kept).sum()),
        without={"visit": "a visit", "direction": "one of the two walks"}[column],
    )


def _compared(question: CurveTestPlan, plan: MotionPlan) -> tuple[list[str], str]:
    """Return what is compared within a participant, and the column that holds it."""
    if question.test in BOTH_WALKS:
        backward = REVERSED if plan.backward == "reversed" else "backward"
        return ["forward", backward], "direction"
    if question.test in ("baseline-adjusted", "paired-visits"):
        return [plan.visits[0], question.visit], "visit"
    if question.test in ("two-sample", "welch", "regression", "vector-two-sample"):
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
    if question.test in BOTH_WALKS:
        return "backward - forward", np.zeros(len(arms), dtype=bool)
    if question.test == "paired-visits":
        return f"{question.visit} - {plan.visits[0]}", np.zeros(len(arms), dtype=bool)
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


def _numbers(names: Sequence[str], plan: MotionPlan, people: pd.DataFrame) -> FloatArray:
    """Return columns of the participants' sheet for some of them, shape (n, names)."""
    if plan.covariates is None:
        raise NotEstimable(f"no sheet of participants holds {', '.join(names)}")
    values = plan.covariates.set_index("participant")[list(names)]
    found = values.reindex(people["participant"]).to_numpy(dtype=float)
    for name, column in zip(names, found.T, strict=True):
        missing = int((~np.isfinite(column)).sum())
        if missing:
            raise NotEstimable(f"{missing} participants have no {name}")
    return np.asarray(found)
