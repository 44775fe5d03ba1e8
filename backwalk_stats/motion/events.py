"""When a foot meets and leaves the ground, from markers, for forward and for backward walking.

Along the axis that the person faces, the foot is furthest in front of the sacrum when it lands in
forward walking and when it leaves in backward walking, for backward walking is forward walking with
time turned round (Zeni et al. 2008, Gait Posture 27:710-714, for forward walking). A rule on the
wrong direction takes swing for stance; `events` checks this and refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.signal import find_peaks

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.registry import Shown

DIRECTIONS = ("forward", "backward")
LEAST_STANCE = 0.5  # of the cycle: below it nobody walks
MOST_STANCE = 0.85
PROMINENCE = 0.25  # of the range of the movement: smaller peaks are noise
STANDING_STILL = 0.05  # metres per second: slower is a treadmill, or standing


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class FootEvents(Shown):
    """Contacts and toe-offs of one foot.

    Attributes
    ----------
    contact, off : array of int
        Samples, in order; between two contacts lies one off.
    stance : float
        Mean share of the cycle in which the foot is on the ground.
    """

    contact: np.ndarray
    off: np.ndarray
    stance: float


def events(
    *, heel: FloatArray, toe: FloatArray, sacrum: FloatArray, rate: float, direction: str
) -> FootEvents:
    """Return the contacts and offs of a foot.

    Forward: contact = max(heel - sacrum), off = min(toe - sacrum). Backward: contact (by the toe) =
    min(toe - sacrum), off (by the heel) = max(heel - sacrum).

    Parameters
    ----------
    heel, toe, sacrum : array, shape (samples,)
        Position along the axis that the person FACES, in metres, filtered, without gaps.
    rate : float
        Samples per second.
    direction : str
        "forward" or "backward": how the person walks.

    Returns
    -------
    FootEvents
        `.contact` and `.off` in samples, `.stance` as a share of the cycle.

    Raises
    ------
    NotEstimable
        If fewer than two contacts are found, or what is found is not this direction of walking.

    Examples
    --------
    >>> t = np.arange(400) / 100
    >>> foot = 0.4 * np.cos(2 * np.pi * t)
    >>> found = events(heel=foot, toe=foot + 0.02 * np.sin(2 * np.pi * t), sacrum=np.zeros(400),
    ...                rate=100, direction="forward")
    >>> np.diff(found.contact).tolist(), round(found.stance, 2)
    ([100, 100], 0.51)
    """
    if direction not in DIRECTIONS:
        raise UsageError(f"direction is {direction!r}; it is one of {', '.join(DIRECTIONS)}")
    for name, track in (("heel", heel), ("toe", toe), ("sacrum", sacrum)):
        if not np.isfinite(track).all():
            raise NotEstimable(f"the {name} marker has gaps: fill short ones, or cut the record")
    _require_direction(sacrum, rate=rate, direction=direction)
    front = _peaks(heel - sacrum, rate=rate)
    back = _peaks(sacrum - toe, rate=rate)
    contact, off = (front, back) if direction == "forward" else (back, front)
    contact, off = _alternating(contact, off)
    stance = float(((off - contact[:-1]) / np.diff(contact)).mean())
    if not LEAST_STANCE - 1.0 / rate <= stance <= MOST_STANCE:
        raise NotEstimable(
            f"the foot seems to be on the ground for {100 * stance:.0f} % of the cycle, expected "
            f"{100 * LEAST_STANCE:.0f} to {100 * MOST_STANCE:.0f} %: check the direction of "
            f"walking (declared: {direction}) and the axis and sense that the person faces"
        )
    return FootEvents(contact=contact, off=off, stance=stance)


def _require_direction(sacrum: FloatArray, *, rate: float, direction: str) -> None:
    """Refuse a record in which the body travels the other way than declared."""
    speed = float(np.median(np.diff(sacrum))) * rate
    sign = 1.0 if direction == "forward" else -1.0
    if sign * speed < -STANDING_STILL:
        other = "backward" if direction == "forward" else "forward"
        raise NotEstimable(
            f"the body travels {other} along the axis it faces, but the record is declared as "
            f"{direction} walking: correct the direction, or the axis that the person faces"
        )


def _peaks(track: FloatArray, *, rate: float) -> np.ndarray:
    """Return the samples of the maxima, one a cycle."""
    spread = float(track.max() - track.min())
    if spread <= 0.0:
        raise NotEstimable("a foot marker does not move against the sacrum")
    apart = max(1, int(0.6 * _period(track, rate=rate)))
    places, _ = find_peaks(track, distance=apart, prominence=PROMINENCE * spread)
    return places


def _period(track: FloatArray, *, rate: float) -> float:
    """Return the samples of one cycle, from the first high peak of the autocorrelation."""
    centred = track - track.mean()
    size = len(centred)
    power = np.abs(np.fft.rfft(centred, 2 * size)) ** 2
    likeness = np.fft.irfft(power)[:size] / np.arange(size, 0, -1)
    first = int(0.4 * rate)
    places, _ = find_peaks(likeness[: int(0.75 * size)], prominence=0.2 * likeness[0])
    later = places[places >= first]
    if not len(later):
        raise NotEstimable("no repeating movement was found: fewer than two cycles, or no walking")
    return float(later[np.argmax(likeness[later] > 0.5 * likeness[later].max())])


def _alternating(contact: np.ndarray, off: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return contacts with the one off between each two; refuse a record in which they do not."""
    if len(contact) < 2:
        raise NotEstimable(f"{len(contact)} contacts of a foot; a cycle needs two")
    between = [off[(off > a) & (off < b)] for a, b in pairwise(contact)]
    odd = sum(len(found) != 1 for found in between)
    if odd:
        raise NotEstimable(
            f"in {odd} of {len(between)} cycles the foot does not leave the ground exactly once: "
            "the record holds turns, steps on the spot or noise; cut it, or filter it more"
        )
    return contact, np.array([int(found[0]) for found in between])
