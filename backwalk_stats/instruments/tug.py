"""Timed Up and Go: seconds to rise, walk 3 m, turn, come back and sit."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

_KNEE = "doi 10.1186/s12891-015-0637-8"
_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_THRESHOLDS = (
    Threshold(
        name="mdc95-intrarater-points",
        kind="mdc",
        value=1.10,
        unit="points",
        population="knee osteoarthritis, grades 1 to 3, one rater",
        source=_KNEE,
    ),
    Threshold(
        name="mdc95-interrater-points",
        kind="mdc",
        value=1.14,
        unit="points",
        population="knee osteoarthritis, grades 1 to 3, two raters",
        source=_KNEE,
    ),
    Threshold(
        name="mdc95-awaiting-percent",
        kind="mdc",
        value=36.7,
        unit="percent",
        population="knee awaiting arthroplasty (n = 75)",
        source=_AWAITING,
    ),
)

INSTRUMENT = Instrument(
    code="tug",
    name="Timed Up and Go",
    domain="performance",
    versions=(
        Version(
            code="3m",
            name="3 m, in seconds",
            scales=(
                measured(
                    "tug_s",
                    label="Timed Up and Go (s)",
                    unit="s",
                    better="lower",
                    open_low=True,
                    usual=(3.0, 120.0),
                    thresholds=_THRESHOLDS,
                ),
            ),
        ),
    ),
    sources=(_KNEE, _AWAITING),
    licence="free",
    notes=(
        "Say whether the best or the mean of the trials is recorded.",
        "Who cannot do it has a missing time, never 0.",
    ),
)
