"""Lower Extremity Functional Scale: 20 items of 0 to 4, summed."""

from __future__ import annotations

from backwalk_stats.instruments.combine import percent_of_maximum, total
from backwalk_stats.instruments.instrument import Combine, Instrument, Scale, Version
from backwalk_stats.instruments.items import at_least, complete, numbered, threshold

_BINKLEY = "Binkley 1999, Phys Ther 79:371"


def _scale(name: str, high: float, combine: Combine, formula: str) -> Scale:
    points = high / 80.0
    return Scale(
        name=name,
        label=f"Lower extremity function (LEFS, 0 to {high:g})",
        low=0.0,
        high=high,
        step=points,
        unit="points" if name == "score" else "%",
        better="higher",
        items=numbered("L", 20, high=4),
        formula=formula,
        combine=combine,
        rules=(
            at_least(16, 20, name="prorated", source="from memory", verified=False),
            complete(20),
        ),
        thresholds=tuple(
            threshold(
                f"{kind}-binkley1999{'' if name == 'score' else '-of-100'}-points",
                9.0 * points,
                "outpatient physiotherapy of the lower limb",
                _BINKLEY,
                "MDC at 90 %, not 95 %" if kind == "mdc90" else "",
            )
            for kind in ("mcid", "mdc90")
        ),
    )


INSTRUMENT = Instrument(
    code="lefs",
    name="Lower Extremity Functional Scale",
    domain="lower limb function",
    versions=(
        Version(
            code="20",
            name="20 items, 0 to 4",
            scales=(
                _scale("score", 80.0, total, "sum"),
                _scale("percent", 100.0, percent_of_maximum(4.0), "100 x sum / 80"),
            ),
        ),
    ),
    sources=(_BINKLEY,),
    licence="copyright J. M. Binkley; forms are reprinted with permission (from memory)",
    unverified=("No rule for unanswered items is published; up to 4 are prorated, and flagged.",),
    notes=("A single score is good to 5.3 points either way (90 %, Binkley 1999).",),
)
