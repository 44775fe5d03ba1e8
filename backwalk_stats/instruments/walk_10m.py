"""Ten-metre walk test: gait speed."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.instruments.speed import speed

_TILSON = "Tilson 2010, Phys Ther 90:196, PMC2816032"
_STEFFEN = "Steffen 2008, Phys Ther 88:733, doi 10.2522/ptj.20070214"
_SPEED = Scale(
    name="speed",
    label="Gait speed (m/s)",
    low=0.0,
    high=None,
    step=None,
    unit="m/s",
    better="higher",
    items=(
        Item(code="tenmwt_s", low=0.0, step=None, open_low=True),
        Item(code="tenmwt_m", low=0.0, step=None, open_low=True),
    ),
    formula="timed distance / mean time",
    combine=speed,
    rules=(complete(2),),
    open_low=True,
    usual=(0.2, 3.0),
    thresholds=(
        threshold(
            "mdc95-fast-5m-points",
            0.36,
            "knee osteoarthritis, fast walk over 5 m",
            "abstract on motor function tests in knee osteoarthritis",
            "another test: no value for the 10 m walk in knee osteoarthritis was found",
        ),
        threshold(
            "mcid-tilson2010-points",
            0.16,
            "stroke, 20 to 60 days, comfortable speed (n = 283)",
            _TILSON,
            "anchor modified Rankin Scale; sensitivity 74 %, specificity 57 %",
        ),
        threshold(
            "mdc95-steffen2008-comfortable-points",
            0.18,
            "parkinsonism (n = 37), comfortable speed",
            _STEFFEN,
        ),
        threshold("mdc95-steffen2008-fast-points", 0.25, "parkinsonism (n = 37), fast", _STEFFEN),
    ),
)

INSTRUMENT = Instrument(
    code="10mwt",
    name="Ten-metre walk test",
    domain="performance",
    aliases=(("gait-speed", ""),),
    versions=(
        Version(
            code="10m",
            name="10 m, or the middle 6 m of 10",
            scales=(
                _SPEED,
                measured(
                    "tenmwt_s",
                    name="time",
                    label="Ten-metre walk (s)",
                    unit="s",
                    better="lower",
                    open_low=True,
                    usual=(2.0, 60.0),
                ),
            ),
        ),
    ),
    sources=(
        "PMC7392790",
        "Gilbert 2021, doi 10.1002/acr.24159",
        _TILSON,
        _STEFFEN,
        "Hosoi 2023, Front Neurol, doi 10.3389/fneur.2023.1219505",
    ),
    licence="free",
    notes=(
        "The timed distance (10 m, or the middle 6 m) is a column and belongs to the label.",
        "After stroke the MDC grows with the speed: 0.05, 0.11 and 0.21 m/s at a comfortable pace "
        "below 0.4, to 0.8 and above 0.8 m/s (Hosoi 2023, n = 84).",
        "Over 20 m at usual pace 4.1 to 6.9 m/min (0.068 to 0.115 m/s) has been called important "
        "in knee osteoarthritis (Gilbert 2021).",
    ),
)
