"""Double inclinometer: lumbar range of motion in degrees."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.instruments.instrument import FloatArray, Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete


def lumbar(items: FloatArray) -> FloatArray:
    """Return the upper minus the lower angle, columns in that order. Shape (n, 2) to (n,).

    Examples
    --------
    >>> lumbar(np.array([[95.0, 45.0]]))
    array([50.])
    """
    return items[:, 0] - items[:, 1]


def from_readings(
    *,
    upper: ArrayLike,
    upper_neutral: ArrayLike,
    lower: ArrayLike,
    lower_neutral: ArrayLike,
) -> FloatArray:
    """Return lumbar motion in degrees: upper minus lower, each minus its neutral reading.

    Examples
    --------
    >>> from_readings(upper=[100.0], upper_neutral=[5.0], lower=[55.0], lower_neutral=[10.0])
    array([50.])
    """
    moved = np.asarray(upper, dtype=float) - np.asarray(upper_neutral, dtype=float)
    below = np.asarray(lower, dtype=float) - np.asarray(lower_neutral, dtype=float)
    return np.asarray(moved - below)


_SCALE = Scale(
    name="score",
    label="Lumbar motion (inclinometer, °)",
    low=-180.0,
    high=180.0,
    step=None,
    unit="°",
    better="higher",
    items=(
        Item(code="incl_t12", low=-180.0, high=180.0, step=None),
        Item(code="incl_s1", low=-180.0, high=180.0, step=None),
    ),
    formula="T12 angle - S1 angle, each relative to neutral",
    combine=lumbar,
    rules=(complete(2),),
    usual=(5.0, 120.0),
)

INSTRUMENT = Instrument(
    code="incl",
    name="Double inclinometer, lumbar",
    domain="lumbar range of motion",
    aliases=(("inclinometer", ""),),
    versions=(Version(code="double", name="T12 or L1 and S1 or S2", scales=(_SCALE,)),),
    sources=(),
    licence="free",
    unverified=("The formula is the usual one, from memory; no thresholds were found.",),
    notes=("Degrees, not radians: a median below 5 asks for the unit.",),
)
