"""What the sections of a trial's report write about: what may be shown, and its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backwalk_stats.report.disclosure import arm_sizes, disclosed, smallest_count
from backwalk_stats.report.motion_subject import MotionSubject, motion_subject
from backwalk_stats.report.told_names import with_names_told
from backwalk_stats.tables.trial_labels import Labels, arm_words
from backwalk_stats.trial.outcome import Words

if TYPE_CHECKING:
    from backwalk_stats.analyses.whole_trial import TrialAnalysis
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.outcome import Outcome
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial


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
        label = self.outcome_of(estimand).label
        return f"{estimand.id}: {label}" if declared else f"Exploratory: {label}"

    @property
    def arms(self) -> dict[str, str]:
        """Return name to label of the arms, the reference first."""
        return {arm.name: arm.label for arm in self.trial.study.arms}

    @property
    def visits(self) -> dict[str, str]:
        """Return name to label of the visits, in order of time."""
        return {visit.name: visit.label for visit in self.trial.study.visits}

    @property
    def outcomes(self) -> dict[str, str]:
        """Return name to label of the outcomes, in order of the trial file."""
        return {outcome.name: outcome.label for outcome in self.trial.outcomes}

    def words(self, outcome: str) -> Words:
        """Return what every figure of an outcome is told."""
        known = self.trial.outcome(outcome)
        return Words(arms=self.arms, outcome=known.label, unit=known.unit, better=known.better)

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
        arm, reference = (arm_words(self.arms.get(name, name)) for name in estimand.contrast)
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
            visit_labels={one.name: one.label for one in trial.study.visits},
        ),
    )
