"""The locked plan of a trial, and what differs from it: records, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backwalk_stats.registry import Shown

SHORT_HASH = 12  # digits of a hash as readers see it; all of them stand in the lock
# What had been seen of the data when a plan was locked.
DATA_SEEN = {
    "none": "no data had been seen",
    "baseline": "data at baseline had been seen, none of later visits",
    "blinded": "data of later visits had been seen, without the arms",
    "all": "all data had been seen",
}
PLANNED, CHANGED, POST_HOC = "planned", "changed", "post hoc"
NOT_EXPLAINED = "not explained"
# One of the two sides of a difference, where a whole table is only on the other.
NOT_PLANNED, NOT_THERE = "not in the plan", "not there any more"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Lock(Shown):
    """A plan as it was locked.

    Attributes
    ----------
    hash : str
        Hex SHA-256 of the plan's canonical form.
    locked : date
        Day on which it was locked.
    data_seen : str
        One of `DATA_SEEN`, as it was said or found.
    found : str
        What was found in the data files on that day, in words.
    reason : str
        Why an earlier lock was amended; "" of a first one.
    plan : mapping of str to object
        Full key, such as "estimand.E1.covariates", to its value.
    versions : mapping of str to str
        Programs that locked it.
    """

    hash: str
    locked: date
    data_seen: str
    found: str = ""
    reason: str = ""
    plan: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def short(self) -> str:
        """Return the first digits of the hash."""
        return self.hash[:SHORT_HASH]

    @property
    def named(self) -> str:
        """Return day and short hash, as sentences name a lock.

        Examples
        --------
        >>> Lock(hash="0f" * 32, locked=date(2026, 11, 30), data_seen="none", plan={}).named
        '30 November 2026 (0f0f0f0f0f0f)'
        """
        return f"{in_words(self.locked)} ({self.short})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference(Shown):
    """One key whose value is not the planned one.

    Attributes
    ----------
    key : str
        Full key, such as "estimand.E1.covariates"; of a whole table that is only in the plan or
        only in the trial file, its name, such as "estimand.E4".
    planned, done : str
        The values as text.
    when : date or None
        Day on which it was decided; None where nobody says.
    reason : str
        "" where nobody explains it.
    before_unblinding : bool or None
        None where it is not known.
    """

    key: str
    planned: str
    done: str
    when: date | None = None
    reason: str = ""
    before_unblinding: bool | None = None

    @property
    def short(self) -> str:
        """Return the key itself, without the table in which it stands.

        Examples
        --------
        >>> Difference(key="estimand.E1.covariates", planned="baseline", done="none").short
        'covariates'
        """
        return self.key.rpartition(".")[2]

    @property
    def added(self) -> bool:
        """Return whether it is a whole table that the plan does not have."""
        return self.planned == NOT_PLANNED

    @property
    def post_hoc(self) -> bool:
        """Return whether it was decided after unblinding, or adds what was not planned."""
        return self.added or self.before_unblinding is False


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PlanComparison(Shown):
    """A trial file held against the lock beside it.

    Attributes
    ----------
    locks : tuple of Lock
        The amendments of the plan, oldest first; empty where no plan was locked.
    held : Lock or None
        The lock that the trial file is held against: the last one before unblinding, or the first
        where all came after it. None without a lock, and where one was changed by hand.
    edited : bool
        Whether a hash is not that of the plan beside it.
    unblinded : date or None
        Day on which the allocation was opened; None where the trial file does not say.
    differences : tuple of Difference
    covers : mapping of str to tuple of str
        Estimand of the held plan to its analyses, the main one first.
    outcomes : tuple of str
        Outcomes of the held plan.
    sources : mapping of str to str
        Name of the lock file to its sha256; empty without one.
    """

    locks: tuple[Lock, ...] = ()
    held: Lock | None = None
    edited: bool = False
    unblinded: date | None = None
    differences: tuple[Difference, ...] = ()
    covers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Return whether no lock is older than the opening of the allocation."""
        held = self.held
        return held is not None and self.unblinded is not None and held.locked > self.unblinded

    @property
    def unexplained(self) -> tuple[Difference, ...]:
        """Return the differences that nobody explains."""
        return tuple(one for one in self.differences if not one.reason)


def in_words(day: date) -> str:
    """Return a day as it stands in a sentence.

    Examples
    --------
    >>> in_words(date(2026, 11, 3))
    '3 November 2026'
    """
    months = "January February March April May June July August September October November December"
    return f"{day.day} {months.split()[day.month - 1]} {day.year}"
