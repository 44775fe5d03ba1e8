"""Agreement of repeated measurements: mean squares, intraclass correlations, limits of agreement.

Shapes: a table of n participants and k measurements without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from backwalk_stats.engine.numbers import FloatArray, require_level
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown
from backwalk_stats.software import computes_with

Z95 = float(special.ndtri(0.975))
INTERVALS = ("bland-altman", "bland-altman-3n", "carkeet")
NOTHING = 1e-12


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MeanSquares(Shown):
    """Mean squares of a two-way table: between participants, measurements, error, within.

    Attributes
    ----------
    n, k : int
        Participants and measurements of each.
    """

    n: int
    k: int
    participants: float
    measurements: float
    error: float
    within: float

    @property
    def measurement_variance(self) -> float:
        """Return the variance of measurements by the mean squares; it may fall below 0."""
        return (self.measurements - self.error) / self.n


def mean_squares(table: FloatArray) -> MeanSquares:
    """Return the mean squares of a table (n, k).

    Raises NotEstimable if measurements of a participant differ by the same in everyone: there is no
    error to compare with.

    >>> found = mean_squares(np.array([[1.0, 2.0], [3.0, 3.0], [5.0, 7.0]]))
    >>> round(found.participants, 4), round(found.error, 4), round(found.within, 4)
    (10.5, 0.5, 0.8333)
    """
    n, k = table.shape
    rows, columns, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    rest = table - rows[:, None] - columns + mean
    inside = table - rows[:, None]
    if np.abs(rest).max() <= NOTHING * max(1e-300, float(np.abs(table).max())):
        raise NotEstimable(
            "the measurements differ by the same number in every participant: there is no error to "
            "compare with"
        )
    return MeanSquares(
        n=n,
        k=k,
        participants=float(k * ((rows - mean) ** 2).sum() / (n - 1)),
        measurements=float(n * ((columns - mean) ** 2).sum() / (k - 1)),
        error=float((rest**2).sum() / ((n - 1) * (k - 1))),
        within=float((inside**2).sum() / (n * (k - 1))),
    )


def icc_limits(found: MeanSquares, *, level: float) -> FloatArray:
    """Return the limits of ICC(1,1), (2,1), (3,1), (1,k), (2,k), (3,k), shape (6, 2).

    F limits of McGraw and Wong (Psychol Methods 1996;1:30, table 7); those of averages are the
    single ones by Spearman and Brown's formula. An average of measurements has no lower limit
    (-inf) where that of a single one is at or below -1 / (k - 1).
    """
    require_level(level)
    computes_with("scipy")
    n, k, upper = found.n, found.k, 0.5 + level / 2.0
    single = np.array(
        [
            _one_way(found.participants / found.within, n - 1, n * (k - 1), k, upper),
            _absolute(found, upper),
            _one_way(found.participants / found.error, n - 1, (n - 1) * (k - 1), k, upper),
        ]
    )
    under = 1.0 + (k - 1) * single
    averaged = np.where(under > 0.0, k * single / np.where(under > 0.0, under, 1.0), -np.inf)
    return np.concatenate([single, averaged])


def _one_way(f: float, df1: float, df2: float, k: int, upper: float) -> tuple[float, float]:
    low = f / special.fdtri(df1, df2, upper)
    high = f * special.fdtri(df2, df1, upper)
    return float((low - 1.0) / (low + k - 1.0)), float((high - 1.0) / (high + k - 1.0))


def _absolute(found: MeanSquares, upper: float) -> tuple[float, float]:
    """Return the limits of ICC(2,1), whose second df is Satterthwaite's."""
    n, k, error, columns = found.n, found.k, found.error, found.measurements
    icc = (found.participants - error) / (
        found.participants + (k - 1) * error + k * found.measurement_variance
    )
    a = k * icc / (n * (1.0 - icc)) * columns
    b = (1.0 + k * icc * (n - 1) / (n * (1.0 - icc))) * error
    df = (a + b) ** 2 / (a**2 / (k - 1) + b**2 / ((n - 1) * (k - 1)))
    other = k * columns + (k * n - k - n) * error
    f1, f2 = special.fdtri(n - 1, df, upper), special.fdtri(df, n - 1, upper)
    low = n * (found.participants - f1 * error) / (f1 * other + n * found.participants)
    high = n * (f2 * found.participants - error) / (other + n * f2 * found.participants)
    return float(low), float(high)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Agreement(Shown):
    """Bias and the two limits of agreement, each array of shape (3,): bias, low, high.

    Attributes
    ----------
    sd : float
        Of the differences.
    df : float
        n - 1.
    """

    estimate: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    sd: float
    df: float


def limits_of_agreement(difference: FloatArray, *, interval: str, level: float) -> Agreement:
    """Return mean(d), and mean(d) -/+ z SD(d), with limits of each.

    `difference` (shape (n,)). `interval`: "bland-altman" has SE s sqrt(1/n + z^2 / (2 (n - 1))),
    "bland-altman-3n" s sqrt(3/n), both with t of n - 1 df (Bland and Altman, Stat Methods Med Res
    1999;8:135); "carkeet" is exact for each limit, from the non-central t, without a standard error
    (Carkeet, Optom Vis Sci 2015;92:e71).

    >>> d = np.array([0.1, -0.3, 0.4, 0.0])
    >>> limits_of_agreement(d, interval="carkeet", level=0.95).estimate.round(3).tolist()
    [0.05, -0.516, 0.616]
    """
    require_level(level)
    computes_with("scipy")
    n, mean, sd = len(difference), float(difference.mean()), float(difference.std(ddof=1))
    df, tail = n - 1.0, (1.0 - level) / 2.0
    t = float(special.stdtrit(df, 1.0 - tail))
    about = 3.0 / n if interval == "bland-altman-3n" else 1.0 / n + Z95**2 / (2.0 * (n - 1))
    error = sd * np.sqrt([1.0 / n, about, about])
    estimate = mean + np.array([0.0, -Z95, Z95]) * sd
    low, high = estimate - t * error, estimate + t * error
    if interval == "carkeet":
        near, far = (_factor(n, share) * sd for share in (tail, 1.0 - tail))
        low[1:], high[1:] = [mean - far, mean + near], [mean - near, mean + far]
        error[1:] = np.nan
    return Agreement(estimate=estimate, std_error=error, conf_low=low, conf_high=high, sd=sd, df=df)


def _factor(n: int, share: float) -> float:
    """Return the k of a one-sided tolerance limit mean + k s of the normal's 97.5 % point."""
    found = special.nctdtrit(n - 1.0, Z95 * np.sqrt(n), share) / np.sqrt(n)
    if not np.isfinite(found):
        raise NotEstimable(f"no exact limit for {n} participants; take interval='bland-altman'")
    return float(found)
