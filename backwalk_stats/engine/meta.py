"""Pooling study effects: common effect, random effects (z) and Hartung-Knapp."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import FloatArray, array
from backwalk_stats.engine.estimate import Estimate, t_estimate, z_estimate
from backwalk_stats.engine.heterogeneity import generalised_q, require_studies, weighted_mean
from backwalk_stats.engine.p_value import t_quantile
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A pooled effect, the percent weight of each study and the prediction interval.

    `tau2` and the prediction limits are NaN for a common effect, which assumes no variance between
    studies instead of estimating it; the limits are NaN with two studies too.
    `narrower_than_z` marks a Hartung-Knapp interval inside the normal one, where the method's
    extra caution has turned into its opposite.
    """

    effect: Estimate
    tau2: float
    weight: FloatArray
    prediction_low: float
    prediction_high: float
    narrower_than_z: bool


def _percent(weight: FloatArray) -> FloatArray:
    share: FloatArray = 100.0 * weight / weight.sum()
    return share


def prediction_interval(
    *, k: int, estimate: float, std_error: float, tau2: float, level: float = 0.95
) -> tuple[float, float]:
    """Return where the true effect of a new study is expected.

    estimate -/+ t(k - 2) sqrt(tau2 + SE^2), SE of the random-effects mean (Higgins, Thompson and
    Spiegelhalter 2009, J R Stat Soc A 172:137). Programs that use k - 1 degrees of freedom
    or the Hartung-Knapp SE print other limits.

    Parameters
    ----------
    k : int
        Studies; with fewer than 3 both limits are NaN.
    estimate, std_error, tau2 : float
        Random-effects mean, its standard error 1/sqrt(sum w), variance between studies.
    level : float
        Coverage.

    Examples
    --------
    >>> low, high = prediction_interval(k=5, estimate=-1.0, std_error=0.3, tau2=0.4)
    >>> round(low, 3), round(high, 3)
    (-3.228, 1.228)
    """
    if k < 3:
        return nan, nan
    margin = float(array(t_quantile(level=level, df=k - 2))) * sqrt(tau2 + std_error**2)
    return estimate - margin, estimate + margin


def common_effect(*, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95) -> Pool:
    """Return the inverse-variance mean, one true effect assumed for all studies.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        With fewer than two studies, or a standard error not above 0.

    Examples
    --------
    >>> pool = common_effect(estimate=[0.0, 1.0], std_error=[1.0, 0.5])
    >>> round(pool.effect.estimate, 3), pool.weight.tolist()
    (0.8, [20.0, 80.0])
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    weight = 1.0 / variance
    pooled = z_estimate(
        estimate=weighted_mean(effect=effect, weight=weight),
        std_error=1.0 / np.sqrt(weight.sum()),
        level=level,
    )
    return Pool(
        effect=pooled,
        tau2=nan,
        weight=_percent(weight),
        prediction_low=nan,
        prediction_high=nan,
        narrower_than_z=False,
    )


def random_effects(
    *, estimate: ArrayLike, std_error: ArrayLike, tau2: float, level: float = 0.95
) -> Pool:
    """Return the random-effects mean with its normal (Wald) interval.

    Weights 1/(SE^2 + tau2), SE of the mean 1/sqrt(sum w) (DerSimonian and Laird 1986). The
    interval treats tau2 as known, so it is too narrow with few studies.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.
    tau2 : float
        Variance between studies, 0 or more.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        With fewer than two studies, a standard error not above 0, or a negative tau2.

    Examples
    --------
    >>> pool = random_effects(estimate=[0.0, 3.0], std_error=[1.0, 1.0], tau2=3.5)
    >>> pool.effect.estimate, pool.effect.std_error
    (1.5, 1.5)
    """
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    if not tau2 >= 0.0:
        raise NotEstimable("a variance between studies is 0 or more")
    weight = 1.0 / (variance + tau2)
    mean, error = weighted_mean(effect=effect, weight=weight), float(1.0 / np.sqrt(weight.sum()))
    low, high = prediction_interval(
        k=effect.size, estimate=mean, std_error=error, tau2=tau2, level=level
    )
    return Pool(
        effect=z_estimate(estimate=mean, std_error=error, level=level),
        tau2=tau2,
        weight=_percent(weight),
        prediction_low=low,
        prediction_high=high,
        narrower_than_z=False,
    )


def hartung_knapp(
    *, estimate: ArrayLike, std_error: ArrayLike, tau2: float, level: float = 0.95
) -> Pool:
    """Return the random-effects mean with the Hartung-Knapp-Sidik-Jonkman interval.

    SE^2 = Q(tau2) / ((k - 1) sum w), t with k - 1 degrees of freedom, unmodified: no floor is put
    under the SE (Hartung and Knapp 2001, Stat Med 20:1771; IntHout et al. 2014, BMC Med Res
    Methodol 14:25). The prediction interval is that of `random_effects`.

    Parameters
    ----------
    estimate, std_error : array-like, shape (k,)
        Effects and their standard errors.
    tau2 : float
        Variance between studies, 0 or more.
    level : float
        Confidence level.

    Raises
    ------
    NotEstimable
        As `random_effects`, and where all effects are the same.

    Examples
    --------
    >>> pool = hartung_knapp(estimate=[0.0, 3.0], std_error=[1.0, 1.0], tau2=3.5)
    >>> pool.effect.df, round(pool.effect.conf_low, 3)
    (1.0, -17.559)
    """
    wald = random_effects(estimate=estimate, std_error=std_error, tau2=tau2, level=level)
    effect, variance = require_studies(estimate=estimate, std_error=std_error)
    df = effect.size - 1
    spread = generalised_q(effect=effect, variance=variance, tau2=tau2) / df
    adjusted = t_estimate(
        estimate=wald.effect.estimate,
        std_error=array(wald.effect.std_error) * np.sqrt(spread),
        df=df,
        level=level,
    )
    return Pool(
        effect=adjusted,
        tau2=tau2,
        weight=wald.weight,
        prediction_low=wald.prediction_low,
        prediction_high=wald.prediction_high,
        narrower_than_z=bool(adjusted.conf_high < wald.effect.conf_high),
    )
