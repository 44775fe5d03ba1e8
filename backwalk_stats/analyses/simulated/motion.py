"""A SIMULATED motion study: walking forwards and backwards before and after six weeks.

Lumbar and pelvic angles have a known lag, people a known offset of posture, and the arm that
trained backward walking a known bump of lumbar flexion. The files are those of a laboratory: C3D,
OpenSim's .mot with .trc, and CSV.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from struct import pack

import numpy as np

from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import replicate_generator

RATE = 50.0
SECONDS = 7.0
FEET = {"LHEE": "heel_left", "LTOE": "toe_left", "RHEE": "heel_right", "RTOE": "toe_right"}
IN_C3D, IN_MOT = 2, 4  # the first two people are in C3D, the next two in .mot and .trc
MANIFEST = "file,markers_file,format,participant,arm,visit,direction,task,belt_speed"
MM = 1000.0
C3D_BLOCK, C3D_START, C3D_LABEL = 512, 12, 16  # bytes; where data begin; bytes of a label
# What both simulated motion files begin with, and what their exports of walking hold.
MOTION_HEAD = """\
# SIMULATED: invented people, for examples and tests. Nothing here is evidence.

[motion]
id = "{id}"
title = "SIMULATED: {title}"
seed = {seed}
recordings = "recordings.csv"   # file, participant, arm, visit, direction ... a row a recording
facing = "+x"                   # axis of the laboratory that people face, and the one that is up
up = "+z"
cutoff = 6.0                    # low-pass filter, hertz; two runs, no lag
order = 4
gap_limit = 5                   # longest gap that is filled, in samples; 0 fills none
nodes = 101
leave_out_odd = false           # cycles far from the others are flagged; true leaves them out too
"""
MOTION_DESIGN = """\
[arms]
reference = "forward"
names = {{ backward = "Backward walking", forward = "Forward walking" }}

[visits]
baseline = "W0"
order = [{visits}]
"""
MOTION_WALK = """\
[[format]]
name = "walk"
skip_rows = 1
time = "time"
angle_unit = "deg"
length_unit = "m"
"""
MOTION_MARKERS = """\
[format.markers]                # marker = its three columns
LHEE = ["heel_left_x", "heel_left_y", "heel_left_z"]
LTOE = ["toe_left_x", "toe_left_y", "toe_left_z"]
RHEE = ["heel_right_x", "heel_right_y", "heel_right_z"]
RTOE = ["toe_right_x", "toe_right_y", "toe_right_z"]
SACR = ["sacrum_x", "sacrum_y", "sacrum_z"]
"""
MOTION_FEET = """\
[markers]                       # what a foot is, for events
heel_left = "LHEE"
toe_left = "LTOE"
heel_right = "RHEE"
toe_right = "RTOE"
sacrum = "SACR"
"""
MOTION_TOML = f"""\
{MOTION_HEAD}cardan = "ZXY"                  # flexion, side bend, rotation
permutations = 10000

{MOTION_DESIGN}
# Layouts of delimited exports; the recording says which one it has.
{MOTION_WALK}
[format.angles]                 # signal = column
pelvis_flexion = "pelvis_flexion"
pelvis_side_bend = "pelvis_side_bend"
pelvis_rotation = "pelvis_rotation"
lumbar_flexion = "lumbar_flexion"
lumbar_side_bend = "lumbar_side_bend"
lumbar_rotation = "lumbar_rotation"
lumbar_in_space_flexion = "lumbar_in_space_flexion"
lumbar_in_space_side_bend = "lumbar_in_space_side_bend"
lumbar_in_space_rotation = "lumbar_in_space_rotation"
hip_flexion = "hip_flexion"
knee_flexion = "knee_flexion"

{MOTION_MARKERS}
[[format]]
name = "bend"
skip_rows = 1
time = "time"

[format.angles]
pelvis_flexion = "pelvis_flexion"
lumbar_flexion = "lumbar_flexion"

{MOTION_FEET}
# Segments from markers, where a file holds no angles (C3D): two of three axes each.
[segments.pelvis]
right = ["RASI", "RPSI"]
left = ["LASI", "LPSI"]
front = ["LASI", "RASI"]
back = ["LPSI", "RPSI"]

[segments.lumbar]
right = ["LUMR"]
left = ["LUML"]
up = ["LUMU"]
down = ["LUMD"]

[segments.thigh]
right = ["LKNM"]
left = ["LKNL"]
up = ["LHIP"]
down = ["LKNL", "LKNM"]

[segments.shank]
right = ["LSHM"]
left = ["LSHL"]
up = ["LSHU"]
down = ["LSHL", "LSHM"]

[[joint]]
name = "pelvis"
proximal = "space"
distal = "pelvis"

[[joint]]
name = "lumbar"
proximal = "pelvis"
distal = "lumbar"

[[joint]]
name = "lumbar_in_space"        # couplings are of segments in space
proximal = "space"
distal = "lumbar"

[[joint]]
name = "hip"
proximal = "pelvis"
distal = "thigh"
kind = "hip"

[[joint]]
name = "knee"
proximal = "thigh"
distal = "shank"
kind = "knee"

[[coupling]]
name = "lumbopelvic"
proximal = "pelvis_rotation"
distal = "lumbar_in_space_rotation"

[repositioning]
file = "repositioning.csv"
participant = "id"
arm = "group"
visit = "visit"
target = "target"
trials = ["t1", "t2", "t3", "t4", "t5"]

[[curve_test]]
test = "baseline-adjusted"      # between arms at a visit, adjusted for the baseline curve
signal = "lumbar_flexion"
direction = "backward"
visit = "W6"

[[curve_test]]
test = "paired"                 # backward against forward walking, within people
signal = "lumbar_flexion"
visit = "W0"

[[curve_test]]
test = "arm-by-visit"
signal = "lumbar_flexion"
direction = "backward"

[[curve_test]]
test = "pointwise-model"
signal = "lumbar_flexion"
direction = "backward"
visit = "W6"
"""
README = """\
# A simulated motion study

**SIMULATED. Invented people: no person stands behind a file, and nothing here is evidence on
backward walking.**

{n} people in two arms walk on a treadmill, forwards and backwards, before and after six weeks, and
bend forwards once. `backwalk motion features data/example_motion/motion.toml` turns the files into
features, `backwalk motion curves data/example_motion/motion.toml` compares whole curves.

| file | |
|---|---|
| `motion.toml` | what the files hold, and every choice |
| `recordings.csv` | whose file it is, which visit, which direction |
| `*.c3d` | markers, of the first two people |
| `*.mot`, `*.trc` | angles and markers as OpenSim writes them, of the next two |
| `*.csv` | an export of angles and markers, of the others; every `*_bend.csv` is a bend |
| `repositioning.csv` | five trials to find 20 degrees again |
| `SOURCE.toml` | generator, seed and hashes |

What is known, because it was put in: after six weeks those who trained backward walking have two
degrees more lumbar flexion around toe-off (60 % of a cycle walked forwards; walked backwards, with
time turned round, that is around contact), and the rotation of their lumbar segment in space lags
that of the pelvis by 12 degrees more. Posture differs between people by six degrees (a standard
deviation).

The generator is `backwalk_stats.analyses.simulated.motion.simulated_motion`; the same seed gives
the same bytes, and a test holds it.
"""
SOURCE = """\
# What each file of this folder is, where it comes from, and the hash it must have.

name = "simulated motion study of backward and forward walking"
collected = "2026-11"
collected_how = "SIMULATED for this project: invented people; no person stands behind a file."
generator = "backwalk_stats.analyses.simulated.motion.simulated_motion"
seed = {seed}
licence = "That of this project."
"""
VISITS = ("W0", "W6")
DIRECTIONS = ("forward", "backward")
ARMS = ("forward", "backward")
EFFECT_BUMP = 2.0  # degrees of lumbar flexion at 60 % of the cycle, after backward walking
EFFECT_LAG = 12.0  # degrees of lag, away from in-phase


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
    files["motion.toml"] = MOTION_TOML.format(
        id="simulated-motion",
        title="lumbar spine and pelvis in backward and forward walking",
        seed=seed,
        visits=", ".join(f'"{visit}"' for visit in VISITS),
    ).encode()
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
        return {f"{name}.mot": mot(time, angles), f"{name}.trc": trc(time, markers, rate=RATE)}
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


# Bytes of motion files: C3D, OpenSim's .mot and .trc, and CSV.


def c3d(markers: Mapping[str, FloatArray], *, rate: float) -> bytes:
    """Return a C3D file of at most 255 markers, in millimetres; `markers` (samples, 3) in metres.

    Real numbers of Intel, laid out as the user guide of C3D.org has it: a block of header, blocks
    of parameters, then four numbers a point and frame.
    """
    places = np.stack([MM * track for track in markers.values()], axis=1)
    frames, count = places.shape[:2]
    labels = [name.encode().ljust(C3D_LABEL) for name in markers]
    point = {
        "USED": _integer(count),
        "FRAMES": _integer(frames),
        "DATA_START": _integer(C3D_START),
        "SCALE": _real(-1.0),
        "RATE": _real(rate),
        "UNITS": pack("3b", -1, 1, 2) + b"mm",
        "LABELS": pack("4b", -1, 2, C3D_LABEL, count) + b"".join(labels),
    }
    analog = {"USED": _integer(0), "RATE": _real(rate), "GEN_SCALE": _real(1.0)}
    groups = {"POINT": point, "ANALOG": analog, "FORCE_PLATFORM": {"USED": _integer(0)}}
    records = b""
    for number, (group, parameters) in enumerate(groups.items(), start=1):
        records += _record(group, -number, b"")
        records += b"".join(_record(name, number, held) for name, held in parameters.items())
    head = pack("<2B5Hf2Hf", 2, 80, count, 0, 1, frames, 0, -1.0, C3D_START, 1, rate)
    section = pack("4B", 1, 80, C3D_START - 2, 84) + records
    data = np.concatenate([places, np.zeros((frames, count, 1))], axis=2).astype("<f4").tobytes()
    whole = head.ljust(C3D_BLOCK, b"\0") + section.ljust((C3D_START - 2) * C3D_BLOCK, b"\0") + data
    return whole.ljust(-(-len(whole) // C3D_BLOCK) * C3D_BLOCK, b"\0")


def _record(name: str, number: int, held: bytes) -> bytes:
    """Return a group (below 0) or a parameter, without a description."""
    return pack("2b", len(name), number) + name.encode() + pack("<H", 3 + len(held)) + held + b"\0"


def _integer(value: int) -> bytes:
    return pack("<2bh", 2, 0, value)


def _real(value: float) -> bytes:
    return pack("<2bf", 4, 0, value)


def mot(time: FloatArray, angles: Mapping[str, FloatArray]) -> bytes:
    """Return an OpenSim .mot file of angles in degrees."""
    header = [
        "SIMULATED walking",
        "version=1",
        f"nRows={len(time)}",
        f"nColumns={len(angles) + 1}",
        "inDegrees=yes",
        "endheader",
        "\t".join(["time", *angles]),
    ]
    table = np.column_stack([time, *angles.values()])
    return _lines(header, ("\t".join(f"{value:.4f}" for value in row) for row in table))


def trc(time: FloatArray, markers: Mapping[str, FloatArray], *, rate: float) -> bytes:
    """Return an OpenSim .trc file of markers, in millimetres."""
    count = len(markers)
    names = "\t".join(f"{name}\t\t" for name in markers).rstrip("\t")
    axes = "\t".join(f"X{k}\tY{k}\tZ{k}" for k in range(1, count + 1))
    header = [
        "PathFileType\t4\t(X/Y/Z)\tsimulated.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits",
        f"{rate:g}\t{rate:g}\t{len(time)}\t{count}\tmm",
        f"Frame#\tTime\t{names}",
        f"\t\t{axes}",
        "",
    ]
    table = np.column_stack([time, *(MM * track for track in markers.values())])
    rows = (
        f"{place}\t{row[0]:.4f}\t" + "\t".join(f"{value:.3f}" for value in row[1:])
        for place, row in enumerate(table, start=1)
    )
    return _lines(header, rows)


def csv(
    time: FloatArray, angles: Mapping[str, FloatArray], markers: Mapping[str, FloatArray]
) -> bytes:
    """Return a comma-separated export: time, angles in degrees, markers in metres."""
    names = [f"{name}_{axis}" for name in markers for axis in "xyz"]
    header = ["SIMULATED walking", ",".join(["time", *angles, *names])]
    turned = (
        ",".join(f"{value:.2f}" for value in row) for row in zip(*angles.values(), strict=True)
    )
    places = np.column_stack([np.empty((len(time), 0)), *markers.values()])
    rows = (
        ",".join([f"{at:.2f}", bent, *(f"{value:.3f}" for value in place)])
        for at, bent, place in zip(time, turned, places, strict=True)
    )
    return _lines(header, rows)


def _lines(header: list[str], rows: Iterable[str]) -> bytes:
    return ("\n".join([*header, *rows]) + "\n").encode()


# What the folder of the SIMULATED motion study says about itself.


# SIMULATED people of the motion example: who walks how, before and after.


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One invented person: how they move at each visit, and how well they find a position."""

    id: str
    arm: str
    visits: dict[str, Walker]
    repositioning: dict[str, tuple[float, ...]]
    seed: int


def simulated_walkers(*, participants: int, seed: int) -> tuple[Person, ...]:
    """Return people, an even number, in two arms of equal size; a seed gives the same people."""
    return tuple(_person(place, seed=seed) for place in range(participants))


def _person(place: int, *, seed: int) -> Person:
    rng = replicate_generator(seed=seed, index=place)
    arm = ARMS[place % 2]
    before = Walker(
        cycle=float(rng.normal(1.15, 0.05)),
        lag=float(rng.normal(60.0, 10.0)),
        pelvis_rotation=float(rng.normal(6.0, 0.8)),
        lumbar_rotation=float(rng.normal(7.0, 0.8)),
        lumbar_flexion=float(rng.normal(3.0, 0.4)),
        lordosis=float(rng.normal(-12.0, 6.0)),
        bump=float(rng.normal(0.0, 0.5)),
        wobble=0.06,
    )
    treated = 1.0 if arm == "backward" else 0.0
    after = replace(
        before,
        lag=before.lag + EFFECT_LAG * treated + float(rng.normal(0.0, 4.0)),
        bump=before.bump + EFFECT_BUMP * treated + float(rng.normal(0.0, 0.6)),
        lordosis=before.lordosis + float(rng.normal(0.0, 1.0)),
    )
    errors = {
        visit: np.round(rng.normal(2.0 - 0.8 * treated * (visit == "W6"), 1.5, 5) + 20.0, 1)
        for visit in VISITS
    }
    return Person(
        id=f"SIM-{place + 1:02d}",
        arm=arm,
        visits=dict(zip(VISITS, (before, after), strict=True)),
        repositioning={visit: tuple(map(float, found)) for visit, found in errors.items()},
        seed=int(rng.integers(2**31)),
    )
