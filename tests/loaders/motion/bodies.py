"""Markers of a body that walks, and C3D files of them as ezc3d writes them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

RATE = 100.0


def body(frames: int = 60, seed: int = 1) -> dict[str, np.ndarray]:
    """Return five markers of a body of 0.9 m, in metres, shape (frames, 3) each."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 4 * np.pi, frames)[:, None]
    heights = {"SACR": 0.95, "LHEE": 0.05, "RHEE": 0.05, "LTOE": 0.04, "RTOE": 0.04}
    return {
        name: np.array([0.0, 0.0, height]) + 0.1 * np.sin(turn + rng.normal(size=3))
        for name, height in heights.items()
    }


def write_c3d(
    path: Path,
    markers: dict[str, np.ndarray],
    *,
    unit: str = "mm",
    scale: float = 1000.0,
    labels: list[str] | None = None,
    rate: float = RATE,
    analogs: int = 0,
) -> Path:
    """Write markers, multiplied by `scale`, into a C3D file."""
    import ezc3d

    made = ezc3d.c3d()
    made["parameters"]["POINT"]["RATE"]["value"] = [rate]
    made["parameters"]["POINT"]["UNITS"]["value"] = [unit] if unit else []
    made["parameters"]["POINT"]["LABELS"]["value"] = labels or list(markers)
    points = np.stack([scale * track.T for track in markers.values()], axis=1)
    made["data"]["points"] = np.concatenate([points, np.ones((1, *points.shape[1:]))])
    if analogs:
        made["parameters"]["ANALOG"]["RATE"]["value"] = [10 * rate]
        made["parameters"]["ANALOG"]["LABELS"]["value"] = [f"force{k}" for k in range(analogs)]
        made["data"]["analogs"] = np.ones((1, analogs, 10 * points.shape[2]))
    made.write(str(path))
    return path
