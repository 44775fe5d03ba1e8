"""PHQ-9: nine items of 0 to 3, summed; an answer above 0 to item 9 must be seen by somebody."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Alert, Bands, Instrument, Scale, Version
from backwalk_stats.instruments.items import at_least, complete, numbered

_KROENKE = "Kroenke 2001, J Gen Intern Med 16:606, PMC1495268"
_NHS = "NHS Data Dictionary, Patient Health Questionnaire-9"
_SCALE = Scale(
    name="score",
    label="Depression (PHQ-9, 0 to 27)",
    low=0.0,
    high=27.0,
    step=1.0,
    unit="points",
    better="lower",
    items=numbered("PHQ", 9, high=3),
    formula="sum",
    combine=total,
    rules=(at_least(7, 9, name="two-missing", source=_NHS), complete(9)),
    bands=Bands(
        cuts=(5.0, 10.0, 15.0, 20.0),
        labels=("none", "mild", "moderate", "moderately severe", "severe"),
        cut_belongs="above",
        source=_KROENKE,
    ),
    alert=Alert(item="PHQ9", above=0.0, text="safety: item PHQ9 was answered above 0"),
)

INSTRUMENT = Instrument(
    code="phq-9",
    name="Patient Health Questionnaire, 9 items",
    domain="depression",
    versions=(Version(code="9", name="9 items, 0 to 3", scales=(_SCALE,)),),
    sources=(_KROENKE, _NHS),
    licence="free, no permission needed (from memory); the wording is not shipped",
    notes=("An answer above 0 to PHQ9 raises a flag: somebody responsible must look at once.",),
)
