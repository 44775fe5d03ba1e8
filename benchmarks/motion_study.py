"""A motion study of many recordings: time and memory by how many there are.

Each recording is a walk of 10 s at 100 Hz with 40 markers in a C3D file. One line a size: seconds
to read and to analyse, and the largest memory of the process; the last columns are per recording.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from backwalk_stats.analyses.motion.movement import movement
from backwalk_stats.analyses.simulated.gait import Walker, belt_speed, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.motion import MOTION_TOML, c3d
from backwalk_stats.loaders.motion.motion_file import load_motion

SIZES = (50, 100, 200, 500)
RATE, SECONDS, MARKERS = 100.0, 10.0, 40
WALKER = Walker(cycle=1.15, lag=140.0, pelvis_rotation=6.0, lumbar_rotation=7.0,
                lumbar_flexion=3.0, lordosis=-12.0, bump=0.0, wobble=0.06)  # fmt: skip


def write_study(folder: Path, recordings: int) -> Path:
    """Write a study with eight recordings a person: two of each walk and visit."""
    time_axis = np.arange(round(RATE * SECONDS)) / RATE
    rows = ["file,participant,arm,visit,direction,belt_speed"]
    for backward, name in ((False, "forward"), (True, "backward")):
        rng = np.random.default_rng(backward)
        angles = walk_angles(WALKER, time_axis, backward=backward, rng=rng)
        markers = walk_markers(angles, WALKER, time_axis, backward=backward)
        spare = {f"M{k}": markers["SACR"] + 0.01 * k for k in range(MARKERS - len(markers))}
        (folder / f"{name}.c3d").write_bytes(c3d({**markers, **spare}, rate=RATE))
    for place in range(recordings):
        name = ("forward", "backward")[place % 2]
        visit = ("W0", "W6")[place // 2 % 2]
        person = place // 8
        rows.append(f"{name}.c3d,P{person},forward,{visit},{name},{belt_speed(WALKER):.4f}")
    (folder / "recordings.csv").write_text("\n".join(rows) + "\n")
    text = MOTION_TOML.format(id="many", title="many", seed=1, visits='"W0", "W6"')
    (folder / "motion.toml").write_text(text[: text.index("[repositioning]")])
    return folder / "motion.toml"


def measured(recordings: int) -> str:
    """Return the line of one size."""
    with tempfile.TemporaryDirectory() as place:
        path = write_study(Path(place), recordings)
        start = time.perf_counter()
        plan = load_motion(path)
        read = time.perf_counter()
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = movement(plan)
        done = time.perf_counter()
    assert len(found.recordings) >= recordings
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = (done - start) / recordings
    return (
        f"{recordings:>10}{read - start:>10.1f}{done - read:>12.1f}{held:>14.0f}{peak:>10.0f}"
        f"{1000 * each:>12.1f}{peak / recordings:>12.2f}"
    )


def main() -> None:
    """Print the table, each size in a process of its own."""
    print(
        f"{'recordings':>10}{'read, s':>10}{'analyse, s':>12}{'read, MiB':>14}{'peak':>10}"
        f"{'ms each':>12}{'MiB each':>12}"
    )
    for size in SIZES:
        command = [sys.executable, __file__, str(size)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(measured(int(sys.argv[1])))
    else:
        main()
