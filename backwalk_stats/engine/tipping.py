"""Estimates that are linear in a delta: tests at each delta, and where the conclusion changes.

An estimate e + delta s has the jackknife variance v_ee + 2 delta v_es + delta^2 v_ss of its
leave-one-out values, and |e + delta s| = z SE is a quadratic in delta (the construction of Fieller,
J R Stat Soc B 1954;16:175).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.completed_analysis import jackknife_error
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import Estimate, z_estimate
from backwalk_stats.engine.p_value import t_quantile


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One contrast as a function of delta.

    Attributes
    ----------
    estimate, slope : float
        At a delta of 0, and the change for a delta of 1.
    estimates, slopes : array, shape (n,)
        The same without each participant.
    """

    estimate: float
    slope: float
    estimates: FloatArray
    slopes: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class DeltaLine:
    """Contrasts as functions of a delta in the other arms and one in the reference arm.

    Attributes
    ----------
    whole : array, shape (3, L)
        Estimates without deltas, and the changes for a delta of 1 in each.
    without : array, shape (3, n, L)
        The same without each participant.
    """

    whole: FloatArray
    without: FloatArray

    def of(self, index: int, *, delta_reference: float) -> Line:
        """Return one contrast at a delta of the reference arm."""
        weights = np.array([1.0, 0.0, delta_reference])
        return Line(
            estimate=float(weights @ self.whole[:, index]),
            slope=float(self.whole[1, index]),
            estimates=weights @ self.without[:, :, index],
            slopes=self.without[1, :, index],
        )


def estimates_at(line: Line, deltas: FloatArray, *, level: float = 0.95) -> Estimate:
    """Return the estimate, jackknife error, z, p and interval at each delta.

    Parameters
    ----------
    line : Line
    deltas : array, shape (k,)
    level : float
        Confidence level.
    """
    each = line.estimates[:, None] + line.slopes[:, None] * deltas
    return z_estimate(
        estimate=line.estimate + line.slope * deltas, std_error=jackknife_error(each), level=level
    )


def tipping_deltas(line: Line, *, level: float = 0.95) -> tuple[float, float]:
    """Return the nearest deltas below and above 0 at which p = 1 - level; NaN for none.

    Parameters
    ----------
    line : Line
    level : float
        Confidence level.

    Examples
    --------
    >>> line = Line(estimate=-3.0, slope=0.5, estimates=np.array([-4.0, -3.0, -2.0]),
    ...             slopes=np.full(3, 0.5))
    >>> low, high = tipping_deltas(line)
    >>> bool(np.isnan(low)), round(high, 4)
    (True, 1.4737)
    >>> round(float(estimates_at(line, np.array([high])).p_value[0]), 6)
    0.05
    """
    z2 = float(t_quantile(level=level, df=np.inf)) ** 2
    n = len(line.estimates)
    e, s = line.estimates - line.estimates.mean(), line.slopes - line.slopes.mean()
    factor = z2 * (n - 1.0) / n
    square = line.slope**2 - factor * float(s @ s)
    linear = 2.0 * (line.estimate * line.slope - factor * float(e @ s))
    constant = line.estimate**2 - factor * float(e @ e)
    roots = _real_roots(square, linear, constant)
    return (
        max((root for root in roots if root < 0.0), default=np.nan),
        min((root for root in roots if root >= 0.0), default=np.nan),
    )


def _real_roots(a: float, b: float, c: float) -> list[float]:
    """Return the real roots of a x^2 + b x + c at which its sign changes."""
    if a == 0.0:
        return [-c / b] if b else []
    inside = b * b - 4.0 * a * c
    if inside <= 0.0:
        return []
    half = -0.5 * (b + np.copysign(np.sqrt(inside), b))
    return [float(half / a), float(c / half)]
