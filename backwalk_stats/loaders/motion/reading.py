"""How a motion file is read: what is asked of it, whose labels count, and at which times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import InputError, printable
from backwalk_stats.loaders.motion.raw_motion import METRES, RawMotion, length_unit

RATES_AGREE = 0.01
# Times are printed with few digits, so steps differ a little: at 120 Hz and three decimals by 12 %.
UNEVEN = 0.25  # of a step, between two samples; a lost sample makes it 1
DRIFT = 0.5  # of a step, from the straight line through the first and the last time
HOLE = 0.1  # seconds between two samples, beyond which nothing is put between them
MOST_SAMPLES = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a motion file asks of the file of a recording.

    Attributes
    ----------
    used : frozenset of str
        Labels that the motion file uses: only they are looked at.
    unit : str
        Of positions, where it is declared; "" takes the file's.
    resample : float or None
        Samples per second that uneven times are brought to; None refuses them.
    inside : str
        Which recording is meant in a file that holds several.
    """

    used: frozenset[str] = frozenset()
    unit: str = ""
    resample: float | None = None
    inside: str = ""


# Labels that stand once or more often, and the unit of positions.


def places_of(labels: Sequence[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Return the place of every label that stands once, and the labels that stand more than once.

    >>> places_of(["A", "B", "B", ""])
    ({'A': 0}, ('B',))
    """
    places: dict[str, int] = {}
    doubled: dict[str, None] = {}
    for place, label in enumerate(labels):
        if label in places:
            doubled[label] = None
        elif label:
            places[label] = place
    once = {label: place for label, place in places.items() if label not in doubled}
    return once, tuple(doubled)


def unit_of_positions(
    written: str, asked: Asked, *, file: str, where: str, row: int | None = None
) -> tuple[str, tuple[str, ...]]:
    """Return the unit of positions and what is to be said about it: declared, or the file's."""
    said, cut = length_unit(written)
    if asked.unit:
        told = f"positions read as {asked.unit}, as declared; the file says "
        told += f"'{printable(written)}'" if written else "nothing"
        return asked.unit, (told,) if said != asked.unit else ()
    if not said:
        action = "Declare it: unit of the recording"
        found = f"'{written}'" if written else "no unit"
        expected = f"one of {', '.join(METRES)}"
        raise InputError.of(file, expected, found, action, column=where, row=row)
    return said, (f"positions read as {said}: the file says '{written}'",) if cut else ()


# Times: even, or brought to even ones where that is declared.


def at_even_times(time: FloatArray, raw: RawMotion, asked: Asked, *, file: str) -> RawMotion:
    """Return signals with the rate of their times in seconds; uneven times only as declared.

    With `asked.resample` uneven times become even ones by straight lines between neighbours; where
    two samples are more than `HOLE` seconds apart, nothing is put between them.
    """
    place = uneven_step(time, file=file)
    if place is None:
        return replace(raw, rate=(len(time) - 1) / float(time[-1] - time[0]))
    if asked.resample is None:
        action = (
            "Samples were lost, or two recordings stand in one file: export again. Where the "
            "program steps so by itself, declare resample = RATE under [motion] or of the recording"
        )
        found = f"an uneven step after sample {place + 1}"
        expected = "even steps from sample to sample"
        raise InputError.of(file, expected, found, action, column="time")
    rate = asked.resample
    if (time[-1] - time[0]) * rate > MOST_SAMPLES:
        expected = f"at most {MOST_SAMPLES} samples after resampling"
        raise InputError.of(file, expected, "more", column="time")
    steps = np.diff(time)
    note = (
        f"brought to {rate:g} samples per second by straight lines, as declared: its steps are "
        f"{steps.min():.4g} to {steps.max():.4g} s"
    )
    lines = _Lines.of(time, rate)
    return replace(
        raw,
        rate=rate,
        markers=lines.all(raw.markers),
        quaternions={name: _unit_length(lines, one) for name, one in raw.quaternions.items()},
        angles=lines.all(raw.angles),
        vectors=lines.all(raw.vectors),
        notes=(*raw.notes, note),
    )


def uneven_step(time: FloatArray, *, file: str) -> int | None:
    """Return the place of the first uneven step; None where all are even. Times must rise."""
    steps = np.diff(time)
    rises = steps > 0.0
    if not rises.all() or not np.isfinite(time).all():
        found = f"a time that does not rise after sample {int(np.argmin(rises)) + 1}"
        action = "Two recordings in one file, or an edited one? Export it again"
        raise InputError.of(file, "times that rise", found, action, column="time")
    step = float(time[-1] - time[0]) / (len(time) - 1)
    uneven = np.abs(steps - step) > UNEVEN * step
    away = np.abs(time - time[0] - step * np.arange(len(time))) > DRIFT * step
    if not uneven.any() and not away.any():
        return None
    return int(np.argmax(uneven)) if uneven.any() else int(np.argmax(away))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Lines:
    """Straight lines between samples: the sample before each new time, and the way beyond it."""

    before: np.ndarray
    way: FloatArray
    hole: np.ndarray

    @classmethod
    def of(cls, time: FloatArray, rate: float) -> _Lines:
        new = time[0] + np.arange(int((time[-1] - time[0]) * rate + 1e-6) + 1) / rate
        new = np.minimum(new, time[-1])
        before = np.clip(np.searchsorted(time, new, side="right") - 1, 0, len(time) - 2)
        step = time[before + 1] - time[before]
        way = (new - time[before]) / step
        hole = (step > HOLE) & (way > 1e-9) & (way < 1.0 - 1e-9)
        return cls(before=before, way=way, hole=hole)

    def all(self, signals: Mapping[str, Any]) -> dict[str, np.ndarray]:
        return {name: self.one(np.asarray(values)) for name, values in signals.items()}

    def one(self, values: FloatArray) -> FloatArray:
        way = self.way.reshape(-1, *([1] * (values.ndim - 1)))
        low, high = values[self.before], values[self.before + 1]
        with np.errstate(invalid="ignore"):
            found = np.where(way == 0.0, low, np.where(way == 1.0, high, low + way * (high - low)))
        found[self.hole] = np.nan
        return np.asarray(found, dtype=float)


def _unit_length(lines: _Lines, quaternions: FloatArray) -> FloatArray:
    """Return quaternions between others: q and -q are the same turn, so neighbours get one sign."""
    there = np.isfinite(quaternions).all(axis=1)
    signs = np.ones(len(quaternions))
    kept = quaternions[there]
    flips = np.sign(np.sum(kept[1:] * kept[:-1], axis=1))
    signs[np.flatnonzero(there)[1:]] = np.cumprod(np.where(flips < 0, -1.0, 1.0))
    between = lines.one(quaternions * signs[:, None])
    return np.asarray(between / np.linalg.norm(between, axis=1, keepdims=True))
