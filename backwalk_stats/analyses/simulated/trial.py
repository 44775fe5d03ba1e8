"""A simulated trial of backward against forward walking, as the files of a lab.

Everything that it writes says that it is simulated. The same plan gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.analyses.simulated.files import adherence_csv, readme, scores_csv, source_toml
from backwalk_stats.analyses.simulated.outcomes import SIMULATED, SimulatedOutcome
from backwalk_stats.analyses.simulated.people import (
    Attendance,
    People,
    simulated_attendance,
    simulated_people,
)
from backwalk_stats.analyses.simulated.trial_file import trial_toml
from backwalk_stats.engine.seeds import replicate_generator
from backwalk_stats.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedPlan:
    """How large the trial is.

    Attributes
    ----------
    participants : int
        At least 12, half of them in each arm.
    weeks : tuple of int
        Weeks of the visits, rising; the first is the baseline.
    outcomes : int
        How many of `outcomes.SIMULATED`, from the first on.
    seed : int
    """

    participants: int = 60
    weeks: tuple[int, ...] = (0, 3, 6)
    outcomes: int = 3
    seed: int = 20261122

    def __post_init__(self) -> None:
        """Refuse a plan that gives no trial."""
        if self.participants < 12 or not 1 <= self.outcomes <= len(SIMULATED):
            raise UsageError(
                f"expected 12 participants or more and 1 to {len(SIMULATED)} outcomes; found "
                f"{self.participants} and {self.outcomes}"
            )
        if len(self.weeks) < 2 or list(self.weeks) != sorted(set(self.weeks)):
            raise UsageError(f"expected two rising weeks or more; found {self.weeks}")

    @property
    def visits(self) -> tuple[str, ...]:
        """Return the names of the visits: W0, W3 ..."""
        return tuple(f"W{week}" for week in self.weeks)

    @property
    def measured(self) -> tuple[SimulatedOutcome, ...]:
        """Return the outcomes."""
        return SIMULATED[: self.outcomes]


def simulated_trial(plan: SimulatedPlan | None = None) -> dict[str, str]:
    """Return the files of a simulated trial, by name.

    Parameters
    ----------
    plan : SimulatedPlan, optional
        By default the trial of `data/example_trial`.

    Returns
    -------
    dict of str to str
        trial.toml, scores.csv (a row a participant), adherence.csv, README.md, SOURCE.toml; lines
        end with a line feed, the encoding is UTF-8.

    Examples
    --------
    >>> files = simulated_trial(SimulatedPlan(participants=12))
    >>> sorted(files)
    ['README.md', 'SOURCE.toml', 'adherence.csv', 'scores.csv', 'trial.toml']
    >>> files["scores.csv"].splitlines()[1][:7]
    'SIM-001'
    """
    plan = plan or SimulatedPlan()
    people = simulated_people(
        replicate_generator(seed=plan.seed, index=0), participants=plan.participants
    )
    streams = [
        replicate_generator(seed=plan.seed, index=2 + place) for place in range(plan.outcomes)
    ]
    values = [
        _values(outcome, people, plan, rng)
        for outcome, rng in zip(plan.measured, streams, strict=True)
    ]
    attendance = simulated_attendance(
        replicate_generator(seed=plan.seed, index=1), pain=values[0], weeks=plan.weeks
    )
    cells: dict[str, list[str]] = {}
    for outcome, scores, rng in zip(plan.measured, values, streams, strict=True):
        cells |= outcome.cells(scores, visits=plan.visits, rng=rng)
    _leave(cells, attendance, plan)
    files = {
        "trial.toml": trial_toml(plan.visits, plan.weeks, plan.measured, seed=plan.seed),
        "scores.csv": scores_csv(people, attendance, cells),
        "adherence.csv": adherence_csv(attendance),
    }
    files["README.md"] = readme(plan.participants, plan.visits, plan.measured)
    files["SOURCE.toml"] = source_toml(files, seed=plan.seed)
    return files


def _values(
    outcome: SimulatedOutcome, people: People, plan: SimulatedPlan, rng: np.random.Generator
) -> np.ndarray:
    """Return scores before rounding, shape (n, J): person, course, effect of the arm, noise."""
    weeks = np.array(plan.weeks, dtype=float)
    # Most of the course is over after the first weeks.
    course = (1.0 - np.exp(-weeks / 3.0)) / (1.0 - np.exp(-weeks[-1] / 3.0))
    n, size = plan.participants, len(weeks)
    own = 0.6 * people.severity + 0.8 * rng.standard_normal(n)
    slope = rng.standard_normal(n)
    noise = rng.standard_normal((n, size))
    worse = -outcome.sign * outcome.spread
    gain = outcome.sign * (outcome.course + outcome.effect * people.backward)
    return np.asarray(
        outcome.mean
        + worse * 0.8 * own[:, None]
        + (gain[:, None] + outcome.spread * 0.6 * slope[:, None]) * course
        + outcome.spread * 0.5 * noise
    )


def _leave(cells: dict[str, list[str]], attendance: Attendance, plan: SimulatedPlan) -> None:
    """Empty the cells of who had left; two come back: their second visit alone is missing."""
    for column, values in cells.items():
        visit = next(one for one in reversed(plan.visits) if column.endswith(f"_{one.lower()}"))
        place = plan.visits.index(visit)
        for who in np.flatnonzero(attendance.leaves <= place):
            values[who] = "NA"
        if place == 1 and len(plan.visits) > 2:
            for who in attendance.absent_once:
                values[who] = "999"
