"""Oswestry Disability Index 2.1a: ten sections of 0 to 5, in per cent of what was answered."""

from __future__ import annotations

from backwalk_stats.instruments.combine import percent_of_maximum
from backwalk_stats.instruments.instrument import Bands, Instrument, MissingRule, Scale, Version
from backwalk_stats.instruments.items import numbered, threshold

_FAIRBANK = "Fairbank and Pynsent 2000, Spine 25:2940"
_OSTELO = "Ostelo 2008, Spine 33:90"


def _at_least(fewest: int) -> MissingRule:
    """Return the rule that so many sections are enough; the number is no standard."""
    sources = {
        9: "an open implementation",
        8: "common practice, from memory",
        10: "the cautious choice",
    }
    return MissingRule(
        name=f"at-least-{fewest}",
        fewest=fewest,
        text=f"{fewest} of 10 sections or more answered: 5 less in the denominator for each other",
        source=f"{_FAIRBANK} for the denominator; the number: {sources.get(fewest, 'yours')}",
        verified=fewest in {9, 10},
    )


_THRESHOLDS = (
    threshold("mcid-ostelo2008-points", 10.0, "low back pain (consensus)", _OSTELO),
    threshold("mcid-ostelo2008-percent", 30.0, "low back pain (consensus)", _OSTELO),
)
_SCALE = Scale(
    name="score",
    label="Disability (ODI, 0 to 100 %)",
    low=0.0,
    high=100.0,
    step=2.0,
    unit="%",
    better="lower",
    items=numbered("ODI", 10, high=5),
    formula="100 x sum / (5 x answered)",
    combine=percent_of_maximum(5.0),
    rules=tuple(_at_least(fewest) for fewest in (8, 9, 10, 7, 6, 5)),
    thresholds=_THRESHOLDS,
    bands=Bands(
        cuts=(20.0, 40.0, 60.0, 80.0),
        labels=("minimal", "moderate", "severe", "crippled", "bed-bound or exaggerating"),
        cut_belongs="below",
        source=_FAIRBANK,
    ),
)

INSTRUMENT = Instrument(
    code="odi",
    name="Oswestry Disability Index",
    domain="disability from low back pain",
    versions=(Version(code="2.1a", name="10 sections, 0 to 5", scales=(_SCALE,)),),
    sources=(_FAIRBANK, "Davidson and Keating 2002, Phys Ther 82:8", _OSTELO),
    licence="licence through Mapi/ePROVIDE (from memory); the wording is not shipped",
    unverified=(
        "How many sections may be unanswered is no standard: the default wants 8 of 10; "
        "name another rule to change it.",
    ),
    notes=(
        "The published bands leave gaps (20 to 21) for scores that are no whole number: here a "
        "score up to 20 is minimal, up to 40 moderate, and so on.",
        "Some report the sum of 0 to 50: such a column is doubled first.",
        "16 of 45 is 35.5556; guides print 35.5.",
    ),
)
