"""KOOS-12: pain, function and quality of life by four items each, and their mean."""

from __future__ import annotations

from backwalk_stats.instruments.combine import mean, parts, percent_health
from backwalk_stats.instruments.instrument import Instrument, MissingRule, Scale, Version
from backwalk_stats.instruments.items import at_least, complete, numbered

_GANDEK = "Gandek 2019, Osteoarthritis Cartilage 27:746 and 27:762"
_SITE = "koos.nu, KOOS-12"
_SUBSCALES = (
    ("pain", "pain", "KP"),
    ("function", "function", "KF"),
    ("qol", "quality of life", "KQ"),
)


def _subscale(name: str, label: str, prefix: str) -> Scale:
    return Scale(
        name=name,
        label=f"KOOS-12 {label} (0 to 100)",
        low=0.0,
        high=100.0,
        step=6.25,
        unit="points",
        better="higher",
        items=numbered(prefix, 4, high=4),
        formula="100 - 100 x mean of the answered items / 4",
        combine=percent_health(4.0),
        rules=(at_least(2, 4, name="half", source=_SITE), complete(4)),
    )


_SUMMARY = Scale(
    name="summary",
    label="KOOS-12 summary of knee impact (0 to 100)",
    low=0.0,
    high=100.0,
    step=None,
    unit="points",
    better="higher",
    items=tuple(item for _, _, prefix in _SUBSCALES for item in numbered(prefix, 4, high=4)),
    formula="mean of pain, function and qol",
    combine=parts([(4, 2, percent_health(4.0))] * 3, join=mean),
    rules=(
        MissingRule(
            name="half",
            fewest=6,
            text="2 of 4 items or more in each of the three; all three are needed",
            source=_SITE,
            verified=False,
        ),
        complete(12),
    ),
)

INSTRUMENT = Instrument(
    code="koos-12",
    name="KOOS-12",
    domain="knee",
    versions=(
        Version(
            code="12",
            name="12 items, 0 to 4",
            scales=(*(_subscale(*row) for row in _SUBSCALES), _SUMMARY),
        ),
    ),
    sources=(_GANDEK, _SITE),
    licence="free; the wording is not shipped",
    unverified=("That the summary needs all three scales.",),
)
