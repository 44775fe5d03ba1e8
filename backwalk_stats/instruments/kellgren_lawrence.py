"""Kellgren-Lawrence grade: radiographic osteoarthritis, 0 to 4; a covariate, never averaged."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured

_SCALE = measured(
    "kl",
    label="Kellgren-Lawrence grade (0 to 4)",
    unit="",
    better="lower",
    high=4.0,
    step=1.0,
    formula="grade",
)

INSTRUMENT = Instrument(
    code="kl",
    name="Kellgren-Lawrence grade",
    domain="structure",
    aliases=(("kl-grade", ""),),
    versions=(Version(code="0-4", name="grades 0 to 4", scales=(_SCALE,)),),
    sources=("Kellgren and Lawrence 1957, Ann Rheum Dis 16:494",),
    licence="free",
    notes=("Ordered grades: for eligibility or as a covariate, never averaged.",),
)
