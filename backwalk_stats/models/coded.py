"""A formula and its complete rows as arrays: outcome, design, and an orthonormal basis of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.design import Design, design_of
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.rows import FLAT, orthonormal, outcome_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Coded:
    """The fixed-effects side of a model.

    Attributes
    ----------
    formula : Formula
    frame : DataFrame
        The rows used.
    design : Design
    y : array, shape (N,)
        Outcome, less the offset.
    x : array, shape (N, p)
        Design.
    q, r : array, shapes (N, p) and (p, p)
        x = q r with orthonormal columns of q: the basis in which the engine works.
    offset : array, shape (N,), or None
        Where the formula has one.
    """

    formula: Formula
    frame: pd.DataFrame
    design: Design
    y: FloatArray
    x: FloatArray
    q: FloatArray
    r: FloatArray
    offset: FloatArray | None = None

    @property
    def least_squares(self) -> FloatArray:
        """Return the least-squares coefficients in the basis q, shape (p,)."""
        return self.q.T @ self.y


def coded(formula: Formula, frame: pd.DataFrame, *, design: Design | None = None) -> Coded:
    """Return the arrays of a formula for complete rows.

    Parameters
    ----------
    formula : Formula
    frame : DataFrame
        Without missing values in the columns that the formula names.
    design : Design, optional
        Where it has been made already.

    Raises
    ------
    UsageError
        If the outcome cannot be analysed, or columns of the design are collinear.
    """
    own = design_of(formula, frame) if design is None else design
    y, offset = outcome_less_offset(formula, frame, own)
    x = own.own(len(y))
    q, r = orthonormal(x, own.names)
    return Coded(
        formula=formula,
        frame=frame,
        design=own,
        y=y,
        x=x,
        q=q,
        r=r,
        offset=offset,
    )


def coding_notes(formula: Formula, design: Design, *, dropped: int) -> tuple[str, ...]:
    """Return what is to be known of a formula and its coding, where rows were left out too."""
    knots = [one.name for one in design.variables if one.function == "ns"] if dropped else []
    moved = (
        f"knots of {', '.join(knots)} stand at the quantiles of the rows used; R's lm takes those "
        "of every row that has the covariate, also where another column is missing"
    )
    return (*formula.notes, *design.notes, *([moved] if knots else []))


def outcome_less_offset(
    formula: Formula, frame: pd.DataFrame, design: Design
) -> tuple[FloatArray, FloatArray | None]:
    """Return the outcome that a model is fitted to, and what was subtracted, shapes (N,).

    Raises
    ------
    UsageError
        If the outcome cannot be analysed, or the offset is all of it.
    """
    y, offset = outcome_of(formula, frame), design.own_offset()
    if offset is None:
        return y, None
    less = y - offset
    if np.ptp(less) <= FLAT * max(np.abs(y).max(), np.abs(offset).max()):
        raise UsageError(
            f"the outcome {formula.response.name} less its offset is the same in every row: "
            "it has no variance"
        )
    return less, offset
