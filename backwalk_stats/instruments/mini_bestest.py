"""Mini-BESTest: fourteen tasks of 0 to 2 in four parts; 28 is best, in some trials 32."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import (
    Combine,
    FloatArray,
    Instrument,
    Item,
    Scale,
    Version,
)
from backwalk_stats.instruments.items import complete, numbered, threshold

_SCORING = "RehabMeasures (sralab.org), Mini-BESTest"
_PARTS = "PMC11066829, table 1 (parts and their ranges)"
_BEAUCHAMP = "Beauchamp 2021, Clin Rehabil 35:1207, doi 10.1177/02692155211025131"
_TAKEDA = "Takeda 2023, Top Stroke Rehabil 30:672, doi 10.1080/10749357.2022.2145759"
_ONE_SIDE = numbered("MB", 14, high=2)
# Standing on one leg (3) and stepping sideways (6) are done on either side.
_BOTH_SIDES = tuple(
    replace(item, code=item.code + side)
    for item in _ONE_SIDE
    for side in (("L", "R") if item.code in ("MB3", "MB6") else ("",))
)
_PAIRS = ((2, 3), (6, 7))
_THRESHOLDS = (
    threshold("mdc95-beauchamp2021-points", 3.2, "stroke, outpatients (n = 50)", _BEAUCHAMP),
    threshold(
        "mcid-beauchamp2021-points",
        4.0,
        "stroke, outpatients (n = 50), a small change",
        _BEAUCHAMP,
        "5 points for a substantial change; anchors rated by patients and by therapists",
    ),
    threshold(
        "mcid-takeda2023-therapist-points",
        4.2,
        "early subacute stroke, inpatients (n = 50), mean change",
        _TAKEDA,
        "rated by therapists (4.5 by ROC); rated by patients 2.3 and 0.5: weakly related, r 0.28",
    ),
)


def worse_sides(items: FloatArray) -> FloatArray:
    """Return the sum of the tasks, of two sides the worse. Shape (n, 16) to (n,).

    >>> worse_sides(np.array([[2.0] * 16, [2, 2, 1, 2, *[2] * 12]]))
    array([28., 27.])
    """
    better = sum(np.maximum(items[:, left], items[:, right]) for left, right in _PAIRS)
    return np.asarray(items.sum(axis=1) - better)


def _scale(
    name: str,
    label: str,
    items: tuple[Item, ...],
    high: float,
    *,
    combine: Combine = total,
    formula: str = "sum",
) -> Scale:
    return Scale(
        name=name,
        label=f"{label} (Mini-BESTest, 0 to {high:g})",
        low=0.0,
        high=high,
        step=1.0,
        unit="points",
        better="higher",
        items=items,
        formula=formula,
        combine=combine,
        rules=(complete(len(items)),),
        thresholds=_THRESHOLDS if high == 28.0 else (),
    )


_WORSE = "sum; of the two sides of MB3 and of MB6 the worse counts"

INSTRUMENT = Instrument(
    code="mini-bestest",
    name="Mini Balance Evaluation Systems Test",
    domain="balance",
    aliases=(("minibest", ""),),
    versions=(
        Version(
            code="28",
            name="28 points, the worse side counts",
            scales=(
                _scale("score", "Balance", _ONE_SIDE, 28.0),
                _scale(
                    "from-sides",
                    "Balance",
                    _BOTH_SIDES,
                    28.0,
                    combine=worse_sides,
                    formula=_WORSE,
                ),
                _scale("anticipatory", "Anticipatory adjustments", _ONE_SIDE[:3], 6.0),
                _scale("reactive", "Reactive postural control", _ONE_SIDE[3:6], 6.0),
                _scale("sensory", "Sensory orientation", _ONE_SIDE[6:9], 6.0),
                _scale("gait", "Dynamic gait", _ONE_SIDE[9:], 10.0),
            ),
        ),
        Version(
            code="32",
            name="32 points, both sides count",
            scales=(_scale("score", "Balance", _BOTH_SIDES, 32.0),),
        ),
    ),
    sources=(_SCORING, _PARTS, _BEAUCHAMP, _TAKEDA),
    licence="free for clinical and research use (RehabMeasures); the wording is not shipped",
    unverified=("No rule for tasks that were not rated was found: all are needed.",),
    notes=(
        "Trials have reported it of 28 and of 32: the version says which.",
        "The full BESTest (36 tasks, 0 to 3) and the Brief-BESTest (0 to 24) are other tests.",
    ),
)
