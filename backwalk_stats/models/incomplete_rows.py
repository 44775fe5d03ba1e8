"""From a trial in long form to one row a participant.

Rows that stand for the same participant must agree; what makes an imputation meaningless is refused
by name. No value of a participant is shown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.incomplete_trial import IncompleteTrial, TrialColumns
from backwalk_stats.models.inner_names import inner_names
from backwalk_stats.models.rows import participants_of, refuse_duplicates
from backwalk_stats.models.variables import Factor, as_factor, is_categorical


def incomplete_trial(
    data: pd.DataFrame,
    columns: TrialColumns,
    *,
    reference: object = None,
    keep_missing_baseline: bool = False,
) -> IncompleteTrial:
    """Return a trial in long form as one row a participant.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and visit after baseline; rows of missing visits may be absent.
    columns : TrialColumns
    reference : object, optional
        The arm to compare with; by default the first (of a categorical, else sorted).
    keep_missing_baseline : bool
        Keep participants without a baseline score; otherwise they are left out and counted.

    Raises
    ------
    UsageError
        If a column is missing, named twice or of the wrong kind, an id, visit or arm is missing, a
        participant has two rows of one visit or two values of what is measured once, or an arm has
        nobody.
    """
    _refuse_columns(data, columns)
    people = participants_of(data[columns.participant])
    visits = as_factor(data[columns.visit], columns.visit)
    refuse_duplicates(people, visits)
    n, size = len(people.ids), len(visits.levels)
    y = np.full((n, size), np.nan)
    y[people.codes, visits.codes] = _numeric(data[columns.value])
    arms = as_factor(data[columns.arm], columns.arm)
    frame = _measured_once(data, columns, people.codes, n)
    codes = frame.pop("arm").to_numpy().astype(int)
    order = _reference_first(arms, reference)
    place = np.argsort(order)
    labels = [arms.labels[i] for i in order]
    own = pd.Categorical(np.array(labels)[place[codes]], categories=labels)
    frame.insert(0, "arm", pd.Series(own, index=frame.index))
    event = _event_of(data, columns, people.codes, visits.codes, y)
    gaps = frame[[name for name in frame if name != "baseline"]].isna().any(axis=1).to_numpy()
    if not keep_missing_baseline:
        gaps = gaps | frame["baseline"].isna().to_numpy()
    found = IncompleteTrial(
        y=y[~gaps],
        event=event[~gaps],
        people=frame[~gaps].reset_index(drop=True),
        arms=tuple(labels),
        visits=visits.labels,
        dropped=np.bincount(place[codes[gaps]], minlength=len(order)),
    )
    _refuse_empty(found)
    return found


def _refuse_columns(data: pd.DataFrame, columns: TrialColumns) -> None:
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"the data are a pandas DataFrame, not a {type(data).__name__}")
    needed = columns.needed
    absent = [printable(str(name)) for name in needed if name not in data.columns]
    if absent:
        known = ", ".join(map(str, data.columns[:20]))
        raise UsageError(f"no column named {', '.join(absent)}; there are: {known}")
    twice = [name for name in dict.fromkeys(needed) if needed.count(name) > 1]
    twice += [str(name) for name in needed if (data.columns == name).sum() > 1]
    if twice:
        raise UsageError(f"{', '.join(dict.fromkeys(twice))}: named twice")
    for name in (columns.participant, columns.visit, columns.arm):
        missing = int(data[name].isna().sum())
        if missing:
            raise UsageError(f"{name}: missing in {missing} of {len(data)} rows")
    for name in (columns.value, columns.baseline):
        if is_categorical(data[name]) or not pd.api.types.is_numeric_dtype(data[name]):
            raise UsageError(f"{name} is not numeric ({data[name].dtype})")


def _numeric(column: pd.Series) -> FloatArray:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    wrong = int(np.isinf(values).sum())
    if wrong:
        raise UsageError(f"{column.name}: {wrong} values are infinite")
    return values


def _measured_once(
    data: pd.DataFrame, columns: TrialColumns, codes: np.ndarray, n: int
) -> pd.DataFrame:
    """Return arm (as a code), baseline and covariates, one row a participant."""
    names = {"arm": columns.arm, "baseline": columns.baseline}
    names |= {inner: name for name, inner in inner_names(columns.covariates).items()}
    out = {}
    for name, source in names.items():
        column = data[source].reset_index(drop=True)
        if name == "arm":
            column = pd.Series(as_factor(data[source], source).codes)
        elif not is_categorical(column):
            column = pd.Series(_numeric(data[source]))
        grouped = column.groupby(codes)
        varying = int((grouped.nunique() > 1).sum())
        if varying:
            raise UsageError(
                f"{source} varies within {varying} participants; it must be one for each"
            )
        out[name] = grouped.first().reindex(range(n))
    return pd.DataFrame(out)


def _reference_first(arms: Factor, reference: object) -> list[int]:
    """Return the places of the arms with that of the reference first."""
    if len(arms.levels) < 2:
        raise UsageError(f"{arms.name} has one level in the data: nothing to compare")
    if reference is None:
        base = 0
    elif reference in arms.levels:
        base = arms.levels.index(reference)
    elif str(reference) in arms.labels:
        base = arms.labels.index(str(reference))
    else:
        raise UsageError(f"no arm {reference!r}; there are: {', '.join(arms.labels)}")
    return [base, *(place for place in range(len(arms.levels)) if place != base)]


def _event_of(
    data: pd.DataFrame,
    columns: TrialColumns,
    people: np.ndarray,
    visits: np.ndarray,
    y: FloatArray,
) -> np.ndarray:
    """Return the first affected visit: as declared, else the first after the last observed one."""
    size = y.shape[1]
    if columns.event is None:
        seen = ~np.isnan(y)
        return np.asarray(np.where(seen.any(axis=1), size - seen[:, ::-1].argmax(axis=1), 0))
    if len(data) < y.size:
        raise UsageError(
            f"{columns.event}: with declared events every participant needs a row at every visit, "
            f"missing ones included; {y.size - len(data)} are absent"
        )
    column = data[columns.event]
    marks = set(column.dropna().unique().tolist())
    if column.isna().any() or not marks <= {0, 1}:
        raise UsageError(
            f"{columns.event}: expected true or false in every row, true from the first visit that "
            "the intercurrent event affects"
        )
    affected = np.zeros(y.shape, dtype=bool)
    affected[people, visits] = column.astype(bool).to_numpy()
    return np.asarray(np.where(affected.any(axis=1), affected.argmax(axis=1), size))


def _refuse_empty(found: IncompleteTrial) -> None:
    used = np.bincount(found.arm, minlength=len(found.arms))
    empty = [name for name, count in zip(found.arms, used, strict=True) if count == 0]
    if empty:
        raise UsageError(f"{', '.join(empty)}: no participant has the baseline and every covariate")
    seen = ~np.isnan(found.y)
    for place, visit in enumerate(found.visits):
        for code, arm in enumerate(found.arms):
            if not seen[found.arm == code, place].any():
                raise UsageError(
                    f"no participant of {arm} has the outcome at {visit}; nothing tells what it "
                    "would have been: leave out the visit"
                )
