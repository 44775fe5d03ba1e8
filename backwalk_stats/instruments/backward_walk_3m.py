"""Three-metre backward walk test: the only instrument here that measures backward gait."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.instruments.speed import speed_over

_KNEE = "Unver 2020, J Knee Surg, doi 10.1055/s-0039-1681099"
_HIP = "Ozden 2020, doi 10.1016/j.jajs.2020.11.002"
_THRESHOLDS = (
    threshold(
        "mdc95-unver2020-points",
        2.94,
        "total knee arthroplasty, ICC 0.97",
        _KNEE,
        "1.96 sqrt(2) x SEM 1.06, which gives 2.938",
    ),
    threshold(
        "mdc95-ozden2020-points",
        4.33,
        "total hip arthroplasty, ICC 0.983",
        _HIP,
        "1.96 sqrt(2) x SEM 1.56 gives 4.324",
    ),
)

INSTRUMENT = Instrument(
    code="3mbwt",
    name="Three-metre backward walk test",
    domain="performance, backward gait",
    aliases=(("3m-backward-walk", ""),),
    versions=(
        Version(
            code="3m",
            name="3 m backward",
            scales=(
                measured(
                    "bw3m_s",
                    name="time",
                    label="Backward walk over 3 m (s)",
                    unit="s",
                    better="lower",
                    open_low=True,
                    usual=(1.0, 60.0),
                    thresholds=_THRESHOLDS,
                ),
                Scale(
                    name="speed",
                    label="Backward gait speed (m/s)",
                    low=0.0,
                    high=None,
                    step=None,
                    unit="m/s",
                    better="higher",
                    items=(Item(code="bw3m_s", low=0.0, step=None, open_low=True),),
                    formula="3 / time",
                    combine=speed_over(3.0),
                    rules=(complete(1),),
                    open_low=True,
                    usual=(0.05, 3.0),
                ),
            ),
        ),
    ),
    sources=(_KNEE, _HIP, "in knee osteoarthritis: NCT06434311 (n = 41), no results found"),
    licence="free",
    notes=("Say how many trials there were, and whether the best or the mean counts.",),
)
