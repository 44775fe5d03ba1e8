"""Markers of a body that walks, and C3D files of them, byte by byte as the user guide has it."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

RATE = 100.0
BLOCK = 512
INTEL, DEC, MIPS = 84, 85, 86
SATURATED = 65_535


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
    **more: Any,
) -> Path:
    """Write markers, multiplied by `scale`, into a C3D file; `more` goes to `c3d_bytes`."""
    points = scale * np.stack(list(markers.values()), axis=1)
    if analogs:
        more["analog"] = np.ones((len(points), 10, analogs))
    made = c3d_bytes(points, labels=labels or list(markers), unit=unit, rate=rate, **more)
    path.write_bytes(made)
    return path


def c3d_bytes(
    points: np.ndarray,
    *,
    labels: list[str],
    unit: str = "mm",
    rate: float = RATE,
    first: int = 1,
    processor: int = INTEL,
    scale: float = -1.0,
    marks: np.ndarray | None = None,
    analog: np.ndarray | None = None,
    groups: Mapping[str, Mapping[str, object]] | None = None,
    header: Mapping[int, int] | None = None,
    poses: np.ndarray | None = None,
) -> bytes:
    """Return a C3D file.

    `points` (frames, points, 3) in the file's unit, NaN where missing; `scale` above 0 writes
    integers. `marks` (frames, points): the fourth words. `analog` (frames, samples, channels): raw
    words. `groups` adds parameters and takes the place of those that are written without it; None
    takes one away. `header`: words by their number, 1 the first. `poses` (frames, poses, 17).
    """
    frames, count = points.shape[:2]
    analog = np.zeros((frames, 1, 0)) if analog is None else analog
    held = _parameters(
        points, analog, labels=labels, unit=unit, rate=rate, first=first, scale=scale
    )
    for group, parameters in (groups or {}).items():
        held[group] = {**held.get(group, {}), **parameters}
    start = 2
    for _ in range(3):  # where the data begin stands among the parameters before them
        held["POINT"].setdefault("DATA_START", 0)
        if not (groups or {}).get("POINT", {}).get("DATA_START"):
            held["POINT"]["DATA_START"] = start
        data = _data(points, marks, analog, scale=scale, processor=processor)
        if poses is not None:
            held.setdefault("ROTATION", {})["DATA_START"] = start + len(data) // BLOCK
        section = _section(held, processor)
        start = 2 + len(section) // BLOCK
    words = {
        2: count,
        3: analog.shape[1] * analog.shape[2],
        4: first % (SATURATED + 1),
        5: min(first + frames - 1, SATURATED),
        9: start,
        10: analog.shape[1],
    }
    order = ">" if processor == MIPS else "<"
    block = bytearray(BLOCK)
    block[:2] = bytes([2, 0x50])
    for place, word in (words | dict(header or {})).items():
        struct.pack_into(f"{order}H", block, 2 * (place - 1), word)
    block[12:16] = real_bytes(scale, processor)
    block[20:24] = real_bytes(rate, processor)
    turned = b"" if poses is None else _padded(real_bytes(poses, processor))
    return bytes(block) + section + data + turned


def _parameters(
    points: np.ndarray,
    analog: np.ndarray,
    *,
    labels: list[str],
    unit: str,
    rate: float,
    first: int,
    scale: float,
) -> dict[str, dict[str, object]]:
    frames = len(points)
    last = first + frames - 1
    point: dict[str, object] = {
        "USED": points.shape[1],
        "FRAMES": min(frames, SATURATED),
        "SCALE": float(scale),
        "RATE": float(rate),
        "UNITS": unit,
    }
    for place in range(0, max(len(labels), 1), 255):
        name = f"LABELS{place // 255 + 1}" if place else "LABELS"
        point[name] = labels[place : place + 255]
    channels = analog.shape[2]
    held: dict[str, dict[str, object]] = {
        "POINT": point,
        "ANALOG": {
            "USED": channels,
            "RATE": float(rate * analog.shape[1]),
            "GEN_SCALE": 1.0,
            "SCALE": np.ones(channels),
            "OFFSET": np.zeros(channels, np.int16),
            "LABELS": [f"A{k}" for k in range(channels)],
            "UNITS": ["N"] * channels,
        },
        "FORCE_PLATFORM": {"USED": 0},
    }
    if last > SATURATED:
        for name, number in (("ACTUAL_START_FIELD", first), ("ACTUAL_END_FIELD", last)):
            words = np.array([number % 65_536, number // 65_536], np.uint16)
            held.setdefault("TRIAL", {})[name] = words
    return held


def _section(groups: Mapping[str, Mapping[str, object]], processor: int) -> bytes:
    """Return the parameter section: every group, then its parameters."""
    order = ">" if processor == MIPS else "<"
    records = []
    for number, (group, parameters) in enumerate(groups.items(), start=1):
        records.append((group, -number, b"\x00"))
        for name, value in parameters.items():
            if value is not None:
                records.append((name, number, _value(value, processor) + b"\x00"))
    body = b"".join(
        struct.pack("2b", len(name), number)
        + name.encode()
        + struct.pack(f"{order}H", 2 + len(held))
        + held
        for name, number, held in records
    )
    blocks = -(-(len(body) + 6) // BLOCK)
    head = bytes([1, 0x50, min(blocks, 255), processor])
    return (head + body).ljust(blocks * BLOCK, b"\x00")


def _value(value: object, processor: int) -> bytes:
    """Return type, dimensions and data; the last axis of an array runs fastest."""
    order = ">" if processor == MIPS else "<"
    if isinstance(value, str):
        return struct.pack("3b", -1, 1, len(value)) + value.encode()
    if isinstance(value, list):
        width = max((len(text) for text in value), default=0)
        data = b"".join(text.encode().ljust(width) for text in value)
        return struct.pack("2b2B", -1, 2, width, len(value)) + data
    array = np.asarray(value)
    shape = bytes([array.ndim, *array.shape[::-1]])
    if array.dtype.kind == "f":
        return b"\x04" + shape + real_bytes(array, processor)
    if array.dtype.itemsize == 1:
        return b"\x01" + shape + array.tobytes()
    return b"\x02" + shape + np.array(array.astype(np.int64) & 0xFFFF, f"{order}u2").tobytes()


def _data(
    points: np.ndarray,
    marks: np.ndarray | None,
    analog: np.ndarray,
    *,
    scale: float,
    processor: int,
) -> bytes:
    frames, count = points.shape[:2]
    missing = np.isnan(points).any(axis=2)
    fourth = np.where(missing, -1.0, 0.0) if marks is None else marks
    placed = np.where(missing[..., None], 0.0, points)
    if scale > 0.0:
        placed = np.round(placed / scale)
    words = np.concatenate([placed, fourth[..., None]], axis=2).reshape(frames, 4 * count)
    whole = np.concatenate([words, analog.reshape(frames, -1)], axis=1)
    if scale < 0.0:
        return _padded(real_bytes(whole, processor))
    order = ">" if processor == MIPS else "<"
    return _padded((whole.astype(np.int64) & 0xFFFF).astype(f"{order}u2").tobytes())


def real_bytes(values: object, processor: int) -> bytes:
    """Return real numbers of four bytes; those of DEC are four times as large, words exchanged."""
    array = np.asarray(values)
    if processor == DEC:
        halves = (array * 4.0).astype("<f4").view("<u2") if array.ndim else None
        if halves is None:
            halves = np.array([array * 4.0], "<f4").view("<u2")
        return np.ascontiguousarray(halves.reshape(-1, 2)[:, ::-1]).tobytes()
    return array.astype(">f4" if processor == MIPS else "<f4").tobytes()


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // BLOCK) * BLOCK, b"\x00")
