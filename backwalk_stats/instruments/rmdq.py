"""Roland-Morris Disability Questionnaire: statements that apply, of 24, 23 or 18."""

from __future__ import annotations

from backwalk_stats.instruments.combine import percent_of_maximum, total
from backwalk_stats.instruments.instrument import Combine, Instrument, MissingRule, Scale, Version
from backwalk_stats.instruments.items import numbered, threshold

_KENT = "Kent and Lauridsen, on missing scores of the RMDQ"
_OSTELO = "Ostelo 2008, Spine 33:90"
_THRESHOLDS = (
    threshold("mcid-ostelo2008-points", 5.0, "low back pain (consensus); of 24", _OSTELO),
    threshold("mcid-ostelo2008-percent", 30.0, "low back pain (consensus)", _OSTELO),
)


def _rules(count: int) -> tuple[MissingRule, ...]:
    """Return the three ways in use; there is no standard."""
    return (
        MissingRule(
            name="strict", fewest=count, text="no score unless every item is answered", source=_KENT
        ),
        MissingRule(
            name="as_zero", fewest=1, fill="zero", text="unanswered counts as no", source=_KENT
        ),
        MissingRule(
            name="proportional", fewest=1, text="share of yes among the answered", source=_KENT
        ),
    )


def _scale(count: int, name: str, high: float, combine: Combine, formula: str) -> Scale:
    points = _THRESHOLDS if (name, count) == ("score", 24) else _THRESHOLDS[1:]
    return Scale(
        name=name,
        label=f"Disability (RMDQ-{count}, 0 to {high:g})",
        low=0.0,
        high=high,
        step=high / count,
        unit="points" if name == "score" else "%",
        better="lower",
        items=numbered("R", count, high=1),
        formula=formula,
        combine=combine,
        rules=_rules(count),
        thresholds=points,
    )


def _version(count: int) -> Version:
    return Version(
        code=str(count),
        name=f"{count} items, yes (1) or no (0)",
        scales=(
            _scale(count, "score", float(count), total, "items that apply"),
            _scale(
                count, "percent", 100.0, percent_of_maximum(1.0), "100 x items that apply / items"
            ),
        ),
    )


INSTRUMENT = Instrument(
    code="rmdq",
    name="Roland-Morris Disability Questionnaire",
    domain="disability from low back pain",
    aliases=(("RMDQ24", "24"), ("RMDQ23", "23"), ("RMDQ18", "18"), ("rdq", "")),
    versions=tuple(_version(count) for count in (24, 23, 18)),
    sources=(_KENT, "Roland and Fairbank 2000, Spine 25:3115", _OSTELO),
    licence="no permission needed (Roland and Fairbank 2000); the wording is not shipped",
    notes=(
        "There is no standard for unanswered items: strict unless a rule is named.",
        "On paper an unanswered item cannot be told from a no.",
        "The codes R1, R2, ... number the items of the version that is used.",
    ),
)
