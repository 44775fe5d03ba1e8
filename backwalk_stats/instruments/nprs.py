"""Numeric Pain Rating Scale: one whole number from 0 to 10."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

_CHILDS = "Childs 2005, Spine 30:1331, doi 10.1097/01.brs.0000164099.92112.29"
_OSTELO = "Ostelo 2008, Spine 33:90"
_THRESHOLDS = (
    Threshold(
        name="mcid-ostelo2008-points",
        kind="mcid",
        value=2.0,
        unit="points",
        population="low back pain (consensus)",
        source=_OSTELO,
    ),
    Threshold(
        name="mcid-ostelo2008-percent",
        kind="mcid",
        value=30.0,
        unit="percent",
        population="low back pain (consensus)",
        source=_OSTELO,
    ),
    Threshold(
        name="mcid-childs2005-1week-points",
        kind="mcid",
        value=2.2,
        unit="points",
        population="low back pain in physiotherapy, after 1 week",
        source=_CHILDS,
    ),
    Threshold(
        name="mcid-childs2005-4weeks-points",
        kind="mcid",
        value=1.5,
        unit="points",
        population="low back pain in physiotherapy, after 4 weeks",
        source=_CHILDS,
    ),
    Threshold(
        name="mdc-childs2005-points",
        kind="mdc",
        value=2.0,
        unit="points",
        population="low back pain in physiotherapy",
        source=_CHILDS,
        note="1.96 x SEM (1.02) without sqrt(2); MDC95 = 1.96 sqrt(2) SEM would be 2.83",
    ),
    Threshold(
        name="mdc95-childs2005-points",
        kind="mdc",
        value=2.83,
        unit="points",
        population="low back pain in physiotherapy",
        source=_CHILDS,
        note="1.96 sqrt(2) x the published SEM of 1.02; computed here, not printed there",
    ),
    Threshold(
        name="mdc-specific-back-pain-points",
        kind="mdc",
        value=1.77,
        unit="points",
        population="specific back pain",
        source="doi 10.1055/a-1304-3677",
    ),
    Threshold(
        name="mcid-musculoskeletal-points",
        kind="mcid",
        value=2.0,
        unit="points",
        population="musculoskeletal pain",
        source="PMC7990728, table 1",
    ),
)

INSTRUMENT = Instrument(
    code="nprs",
    name="Numeric Pain Rating Scale",
    domain="pain",
    aliases=(("nrs", ""), ("nrs-pain", "")),
    versions=(
        Version(
            code="0-10",
            name="11 boxes, 0 to 10",
            scales=(
                measured(
                    "nprs",
                    label="Pain (NPRS, 0 to 10)",
                    unit="points",
                    better="lower",
                    high=10.0,
                    step=1.0,
                    thresholds=_THRESHOLDS,
                ),
            ),
        ),
    ),
    sources=(_CHILDS, _OSTELO, "PMC7990728", "doi 10.1055/a-1304-3677"),
    licence="free",
    notes=(
        "The recall period (now, 24 hours, 7 days) and the site belong to the outcome's label.",
        "What matters depends on the baseline: 1 point at 1 to 4, 2 at 5 to 7, 3 to 4 at 8 to 10 "
        "(doi 10.1055/a-1304-3677).",
        "99 and -9 often stand for a missing answer; a mean of a diary is no whole number.",
    ),
)
