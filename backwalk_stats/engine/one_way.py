"""One-way analysis of variance, from n, mean and SD of each arm or from raw groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.domain import FloatArray, Number, array, number, require_arm
from backwalk_stats.engine.p_value import f_p
from backwalk_stats.errors import NotEstimable


@dataclass(frozen=True, kw_only=True, slots=True)
class OneWay:
    """An analysis-of-variance table; fields are arrays when the inputs were boxes of corners.

    `ms_between` and `ms_within` are mean squares, `statistic` is F, `r_squared` the share of the
    sum of squares between arms, and `residual_sd` the pooled SD, in the unit of the outcome.
    """

    df_between: Number
    df_within: Number
    ms_between: Number
    ms_within: Number
    statistic: Number
    p_value: Number
    r_squared: Number
    residual_sd: Number


def _table(
    *, between: FloatArray, within: FloatArray, df_between: FloatArray, df_within: FloatArray
) -> OneWay:
    if not np.all((within > 0.0) & (df_within > 0.0) & (df_between > 0.0)):
        raise NotEstimable("an F test needs two arms or more and variation within them")
    ms_between, ms_within = between / df_between, within / df_within
    statistic = ms_between / ms_within
    return OneWay(
        df_between=number(df_between),
        df_within=number(df_within),
        ms_between=number(ms_between),
        ms_within=number(ms_within),
        statistic=number(statistic),
        p_value=f_p(statistic=statistic, df_num=df_between, df_den=df_within),
        r_squared=number(between / (between + within)),
        residual_sd=number(np.sqrt(ms_within)),
    )


def residual(*, n: ArrayLike, sd: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the mean square within arms and its degrees of freedom, N - k.

    Parameters
    ----------
    n, sd : array-like, shape (..., k)
        Participants and sample SD of each arm; the arms are the last axis.

    Raises
    ------
    NotEstimable
        If an n is below 2 or an SD negative.

    Examples
    --------
    >>> ms, df = residual(n=[23, 23, 22], sd=[1.1, 1.3, 0.8])
    >>> round(float(ms), 4), float(df)
    (1.1883, 65.0)
    """
    require_arm(n=n, sd=sd)
    size, spread = np.broadcast_arrays(array(n), array(sd))
    df = (size - 1.0).sum(axis=-1)
    return ((size - 1.0) * spread**2).sum(axis=-1) / df, df


def one_way(*, n: ArrayLike, mean: ArrayLike, sd: ArrayLike) -> OneWay:
    """Return the one-way ANOVA of k arms from their summaries.

    SS between = sum n (mean - grand mean)^2 and SS within = sum (n - 1) sd^2 (Fisher 1925).

    Parameters
    ----------
    n, mean, sd : array-like, shape (..., k)
        Participants, means and sample SDs; the arms are the last axis, leading axes broadcast.

    Returns
    -------
    OneWay
        F as `.statistic` with its two df and `.p_value`; mean squares, `.residual_sd`,
        `.r_squared`.

    Raises
    ------
    NotEstimable
        If an n is below 2, an SD negative, all SDs 0, or there is one arm only.

    Examples
    --------
    >>> table = one_way(n=[23, 23, 22], mean=[3.9, 4.6, 4.8], sd=[1.1, 1.3, 0.8])
    >>> round(table.statistic, 3), round(table.p_value, 4)
    (4.265, 0.0182)
    """
    ms_within, df_within = residual(n=n, sd=sd)
    size, centre = np.broadcast_arrays(array(n), array(mean))
    total = size.sum(axis=-1, keepdims=True)
    grand = (size * centre).sum(axis=-1, keepdims=True) / total
    between = (size * (centre - grand) ** 2).sum(axis=-1)
    df_between = np.full_like(df_within, float(size.shape[-1] - 1))
    between, within = np.broadcast_arrays(between, ms_within * df_within)
    return _table(between=between, within=within, df_between=df_between, df_within=df_within)
