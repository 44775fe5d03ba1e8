"""Bytes of motion files: C3D by ezc3d, OpenSim's .mot and .trc, and CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from backwalk_stats.engine.domain import FloatArray

MM = 1000.0


def c3d(markers: Mapping[str, FloatArray], *, rate: float) -> bytes:
    """Return a C3D file of markers, in millimetres; `markers` (samples, 3) are in metres."""
    import ezc3d

    made = ezc3d.c3d()
    made["parameters"]["POINT"]["RATE"]["value"] = [rate]
    made["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    made["parameters"]["POINT"]["LABELS"]["value"] = list(markers)
    points = np.stack([MM * track.T for track in markers.values()], axis=1)
    made["data"]["points"] = np.concatenate([points, np.ones((1, *points.shape[1:]))])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.c3d")
        made.write(str(path))
        return path.read_bytes()


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
