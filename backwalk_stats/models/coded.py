"""A formula and its complete rows as arrays: outcome, design, and an orthonormal basis of it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.models.design import Design, design_of
from backwalk_stats.models.formula import Formula
from backwalk_stats.models.rows import orthonormal, outcome_of


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
        Outcome.
    x : array, shape (N, p)
        Design.
    q, r : array, shapes (N, p) and (p, p)
        x = q r with orthonormal columns of q: the basis in which the engine works.
    """

    formula: Formula
    frame: pd.DataFrame
    design: Design
    y: FloatArray
    x: FloatArray
    q: FloatArray
    r: FloatArray

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
    y = outcome_of(formula, frame)
    own = design_of(formula, frame) if design is None else design
    x = own.own(len(y))
    q, r = orthonormal(x, own.names)
    return Coded(formula=formula, frame=frame, design=own, y=y, x=x, q=q, r=r)
