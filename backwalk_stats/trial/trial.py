"""A trial as it is analysed: its plan, and its data in long form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown
from backwalk_stats.trial.conduct import Conduct
from backwalk_stats.trial.outcome import Words
from backwalk_stats.trial.tables import EVENTS

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand, MultiplicityGraph
    from backwalk_stats.trial.harms import Harms
    from backwalk_stats.trial.locked_plan import PlanComparison
    from backwalk_stats.trial.motion_plan import MotionPlan
    from backwalk_stats.trial.outcome import Outcome
    from backwalk_stats.trial.study import Study


def no_events() -> pd.DataFrame:
    """Return a table of intercurrent events without rows."""
    import pandas as pd

    return pd.DataFrame(columns=list(EVENTS), dtype="str")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Trial(Shown):
    """A trial: what was planned, and what was measured. Frames are never changed in place.

    Attributes
    ----------
    study : Study
    outcomes : tuple of Outcome
        In the order of the trial file.
    estimands : tuple of Estimand
        As declared; the first primary one is the headline.
    data : DataFrame
        participant (text), arm (categorical, reference first), visit (categorical, in order),
        outcome (text), value (float): one row for every participant, visit and outcome, also
        where the value is missing.
    participants : DataFrame
        participant, arm, then one column per covariate: float where every value is a number,
        else categorical. Where known also `arm_received` (categorical), `per_protocol` (bool)
        and `sequence` (crossover). One row a participant, in the order of the file.
    missing : DataFrame
        participant, visit, outcome, reason: values that are missing for a declared reason (a
        code such as 999, or a user-missing value of SPSS).
    flow : DataFrame
        Columns of `tables.FLOW`: the counts that the trial file declares (assessed, excluded ...).
    adherence : DataFrame
        participant, session (int), status ("attended", "missed", "withdrawn"); may be empty.
    load_log : DataFrame
        Columns of `tables.LOAD_LOG`: every repair, warning, note and question of the loading.
    multiplicity : tuple of (str, tuple of str)
        Method (one of `estimand.Method`) and the ids of the estimands in their declared order;
        for gatekeeping each id may be several joined by "+": a family.
    graph : MultiplicityGraph or None
        Weights and transitions of the method "graph".
    unadjusted_because : str
        Why several primary estimands are not adjusted, where the trial file says so.
    small_cell : int
        Counts from 1 to one less are not shown in reports.
    labels : mapping of str to str
        Covariates as readers see them, where the trial file says so.
    assumptions : mapping of str to str
        Covariate to a sentence on what was taken for granted of it, as nobody had said it; it
        stands beside every estimate that uses the covariate.
    exposures : DataFrame or None
        participant, visit, outcome, exposure: the time over which each count was counted, where it
        is declared; None or empty where no outcome is a count with one.
    sources : mapping of str to str
        Name of every file that was read, without its folder, to its sha256; motion recordings
        stand together under one name.
    events : DataFrame
        Columns of `tables.EVENTS`: intercurrent events, one row a participant and kind; visit is
        the first that the event affects, "" where it came after the last. May be empty.
    motion : MotionPlan or None
        The recordings of lumbar motion and what is asked of them; None where there are none.
    harms : Harms or None
        The harms that were recorded; None where the trial file names no record of them.
    conduct : Conduct
        What the trial file says in prose of interventions and methods.
    clusters : DataFrame or None
        participant, cluster: who hangs together with whom, such as the people of one therapist.
    cluster_name : str
        What a cluster is, such as "therapist"; "" where there is none.
    parts : DataFrame or None
        participant, visit, outcome, part, value: rows within people, such as their knees; in `data`
        stands the mean of a person's rows.
    plan : PlanComparison or None
        The trial file held against the lock beside it; None for a trial without a trial file.
    visit_days : DataFrame or None
        participant, visit, day: days from the first date that is known of a person; only where an
        estimand asks for the dates of visits.
    """

    study: Study
    outcomes: tuple[Outcome, ...]
    estimands: tuple[Estimand, ...]
    data: pd.DataFrame
    participants: pd.DataFrame
    missing: pd.DataFrame
    flow: pd.DataFrame
    adherence: pd.DataFrame
    load_log: pd.DataFrame
    multiplicity: tuple[str, tuple[str, ...]] = ("none", ())
    graph: MultiplicityGraph | None = None
    unadjusted_because: str = ""
    small_cell: int = 5
    labels: Mapping[str, str] = field(default_factory=dict)
    assumptions: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    events: pd.DataFrame = field(default_factory=no_events)
    motion: MotionPlan | None = None
    harms: Harms | None = None
    conduct: Conduct = field(default_factory=Conduct)
    exposures: pd.DataFrame | None = None
    clusters: pd.DataFrame | None = None
    cluster_name: str = ""
    parts: pd.DataFrame | None = None
    plan: PlanComparison | None = None
    visit_days: pd.DataFrame | None = None

    @property
    def arms(self) -> dict[str, str]:
        """Return name to label of the arms, the reference first."""
        return {arm.name: arm.label for arm in self.study.arms}

    @property
    def visits(self) -> dict[str, str]:
        """Return name to label of the visits, in order of time."""
        return {visit.name: visit.label for visit in self.study.visits}

    def words(self, outcome: str) -> Words:
        """Return what every picture of an outcome is told."""
        known = self.outcome(outcome)
        return Words(arms=self.arms, outcome=known.label, unit=known.unit, better=known.better)

    def outcome(self, name: str) -> Outcome:
        """Return an outcome by name.

        Raises
        ------
        UsageError
            If there is none of that name; the message lists those there are.
        """
        for one in self.outcomes:
            if one.name == name:
                return one
        there = ", ".join(one.name for one in self.outcomes)
        raise UsageError(f"no outcome named '{name}'; there are: {there}")

    def __repr__(self) -> str:
        """Return what it is, without any participant's value."""
        arms = ", ".join(self.study.arm_names)
        return (
            f"<Trial {self.study.id}: {len(self.participants)} participants; arms {arms}; "
            f"{len(self.study.visits)} visits; {len(self.outcomes)} outcomes>"
        )
