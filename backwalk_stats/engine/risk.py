"""Two arms with events: risk difference and risk ratio, with empty cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import FloatArray, array, number
from backwalk_stats.engine.estimate import Estimate, z_estimate
from backwalk_stats.errors import NotEstimable

Cells = tuple[FloatArray, FloatArray, FloatArray, FloatArray]


def _cells(
    *, events1: ArrayLike, n1: ArrayLike, events2: ArrayLike, n2: ArrayLike
) -> tuple[Cells, FloatArray]:
    """Events and non-events of each arm, and 0.5 where any of the four cells is empty."""
    hit1, size1, hit2, size2 = np.broadcast_arrays(
        array(events1), array(n1), array(events2), array(n2)
    )
    miss1, miss2 = size1 - hit1, size2 - hit2
    valid = (hit1 >= 0) & (miss1 >= 0) & (hit2 >= 0) & (miss2 >= 0) & (size1 > 0) & (size2 > 0)
    if not np.all(valid):
        raise NotEstimable("events lie between 0 and the number of participants of their arm")
    empty = (hit1 == 0) | (miss1 == 0) | (hit2 == 0) | (miss2 == 0)
    return (hit1, miss1, hit2, miss2), np.where(empty, 0.5, 0.0)


def risk_difference(
    *,
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return the risk in arm 1 minus the risk in arm 2, with a Wald interval.

    SE^2 = sum a b / n^3. With an empty cell 0.5 is added to all four cells for the SE only
    (as R's `meta` does); the difference itself stays as counted.

    Parameters
    ----------
    events1, n1, events2, n2 : array-like
        Events and participants of the two arms.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If events lie outside 0 to n.

    Examples
    --------
    >>> risk = risk_difference(events1=5, n1=46, events2=4, n2=22)
    >>> round(risk.estimate, 4), round(risk.conf_low, 4), round(risk.conf_high, 4)
    (-0.0731, -0.2577, 0.1114)
    """
    cells, add = _cells(events1=events1, n1=n1, events2=events2, n2=n2)
    hit1, miss1, hit2, miss2 = (cell + add for cell in cells)
    variance = hit1 * miss1 / (hit1 + miss1) ** 3 + hit2 * miss2 / (hit2 + miss2) ** 3
    difference = cells[0] / array(n1) - cells[2] / array(n2)
    return z_estimate(estimate=difference, std_error=np.sqrt(variance), level=level)


def risk_ratio(
    *,
    events1: ArrayLike,
    n1: ArrayLike,
    events2: ArrayLike,
    n2: ArrayLike,
    level: float = 0.95,
) -> Estimate:
    """Return the risk in arm 1 over the risk in arm 2, with an interval on the log scale.

    SE(log RR)^2 = 1/a1 - 1/n1 + 1/a2 - 1/n2. With an empty cell 0.5 is added to all four cells, so
    each n grows by 1 (Cochrane's RevMan; Deeks and Higgins 2010).

    Parameters
    ----------
    events1, n1, events2, n2 : array-like
        Events and participants of the two arms.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        `estimate`, `conf_low` and `conf_high` are ratios; `std_error` and `statistic` belong to the
        logarithm of the ratio, and the test is against a ratio of 1.

    Raises
    ------
    NotEstimable
        If events lie outside 0 to n, or no one or everyone had the event in both arms.

    Examples
    --------
    >>> risk = risk_ratio(events1=3, n1=46, events2=0, n2=22)
    >>> round(risk.estimate, 6), round(risk.conf_low, 6), round(risk.conf_high, 5)
    (3.425532, 0.184583, 63.57169)
    """
    cells, add = _cells(events1=events1, n1=n1, events2=events2, n2=n2)
    if np.any((cells[0] + cells[2] == 0) | (cells[1] + cells[3] == 0)):
        raise NotEstimable("a risk ratio needs someone with and someone without the event")
    hit1, miss1, hit2, miss2 = (cell + add for cell in cells)
    size1, size2 = hit1 + miss1, hit2 + miss2
    variance = 1.0 / hit1 - 1.0 / size1 + 1.0 / hit2 - 1.0 / size2
    log_ratio = np.log(hit1 / size1) - np.log(hit2 / size2)
    scale = z_estimate(estimate=log_ratio, std_error=np.sqrt(variance), level=level)
    return Estimate(
        estimate=number(np.exp(array(scale.estimate))),
        std_error=scale.std_error,
        df=scale.df,
        statistic=scale.statistic,
        p_value=scale.p_value,
        conf_low=number(np.exp(array(scale.conf_low))),
        conf_high=number(np.exp(array(scale.conf_high))),
    )
