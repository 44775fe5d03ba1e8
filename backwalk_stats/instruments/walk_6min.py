"""Six-minute walk test: metres walked."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_REPLACED = "doi 10.1186/s12891-022-05262-4"
_FULK = "Fulk 2018, J Neurol Phys Ther 42:235, doi 10.1097/NPT.0000000000000236"
_STEFFEN = "Steffen 2008, Phys Ther 88:733, doi 10.2522/ptj.20070214"
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
    threshold(
        "mcid-fulk2018-points",
        71.0,
        "stroke, 2 to 6 months",
        _FULK,
        "anchor modified Rankin Scale, area under the curve 0.66; 65 m by the Stroke Impact Scale, "
        "area 0.59",
    ),
    threshold(
        "mcid-fulk2018-slow-points",
        44.0,
        "stroke, 2 to 6 months, walking below 0.40 m/s before",
        _FULK,
        "anchor modified Rankin Scale, area under the curve 0.72; for the faster none was found",
    ),
    threshold("mdc95-steffen2008-points", 82.0, "parkinsonism (n = 37)", _STEFFEN),
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
    sources=(_AWAITING, _REPLACED, _FULK, _STEFFEN),
    licence="free",
)
