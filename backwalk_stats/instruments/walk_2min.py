"""Two-minute walk test: metres walked."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_BOWMAN = "Bowman 2025, Top Stroke Rehabil 32:553, doi 10.1080/10749357.2024.2417643"
_THREE_WALKS = "J Rehabil Res Dev 2005;42:103, doi 10.1682/jrrd.2003.11.0171"
_BOHANNON = "Bohannon 2015, Arch Phys Med Rehabil 96:472"
_SCALE = measured(
    "twomwt_m",
    label="Two-minute walk (m)",
    unit="m",
    better="higher",
    usual=(10.0, 350.0),
    thresholds=(
        threshold(
            "mcid-bowman2025-points",
            31.0,
            "subacute stroke, at least 10 sessions of rehabilitation (n = 51)",
            _BOWMAN,
            "ROC, AUC 0.74 (0.60 to 0.89); sensitivity 63 %, specificity 71 %",
        ),
    ),
)

INSTRUMENT = Instrument(
    code="2mwt",
    name="Two-minute walk test",
    domain="performance",
    versions=(Version(code="2min", name="metres in 2 minutes", scales=(_SCALE,)),),
    sources=(_BOWMAN, _THREE_WALKS, _BOHANNON),
    licence="free",
    unverified=("No MDC was found with its population.",),
    notes=(
        "Adults of the population walk 64.6 to 300.8 m, on average 180.9 m (Bohannon 2015).",
        "Who cannot walk has a missing distance unless the protocol says 0: say which.",
        "Its metres are not a third of those of six minutes, though the two correlate 0.997 in "
        "the same people after stroke (2005): neither is computed from the other.",
    ),
)
