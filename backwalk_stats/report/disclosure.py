"""What of an analysis may be shown: no participant, no rare label, no small count.

Everything that a report says, draws or exports is read from what this file lets through, so that a
new section cannot show what it must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backwalk_stats.report.few_people import estimates_of_many, frames_of_many, notes_of_many
from backwalk_stats.report.rare_labels import LabelCloak, label_cloak

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.analyses.whole_trial import TrialAnalysis
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

PARTICIPANT = "participant"


def disclosed(analysis: TrialAnalysis, *, individuals: bool = False) -> TrialAnalysis:
    """Return an analysis without what must not be shown.

    Counts from 1 to `trial.small_cell - 1`, and those from which such a count follows, are NaN, and
    so is every statistic that describes fewer people; percentiles of fewer than 20 people are NaN;
    labels of a covariate that fewer people have are one label; comparisons of arms are whole. The
    data of the trial are empty.

    With `individuals` frames with a row for each participant are kept, for figures with points and
    lines; `trial.small_cell` is 0, so that counts, statistics and labels of few people are shown.
    Dates, free text and names of sites stay hidden, and ids are in no figure or table.
    """
    trial = replace(analysis.trial, small_cell=smallest_count(analysis.trial, individuals))
    gate = _Gate(
        cloak=label_cloak(trial),
        limit=trial.small_cell,
        individuals=individuals,
    )
    return replace(
        analysis,
        trial=gate.trial(trial),
        parts=tuple(gate.part(part) for part in analysis.parts),
        estimates=gate.estimates(analysis.estimates),
        motion=None,  # shown as `TrialSubject.motion`, made by `motion_subject`
    )


def smallest_count(trial: Trial, individuals: bool) -> int:
    """Return the smallest count of people that may be shown, 0 for any."""
    return 0 if individuals else trial.small_cell


def arm_sizes(trial: Trial) -> dict[str, int]:
    """Return the number of participants of each arm, in the order of the arms."""
    counts = trial.participants["arm"].astype(str).value_counts()
    return {name: int(counts.get(name, 0)) for name in trial.study.arm_names}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gate:
    """What decides whether something is let through."""

    cloak: LabelCloak
    limit: int
    individuals: bool

    def part(self, part: Result) -> Result:
        """Return one result as it may be shown."""
        frames = {
            name: self.cloak.frame(frame)
            for name, frame in part.frames.items()
            if self.individuals or PARTICIPANT not in frame.columns
        }
        notes = notes_of_many(part.notes, part.estimates, limit=self.limit)
        return replace(
            part,
            estimates=self.estimates(part.estimates),
            method=self.cloak.text(part.method),
            notes=tuple(self.cloak.text(note) for note in notes),
            frames=frames_of_many(frames, limit=self.limit),
        )

    def estimates(self, estimates: pd.DataFrame) -> pd.DataFrame:
        """Return estimates as they may be shown."""
        safe = self.cloak.frame(estimates)
        return estimates_of_many(safe, limit=self.limit)

    def trial(self, trial: Trial) -> Trial:
        """Return the trial as it may be shown: its plan, and its data only for individuals."""
        return replace(
            trial,
            data=_kept(trial.data, individuals=self.individuals),
            participants=_kept(trial.participants, individuals=self.individuals),
            missing=_kept(trial.missing, individuals=self.individuals),
            adherence=_kept(trial.adherence, individuals=self.individuals),
            load_log=self.cloak.frame(trial.load_log),
            sources=_without_folders(trial.sources),
            motion=None,
        )


def _kept(frame: pd.DataFrame, *, individuals: bool) -> pd.DataFrame:
    return frame if individuals else frame.iloc[:0]


def _without_folders(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the files by their names alone: a folder can be named for a person or a hospital."""
    return {name.replace("\\", "/").rpartition("/")[2]: digest for name, digest in sources.items()}
