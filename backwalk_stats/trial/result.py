"""What an analysis yields: a tidy frame of estimates, and what a reader must know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One analysis of one question.

    Attributes
    ----------
    analysis : str
        Code of the analysis, such as "mmrm"; the first column of `estimates` repeats it.
    outcome : str
        Name of the outcome, "" where the question is about the whole trial.
    estimates : DataFrame
        Columns of `tables.RESULTS`; empty for a question that only describes.
    method : str
        The exact model or test in one or two sentences, for the methods section.
    estimand : Estimand or None
        None for a question that describes.
    converged : bool
        False where a fit gave no standard errors; its estimates are then NaN.
    notes : tuple of str
        Everything the reader must know: what was left out, fell back, or cannot be estimated.
    frames : mapping of str to DataFrame
        Further tidy tables for figures and tables, by name; their columns are in `tables`.
    """

    analysis: str
    outcome: str
    estimates: pd.DataFrame
    method: str
    estimand: Estimand | None = None
    converged: bool = True
    notes: tuple[str, ...] = ()
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
