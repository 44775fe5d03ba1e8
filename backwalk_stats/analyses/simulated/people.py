"""The invented people of the simulated trial: arm, covariates, sessions, when they leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SESSIONS_A_WEEK = 3
ENOUGH = 0.75  # of the sessions, for the per-protocol set


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Participants at baseline, one place each.

    Attributes
    ----------
    backward : array of bool
        The arm that was drawn for them.
    received : array of bool
        Whether they walked backward; one in forty changed over.
    age, kl_grade : array of int
        Years; radiographic grade 1 to 4.
    sex, site : array of str
    severity : array
        How bad the knee is: what the outcomes of one participant share.
    """

    backward: np.ndarray
    received: np.ndarray
    age: np.ndarray
    kl_grade: np.ndarray
    sex: np.ndarray
    site: np.ndarray
    severity: np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True)
class Attendance:
    """Who came when.

    Attributes
    ----------
    leaves : array of int
        Number of the first visit that is missing for good; the number of visits for those who stay.
    absent_once : array of int
        The places of two who stay and miss the second visit.
    sessions : array of str, shape (n, S)
        "1" attended, "0" missed, "w" after withdrawal.
    """

    leaves: np.ndarray
    absent_once: np.ndarray
    sessions: np.ndarray

    def per_protocol(self, people: People) -> np.ndarray:
        """Return who came to enough sessions of the arm that was drawn."""
        came = (self.sessions == "1").mean(axis=1) >= ENOUGH
        return np.asarray(came & (people.backward == people.received))


def simulated_people(rng: np.random.Generator, *, participants: int) -> People:
    """Return invented participants."""
    n = participants
    backward = rng.permutation(np.arange(n) % 2 == 0)
    severity = rng.standard_normal(n)
    age = np.clip(np.rint(63.0 + 7.0 * rng.standard_normal(n)), 45, 82).astype(int)
    grade = np.clip(np.rint(2.4 + 0.5 * severity + 0.6 * rng.standard_normal(n)), 1, 4).astype(int)
    sex = np.where(rng.random(n) < 0.62, "F", "M")
    site = np.where(rng.random(n) < 0.55, "A", "B")
    received = backward.copy()
    changed = rng.choice(n, size=max(1, n // 40), replace=False)
    received[changed] = ~received[changed]
    return People(
        backward=backward,
        received=received,
        age=age,
        kl_grade=grade,
        sex=sex,
        site=site,
        severity=severity,
    )


def simulated_attendance(
    rng: np.random.Generator, *, pain: np.ndarray, weeks: tuple[int, ...]
) -> Attendance:
    """Return who leaves and who comes: more pain at the visit before means more leaving.

    So what is missing is missing at random given what was observed: `pain`, shape (n, visits), as
    everybody would have scored it.
    """
    n, size = pain.shape
    # About one in seven leaves in all at a pain of 5, more of them later.
    rate = 0.15 / (size - 1) * np.linspace(0.5, 1.5, size - 1)
    chance = rate * np.exp(0.35 * (pain[:, :-1] - 5.0))
    goes = np.column_stack([np.zeros(n, dtype=bool), rng.random((n, size - 1)) < chance])
    leaves = np.where(goes.any(axis=1), goes.argmax(axis=1), size)
    return Attendance(
        leaves=leaves,
        absent_once=rng.choice(np.flatnonzero(leaves == size), size=2, replace=False),
        sessions=_sessions(rng, leaves=leaves, weeks=weeks),
    )


def _sessions(
    rng: np.random.Generator, *, leaves: np.ndarray, weeks: tuple[int, ...]
) -> np.ndarray:
    n, last = len(leaves), SESSIONS_A_WEEK * (weeks[-1] - weeks[0])
    habit = rng.beta(12.0, 2.0, n)
    sessions = np.where(rng.random((n, last)) < habit[:, None], "1", "0")
    for who in np.flatnonzero(leaves < len(weeks)):
        # They stop somewhere between the visits that they still attended and missed.
        low, high = (SESSIONS_A_WEEK * (weeks[leaves[who] - step] - weeks[0]) for step in (1, 0))
        sessions[who, int(rng.integers(low, high)) :] = "w"
    return sessions
