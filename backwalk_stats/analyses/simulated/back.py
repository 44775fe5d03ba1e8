"""A SIMULATED trial in low back pain: pain, disability, lumbar flexion and recordings of walking.

Half of the people, the first of each arm, also walk backwards on a treadmill at every visit: their
lumbar angles stand in a motion file of their own that the trial file names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import numpy as np

from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion import (
    FEET,
    MOTION_DESIGN,
    MOTION_FEET,
    MOTION_HEAD,
    MOTION_MARKERS,
    MOTION_WALK,
    RATE,
    csv,
)
from backwalk_stats.analyses.simulated.outcomes import SimulatedOutcome
from backwalk_stats.analyses.simulated.people import (
    SESSIONS_A_WEEK,
    People,
    simulated_attendance,
    simulated_people,
)
from backwalk_stats.analyses.simulated.trial import (
    ARMS,
    adherence_csv,
    csv_text,
    empty_cells,
    ids,
    outcome_toml,
    quoted,
    simulated_scores,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator

SEED = 20261130
PEOPLE = 48
RECORDED = 24
WEEKS = (0, 4, 8)
VISITS = tuple(f"W{week}" for week in WEEKS)
SECONDS = 5.0
SHARE = {"W0": 0.0, "W4": 0.6, "W8": 1.0}  # of the effect of the arm
BUMP, LAG = 2.0, 12.0  # degrees of flexion near contact, degrees towards anti-phase
# Columns of a recording: both rotations are of segments in space.
KEPT = {
    "pelvis_rotation": "pelvis_rotation",
    "lumbar_flexion": "lumbar_flexion",
    "lumbar_rotation": "lumbar_in_space_rotation",
}
OUTCOMES = (
    SimulatedOutcome(
        name="back_pain",
        prefix="nprs",
        keys=(
            'instrument = "nprs"',
            'label = "Back pain (NPRS, 0 to 10)"',
            'role = "primary"',
            'thresholds = ["mcid-ostelo2008-points"]',
        ),
        mean=5.6,
        spread=1.6,
        course=1.3,
        effect=0.5,
        better="lower",
        low=0.0,
        high=10.0,
    ),
    SimulatedOutcome(
        name="disability",
        prefix="odi",
        keys=(
            'instrument = "odi"',
            'missing_rule = "at-least-9"',
            'thresholds = ["mcid-ostelo2008-points"]',
        ),
        mean=15.0,
        spread=4.5,
        course=3.0,
        effect=2.4,
        better="lower",
        low=0.0,
        high=50.0,
        items=10,
    ),
    SimulatedOutcome(
        name="lumbar_flexion",
        prefix="flexion",
        keys=('instrument = "incl"', 'label = "Lumbar flexion (inclinometer, °)"'),
        mean=44.0,
        spread=9.0,
        course=2.0,
        effect=5.0,
        better="higher",
        low=5.0,
        high=85.0,
        decimals=1,
    ),
)
HEAD = f"""\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[trial]
id = "simulated-back"
title = "SIMULATED: backward against forward walking in low back pain"
seed = {SEED}
registration = "none: simulated"
deviations = ["None: this trial is simulated."]

[arms]
reference = "forward"
labels = {{ BW = "backward", FW = "forward" }}
names = {{ backward = "Backward walking", forward = "Forward walking" }}

[visits]
baseline = "W0"
order = [{quoted(VISITS)}]
weeks = [{", ".join(map(str, WEEKS))}]

[[data]]
file = "scores.csv"
layout = "wide"
participant = "id"
arm = "group"
covariates = ["age", "sex", "site"]
missing_codes = {{ NA = "dropped out", 999 = "visit missed" }}

[sets]
per_protocol = "per_protocol"

[adherence]
file = "adherence.csv"
participant = "id"
columns = [{quoted([f"s{place:02d}" for place in range(1, SESSIONS_A_WEEK * WEEKS[-1] + 1)])}]

[motion]
file = "motion/motion.toml"
"""
ESTIMAND = """
[[estimand]]
id = "E{place}"
outcome = "{outcome}"
visit = "W8"
contrast = ["backward", "forward"]
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = [{sensitivity}]
"""
TAIL = """
[multiplicity]
method = "holm"
order = ["E1", "E2", "E3"]
"""
SENSITIVITY = ("ancova", "multiple-imputation", "jump-to-reference", "tipping-point", "rank-based",
               "per-protocol")  # fmt: skip
MOTION = f"""\
{MOTION_HEAD}permutations = 2000

{MOTION_DESIGN}
{MOTION_WALK}
[format.angles]                 # signal = column
pelvis_rotation = "pelvis_rotation"
lumbar_flexion = "lumbar_flexion"
lumbar_rotation = "lumbar_rotation"

{MOTION_MARKERS}
{MOTION_FEET}
[[coupling]]
name = "lumbopelvic"
proximal = "pelvis_rotation"
distal = "lumbar_rotation"
angles = "space"                # both angles are of segments against the laboratory

[[curve_test]]
test = "baseline-adjusted"      # between arms at a visit, adjusted for the baseline curve
signal = "lumbar_flexion"
direction = "backward"
visit = "W8"
""".format(
    id="simulated-back-motion",
    title="lumbar spine in backward walking, low back pain",
    seed=SEED,
    visits=quoted(VISITS),
)
README = f"""\
# A simulated trial in low back pain

**SIMULATED. Invented people: no person stands behind a row or a recording, and nothing here is
evidence on backward walking.**

Backward against forward walking in low back pain as a clinic with a movement laboratory would keep
it: {PEOPLE} participants, visits {", ".join(VISITS)}, two arms.
`backwalk analyse data/example_back/trial.toml` analyses it; `trial.toml` says which column is what.

| file | |
|---|---|
| `trial.toml` | the trial file: arms, visits, outcomes, estimands, the motion file |
| `scores.csv` | a row a participant: pain (NPRS), ten ODI sections, lumbar flexion in degrees |
| `adherence.csv` | sessions: 1 attended, 0 missed, w after withdrawal |
| `motion/` | backward walking of {RECORDED} of them at each visit they came to; its motion file |
| `SOURCE.toml` | generator, seed and hashes |

What is known, because it was put in: at week 8 backward walking takes 0.5 points of pain and 4.8
points of disability more than forward walking, and adds 5 degrees of flexion; in the curves there
are two degrees more lumbar flexion near contact. The trial is too small to show the first.

The generator is `bw.simulate.back_trial`; the same seed gives the same bytes, and a test holds it.
"""
SOURCE = f"""\
# What each file of this folder is, where it comes from, and the hash it must have.

name = "simulated trial of backward against forward walking in low back pain"
collected = "2026-11"
collected_how = "SIMULATED for this project: invented participants; no person stands behind a row."
generator = "backwalk_stats.analyses.simulated.back.simulated_back"
seed = {SEED}
licence = "That of this project."
"""


def simulated_back() -> dict[str, bytes]:
    """Return the files of a simulated trial in low back pain, by name; always the same bytes.

    Returns
    -------
    dict of str to bytes
        trial.toml, scores.csv, adherence.csv, README.md, SOURCE.toml, and in motion/ the motion
        file, the list of recordings and the recordings of backward walking (degrees, metres).

    Examples
    --------
    >>> files = simulated_back()
    >>> "motion/motion.toml" in files, files["scores.csv"][:8]
    (True, b'id,group')
    """
    people = simulated_people(replicate_generator(seed=SEED, index=0), participants=PEOPLE)
    streams = [replicate_generator(seed=SEED, index=2 + place) for place in range(len(OUTCOMES))]
    scores = [
        simulated_scores(one, people, WEEKS, rng)
        for one, rng in zip(OUTCOMES, streams, strict=True)
    ]
    attendance = simulated_attendance(
        replicate_generator(seed=SEED, index=1), pain=scores[0], weeks=WEEKS
    )
    cells: dict[str, list[str]] = {}
    for outcome, values, rng in zip(OUTCOMES, scores, streams, strict=True):
        cells |= outcome.cells(values, visits=VISITS, rng=rng)
    empty_cells(cells, attendance, VISITS)
    kept = ["yes" if one else "no" for one in attendance.per_protocol(_as_drawn(people))]
    sheet: dict[str, list[str]] = {
        "id": ids(PEOPLE),
        "group": [ARMS[bool(one)] for one in people.backward],
        "per_protocol": kept,
        "age": [str(one - 15) for one in people.age],
        "sex": [str(one) for one in people.sex],
        "site": [str(one) for one in people.site],
        **cells,
    }
    files = {
        "trial.toml": _trial_toml().encode(),
        "scores.csv": csv_text(sheet).encode(),
        "adherence.csv": adherence_csv(attendance).encode(),
        **_recordings(people, attendance.leaves),
    }
    files["README.md"] = README.encode()
    files["SOURCE.toml"] = _source(files)
    return files


def _as_drawn(people: People) -> People:
    """Return the same people, nobody of whom changed over."""
    return replace(people, received=people.backward)


def _trial_toml() -> str:
    """Return the trial file."""
    text = HEAD + "".join(outcome_toml(one, VISITS) for one in OUTCOMES)
    for place, one in enumerate(OUTCOMES, start=1):
        asked = SENSITIVITY if place == 1 else SENSITIVITY[:3:2]
        text += ESTIMAND.format(place=place, outcome=one.name, sensitivity=quoted(asked))
    return text + TAIL


# The recordings: backward walking on a treadmill, at each visit that a person came to.


def _recordings(people: People, leaves: np.ndarray) -> dict[str, bytes]:
    """Return the motion file with its recordings, in a folder of their own."""
    files: dict[str, bytes] = {}
    manifest = ["file,format,participant,arm,visit,direction,task,belt_speed"]
    for place in _recorded(people):
        arm = "backward" if people.backward[place] else "forward"
        walkers = _walkers(place, treated=arm == "backward")
        name = ids(PEOPLE)[place]
        for visit in VISITS[: leaves[place]]:
            walker = walkers[visit]
            file = f"{name.lower()}_{visit.lower()}.csv"
            files[f"motion/{file}"] = _walk(walker, place * len(VISITS) + VISITS.index(visit))
            speed = f"{belt_speed(walker):.4f}"
            row = [file, "walk", name, arm, visit, "backward", "walk", speed]
            manifest.append(",".join(row))
    files["motion/recordings.csv"] = ("\n".join(manifest) + "\n").encode()
    files["motion/motion.toml"] = MOTION.encode()
    return files


def _recorded(people: People) -> list[int]:
    """Return the places of those who are recorded: the first of each arm."""
    of_arms = [np.flatnonzero(people.backward == arm)[: RECORDED // 2] for arm in (False, True)]
    return sorted(int(place) for place in np.concatenate(of_arms))


def _walkers(place: int, *, treated: bool) -> Mapping[str, Walker]:
    """Return how a person walks at each visit."""
    rng = replicate_generator(seed=SEED + 1, index=place)
    before = Walker(
        cycle=float(rng.normal(1.2, 0.05)),
        lag=float(rng.normal(120.0, 10.0)),
        pelvis_rotation=float(rng.normal(5.0, 0.7)),
        lumbar_rotation=float(rng.normal(5.0, 0.7)),
        lumbar_flexion=float(rng.normal(2.4, 0.4)),
        lordosis=float(rng.normal(-12.0, 6.0)),
        bump=float(rng.normal(0.0, 0.5)),
        wobble=0.06,
    )
    return {
        visit: replace(
            before,
            lag=before.lag + LAG * share * treated + float(rng.normal(0.0, 4.0)),
            bump=before.bump + BUMP * share * treated + float(rng.normal(0.0, 0.6)),
            lordosis=before.lordosis + float(rng.normal(0.0, 1.0)),
        )
        for visit, share in SHARE.items()
    }


def _walk(walker: Walker, index: int) -> bytes:
    """Return one recording: angles, feet and the sacrum."""
    time: FloatArray = np.arange(int(RATE * SECONDS)) / RATE
    rng = replicate_generator(seed=SEED + 2, index=index)
    angles = walk_angles(walker, time, backward=True, rng=rng)
    markers = walk_markers(angles, walker, time, backward=True)
    feet = {role: markers[label] for label, role in FEET.items()}
    shown = {column: angles[name] for column, name in KEPT.items()}
    return csv(time, shown, feet | {"sacrum": markers["SACR"]})


def _source(files: Mapping[str, bytes]) -> bytes:
    """Return the hashes of the files, with the generator and its seed."""
    parts = [SOURCE]
    for name in sorted(files):
        digest = sha256(files[name]).hexdigest()
        parts.append(f'\n[[file]]\nname = "{name}"\nsha256 = "{digest}"\n')
    return "".join(parts).encode()
