"""What an analysis yields: a tidy frame of estimates, and what a reader must know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backwalk_stats.registry import Shown

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.estimand import Estimand


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Result(Shown):
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


# What recomputing a published record yields: tidy frames, and nothing that computes.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Reproduction(Shown):
    """The whole result of recomputing a published record.

    Every attribute but the last four is a frame with the columns of `backwalk_stats.trial.tables`.

    Attributes
    ----------
    studies : DataFrame
        The studies of the record that were asked for, as printed (text).
    ledger : DataFrame
        One row per printed quantity that was looked at (`tables.LEDGER`).
    claims : DataFrame
        One row per claim of the article (`tables.CLAIMS`); empty when the record has none.
    effects : DataFrame
        Study-level standardised differences (`tables.EFFECTS`); below zero favours backward.
    directions : DataFrame
        Backward minus forward walking, where a trial has both arms (`tables.DIRECTIONS`).
    pooled : DataFrame
        Meta-analyses (`tables.POOLED`).
    weights : DataFrame
        Study weights of each meta-analysis (`tables.WEIGHTS`).
    grim : DataFrame
        Means against what whole-number scores allow (`tables.GRIM`).
    power : DataFrame
        Power curves of protocols without results (`tables.POWER`).
    designs : DataFrame
        Planned size and detectable effect of the same protocols (`tables.DESIGNS`).
    evidence_map : DataFrame
        Which claim rests on which study and design (`tables.EVIDENCE_MAP`).
    searches : DataFrame
        What was looked for and where (`tables.SEARCHES`); empty when the record has no log.
    record : str
        Name of the record: "the published record of backward walking" or the folder's name.
    sources : dict of str to str
        File name to sha256 of every file that was read.
    notes : tuple of str
        What was put right on reading, such as the encoding of a file.
    libraries : tuple of str
        Those that computed something in it (`engine.software`), numpy and pandas apart.
    """

    studies: pd.DataFrame
    ledger: pd.DataFrame
    claims: pd.DataFrame
    effects: pd.DataFrame
    directions: pd.DataFrame
    pooled: pd.DataFrame
    weights: pd.DataFrame
    grim: pd.DataFrame
    power: pd.DataFrame
    designs: pd.DataFrame
    evidence_map: pd.DataFrame
    searches: pd.DataFrame
    record: str
    sources: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
