"""Study weights and pooled estimates, with the interval that rounding of all rows allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from backwalk_stats.engine.between_study_variance import tau2_dersimonian_laird
from backwalk_stats.engine.heterogeneity import heterogeneity
from backwalk_stats.engine.meta import random_effects
from backwalk_stats.engine.two_arms import Arm, cochrane_smd
from backwalk_stats.ledger.case import Cell
from backwalk_stats.ledger.rounding import Interval, first_order

Pairs = Sequence[tuple[Cell, Cell]]


def weights_of(pairs: Pairs) -> list[float]:
    """Return the percent weight of each pair of arms, by DerSimonian-Laird."""
    return [float(weight) for weight in _weights(_numbers(pairs), _sizes(pairs))]


def weight_interval(pairs: Pairs, *, position: int) -> Interval:
    """Return what one weight can be when every mean and SD of the analysis was rounded.

    The between-study variance is cut off at zero. Moved one at a time the numbers may not lift it
    off zero though together they do, so the weight is also taken at both ends of that variance.
    """
    sizes, texts = _sizes(pairs), _texts(pairs)
    tau2 = first_order(lambda values: _uncut_tau2(values, sizes), texts)
    ends = (None, max(tau2.low, 0.0), max(tau2.high, 0.0))
    found = [first_order(_share_at(position, sizes, end), texts) for end in ends]
    return Interval(min(one.low for one in found), max(one.high for one in found))


def _share_at(
    position: int, sizes: np.ndarray, tau2: float | None
) -> Callable[[Sequence[float]], float]:
    """Return the function from the numbers to one weight, at a between-study variance."""
    return lambda values: float(_weights(values, sizes, tau2)[position])


def pool_of(pairs: Pairs) -> tuple[dict[str, float], dict[str, Interval]]:
    """Return the DerSimonian-Laird pool of pairs of arms and the interval of each quantity.

    Parameters
    ----------
    pairs : sequence of pair of Cell
        Backward arm and comparison arm of each study; means, SDs and n printed.

    Returns
    -------
    tuple of dict
        Values, and intervals, of "estimate", "conf_low", "conf_high" and "statistic" (Q).
    """
    sizes, texts = _sizes(pairs), _texts(pairs)
    values = _pooled(_numbers(pairs), sizes)

    def of(quantity: str) -> Callable[[Sequence[float]], float]:
        return lambda numbers: _pooled(numbers, sizes)[quantity]

    return values, {quantity: first_order(of(quantity), texts) for quantity in values}


def _effects(numbers: Sequence[float], sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean1, sd1, mean2, sd2 = np.asarray(numbers, dtype=float).reshape(-1, 4).T
    # An SD printed as 0 is rounded from 0 or more: half a unit below does not exist.
    sd1, sd2 = np.maximum(sd1, 0.0), np.maximum(sd2, 0.0)
    result = cochrane_smd(Arm(sizes[:, 0], mean1, sd1), Arm(sizes[:, 1], mean2, sd2))
    return np.asarray(result.estimate), np.asarray(result.std_error)


def _uncut_tau2(numbers: Sequence[float], sizes: np.ndarray) -> float:
    """Return DerSimonian and Laird's tau2 before it is cut off at zero."""
    estimate, std_error = _effects(numbers, sizes)
    weight = 1.0 / std_error**2
    excess = float(heterogeneity(estimate=estimate, std_error=std_error).q) - (len(weight) - 1)
    return float(excess / (weight.sum() - (weight**2).sum() / weight.sum()))


def _weights(numbers: Sequence[float], sizes: np.ndarray, tau2: float | None = None) -> np.ndarray:
    """Return the percent weights, at a between-study variance or at the one estimated."""
    estimate, std_error = _effects(numbers, sizes)
    if tau2 is None:
        tau2 = tau2_dersimonian_laird(estimate=estimate, std_error=std_error)
    weight = 1.0 / (std_error**2 + tau2)
    share: np.ndarray = 100.0 * weight / weight.sum()
    return share


def _pooled(numbers: Sequence[float], sizes: np.ndarray) -> dict[str, float]:
    estimate, std_error = _effects(numbers, sizes)
    tau2 = tau2_dersimonian_laird(estimate=estimate, std_error=std_error)
    effect = random_effects(estimate=estimate, std_error=std_error, tau2=tau2).effect
    return {
        "estimate": float(effect.estimate),
        "conf_low": float(effect.conf_low),
        "conf_high": float(effect.conf_high),
        "statistic": float(heterogeneity(estimate=estimate, std_error=std_error).q),
    }


def _texts(pairs: Pairs) -> list[str]:
    return [text for a, b in pairs for text in (a.mean, a.sd, b.mean, b.sd)]


def _numbers(pairs: Pairs) -> list[float]:
    return [float(text) for text in _texts(pairs)]


def _sizes(pairs: Pairs) -> np.ndarray:
    return np.array([(a.n, b.n) for a, b in pairs], dtype=float)
