"""Fugl-Meyer Assessment, lower extremity: motor function after stroke, 0 to 34."""

from __future__ import annotations

from dataclasses import replace

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_PROTOCOL = "FMA-LE protocol of the University of Gothenburg, after Fugl-Meyer 1975"
_BECKERMAN = "Beckerman 1996, Scand J Rehabil Med 28:3"
_CHRONIC = "Top Stroke Rehabil 2016;23:233, doi 10.1179/1945511915Y.0000000003"
# Part, label, items; in the order of the protocol. A reflex is there (2) or not (0).
_REFLEXES = tuple(replace(item, choices=(0.0, 2.0)) for item in numbered("E1_", 2, high=2))
_PARTS: tuple[tuple[str, str, tuple[Item, ...]], ...] = (
    ("reflexes", "reflexes", _REFLEXES),
    ("synergies", "movement within synergies", numbered("E2_", 7, high=2)),
    ("mixing", "movement mixing synergies", numbered("E3_", 2, high=2)),
    ("little-synergy", "movement with little synergy", numbered("E4_", 2, high=2)),
    ("normal-reflexes", "normal reflexes", numbered("E5_", 1, high=2)),
    ("coordination", "coordination and speed", numbered("F", 3, high=2)),
)
_THRESHOLDS = (
    threshold(
        "mdc-beckerman1996-points",
        5.0,
        "stroke (n = 49), one rater, 3 weeks apart",
        _BECKERMAN,
        "less than 5 is stability; 1.96 sqrt(2) x SEM 1.76 gives 4.88; the abstract has no level",
    ),
    threshold(
        "mcid-chronic-stroke-points",
        6.0,
        "chronic stroke (n = 65), 30 sessions",
        _CHRONIC,
        "the same by two anchors: Functional Ambulation Category and the patients' rating",
    ),
)


def _scale(name: str, label: str, items: tuple[Item, ...]) -> Scale:
    high = 2.0 * len(items)
    return Scale(
        name=name,
        label=f"FMA-LE {label} (0 to {high:g})",
        low=0.0,
        high=high,
        step=2.0 if name == "reflexes" else 1.0,
        unit="points",
        better="higher",
        items=items,
        formula="sum",
        combine=total,
        rules=(complete(len(items)),),
        thresholds=_THRESHOLDS if name == "score" else (),
    )


_EVERY = tuple(item for _, _, items in _PARTS for item in items)

INSTRUMENT = Instrument(
    code="fma-le",
    name="Fugl-Meyer Assessment, lower extremity",
    domain="motor function after stroke",
    aliases=(("fugl-meyer-le", ""), ("fugl-meyer-lower-extremity", "")),
    versions=(
        Version(
            code="motor-34",
            name="motor function, parts E and F",
            scales=(
                _scale("score", "motor function", _EVERY),
                *(_scale(*part) for part in _PARTS),
            ),
        ),
    ),
    sources=(_PROTOCOL, _BECKERMAN, _CHRONIC),
    licence="free (RehabMeasures); the wording is not shipped",
    unverified=("No rule for items that were not rated was found: all 17 are needed.",),
    notes=(
        "E5 is rated only after 4 points in part E4, else it is 0: an E5 above 0 beside less "
        "than 4 in E4 is a slip, which the sum does not show.",
        "Sensation, passive motion and pain of the leg, balance and the arm (0 to 66) are not in "
        "this score; the whole assessment has 226 points.",
    ),
)
