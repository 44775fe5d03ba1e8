"""A SIMULATED motion study: walking forwards and backwards before and after six weeks.

Lumbar and pelvic angles have a known lag, people a known offset of posture, and the arm that
trained backward walking a known bump of lumbar flexion. The files are those of a laboratory: C3D,
OpenSim's .mot with .trc, and CSV.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import numpy as np

from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion_formats import c3d, csv, mot, trc
from backwalk_stats.analyses.simulated.motion_texts import MOTION_TOML, README, SOURCE
from backwalk_stats.analyses.simulated.walkers import (
    DIRECTIONS,
    VISITS,
    Person,
    simulated_walkers,
)
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.seeds import replicate_generator

RATE = 50.0
SECONDS = 7.0
FEET = {"LHEE": "heel_left", "LTOE": "toe_left", "RHEE": "heel_right", "RTOE": "toe_right"}
IN_C3D, IN_MOT = 2, 4  # the first two people are in C3D, the next two in .mot and .trc
MANIFEST = "file,markers_file,format,participant,arm,visit,direction,task,belt_speed"


def simulated_motion(*, participants: int = 20, seed: int = 20261122) -> dict[str, bytes]:
    """Return the files of the study, name to content; the same seed gives the same bytes.

    Parameters
    ----------
    participants : int
        An even number, at least 6.
    seed : int
        The same seed gives the same bytes.

    Returns
    -------
    dict of str to bytes
        motion.toml, the list of recordings, the recordings as C3D, OpenSim and CSV.

    Examples
    --------
    >>> files = simulated_motion(participants=6)
    >>> "motion.toml" in files
    True
    """
    people = simulated_walkers(participants=participants, seed=seed)
    files: dict[str, bytes] = {}
    manifest = [MANIFEST]
    for place, person in enumerate(people):
        kind = "c3d" if place < IN_C3D else "mot" if place < IN_MOT else "csv"
        for visit in VISITS:
            for direction in DIRECTIONS:
                files |= _walk(person, visit, direction, kind, manifest)
            files |= _bend(person, visit, manifest)
    files["recordings.csv"] = _text(manifest)
    files["repositioning.csv"] = _repositioning(people)
    files["motion.toml"] = MOTION_TOML.format(seed=seed).encode()
    files["README.md"] = README.format(n=participants).encode()
    files["SOURCE.toml"] = _source(files, seed=seed)
    return files


def _walk(
    person: Person, visit: str, direction: str, kind: str, manifest: list[str]
) -> dict[str, bytes]:
    """Return the files of one walk, and add it to the manifest."""
    walker = person.visits[visit]
    time = np.arange(int(RATE * SECONDS)) / RATE
    backward = direction == "backward"
    index = VISITS.index(visit) * 2 + DIRECTIONS.index(direction)
    rng = replicate_generator(seed=person.seed, index=index)
    angles = walk_angles(walker, time, backward=backward, rng=rng)
    markers = walk_markers(angles, walker, time, backward=backward)
    name = f"{person.id.lower()}_{visit.lower()}_{direction}"
    files = _in_format(name, kind, time, angles, markers)
    second = f"{name}.trc" if kind == "mot" else ""
    layout = "walk" if kind == "csv" else ""
    cells = [f"{name}.{kind}", second, layout, person.id, person.arm, visit, direction, "walk"]
    manifest.append(",".join([*cells, f"{belt_speed(walker):.4f}"]))
    return files


def _in_format(
    name: str,
    kind: str,
    time: FloatArray,
    angles: Mapping[str, FloatArray],
    markers: Mapping[str, FloatArray],
) -> dict[str, bytes]:
    if kind == "c3d":
        return {f"{name}.c3d": c3d(markers, rate=RATE)}
    if kind == "mot":
        return {
            f"{name}.mot": mot(time, angles),
            f"{name}.trc": trc(time, markers, rate=RATE),
        }
    feet = {role: markers[label] for label, role in FEET.items()} | {"sacrum": markers["SACR"]}
    return {f"{name}.csv": csv(time, angles, feet)}


def _bend(person: Person, visit: str, manifest: list[str]) -> dict[str, bytes]:
    """Return a bend forwards and up again: the lumbar spine first, then the hip."""
    time = np.arange(int(RATE * 3.0)) / RATE
    depth = 0.5 - 0.5 * np.cos(2.0 * np.pi * time / 3.0)
    walker: Walker = person.visits[visit]
    angles = {
        "pelvis_flexion": 55.0 * depth**1.4,
        "lumbar_flexion": walker.lordosis + 48.0 * depth**0.8,
    }
    name = f"{person.id.lower()}_{visit.lower()}_bend"
    cells = [f"{name}.csv", "", "bend", person.id, person.arm, visit, "forward", "bend", "0"]
    manifest.append(",".join(cells))
    return {f"{name}.csv": csv(time, angles, {})}


def _repositioning(people: tuple[Person, ...]) -> bytes:
    rows = ["id,group,visit,target,t1,t2,t3,t4,t5"]
    for person in people:
        for visit in VISITS:
            trials = (f"{one:.1f}" for one in person.repositioning[visit])
            rows.append(",".join([person.id, person.arm, visit, "20", *trials]))
    return _text(rows)


def _source(files: Mapping[str, bytes], *, seed: int) -> bytes:
    parts = [SOURCE.format(seed=seed)]
    for name in sorted(files):
        digest = sha256(files[name]).hexdigest()
        parts.append(f'\n[[file]]\nname = "{name}"\nsha256 = "{digest}"\n')
    return "".join(parts).encode()


def _text(rows: list[str]) -> bytes:
    return ("\n".join(rows) + "\n").encode()
