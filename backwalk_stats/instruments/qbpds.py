"""Quebec Back Pain Disability Scale: 20 items of 0 to 5, summed."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_KOPEC = "Kopec 1995, Spine 20:341; Kopec 1996, J Clin Epidemiol 49:151"
_OSTELO = "Ostelo 2008, Spine 33:90"
_ITALIAN = "chronic low back pain, multidisciplinary rehabilitation (n = 201)"
_SCALE = Scale(
    name="score",
    label="Disability (QBPDS, 0 to 100)",
    low=0.0,
    high=100.0,
    step=1.0,
    unit="points",
    better="lower",
    items=numbered("QB", 20, high=5),
    formula="sum",
    combine=total,
    rules=(complete(20),),
    thresholds=(
        threshold("mcid-ostelo2008-points", 20.0, "low back pain (consensus)", _OSTELO),
        threshold("mcid-ostelo2008-percent", 30.0, "low back pain (consensus)", _OSTELO),
        threshold(
            "mdc90-davidson2002-points",
            15.0,
            "low back pain in physiotherapy",
            "Davidson and Keating 2002, Phys Ther 82:8, as quoted on the form",
            "MDC at 90 %, not 95 %",
        ),
        threshold("mdc95-italian-points", 12.0, _ITALIAN, "PMC9980555"),
        threshold(
            "mcid-italian-points",
            6.0,
            _ITALIAN,
            "PMC9980555",
            "below the detectable change of the same people; AUC 0.83",
        ),
        threshold("mcid-italian-percent", 18.0, _ITALIAN, "PMC9980555"),
    ),
)

INSTRUMENT = Instrument(
    code="qbpds",
    name="Quebec Back Pain Disability Scale",
    domain="disability from low back pain",
    versions=(Version(code="20", name="20 items, 0 to 5", scales=(_SCALE,)),),
    sources=(_KOPEC, _OSTELO, "PMC9980555"),
    licence="check with Mapi (from memory); the wording is not shipped",
    unverified=("No rule for unanswered items was found: all 20 are needed.",),
)
