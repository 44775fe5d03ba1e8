"""Two one-sided tests: whether an estimate lies within two margins."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.simultaneous import half_width
from backwalk_stats.errors import NotEstimable, UsageError, printable
from backwalk_stats.models.columns.numbers import numbers
from backwalk_stats.models.columns.trial_columns import frame_of
from backwalk_stats.models.fit.choices import check_numbers
from backwalk_stats.models.fit.summary import estimates_first
from backwalk_stats.software import computes_with

LOPSIDED = 0.02  # of the half-width: more is not the rounding of printed limits
ADDED = ("statistic_low", "p_low", "statistic_high", "p_high", "equivalent")


def equivalence(
    estimates: pd.DataFrame | Mapping[str, object],
    *,
    low: float,
    high: float,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Test each estimate for equivalence: above the lower margin and below the upper one.

    t_low = (estimate - low) / SE and t_high = (estimate - high) / SE; p is the larger of
    P(T > t_low) and P(T < t_high) (Schuirmann, J Pharmacokinet Biopharm 1987;15:657). It is below
    alpha where the interval at level 1 - 2 alpha lies within the margins. Margins are declared
    before the data are seen.

    Parameters
    ----------
    estimates : DataFrame or mapping
        With estimate and std_error, and df where t is meant (empty or infinite: normal); a frame of
        `fit.contrasts()`, say, or one row as {"estimate": 0.3, "std_error": 0.2, "df": 40}.
    low, high : float
        The margins, in the unit of the estimates.
    alpha : float
        Of each of the two tests, below 0.5.

    Returns
    -------
    DataFrame
        The frame given. estimate and std_error as they were; `conf_low` and `conf_high` at level
        1 - 2 alpha; `p_low` and `p_high` with `statistic_low` and `statistic_high`; `p_value` and
        `statistic` of the one with the larger p; `equivalent`: whether p is below alpha; `notes`.
        A row without a standard error has no answer.

    Raises
    ------
    UsageError
        If a column is missing, the margins are no interval, or the limits given are not symmetric
        about the estimate (a ratio: give its logarithm).
    NotEstimable
        If a standard error is not above 0.

    Examples
    --------
    >>> one = {"label": "pain", "estimate": -0.12, "std_error": 0.31, "df": 46}
    >>> found = equivalence(one, low=-1, high=1)
    >>> found.round(4)[["p_value", "conf_low", "conf_high", "equivalent"]]
       p_value  conf_low  conf_high  equivalent
    0   0.0034   -0.6404     0.4004        True
    """
    low, high = _margins(low, high)
    alpha = _share(alpha)
    frame = _frame(estimates)
    estimate, error, df = (_numbers(frame, name) for name in ("estimate", "std_error", "df"))
    df = np.where(np.isnan(df), np.inf, df)
    _refuse(frame, estimate, error, df)
    computes_with("scipy")
    above, below = (estimate - low) / error, (estimate - high) / error
    p_low, p_high = special.stdtr(df, -above), special.stdtr(df, below)
    p = np.maximum(p_low, p_high)
    margin = half_width(level=1.0 - 2.0 * alpha, df=df, alternative="two-sided") * error
    told = (
        f"equivalence: two one-sided tests within {low:g} and {high:g}, alpha {alpha:g}; limits at "
        f"level {1.0 - 2.0 * alpha:g}"
    )
    out = frame.assign(
        estimate=estimate,
        std_error=error,
        statistic=np.where(p_low >= p_high, above, below),
        p_value=p,
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        statistic_low=above,
        p_low=p_low,
        statistic_high=below,
        p_high=p_high,
        equivalent=pd.Series(p < alpha, index=frame.index, dtype="boolean").mask(np.isnan(p)),
        notes=[f"{one}; {told}" if one else told for one in _notes(frame)],
    )
    return estimates_first(out)


def _margins(low: float, high: float) -> tuple[float, float]:
    ends = check_numbers("low and high", [low, high])
    if not ends[0] < ends[1]:
        raise UsageError(f"low is {ends[0]:g} and high is {ends[1]:g}: expected low below high")
    return float(ends[0]), float(ends[1])


def _share(alpha: object) -> float:
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not 0.0 < alpha < 0.5:
        told = printable(repr(alpha), 40)
        raise UsageError(f"alpha is {told}; expected a number between 0 and 0.5, such as 0.05")
    return float(alpha)


def _frame(estimates: object) -> pd.DataFrame:
    """Return the estimates as a frame that has what is needed and room for what is added."""
    rows = pd.DataFrame([dict(estimates)]) if isinstance(estimates, Mapping) else estimates
    frame = frame_of(rows)
    absent = [name for name in ("estimate", "std_error") if name not in frame.columns]
    if absent or not len(frame):
        raise UsageError(
            f"estimates have no {' and no '.join(absent) or 'row'}; expected a frame with "
            "estimate, std_error and, for t, df: that of fit.contrasts(), say"
        )
    taken = [name for name in ADDED if name in frame.columns]
    if taken:
        raise UsageError(
            f"estimates have a column {', '.join(taken)} already: give those of a fit, not of "
            "equivalence"
        )
    return frame.drop(columns=["df"]).assign(df=frame["df"]) if "df" in frame else frame


def _numbers(frame: pd.DataFrame, name: str) -> FloatArray:
    """Return a column of numbers, NaN where there is none; an infinite df is a number."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    column = frame[name]
    if name == "df":
        column = column.where(~column.isin([np.inf]), np.nan)
    if column.isna().all():
        return np.full(len(frame), np.nan)
    values, _ = numbers(column, name)
    return np.asarray(values, dtype=float)


def _notes(frame: pd.DataFrame) -> list[str]:
    if "notes" not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(one) else str(one) for one in frame["notes"]]


def _refuse(frame: pd.DataFrame, estimate: FloatArray, error: FloatArray, df: FloatArray) -> None:
    """Refuse errors and df that are none, and estimates whose limits are not symmetric."""
    flat, few = int((error <= 0.0).sum()), int((df <= 0.0).sum())
    if flat:
        raise NotEstimable(f"{flat} of {len(error)} standard errors are not above 0: no test")
    if few:
        raise UsageError(f"df: {few} of {len(df)} are not above 0")
    named = frame["quantity"].astype(str) if "quantity" in frame.columns else pd.Series(dtype=str)
    ratios = int(named.str.contains("ratio").sum())
    lopsided = 0
    if {"conf_low", "conf_high"} <= set(frame.columns):
        ends = [_finite(frame[name]) for name in ("conf_low", "conf_high")]
        half, middle = (ends[1] - ends[0]) / 2.0, (ends[1] + ends[0]) / 2.0
        lopsided = int((np.abs(middle - estimate) > LOPSIDED * half).sum())
    if ratios or lopsided:
        raise UsageError(
            f"{max(ratios, lopsided)} of {len(error)} estimates are ratios, or have limits "
            "that are not symmetric about them: estimate -/+ t SE does not hold there; give the "
            "logarithm with its standard error, and the logarithms of the margins"
        )


def _finite(column: pd.Series) -> FloatArray:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(values), values, np.nan)
