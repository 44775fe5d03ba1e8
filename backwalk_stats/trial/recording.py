"""A motion recording of one participant, as it was read: positions, orientations, angles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

Direction = Literal["forward", "backward"]
Task = Literal["walk", "bend"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """One file of a motion laboratory. Missing samples are NaN.

    Attributes
    ----------
    file : str
        Name of the file without its folder.
    participant, arm, visit : str
    direction : str
        How the person walks: "forward" or "backward".
    task : str
        "walk", or "bend": the trunk bends forwards and comes up again.
    rate : float
        Samples per second.
    markers : mapping of str to array, shape (samples, 3)
        Metres, in the laboratory's axes.
    quaternions : mapping of str to array, shape (samples, 4)
        Of sensors, as the file orders their parts.
    angles : mapping of str to array, shape (samples,)
        Degrees, by the names of signals.
    belt_speed : float
        Of a treadmill, metres per second; 0 over ground.
    notes : tuple of str
        What reading has changed, such as units.
    """

    file: str
    participant: str
    arm: str
    visit: str
    direction: Direction
    task: Task = "walk"
    rate: float
    markers: Mapping[str, np.ndarray] = field(default_factory=dict)
    quaternions: Mapping[str, np.ndarray] = field(default_factory=dict)
    angles: Mapping[str, np.ndarray] = field(default_factory=dict)
    belt_speed: float = 0.0
    notes: tuple[str, ...] = ()
