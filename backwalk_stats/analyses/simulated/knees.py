"""A SIMULATED trial of three arms in which both knees of a person are measured.

Backward walking, forward walking and usual care; pain and strength of each knee, and of each person
whether they walk half an hour without a stop, how they feel changed, and falls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from backwalk_stats.analyses.simulated.conduct import (
    HARMS_TABLE,
    METHODS,
    harms_csv,
    prose_toml,
    simulated_harms,
    walks,
)
from backwalk_stats.analyses.simulated.people import People, simulated_people
from backwalk_stats.analyses.simulated.trial import csv_text, ids, quoted
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator

SEED = 20261201
PEOPLE = 120
WEEKS = (0, 6, 12)
VISITS = tuple(f"W{week}" for week in WEEKS)
THERAPISTS = ("T1", "T2", "T3", "T4")
ARMS = ("BW", "FW", "UC")
BOTH = 0.8  # share of people of whom both knees are in the trial
LEAVES = 0.1  # share of people who come no more after the second visit
SHARE = (0.0, 0.6, 1.0)  # of the course, by visit
# By arm: less pain and more force at the last visit, better state, falls a week.
PAIN = {"BW": 2.1, "FW": 1.4, "UC": 0.5}
FORCE = {"BW": 45.0, "FW": 25.0, "UC": 5.0}
STATE = {"BW": 0.7, "FW": 0.4, "UC": 0.0}
FALLS = {"BW": 0.05, "FW": 0.04, "UC": 0.06}
CHANGES = ("much worse", "worse", "the same", "better", "much better")
CUTS = (-0.9, -0.1, 0.7, 1.5)

TRIAL = """\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[trial]
id = "simulated-knees"
title = "SIMULATED: backward walking, forward walking or usual care, both knees measured"
seed = {seed}
registration = "none: simulated"
deviations = ["None: this trial is simulated."]

[arms]
reference = "usual"
labels = {{ BW = "backward", FW = "forward", UC = "usual" }}
names = {{ backward = "Backward walking", forward = "Forward walking", usual = "Usual care" }}

[visits]
baseline = "W0"
order = [{order}]
weeks = [{weeks}]

[[data]]                         # a row a knee
file = "knees.csv"
participant = "id"
within = "side"
missing_codes = {{ NA = "dropped out" }}

[[data]]                         # a row a person
file = "people.csv"
participant = "id"
arm = "group"
missing_codes = {{ NA = "dropped out" }}

[data.covariates]
age = {{ column = "age", kind = "number", unit = "years" }}
sex = {{ column = "sex", labels = {{ F = "Women", M = "Men" }} }}
therapist = {{ column = "therapist", kind = "category" }}
"""
OUTCOMES = """
[[outcome]]
name = "knee_pain"
instrument = "nprs"
label = "Pain of each knee (NPRS, 0 to 10)"
role = "primary"
file = "knees.csv"
columns = { W0 = "nprs_w0", W6 = "nprs_w6", W12 = "nprs_w12" }

[[outcome]]
name = "extensor_force"
label = "Knee extension force"
unit = "N"
better = "higher"
low = 0
file = "knees.csv"
columns = { W0 = "force_w0", W6 = "force_w6", W12 = "force_w12" }

[[outcome]]
name = "walks_30_min"
label = "Walks 30 min without a stop"
kind = "binary"
event = "yes"
better = "higher"
file = "people.csv"
columns = { W12 = "walks_30_min" }

[[outcome]]
name = "global_change"
label = "Change that people feel"
kind = "ordinal"
order = ["much worse", "worse", "the same", "better", "much better"]
better = "higher"
file = "people.csv"
columns = { W12 = "change" }

[[outcome]]
name = "falls"
label = "Falls in 12 weeks"
kind = "count"
exposure = "weeks_followed"
exposure_unit = "week"
better = "lower"
file = "people.csv"
columns = { W12 = "falls" }
"""
ESTIMAND = """
[[estimand]]
id = "{id}"
outcome = "{outcome}"
visit = "W12"
contrast = ["{arm}", "{reference}"]
role = "{role}"
analysis = "{analysis}"
covariates = [{covariates}]
"""
# Outcome, arm, reference, role, analysis, covariates.
ESTIMANDS = (
    ("knee_pain", "backward", "usual", "primary", "ancova", '"baseline", "age"'),
    ("knee_pain", "forward", "usual", "primary", "ancova", '"baseline", "age"'),
    ("knee_pain", "backward", "forward", "secondary", "ancova", '"baseline", "age"'),
    ("extensor_force", "backward", "usual", "secondary", "ancova", '"baseline", "age"'),
    ("walks_30_min", "backward", "usual", "secondary", "adjusted-risk", '"age"'),
    ("global_change", "backward", "usual", "secondary", "ordinal", ""),
    ("falls", "backward", "usual", "secondary", "rate-ratio", ""),
)
# Both walking arms against usual care by Holm; against each other only where these are shown.
TAIL = """
[multiplicity]
method = "gatekeeping"
order = ["E1+E2", "E3"]
"""
USUAL = {
    "name": "Usual care",
    "why": "What people of these clinics would get without the trial.",
    "procedure": "A leaflet on exercise, and one talk of 30 min about it.",
    "provider": "The same physiotherapists.",
    "mode": "One to one, in person.",
    "dose": "One talk.",
    "safety": "Falls and dizziness are asked for as in the other arms.",
}
README = f"""\
# A simulated trial of three arms and both knees

**SIMULATED. Invented people: no person stands behind a row, and nothing here is evidence on
backward walking.**

Backward walking, forward walking and usual care: {PEOPLE} participants, visits
{", ".join(VISITS)}. `backwalk analyse data/example_knees/trial.toml` analyses it; `trial.toml` says
which column is what.

| file | |
|---|---|
| `trial.toml` | the trial file: arms, visits, outcomes, estimands |
| `knees.csv` | a row a knee: `id`, `side`, pain (NPRS) and force of knee extension (N) by visit |
| `people.csv` | a row a person: `group` (as drawn), therapist, covariates, weeks followed, state |
| `harms.csv` | harms: a row each; who had none has no row |
| `SOURCE.toml` | generator, seed and hashes |

State is what is asked at W12: whether a person walks 30 min, how they feel changed, their falls.
Knees of one person hang together: `within = "side"` gives them one random intercept. Every
therapist treats people of all three arms. `NA` is a visit after somebody left.

What is known, because it was put in: at week 12 a knee has {PAIN["BW"] - PAIN["UC"]:.1f} points
less pain after backward walking, and {PAIN["FW"] - PAIN["UC"]:.1f} less after forward walking, than
in usual care. The generator is `bw.simulate.knees_trial`; the same seed gives the same bytes, and a
test holds it.
"""
SOURCE = f"""\
# What each file of this folder is, where it comes from, and the hash it must have.

name = "simulated trial of backward and forward walking and usual care, both knees measured"
collected = "2026-12"
collected_how = "SIMULATED for this project: invented participants; no person stands behind a row."
generator = "backwalk_stats.analyses.simulated.knees.simulated_knees"
seed = {SEED}
licence = "That of this project."
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """Who is in which arm, and who left.

    Attributes
    ----------
    people : People
    arms : array of str
        "BW", "FW" or "UC", shape (n,).
    left : array of bool
        Who came no more after the second visit, shape (n,).
    weeks : array
        Weeks for which each was followed, shape (n,).
    falls : array of int
        How often each fell in these weeks, shape (n,).
    """

    people: People
    arms: np.ndarray
    left: np.ndarray
    weeks: np.ndarray
    falls: np.ndarray

    def by_arm(self, values: Mapping[str, float]) -> FloatArray:
        """Return the value of each person's arm."""
        return np.array([values[str(arm)] for arm in self.arms])


def simulated_knees() -> dict[str, str]:
    """Return the files of a simulated trial of three arms and both knees; always the same bytes.

    Returns
    -------
    dict of str to str
        trial.toml, knees.csv (a row a knee), people.csv (a row a person), harms.csv, README.md,
        SOURCE.toml; lines end with a line feed, the encoding is UTF-8.

    Examples
    --------
    >>> files = simulated_knees()
    >>> files["knees.csv"].splitlines()[0]
    'id,side,nprs_w0,nprs_w6,nprs_w12,force_w0,force_w6,force_w12'
    """
    drawn = _drawn()
    harms = simulated_harms(
        seed=SEED, backward=drawn.arms == "BW", weeks=drawn.weeks, falls=drawn.falls
    )
    files = {
        "trial.toml": _trial_toml(),
        "knees.csv": _knees_csv(drawn),
        "people.csv": _people_csv(drawn),
        "harms.csv": harms_csv(harms, ids(PEOPLE)),
        "README.md": README,
    }
    files["SOURCE.toml"] = _source(files)
    return files


def _drawn() -> Drawn:
    people = simulated_people(replicate_generator(seed=SEED, index=0), participants=PEOPLE)
    rng = replicate_generator(seed=SEED, index=1)
    arms = rng.permutation(np.resize(np.array(ARMS), PEOPLE))
    left = rng.random(PEOPLE) < LEAVES
    weeks = np.where(left, rng.integers(6, 12, PEOPLE), WEEKS[-1]).astype(float)
    rate = np.array([FALLS[str(arm)] for arm in arms])
    falls = rng.poisson(rate * rng.gamma(2.0, 0.5, PEOPLE) * weeks)
    return Drawn(people=people, arms=arms, left=left, weeks=weeks, falls=falls)


def _knees_csv(drawn: Drawn) -> str:
    """Return the sheet of knees: two rows a person, or one where one knee is in the trial."""
    rng = replicate_generator(seed=SEED, index=2)
    n, sides = PEOPLE, 2
    both = rng.random(n) < BOTH
    only = rng.integers(0, 2, n)
    kept = both[:, None] | (np.arange(sides) == only[:, None])
    person = 0.6 * drawn.people.severity + 0.7 * rng.standard_normal(n)
    knee = 0.7 * person[:, None] + 0.6 * rng.standard_normal((n, sides))
    pain = _course(rng, 6.0 + 1.3 * knee, -drawn.by_arm(PAIN), noise=0.9)
    force = _course(rng, 290.0 - 45.0 * knee, drawn.by_arm(FORCE), noise=22.0)
    columns: dict[str, list[str]] = {"id": [], "side": []}
    columns |= {f"{name}_{visit.lower()}": [] for name in ("nprs", "force") for visit in VISITS}
    for who, side in np.argwhere(kept):
        columns["id"].append(ids(n)[who])
        columns["side"].append("LR"[side])
        for name, values, high in (("nprs", pain, 10.0), ("force", force, 700.0)):
            for place, visit in enumerate(VISITS):
                score = np.clip(np.rint(values[who, side, place]), 0.0, high)
                gone = drawn.left[who] and place == len(VISITS) - 1
                columns[f"{name}_{visit.lower()}"].append("NA" if gone else f"{score:.0f}")
    return csv_text(columns)


def _course(
    rng: np.random.Generator, start: FloatArray, gain: FloatArray, *, noise: float
) -> FloatArray:
    """Return scores by person, side and visit: `start` of each knee, `gain` of each arm."""
    own = noise * 0.6 * rng.standard_normal(len(start))
    last = gain[:, None] + own[:, None]
    course = start[..., None] + last[..., None] * np.array(SHARE)
    return np.asarray(course + noise * rng.standard_normal(course.shape))


def _people_csv(drawn: Drawn) -> str:
    """Return the sheet of people: arm, therapist, covariates, and what is known at the end."""
    rng = replicate_generator(seed=SEED, index=3)
    state = drawn.by_arm(STATE) - 0.4 * drawn.people.severity + rng.standard_normal(PEOPLE)
    walks_far = rng.random(PEOPLE) < 1.0 / (1.0 + np.exp(-(state - 0.4)))
    change = np.digitize(state, CUTS)
    therapist = rng.integers(0, len(THERAPISTS), PEOPLE)
    gone = drawn.left
    columns = {
        "id": ids(PEOPLE),
        "group": [str(arm) for arm in drawn.arms],
        "therapist": [THERAPISTS[k] for k in therapist],
        "age": [str(one) for one in drawn.people.age],
        "sex": [str(one) for one in drawn.people.sex],
        "weeks_followed": [f"{one:.0f}" for one in drawn.weeks],
        "walks_30_min": _unless(gone, ["yes" if one else "no" for one in walks_far]),
        "change": _unless(gone, [CHANGES[k] for k in change]),
        "falls": [str(one) for one in drawn.falls],
    }
    return csv_text(columns)


def _unless(gone: np.ndarray, cells: Sequence[str]) -> list[str]:
    """Return the cells, NA for those who had left."""
    return ["NA" if left else cell for left, cell in zip(gone, cells, strict=True)]


def _trial_toml() -> str:
    """Return the trial file."""
    text = TRIAL.format(seed=SEED, order=quoted(VISITS), weeks=", ".join(map(str, WEEKS)))
    table = HARMS_TABLE.replace("asked =", 'exposure = "weeks_followed"\nasked =')
    text += table + "".join(
        prose_toml(f"intervention.{arm}", walks(arm, WEEKS[-1])) for arm in ("backward", "forward")
    )
    methods = METHODS | {
        "background": "Invented: whether walking, backwards or forwards, helps a painful knee.",
        "allocation_ratio": "1 to 1 to 1.",
        "setting": "Invented: one clinic with four physiotherapists, each of whom treats people of "
        "all arms.",
        "randomisation_type": "A third of the people to each arm; no blocks, no strata.",
        "other_care": "Invented: usual care went on in all arms.",
        "data_access": "data/example_knees of this project, with the program that wrote it.",
    }
    text += prose_toml("intervention.usual", USUAL) + prose_toml("methods", methods) + OUTCOMES
    for place, (outcome, arm, reference, role, analysis, covariates) in enumerate(ESTIMANDS, 1):
        text += ESTIMAND.format(
            id=f"E{place}",
            outcome=outcome,
            arm=arm,
            reference=reference,
            role=role,
            analysis=analysis,
            covariates=covariates,
        )
    return text + TAIL


def _source(files: Mapping[str, str]) -> str:
    """Return the hashes of the files, with the generator and its seed."""
    parts = [SOURCE]
    for name in sorted(files):
        digest = sha256(files[name].encode()).hexdigest()
        parts.append(f'\n[[file]]\nname = "{name}"\nsha256 = "{digest}"\n')
    return "".join(parts)
