"""Three-metre backward walk test: the only instrument here that measures backward gait."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.instruments.speed import speed_over

_KNEE = "Unver 2020, J Knee Surg, doi 10.1055/s-0039-1681099"
_HIP = "Ozden 2020, doi 10.1016/j.jajs.2020.11.002"
_STROKE = "Abit Kocaman 2021, J Stroke Cerebrovasc Dis 30:105462, PMID 33197801"
_SCLEROSIS = "3-m backward walk in multiple sclerosis, Int J Rehabil Res"
_PARKINSON = "Kocer 2023, Ir J Med Sci 192:3063, doi 10.1007/s11845-023-03384-9"
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
    threshold(
        "mdc-kocaman2021-points",
        1.57,
        "stroke (n = 41), ICC 0.985",
        _STROKE,
        "sqrt(2) x SEM 1.11 without 1.96; MDC95 = 1.96 sqrt(2) SEM would be 3.08",
    ),
    threshold(
        "mdc95-kocaman2021-points",
        3.08,
        "stroke (n = 41), ICC 0.985",
        _STROKE,
        "1.96 sqrt(2) x the published SEM of 1.11; computed here, not printed there",
    ),
    threshold(
        "mdc-multiple-sclerosis-points",
        1.69,
        "multiple sclerosis, walking (n = 49), ICC 0.85 to 0.89",
        _SCLEROSIS,
        "its abstract does not say the level",
    ),
    threshold(
        "mdc-kocer2023-points",
        2.13,
        "Parkinson's disease (n = 36), ICC 0.965",
        _PARKINSON,
        "its abstract does not say the level",
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
    sources=(
        _KNEE,
        _HIP,
        _STROKE,
        _SCLEROSIS,
        _PARKINSON,
        "in knee osteoarthritis: NCT06434311 (n = 41), no results found",
    ),
    licence="free",
    notes=(
        "Say how many trials there were, and whether the best or the mean counts.",
        "Times that tell who has fallen (4.2 and 10.31 s in Parkinson's disease, 3.0 and 4.5 s in "
        "older people) differ between studies, and are no thresholds for a change: none is here.",
    ),
)
