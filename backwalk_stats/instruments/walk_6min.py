"""Six-minute walk test: metres walked."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_REPLACED = "doi 10.1186/s12891-022-05262-4"
_THRESHOLDS = (
    Threshold(
        name="mdc95-knee-points",
        kind="mdc",
        value=79.0,
        unit="points",
        population="knee awaiting arthroplasty (n = 75)",
        source=_AWAITING,
    ),
    Threshold(
        name="mdc95-hip-points",
        kind="mdc",
        value=81.5,
        unit="points",
        population="hip awaiting arthroplasty",
        source=_AWAITING,
    ),
    Threshold(
        name="mcid-replacement-points",
        kind="mcid",
        value=74.3,
        unit="points",
        population="12 months after total knee arthroplasty",
        source=_REPLACED,
        note="area under the curve 0.65; 88.63 and 84.47 m in the two lowest quarters of baseline",
    ),
)

INSTRUMENT = Instrument(
    code="6mwt",
    name="Six-minute walk test",
    domain="performance",
    versions=(
        Version(
            code="6min",
            name="metres in 6 minutes",
            scales=(
                measured(
                    "sixmwt_m",
                    label="Six-minute walk (m)",
                    unit="m",
                    better="higher",
                    usual=(50.0, 900.0),
                    thresholds=_THRESHOLDS,
                ),
            ),
        ),
    ),
    sources=(_AWAITING, _REPLACED),
    licence="free",
)
