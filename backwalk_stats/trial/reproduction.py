"""What recomputing a published record yields: tidy frames, and nothing that computes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, slots=True)
class Reproduction:
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
    pooled: pd.DataFrame
    weights: pd.DataFrame
    grim: pd.DataFrame
    power: pd.DataFrame
    designs: pd.DataFrame
    evidence_map: pd.DataFrame
    record: str
    sources: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
