"""The studentized range of k means, the distribution behind Tukey's pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from backwalk_stats.engine.chi_scale import legendre, scaled_chi_nodes
from backwalk_stats.engine.domain import FloatArray, Number, array, number
from backwalk_stats.engine.root import increasing_root

POINTS = 96
REACH = 9.0


def _range_above(*, width: FloatArray, groups: int) -> FloatArray:
    """P(range of `groups` standard normals > width), with the tail kept to relative accuracy."""
    unit, unit_weight = legendre(POINTS)
    z, weight = REACH * unit, REACH * unit_weight
    density = weight * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    upper = special.ndtr(z)
    share = special.ndtr(z - width[..., np.newaxis]) / upper
    power = groups - 1
    # Phi(z)^m - (Phi(z) - Phi(z - w))^m without cancellation; share is 1 only for w = 0.
    with np.errstate(divide="ignore"):
        lost = -(upper**power) * np.expm1(power * np.log1p(-share))
    result: FloatArray = groups * (density * lost).sum(axis=-1)
    return result


def studentized_range_p(*, statistic: ArrayLike, groups: int, df: float) -> Number:
    """Return P(Q >= q), the upper tail of the studentized range.

    The range of `groups` normal means over an independent SD with `df` degrees of freedom,
    by quadrature in both variables (Tukey 1953; Copenhaver and Holland 1988).

    Parameters
    ----------
    statistic : array-like
        q = |difference| / sqrt(mean square / n), any shape.
    groups : int
        Number of means compared, 2 or more.
    df : float
        Degrees of freedom of the mean square.

    Examples
    --------
    >>> round(studentized_range_p(statistic=3.0, groups=3, df=65), 6)
    0.093386
    """
    node, weight = scaled_chi_nodes(df)
    widths = np.maximum(array(statistic), 0.0)[..., np.newaxis] * node
    return number((weight * _range_above(width=widths, groups=groups)).sum(axis=-1))


def studentized_range_quantile(*, level: float, groups: int, df: float) -> float:
    """Return q with P(Q <= q) = level.

    Parameters
    ----------
    level : float
        Coverage, such as 0.95.
    groups : int
        Number of means compared.
    df : float
        Degrees of freedom of the mean square.

    Examples
    --------
    >>> round(studentized_range_quantile(level=0.95, groups=3, df=20), 3)
    3.578
    """

    def excess(point: FloatArray) -> FloatArray:
        return 1.0 - level - array(studentized_range_p(statistic=point, groups=groups, df=df))

    return float(increasing_root(function=excess, low=array(0.0), high=array(4.0)))
