"""Everything that a motion file yields: features, mean curves, coordination and curve tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.curves import CurveResult, curve_results
from backwalk_stats.analyses.motion.cycle_time import REVERSED, curves_in_time, time_sentence
from backwalk_stats.analyses.motion.movement import Movement, movement
from backwalk_stats.engine.numbers import FloatArray, t_quantile
from backwalk_stats.motion.coordination import PATTERNS, coupling_angle, pattern
from backwalk_stats.registry import Shown
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import Coupling, CurveTestPlan, MotionPlan

Progress = Callable[[int, int, str], None]
BY = ["direction", "visit", "arm"]
ROSE_STEP = 15.0  # degrees


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class MotionStudy(Shown):
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
    def time(self) -> str:
        """Return in which time backward and forward walking are compared, as a sentence."""
        return time_sentence(self.plan, self.movement.features)

    @property
    def nodes(self) -> pd.DataFrame:
        """Return every curve test node by node (`tables.CURVE_TEST`)."""
        return stacked([one.nodes for one in self.results], tables.CURVE_TEST)

    @property
    def clusters(self) -> pd.DataFrame:
        """Return the runs beyond chance of every curve test (`tables.CLUSTERS`)."""
        return stacked([one.clusters for one in self.results], tables.CLUSTERS)


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
    timed = curves_in_time(plan, curves, found.features)
    couplings = plan.couplings if len(curves) else ()
    return MotionStudy(
        plan=plan,
        movement=found,
        results=curve_results(plan, timed, progress) if len(curves) else (),
        means=mean_curves(timed),
        over_cycle=stacked(
            [coupling_over_cycle(curves, one) for one in couplings], tables.COUPLING_OVER_CYCLE
        ),
        rose=stacked([coupling_rose(curves, one) for one in couplings], tables.COUPLING_ROSE),
    )


# Means of curves over participants, and how their coordination is spread over the cycle.


def mean_curves(curves: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Return the mean of participants' curves (`tables.CURVES`) with a t interval at each node.

    The interval holds at one node, not for the whole curve; limits (`tables.MEAN_CURVES`) are NaN
    for a single participant.
    """
    groups = curves.groupby(["signal", *BY, "node"], sort=False)["value"]
    found = groups.agg(n="count", estimate="mean", sd="std").reset_index()
    n = found["n"].to_numpy(dtype=float)
    several = n > 1
    half = np.full(len(found), np.nan)
    quantile = np.asarray(t_quantile(level=level, df=n[several] - 1.0))
    half[several] = quantile * found["sd"].to_numpy()[several] / np.sqrt(n[several])
    found["conf_low"] = found["estimate"] - half
    found["conf_high"] = found["estimate"] + half
    return found[list(tables.MEAN_CURVES)]


def compared_means(
    means: pd.DataFrame, plan: MotionPlan, asked: CurveTestPlan
) -> tuple[pd.DataFrame, str]:
    """Return the mean curves (`tables.MEAN_CURVES`) of a test, and what tells them apart.

    That is the column "direction", "visit" or "arm"; of all arms together where arms are not.
    """
    rows = means[means["signal"] == asked.signal]
    if asked.test == "paired":
        if plan.backward == "reversed":
            rows = rows[rows["direction"] != "backward"]
            rows = rows.assign(direction=rows["direction"].replace(REVERSED, "backward"))
        return _over_arms(rows[rows["visit"] == asked.visit]), "direction"
    rows = rows[rows["direction"] == asked.direction]
    if asked.test == "repeated-measures":
        return _over_arms(rows), "visit"
    if asked.test == "paired-visits":
        both = rows["visit"].isin((plan.visits[0], asked.visit))
        return _over_arms(rows[both]), "visit"
    return rows[rows["visit"] == (asked.visit or plan.visits[-1])], "arm"


def _over_arms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean curves of all arms together, weighed by participants, without intervals."""
    keys = ["signal", "direction", "visit", "node"]
    total = rows.assign(sum=rows["estimate"] * rows["n"])
    found = total.groupby(keys, sort=False).agg(n=("n", "sum"), total=("sum", "sum")).reset_index()
    nothing = float("nan")
    return found.assign(
        estimate=found["total"] / found["n"], conf_low=nothing, conf_high=nothing, arm=""
    )


def coupling_over_cycle(curves: pd.DataFrame, coupling: Coupling) -> pd.DataFrame:
    """Return which share of participants is in each pattern at each step of the cycle.

    From `tables.CURVES` to `tables.COUPLING_OVER_CYCLE`; the shares of a node add up to 100.
    """
    parts = []
    for keys, angle in _angles(curves, coupling).items():
        found = pattern(angle)
        known = (found >= 0).sum(axis=0)
        for place, name in enumerate(PATTERNS):
            with np.errstate(invalid="ignore"):
                share = 100.0 * (found == place).sum(axis=0) / known
            parts.append(
                _keyed(
                    coupling, keys, len(angle), node=np.arange(len(share)), percent=share
                ).assign(pattern=name)
            )
    return stacked(parts, tables.COUPLING_OVER_CYCLE)


def coupling_rose(curves: pd.DataFrame, coupling: Coupling) -> pd.DataFrame:
    """Return how coupling angles are spread around the circle, all nodes of all participants.

    Columns of `tables.COUPLING_ROSE`; `angle` is the middle of a bin of `ROSE_STEP` degrees.
    """
    parts = []
    edges = np.arange(0.0, 360.0 + ROSE_STEP, ROSE_STEP)
    for keys, angle in _angles(curves, coupling).items():
        values = angle[np.isfinite(angle)]
        counts, _ = np.histogram(values, bins=edges)
        share = 100.0 * counts / max(len(values), 1)
        middle = edges[:-1] + ROSE_STEP / 2.0
        parts.append(_keyed(coupling, keys, len(angle), angle=middle, percent=share))
    return stacked(parts, tables.COUPLING_ROSE)


def _angles(curves: pd.DataFrame, coupling: Coupling) -> dict[tuple[str, ...], FloatArray]:
    """Return the coupling angles of participants' mean curves, by direction, visit and arm."""
    found = {}
    rows = curves[curves["signal"].isin([coupling.proximal, coupling.distal])]
    for keys, group in rows.groupby(BY, sort=False):
        wide = group.pivot(index="participant", columns=["signal", "node"], values="value")
        proximal = wide[coupling.proximal].to_numpy(dtype=float)
        distal = wide[coupling.distal].to_numpy(dtype=float)
        found[tuple(str(key) for key in keys)] = coupling_angle(proximal, distal)
    return found


def _keyed(
    coupling: Coupling, keys: tuple[str, ...], n: int, **columns: np.ndarray
) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    direction, visit, arm = keys
    return frame.assign(coupling=coupling.name, direction=direction, visit=visit, arm=arm, n=n)


def stacked(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return frames below each other with these columns, also where there is none."""
    names = list(columns)
    return pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
