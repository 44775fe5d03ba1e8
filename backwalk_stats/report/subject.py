"""What the sections of a trial's report write about: what may be shown, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.analyses.motion.cycle_time import mean_toe_offs
from backwalk_stats.analyses.motion.movement import Movement
from backwalk_stats.analyses.motion.study import MotionStudy
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.report.privacy import arm_sizes, disclosed, smallest_count
from backwalk_stats.report.words import with_names_told
from backwalk_stats.tables.motion import BEND, CurveAnswer
from backwalk_stats.tables.participants import strategies_briefly
from backwalk_stats.tables.trial_labels import Labels, arm_words
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Words
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

NOT_WALKED = ("bend_", "lumbar_contribution", "rhythm_ratio", "repositioning_")


# What the sections on movement write about: a motion study as it may be shown.


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionSubject:
    """The subject of a report on movement.

    Attributes
    ----------
    study : MotionStudy
        Without means of fewer participants than `small_cell`, and without features, curves and
        cycles of single participants unless they may be shown.
    feature_means : DataFrame
        feature, direction, visit, arm, n, mean, sd.
    small_cell : int
    individuals : bool
        Whether figures may show single participants.
    visit_labels : mapping of str to str
        Visits as readers see them, where they are called otherwise than in the data.
    time : str
        In which time backward and forward walking are compared.
    toe_offs : DataFrame
        Columns of `cycle_time.mean_toe_offs`, of arms with enough participants.
    cycles : DataFrame
        direction, visit, arm, n, median, low and high: cycles a person in the means.
    quality : DataFrame
        What recordings were worth, all arms together: direction, visit, people, recordings, used,
        cycles, cycles_left_out, gaps_filled, gaps_left and events (sources, in words).
    """

    study: MotionStudy
    feature_means: pd.DataFrame
    small_cell: int
    individuals: bool
    visit_labels: Mapping[str, str] = field(default_factory=dict)
    time: str = ""
    toe_offs: pd.DataFrame = field(default_factory=pd.DataFrame)
    cycles: pd.DataFrame = field(default_factory=pd.DataFrame)
    quality: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def arms(self) -> dict[str, str]:
        """Return name to label of the arms, the reference first."""
        return {arm.name: arm.label for arm in self.study.plan.arms}

    @property
    def visits(self) -> dict[str, str]:
        """Return name to label of the visits, in order of time."""
        return {visit: self.visit_labels.get(visit, visit) for visit in self.study.plan.visits}

    def answer(self, result: CurveResult) -> CurveAnswer:
        """Return a curve test as a table needs it."""
        asked = result.plan
        return CurveAnswer(
            test=asked.test,
            signal=asked.signal,
            direction=asked.direction,
            visit=asked.visit,
            covariate=asked.covariate,
            n=result.n,
            p_value=result.p_value,
            clusters=result.clusters,
            nodes=len(result.nodes),
            alternative=asked.alternative,
            covariates=tuple(asked.covariates),
            roi=tuple(asked.roi),
        )


def motion_subject(
    study: MotionStudy,
    *,
    small_cell: int = 5,
    individuals: bool = False,
    visit_labels: Mapping[str, str] | None = None,
) -> MotionSubject:
    """Return a motion study as a report may tell it.

    Means of fewer participants than `small_cell` are left out, and of all arms where those of one
    are: a comparison and the curve of the others would tell it. Comparisons describe nobody: they
    stay.
    """
    toe_offs = mean_toe_offs(study.plan, study.movement.features)
    shown = replace(
        study,
        movement=study.movement if individuals else _without_people(study.movement),
        means=_with_enough(study.means, ["signal", "direction", "visit"], small_cell),
        over_cycle=study.over_cycle[study.over_cycle["n"] >= small_cell],
        rose=study.rose[study.rose["n"] >= small_cell],
        shares=study.shares[study.shares["n"] >= small_cell],
        coordination_tests=_of_many(study.coordination_tests, small_cell),
        detectable_change=_errors_of_many(study.detectable_change, small_cell),
    )
    return MotionSubject(
        study=shown,
        feature_means=_feature_means(study.movement.features),
        small_cell=small_cell,
        individuals=individuals,
        visit_labels=visit_labels or {},
        time=study.time,
        toe_offs=_with_enough(toe_offs, ["direction", "visit"], small_cell),
        cycles=_cycles_per_person(study.movement.features),
        quality=_quality(study.movement.recordings),
    )


def _with_enough(means: pd.DataFrame, cell: list[str], small_cell: int) -> pd.DataFrame:
    """Return the means of cells of which no arm has fewer participants than `small_cell`."""
    if means.empty:
        return means
    return means[means.groupby(cell)["n"].transform("min") >= small_cell]


def _cycles_per_person(features: pd.DataFrame) -> pd.DataFrame:
    """Return median, smallest and largest number of cycles of a walk by visit and arm."""
    walked = features[~features["feature"].str.startswith(NOT_WALKED)]
    person = ["direction", "visit", "arm", "participant"]
    each = walked.groupby(person, sort=False)["n_cycles"].max().astype(float)
    groups = each.groupby(person[:3], sort=False)
    return groups.agg(n="count", median="median", low="min", high="max").reset_index()


def _quality(recordings: pd.DataFrame) -> pd.DataFrame:
    """Return what recordings of each walk and visit were worth, as counts of all arms together."""
    rows = recordings[recordings["file"] != ""]
    refused = rows["note"].str.startswith("not used")
    rows = rows.assign(
        used=~refused.astype(bool) & (rows["n_cycles"].astype(int) > 0),
        direction=rows["direction"].where(rows["surface"] != "", BEND),
    )
    found = rows.groupby(["direction", "visit"], sort=False).agg(
        people=("participant", "nunique"),
        recordings=("file", "size"),
        used=("used", "sum"),
        cycles=("n_cycles", "sum"),
        cycles_left_out=("cycles_left_out", "sum"),
        gaps_filled=("gaps_filled", "sum"),
        gaps_left=("gaps_left", "sum"),
        events=("events", lambda one: ", ".join(sorted({*one} - {""}))),
    )
    return found.reset_index()


def _of_many(tests: pd.DataFrame, small_cell: int) -> pd.DataFrame:
    """Return the comparisons of arms that both have enough participants."""
    return tests[tests[["n_arm", "n_reference"]].min(axis=1) >= small_cell]


def _errors_of_many(errors: pd.DataFrame, small_cell: int) -> pd.DataFrame:
    """Return errors of measurement of enough participants, and those of other studies (no df)."""
    return errors[errors["df"].isna() | (errors["n"] >= small_cell)]


def _without_people(movement: Movement) -> Movement:
    """Return movement without any row of a participant."""
    return replace(
        movement,
        features=movement.features.iloc[:0],
        curves=movement.curves.iloc[:0],
        cycles=movement.cycles.iloc[:0],
        events=movement.events.iloc[:0],
        recordings=movement.recordings.iloc[:0],
    )


def _feature_means(features: pd.DataFrame) -> pd.DataFrame:
    """Return feature, direction, visit, arm, n, mean, sd."""
    keys = ["feature", "direction", "visit", "arm"]
    groups = features.groupby(keys, sort=False)["value"]
    return groups.agg(n="count", mean="mean", sd="std").reset_index()


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialSubject:
    """The subject of a report on a trial.

    Attributes
    ----------
    analysis : TrialAnalysis
        After `disclosure.disclosed`: what is in it may be shown.
    sizes : dict of str to int
        Arm to the number of its participants.
    individuals : bool
        Whether figures may show single participants.
    motion : MotionSubject or None
        Lumbar motion, as it may be shown; None where the trial has no motion file.
    """

    analysis: TrialAnalysis
    sizes: dict[str, int]
    individuals: bool
    motion: MotionSubject | None = None

    @property
    def trial(self) -> Trial:
        """Return the trial, its data empty unless single participants may be shown."""
        return self.analysis.trial

    @property
    def n(self) -> int:
        """Return the number of participants."""
        return sum(self.sizes.values())

    @property
    def estimands(self) -> tuple[Estimand, ...]:
        """Return the declared estimands, then the exploratory ones that the analysis has added."""
        declared = {one.id: one for one in self.trial.estimands}
        added = {
            part.estimand.id: part.estimand
            for part in self.analysis.parts
            if part.estimand is not None and part.estimand.id not in declared
        }
        return (*declared.values(), *added.values())

    def title_of(self, estimand: Estimand) -> str:
        """Return what an estimand is called: its id where it was declared, and its outcome."""
        declared = any(one.id == estimand.id for one in self.trial.estimands)
        strategy = self.strategy_of(estimand)
        label = self.outcome_of(estimand).label
        label = f"{label}, {strategy}" if strategy else label
        return f"{estimand.id}: {label}" if declared else f"Exploratory: {label}"

    def strategy_of(self, estimand: Estimand) -> str:
        """Return how an estimand takes events, where it differs from others in this; else "".

        The others are of the same outcome, visit and arms, so that nothing else tells them apart.
        """
        asked = (estimand.outcome, estimand.visit, estimand.contrast)
        alike = [one for one in self.estimands if (one.outcome, one.visit, one.contrast) == asked]
        if len({one.events for one in alike}) < 2:
            return ""
        strategies = {how for _, how in estimand.events}
        told = strategies_briefly(estimand)
        return told.partition(" for ")[0] if len(strategies) == 1 else told

    @property
    def arms(self) -> dict[str, str]:
        """Return name to label of the arms, the reference first."""
        return self.trial.arms

    @property
    def visits(self) -> dict[str, str]:
        """Return name to label of the visits, in order of time."""
        return self.trial.visits

    @property
    def outcomes(self) -> dict[str, str]:
        """Return name to label of the outcomes, in order of the trial file."""
        return {outcome.name: outcome.label for outcome in self.trial.outcomes}

    def words(self, outcome: str) -> Words:
        """Return what every figure of an outcome is told."""
        return self.trial.words(outcome)

    @property
    def labels(self) -> Labels:
        """Return what every table of several outcomes or visits is told."""
        outcomes = {outcome.name: outcome for outcome in self.trial.outcomes}
        return Labels(arms=self.arms, visits=self.visits, outcomes=outcomes)

    def outcome_of(self, estimand: Estimand) -> Outcome:
        """Return the outcome that an estimand is about."""
        return self.trial.outcome(estimand.outcome)

    def visit_label(self, visit: str) -> str:
        """Return a visit as readers see it."""
        return self.visits.get(visit, visit)

    def arm_pair(self, estimand: Estimand) -> tuple[str, str]:
        """Return arm and reference of an estimand as they stand in a sentence."""
        arm, reference = (arm_words(self.arms.get(name) or name) for name in estimand.contrast)
        return arm, reference

    def parts(self, analysis: str) -> tuple[Result, ...]:
        """Return the results of one analysis, in order."""
        return tuple(part for part in self.analysis.parts if part.analysis == analysis)

    def main_part(self, estimand: Estimand) -> Result | None:
        """Return the main result of an estimand."""
        parts = self.analysis.parts_of(estimand.id)
        return next((part for part in parts if part.analysis == estimand.analysis), None)


def trial_subject(analysis: TrialAnalysis, *, individuals: bool = False) -> TrialSubject:
    """Return an analysis as a report may tell it."""
    trial, motion = analysis.trial, analysis.motion
    return TrialSubject(
        analysis=with_names_told(disclosed(analysis, individuals=individuals)),
        sizes=arm_sizes(trial),
        individuals=individuals,
        motion=None
        if motion is None
        else motion_subject(
            motion,
            small_cell=smallest_count(trial, individuals),
            individuals=individuals,
            visit_labels=trial.visits,
        ),
    )
