"""The probability that a participant of one arm is higher than one of the other."""

from __future__ import annotations

from scipy.optimize import brentq

from backwalk_stats.engine.domain import require_level
from backwalk_stats.engine.p_value import t_quantile
from backwalk_stats.errors import NotEstimable

END, INSIDE = 1e-15, 1e-12


def superiority_interval(
    *, probability: float, n1: int, n2: int, level: float = 0.95
) -> tuple[float, float]:
    """Return Newcombe's interval of P(1 higher) + P(equal) / 2.

    Method 5 of Newcombe (Stat Med 2006;25:559): the values whose distance from the estimate is at
    most z SE, with the variance of Hanley and McNeil at that value,
    theta (1 - theta) (1 + c ((1 - theta)/(2 - theta) + theta/(1 + theta))) / (n1 n2),
    c = (n1 + n2)/2 - 1. It stays within 0 to 1 and has a width also where the arms do not overlap.

    Parameters
    ----------
    probability : float
        Estimate, U / (n1 n2).
    n1, n2 : int
        Participants.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        If the probability is outside 0 to 1 or an arm is empty.

    Examples
    --------
    >>> low, high = superiority_interval(probability=0.5, n1=20, n2=20)
    >>> round(low, 4), round(high, 4)
    (0.3315, 0.6685)
    """
    require_level(level)
    if not 0.0 <= probability <= 1.0 or n1 < 1 or n2 < 1:
        raise NotEstimable("expected a probability and two arms with participants")
    square = float(t_quantile(level=level, df=float("inf"))) ** 2
    centre = (n1 + n2) / 2.0 - 1.0

    def excess(theta: float) -> float:
        spread = 1.0 + centre * ((1.0 - theta) / (2.0 - theta) + theta / (1.0 + theta))
        variance = theta * (1.0 - theta) * spread / (n1 * n2)
        return (theta - probability) ** 2 - square * variance

    # At 0 and 1 the variance is 0 too, which is no limit: stay clear of it.
    inside = min(max(probability, INSIDE), 1.0 - INSIDE)
    low = 0.0 if probability <= 0.0 else float(brentq(excess, 0.0, inside, xtol=END))
    high = 1.0 if probability >= 1.0 else float(brentq(excess, inside, 1.0, xtol=END))
    return low, high
