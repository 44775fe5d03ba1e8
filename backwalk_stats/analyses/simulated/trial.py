"""A simulated trial of backward against forward walking, as the files of a lab.

Everything that it writes says that it is simulated. The same plan gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from backwalk_stats.analyses.simulated.conduct import (
    EVENTS_TABLE,
    HARMS_TABLE,
    METHODS,
    events_key,
    every,
    harms_csv,
    prose_toml,
    simulated_events,
    simulated_harms,
    walks,
)
from backwalk_stats.analyses.simulated.outcomes import SIMULATED, SimulatedOutcome
from backwalk_stats.analyses.simulated.people import (
    SESSIONS_A_WEEK,
    Attendance,
    People,
    simulated_attendance,
    simulated_people,
)
from backwalk_stats.engine.resampling import replicate_generator
from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

HEAD = """\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[trial]
id = "simulated-knee"
title = "SIMULATED: backward against forward walking in knee osteoarthritis"
seed = {seed}
registration = "none: simulated"
deviations = ["None: this trial is simulated."]

[arms]
reference = "forward"
labels = {{ BW = "backward", FW = "forward" }}
names = {{ backward = "Backward walking", forward = "Forward walking" }}

[visits]
baseline = "{baseline}"
order = [{order}]
weeks = [{weeks}]

[[data]]
file = "scores.csv"
layout = "wide"
participant = "id"
arm = "group"
covariates = ["age", "sex", "kl_grade", "site"]
missing_codes = {{ NA = "dropped out", 999 = "visit missed" }}

[sets]
per_protocol = "per_protocol"
received = "received"

[adherence]
file = "adherence.csv"
participant = "id"
columns = [{sessions}]
"""
PRIMARY = """
[[estimand]]
id = "E1"
outcome = "{outcome}"
visit = "{visit}"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = [
  "ancova", "change-score", "constrained-longitudinal", "rank-based", "multiple-imputation",
  "jump-to-reference", "copy-reference", "copy-increments", "tipping-point",
  "per-protocol", "as-treated", "bootstrap", "permutation",
]
subgroups = ["sex", "site"]
{events}"""
FURTHER = """
[[estimand]]
id = "E{place}"
outcome = "{outcome}"
visit = "{visit}"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = ["ancova", "jump-to-reference"]
{events}"""
# The same comparison by another strategy for events: another question, not a test of the first.
BY_STRATEGY = """
[[estimand]]
id = "E{place}"
outcome = "{outcome}"
visit = "{visit}"
contrast = ["backward", "forward"]
role = "exploratory"
analysis = "{analysis}"
covariates = ["baseline", "age"]
{events}"""
STRATEGIES = ("hypothetical", "composite", "while-on-treatment", "jump-to-reference")
TAIL = """
[multiplicity]
method = "{method}"
order = [{order}]
"""
ARMS = {True: "BW", False: "FW"}
README = """\
# A simulated trial

**SIMULATED. Invented people: no person stands behind a row, and nothing here is evidence on
backward walking.**

Backward against forward walking in knee osteoarthritis as a lab would keep it: {n} participants,
visits {visits}, two arms. It is there for examples, tests and benchmarks.
`backwalk analyse data/example_trial/trial.toml` analyses it; `trial.toml` says which column is
what.

| file | |
|---|---|
| `trial.toml` | the trial file: arms, visits, outcomes, estimands |
| `scores.csv` | a row a participant: `id`, `group` (as drawn), covariates, scores by visit |
| `adherence.csv` | sessions: 1 attended, 0 missed, w after withdrawal |
{conduct}| `SOURCE.toml` | generator, seed and hashes |

Outcomes: {outcomes}. `NA` is a visit after drop-out (more likely after a painful visit), `999` a
visit that two participants missed, an empty cell an item that nobody ticked. `received` says who
walked the other way, `per_protocol` who came to three sessions of four of the walk that was drawn.
{events}
The generator is `backwalk_stats.analyses.simulated.trial.simulated_trial`; the same seed gives the
same bytes, and a test holds it.
"""
README_FILES = """\
| `events.csv` | intercurrent events: a row an event, with the first visit that it affects |
| `harms.csv` | harms: a row each; who had none has no row |
"""
README_EVENTS = """
Events and harms are drawn after the scores, from generators of their own: an event changes no score
that comes after it. The main estimands use every score as measured (treatment policy); four more
ask of the first outcome what the other strategies for events would give.
"""
SOURCE = """\
# What each file of this folder is, where it comes from, and the hash it must have.

name = "simulated trial of backward against forward walking"
collected = "2026-11"
collected_how = "SIMULATED for this project: invented participants; no person stands behind a row."
generator = "backwalk_stats.analyses.simulated.trial.simulated_trial"
seed = {seed}
"""
WHAT = {
    "trial.toml": "The trial file.",
    "scores.csv": "SIMULATED participants, one row each.",
    "adherence.csv": "SIMULATED sessions, one row a participant.",
    "events.csv": "SIMULATED intercurrent events, one row each.",
    "harms.csv": "SIMULATED harms, one row each.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedPlan(Shown):
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
    conduct : bool
        Whether the trial has events, harms, and interventions and methods in prose; no score
        depends on it.
    """

    participants: int = 60
    weeks: tuple[int, ...] = (0, 3, 6)
    outcomes: int = 3
    seed: int = 20261122
    conduct: bool = True

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
        trial.toml, scores.csv (a row a participant), adherence.csv, events.csv, harms.csv,
        README.md, SOURCE.toml; lines end with a line feed, the encoding is UTF-8.

    Examples
    --------
    >>> files = simulated_trial(SimulatedPlan(participants=12))
    >>> [name for name in sorted(files) if name.endswith(".csv")]
    ['adherence.csv', 'events.csv', 'harms.csv', 'scores.csv']
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
        simulated_scores(outcome, people, plan.weeks, rng)
        for outcome, rng in zip(plan.measured, streams, strict=True)
    ]
    attendance = simulated_attendance(
        replicate_generator(seed=plan.seed, index=1), pain=values[0], weeks=plan.weeks
    )
    cells: dict[str, list[str]] = {}
    for outcome, scores, rng in zip(plan.measured, values, streams, strict=True):
        cells |= outcome.cells(scores, visits=plan.visits, rng=rng)
    empty_cells(cells, attendance, plan.visits)
    files = {
        "trial.toml": trial_toml(plan),
        "scores.csv": scores_csv(people, attendance, cells),
        "adherence.csv": adherence_csv(attendance),
    }
    if plan.conduct:
        events = simulated_events(
            seed=plan.seed, attendance=attendance, pain=values[0], grade=people.kl_grade
        )
        harms = simulated_harms(seed=plan.seed, backward=people.received)
        names = ids(plan.participants)
        files["events.csv"] = csv_text(
            {
                "id": [names[who] for who, _, _ in events],
                "event": [kind for _, kind, _ in events],
                "first_affected": [plan.visits[place] for _, _, place in events],
            }
        )
        files["harms.csv"] = harms_csv(harms, names)
    files["README.md"] = readme(plan)
    files["SOURCE.toml"] = source_toml(files, seed=plan.seed)
    return files


def simulated_scores(
    outcome: SimulatedOutcome, people: People, weeks: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """Return scores before rounding, shape (n, J): person, course, effect of the arm, noise."""
    at = np.array(weeks, dtype=float)
    # Most of the course is over after the first weeks.
    course = (1.0 - np.exp(-at / 3.0)) / (1.0 - np.exp(-at[-1] / 3.0))
    n, size = len(people.backward), len(at)
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


def empty_cells(cells: dict[str, list[str]], attendance: Attendance, visits: Sequence[str]) -> None:
    """Empty the cells of who had left; two come back: their second visit alone is missing."""
    for column, values in cells.items():
        visit = next(one for one in reversed(visits) if column.endswith(f"_{one.lower()}"))
        place = visits.index(visit)
        for who in np.flatnonzero(attendance.leaves <= place):
            values[who] = "NA"
        if place == 1 and len(visits) > 2:
            for who in attendance.absent_once:
                values[who] = "999"


# The trial file of the simulated trial.


def trial_toml(plan: SimulatedPlan) -> str:
    """Return the trial file; the baseline comes first, and the first outcome is the primary one."""
    visits, weeks, measured = plan.visits, plan.weeks, plan.measured
    length = weeks[-1] - weeks[0]
    text = HEAD.format(
        seed=plan.seed,
        baseline=visits[0],
        order=quoted(visits),
        weeks=", ".join(map(str, weeks)),
        sessions=quoted([f"s{place:02d}" for place in range(1, SESSIONS_A_WEEK * length + 1)]),
    )
    if plan.conduct:
        text += EVENTS_TABLE + HARMS_TABLE
        for arm in ("backward", "forward"):
            text += prose_toml(f"intervention.{arm}", walks(arm, length))
        text += prose_toml("methods", METHODS)
    text += "".join(outcome_toml(one, visits) for one in measured)
    policy = events_key(every("treatment-policy")) if plan.conduct else ""
    text += PRIMARY.format(outcome=measured[0].name, visit=visits[-1], events=policy)
    for place, one in enumerate(measured[1:], start=2):
        text += FURTHER.format(place=place, outcome=one.name, visit=visits[-1], events=policy)
    for place, strategy in enumerate(STRATEGIES * plan.conduct, start=len(measured) + 1):
        text += BY_STRATEGY.format(
            place=place,
            outcome=measured[0].name,
            visit=visits[-1],
            analysis="ancova" if strategy == "jump-to-reference" else "mmrm",
            events=events_key(every(strategy)),
        )
    estimands = [f"E{place}" for place in range(1, len(measured) + 1)]
    return text + TAIL.format(method="fixed-sequence", order=quoted(estimands))


def outcome_toml(outcome: SimulatedOutcome, visits: Sequence[str]) -> str:
    """Return the table of an outcome in the trial file."""
    lines = ["", "[[outcome]]", f'name = "{outcome.name}"', *outcome.keys]
    if outcome.items:
        lines += ["", "[outcome.items]"]
        lines += [f"{visit} = [{quoted(outcome.columns(visit))}]" for visit in visits]
    else:
        cells = [f'{visit} = "{outcome.columns(visit)[0]}"' for visit in visits]
        lines += [f"columns = {{ {', '.join(cells)} }}"]
    return "\n".join(lines) + "\n"


def quoted(texts: Sequence[str]) -> str:
    """Return texts as the inside of a TOML array."""
    return ", ".join(f'"{text}"' for text in texts)


# The sheets of the simulated trial, and what its folder says about itself.


def scores_csv(people: People, attendance: Attendance, cells: Mapping[str, Sequence[str]]) -> str:
    """Return the sheet of scores, a row a participant; `cells` is column to its cells."""
    columns: dict[str, Sequence[str]] = {
        "id": ids(len(people.age)),
        "group": [ARMS[bool(one)] for one in people.backward],
        "received": [ARMS[bool(one)] for one in people.received],
        "per_protocol": ["yes" if one else "no" for one in attendance.per_protocol(people)],
        "age": [str(one) for one in people.age],
        "sex": [str(one) for one in people.sex],
        "kl_grade": [str(one) for one in people.kl_grade],
        "site": [str(one) for one in people.site],
        **cells,
    }
    return csv_text(columns)


def adherence_csv(attendance: Attendance) -> str:
    """Return the sheet of sessions: a row a participant, a column a session."""
    columns: dict[str, Sequence[str]] = {"id": ids(len(attendance.leaves))}
    for place in range(attendance.sessions.shape[1]):
        columns[f"s{place + 1:02d}"] = [str(one) for one in attendance.sessions[:, place]]
    return csv_text(columns)


def ids(n: int) -> list[str]:
    """Return SIM-001, SIM-002 ..."""
    return [f"SIM-{place + 1:03d}" for place in range(n)]


def readme(plan: SimulatedPlan) -> str:
    """Return what the folder says about itself."""
    names = [f"`{one.name}`" for one in plan.measured]
    return README.format(
        n=plan.participants,
        visits=", ".join(plan.visits),
        outcomes=", ".join(names),
        conduct=README_FILES * plan.conduct,
        events=README_EVENTS * plan.conduct,
    )


def source_toml(files: Mapping[str, str], *, seed: int) -> str:
    """Return the hashes of the files, with the generator and its seed."""
    text = SOURCE.format(seed=seed)
    for name, what in WHAT.items():
        if name not in files:
            continue
        digest = sha256(files[name].encode()).hexdigest()
        text += (
            f'\n[[file]]\nname = "{name}"\nsha256 = "{digest}"\nwhat = "{what}"\n'
            'licence = "That of this project."\n'
        )
    return text


def csv_text(columns: Mapping[str, Sequence[str]]) -> str:
    """Return a sheet, a column a name."""
    rows = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    return "\n".join(rows) + "\n"
