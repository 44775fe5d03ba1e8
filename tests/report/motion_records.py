"""A motion study, made up, without any recording: curves of 12 people, before and after."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.coordination import (
    coupled_people,
    coupling_over_cycle,
    coupling_rose,
    coupling_shares,
)
from backwalk_stats.analyses.motion.curves import curve_results
from backwalk_stats.analyses.motion.movement import Movement
from backwalk_stats.analyses.motion.study import MotionStudy, mean_curves
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import Coupling, CurveTestPlan, MotionPlan
from backwalk_stats.trial.study import Arm

NODES = 21
COUPLING = Coupling(name="lumbopelvic", proximal="pelvis_rotation", distal="lumbar_rotation")
PLAN = MotionPlan(
    id="made-up",
    nodes=NODES,
    couplings=(COUPLING,),
    permutations=99,
    arms=(
        Arm(name="forward", label="Forward walking"),
        Arm(name="backward", label="Backward walking"),
    ),
    visits=("V0", "V2"),
    curve_tests=(
        CurveTestPlan(
            test="baseline-adjusted", signal="lumbar_rotation", direction="backward", visit="V2"
        ),
    ),
)


@cache
def study() -> MotionStudy:
    """Return the study; nobody changes it."""
    curves = _curves()
    features = curves.groupby(list(tables.CURVES[:5]), as_index=False)["value"].max()
    features = features.assign(feature=features["signal"] + "_rom", n_cycles=6)
    people = coupled_people(curves, COUPLING)
    return MotionStudy(
        plan=PLAN,
        movement=Movement(
            features=features[list(tables.FEATURES)],
            curves=curves,
            cycles=pd.DataFrame(columns=list(tables.CYCLES)),
            notes=("canaryid001_v0.c3d: marker SACR: 2 gaps filled, 0 left missing",),
        ),
        results=curve_results(PLAN, curves),
        means=mean_curves(curves),
        over_cycle=coupling_over_cycle(people, COUPLING),
        rose=coupling_rose(people, COUPLING),
        shares=coupling_shares(people, COUPLING),
    )


def _curves() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    turn = np.linspace(0.0, 2.0 * np.pi, NODES)
    rows = []
    for person in range(12):
        arm = "backward" if person % 2 else "forward"
        for visit in PLAN.visits:
            for signal, lag in ((COUPLING.proximal, 0.0), (COUPLING.distal, 2.4)):
                values = 5.0 * np.sin(turn - lag - rng.normal(0.0, 0.2)) + rng.normal(0.0, 2.0)
                keys = (f"CANARYID{person:03d}", arm, visit, "backward", signal)
                rows += [(*keys, node, value) for node, value in enumerate(values)]
    return pd.DataFrame(rows, columns=list(tables.CURVES))
