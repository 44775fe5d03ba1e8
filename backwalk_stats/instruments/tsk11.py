"""Tampa Scale for Kinesiophobia, eleven items of 1 to 4, none turned round."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold

_WOBY = "Woby 2005, Pain 117:137, doi 10.1016/j.pain.2005.05.029"
_KEPT = (1, 2, 3, 5, 6, 7, 10, 11, 13, 15, 17)
_SCALE = Scale(
    name="score",
    label="Kinesiophobia (TSK-11, 11 to 44)",
    low=11.0,
    high=44.0,
    step=1.0,
    unit="points",
    better="lower",
    items=tuple(Item(code=f"T{number}", low=1.0, high=4.0) for number in _KEPT),
    formula="sum",
    combine=total,
    rules=(complete(11),),
    thresholds=(
        threshold("mcid-woby2005-points", 4.0, "chronic low back pain", _WOBY),
        threshold(
            "mdc95-woby2005-points",
            7.04,
            "chronic low back pain",
            _WOBY,
            "1.96 sqrt(2) x the published SEM of 2.54; computed here, not printed there",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="tsk-11",
    name="Tampa Scale for Kinesiophobia, 11 items",
    domain="fear of movement",
    versions=(Version(code="11", name="11 items, 1 to 4", scales=(_SCALE,)),),
    sources=(_WOBY,),
    licence="check before use; the wording is not shipped",
    unverified=("No rule for unanswered items was found: all 11 are needed.",),
    notes=("Items keep their numbers of the TSK-17; 4, 8, 9, 12, 14 and 16 are left out.",),
)
