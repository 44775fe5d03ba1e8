"""A motion file as it was read: positions in metres, angles in degrees, and what was changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backwalk_stats.errors import Faults
from backwalk_stats.registry import Shown
from backwalk_stats.trial.motion_plan import ForcePlate, GaitEvent

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
DEGREES = {"deg": 1.0, "rad": 180.0 / np.pi}
SMALLEST, LARGEST = 0.2, 4.0  # metres between the two markers of a person that are furthest apart


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class RawMotion(Shown):
    """The content of one file. Missing samples are NaN.

    Attributes
    ----------
    rate : float
        Samples per second.
    markers : mapping of str to array, shape (samples, 3)
        Metres, in the laboratory's axes.
    quaternions : mapping of str to array, shape (samples, 4)
    angles : mapping of str to array, shape (samples,)
        Degrees.
    vectors : mapping of str to array, shape (samples, 3)
        Degrees: model angles of a file, three components a name, not yet declared as signals.
    rotations : mapping of str to array, shape (samples, 3, 3)
        Axes of segments in the laboratory, columns are axes.
    events : tuple of GaitEvent
        In order of time.
    plates : tuple of ForcePlate
    notes : tuple of str
        What reading has changed.
    """

    rate: float
    markers: Mapping[str, np.ndarray] = field(default_factory=dict)
    quaternions: Mapping[str, np.ndarray] = field(default_factory=dict)
    angles: Mapping[str, np.ndarray] = field(default_factory=dict)
    vectors: Mapping[str, np.ndarray] = field(default_factory=dict)
    rotations: Mapping[str, np.ndarray] = field(default_factory=dict)
    events: tuple[GaitEvent, ...] = ()
    plates: tuple[ForcePlate, ...] = ()
    notes: tuple[str, ...] = ()


def check_size(markers: Mapping[str, np.ndarray], faults: Faults, *, unit: str) -> None:
    """Refuse markers that cannot be those of a person in the unit that is declared.

    The markers are those of a body, so the two furthest apart are between `SMALLEST` and `LARGEST`
    metres from each other; millimetres that are taken for metres are a thousand times too far.
    """
    if len(markers) < 2:
        return
    points = np.stack(list(markers.values()))
    there = np.isfinite(points)
    high = np.where(there, points, -np.inf).max(axis=0)
    low = np.where(there, points, np.inf).min(axis=0)
    known = (there.sum(axis=0) >= 2).all(axis=1)
    if not known.any():
        return
    size = float(np.sqrt((np.median((high - low)[known], axis=0) ** 2).sum()))
    if not SMALLEST <= size <= LARGEST:
        expected = f"markers of a body, at most {LARGEST:g} m apart"
        found = f"markers {size:.3g} m apart when they are read as {unit}"
        action = "Declare the unit that the positions are in: m, cm or mm"
        faults.add("unit of positions", expected, found, action)


def still(signals: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Return the signals that never move, and what is there instead of a movement.

    >>> still({"a": np.array([1.0, 2.0]), "b": np.array([3.0, np.nan, 3.0])})
    {'b': 'the same number in every sample'}
    """
    found = {}
    for name, values in signals.items():
        there = values[np.isfinite(values).all(axis=tuple(range(1, values.ndim)))]
        if not len(there):
            found[name] = "no sample"
        elif not np.ptp(there, axis=0).any():
            found[name] = "the same number in every sample"
    return found
