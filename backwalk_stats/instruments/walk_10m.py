"""Ten-metre walk test: gait speed."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Item, Scale, Version
from backwalk_stats.instruments.items import complete, threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.instruments.speed import speed

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
    sources=("PMC7392790", "Gilbert 2021, doi 10.1002/acr.24159"),
    licence="free",
    notes=(
        "The timed distance (10 m, or the middle 6 m) is a column and belongs to the label.",
        "Over 20 m at usual pace 4.1 to 6.9 m/min (0.068 to 0.115 m/s) has been called important "
        "in knee osteoarthritis (Gilbert 2021).",
    ),
)
