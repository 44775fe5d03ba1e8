"""Four Square Step Test: seconds."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SCALE = measured(
    "fsst_s",
    label="Four Square Step Test (s)",
    unit="s",
    better="lower",
    open_low=True,
    usual=(3.0, 120.0),
)

INSTRUMENT = Instrument(
    code="fsst",
    name="Four Square Step Test",
    domain="balance",
    versions=(
        Version(code="best-of-2", name="the better of two trials, in seconds", scales=(_SCALE,)),
    ),
    sources=(),
    licence="free",
    unverified=("No source was read: there are no thresholds.",),
)
