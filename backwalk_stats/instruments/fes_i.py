"""Falls Efficacy Scale International: concern about falling, 16 items of 1 to 4, or 7."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Bands, Instrument, MissingRule, Scale, Version
from backwalk_stats.instruments.items import at_least, complete, numbered

_KEMPEN = "Kempen 2008, Age Ageing 37:45, doi 10.1093/ageing/afm157"
_DELBAERE = "Delbaere 2010, Age Ageing 39:210, doi 10.1093/ageing/afp225"
_GUIDE = "a guide that quotes the developers' rule; their own page was not read"


def _scale(count: int, rules: tuple[MissingRule, ...], bands: Bands | None = None) -> Scale:
    return Scale(
        name="score",
        label=f"Concern about falling ({'FES-I' if count == 16 else 'Short FES-I'}, "
        f"{count} to {4 * count})",
        low=float(count),
        high=4.0 * count,
        step=1.0,
        unit="points",
        better="lower",
        items=numbered("FES", count, low=1, high=4),
        formula="sum",
        combine=total,
        rules=rules,
        bands=bands,
    )


INSTRUMENT = Instrument(
    code="fes-i",
    name="Falls Efficacy Scale International",
    domain="concern about falling",
    aliases=(("short-fes-i", "7"), ("fes-i-short", "7"), ("fes-i-7", "7"), ("fes-i-16", "16")),
    versions=(
        Version(
            code="16",
            name="16 items, 1 to 4",
            scales=(
                _scale(
                    16,
                    (
                        at_least(12, 16, name="four-missing", source=_GUIDE, verified=False),
                        complete(16),
                    ),
                    Bands(
                        cuts=(20.0, 28.0),
                        labels=("low", "moderate", "high"),
                        cut_belongs="above",
                        source=f"{_DELBAERE}, the cuts as quoted in a guide",
                    ),
                ),
            ),
        ),
        Version(code="7", name="Short FES-I: 7 items, 1 to 4", scales=(_scale(7, (complete(7),)),)),
    ),
    sources=(_KEMPEN, _DELBAERE, _GUIDE),
    licence="check with its developers; the wording is not shipped",
    unverified=(
        "The rule for up to four unanswered items of the 16: read in a guide only.",
        "The rule for unanswered items of the 7 was not found in numbers: all are needed.",
        "Neither an MDC nor an important change was found with its population.",
    ),
    notes=(
        "The guide rounds a filled score up to the next whole number: here it is not rounded.",
        "Concern, not confidence: lower is better, while in the ABC scale higher is. The Falls "
        "Efficacy Scale of ten items (10 to 100) is another instrument.",
        "The codes FES1, FES2, ... number the items of the version that is used.",
    ),
)
