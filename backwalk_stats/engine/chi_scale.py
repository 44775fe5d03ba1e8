"""Averages over the distribution of an estimated SD: noncentral t without tables or series."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.domain import FloatArray, Number, array, number

NODES = 192
TAIL = 1e-17


@lru_cache(maxsize=8)
def legendre(count: int) -> tuple[FloatArray, FloatArray]:
    """Return Gauss-Legendre nodes and weights on [-1, 1], read-only.

    Parameters
    ----------
    count : int
        Number of nodes.

    Examples
    --------
    >>> node, weight = legendre(5)
    >>> round(float(weight.sum()), 12)
    2.0
    """
    node, weight = np.polynomial.legendre.leggauss(count)
    node.flags.writeable = weight.flags.writeable = False
    return node, weight


def scaled_chi_nodes(df: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights for averages over S = sqrt(chi-square(df) / df).

    Gauss-Legendre on the central interval that leaves `TAIL` out at either end, weighted with
    the density, which is proportional to s^(df-1) exp(-df s^2 / 2).

    Parameters
    ----------
    df : array-like, shape (...)
        Degrees of freedom, 1 or more and finite.

    Returns
    -------
    tuple of ndarray, each of shape (..., NODES)
        Nodes s and weights; the weights sum to 1.

    Examples
    --------
    >>> node, weight = scaled_chi_nodes(12)
    >>> round(float((weight * node**2).sum()), 12)
    1.0
    """
    freedom = array(df)[..., np.newaxis]
    low = np.sqrt(2.0 * special.gammaincinv(freedom / 2.0, TAIL) / freedom)
    high = np.sqrt(2.0 * special.gammainccinv(freedom / 2.0, TAIL) / freedom)
    unit, unit_weight = legendre(NODES)
    node = low + (high - low) / 2.0 * (unit + 1.0)
    log_density = (freedom - 1.0) * np.log(node) - freedom * node**2 / 2.0
    # Scaled to sum to 1, so the constant of the density (a difference of large numbers) is not
    # needed.
    weight = unit_weight * np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    return node, weight / weight.sum(axis=-1, keepdims=True)


def noncentral_t_below(*, statistic: ArrayLike, df: ArrayLike, noncentrality: ArrayLike) -> Number:
    """Return P(T <= t) for noncentral t with any noncentrality, far tails included.

    T = (Z + delta) / S, so P(T <= t) is the average of Phi(t S - delta) over S
    (Johnson, Kotz and Balakrishnan 1995, chapter 31).

    Parameters
    ----------
    statistic, df, noncentrality : array-like
        t, degrees of freedom and delta; broadcast against each other.

    Examples
    --------
    >>> round(noncentral_t_below(statistic=2.06, df=24, noncentrality=2.0), 10)
    0.514561797
    """
    point, freedom, delta = np.broadcast_arrays(array(statistic), array(df), array(noncentrality))
    node, weight = scaled_chi_nodes(freedom)
    shifted = point[..., np.newaxis] * node - delta[..., np.newaxis]
    return number((weight * special.ndtr(shifted)).sum(axis=-1))


def noncentral_t_above(*, statistic: ArrayLike, df: ArrayLike, noncentrality: ArrayLike) -> Number:
    """Return P(T >= t) for noncentral t, with small tails to full relative accuracy.

    Parameters
    ----------
    statistic, df, noncentrality : array-like
        t, degrees of freedom and delta; broadcast against each other.

    Examples
    --------
    >>> round(noncentral_t_above(statistic=2.06, df=24, noncentrality=2.0), 10)
    0.485438203
    """
    return noncentral_t_below(
        statistic=-array(statistic), df=df, noncentrality=-array(noncentrality)
    )
