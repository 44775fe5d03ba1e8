"""Speed, cadence and step length of walking, and the identity that binds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

AGREEMENT = 0.05  # relative gap of the identity above which a record is in doubt


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Gait(Shown):
    """Measures of a walk.

    Attributes
    ----------
    speed : float
        Metres per second in the direction of travel.
    cadence : float
        Steps per minute.
    step_length : float
        Metres.
    step_time : float
        Seconds.
    identity_gap : float
        |speed - cadence step_length / 60| / speed: beyond `AGREEMENT` rate, unit or events are
        wrong.
    """

    speed: float
    cadence: float
    step_length: float
    step_time: float
    identity_gap: float


def gait(
    *,
    left: np.ndarray,
    right: np.ndarray,
    left_foot: FloatArray,
    right_foot: FloatArray,
    sacrum: FloatArray,
    rate: float,
    belt_speed: float = 0.0,
) -> Gait:
    """Return speed, cadence and step length.

    Parameters
    ----------
    left, right : array of int
        Contacts of each foot, in samples.
    left_foot, right_foot : array, shape (samples,)
        The marker of each foot that meets the ground first, along the direction of travel, metres.
    sacrum : array, shape (samples,)
        Along the direction of travel, metres.
    rate : float
        Samples per second.
    belt_speed : float
        Of a treadmill, metres per second; 0 over ground.

    Returns
    -------
    Gait
        Speed in metres per second, cadence in steps a minute, step lengths in metres.

    Raises
    ------
    NotEstimable
        If there are fewer than three steps, or left and right do not alternate.

    Examples
    --------
    >>> left, right = np.array([0, 100, 200]), np.array([50, 150, 250])
    >>> still = np.zeros(300)
    >>> found = gait(left=left, right=right, left_foot=still, right_foot=still, sacrum=still,
    ...     rate=100.0, belt_speed=1.0)
    >>> round(found.cadence, 1)
    120.0
    """
    steps = sorted([(int(k), 0) for k in left] + [(int(k), 1) for k in right])
    sides = np.array([side for _, side in steps])
    if len(steps) < 4 or (np.diff(sides) == 0).any():
        raise NotEstimable("fewer than three steps, or left and right contacts do not alternate")
    at = np.array([sample for sample, _ in steps])
    feet = np.stack([left_foot, right_foot])
    time = np.diff(at) / rate
    # Where this foot lands, less where the other one landed a step before; the belt has moved on.
    length = feet[sides[1:], at[1:]] - feet[sides[:-1], at[:-1]] + belt_speed * time
    elapsed = (at[-1] - at[0]) / rate
    speed = float((sacrum[at[-1]] - sacrum[at[0]]) / elapsed + belt_speed)
    cadence = float(60.0 / time.mean())
    step_length = float(length.mean())
    if speed <= 0.0:
        raise NotEstimable("the body does not travel in the direction of walking")
    return Gait(
        speed=speed,
        cadence=cadence,
        step_length=step_length,
        step_time=float(time.mean()),
        identity_gap=abs(speed - cadence * step_length / 60.0) / speed,
    )
