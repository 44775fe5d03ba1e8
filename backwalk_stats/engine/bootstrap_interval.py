"""Confidence intervals from bootstrap replicates: percentile, and bias-corrected accelerated."""

from __future__ import annotations

import numpy as np
from scipy import special

from backwalk_stats.engine.domain import FloatArray, require_level
from backwalk_stats.errors import NotEstimable


def percentile_interval(
    *, replicates: FloatArray, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the quantiles of the replicates that leave equal tails (Efron 1979).

    Parameters
    ----------
    replicates : array, shape (B, L)
        Bootstrap estimates of L quantities; no missing values.
    level : float
        Confidence level.

    Returns
    -------
    low, high : array, shape (L,)
        Linear interpolation between order statistics, as R's `quantile` and numpy do.

    Examples
    --------
    >>> low, high = percentile_interval(replicates=np.arange(101.0)[:, None], level=0.9)
    >>> round(float(low[0]), 6), round(float(high[0]), 6)
    (5.0, 95.0)
    """
    require_level(level)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(replicates, [tail, 1.0 - tail], axis=0)
    return low, high


def bca_interval(
    *,
    replicates: FloatArray,
    estimate: FloatArray,
    jackknife: FloatArray,
    strata: np.ndarray | None = None,
    level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """Return the bias-corrected and accelerated interval (Efron, J Am Stat Assoc 1987;82:171).

    The percentiles are moved by z0, the normal quantile of the share of replicates below the
    estimate (ties count half), and by the acceleration a = sum d^3 / (6 (sum d^2)^1.5), d being how
    much a participant's absence moves the estimate.

    Parameters
    ----------
    replicates : array, shape (B, L)
        Bootstrap estimates; no missing values.
    estimate : array, shape (L,)
    jackknife : array, shape (n, L)
        Estimates without each participant in turn.
    strata : array of int, shape (n,), optional
        Strata of the participants, where each was resampled by itself: d is then measured from the
        stratum's mean.
    level : float
        Confidence level.

    Returns
    -------
    low, high : array, shape (L,)

    Raises
    ------
    NotEstimable
        If every replicate lies on one side of the estimate, or the interval needs a quantile beyond
        the last replicate: more replicates, or the percentile interval.

    Examples
    --------
    >>> spread = np.linspace(-1.0, 1.0, 2001)[:, None]
    >>> even = np.array([[-1.0], [0.0], [1.0]])
    >>> low, high = bca_interval(replicates=spread, estimate=np.zeros(1), jackknife=even)
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (-0.95, 0.95)
    """
    require_level(level)
    below = (replicates < estimate).mean(axis=0) + 0.5 * (replicates == estimate).mean(axis=0)
    if np.any((below <= 0.0) | (below >= 1.0)):
        raise NotEstimable("every replicate lies on one side of the estimate: no BCa interval")
    shift = special.ndtri(below)
    acceleration = _acceleration(jackknife, strata)
    tail, count = (1.0 - level) / 2.0, len(replicates)
    ends = []
    for share in (tail, 1.0 - tail):
        moved = shift + special.ndtri(share)
        at = special.ndtr(shift + moved / (1.0 - acceleration * moved))
        if np.any((at * count < 1.0) | ((1.0 - at) * count < 1.0)):
            raise NotEstimable(
                f"{count} replicates do not reach the quantile that the BCa interval needs; "
                "take more"
            )
        chosen = [np.quantile(own, one) for own, one in zip(replicates.T, at, strict=True)]
        ends.append(np.array(chosen))
    return ends[0], ends[1]


def _acceleration(jackknife: FloatArray, strata: np.ndarray | None) -> FloatArray:
    """Return a of each quantity; 0 where nobody's absence moves it."""
    kinds = np.zeros(len(jackknife), dtype=int) if strata is None else strata
    influence = np.empty_like(jackknife)
    for stratum in np.unique(kinds):
        own = jackknife[kinds == stratum]
        influence[kinds == stratum] = own.mean(axis=0) - own
    cube, square = (influence**3).sum(axis=0), (influence**2).sum(axis=0)
    return np.where(square > 0.0, cube / (6.0 * np.where(square > 0.0, square, 1.0) ** 1.5), 0.0)
