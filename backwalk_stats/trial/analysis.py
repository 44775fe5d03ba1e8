"""Everything that the analysis of one trial has yielded: results in order, and nothing computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.analyses.motion_study import MotionStudy
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class TrialAnalysis:
    """The whole analysis of a trial.

    Attributes
    ----------
    trial : Trial
    parts : tuple of Result
        Descriptions first, then each estimand's main analysis and its sensitivity analyses.
    estimates : DataFrame
        Columns of `tables.RESULTS`: the estimates of all parts, with adjusted p-values.
    motion : MotionStudy or None
        Lumbar motion, where the trial has a motion file.
    libraries : tuple of str
        Those that computed something in it (`engine.software`), numpy and pandas apart.
    """

    trial: Trial
    parts: tuple[Result, ...]
    estimates: pd.DataFrame
    motion: MotionStudy | None = None
    libraries: tuple[str, ...] = ()

    def part(self, analysis: str, outcome: str = "") -> Result | None:
        """Return the first part by analysis and outcome ("" is any); None where there is none."""
        for one in self.parts:
            if one.analysis == analysis and outcome in ("", one.outcome):
                return one
        return None

    def parts_of(self, estimand: str) -> tuple[Result, ...]:
        """Return the parts that belong to an estimand, its main analysis first."""
        return tuple(
            one for one in self.parts if one.estimand is not None and one.estimand.id == estimand
        )
