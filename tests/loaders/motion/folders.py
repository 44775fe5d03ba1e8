"""A folder of a motion study with two people, to be spoiled in one way or another."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backwalk_stats.analyses.simulated.gait import walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion import mot, simulated_walkers, trc

MANIFEST = "file,markers_file,participant,arm,visit,direction,task,belt_speed"
HEAD = """\
[motion]
id = "small"
recordings = "recordings.csv"

[arms]
reference = "forward"
names = { forward = "Forward", backward = "Backward" }

[visits]
baseline = "W0"
order = ["W0", "W6"]
"""
BODY = """
[markers]
heel_left = "LHEE"
toe_left = "LTOE"
heel_right = "RHEE"
toe_right = "RTOE"
sacrum = "SACR"

[[coupling]]
name = "lumbopelvic"
proximal = "pelvis_rotation"
distal = "lumbar_rotation"
"""
ONE_RECORDING = """\
[motion]
id = "one"

[arms]
reference = "a"

[visits]
baseline = "W0"
order = ["W0"]

[[recording]]
file = "{file}"
participant = "P"
arm = "a"
visit = "W0"
direction = "forward"
{more}

{body}
"""


def folder_of(path: Path, *, head: str = HEAD, body: str = BODY, seconds: float = 6.0) -> Path:
    """Write a motion study of two people who walk forwards once, and return its motion file."""
    time = np.arange(int(50 * seconds)) / 50.0
    rows = [MANIFEST]
    for place, person in enumerate(simulated_walkers(participants=2, seed=3)):
        walker = person.visits["W0"]
        rng = np.random.default_rng(place)
        angles = walk_angles(walker, time, backward=False, rng=rng)
        markers = walk_markers(angles, walker, time, backward=False)
        (path / f"w{place}.mot").write_bytes(mot(time, angles))
        (path / f"w{place}.trc").write_bytes(trc(time, markers, rate=50.0))
        cells = (f"w{place}.mot", f"w{place}.trc", f"P{place}", person.arm, "W0", "forward")
        rows.append(",".join([*cells, "walk", "1.0"]))
    (path / "recordings.csv").write_text("\n".join(rows) + "\n")
    (path / "motion.toml").write_text(head + body)
    return path / "motion.toml"
