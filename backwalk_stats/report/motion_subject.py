"""What the sections on movement write about: a motion study as it may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from backwalk_stats.analyses.curves import CurveResult
from backwalk_stats.analyses.motion_study import MotionStudy
from backwalk_stats.analyses.movement import Movement
from backwalk_stats.tables.curve_tests_table import CurveAnswer


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionSubject:
    """The subject of a report on movement.

    Attributes
    ----------
    study : MotionStudy
        Without means of fewer participants than `small_cell`, and without features, curves and
        cycles of single participants unless they may be shown.
    feature_means : DataFrame
        feature, direction, visit, arm, n, mean, sd.
    small_cell : int
    individuals : bool
        Whether figures may show single participants.
    visit_labels : mapping of str to str
        Visits as readers see them, where they are called otherwise than in the data.
    """

    study: MotionStudy
    feature_means: pd.DataFrame
    small_cell: int
    individuals: bool
    visit_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def arms(self) -> dict[str, str]:
        """Return name to label of the arms, the reference first."""
        return {arm.name: arm.label for arm in self.study.plan.arms}

    @property
    def visits(self) -> dict[str, str]:
        """Return name to label of the visits, in order of time."""
        return {visit: self.visit_labels.get(visit, visit) for visit in self.study.plan.visits}

    def answer(self, result: CurveResult) -> CurveAnswer:
        """Return a curve test as a table needs it."""
        asked = result.plan
        return CurveAnswer(
            test=asked.test,
            signal=asked.signal,
            direction=asked.direction,
            visit=asked.visit,
            covariate=asked.covariate,
            n=result.n,
            p_value=result.p_value,
            clusters=result.clusters,
            nodes=len(result.nodes),
        )


def motion_subject(
    study: MotionStudy,
    *,
    small_cell: int = 5,
    individuals: bool = False,
    visit_labels: Mapping[str, str] | None = None,
) -> MotionSubject:
    """Return a motion study as a report may tell it.

    Means of fewer participants than `small_cell` are left out; comparisons describe nobody: they
    stay.
    """
    shown = replace(
        study,
        movement=study.movement if individuals else _without_people(study.movement),
        means=study.means[study.means["n"] >= small_cell],
        over_cycle=study.over_cycle[study.over_cycle["n"] >= small_cell],
        rose=study.rose[study.rose["n"] >= small_cell],
    )
    return MotionSubject(
        study=shown,
        feature_means=_feature_means(study.movement.features),
        small_cell=small_cell,
        individuals=individuals,
        visit_labels=visit_labels or {},
    )


def _without_people(movement: Movement) -> Movement:
    """Return movement without any row of a participant."""
    return replace(
        movement,
        features=movement.features.iloc[:0],
        curves=movement.curves.iloc[:0],
        cycles=movement.cycles.iloc[:0],
    )


def _feature_means(features: pd.DataFrame) -> pd.DataFrame:
    """Return feature, direction, visit, arm, n, mean, sd."""
    keys = ["feature", "direction", "visit", "arm"]
    groups = features.groupby(keys, sort=False)["value"]
    return groups.agg(n="count", mean="mean", sd="std").reset_index()
