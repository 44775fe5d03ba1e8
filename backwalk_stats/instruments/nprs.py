"""Numeric Pain Rating Scale: one whole number from 0 to 10."""

from __future__ import annotations

from backwalk_stats.instruments.instrument import Instrument, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured

_CHILDS = "Childs 2005, Spine 30:1331, doi 10.1097/01.brs.0000164099.92112.29"
_OSTELO = "Ostelo 2008, Spine 33:90"
_THRESHOLDS = (
    threshold("mcid-ostelo2008-points", 2.0, "low back pain (consensus)", _OSTELO),
    threshold("mcid-ostelo2008-percent", 30.0, "low back pain (consensus)", _OSTELO),
    threshold(
        "mcid-childs2005-1week-points", 2.2, "low back pain in physiotherapy, after 1 week", _CHILDS
    ),
    threshold(
        "mcid-childs2005-4weeks-points",
        1.5,
        "low back pain in physiotherapy, after 4 weeks",
        _CHILDS,
    ),
    threshold(
        "mdc-childs2005-points",
        2.0,
        "low back pain in physiotherapy",
        _CHILDS,
        "1.96 x SEM (1.02) without sqrt(2); MDC95 = 1.96 sqrt(2) SEM would be 2.83",
    ),
    threshold(
        "mdc95-childs2005-points",
        2.83,
        "low back pain in physiotherapy",
        _CHILDS,
        "1.96 sqrt(2) x the published SEM of 1.02; computed here, not printed there",
    ),
    threshold(
        "mdc-specific-back-pain-points", 1.77, "specific back pain", "doi 10.1055/a-1304-3677"
    ),
    threshold("mcid-musculoskeletal-points", 2.0, "musculoskeletal pain", "PMC7990728, table 1"),
)
_SCALE = measured(
    "nprs",
    label="Pain (NPRS, 0 to 10)",
    unit="points",
    better="lower",
    high=10.0,
    step=1.0,
    thresholds=_THRESHOLDS,
)

INSTRUMENT = Instrument(
    code="nprs",
    name="Numeric Pain Rating Scale",
    domain="pain",
    aliases=(("nrs", ""), ("nrs-pain", "")),
    versions=(Version(code="0-10", name="11 boxes, 0 to 10", scales=(_SCALE,)),),
    sources=(_CHILDS, _OSTELO, "PMC7990728", "doi 10.1055/a-1304-3677"),
    licence="free",
    notes=(
        "The recall period (now, 24 hours, 7 days) and the site belong to the outcome's label.",
        "What matters depends on the baseline: 1 point at 1 to 4, 2 at 5 to 7, 3 to 4 at 8 to 10 "
        "(doi 10.1055/a-1304-3677).",
        "99 and -9 often stand for a missing answer; a mean of a diary is no whole number.",
    ),
)
