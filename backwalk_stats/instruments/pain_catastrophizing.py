"""Pain Catastrophizing Scale: thirteen items of 0 to 4 in three parts, summed."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold

_SCORING = "RehabMeasures, Pain Catastrophizing Scale, after Sullivan 1995 (items and parts)"
_FERNANDES = "Fernandes 2012, BMC Musculoskelet Disord 13:111, PMC3407790"
_MONTICONE = "Monticone 2022, Eur J Phys Rehabil Med 58:68, PMC9980597"
_ITALIAN = "chronic low back pain, 8 weeks of rehabilitation (n = 205)"
_THRESHOLDS = (
    threshold(
        "mdc95-fernandes2012-points",
        12.8,
        "low back pain, subacute or chronic (n = 61)",
        _FERNANDES,
        "1.96 sqrt(2) x SEM 4.6 gives 12.75",
    ),
    threshold(
        "mdc-monticone2022-points",
        7.73,
        _ITALIAN,
        _MONTICONE,
        "its abstract does not say the level",
    ),
    threshold(
        "mcid-monticone2022-points",
        8.0,
        f"{_ITALIAN}; 6 to 10",
        _MONTICONE,
        "ROC, AUC 0.88; 11 points for those above 30 before; below the MDC95 of Fernandes 2012",
    ),
)
_PARTS = (
    ("score", "catastrophizing", tuple(range(1, 14))),
    ("rumination", "rumination", (8, 9, 10, 11)),
    ("magnification", "magnification", (6, 7, 13)),
    ("helplessness", "helplessness", (1, 2, 3, 4, 5, 12)),
)


def _scale(name: str, label: str, numbers: tuple[int, ...]) -> Scale:
    high = 4.0 * len(numbers)
    return Scale(
        name=name,
        label=f"Pain {label} (0 to {high:g})",
        low=0.0,
        high=high,
        step=1.0,
        unit="points",
        better="lower",
        items=tuple(Item(code=f"PCS{number}", low=0.0, high=4.0) for number in numbers),
        formula="sum",
        combine=total,
        rules=(complete(len(numbers)),),
        thresholds=_THRESHOLDS if name == "score" else (),
    )


INSTRUMENT = Instrument(
    code="pain-catastrophizing",
    name="Pain Catastrophizing Scale",
    domain="thoughts about pain",
    aliases=(("pcs-pain", ""), ("pcs-13", ""), ("pain-catastrophising", "")),
    versions=(
        Version(code="13", name="13 items, 0 to 4", scales=tuple(_scale(*part) for part in _PARTS)),
    ),
    sources=(_SCORING, _FERNANDES, _MONTICONE),
    licence="free (RehabMeasures), copyright M. J. L. Sullivan; the wording is not shipped",
    unverified=(
        "No rule for unanswered items was found: all are needed.",
        "Whether 30 itself is high: sources say above 30, and 30 or more; there are no bands here.",
    ),
    notes=(
        "The letters PCS alone are no name of it here: they also stand for the physical component "
        "summary of the SF-12 and SF-36, where higher is better.",
    ),
)
