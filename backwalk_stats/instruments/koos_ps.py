"""KOOS physical function short form: seven items, and a table from their sum to 0 to 100."""

from __future__ import annotations

import numpy as np

from backwalk_stats.instruments.instrument import Combine, FloatArray, Instrument, Scale, Version
from backwalk_stats.instruments.items import complete, numbered, threshold
from backwalk_stats.trial.outcome import Better

_PERRUCCIO = "Perruccio 2008, Osteoarthritis Cartilage 16:542"
# From sums of 0 to 28; 100 is best.
_NOMOGRAM = (
    "100.0 94.4 89.5 85.2 81.4 78.0 75.1 72.5 70.3 68.2 66.4 64.7 63.0 61.4 59.7 "
    "58.0 56.0 53.9 51.5 48.8 45.6 42.1 38.0 33.4 28.2 22.3 15.7 8.2 0.0"
)
NOMOGRAM = tuple(map(float, _NOMOGRAM.split()))
_THRESHOLDS = tuple(
    threshold(f"mcid-{name}-points", value, "knee osteoarthritis", "PMC3943561", note)
    for name, value, note in (
        ("pmc3943561", 2.2, ""),
        ("pmc3943561-moderate", 15.0, "moderate improvement"),
    )
)


def from_sum(items: FloatArray) -> FloatArray:
    """Return the score of complete items, 100 best. Shape (n, 7) to (n,).

    >>> from_sum(np.array([[2, 2, 2, 2, 2, 1, 0.0]]))
    array([64.7])
    """
    sums = items.sum(axis=1)
    known = ~np.isnan(sums)
    scores = np.full(sums.shape, np.nan)
    scores[known] = np.asarray(NOMOGRAM)[np.rint(sums[known]).astype(np.int64)]
    return scores


def from_sum_as_trouble(items: FloatArray) -> FloatArray:
    """Return 100 minus `from_sum`: 0 is best, as in Perruccio 2008.

    >>> from_sum_as_trouble(np.zeros((1, 7)))
    array([0.])
    """
    return 100.0 - from_sum(items)


def _scale(better: Better, combine: Combine, formula: str) -> Scale:
    return Scale(
        name="score",
        label=f"KOOS-PS (0 to 100, {better} is better)",
        low=0.0,
        high=100.0,
        step=None,
        unit="points",
        better=better,
        items=numbered("PS", 7, high=4),
        formula=formula,
        combine=combine,
        rules=(complete(7, source="needed for the table"),),
        thresholds=_THRESHOLDS,
    )


INSTRUMENT = Instrument(
    code="koos-ps",
    name="KOOS physical function short form",
    domain="knee",
    versions=(
        Version(
            code="koos",
            name="as the KOOS: 100 is best",
            scales=(_scale("higher", from_sum, "table from the sum of the items"),),
        ),
        Version(
            code="perruccio2008",
            name="as first published: 0 is best",
            scales=(_scale("lower", from_sum_as_trouble, "100 - table from the sum"),),
        ),
    ),
    sources=(_PERRUCCIO, "PMC3943561"),
    licence="free; the wording is not shipped",
    unverified=("The table was read in an open implementation, not in the guide of koos.nu.",),
    notes=("Both directions are in use: the version says which.",),
)
