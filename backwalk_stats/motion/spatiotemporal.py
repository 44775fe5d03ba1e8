"""Speed, cadence and step length of walking, and the identity that binds them."""

from __future__ import annotations

from collections.abc import Sequence
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
    left, right : array
        Contacts of each foot, in samples, with fractions or without.
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
    found = steps_of(
        left=left,
        right=right,
        left_foot=left_foot,
        right_foot=right_foot,
        sacrum=sacrum,
        rate=rate,
        belt_speed=belt_speed,
    )
    if found.skipped or len(found.time) < 3:
        raise NotEstimable("fewer than three steps, or left and right contacts do not alternate")
    return pooled_gait([found])


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Steps(Shown):
    """The steps of one recording, from the contact of a foot to the next one of the other foot.

    Attributes
    ----------
    time : array, shape (steps,)
        Seconds.
    length : array, shape (steps,)
        Metres from where the one foot landed to where the other does; NaN without markers of them.
    travel : array, shape (steps,)
        Metres that the body went on, with the belt's; NaN without a marker of the pelvis.
    skipped : int
        Contacts of the same foot in a row: an event between was missed.
    """

    time: FloatArray
    length: FloatArray
    travel: FloatArray
    skipped: int


def steps_of(
    *,
    left: np.ndarray,
    right: np.ndarray,
    left_foot: FloatArray,
    right_foot: FloatArray,
    sacrum: FloatArray,
    rate: float,
    belt_speed: float = 0.0,
) -> Steps:
    """Return the steps of a recording, however few; what is given is that of `gait`.

    Examples
    --------
    >>> found = steps_of(left=np.array([0, 100]), right=np.array([50]), left_foot=np.zeros(101),
    ...     right_foot=np.zeros(101), sacrum=np.zeros(101), rate=100.0, belt_speed=1.0)
    >>> found.time.tolist(), found.length.tolist()
    ([0.5, 0.5], [0.5, 0.5])
    """
    marks = sorted([(float(k), 0) for k in left] + [(float(k), 1) for k in right])
    at = np.array([sample for sample, _ in marks])
    side = np.array([foot for _, foot in marks], dtype=int)
    samples = np.arange(len(sacrum))
    feet = np.stack([np.interp(at, samples, foot) for foot in (left_foot, right_foot)])
    body = np.interp(at, samples, sacrum)
    other = np.diff(side) != 0
    time = np.diff(at) / rate
    place = np.arange(1, len(at))
    # Where this foot lands, less where the other one landed a step before; the belt has moved on.
    length = feet[side[1:], place] - feet[side[:-1], place - 1] + belt_speed * time
    travel = np.diff(body) + belt_speed * time
    return Steps(
        time=time[other],
        length=length[other],
        travel=travel[other],
        skipped=int((~other).sum()),
    )


def pooled_gait(parts: Sequence[Steps]) -> Gait:
    """Return speed, cadence and step length over the steps of several recordings.

    Every step weighs the same, whichever recording it is of: speed is the way of all steps over
    their time, cadence their number over their time, and step length their mean. A step whose way
    or length is not known (NaN) counts for cadence alone; what no step knows is NaN.

    Parameters
    ----------
    parts : sequence of Steps

    Returns
    -------
    Gait

    Raises
    ------
    NotEstimable
        If there is no step, or the body does not travel in the direction of walking.

    Examples
    --------
    >>> half, far = np.array([0.5]), np.array([0.7])
    >>> slow = Steps(time=half, length=half, travel=half, skipped=0)
    >>> fast = Steps(time=half, length=far, travel=far, skipped=0)
    >>> found = pooled_gait([slow, fast])
    >>> round(found.speed, 3), round(found.step_length, 3), found.cadence
    (1.2, 0.6, 120.0)
    """
    time = np.concatenate([part.time for part in parts])
    length = np.concatenate([part.length for part in parts])
    travel = np.concatenate([part.travel for part in parts])
    if not len(time):
        raise NotEstimable("no step: left and right contacts do not follow each other")
    known, seen = np.isfinite(travel), np.isfinite(length)
    speed = float(travel[known].sum() / time[known].sum()) if known.any() else float("nan")
    step_length = float(length[seen].mean()) if seen.any() else float("nan")
    cadence = float(60.0 / time.mean())
    if speed <= 0.0:
        raise NotEstimable("the body does not travel in the direction of walking")
    return Gait(
        speed=speed,
        cadence=cadence,
        step_length=step_length,
        step_time=float(time.mean()),
        identity_gap=abs(speed - cadence * step_length / 60.0) / speed,
    )


def stance_foot_speed(toe: FloatArray, stances: FloatArray, *, rate: float) -> float:
    """Return how fast the foot on the ground moves back, metres per second; NaN without a stance.

    On a treadmill that is the speed of the belt, over ground 0. The mean over stances of the
    marker's way between 25 and 75 % of stance, in which the front of the foot is flat in both
    directions of walking.

    Parameters
    ----------
    toe : array, shape (samples,)
        Along the direction of travel, metres.
    stances : array, shape (stances, 2)
        Contact and off, samples.
    rate : float
        Samples per second.

    Examples
    --------
    >>> stance_foot_speed(-1.2 * np.arange(100) / 100, np.array([[10.0, 70.0]]), rate=100)
    1.2
    """
    if not len(stances):
        return float("nan")
    length = stances[:, 1] - stances[:, 0]
    samples = np.arange(len(toe))
    first, last = (np.interp(stances[:, 0] + part * length, samples, toe) for part in (0.25, 0.75))
    return float(((first - last) * rate / (0.5 * length)).mean().round(12))
