"""Crossover trials: arms compared within participants, adjusted for period.

In the 2 x 2 design this is the t test on period differences between the sequences (Hills and
Armitage 1979); in any other it is the linear model with an intercept for each participant, of
which that test is the simplest case.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear.within_participant import within_fit
from backwalk_stats.engine.numbers import Estimate, FloatArray
from backwalk_stats.engine.summary.moments import moments
from backwalk_stats.engine.summary.two_arms import Arm, pooled
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.participants import codes_of
from backwalk_stats.models.columns.trial_columns import (
    TrialColumns,
    refuse_one_arm,
    settled_visits,
)
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.models.formula.design import Factor, as_factor
from backwalk_stats.trial.tables import ESTIMATES

CARRY_OVER = (
    "a weak test; do not choose the analysis by it (Freeman, Stat Med 1989;8:1421): prevent "
    "carry-over by a washout"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rows:
    """The rows with a value of participants who have two of them at least."""

    y: FloatArray
    people: np.ndarray
    periods: Factor
    arms: Factor
    n_participants: int
    n_dropped: int


def crossover(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    period: str,
    arm: str,
    sequence: str | None = None,
    reference: object = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare arms within participants, adjusted for period.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and period.
    value, participant, period, arm : str
        Columns: the score, the id, the period, and the arm in that period.
    sequence : str, optional
        Column of the sequence that a participant was randomised to; by default the arms in order of
        period.
    reference, level
        As in `ancova`.

    Returns
    -------
    DataFrame
        quantity, contrast, estimate, conf_low, conf_high, p_value, std_error, df, statistic,
        n_participants, n_dropped (fewer than two values: nothing within themselves), notes.
        Rows: mean_difference for each arm against the reference; period_effect for each later
        period against the first; and in the 2 x 2 design carry_over, the difference of the
        participants' totals between the sequences, of those with both values.

    Raises
    ------
    UsageError
        If a column or arm does not exist, a participant has two rows in a period or two sequences,
        a sequence does not say the arms, or arm and period cannot be told apart.
    NotEstimable
        If no degree of freedom is left.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(6), 2), "period": [1, 2] * 6,
    ...     "arm": ["forward", "backward"] * 3 + ["backward", "forward"] * 3,
    ...     "pain": [6.0, 4.5, 7.0, 5.0, 5.0, 4.0, 5.0, 5.5, 4.0, 5.0, 6.0, 6.0]})
    >>> found = crossover(frame, value="pain", participant="who", period="period", arm="arm",
    ...     reference="forward")
    >>> found.round(3)[["quantity", "estimate", "std_error", "df", "p_value"]]
              quantity  estimate  std_error   df  p_value
    0  mean_difference      -1.0      0.204  4.0    0.008
    1    period_effect      -0.5      0.204  4.0    0.070
    2       carry_over       0.0      1.225  4.0    1.000
    """
    check_level(level)
    columns = TrialColumns(
        outcome=value, participant=participant, visit=period, arm=arm, sequence=sequence
    )
    settled = settled_visits(data, columns, reference=reference, ordered="a crossover", within=True)
    frame = settled.frame.assign(**{participant: codes_of(settled.frame[participant])})
    held = _held(frame, value=value, participant=participant, period=period, arm=arm)
    rows = [
        {"quantity": quantity, "contrast": contrast, **_columns(found), "notes": ""}
        for quantity, contrast, found in _effects(held, level=level)
    ]
    if len(held.periods.levels) == len(held.arms.levels) == 2:
        order = _sequences(frame, participant=participant, period=period, arm=arm, named=sequence)
        carried = _carry_over(frame, order, value=value, participant=participant, level=level)
        rows += [
            {"quantity": "carry_over", "contrast": name, **_columns(found), "notes": CARRY_OVER}
            for name, found in carried
        ]
    counts = {"n_participants": held.n_participants, "n_dropped": held.n_dropped}
    own = [str(row.pop("notes")) for row in rows]
    notes = ["; ".join(one for one in (settled.note, note) if one) for note in own]
    return pd.DataFrame(rows).assign(**counts, notes=notes)


def _columns(found: Estimate) -> dict[str, float]:
    return {name: float(getattr(found, name)) for name in ESTIMATES}


def _held(data: pd.DataFrame, *, value: str, participant: str, period: str, arm: str) -> _Rows:
    """Return the rows that say something within a participant."""
    given = data[data[value].notna().to_numpy()]
    twice = given.groupby(participant)[value].transform("size") > 1
    rows = given[twice]
    kept = int(rows[participant].nunique())
    if not kept:
        raise NotEstimable(f"no participant has {value} in two periods")
    periods, arms = as_factor(rows[period], period), as_factor(rows[arm], arm)
    if len(periods.levels) < 2:
        raise UsageError(f"{period}: one level in the data; expected two at least")
    return _Rows(
        y=rows[value].to_numpy(dtype=float),
        people=pd.factorize(rows[participant])[0],
        periods=periods,
        arms=arms,
        n_participants=kept,
        n_dropped=int(data[participant].nunique()) - kept,
    )


def _effects(held: _Rows, *, level: float) -> list[tuple[str, str, Estimate]]:
    """Return the contrasts of arms and of periods, from one fit."""
    reference, *others = held.arms.labels
    refuse_one_arm(held.arms.levels, held.arms.name)
    later = range(1, len(held.periods.levels))
    columns = [held.arms.codes == code for code in range(1, len(others) + 1)]
    columns += [held.periods.codes == code for code in later]
    x = np.column_stack(columns).astype(float)
    try:
        fit = within_fit(y=held.y, x=x, participant=held.people)
    except UsageError as error:
        raise UsageError(
            f"{held.arms.name} and {held.periods.name} cannot be told apart: a crossover needs "
            "participants who have the arms in different orders"
        ) from error
    first = held.periods.labels[0]
    names = [("mean_difference", f"{label} - {reference}") for label in others]
    names += [("period_effect", f"{held.periods.labels[code]} - {first}") for code in later]
    return [
        (quantity, contrast, fit.test(row, level=level))
        for (quantity, contrast), row in zip(names, np.eye(x.shape[1]), strict=True)
    ]


def _sequences(
    data: pd.DataFrame, *, participant: str, period: str, arm: str, named: str | None
) -> pd.Series:
    """Return the sequence of each participant: the arms in order of period, or its given name."""
    ordered = data.iloc[np.argsort(as_factor(data[period], period).codes, kind="stable")]
    arms = ordered.groupby(participant, sort=False)[arm].agg(lambda own: ", ".join(map(str, own)))
    if named is None:
        return arms
    if int((data.groupby(participant)[named].nunique() > 1).sum()):
        raise UsageError(f"{named}: some participants have two; it is one for each participant")
    given = data.groupby(participant)[named].first().reindex(arms.index).map(str)
    whole = data.groupby(participant).size().reindex(arms.index) == data[period].nunique()
    orders = arms[whole].groupby(given[whole]).nunique()
    mixed = [str(name) for name, count in orders.items() if count > 1]
    if mixed:
        raise UsageError(
            f"{named} = {', '.join(mixed)}: participants have the arms in different orders; mend "
            f"{named} or {arm}"
        )
    return given


def _carry_over(
    data: pd.DataFrame, order: pd.Series, *, value: str, participant: str, level: float
) -> list[tuple[str, Estimate]]:
    """Return the difference of the totals between two sequences; none where it has no test."""
    both = data.groupby(participant)[value].count() == 2
    totals = data.groupby(participant)[value].sum()[both]
    own = order.reindex(totals.index)
    labels = sorted(own.unique())
    parts = [totals[own == label].to_numpy(dtype=float) for label in labels]
    if len(labels) != 2 or min(map(len, parts)) < 2:
        return []
    two, one = (moments(part) for part in parts)
    if one.sd == two.sd == 0.0:
        return []
    arms = (Arm(part.n, part.mean, part.sd) for part in (one, two))
    found = pooled(*arms, level=level)
    return [(f"{labels[1]} - {labels[0]}", found)]
