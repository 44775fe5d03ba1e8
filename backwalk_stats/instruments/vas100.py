"""Visual analogue scale of pain: a line of 100 mm."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import FloatArray, Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

_OSTELO = "Ostelo 2008, Spine 33:90"
_TUBACH = "Tubach 2005, Ann Rheum Dis 64:34"
_KNEE = "BMC Musculoskelet Disord 2014;15:235"


# Name, value in mm or per cent, population, source, note.
_PUBLISHED: tuple[tuple[str, float, str, str, str], ...] = (
    ("mcid-ostelo2008-points", 15.0, "low back pain (consensus)", _OSTELO, ""),
    ("mcid-ostelo2008-percent", 30.0, "low back pain (consensus)", _OSTELO, ""),
    ("mcid-osteoarthritis-points", 17.5, "osteoarthritis", "PMC7990728, table 1", ""),
    ("mdc95-knee-points", 28.0, "knee awaiting arthroplasty (n = 75)", _KNEE, ""),
    (
        "pass-tubach2005",
        32.3,
        "knee osteoarthritis",
        _TUBACH,
        "a score, not a change; of the patient's global assessment it is 32.0 mm",
    ),
)


def _thresholds(unit: float) -> tuple[Threshold, ...]:
    """Return the thresholds, `unit` being a millimetre in the unit of the line."""
    return tuple(
        threshold(
            name, value if name.endswith("percent") else value * unit, population, source, note
        )
        for name, value, population, source, note in _PUBLISHED
    )


def millimetres(centimetres: FloatArray) -> FloatArray:
    """Return lengths in mm from lengths in cm. Shape (n, 1) to (n,).

    >>> import numpy as np
    >>> millimetres(np.array([[4.5]]))
    array([45.])
    """
    return 10.0 * total(centimetres)


_MM = measured(
    "vas",
    name="mm",
    label="Pain (VAS, 0 to 100 mm)",
    unit="mm",
    better="lower",
    high=100.0,
    thresholds=_thresholds(1.0),
)
_CM = measured(
    "vas",
    name="cm",
    label="Pain (VAS, 0 to 10 cm)",
    unit="cm",
    better="lower",
    high=10.0,
    thresholds=_thresholds(0.1),
)
_CM_TO_MM = Scale(
    name="mm",
    label="Pain (VAS, 0 to 100 mm)",
    low=0.0,
    high=100.0,
    step=None,
    unit="mm",
    better="lower",
    items=(Item(code="vas", low=0.0, high=10.0, step=None),),
    formula="10 x cm",
    combine=millimetres,
    rules=(complete(1),),
    thresholds=_thresholds(1.0),
)

INSTRUMENT = Instrument(
    code="vas100",
    name="Visual analogue scale of pain",
    domain="pain",
    aliases=(("vas", ""), ("vas-pain", "")),
    versions=(
        Version(code="mm", name="read in mm, 0 to 100", scales=(_MM,)),
        Version(code="cm", name="read in cm, 0 to 10", scales=(_CM, _CM_TO_MM)),
    ),
    sources=(_OSTELO, _TUBACH, _KNEE, "PMC7990728"),
    licence="free",
    notes=("mm or cm is declared and never guessed; decimals up to 10 suggest cm.",),
)
