"""The scores of each arm, one row a participant: complete rows, and how many were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError, printable
from backwalk_stats.models.formula import Variable
from backwalk_stats.models.variables import Factor, as_factor, as_number

ALL = "all"
FLAT = 1e-13


@dataclass(frozen=True, kw_only=True, slots=True)
class ArmSamples:
    """Complete rows by arm.

    Attributes
    ----------
    arms : Factor
        The arm of every complete row; its levels are those of all rows.
    scores : array, shape (n, k)
        The named numeric columns of the complete rows.
    dropped : dict
        Rows left out for a missing value, by label of the arm.
    rows : DataFrame
        The complete rows.
    """

    arms: Factor
    scores: FloatArray
    dropped: dict[str, int]
    rows: pd.DataFrame

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels of the arms, in order."""
        return self.arms.labels

    def members(self, label: str) -> np.ndarray:
        """Tell of each complete row whether it is of the arm, shape (n,)."""
        return np.asarray(self.arms.codes == self.labels.index(label))

    def of(self, label: str) -> FloatArray:
        """Return the scores of one arm, shape (n, k)."""
        return np.asarray(self.scores[self.members(label)])

    @property
    def scale(self) -> float:
        """Return the largest absolute score: what rounding is measured by."""
        return float(np.abs(self.scores).max())

    def pairs(self, reference: object) -> list[tuple[str, str]]:
        """Return (arm, reference arm) for each contrast; the first arm where none is named."""
        return contrast_pairs(self.arms, reference)

    def counts(self, label: str, base: str) -> dict[str, int]:
        """Return n_arm, n_reference, dropped_arm and dropped_reference of a contrast."""
        return {
            "n_arm": len(self.of(label)),
            "n_reference": len(self.of(base)),
            "dropped_arm": self.dropped[label],
            "dropped_reference": self.dropped[base],
        }


def contrast_pairs(arms: Factor, reference: object) -> list[tuple[str, str]]:
    """Return (arm, reference arm) for each contrast with the reference, in the order of the arms.

    Parameters
    ----------
    arms : Factor
    reference : object
        A level or its label; None is the first.

    Raises
    ------
    UsageError
        If there is one arm, or none of that name.
    """
    labels = arms.labels
    if len(labels) < 2:
        raise UsageError(f"{arms.name}: one arm in the data, so there is none to compare")
    if reference is None:
        base = labels[0]
    elif reference in arms.levels:
        base = labels[arms.levels.index(reference)]
    elif str(reference) in labels:
        base = str(reference)
    else:
        raise UsageError(f"no arm {reference!r}; there are: {', '.join(labels)}")
    return [(label, base) for label in labels if label != base]


def arm_samples(
    data: pd.DataFrame,
    numbers: Sequence[str],
    *,
    arm: str | None,
    participant: str | None = None,
    factors: Sequence[str] = (),
    least: int = 2,
) -> ArmSamples:
    """Return the complete rows of each arm.

    Parameters
    ----------
    data : DataFrame
        One row a participant.
    numbers : sequence of str
        Numeric columns; a row without one of them is left out and counted.
    arm : str or None
        Column of the arm; without it all rows are one arm, "all".
    participant : str, optional
        Column of ids: two rows of one participant are refused.
    factors : sequence of str
        Other columns that a row must have.
    least : int
        Complete rows that each arm needs.

    Raises
    ------
    UsageError
        If a column is missing, named twice, not numeric or not finite, an arm is not given, or a
        participant has two rows.
    NotEstimable
        If an arm has fewer complete rows than `least`.
    """
    named = [*numbers, *factors, *([arm] if arm else []), *([participant] if participant else [])]
    require_columns(data, named)
    if participant is not None:
        refuse_repeats(data, [participant])
    if arm is None:
        every = Factor(name="arm", levels=(ALL,), codes=np.zeros(len(data), dtype=int))
    else:
        refuse_gaps(data, [arm])
        every = as_factor(data[arm], arm)
    needed = list(dict.fromkeys([*numbers, *factors]))
    gaps = data[needed].isna().any(axis=1).to_numpy()
    rows = data.loc[~gaps]
    found = Counter(every.labels[code] for code in every.codes[~gaps])
    left = Counter(every.labels[code] for code in every.codes[gaps])
    few = [f"{label} {found[label]}" for label in every.labels if found[label] < least]
    if few or not len(rows):
        raise NotEstimable(
            f"complete rows of {', '.join(map(str, needed))}: {', '.join(few) or 'none'}; each arm "
            f"needs {least} at least. Leave the arm out or join it with another"
        )
    scores = [as_number(rows[name], Variable(name)).values for name in numbers]
    return ArmSamples(
        arms=Factor(name=every.name, levels=every.levels, codes=every.codes[~gaps]),
        scores=np.column_stack(scores),
        dropped={label: left[label] for label in every.labels},
        rows=rows,
    )


def require_columns(data: pd.DataFrame, named: Sequence[str]) -> None:
    """Refuse a column that does not exist, stands twice in the data, or is named twice."""
    if not isinstance(data, pd.DataFrame):
        raise UsageError(f"the data are a pandas DataFrame, not a {type(data).__name__}")
    absent = [printable(str(name)) for name in named if name not in data.columns]
    if absent:
        known = ", ".join(printable(str(name)) for name in data.columns[:20])
        raise UsageError(f"no column named {', '.join(absent)}; there are: {known}")
    twice = [str(name) for name, count in Counter(named).items() if count > 1]
    twice += [str(name) for name in named if (data.columns == name).sum() > 1]
    if twice:
        raise UsageError(f"{', '.join(dict.fromkeys(twice))}: named twice")


def refuse_gaps(data: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse a missing value in a column that says what a row is."""
    for name in columns:
        missing = int(data[name].isna().sum())
        if missing:
            raise UsageError(f"{name}: missing in {missing} of {len(data)} rows; mend these rows")


def refuse_repeats(data: pd.DataFrame, keys: list[str]) -> None:
    """Refuse two rows with the same keys: a participant, or a participant at a visit."""
    refuse_gaps(data, keys)
    again = int(data.duplicated(keys).sum())
    if again:
        raise UsageError(f"{again} rows repeat the same {' and '.join(keys)}; keep one row each")


def require_spread(values: FloatArray, *, scale: float, what: str) -> None:
    """Refuse values that are all the same, but for rounding in the last digits.

    Parameters
    ----------
    values : array, shape (n,)
    scale : float
        The largest absolute score behind them.
    what : str
        What they are, for the message.
    """
    if np.ptp(values) <= FLAT * scale:
        raise NotEstimable(f"{what} is the same in every row: without variation there is no test")
