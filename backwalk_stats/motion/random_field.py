"""Random field theory in one dimension: how high, and how long, a smooth curve of noise can get.

The expected Euler characteristic of the set in which a t or F curve exceeds a height gives the
probability that it does so anywhere (Worsley et al. 2004, NeuroImage 23:S189-S195; Friston et al.
1994, Hum Brain Mapp 1:210-220). The curve is a statistic of residuals that are stationary, smooth
and Gaussian; residuals that still hold participant effects are smoother than the noise, and the
test is then liberal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gamma, log, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaln
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from backwalk_stats.engine.numbers import FloatArray, Number
from backwalk_stats.errors import NotEstimable
from backwalk_stats.registry import Shown

FOUR_LOG_2 = 4.0 * log(2.0)
HIGHEST = 1e6  # no threshold of any use lies above


@dataclass(frozen=True, slots=True, repr=False)
class TField(Shown):
    """A curve of t statistics.

    Attributes
    ----------
    df : float
        Residual degrees of freedom.
    """

    df: float

    def densities(self, height: Number) -> tuple[Number, Number]:
        """Return the Euler characteristic densities of dimension 0 and 1 at heights."""
        tail = t_distribution.sf(height, self.df)
        slope = (1.0 + np.square(height) / self.df) ** (-(self.df - 1.0) / 2.0)
        return tail, sqrt(FOUR_LOG_2) / (2.0 * pi) * slope


@dataclass(frozen=True, slots=True, repr=False)
class FField(Shown):
    """A curve of F statistics.

    Attributes
    ----------
    df_num, df_den : float
        Its two degrees of freedom.
    """

    df_num: float
    df_den: float

    def densities(self, height: Number) -> tuple[Number, Number]:
        """Return the Euler characteristic densities of dimension 0 and 1 at heights."""
        k, v = self.df_num, self.df_den
        tail = f_distribution.sf(height, k, v)
        above = np.greater(height, 0.0)
        ratio = k * np.where(above, height, 1.0) / v
        log_slope = (
            gammaln((v + k - 1.0) / 2.0)
            - gammaln(v / 2.0)
            - gammaln(k / 2.0)
            + 0.5 * (k - 1.0) * np.log(ratio)
            - 0.5 * (v + k - 2.0) * np.log1p(ratio)
        )
        slope = sqrt(FOUR_LOG_2 / (2.0 * pi)) * sqrt(2.0) * np.exp(log_slope)
        return tail, np.where(above, slope, 0.0)


@dataclass(frozen=True, slots=True, repr=False)
class T2Field(Shown):
    """A curve of Hotelling's T2 statistics.

    Attributes
    ----------
    components : float
        Of the vectors.
    df : float
        Of their covariance.
    """

    components: float
    df: float

    def densities(self, height: Number) -> tuple[Number, Number]:
        """Return the Euler characteristic densities of dimension 0 and 1 at heights.

        Those of the F to which T2 is turned at each node, as in spm1d. The density of dimension 1
        of a T2 field itself (Cao and Worsley 1999, Ann Statist 27:925-942) is larger by the factor
        G((m + 1)/2) G((m - p + 1)/2) / (G(m/2) G((m - p + 2)/2)), G being the gamma function: 4.5 %
        for 3 components and 24 degrees of freedom. The permutation test needs neither.
        """
        p, m = self.components, self.df
        rest = m - p + 1.0
        return FField(p, rest).densities(height * rest / (m * p))


Field = TField | FField | T2Field


def smoothness(residuals: FloatArray) -> float:
    """Return the full width at half maximum of the noise, in nodes.

    FWHM = 1 / mean over nodes of sqrt(sum (dR/dx)^2 / sum R^2 / (4 ln 2)), the derivative by
    central differences (Kiebel et al. 1999, NeuroImage 10:756-766).

    Parameters
    ----------
    residuals : array, shape (n, nodes) or (n, nodes, components)
        Free of everything that the model explains, participants included. Of vectors the mean
        FWHM of their components is returned.

    Returns
    -------
    float
        FWHM in nodes; larger is smoother.

    Raises
    ------
    NotEstimable
        If a node has no variation, or there is one node.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> noise = np.cumsum(rng.normal(size=(30, 101)), axis=1)
    >>> 5 < smoothness(noise - noise.mean(axis=0)) < 60
    True
    """
    if residuals.ndim == 3:
        return float(np.mean([smoothness(residuals[:, :, k]) for k in range(residuals.shape[2])]))
    if residuals.ndim != 2 or residuals.shape[1] < 2:
        raise NotEstimable("smoothness needs curves of at least two nodes")
    power = (residuals**2).sum(axis=0)
    if not (power > 0.0).all():
        raise NotEstimable("a node at which the residuals do not vary has no smoothness")
    slope = (np.gradient(residuals, axis=1) ** 2).sum(axis=0)
    return float(1.0 / np.sqrt(slope / power / FOUR_LOG_2).mean())


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Region(Shown):
    """What part of a curve is searched.

    Attributes
    ----------
    nodes : int
        How many are searched.
    pieces : int
        Stretches of them without a gap.
    resels : float
        Their length in units of the smoothness.
    """

    nodes: int
    pieces: int
    resels: float


def region(searched: np.ndarray, width: float) -> Region:
    """Return what nodes, shape (nodes,) of True and False, are for noise of a smoothness.

    >>> region(np.array([True, True, True, False, True, True]), 2.0).resels
    1.5
    """
    pieces = int(np.diff(np.concatenate([[False], searched]).astype(int)).clip(min=0).sum())
    nodes = int(searched.sum())
    return Region(nodes=nodes, pieces=pieces, resels=(nodes - pieces) / width)


def exceedance_of(height: Number, field: Field, searched: Region) -> FloatArray:
    """Return the probability that noise exceeds heights anywhere in a region, one tail."""
    tail, slope = field.densities(height)
    number = searched.pieces * tail + searched.resels * slope
    bonferroni = np.minimum(searched.nodes * tail, 1.0)
    return np.asarray(np.minimum(-np.expm1(-number), bonferroni))


def critical_height_of(alpha: float, field: Field, searched: Region) -> float:
    """Return the height that noise exceeds in a region with probability `alpha`, one tail."""
    return _root(lambda height: float(exceedance_of(height, field, searched)) - alpha)


def exceedance(height: float, field: Field, *, resels: float, nodes: int) -> float:
    """Return the probability that a curve of noise exceeds a height anywhere.

    The smaller of Euler characteristic and Bonferroni: for noise as rough as its sampling, the
    nodes are as good as independent.

    Parameters
    ----------
    height : float
        Of the statistic; one tail.
    field : TField, FField or T2Field
    resels : float
        Length of the curve in units of its smoothness, (nodes - 1) / FWHM.
    nodes : int
        Number of nodes.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(exceedance(4.4734, TField(9.0), resels=10.0, nodes=101), 4)
    0.025
    """
    return float(exceedance_of(height, field, Region(nodes=nodes, pieces=1, resels=resels)))


def critical_height(alpha: float, field: Field, *, resels: float, nodes: int) -> float:
    """Return the height that a curve of noise exceeds with probability `alpha` (one tail).

    Parameters
    ----------
    alpha : float
        Probability, one tail.
    field : TField, FField or T2Field
    resels : float
        Length of the curve in units of its smoothness, (nodes - 1) / FWHM.
    nodes : int
        Number of nodes.

    Returns
    -------
    float
        In units of the statistic.

    Examples
    --------
    >>> round(critical_height(0.025, TField(9.0), resels=10.0, nodes=101), 4)
    4.4734
    """
    return critical_height_of(alpha, field, Region(nodes=nodes, pieces=1, resels=resels))


def cluster_probability(
    extent: float, height: float, field: Field, *, resels: float, pieces: int = 1
) -> float:
    """Return the probability of a run above a height that is at least so long (one tail).

    1 - exp(-E[m] exp(-(Gamma(3/2) / E[k])^2 extent^2)), E[m] = rho0 + R rho1 the expected number of
    runs and E[k] = rho0 / rho1 their expected extent.

    Parameters
    ----------
    extent : float
        Length of the run in resels: nodes / FWHM.
    height : float
        The lowest height of the run, its threshold.
    field : TField, FField or T2Field
    resels : float
        Length of all that is searched, in resels.
    pieces : int
        Stretches of it.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> round(cluster_probability(1.0, 2.5, TField(20.0), resels=10.0), 4)
    0.0128
    """
    tail, slope = field.densities(height)
    number = pieces * tail + resels * slope
    length = tail / slope
    shape = (gamma(1.5) / length) ** 2
    return float(-np.expm1(-number * np.exp(-shape * extent**2)))


def _root(gap: Callable[[float], float]) -> float:
    """Return where a falling function meets zero."""
    high = 1.0
    while gap(high) > 0.0:
        high *= 2.0
        if high > HIGHEST:
            raise NotEstimable("no height is exceeded this rarely: too few degrees of freedom")
    return float(brentq(gap, 0.0, high, xtol=1e-13, rtol=1e-14))
