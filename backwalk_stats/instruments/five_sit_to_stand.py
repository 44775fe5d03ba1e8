"""Five times sit-to-stand: seconds."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_SOURCE = "abstract on motor function tests in knee osteoarthritis"
_KNEE = "knee osteoarthritis, ICC(1,1) 0.90"
_PARKINSON = "J Geriatr Phys Ther 2017;40:223, doi 10.1519/JPT.0000000000000102"
_SCALE = measured(
    "fts_s",
    label="Five times sit-to-stand (s)",
    unit="s",
    better="lower",
    open_low=True,
    usual=(3.0, 120.0),
    thresholds=(
        threshold("mdc95-knee-osteoarthritis-points", 1.71, _KNEE, _SOURCE),
        threshold(
            "mdc95-parkinson-points",
            10.0,
            "Parkinson's disease, stages 1 to 3 (n = 22), ICC 0.74",
            _PARKINSON,
        ),
    ),
)

INSTRUMENT = Instrument(
    code="5xsts",
    name="Five times sit-to-stand",
    domain="performance",
    versions=(Version(code="5", name="5 times, in seconds", scales=(_SCALE,)),),
    sources=(_SOURCE, _PARKINSON),
    licence="free",
    notes=("Who cannot do it has a missing time, never 0.",),
)
