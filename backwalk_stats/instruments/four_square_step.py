"""Four Square Step Test: seconds."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SOURCE = "RehabMeasures, Four Square Step Test (two trials, the better counts)"
_ROOS = "Roos 2016, J Rehabil Res Dev 53:403"
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
    sources=(_SOURCE, _ROOS),
    licence="free",
    unverified=("No threshold was found for the test over canes with its population.",),
    notes=(
        "Over tape in place of canes it is the modified test, with an MDC of 6.73 s after stroke "
        "(Roos 2016): another test. Some of its steps are backwards.",
        "After stroke 33 of 55 could do it (Roos 2016): who cannot has a missing time, never 0.",
    ),
)
