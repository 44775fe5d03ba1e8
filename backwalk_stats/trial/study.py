"""What a trial is before any number: its arms, its visits and its design."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from backwalk_stats.registry import Shown

Design = Literal["parallel", "crossover"]
Timing = Literal[
    "before unblinding",
    "on the day of unblinding",
    "after unblinding",
    "no date of unblinding is declared",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm(Shown):
    """One arm.

    Attributes
    ----------
    name : str
        As results name it, such as "backward".
    label : str
        As readers see it, such as "Backward walking".
    """

    name: str
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit(Shown):
    """One visit.

    Attributes
    ----------
    name : str
        As the data name it, such as "W6".
    week : float or None
        Weeks since randomisation; None where the trial file does not say.
    label : str
        As readers see it, such as "Week 6".
    """

    name: str
    week: float | None
    label: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision(Shown):
    """One decision of a blind review: on exclusions, outliers, covariates, methods (ICH E9, 7.1).

    Attributes
    ----------
    key : str
        What it is about: a key of the trial file such as "estimand.E1.covariates", or a word.
    what, reason : str
        What was decided and why, in the words of the trial file.
    when : date
        The day on which it was made.
    """

    key: str
    what: str
    when: date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Study(Shown):
    """Identity and plan of a trial.

    Attributes
    ----------
    id, title : str
        A slug for files, and what the report is called.
    seed : int
        Root of every random number of the analysis.
    design : str
        "parallel", or "crossover": each participant walks in every arm, one after the other; the
        visits are then the periods.
    arms : tuple of Arm
        The reference first.
    visits : tuple of Visit
        In order of time.
    baseline : str
        Name of the visit before treatment; "" where there is none (a crossover without one).
    registration : str
        Registry and number, "" where not given.
    deviations : tuple of str
        Departures from the protocol, as the trial file declares them.
    strata : tuple of str
        Covariates within whose levels people were randomised, as the trial file declares them.
    decisions : tuple of Decision
        Of the blind review, as the trial file declares them.
    unblinded : date or None
        The day on which the arms became known; None where the trial file is silent.
    """

    id: str
    title: str
    seed: int
    design: Design = "parallel"
    arms: tuple[Arm, ...]
    visits: tuple[Visit, ...]
    baseline: str
    registration: str = ""
    deviations: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    unblinded: date | None = None

    @property
    def reference(self) -> str:
        """Return the name of the arm that others are compared with."""
        return self.arms[0].name

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Return the names of the arms, the reference first."""
        return tuple(arm.name for arm in self.arms)

    @property
    def visit_names(self) -> tuple[str, ...]:
        """Return the names of the visits, in order of time."""
        return tuple(visit.name for visit in self.visits)

    @property
    def later_visits(self) -> tuple[str, ...]:
        """Return the names of the visits after baseline."""
        return tuple(name for name in self.visit_names if name != self.baseline)

    def arm_label(self, name: str) -> str:
        """Return an arm in words; a name that is no arm comes back as it is."""
        return next((arm.label for arm in self.arms if arm.name == name), name)

    def visit_label(self, name: str) -> str:
        """Return a visit in words; a name that is no visit comes back as it is."""
        return next((visit.label for visit in self.visits if visit.name == name), name)

    def week(self, name: str) -> float | None:
        """Return the week of a visit, None where it is not known."""
        return next((visit.week for visit in self.visits if visit.name == name), None)


def timing(when: date, unblinded: date | None) -> Timing:
    """Return whether a day lies before the day on which the blind was broken.

    Of two things on one day nobody knows from their dates which came first, and without a date of
    unblinding nothing is taken for granted.

    Examples
    --------
    >>> timing(date(2026, 11, 30), date(2026, 12, 1))
    'before unblinding'
    >>> timing(date(2026, 12, 1), date(2026, 12, 1)), timing(date(2026, 12, 1), None)
    ('on the day of unblinding', 'no date of unblinding is declared')
    """
    if unblinded is None:
        return "no date of unblinding is declared"
    if when == unblinded:
        return "on the day of unblinding"
    return "before unblinding" if when < unblinded else "after unblinding"
