"""Six-minute walk test: metres walked."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_REPLACED = "doi 10.1186/s12891-022-05262-4"
_THRESHOLDS = (
    threshold("mdc95-knee-points", 79.0, "knee awaiting arthroplasty (n = 75)", _AWAITING),
    threshold("mdc95-hip-points", 81.5, "hip awaiting arthroplasty", _AWAITING),
    threshold(
        "mcid-replacement-points",
        74.3,
        "12 months after total knee arthroplasty",
        _REPLACED,
        "area under the curve 0.65; 88.63 and 84.47 m in the two lowest quarters of baseline",
    ),
)
_SCALE = measured(
    "sixmwt_m",
    label="Six-minute walk (m)",
    unit="m",
    better="higher",
    usual=(50.0, 900.0),
    thresholds=_THRESHOLDS,
)

INSTRUMENT = Instrument(
    code="6mwt",
    name="Six-minute walk test",
    domain="performance",
    versions=(Version(code="6min", name="metres in 6 minutes", scales=(_SCALE,)),),
    sources=(_AWAITING, _REPLACED),
    licence="free",
)
