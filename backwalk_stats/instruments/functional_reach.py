"""Functional reach test: centimetres."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SOURCE = "RehabMeasures (sralab.org), Functional Reach Test, after Weiner 1992"
_SCALE = measured(
    "frt_cm", label="Functional reach (cm)", unit="cm", better="higher", usual=(5.0, 70.0)
)

INSTRUMENT = Instrument(
    code="frt",
    name="Functional reach test",
    domain="balance",
    versions=(
        Version(code="forward", name="mean of the trials that count, in cm", scales=(_SCALE,)),
    ),
    sources=(_SOURCE,),
    licence="free",
    unverified=("No threshold was found for forward reach with its population.",),
    notes=(
        "Which trials count differs: after two for practice the mean of three (RehabMeasures), "
        "elsewhere the mean of trials 2 and 3 (from memory): say which.",
        "Reach while sitting (the modified test) is another test. Inches are 2.54 cm.",
    ),
)
