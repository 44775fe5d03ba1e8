"""What do several studies say together? Meta-analysis of effects with their standard errors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd

from backwalk_stats.engine import meta
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import Faults, NotEstimable, UsageError
from backwalk_stats.models.columns.numbers import readable
from backwalk_stats.models.columns.trial_columns import frame_of, taken
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.trial.tables import META


def _columns(effects: object) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    """Return effects and standard errors as arrays, and notes; or every fault of both at once."""
    effects = frame_of(effects)
    given = [name for name in ("std_error", "variance") if name in effects.columns]
    if "estimate" not in effects.columns or len(given) != 1:
        raise UsageError(
            "effects need a column estimate and one of std_error and variance;"
            f" found: {', '.join(map(str, effects.columns))}"
        )
    taken(effects, [("effects", "estimate"), ("effects", given[0])], once=True)
    estimate, notes, _ = readable(effects["estimate"], "estimate")
    spread, more, _ = readable(effects[given[0]], given[0])
    usable = {
        "estimate": ("a finite number", np.isfinite(estimate)),
        given[0]: ("a finite number above 0", np.isfinite(spread) & (spread > 0.0)),
    }
    faults = Faults("effects")
    for column, (expected, valid) in usable.items():
        for row in np.flatnonzero(~valid).tolist():
            faults.add(column, expected, str(effects[column].iloc[row]), row=row + 2)
    faults.stop()
    error = np.sqrt(spread) if given[0] == "variance" else spread
    return estimate, error, (*notes, *more)


NARROWER = (
    "the Hartung-Knapp interval is narrower than the normal one: the effects vary less than chance"
)


def _pool(*, effects: object, method: str, ci: str, level: float) -> meta.Pool:
    chosen, interval = choose_pooling(method=method, ci=ci)
    estimate, error, _ = _columns(effects)
    if chosen.tau2 is None:
        return meta.common_effect(estimate=estimate, std_error=error, level=level)
    tau2 = chosen.tau2(estimate=estimate, std_error=error)
    return interval.pool(estimate=estimate, std_error=error, tau2=tau2, level=level)


def meta_analysis(
    effects: pd.DataFrame, method: str = "reml", ci: str = "hksj", level: float = 0.95
) -> pd.DataFrame:
    """Return the pooled effect of several studies as one row.

    Parameters
    ----------
    effects : DataFrame
        One row a study: `estimate` and `std_error` (or `variance`), on a scale where effects add
        (differences, standardised differences, log ratios). Other columns are ignored.
    method : {"reml", "dl", "pm", "common"}
        Estimator of the variance between studies; "common" assumes there is none.
    ci : {"hksj", "z"}
        Hartung-Knapp with t(k - 1), or normal; "common" has "z" only.
    level : float
        Confidence level of all intervals.

    Returns
    -------
    DataFrame
        One row: method, ci, k, estimate, conf_low, conf_high, p_value, std_error, df, statistic,
        pi_low, pi_high (t with k - 2 df; NaN for k < 3), tau2, tau2_low, tau2_high (Q-profile),
        i2 (percent, from Q), q, q_df, q_p, notes. tau2 and its limits are NaN for a common effect.

    Raises
    ------
    UsageError
        For an unknown method or interval, or missing columns.
    InputError
        Naming every row with a missing number or a standard error not above 0.
    NotEstimable
        With fewer than two studies.

    Examples
    --------
    >>> import pandas as pd
    >>> effects = pd.DataFrame({"estimate": [-0.9, -0.4, -1.3], "std_error": [0.37, 0.37, 0.37]})
    >>> row = meta_analysis(effects, method="dl", ci="z").iloc[0]
    >>> print(row[["estimate", "tau2", "i2"]].astype(float).round(3).to_string())
    estimate    -0.867
    tau2         0.066
    i2          32.672
    """
    check_level(level)
    pool = _pool(effects=effects, method=method, ci=ci, level=level)
    estimate, error, notes = _columns(effects)
    spread = meta.heterogeneity(estimate=estimate, std_error=error)
    has_tau2 = not np.isnan(pool.tau2)
    limits = (
        meta.tau2_interval(estimate=estimate, std_error=error, level=level)
        if has_tau2
        else (nan, nan)
    )
    row = {
        "method": method,
        "ci": ci,
        "k": estimate.size,
        "estimate": pool.effect.estimate,
        "std_error": pool.effect.std_error,
        "df": pool.effect.df,
        "statistic": pool.effect.statistic,
        "p_value": pool.effect.p_value,
        "conf_low": pool.effect.conf_low,
        "conf_high": pool.effect.conf_high,
        "pi_low": pool.prediction_low,
        "pi_high": pool.prediction_high,
        "tau2": pool.tau2,
        "tau2_low": limits[0],
        "tau2_high": limits[1],
        "i2": spread.i2,
        "q": spread.q,
        "q_df": spread.q_df,
        "q_p": spread.q_p,
    }
    if pool.narrower_than_z:
        notes = (*notes, NARROWER)
    return pd.DataFrame([row], columns=list(META)).assign(notes="; ".join(notes))


def leave_one_out(
    effects: pd.DataFrame, method: str = "reml", ci: str = "hksj", level: float = 0.95
) -> pd.DataFrame:
    """Return the pooled effect without each study in turn.

    Parameters
    ----------
    effects : DataFrame
        As `meta_analysis`, with a column `study_id`.
    method, ci, level
        As `meta_analysis`.

    Returns
    -------
    DataFrame
        One row a study, in the order given: `left_out` (its study_id), then the columns of
        `meta_analysis`.

    Raises
    ------
    UsageError, InputError
        As `meta_analysis`, and UsageError where there is no column study_id.
    NotEstimable
        With fewer than three studies.

    Examples
    --------
    >>> import pandas as pd
    >>> effects = pd.DataFrame(
    ...     {"study_id": ["a", "b", "c"], "estimate": [-0.9, -0.4, -1.3], "std_error": [0.4] * 3})
    >>> leave_one_out(effects, method="common", ci="z")[["left_out", "estimate"]].round(3).values
    array([['a', -0.85],
           ['b', -1.1],
           ['c', -0.65]], dtype=object)
    """
    check_level(level)
    effects = frame_of(effects)
    if "study_id" not in effects.columns:
        raise UsageError("leaving studies out needs a column study_id that names them")
    choose_pooling(method=method, ci=ci)
    _columns(effects)
    if len(effects) < 3:
        raise NotEstimable("leaving one study out needs at least 3 studies")
    rows = [
        meta_analysis(
            effects.iloc[[at for at in range(len(effects)) if at != out]],
            method=method,
            ci=ci,
            level=level,
        )
        for out in range(len(effects))
    ]
    result = pd.concat(rows, ignore_index=True)
    result.insert(0, "left_out", effects["study_id"].astype(str).to_numpy())
    return result


def study_weights(effects: pd.DataFrame, method: str = "reml") -> pd.Series[float]:
    """Return the percent weight of each study; they add up to 100.

    Parameters
    ----------
    effects : DataFrame
        As `meta_analysis`.
    method : {"reml", "dl", "pm", "common"}
        As `meta_analysis`; the kind of interval does not change the weights.

    Returns
    -------
    Series
        Named `weight`, with the index of `effects`.

    Raises
    ------
    UsageError, InputError, NotEstimable
        As `meta_analysis`.

    Examples
    --------
    >>> import pandas as pd
    >>> effects = pd.DataFrame({"estimate": [0.0, 1.0], "std_error": [1.0, 0.5]})
    >>> study_weights(effects, method="common").tolist()
    [20.0, 80.0]
    """
    pool = _pool(effects=effects, method=method, ci="z", level=0.95)
    return pd.Series(pool.weight, index=effects.index, name="weight")


def pooling_notes(
    effects: pd.DataFrame, method: str = "reml", ci: str = "hksj", level: float = 0.95
) -> tuple[str, ...]:
    """Return what a reader of the pooled effect must know and its row cannot say.

    Parameters
    ----------
    effects : DataFrame
        As `meta_analysis`.
    method, ci, level
        As `meta_analysis`.

    Returns
    -------
    tuple of str
        Sentences; empty where there is nothing to say.

    Raises
    ------
    UsageError, InputError, NotEstimable
        As `meta_analysis`.

    Examples
    --------
    >>> import pandas as pd
    >>> effects = pd.DataFrame({"estimate": [0.50, 0.51, 0.52], "std_error": [0.2, 0.2, 0.2]})
    >>> for note in pooling_notes(effects):
    ...     print(note)
    The Hartung-Knapp interval is narrower than the normal one: the effects vary less than chance.
    The variance between studies is estimated as 0; with 3 studies that is weak evidence of none.
    """
    pool = _pool(effects=effects, method=method, ci=ci, level=level)
    notes = []
    if pool.narrower_than_z:
        notes.append(f"{NARROWER[0].upper()}{NARROWER[1:]}.")
    if pool.tau2 == 0.0:
        notes.append(
            "The variance between studies is estimated as 0;"
            f" with {len(effects)} studies that is weak evidence of none."
        )
    return tuple(notes)


# The choices of a meta-analysis: how studies are weighed and which interval the mean gets.


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """A way to weigh studies: its name at the door, its label, its estimator of tau2 (if any)."""

    name: str
    label: str
    tau2: Callable[..., float] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interval:
    """A way to put an interval round a random-effects mean: its name, its label, its function."""

    name: str
    label: str
    pool: Callable[..., meta.Pool]


METHODS = (
    Method(name="common", label="common effect", tau2=None),
    Method(name="dl", label="DerSimonian-Laird", tau2=meta.tau2_dersimonian_laird),
    Method(name="pm", label="Paule-Mandel", tau2=meta.tau2_paule_mandel),
    Method(name="reml", label="REML", tau2=meta.tau2_reml),
)
INTERVALS = (
    Interval(name="z", label="normal", pool=meta.random_effects),
    Interval(name="hksj", label="Hartung-Knapp", pool=meta.hartung_knapp),
)


def choose_pooling(*, method: str, ci: str) -> tuple[Method, Interval]:
    """Return the choices that two names, of `METHODS` and of `INTERVALS`, stand for.

    An unknown name is refused, with those there are, and so is a common effect with an interval
    that needs a variance between studies.

    Examples
    --------
    >>> method, interval = choose_pooling(method="pm", ci="z")
    >>> method.label, interval.label
    ('Paule-Mandel', 'normal')
    """
    methods = {choice.name: choice for choice in METHODS}
    intervals = {choice.name: choice for choice in INTERVALS}
    check_choice("method", method, tuple(methods))
    check_choice("ci", ci, tuple(intervals))
    chosen, interval = methods[method], intervals[ci]
    if chosen.tau2 is None and interval.pool is not meta.random_effects:
        raise UsageError(
            f"method {method!r} has a normal interval only: ask for ci='z', or for a"
            " random-effects method (dl, pm, reml)"
        )
    return chosen, interval
