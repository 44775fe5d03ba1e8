"""The whole analysis of a trial: descriptions, then each estimand with its sensitivity analyses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from backwalk_stats.analyses.descriptions import adherence, baseline, events, flow, missingness
from backwalk_stats.analyses.dry_run import exploratory_estimands
from backwalk_stats.analyses.harms import harms
from backwalk_stats.analyses.menu import MENU
from backwalk_stats.analyses.motion.study import MotionStudy, motion_study
from backwalk_stats.analyses.multiplicity import tests_in_order, with_adjusted_p
from backwalk_stats.analyses.planned import with_plan
from backwalk_stats.analyses.questions.clustered import hang_together
from backwalk_stats.analyses.questions.responder import responder
from backwalk_stats.analyses.questions.subgroups import subgroups
from backwalk_stats.analyses.questions.within_arm import within_arm
from backwalk_stats.analyses.results import Answer, main_quantity, results_frame
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.registry import Shown
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import FOREST
from backwalk_stats.trial.trial import Trial

Progress = Callable[[int, int, str], None]
Step = tuple[str, Callable[[], "Result"]]
DESCRIPTIONS = (baseline, flow, missingness, adherence)
COMPARED = ("mean_difference", "change_difference", "hodges_lehmann")  # all in the outcome's unit


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TrialAnalysis(Shown):
    """The whole analysis of a trial.

    Attributes
    ----------
    trial : Trial
    parts : tuple of Result
        Descriptions first, then each estimand's main analysis and its sensitivity analyses.
    estimates : DataFrame
        Columns of `tables.RESULTS`: the estimates of all parts, with adjusted p-values, and how
        each stands to the locked plan.
    motion : MotionStudy or None
        Lumbar motion, where the trial has a motion file.
    libraries : tuple of str
        Those that computed something in it (`engine.software`), numpy and pandas apart.
    tests : DataFrame
        The tests that are adjusted together (`tables.TESTS_TOGETHER`); empty where none are.
    """

    trial: Trial
    parts: tuple[Result, ...]
    estimates: pd.DataFrame
    motion: MotionStudy | None = None
    libraries: tuple[str, ...] = ()
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)

    def part(self, analysis: str, outcome: str = "") -> Result | None:
        """Return the first part by analysis and outcome ("" is any); None where there is none."""
        for one in self.parts:
            if one.analysis == analysis and outcome in ("", one.outcome):
                return one
        return None

    def parts_of(self, estimand: str) -> tuple[Result, ...]:
        """Return the parts that belong to an estimand, its main analysis first."""
        return tuple(
            one for one in self.parts if one.estimand is not None and one.estimand.id == estimand
        )


@on_one_thread
def analyse_trial(trial: Trial, progress: Progress | None = None) -> TrialAnalysis:
    """Return every analysis that a trial file asks for.

    Descriptions come first; then, for each outcome, the change within arms; then, for each
    estimand, its main analysis, its sensitivity analyses in their order, responders, subgroups and
    the estimates side by side. An outcome without an estimand gets an exploratory one at its last
    visit. What cannot be estimated is a row of NaN with the reason.

    The same trial gives the same numbers: every random number comes from `trial.study.seed`, and
    those of whole-curve tests from the seed of the motion file. The estimates of all parts stand
    one after the other, with adjusted p-values; the estimates of the parts have them too.
    `progress` is called with what is done, out of how many, and what comes next.

    Motion recordings that are not what is declared, such as the wrong direction of walking, are
    refused before anything else is computed; the message names each file.
    """
    with libraries_that_compute() as heard:
        found = _analysed(trial, progress)
    return replace(found, libraries=tuple(sorted(heard)))


def _analysed(trial: Trial, progress: Progress | None) -> TrialAnalysis:
    """Return every analysis, one after the other."""
    motion = None if trial.motion is None else motion_study(trial.motion, progress)
    parts: list[Result] = []
    estimands = (*trial.estimands, *exploratory_estimands(trial))
    total = _count(trial, estimands)

    def done(step: Step) -> Result:
        if progress is not None:
            progress(len(parts), total, step[0])
        parts.append(step[1]())
        return parts[-1]

    for step in _descriptions(trial):
        done(step)
    for estimand in estimands:
        first = len(parts)
        for step in _of_estimand(trial, estimand):
            done(step)
        asked = parts[first : first + 1 + len(_checks(estimand))]
        if len(asked) > 1:
            done(("comparison of analyses", lambda e=estimand, a=asked: sensitivity(e, a)))  # type: ignore[misc]
    if progress is not None:
        progress(total, total, "done")
    return _assembled(trial, parts, motion)


def _descriptions(trial: Trial) -> Iterator[Step]:
    for question in DESCRIPTIONS:
        yield question.__name__, lambda question=question: question(trial)  # type: ignore[misc]
    if trial.harms is not None:
        yield "harms", lambda: harms(trial)
    for outcome in _with_means(trial):
        yield (
            f"{outcome.name}: within arms",
            lambda name=outcome.name: within_arm(trial, name),  # type: ignore[misc]
        )


def _with_means(trial: Trial) -> tuple[Outcome, ...]:
    """Return the outcomes whose values have means, and changes from baseline."""
    return tuple(one for one in trial.outcomes if one.has_means)


def _has_responders(trial: Trial, estimand: Estimand) -> bool:
    """Return whether an outcome is cut in two besides: in a parallel trial, of measurements."""
    alone = not hang_together(trial, estimand.outcome)  # its intervals take rows for their own
    return trial.study.design == "parallel" and alone and trial.outcome(estimand.outcome).has_means


def _checks(estimand: Estimand) -> tuple[str, ...]:
    """Return the sensitivity analyses of an estimand; the main one is not repeated."""
    return tuple(dict.fromkeys(code for code in estimand.sensitivity if code != estimand.analysis))


def _of_estimand(trial: Trial, estimand: Estimand) -> Iterator[Step]:
    for code in (estimand.analysis, *_checks(estimand)):
        yield (
            f"{estimand.outcome}: {code}",
            lambda code=code: MENU[code](trial, estimand),  # type: ignore[misc]
        )
    if _has_responders(trial, estimand):
        yield f"{estimand.outcome}: responders", lambda: responder(trial, estimand)
    if estimand.subgroups:
        yield f"{estimand.outcome}: subgroups", lambda: subgroups(trial, estimand)
    if estimand.events:
        yield f"{estimand.outcome}: events", lambda: events(trial, estimand)


def _count(trial: Trial, estimands: tuple[Estimand, ...]) -> int:
    total = len(DESCRIPTIONS) + len(_with_means(trial)) + (trial.harms is not None)
    for one in estimands:
        checks = len(_checks(one))
        total += 1 + checks + (checks > 0) + bool(one.subgroups) + bool(one.events)
        total += _has_responders(trial, one)
    return total


def _assembled(trial: Trial, parts: list[Result], motion: MotionStudy | None) -> TrialAnalysis:
    given = [part.estimates for part in parts if len(part.estimates)]
    whole = pd.concat(given, ignore_index=True) if given else results_frame([], analysis="")
    tests = tests_in_order(trial, whole)
    asked = {one.estimand.id: one.estimand for one in parts if one.estimand is not None}
    whole = with_plan(trial.plan, with_adjusted_p(trial, whole), asked)
    kept, place = [], 0
    for part in parts:
        end = place + len(part.estimates)
        own = whole.iloc[place:end].reset_index(drop=True) if end > place else part.estimates
        kept.append(replace(part, estimates=own))
        place = end
    return TrialAnalysis(
        trial=trial, parts=tuple(kept), estimates=whole, motion=motion, tests=tests
    )


# The estimates of one estimand side by side: its main analysis, then what it was checked by.


def sensitivity(estimand: Estimand, parts: Sequence[Result]) -> Result:
    """Return the difference of the arms by each analysis that gives one in the outcome's unit.

    The main analysis comes first in `parts`. Frame forest (`tables.FOREST`): group "" is the main
    analysis, "sensitivity" those of the same estimand under other assumptions, "supplementary"
    those of another (they come last); label is the code of the analysis, with a note where an
    analysis has more than one row. An analysis without an interval (permutation) has no row, nor
    has the tipping point, whose unshifted estimate is no answer of its own.
    """
    rows = []
    for place, part in enumerate(parts):
        if part.analysis == "tipping-point":
            continue
        found = differences(part.estimates, estimand)
        for row in found.to_dict("records"):
            label = part.analysis if len(found) < 2 else f"{part.analysis}: {row['note']}"
            kept = {name: row[name] for name in FOREST[2:]}
            group = estimand.role_of(part.analysis) if place else ""
            rows.append({"group": group, "label": label, **kept})
    rows.sort(key=lambda row: str(row["group"]))  # "" first, each group in its own order
    answer = Answer(
        method=(
            "The main analysis beside all others of the estimand that give a difference in the "
            "outcome's unit with an interval; none is combined with another."
        ),
        frames={"forest": pd.DataFrame(rows, columns=list(FOREST))},
    )
    return answer.result("sensitivity", estimand=estimand)


def differences(estimates: pd.DataFrame, estimand: Estimand) -> pd.DataFrame:
    """Return the rows with an interval for the estimand's contrast at its visit, in its unit."""
    main = main_quantity(estimand.analysis)
    kinds = (main,) if main == "risk_difference" else COMPARED  # of ratios there is no forest
    wanted = (
        (estimates["contrast"] == estimand.contrast_name)
        & (estimates["visit"] == estimand.visit)
        & estimates["quantity"].isin(list(kinds))
        & estimates["estimate"].notna()
        & estimates["conf_low"].notna()
    )
    return estimates.loc[wanted]


def with_everyone(analysis: TrialAnalysis, estimand: Estimand) -> pd.DataFrame | None:
    """Return the forest of the subgroups of an estimand (`tables.FOREST`), everyone on top.

    Everyone is the main analysis, of group ""; without a difference of it the subgroups stand
    alone. None where no subgroup was asked for.
    """
    parts = analysis.parts_of(estimand.id)
    within = next((part for part in parts if part.analysis == "subgroup"), None)
    if within is None or "forest" not in within.frames:
        return None
    whole = differences(parts[0].estimates, estimand).iloc[-1:]  # the row that answers
    whole = whole.assign(group="", label="Everyone")[list(FOREST)]
    return pd.concat([whole, within.frames["forest"]], ignore_index=True)
