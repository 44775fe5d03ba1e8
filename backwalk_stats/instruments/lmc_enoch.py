"""Enoch's quantified tests of lumbar motor control: four errors in cm, one in mmHg."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.measured import measured

_SOURCE = "Enoch 2011, doi 10.1186/1471-2474-12-114"


def _scale(name: str, label: str, unit: str, usual: tuple[float, float]) -> Scale:
    return measured(
        name, name=name, label=f"{label} ({unit})", unit=unit, better="lower", usual=usual
    )


INSTRUMENT = Instrument(
    code="lmc-enoch",
    name="Quantified lumbar motor control tests (Enoch)",
    domain="movement control",
    versions=(
        Version(
            code="5",
            name="5 tests",
            scales=(
                _scale("rps", "Repositioning", "cm", (0.02, 5.0)),
                _scale("sfl", "Sitting forward lean", "cm", (0.02, 10.0)),
                _scale("ske", "Sitting knee extension", "cm", (0.02, 5.0)),
                _scale("bkfo", "Bent knee fall out", "cm", (0.02, 10.0)),
                _scale("ll", "Leg lowering", "mmHg", (1.0, 100.0)),
            ),
        ),
    ),
    sources=(_SOURCE,),
    licence="free",
    notes=(
        "ICC 0.90, 0.96, 0.96, 0.94 and 0.98; means (SD) 0.36 (0.27), 1.01 (0.62), 0.40 (0.29), "
        "1.07 (0.52) cm and 32.9 (7.1) mmHg.",
    ),
)
