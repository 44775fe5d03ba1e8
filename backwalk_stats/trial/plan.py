"""The plan of a trial before there are data: what is asked, and what is assumed of the scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwalk_stats.registry import Shown
from backwalk_stats.trial.estimand import Estimand, MultiplicityGraph
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.study import Study

if TYPE_CHECKING:
    import pandas as pd

BLOCK = 250  # replicates of one block, the unit that is stored and resumed


@dataclass(frozen=True, kw_only=True, slots=True)
class Clusters(Shown):
    """People of an arm who hang together, such as those of one therapist.

    Attributes
    ----------
    name : str
        What a cluster is.
    size : int
        People in each.
    icc : float
        Share of the variance that the people of a cluster have in common, 0 to below 1.
    """

    name: str
    size: int
    icc: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnCovariate(Shown):
    """A normal covariate of people, the same in all arms.

    Attributes
    ----------
    mean, sd : float
    correlation : float
        With the baseline score before rounding; given it, later scores do not depend on it.
    """

    mean: float
    sd: float
    correlation: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario(Shown):
    """What is assumed of one outcome: normal scores at every visit, and who leaves when.

    Attributes
    ----------
    name, outcome : str
    visits : tuple of str
        At which the outcome is measured, the baseline first; M of them.
    per_arm : tuple of int
        Participants of each arm, rising: every size is simulated.
    means : mapping of str to tuple of float
        Arm to M means of the scores before rounding, in the unit of the outcome, reference first.
    sd : tuple of float
        M standard deviations.
    correlation : tuple of tuple of float
        M x M.
    correlation_told : str
        As the trial file has it: "0.6", "ar1:0.7" or "a matrix".
    dropout : mapping of str to tuple of float
        Arm to the share missing from each visit on: 0 at baseline, never falling, below 1.
    mar : float or None
        Slope b of logit P(leave) = a + b x (last recorded score); None for completely at random.
    rounded : bool
        Whether scores are rounded to the step of the outcome and held within its limits.
    clusters : Clusters or None
    covariates : mapping of str to DrawnCovariate
        Covariates of the trial beside the baseline, by name.
    rationale : str
        What the assumed difference rests on, such as an MCID with its source; "" where not said.
    assumptions : tuple of str
        What the trial file does not say and was taken for granted.
    """

    name: str
    outcome: str
    visits: tuple[str, ...]
    per_arm: tuple[int, ...]
    means: Mapping[str, tuple[float, ...]]
    sd: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
    correlation_told: str
    dropout: Mapping[str, tuple[float, ...]]
    mar: float | None = None
    rounded: bool = False
    clusters: Clusters | None = None
    covariates: Mapping[str, DrawnCovariate] = field(default_factory=dict)
    rationale: str = ""
    assumptions: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Return whether nobody leaves."""
        return all(share == 0.0 for shares in self.dropout.values() for share in shares)

    @property
    def mechanism(self) -> str:
        """Return who leaves, in words.

        Examples
        --------
        >>> one = Scenario(name="s", outcome="pain", visits=("W0", "W6"), per_arm=(20,),
        ...     means={"f": (6.0, 5.0), "b": (6.0, 4.0)}, sd=(2.0, 2.0), correlation_told="0.6",
        ...     correlation=((1.0, 0.6), (0.6, 1.0)), dropout={"f": (0.0, 0.1), "b": (0.0, 0.1)},
        ...     mar=0.3)
        >>> one.mechanism
        'log odds of leaving rise by 0.3 a point of the last recorded score (at random)'
        """
        if self.complete:
            return "nobody leaves"
        if self.mar is None:
            return "leaving does not depend on scores (completely at random)"
        way = "rise" if self.mar >= 0.0 else "fall"
        return (
            f"log odds of leaving {way} by {abs(self.mar):g} a point of the last recorded score "
            "(at random)"
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Plan(Shown):
    """A trial as it is planned: its questions, and the scenarios in which their power is asked.

    Attributes
    ----------
    study : Study
    outcomes : tuple of Outcome
    estimands : tuple of Estimand
    multiplicity : tuple of (str, tuple of str)
        As in `Trial`.
    graph : MultiplicityGraph or None
        As in `Trial`.
    scenarios : tuple of Scenario
    replicates : int
        Simulated trials of each scenario, size and hypothesis.
    alpha : float
        Two-sided level of the tests.
    target_power : float or None
        The power that is wanted; None where the trial file does not say.
    rationale : str
        What the target difference rests on, for all scenarios that do not say; "" where not said.
    cluster_name : str
        What the trial's own [clusters] are; "" where it has none.
    within : bool
        Whether participants have several rows at a visit, such as their knees.
    file : str
        Name of the trial file without its folder.
    digest : str
        Hash of every key that its power depends on, by which a lock knows it.
    """

    study: Study
    outcomes: tuple[Outcome, ...]
    estimands: tuple[Estimand, ...]
    multiplicity: tuple[str, tuple[str, ...]] = ("none", ())
    graph: MultiplicityGraph | None = None
    scenarios: tuple[Scenario, ...] = ()
    replicates: int = 10_000
    alpha: float = 0.05
    target_power: float | None = None
    rationale: str = ""
    cluster_name: str = ""
    within: bool = False
    file: str = ""
    digest: str = ""

    def outcome(self, name: str) -> Outcome:
        """Return an outcome by name; the names of a plan were checked when it was read."""
        return next(one for one in self.outcomes if one.name == name)

    def scenario(self, name: str) -> Scenario:
        """Return a scenario by name; the names of a plan were checked when it was read."""
        return next(one for one in self.scenarios if one.name == name)

    @property
    def targets(self) -> tuple[float, ...]:
        """Return the powers for which the needed size is told: 80 %, 90 % and the target."""
        wanted = {0.8, 0.9} | ({self.target_power} if self.target_power is not None else set())
        return tuple(sorted(wanted))

    def __repr__(self) -> str:
        """Return what it is."""
        asked = ", ".join(one.id for one in self.estimands[:10]) or "none"
        names = ", ".join(one.name for one in self.scenarios[:10]) or "none"
        return f"<Plan of {self.study.id}: estimands {asked[:500]}; scenarios {names[:500]}>"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SimulatedPower(Shown):
    """What simulated trials tell of a plan.

    Attributes
    ----------
    plan : Plan
        With the scenarios and replicates that were simulated.
    results : DataFrame
        One row a scenario, size, estimand and quantity (`tables.POWER_RESULTS`).
    needed : DataFrame
        Smallest size of an arm that reaches a power (`tables.NEEDED`).
    missing : DataFrame
        Shares missing, declared and simulated (`tables.POWER_MISSING`).
    fits : DataFrame
        Covariances that were fitted, and reasons why there was no answer (`tables.POWER_FITS`).
    closed_forms : DataFrame
        Power by a formula, where one exists (`tables.CLOSED_FORMS`).
    truths : DataFrame
        scenario, estimand, difference: of the arms' expected recorded scores, nobody leaving.
    notes : tuple of str
        What happened in this run, such as blocks that were damaged; in no file.
    """

    plan: Plan
    results: pd.DataFrame
    needed: pd.DataFrame
    missing: pd.DataFrame
    fits: pd.DataFrame
    closed_forms: pd.DataFrame
    truths: pd.DataFrame
    notes: tuple[str, ...] = ()
