"""Double inclinometer: lumbar range of motion in degrees."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import FloatArray, Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete


def lumbar(items: FloatArray) -> FloatArray:
    """Return the upper minus the lower angle, columns in that order. Shape (n, 2) to (n,).

    >>> import numpy as np
    >>> lumbar(np.array([[95.0, 45.0]]))
    array([50.])
    """
    return items[:, 0] - items[:, 1]


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
