"""Knee injury and Osteoarthritis Outcome Score: five subscales from 0 (worst) to 100."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.instruments.combine import mean, parts, percent_health
from backwalk_stats.instruments.instrument import (
    FloatArray,
    Instrument,
    MissingRule,
    Scale,
    Version,
)
from backwalk_stats.instruments.items import at_least, complete, numbered, threshold
from backwalk_stats.trial.outcome import Threshold

_MANUAL = "KOOS Scoring 2012 (koos.nu)"
_AWAITING = "BMC Musculoskelet Disord 2014;15:235"
_CHANGES = {
    "mdc95-knee-points": ("knee awaiting arthroplasty (n = 75)", _AWAITING),
    "mcid-nonsurgical-points": (
        "knee osteoarthritis without surgery, 4 months, predictive modelling",
        "PMID 41367621",
    ),
    "mcid-mostafaee2021-points": (
        "physiotherapy, 4 weeks, ROC",
        "Mostafaee 2021, Physiother Theory Pract",
    ),
}
# Name, label, prefix, items, fewest by the rules of 2012 and 1998, thresholds in the order above.
_SUBSCALES = (
    ("pain", "pain", "P", 9, 5, 7, (20.2, 11.3, 15.0)),
    ("symptoms", "symptoms", "S", 7, 4, 5, (24.1, 12.1, 12.5)),
    ("adl", "function in daily living", "A", 17, 9, 15, (20.8, 10.2, 15.5)),
    ("sport", "function in sport and recreation", "SP", 5, 3, 3, (None, 15.5, 17.5)),
    ("qol", "knee-related quality of life", "Q", 4, 2, 2, (26.6, 13.2, 12.5)),
)
ITEM_CODES = tuple(
    item.code for _, _, prefix, count, *_ in _SUBSCALES for item in numbered(prefix, count, high=4)
)


def _thresholds(name: str, values: tuple[float | None, ...]) -> tuple[Threshold, ...]:
    return tuple(
        threshold(title.replace("-points", f"-{name}-points"), value, population, source)
        for (title, (population, source)), value in zip(_CHANGES.items(), values, strict=True)
        if value is not None
    )


def _subscale(row: tuple[str, str, str, int, int, int, tuple[float | None, ...]]) -> Scale:
    name, label, prefix, count, fewest_2012, fewest_1998, values = row
    return Scale(
        name=name,
        label=f"KOOS {label} (0 to 100)",
        low=0.0,
        high=100.0,
        step=25.0 / count,
        unit="points",
        better="higher",
        items=numbered(prefix, count, high=4),
        formula="100 - 100 x mean of the answered items / 4",
        combine=percent_health(4.0),
        rules=(
            at_least(fewest_2012, count, name="2012", source=_MANUAL),
            at_least(fewest_1998, count, name="1998", source=_MANUAL),
            complete(count),
        ),
        thresholds=_thresholds(name, values),
    )


_KANON = "KANON trial, Br J Sports Med 2017;51:1622"
_MEDIC = "BMC Musculoskelet Disord 2012;13:67, table 1"


def _four(name: str, subscales: tuple[str, ...], source: str) -> Scale:
    """Return the mean of four subscales; which four differs between trials."""
    rows = [row for row in _SUBSCALES if row[0] in subscales]
    return Scale(
        name=name,
        label=f"KOOS4 ({', '.join(subscales)}; 0 to 100)",
        low=0.0,
        high=100.0,
        step=None,
        unit="points",
        better="higher",
        items=tuple(item for row in rows for item in numbered(row[2], row[3], high=4)),
        formula=f"mean of {', '.join(subscales)} ({source})",
        combine=parts([(row[3], row[4], percent_health(4.0)) for row in rows], join=mean),
        rules=(
            MissingRule(
                name="2012",
                fewest=sum(row[4] for row in rows),
                text="each subscale by the rule of 2012; all four are needed",
                source="from memory",
                verified=False,
            ),
        ),
    )


_KOOS4 = (
    _four("koos4", ("pain", "symptoms", "sport", "qol"), _KANON),
    _four("koos4-adl", ("pain", "symptoms", "adl", "qol"), _MEDIC),
)


def womac_items(items: ArrayLike) -> FloatArray:
    """Return the 24 items of the WOMAC (Likert) that the 42 items of the KOOS contain.

    Pain P5 to P9, stiffness S6 and S7, function A1 to A17, in WOMAC's order; both score trouble
    from 0 to 4, so nothing is turned round. That the KOOS contains the WOMAC is published (Roos
    1998); which items they are is from memory, and agrees with the number of items of each part.

    Parameters
    ----------
    items : array-like, shape (n, 42)
        In the order of `ITEM_CODES`: P1 to P9, S1 to S7, A1 to A17, SP1 to SP5, Q1 to Q4.

    Returns
    -------
    array, shape (n, 24)
        To be scored as version "likert-3.1".

    Examples
    --------
    >>> womac_items(np.arange(42.0)[None, :])[0, :8]
    array([ 4.,  5.,  6.,  7.,  8., 14., 15., 16.])
    """
    values = np.asarray(items, dtype=np.float64)
    wanted = [f"P{k}" for k in range(5, 10)] + ["S6", "S7"] + [f"A{k}" for k in range(1, 18)]
    return values[:, [ITEM_CODES.index(code) for code in wanted]]


INSTRUMENT = Instrument(
    code="koos",
    name="Knee injury and Osteoarthritis Outcome Score",
    domain="knee",
    versions=(
        Version(
            code="lk1.0",
            name="42 items, 0 to 4",
            scales=(*(_subscale(row) for row in _SUBSCALES), *_KOOS4),
        ),
    ),
    sources=(_MANUAL, _AWAITING, "PMID 41367621", "Mostafaee 2021", _KANON, _MEDIC),
    licence="free to use (koos.nu, from memory); the wording is not shipped",
    unverified=(
        "Which items make up the WOMAC (pain P5 to P9, stiffness S6 and S7, function A1 to A17): "
        "they agree in content with WOMAC's subscales; a guide to the conversion was not read.",
    ),
    notes=(
        "S4 and S5 are answered in the opposite order on the form: code 0 as best for every item.",
        "KOOS4 has the sport subscale in trials of injured knees, ADL in some of osteoarthritis.",
        "Of two boxes ticked the worse counts; there is no total in the manual.",
        "100 is best, in the WOMAC 0 is best.",
    ),
)
