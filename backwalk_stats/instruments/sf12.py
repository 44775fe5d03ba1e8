"""SF-12 version 1: two component summaries, scored by whoever holds the licence."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.errors import UsageError
from backwalk_stats.instruments.instrument import FloatArray, Instrument, Scale, Version
from backwalk_stats.instruments.items import threshold
from backwalk_stats.instruments.measured import measured
from backwalk_stats.trial.outcome import Threshold

_WARE = "Ware 1996, Med Care 34:220"
_LIMITS = {"pcs": (23.99938, 56.57706), "mcs": (19.06444, 60.75781)}


def sf12_summary(indicators: ArrayLike, *, weights: ArrayLike, constant: float) -> FloatArray:
    """Return a component summary by weights that the user brings: constant + indicators x weights.

    The weights are licensed and not part of this package.

    Parameters
    ----------
    indicators : array-like, shape (n, k)
        0 or 1 for each answer that is not the best; NaN where unanswered.
    weights : array-like, shape (k,)
        Of the licensed manual.
    constant : float
        The summary of somebody with the best answer everywhere.

    Returns
    -------
    array, shape (n,)
        NaN where any indicator is missing: all twelve items are needed.

    Raises
    ------
    UsageError
        If the numbers of indicators and weights differ, or an indicator is neither 0 nor 1.

    Examples
    --------
    >>> sf12_summary([[1, 0], [0, np.nan]], weights=[-2.0, -1.0], constant=50.0)
    array([48., nan])
    """
    values, each = np.asarray(indicators, dtype=float), np.asarray(weights, dtype=float)
    if values.ndim != 2 or each.shape != values.shape[1:]:
        raise UsageError(
            f"expected one weight for each indicator, found weights of shape {each.shape} "
            f"for indicators of shape {values.shape}"
        )
    if not np.all(np.isnan(values) | (values == 0.0) | (values == 1.0)):
        raise UsageError("expected indicators of 0 or 1")
    return np.asarray(constant + values @ each)


def _scale(name: str, label: str, thresholds: tuple[Threshold, ...] = ()) -> Scale:
    low, high = _LIMITS[name]
    return measured(
        name,
        name=name,
        label=f"{label} (SF-12)",
        unit="points",
        better="higher",
        low=0.0,
        high=100.0,
        usual=(low, high),
        formula="computed before, by the licensed weights",
        thresholds=thresholds,
    )


_PHYSICAL = tuple(
    threshold(
        f"mcid-clement-{anchor}-points",
        value,
        f"total knee arthroplasty, anchor {anchor}",
        "Clement, quoted from an index",
    )
    for anchor, value in (("pain", 4.5), ("function", 4.8))
)

INSTRUMENT = Instrument(
    code="sf-12",
    name="SF-12 Health Survey, version 1",
    domain="health-related quality of life",
    aliases=(("SF12v1", ""),),
    versions=(
        Version(
            code="v1-us",
            name="version 1, norms of the United States",
            scales=(
                _scale("pcs", "Physical component summary", _PHYSICAL),
                _scale("mcs", "Mental component summary"),
            ),
        ),
    ),
    sources=(_WARE,),
    licence="licence of QualityMetric needed; neither weights nor wording are shipped",
    unverified=("Which of the two PCS thresholds belongs to which anchor.",),
    notes=(
        "Bring PCS and MCS as columns, or your own weights to `bw.instruments.sf12_summary`.",
        "All-worst and all-best answers give PCS 23.99938 and 56.57706, MCS 19.06444 and 60.75781; "
        "the summaries do not rise with every item, so these are no ends.",
    ),
)
