"""Mean, spread and serial correlation of raw values, accurate to the digits of the input."""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import FloatArray, array
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """Summary of one sample; `variance` and `sd` divide by n - 1.

    `autocorrelation` is the lag-1 coefficient, NaN for a constant sample.
    """

    n: int
    mean: float
    variance: float
    sd: float
    autocorrelation: float


def centred(values: ArrayLike) -> tuple[float, FloatArray]:
    """Return the mean and the deviations from it.

    The sum is exact (`math.fsum`), so the mean carries one rounding only.

    >>> mean, deviation = centred([1.0, 2.0, 6.0])
    >>> mean, deviation.tolist()
    (3.0, [-2.0, -1.0, 3.0])
    """
    sample = array(values)
    mean = fsum(sample) / sample.size
    return mean, sample - mean


def _sum_of_squares(deviation: FloatArray) -> float:
    """Return the corrected two-pass sum of squares, sum d^2 - (sum d)^2 / n.

    The second term is zero in exact arithmetic; it takes out what rounding left in the mean
    (Chan, Golub and LeVeque 1983, The American Statistician 37:242).

    >>> _sum_of_squares(np.array([-2.0, -1.0, 3.0]))
    14.0
    """
    return fsum(deviation**2) - fsum(deviation) ** 2 / deviation.size


def moments(values: ArrayLike) -> Moments:
    """Return n, mean, variance, SD and lag-1 autocorrelation of one sample.

    Two passes over centred values; the autocorrelation is
    sum (y_i - m)(y_{i+1} - m) / sum (y_i - m)^2, as in NIST StRD. Values are in order of time where
    that matters, two or more, all finite.

    >>> result = moments([10000001, 10000003, 10000002])
    >>> result.mean, result.sd, result.autocorrelation
    (10000002.0, 1.0, -0.5)
    """
    sample = array(values)
    if sample.ndim != 1 or sample.size < 2 or not np.all(np.isfinite(sample)):
        raise NotEstimable("moments need one sample of at least 2 finite values")
    mean, deviation = centred(sample)
    squares = _sum_of_squares(deviation)
    variance = squares / (sample.size - 1)
    lagged = fsum(deviation[:-1] * deviation[1:])
    return Moments(
        n=sample.size,
        mean=mean,
        variance=variance,
        sd=sqrt(variance),
        autocorrelation=lagged / squares if squares > 0.0 else nan,
    )
