"""Rows of results: risks and rates of arms, their differences and ratios, and what was decided."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from backwalk_stats.engine.numbers import array, chi_square_p, t_p, t_quantile, z_p
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.samples import ArmSamples
from backwalk_stats.models.fit.summary import estimates_first
from backwalk_stats.trial.tables import ESTIMATES

SMALL = 30
LABELS = ("quantity", "contrast", "arm")
DF = ("normal", "residual")
Row = dict[str, Any]


def labelled(quantity: str, *, arm: str = "", base: str = "", note: str = "") -> Row:
    """Return the labels of a row: of an arm, of an arm against a base, or of neither."""
    contrast = f"{arm} - {base}" if base else ""
    return {
        "quantity": quantity,
        "contrast": contrast,
        "arm": arm,
        **dict.fromkeys(ESTIMATES, np.nan),
        "note": note,
    }


def with_difference(
    row: Row, estimate: float, std_error: float, *, level: float, df: float = inf
) -> Row:
    """Return a row with an estimate, its test against 0 and its limits; NaN without an error.

    Normal with infinite df, else t.
    """
    return row | _tested(estimate, std_error, level, df) | {"std_error": _above_0(std_error)}


def with_ratio(
    row: Row, log_estimate: float, log_error: float, *, level: float, df: float = inf
) -> Row:
    """Return a row with a ratio; its test against 1 and its limits are those of the logarithm.

    The standard error is that of the ratio itself: ratio times that of the logarithm.
    """
    found = _tested(log_estimate, log_error, level, df)
    ratio = exponential(log_estimate)
    ends = {name: exponential(found[name]) for name in ("conf_low", "conf_high")}
    return row | found | ends | {"estimate": ratio, "std_error": ratio * _above_0(log_error)}


def exponential(value: float) -> float:
    """Return exp(value), infinite where a number cannot hold it, as per unit of a tiny unit."""
    with np.errstate(over="ignore"):
        return float(np.exp(value))


def with_share(
    row: Row, estimate: float, std_error: float, *, level: float, df: float = inf
) -> Row:
    """Return a row with a risk; its limits are those of its logit, so that they lie in 0 to 1.

    No test: that a risk is 0 is nobody's question.
    """
    error = _above_0(std_error)
    out = row | {"estimate": estimate, "std_error": error}
    if np.isnan(error) or not 0.0 < estimate < 1.0:
        return out
    margin = _quantile(level, df) * error / (estimate * (1.0 - estimate))
    middle = float(special.logit(estimate))
    low, high = special.expit([middle - margin, middle + margin])
    shown = {} if df == inf else {"df": df}
    return out | {"conf_low": float(low), "conf_high": float(high)} | shown


def with_chi_square(row: Row, statistic: float, df: float) -> Row:
    """Return a row with a chi-square test."""
    p = float(chi_square_p(statistic=statistic, df=df))
    return row | {"statistic": statistic, "df": df, "p_value": p}


def as_frame(rows: Iterable[Row], *notes: str) -> pd.DataFrame:
    """Return rows as a frame; `notes` are told in each, and a row's own after them."""
    frame = pd.DataFrame(list(rows))
    own = [[one for one in (*notes, note) if one] for note in frame["note"]]
    frame = frame.drop(columns="note").assign(notes=["; ".join(one) for one in own])
    frame[list(ESTIMATES)] = array(frame[list(ESTIMATES)])
    return estimates_first(frame)


def small_arms(samples: ArmSamples, what: str, *, kept: bool) -> str:
    """Return what is to be known where arms are too small for a normal distribution; "" else.

    `kept`: the way that was taken is made for small arms, so nothing is to be told.
    """
    if kept:
        return ""
    sizes = [(label, len(samples.of(label))) for label in samples.labels]
    few = [f"{label} {n}" for label, n in sizes if n < SMALL]
    if not few:
        return ""
    return f"small arms ({', '.join(few)}): {what}; error rates in docs/methods/discrete.md"


def _tested(estimate: float, error: float, level: float, df: float) -> dict[str, float]:
    known = _above_0(error)
    statistic = estimate / known
    margin = _quantile(level, df) * known
    p = z_p(statistic=statistic) if df == inf else t_p(statistic=statistic, df=df)
    shown = {} if df == inf else {"df": df}
    return {
        "estimate": estimate,
        "statistic": statistic,
        "p_value": float(p),
        "conf_low": estimate - margin,
        "conf_high": estimate + margin,
        **shown,
    }


def _quantile(level: float, df: float) -> float:
    """Return the two-sided quantile of a level, of the normal distribution for infinite df."""
    if df == inf:
        return float(special.ndtri(0.5 + level / 2.0))
    return float(t_quantile(level=level, df=df))


def degrees_of_freedom(df: str, *, rows: int, coefficients: int) -> float:
    """Return the df of a choice: infinite, or rows less coefficients, of which one must be left."""
    if df == "normal":
        return inf
    if rows <= coefficients:
        raise NotEstimable(
            f"{rows} complete rows and {coefficients} coefficients leave no degree of freedom: "
            "leave covariates out, or take df='normal'"
        )
    return float(rows - coefficients)


def _above_0(error: float) -> float:
    """Return a standard error, or NaN: without variation there is no test."""
    return float(error) if error > 0.0 else float("nan")
