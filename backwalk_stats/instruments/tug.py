"""Timed Up and Go: seconds to rise, walk 3 m, turn, come back and sit."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_KNEE = "doi 10.1186/s12891-015-0637-8"
_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_STROKE = "PMC6136166"
_THRESHOLDS = (
    threshold(
        "mdc95-intrarater-points", 1.10, "knee osteoarthritis, grades 1 to 3, one rater", _KNEE
    ),
    threshold(
        "mdc95-interrater-points", 1.14, "knee osteoarthritis, grades 1 to 3, two raters", _KNEE
    ),
    threshold("mdc95-awaiting-percent", 36.7, "knee awaiting arthroplasty (n = 75)", _AWAITING),
    threshold(
        "mdc-chronic-stroke-points",
        3.2,
        "chronic stroke (n = 56), one rater",
        _STROKE,
        "1.96 sqrt(2) x SEM 1.16 gives 3.22; its abstract does not say the level",
    ),
)
_SCALE = measured(
    "tug_s",
    label="Timed Up and Go (s)",
    unit="s",
    better="lower",
    open_low=True,
    usual=(3.0, 120.0),
    thresholds=_THRESHOLDS,
)

INSTRUMENT = Instrument(
    code="tug",
    name="Timed Up and Go",
    domain="performance",
    versions=(Version(code="3m", name="3 m, in seconds", scales=(_SCALE,)),),
    sources=(_KNEE, _AWAITING, _STROKE),
    licence="free",
    notes=(
        "Say whether the best or the mean of the trials is recorded.",
        "Who cannot do it has a missing time, never 0.",
    ),
)
