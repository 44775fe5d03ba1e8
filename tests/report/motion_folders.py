"""Folders of simulated motion in which ids are canaries: words that no report may hold."""

from __future__ import annotations

from pathlib import Path

from backwalk_stats.analyses.simulated.motion import simulated_motion

CANARY = "canary"


def motion_folder(folder: Path, *, participants: int, permutations: int = 199) -> Path:
    """Write a study with canaries for ids and in names of files; return its motion file."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = f"permutations = {permutations}".encode()
    changes = {
        "recordings.csv": ((b"SIM-", b"CANARY"), (b"sim-", b"canary")),
        "repositioning.csv": ((b"SIM-", b"CANARY"),),
        "motion.toml": ((b"permutations = 10000", drawn),),
    }
    made = simulated_motion(participants=participants, seed=5)
    for name in set(made) - {"README.md", "SOURCE.toml"}:
        content = made[name]
        for old, new in changes.get(name, ()):
            content = content.replace(old, new)
        (folder / name.replace("sim-", CANARY)).write_bytes(content)
    return folder / "motion.toml"
