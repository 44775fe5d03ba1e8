"""Functional reach test: centimetres."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SCALE = measured(
    "frt_cm", label="Functional reach (cm)", unit="cm", better="higher", usual=(5.0, 70.0)
)

INSTRUMENT = Instrument(
    code="frt",
    name="Functional reach test",
    domain="balance",
    versions=(Version(code="forward", name="mean of trials 2 and 3, in cm", scales=(_SCALE,)),),
    sources=(),
    licence="free",
    unverified=(
        "No source was read: there are no thresholds.",
        "That the mean of trials 2 and 3 counts.",
    ),
)
