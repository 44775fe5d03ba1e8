"""Modified-modified Schober test: how far 15 cm of lumbar skin stretch and shorten."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import FloatArray, Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold

NEUTRAL_CM = 15.0
_TOUSIGNANT = "doi 10.1080/09638280400018411"


def _flexion(items: FloatArray) -> FloatArray:
    return items[:, 1] - items[:, 0]


def _extension(items: FloatArray) -> FloatArray:
    return items[:, 0] - items[:, 1]


def _scale(name: str, moved: str, formula: str, *, forward: bool) -> Scale:
    thresholds = (
        threshold(
            "mdc-tousignant2005-points",
            1.0,
            "low back pain (n = 31), ICC 0.95 within and 0.91 between raters",
            _TOUSIGNANT,
        ),
    )
    return Scale(
        name=name,
        label=f"Lumbar {name} (modified-modified Schober, cm)",
        low=0.0,
        high=NEUTRAL_CM,
        step=None,
        unit="cm",
        better="higher",
        items=(
            Item(code="mmst_neutral", low=5.0, high=25.0, step=None),
            Item(code=moved, low=5.0, high=30.0, step=None),
        ),
        formula=formula,
        combine=_flexion if forward else _extension,
        rules=(complete(2),),
        usual=(0.5, 12.0),
        thresholds=thresholds if forward else (),
    )


INSTRUMENT = Instrument(
    code="mmst",
    name="Modified-modified Schober test",
    domain="lumbar range of motion",
    aliases=(("schober", ""),),
    versions=(
        Version(
            code="15cm",
            name="15 cm marked in neutral standing",
            scales=(
                _scale("flexion", "mmst_flex", "flexed - neutral length", forward=True),
                _scale("extension", "mmst_ext", "neutral - extended length", forward=False),
            ),
        ),
    ),
    sources=(_TOUSIGNANT, "doi 10.1097/BRS.0000000000000131"),
    licence="free",
    notes=(
        "Often the stretched length is stored and not the difference: values of 15 cm or more.",
        "For the modified Schober test the smallest detectable change is 1.8 cm, for fingertip to "
        "floor 9.8 cm: other tests.",
    ),
)
