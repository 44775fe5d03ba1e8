"""Reliability of repeated measurements: intraclass correlations, errors, limits of agreement."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear.agreement import (
    INTERVALS,
    Z95,
    MeanSquares,
    icc_limits,
    limits_of_agreement,
    mean_squares,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.trial_columns import (
    TrialColumns,
    none_complete,
    settled_measurements,
)
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.summary import estimates_first
from backwalk_stats.models.formula.design import as_factor
from backwalk_stats.software import computes_with

ICC = ("icc(1,1)", "icc(2,1)", "icc(3,1)", "icc(1,k)", "icc(2,k)", "icc(3,k)")
AGREEMENT = ("bias", "limit_low", "limit_high")
EMPTY = ("std_error", "df", "statistic", "p_value", "conf_low", "conf_high", "df_num")


def reliability(
    data: pd.DataFrame,
    *,
    participant: str,
    measurement: str,
    value: str,
    interval: str = "bland-altman",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return how well measurements of the same people agree: between sessions, or between raters.

    Only people with every measurement count; `notes` says how many are left out. The order of the
    measurements decides the sign of the bias and nothing else; `contrast` says which is subtracted.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and measurement.
    participant, measurement, value : str
        Columns: who was measured, by whom or when, and the number.
    interval : str
        Of the limits of agreement: "bland-altman" (standard error from the variances of mean and
        SD, t), "bland-altman-3n" (the older s sqrt(3/n)), or "carkeet" (exact, non-central t).
    level : float
        Confidence level of every interval. Limits of agreement and MDC95 are at 95 % whatever it
        is.

    Returns
    -------
    DataFrame
        quantity, contrast, estimate, conf_low, conf_high, p_value, std_error, df, statistic,
        df_num, n, notes. `icc(1,1)` to `icc(3,k)`: one-way, two-way random (agreement) and two-way
        mixed (consistency), of one measurement and of the mean of k, with F, its df and McGraw and
        Wong's limits. `sem_consistency` is the root of the error mean square, `sem_agreement` of
        the variances of measurement and error (a negative one counts as 0), `sem_within` of the
        mean square within people; `mdc95_...` is 1.96 sqrt(2) times each, in the unit of the value:
        a change below it may be error. Of two measurements also `bias`, the mean difference, later
        minus earlier, and `limit_low`, `limit_high`.

    Raises
    ------
    UsageError
        If a column cannot be used, a participant has two values for one measurement, or there is
        one measurement.
    NotEstimable
        If fewer than three people are complete, or there is no error.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": list("aabbccdd"), "session": [1, 2] * 4,
    ...     "seconds": [6.9, 7.1, 8.2, 8.0, 9.6, 9.9, 7.4, 7.7]})
    >>> found = reliability(frame, participant="id", measurement="session", value="seconds")
    >>> found.round(3)[["quantity", "estimate", "conf_low", "conf_high"]].iloc[[1, 7, 12]]
             quantity  estimate  conf_low  conf_high
    1        icc(2,1)     0.977     0.786      0.998
    7   sem_agreement     0.180       NaN        NaN
    12           bias     0.150    -0.229      0.529
    """
    check_choice("interval", interval, INTERVALS)
    check_level(level)
    found = measured(data, participant=participant, measurement=measurement, value=value)
    squares = mean_squares(found.table)
    notes = [*found.notes, f"{squares.n} participants with {squares.k} measurements each"]
    rows = [*_correlations(found.table, squares, level), *_errors(squares)]
    if squares.measurement_variance < 0.0:
        notes.append("sem_agreement: the variance between measurements is estimated as 0")
    if squares.k == 2:
        rows += _agreement(found, interval, level)
        notes.append(f"intervals of the limits of agreement: {interval}")
    else:
        notes.append("bias and limits of agreement are those of two measurements")
    frame = pd.DataFrame(rows, columns=["quantity", "contrast", "estimate", *EMPTY])
    frame = frame.astype(dict.fromkeys(EMPTY, float)).assign(n=squares.n, notes="; ".join(notes))
    return estimates_first(frame)


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """Complete measurements.

    Attributes
    ----------
    table : array, shape (n, k)
        A row for each participant, a column for each measurement in order.
    labels : tuple of str
        Of the measurements.
    notes : tuple of str
        What was decided of the columns, and who was left out.
    """

    table: FloatArray
    labels: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def contrast(self) -> str:
        """Return which of two measurements is subtracted from which."""
        return f"{self.labels[1]} - {self.labels[0]}"


def measured(data: pd.DataFrame, *, participant: str, measurement: str, value: str) -> Measured:
    """Return the measurements of the people who have all; parameters as in `reliability`."""
    columns = TrialColumns(outcome=value, participant=participant, visit=measurement)
    settled = settled_measurements(data, columns)
    frame = settled.frame[settled.frame[value].notna()]
    if frame.empty:
        raise UsageError(none_complete((value,)))
    levels = as_factor(frame[measurement], measurement)
    if len(levels.levels) < 2:
        raise UsageError(
            f"{measurement} has one level with values: reliability needs two measurements of each "
            "participant"
        )
    people = pd.factorize(settled.frame[participant])[0]
    wide = np.full((people.max() + 1, len(levels.levels)), np.nan)
    held = settled.frame[value].notna().to_numpy()
    wide[people[held], levels.codes] = frame[value].to_numpy()
    whole = np.isfinite(wide.sum(axis=1))
    notes = settled.notes
    if not whole.all():
        left = f"{int((~whole).sum())} of {len(whole)} participants left out"
        notes = (*notes, f"{left}: a measurement is missing")
    if whole.sum() < 3:
        raise NotEstimable(
            f"{int(whole.sum())} participants have every one of {len(levels.levels)} measurements; "
            "at least 3 are needed"
        )
    return Measured(table=wide[whole], labels=levels.labels, notes=notes)


def _correlations(table: FloatArray, squares: MeanSquares, level: float) -> list[dict[str, object]]:
    """Return the intraclass correlations by pingouin, with limits of full length."""
    import pingouin

    computes_with("pingouin")
    n, k = table.shape
    long = pd.DataFrame(
        {
            "who": np.repeat(np.arange(n), k),
            "rater": np.tile(np.arange(k), n),
            "value": table.ravel(),
        }
    )
    with warnings.catch_warnings():
        # pingouin calls pandas in a way that pandas warns is to go.
        warnings.simplefilter("ignore")
        found = pingouin.intraclass_corr(long, targets="who", raters="rater", ratings="value")
    return [
        {
            "quantity": name,
            "estimate": float(row["ICC"]),
            "statistic": float(row["F"]),
            "df_num": float(row["df1"]),
            "df": float(row["df2"]),
            "p_value": float(row["pval"]),
            "conf_low": low,
            "conf_high": high,
        }
        for name, (_, row), (low, high) in zip(
            ICC, found.iterrows(), icc_limits(squares, level=level), strict=True
        )
    ]


def _errors(squares: MeanSquares) -> list[dict[str, object]]:
    """Return standard errors of measurement and the changes that are beyond them."""
    variance = {
        "consistency": squares.error,
        "agreement": squares.error + max(0.0, squares.measurement_variance),
        "within": squares.within,
    }
    sem = {kind: float(np.sqrt(one)) for kind, one in variance.items()}
    return [
        *({"quantity": f"sem_{kind}", "estimate": one} for kind, one in sem.items()),
        *(
            {"quantity": f"mdc95_{kind}", "estimate": Z95 * np.sqrt(2.0) * one}
            for kind, one in sem.items()
        ),
    ]


def _agreement(found: Measured, interval: str, level: float) -> list[dict[str, object]]:
    """Return bias and limits of agreement of two measurements."""
    one = limits_of_agreement(found.table[:, 1] - found.table[:, 0], interval=interval, level=level)
    return [
        {
            "quantity": name,
            "contrast": found.contrast,
            "estimate": one.estimate[at],
            "std_error": one.std_error[at],
            "df": one.df,
            "conf_low": one.conf_low[at],
            "conf_high": one.conf_high[at],
        }
        for at, name in enumerate(AGREEMENT)
    ]
