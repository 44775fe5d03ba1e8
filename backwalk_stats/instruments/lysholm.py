"""Lysholm Knee Score: eight weighted items, 0 to 100."""

from __future__ import annotations

from backwalk_stats.instruments.combine import total
from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold

_TABLE = "PMC10362729, supplementary table (the points of each item)"
# Limp, support, locking, instability, pain, swelling, stairs, squatting.
_POINTS: tuple[tuple[float, ...], ...] = (
    (0, 3, 5),
    (0, 2, 5),
    (0, 2, 6, 10, 15),
    (0, 5, 10, 15, 20, 25),
    (0, 5, 10, 15, 20, 25),
    (0, 2, 6, 10),
    (0, 2, 6, 10),
    (0, 2, 4, 5),
)
_SCALE = Scale(
    name="score",
    label="Lysholm score (0 to 100)",
    low=0.0,
    high=100.0,
    step=1.0,
    unit="points",
    better="higher",
    items=tuple(
        Item(code=f"LY{number}", low=0.0, high=points[-1], choices=points)
        for number, points in enumerate(_POINTS, start=1)
    ),
    formula="sum of the points",
    combine=total,
    rules=(complete(8),),
    thresholds=(
        threshold(
            "mcid-cruciate-points",
            5.5,
            "reconstruction of the anterior cruciate ligament, anchor",
            "Rev Bras Ortop, rnHhT867Xx58ZVdcWrBRtzx",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="lysholm",
    name="Lysholm Knee Score",
    domain="knee",
    versions=(Version(code="8", name="8 items, weighted", scales=(_SCALE,)),),
    sources=(_TABLE, "doi 10.1371/journal.pone.0221376"),
    licence="a published scale; check before use",
    unverified=(
        "The points were not compared with Tegner and Lysholm 1985 itself; two further "
        "reproductions (publicsafetymedicine.org, orthopaedicmanipulation.com) have the same.",
    ),
    notes=(
        "Only the points of an item are accepted, not its number.",
        "A Spanish version has MDC90 3.9 % (doi 10.1371/journal.pone.0221376).",
    ),
)
