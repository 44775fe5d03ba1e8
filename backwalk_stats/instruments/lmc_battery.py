"""Luomajoki's battery of six lumbar movement-control tests: how many are not done correctly."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered

_SCALE = Scale(
    name="score",
    label="Movement control (tests not correct, 0 to 6)",
    low=0.0,
    high=6.0,
    step=1.0,
    unit="tests",
    better="lower",
    items=numbered("MC", 6, high=1),
    formula="count of tests that are not correct (1)",
    combine=total,
    rules=(complete(6),),
)

INSTRUMENT = Instrument(
    code="lmct6",
    name="Lumbar movement-control tests (Luomajoki)",
    domain="movement control",
    aliases=(("lmc", ""),),
    versions=(Version(code="6", name="6 tests, correct (0) or not (1)", scales=(_SCALE,)),),
    sources=(
        "Luomajoki 2007, doi 10.1186/1471-2474-8-90",
        "Luomajoki 2008, doi 10.1186/1471-2474-9-170",
    ),
    licence="open access, CC BY",
    unverified=("Which six of the ten tests make the battery: partly from memory.",),
    notes=(
        "Low back pain 2.21 (1.94 to 2.48), healthy 0.75 (0.55 to 0.95) tests, n = 210 (2008).",
        "Kappa over the ten tests 0.24 to 0.71 between and 0.51 to 0.96 within raters (2007).",
    ),
)
