"""Pooling study effects: common effect, random effects (z) and Hartung-Knapp."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special
from scipy.optimize import brentq

from backwalk_stats.engine.numbers import (
    Estimate,
    FloatArray,
    array,
    chi_square_p,
    require_level,
    t_estimate,
    t_quantile,
    z_estimate,
)
from backwalk_stats.errors import NotEstimable
from backwalk_stats.software import computes_with

XTOL = 1e-14  # times the smallest variance, so that the unit of the effects does not matter
RTOL = 8.9e-16
GRID = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Pool:
    """A pooled effect, the percent weight of each study and the prediction interval.

    `tau2` and the prediction limits are NaN for a common effect, which assumes no variance between
    studies instead of estimating it; the limits are NaN with two studies too.
    `narrower_than_z` marks a Hartung-Knapp interval inside the normal one, where the method's
    extra caution has turned into its opposite.
    """

    effect: Estimate
    weight: FloatArray
    tau2: float = nan
    prediction_low: float = nan
    prediction_high: float = nan
    narrower_than_z: bool = False


def _percent(weight: FloatArray) -> FloatArray:
    return np.asarray(100.0 * weight / weight.sum())


def _prediction_interval(
    *, k: int, estimate: float, std_error: float, tau2: float, level: float = 0.95
) -> tuple[float, float]:
    """Return where the true effect of a new study is expected.

    estimate -/+ t(k - 2) sqrt(tau2 + SE^2), SE of the random-effects mean (Higgins, Thompson and
    Spiegelhalter 2009, J R Stat Soc A 172:137). Programs that use k - 1 degrees of freedom or the
    Hartung-Knapp SE print other limits. With fewer than 3 studies both limits are NaN.

    >>> low, high = _prediction_interval(k=5, estimate=-1.0, std_error=0.3, tau2=0.4)
    >>> round(low, 3), round(high, 3)
    (-3.228, 1.228)
    """
    if k < 3:
        return nan, nan
    margin = float(array(t_quantile(level=level, df=k - 2))) * sqrt(tau2 + std_error**2)
    return estimate - margin, estimate + margin


def common_effect(*, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95) -> Pool:
    """Return the inverse-variance mean, one true effect assumed for all studies.

    Here and below effects and their standard errors have shape (k,), and fewer than two studies or
    a standard error not above 0 are `NotEstimable`.

    >>> pool = common_effect(estimate=[0.0, 1.0], std_error=[1.0, 0.5])
    >>> round(pool.effect.estimate, 3), pool.weight.tolist()
    (0.8, [20.0, 80.0])
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    weight = 1.0 / variance
    mean, error = _weighted_mean(effect=effect, weight=weight), 1.0 / np.sqrt(weight.sum())
    pooled = z_estimate(estimate=mean, std_error=error, level=level)
    return Pool(effect=pooled, weight=_percent(weight))


def random_effects(
    *, estimate: ArrayLike, std_error: ArrayLike, tau2: float, level: float = 0.95
) -> Pool:
    """Return the random-effects mean with its normal (Wald) interval.

    Weights 1/(SE^2 + tau2), SE of the mean 1/sqrt(sum w) (DerSimonian and Laird 1986). The
    interval treats tau2 as known, so it is too narrow with few studies.

    >>> pool = random_effects(estimate=[0.0, 3.0], std_error=[1.0, 1.0], tau2=3.5)
    >>> pool.effect.estimate, pool.effect.std_error
    (1.5, 1.5)
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    if not tau2 >= 0.0:
        raise NotEstimable("a variance between studies is 0 or more")
    weight = 1.0 / (variance + tau2)
    mean, error = _weighted_mean(effect=effect, weight=weight), float(1.0 / np.sqrt(weight.sum()))
    low, high = _prediction_interval(
        k=effect.size, estimate=mean, std_error=error, tau2=tau2, level=level
    )
    return Pool(
        effect=z_estimate(estimate=mean, std_error=error, level=level),
        tau2=tau2,
        weight=_percent(weight),
        prediction_low=low,
        prediction_high=high,
    )


def hartung_knapp(
    *, estimate: ArrayLike, std_error: ArrayLike, tau2: float, level: float = 0.95
) -> Pool:
    """Return the random-effects mean with the Hartung-Knapp-Sidik-Jonkman interval.

    SE^2 = Q(tau2) / ((k - 1) sum w), t with k - 1 degrees of freedom, unmodified: no floor is put
    under the SE (Hartung and Knapp 2001, Stat Med 20:1771; IntHout et al. 2014, BMC Med Res
    Methodol 14:25). The prediction interval is that of `random_effects`. Effects that are all the
    same are `NotEstimable`.

    >>> pool = hartung_knapp(estimate=[0.0, 3.0], std_error=[1.0, 1.0], tau2=3.5)
    >>> pool.effect.df, round(pool.effect.conf_low, 3)
    (1.0, -17.559)
    """
    wald = random_effects(estimate=estimate, std_error=std_error, tau2=tau2, level=level)
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    df = effect.size - 1
    spread = generalised_q(effect=effect, variance=variance, tau2=tau2) / df
    adjusted = t_estimate(
        estimate=wald.effect.estimate,
        std_error=array(wald.effect.std_error) * np.sqrt(spread),
        df=df,
        level=level,
    )
    narrower = bool(adjusted.conf_high < wald.effect.conf_high)
    return replace(wald, effect=adjusted, narrower_than_z=narrower)


# How far study effects differ beyond chance: Cochran's Q, I2 and H2.


@dataclass(frozen=True, kw_only=True, slots=True)
class Heterogeneity:
    """Cochran's Q with its test, I2 in percent (0 to 100) and H2 = Q / df (1 is none)."""

    q: float
    q_df: int
    q_p: float
    i2: float
    h2: float


def _require_studies(*, estimate: ArrayLike, std_error: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return effects and variances of two studies or more, each with a standard error above 0.

    Effects stand on one scale: log ratios for ratios.

    >>> effect, variance = _require_studies(estimate=[0.1, 0.3], std_error=[0.2, 0.1])
    >>> [round(v, 3) for v in variance.tolist()]
    [0.04, 0.01]
    """
    effect, error = array(estimate), array(std_error)
    if effect.ndim != 1 or effect.shape != error.shape or effect.size < 2:
        raise NotEstimable("a meta-analysis needs at least 2 studies, each with a standard error")
    if not np.all(np.isfinite(effect) & np.isfinite(error) & (error > 0.0)):
        raise NotEstimable("every study needs a finite effect and a standard error above 0")
    return effect, error**2


def _weighted_mean(*, effect: FloatArray, weight: FloatArray) -> float:
    """Return sum w y / sum w.

    >>> _weighted_mean(effect=np.array([0.0, 1.0]), weight=np.array([1.0, 3.0]))
    0.75
    """
    return float((weight * effect).sum() / weight.sum())


def generalised_q(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Return sum w (y - mean)^2 with w = 1 / (variance + tau2); at tau2 = 0 it is Cochran's Q.

    >>> generalised_q(effect=np.array([0.0, 2.0]), variance=np.array([1.0, 1.0]), tau2=1.0)
    1.0
    """
    weight = 1.0 / (variance + tau2)
    return float((weight * (effect - _weighted_mean(effect=effect, weight=weight)) ** 2).sum())


def heterogeneity(*, estimate: ArrayLike, std_error: ArrayLike) -> Heterogeneity:
    """Return Cochran's Q, its chi-square test, I2 and H2.

    I2 = 100 max(0, (Q - df)/Q) (Higgins and Thompson 2002, Stat Med 21:1539; Higgins et al. 2003,
    BMJ 327:557), as Cochrane prints it. R's metafor derives I2 from tau2 instead, so its value
    differs unless tau2 is DerSimonian and Laird's.

    >>> result = heterogeneity(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    >>> result.q, round(result.i2, 2)
    (4.5, 77.78)
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    q, df = generalised_q(effect=effect, variance=variance, tau2=0.0), effect.size - 1
    return Heterogeneity(
        q=q,
        q_df=df,
        q_p=float(array(chi_square_p(statistic=q, df=df))),
        i2=100.0 * max(0.0, (q - df) / q) if q > 0.0 else 0.0,
        h2=q / df,
    )


# The variance between studies, tau2: three estimators and the Q-profile interval.


def tau2_dersimonian_laird(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return DerSimonian and Laird's tau2, max(0, (Q - df) / (S1 - S2/S1)), Sr = sum w^r.

    A closed form, biased downwards when tau2 is large (DerSimonian and Laird 1986, Control Clin
    Trials 7:177).

    >>> tau2_dersimonian_laird(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    3.5
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    weight = 1.0 / variance
    excess = generalised_q(effect=effect, variance=variance, tau2=0.0) - (effect.size - 1)
    return max(0.0, float(excess / (weight.sum() - (weight**2).sum() / weight.sum())))


def _q_root(*, effect: FloatArray, variance: FloatArray, target: float) -> float:
    """Solve Q(tau2) = target for tau2 >= 0; 0 where Q(0) is already at or below the target."""

    def excess(tau2: float) -> float:
        return generalised_q(effect=effect, variance=variance, tau2=tau2) - target

    if excess(0.0) <= 0.0:
        return 0.0
    # Q(tau2) < sum (y - mean)^2 / tau2, so this is beyond the root.
    high = float(((effect - effect.mean()) ** 2).sum()) / target
    xtol = XTOL * float(variance.min())
    computes_with("scipy")
    return float(brentq(excess, 0.0, high, xtol=xtol, rtol=RTOL, maxiter=500))


def tau2_paule_mandel(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return Paule and Mandel's tau2, where Q(tau2) = k - 1; 0 if Q(0) is below that.

    The same as the empirical Bayes estimate (Paule and Mandel 1982, J Res NBS 87:377).

    >>> round(tau2_paule_mandel(estimate=[0.0, 3.0], std_error=[1.0, 1.0]), 10)
    3.5
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    return _q_root(effect=effect, variance=variance, target=float(effect.size - 1))


def restricted_loglik(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Return the restricted log-likelihood of tau2, up to a constant.

    -1/2 (sum log(v + tau2) + log sum w + Q(tau2)) (Raudenbush 2009).

    >>> one = np.ones(2)
    >>> round(restricted_loglik(effect=np.array([0.0, 2.0]), variance=one, tau2=1.0), 6)
    -1.193147
    """
    total = variance + tau2
    q = generalised_q(effect=effect, variance=variance, tau2=tau2)
    return float(-0.5 * (np.log(total).sum() + np.log((1.0 / total).sum()) + q))


def _restricted_score(*, effect: FloatArray, variance: FloatArray, tau2: float) -> float:
    """Twice the derivative of the restricted log-likelihood: y'PPy - tr P."""
    weight = 1.0 / (variance + tau2)
    residual = effect - _weighted_mean(effect=effect, weight=weight)
    trace = weight.sum() - (weight**2).sum() / weight.sum()
    return float((weight**2 * residual**2).sum() - trace)


def tau2_reml(*, estimate: ArrayLike, std_error: ArrayLike) -> float:
    """Return the restricted-maximum-likelihood tau2, 0 where the maximum is on the boundary.

    The likelihood can have more than one peak with few studies, so it is first searched on a grid
    from 0 to beyond every stationary point; then the score equation is solved next to the highest
    point, to the last digits (Viechtbauer 2005, J Educ Behav Stat 30:261).

    >>> round(tau2_reml(estimate=[0.0, 3.0], std_error=[1.0, 1.0]), 10)
    3.5
    """
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)

    def score(tau2: float) -> float:
        return _restricted_score(effect=effect, variance=variance, tau2=tau2)

    # Beyond this the score is negative: each squared residual is at most the squared range.
    high = 2.0 * effect.size * float(variance.max() + np.ptp(effect) ** 2)
    low = float(variance.min()) * 1e-6
    grid = np.concatenate([[0.0], np.geomspace(low, high, GRID)])
    heights = [
        restricted_loglik(effect=effect, variance=variance, tau2=float(point)) for point in grid
    ]
    top = int(np.argmax(heights))
    left, right = float(grid[max(top - 1, 0)]), float(grid[min(top + 1, GRID)])
    if score(left) <= 0.0:
        return left
    xtol = XTOL * float(variance.min())
    computes_with("scipy")
    return float(brentq(score, left, right, xtol=xtol, rtol=RTOL, maxiter=500))


def tau2_interval(
    *, estimate: ArrayLike, std_error: ArrayLike, level: float = 0.95
) -> tuple[float, float]:
    """Return the Q-profile interval of tau2.

    The limits solve Q(tau2) = the upper and the lower chi-square quantile with k - 1 df
    (Viechtbauer 2007, Stat Med 26:37). It does not depend on the estimator of tau2, and need not
    hold it. Both limits are 0 where even tau2 = 0 leaves the effects too much alike.

    >>> low, high = tau2_interval(estimate=[0.0, 3.0], std_error=[1.0, 1.0])
    >>> low, round(high, 1)
    (0.0, 4581.2)
    """
    require_level(level)
    effect, variance = _require_studies(estimate=estimate, std_error=std_error)
    tail, df = (1.0 - level) / 2.0, float(effect.size - 1)
    computes_with("scipy")
    upper = float(special.chdtri(df, tail))
    lower = float(special.chdtri(df, 1.0 - tail))
    return (
        _q_root(effect=effect, variance=variance, target=upper),
        _q_root(effect=effect, variance=variance, target=lower),
    )
