"""Everything that a motion file yields: features, mean curves, coordination and curve tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from backwalk_stats.analyses.curve_means import (
    coupling_over_cycle,
    coupling_rose,
    mean_curves,
    stacked,
)
from backwalk_stats.analyses.curves import CurveResult, curve_results
from backwalk_stats.analyses.movement import Movement, movement
from backwalk_stats.engine.software import libraries_that_compute
from backwalk_stats.trial.motion_plan import MotionPlan
from backwalk_stats.trial.tables import CLUSTERS, COUPLING_OVER_CYCLE, COUPLING_ROSE, CURVE_TEST

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class MotionStudy:
    """The analysis of a motion file.

    Attributes
    ----------
    plan : MotionPlan
    movement : Movement
        Features, curves and cycles of participants.
    results : tuple of CurveResult
        In the order of the plan.
    means : DataFrame
        Columns of `tables.MEAN_CURVES`.
    over_cycle, rose : DataFrame
        Columns of `tables.COUPLING_OVER_CYCLE` and `tables.COUPLING_ROSE`, of every coupling.
    libraries : tuple of str
        Those that computed something in it (`engine.software`), numpy and pandas apart.
    """

    plan: MotionPlan
    movement: Movement
    results: tuple[CurveResult, ...]
    means: pd.DataFrame
    over_cycle: pd.DataFrame
    rose: pd.DataFrame
    libraries: tuple[str, ...] = ()

    @property
    def nodes(self) -> pd.DataFrame:
        """Return every curve test node by node (`tables.CURVE_TEST`)."""
        return stacked([one.nodes for one in self.results], CURVE_TEST)

    @property
    def clusters(self) -> pd.DataFrame:
        """Return the runs beyond chance of every curve test (`tables.CLUSTERS`)."""
        return stacked([one.clusters for one in self.results], CLUSTERS)


def motion_study(plan: MotionPlan, progress: Progress | None = None) -> MotionStudy:
    """Return the analysis of a motion file; what `movement` and `curve_results` refuse is refused.

    `progress` is called with steps done, steps in all, and what comes now.
    """
    with libraries_that_compute() as heard:
        study = _studied(plan, progress)
    return replace(study, libraries=tuple(sorted(heard)))


def _studied(plan: MotionPlan, progress: Progress | None) -> MotionStudy:
    found = movement(plan, progress)
    curves = found.curves
    couplings = plan.couplings if len(curves) else ()
    return MotionStudy(
        plan=plan,
        movement=found,
        results=curve_results(plan, curves, progress) if len(curves) else (),
        means=mean_curves(curves),
        over_cycle=stacked(
            [coupling_over_cycle(curves, one) for one in couplings], COUPLING_OVER_CYCLE
        ),
        rose=stacked([coupling_rose(curves, one) for one in couplings], COUPLING_ROSE),
    )
