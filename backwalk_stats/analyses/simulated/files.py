"""The sheets of the simulated trial, and what its folder says about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from backwalk_stats.analyses.simulated.outcomes import SimulatedOutcome
from backwalk_stats.analyses.simulated.people import Attendance, People

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
| `SOURCE.toml` | generator, seed and hashes |

Outcomes: {outcomes}. `NA` is a visit after drop-out (more likely after a painful visit), `999` a
visit that two participants missed, an empty cell an item that nobody ticked. `received` says who
walked the other way, `per_protocol` who came to three sessions of four of the walk that was drawn.

The generator is `backwalk_stats.analyses.simulated.trial.simulated_trial`; the same seed gives the
same bytes, and a test holds it.
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
}


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
    return _csv(columns)


def adherence_csv(attendance: Attendance) -> str:
    """Return the sheet of sessions: a row a participant, a column a session."""
    columns: dict[str, Sequence[str]] = {"id": ids(len(attendance.leaves))}
    for place in range(attendance.sessions.shape[1]):
        columns[f"s{place + 1:02d}"] = [str(one) for one in attendance.sessions[:, place]]
    return _csv(columns)


def ids(n: int) -> list[str]:
    """Return SIM-001, SIM-002 ..."""
    return [f"SIM-{place + 1:03d}" for place in range(n)]


def readme(n: int, visits: Sequence[str], measured: Sequence[SimulatedOutcome]) -> str:
    """Return what the folder says about itself."""
    names = [f"`{one.name}`" for one in measured]
    return README.format(n=n, visits=", ".join(visits), outcomes=", ".join(names))


def source_toml(files: Mapping[str, str], *, seed: int) -> str:
    """Return the hashes of the files, with the generator and its seed."""
    text = SOURCE.format(seed=seed)
    for name, what in WHAT.items():
        digest = sha256(files[name].encode()).hexdigest()
        text += (
            f'\n[[file]]\nname = "{name}"\nsha256 = "{digest}"\nwhat = "{what}"\n'
            'licence = "That of this project."\n'
        )
    return text


def _csv(columns: Mapping[str, Sequence[str]]) -> str:
    rows = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    return "\n".join(rows) + "\n"
