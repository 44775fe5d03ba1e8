"""Activities-specific Balance Confidence scale: the mean of 16 ratings from 0 to 100 %."""

from __future__ import annotations

from backwalk_stats.instruments.combine import mean
from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_POWELL = "Powell and Myers 1995 (as described by strokengine.ca)"
_NINDS = "NINDS Common Data Elements, F1303 (range and scoring)"
_STEFFEN = "Steffen 2008, Phys Ther 88:733, doi 10.2522/ptj.20070214"
_SUBACUTE = "doi 10.1177/10538135251336059 (ABC scale in subacute stroke)"
_SCALE = Scale(
    name="score",
    label="Balance confidence (ABC, 0 to 100 %)",
    low=0.0,
    high=100.0,
    step=100.0 / 1600.0,
    unit="%",
    better="higher",
    items=numbered("ABC", 16, high=100),
    formula="mean of the items",
    combine=mean,
    rules=(complete(16),),
    thresholds=(
        threshold(
            "mdc95-steffen2008-points",
            13.0,
            "parkinsonism (n = 37)",
            _STEFFEN,
            "of the scale, not of the baseline",
        ),
        threshold(
            "mcid-subacute-stroke-points",
            15.6,
            "subacute stroke, 4 weeks (n = 39; 10.4 to 21.1)",
            _SUBACUTE,
            "of the scale, not of the baseline; anchor 4 points of the Mini-BESTest, which is no "
            "view of the patient; the two changes correlate 0.39",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="abc",
    name="Activities-specific Balance Confidence scale",
    domain="balance confidence",
    aliases=(("abc-scale", ""), ("abc-16", "")),
    versions=(Version(code="16", name="16 items, 0 to 100 %", scales=(_SCALE,)),),
    sources=(_POWELL, _NINDS, _STEFFEN, _SUBACUTE),
    licence="permission of A. M. Myers in many cases (RehabMeasures); the wording is not shipped",
    unverified=("No rule for unanswered items was found: all 16 are needed.",),
    notes=(
        "Of two answers to items 2, 9, 11, 14 or 15 (up and down, onto and off) the lower counts.",
        "The ABC-6 (6 items) and the simplified ABC-S (15 items) are other forms, not scored here.",
    ),
)
