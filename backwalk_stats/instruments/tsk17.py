"""Tampa Scale for Kinesiophobia: 17 items of 1 to 4, four of them turned round."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total, turned
from backwalk_stats.instruments.instrument import Bands, Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold

_WOBY = "Woby 2005, Pain 117:137, doi 10.1016/j.pain.2005.05.029"
_VLAEYEN = "Vlaeyen 1995, Pain 62:363, doi 10.1016/0304-3959(94)00279-N"
REVERSED = (4, 8, 12, 16)
_SCALE = Scale(
    name="score",
    label="Kinesiophobia (TSK-17, 17 to 68)",
    low=17.0,
    high=68.0,
    step=1.0,
    unit="points",
    better="lower",
    items=numbered("T", 17, low=1, high=4),
    formula="sum; T4, T8, T12 and T16 count 5 minus the answer",
    combine=turned(total, positions=[number - 1 for number in REVERSED], turn=5.0),
    rules=(complete(17),),
    thresholds=(
        threshold("mcid-woby2005-points", 4.0, "chronic low back pain", _WOBY),
        threshold(
            "mdc95-woby2005-points",
            8.76,
            "chronic low back pain",
            _WOBY,
            "1.96 sqrt(2) x the published SEM of 3.16; computed here, not printed there",
        ),
    ),
    bands=Bands(cuts=(37.0,), labels=("not high", "high"), cut_belongs="below", source=_VLAEYEN),
)

INSTRUMENT = Instrument(
    code="tsk-17",
    name="Tampa Scale for Kinesiophobia",
    domain="fear of movement",
    aliases=(("tsk", ""),),
    versions=(Version(code="17", name="17 items, 1 to 4", scales=(_SCALE,)),),
    sources=(_WOBY, _VLAEYEN),
    licence="check before use; the wording is not shipped",
    unverified=("No rule for unanswered items was found: all 17 are needed.",),
    notes=("High is above 37 (Vlaeyen 1995); an open implementation has 37 itself as high.",),
)
