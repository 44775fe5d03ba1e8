"""The scores of each arm, one row a participant: complete rows, and how many were left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.columns.trial_columns import TrialColumns, none_complete, settled_arms
from backwalk_stats.models.formula.design import Design, Factor, as_factor, design_of
from backwalk_stats.models.formula.formula import Formula
from backwalk_stats.models.formula.reader import Variable
from backwalk_stats.models.formula.rows import orthonormal, refuse_single_levels

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
    notes : str
        What the gate decided of the columns.
    """

    arms: Factor
    scores: FloatArray
    dropped: dict[str, int]
    rows: pd.DataFrame
    notes: str

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
    def left_out(self) -> str:
        """Return in words how many rows were left out of which arm; "" where none was."""
        gone = [f"{label} {count}" for label, count in self.dropped.items() if count]
        many = sum(self.dropped.values())
        return f"{many} rows left out, a value is missing: {', '.join(gone)}" if gone else ""

    @property
    def scale(self) -> float:
        """Return the largest absolute score: what rounding is measured by."""
        return float(np.abs(self.scores).max())

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return (arm, reference arm) for each contrast: the reference stands first."""
        return [(label, self.labels[0]) for label in self.labels[1:]]

    def counts(self, label: str, base: str) -> dict[str, int]:
        """Return n_arm, n_reference, dropped_arm and dropped_reference of a contrast."""
        return {
            "n_arm": len(self.of(label)),
            "n_reference": len(self.of(base)),
            "dropped_arm": self.dropped[label],
            "dropped_reference": self.dropped[base],
        }


def arm_samples(
    data: object,
    columns: TrialColumns,
    *,
    factors: Sequence[str] = (),
    compared: bool = True,
    reference: object = None,
    least: int = 2,
) -> ArmSamples:
    """Return the complete rows of each arm.

    `data`: one row a participant. `columns`: outcome (or responder, but no categories), baseline,
    exposure, before and after are the scores; without an arm all rows are one, "all". `factors`:
    those of the columns that a row must have beside the scores. `compared`, `reference`: as in
    `settled_arms`. `least`: complete rows that each arm needs. Raises UsageError as `settled_arms`.
    Raises NotEstimable if an arm has fewer complete rows than `least`.
    """
    settled = settled_arms(data, columns, compared=compared, reference=reference)
    frame = settled.frame
    if columns.arm is None:
        every = Factor(name="arm", levels=(ALL,), codes=np.zeros(len(frame), dtype=int))
    else:
        every = as_factor(frame[columns.arm], columns.arm)
    given = [None if columns.outcome_as == "categories" else columns.outcome, columns.responder]
    given += [columns.baseline, columns.exposure, columns.before, columns.after]
    scores = [one for one in given if one]
    needed = list(dict.fromkeys([*scores, *factors]))
    gaps = frame[needed].isna().any(axis=1).to_numpy()
    rows = frame.loc[~gaps]
    found = Counter(every.labels[code] for code in every.codes[~gaps])
    left = Counter(every.labels[code] for code in every.codes[gaps])
    few = [f"{label} {found[label]}" for label in every.labels if found[label] < least]
    if not len(rows):
        raise NotEstimable(none_complete(needed))
    if few:
        raise NotEstimable(
            f"complete rows of {', '.join(needed)}: {', '.join(few)}; each arm needs {least} at "
            "least. Leave the arm out or join it with another"
        )
    return ArmSamples(
        arms=Factor(name=every.name, levels=every.levels, codes=every.codes[~gaps]),
        scores=rows[scores].to_numpy(dtype=float),
        dropped={label: left[label] for label in every.labels},
        rows=rows,
        notes=settled.note,
    )


def disagreement(
    p_value: float, limits: tuple[float, float], *, null: float, level: float, methods: str
) -> str:
    """Return a note where a test and an interval of two methods say different things, else "".

    `null`: what the test is of. `methods`: of the test and of the interval, for the note.

    >>> disagreement(0.06, (0.1, 0.9), null=0.0, level=0.95, methods="Fisher's test, Newcombe's")
    "p is not below 0.05 and the interval does not hold 0: two methods (Fisher's test, Newcombe's)"
    """
    if not np.isfinite([p_value, *limits]).all():
        return ""
    small, outside = p_value < 1.0 - level, not limits[0] <= null <= limits[1]
    if small == outside:
        return ""
    told = "is below" if small else "is not below"
    held = "does not hold" if outside else "holds"
    return f"p {told} {1.0 - level:.2g} and the interval {held} {null:g}: two methods ({methods})"


def arm_design(
    samples: ArmSamples, columns: TrialColumns, *, outcome: str
) -> tuple[Design, FloatArray]:
    """Return the coding of arm and covariates, with an intercept, and its columns, shape (n, p).

    The columns after the intercept are those of the arms but the reference. Raises UsageError if a
    factor has one level, or columns depend on each other.
    """
    arm, labels = str(columns.arm), np.array(samples.labels)[samples.arms.codes]
    frame = samples.rows.assign(**{arm: pd.Categorical(labels, categories=list(samples.labels))})
    terms = tuple((Variable(name),) for name in (arm, *columns.covariates))
    design = design_of(
        Formula(response=Variable(outcome), terms=terms, intercept=True, random=(), text=""), frame
    )
    refuse_single_levels(design.factors)
    x = design.own(len(frame))
    orthonormal(x, design.names)  # refuses columns that depend on each other, by name
    return design, x


def require_spread(values: FloatArray, *, scale: float, what: str) -> None:
    """Refuse values that are all the same, but for rounding in the last digits.

    `values` (shape (n,)). `scale`: the largest absolute score behind them. `what`: what they are,
    for the message.
    """
    if np.ptp(values) <= FLAT * scale:
        raise NotEstimable(f"{what} is the same in every row: without variation there is no test")
