"""Everything that a motion file yields: features, mean curves, coordination and curve tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from backwalk_stats.analyses.motion.coordination import (
    BY,
    People,
    coupled_people,
    coupling_notes,
    coupling_over_cycle,
    coupling_rose,
    coupling_shares,
    coupling_values,
    stacked,
)
from backwalk_stats.analyses.motion.curves import CurveResult, curve_results
from backwalk_stats.analyses.motion.cycle_time import REVERSED, curves_in_time, time_sentence
from backwalk_stats.analyses.motion.movement import Movement, movement
from backwalk_stats.engine.numbers import t_quantile
from backwalk_stats.engine.summary.power import minimal_detectable_change, sem_from_repeats
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.arms.multiplicity import adjusted
from backwalk_stats.models.linear.ols import ols
from backwalk_stats.motion.coordination import coupled
from backwalk_stats.motion.features import range_of_motion
from backwalk_stats.registry import Shown
from backwalk_stats.software import libraries_that_compute
from backwalk_stats.trial import tables
from backwalk_stats.trial.motion_plan import Coupling, CurveTestPlan, MotionPlan

Progress = Callable[[int, int, str], None]


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
    over_cycle, rose, shares : DataFrame
        Columns of `tables.COUPLING_OVER_CYCLE`, `tables.COUPLING_ROSE` and
        `tables.COUPLING_SHARES`, of every coupling.
    coordination_tests : DataFrame
        Columns of `tables.FEATURE_TESTS`: arms compared in their coordination.
    detectable_change : DataFrame
        Columns of `tables.DETECTABLE_CHANGE`.
    coordination_notes : tuple of str
        Couplings that are not of segments in space, too few strides, comparisons that cannot be
        made.
    libraries : tuple of str
        Those that computed something in it (`engine.software`), numpy and pandas apart.
    """

    plan: MotionPlan
    movement: Movement
    results: tuple[CurveResult, ...]
    means: pd.DataFrame
    over_cycle: pd.DataFrame
    rose: pd.DataFrame
    shares: pd.DataFrame = field(default_factory=partial(stacked, [], tables.COUPLING_SHARES))
    coordination_tests: pd.DataFrame = field(
        default_factory=partial(stacked, [], tables.FEATURE_TESTS)
    )
    detectable_change: pd.DataFrame = field(
        default_factory=partial(stacked, [], tables.DETECTABLE_CHANGE)
    )
    coordination_notes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def time(self) -> str:
        """Return in which time backward and forward walking are compared, as a sentence."""
        return time_sentence(self.plan, self.movement.features)

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what reading has found, by file, and what is to be said of coordination."""
        return (*self.movement.notes, *self.coordination_notes)

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
    cycles = _kept_cycles(found, plan)
    couplings = plan.couplings if len(curves) else ()
    tests, untested = coordination_tests(found.features, plan)

    together = [(coupled_people(cycles, one), one) for one in couplings]

    def each(
        table: Callable[[People, Coupling], pd.DataFrame], names: tuple[str, ...]
    ) -> pd.DataFrame:
        return stacked([table(*one) for one in together], names)

    return MotionStudy(
        plan=plan,
        movement=found,
        results=curve_results(plan, timed, progress) if len(curves) else (),
        means=mean_curves(timed),
        over_cycle=each(coupling_over_cycle, tables.COUPLING_OVER_CYCLE),
        rose=each(coupling_rose, tables.COUPLING_ROSE),
        shares=each(coupling_shares, tables.COUPLING_SHARES),
        coordination_tests=tests,
        detectable_change=detectable_change(cycles, plan),
        coordination_notes=(*coupling_notes(plan, found.features), *untested),
    )


def _kept_cycles(found: Movement, plan: MotionPlan) -> pd.DataFrame:
    """Return the cycles that count, with the arm of their participant."""
    arms = {one.participant: one.arm for one in plan.recordings}
    cycles = found.cycles[~found.cycles["odd"].astype(bool)] if plan.leave_out_odd else found.cycles
    return cycles.assign(arm=cycles["participant"].map(arms))


# Means of curves over participants.


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
    if asked.test in ("paired", "vector-paired"):
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


def baseline_means(
    means: pd.DataFrame, plan: MotionPlan, asked: CurveTestPlan
) -> pd.DataFrame | None:
    """Return mean curves before treatment where a test compares arms from them on."""
    if asked.test not in ("baseline-adjusted", "pointwise-model", "arm-by-visit"):
        return None
    mine = (means["signal"] == asked.signal) & (means["direction"] == asked.direction)
    return means[mine & (means["visit"] == plan.visits[0])]


def toe_off_of(offs: pd.DataFrame, plan: MotionPlan, asked: CurveTestPlan) -> dict[str, float]:
    """Return the mean toe-off of each group that `compared_means` tells apart.

    `offs` are rows of `mean_toe_offs`. Means of several rows are weighed by participants; there is
    no group whose toe-off is not known.
    """
    rows = offs.assign(signal=asked.signal, node=0, estimate=offs["off"])
    shown, by = compared_means(rows, plan, asked)
    return dict(zip(shown[by], shown["estimate"].astype(float), strict=True))


def _over_arms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean curves of all arms together, weighed by participants, without intervals."""
    keys = ["signal", "direction", "visit", "node"]
    total = rows.assign(sum=rows["estimate"] * rows["n"])
    found = total.groupby(keys, sort=False).agg(n=("n", "sum"), total=("sum", "sum")).reset_index()
    nothing = float("nan")
    return found.assign(
        estimate=found["total"] / found["n"], conf_low=nothing, conf_high=nothing, arm=""
    )


# Arms compared in their coordination at a visit, as any outcome is.

TESTED = ("in_phase", "anti_phase", "proximal", "distal", "variability", "marp", "deviation_phase")
ADJUSTED = "analysis of covariance, adjusted for the baseline value; HC2, Bell-McCaffrey df"
UNADJUSTED = "difference of means without a baseline value; HC2, Bell-McCaffrey df"


def coordination_tests(
    features: pd.DataFrame, plan: MotionPlan
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return arms compared in every coordination feature (`tables.FEATURE_TESTS`), and why not.

    At each visit after the first, adjusted for the value at the first; where there is one visit,
    or nobody has a value at the first, unadjusted. `p_adjusted` is Holm's over the features of a
    coupling, walk and visit.
    """
    parts, notes = [], []
    for coupling in plan.couplings:
        names = [f"{coupling.name}_{ending}" for ending in TESTED]
        mine = features[features["feature"].isin(names)]
        for walk in dict.fromkeys(mine["direction"]):
            for visit in plan.visits[1:] or plan.visits:
                rows = mine[
                    (mine["direction"] == walk) & mine["visit"].isin([plan.visits[0], visit])
                ]
                family, said = _family(rows, names, visit, plan)
                parts += family
                notes += [f"{coupling.name}, {walk}, {visit}: {one}" for one in said]
    return stacked(parts, tables.FEATURE_TESTS), tuple(dict.fromkeys(notes))


def _family(
    rows: pd.DataFrame, names: list[str], visit: str, plan: MotionPlan
) -> tuple[list[pd.DataFrame], list[str]]:
    """Return the comparisons of one coupling, walk and visit, and why one is missing."""
    found, notes = [], []
    for name in names:
        mine = rows[rows["feature"] == name].dropna(subset="value")
        wide = mine.pivot(index=["participant", "arm"], columns="visit", values="value")
        if visit not in wide:
            continue
        try:
            found.append(_between_arms(wide.reset_index(), visit, plan).assign(feature=name))
        except (NotEstimable, UsageError) as error:
            notes.append(f"arms are not compared in coordination: {error}")
    if found:
        together = pd.concat(found, ignore_index=True).assign(
            direction=rows["direction"].iloc[0], visit=visit
        )
        found = [together.assign(p_adjusted=adjusted(together["p_value"].to_numpy(dtype=float)))]
    return found, notes


def _between_arms(wide: pd.DataFrame, visit: str, plan: MotionPlan) -> pd.DataFrame:
    """Return each arm minus the reference, with the estimate columns and counts."""
    order = [arm.name for arm in plan.arms if (wide["arm"] == arm.name).any()]
    first = plan.visits[0]
    data = pd.DataFrame(
        {"arm": pd.Categorical(wide["arm"], order), "after": wide[visit].astype(float)}
    )
    if visit != first and first in wide and wide[first].notna().any():
        data["before"] = wide[first].astype(float)
        found = ancova(data, outcome="after", baseline="before", arm="arm", vcov="hc2",
                       df="satterthwaite")  # fmt: skip
        return found.assign(method=ADJUSTED)
    found = ols("after ~ arm", data, vcov="hc2", df="satterthwaite").contrasts("arm")
    n = data.dropna()["arm"].value_counts()
    each = [n[name] for name in order[1:]]
    return found.assign(n_arm=each, n_reference=n[order[0]], method=UNADJUSTED)


# How large a change of one person must be to be more than error of measurement.

# What was published, none of it in backward walking: feature, SEM, MDC (each where it is printed,
# degrees), n, and what was measured by whom.
PUBLISHED = (
    ("lumbar_side_bend_rom", np.nan, 5.7, 10, "peaks (not ranges) of lumbar joints, healthy, same "
     "tester; Imperial Spine, BMC Res Notes 2020, doi 10.1186/s13104-020-05295-9"),
    ("lumbar_side_bend_rom", np.nan, 9.8, 10, "the same between testers"),
    ("lumbar_rotation_rom", np.nan, 7.6, 10, "peaks (not ranges) of lumbar joints, healthy, same "
     "tester; Imperial Spine, BMC Res Notes 2020, doi 10.1186/s13104-020-05295-9"),
    ("lumbar_rotation_rom", np.nan, 5.7, 10, "the same between testers"),
    ("lumbar_flexion_rom", 5.3, np.nan, 40, "peaks (not ranges) of trunk and lumbar spine, low "
     "back pain, the largest SEM (women); Bagheri et al. 2018, Ann Rehabil Med 42:239-249"),
    ("marp", 5.7, np.nan, np.nan, "relative phase of thorax and sacrum (other segments), "
     "treadmill, the largest SEM of those with ICC above .80; BMC Musculoskelet Disord 2013, "
     "14:345"),
)  # fmt: skip


def detectable_change(cycles: pd.DataFrame, plan: MotionPlan) -> pd.DataFrame:
    """Return SEM and 95 % minimal detectable change of features (`tables.DETECTABLE_CHANGE`).

    First those of this study, from people with several recordings of one walk at the first visit:
    repeats within a visit, so the least that is to be expected between visits. Strides of one
    recording are no repeats: halves of one recording share the markers' places and the moment.
    Then what was published of features that the study has, with what was measured there.
    """
    repeats = _repeated_features(cycles[cycles["visit"] == plan.visits[0]], plan)
    rows: list[tuple[object, ...]] = []
    for (feature, walk), mine in repeats.groupby(["feature", "direction"], sort=False):
        found = sem_from_repeats(value=mine["value"], participant=mine["participant"])
        if found.df:
            where = f"this study: repeated recordings within visit {plan.visits[0]}, not between "
            rows.append(
                (feature, walk, found.sem, minimal_detectable_change(sem=found.sem), found.n,
                 found.df, f"{where}days; of one recording")
            )  # fmt: skip
    rows += _published(plan, set(cycles["signal"].unique()))
    return pd.DataFrame(rows, columns=list(tables.DETECTABLE_CHANGE))


def _repeated_features(cycles: pd.DataFrame, plan: MotionPlan) -> pd.DataFrame:
    """Return a row for each feature of each recording of people who have several of a walk."""
    person = ["direction", "participant"]
    several = cycles.groupby(person)["recording"].transform("nunique") > 1
    rows = []
    for (walk, who, _), mine in cycles[several].groupby([*person, "recording"], sort=False):
        wide = mine.pivot(index="cycle", columns=["signal", "node"], values="value").dropna()
        curves = {name: wide[name].to_numpy(dtype=float) for name in dict.fromkeys(mine["signal"])}
        values = {f"{name}_rom": float(range_of_motion(one).mean())
                  for name, one in curves.items() if len(wide)}  # fmt: skip
        for one in plan.couplings if len(wide) else ():
            if one.proximal in curves and one.distal in curves:
                pair = coupling_values(coupled(curves[one.proximal], curves[one.distal]))
                values |= {f"{one.name}_{ending}": pair[ending] for ending in TESTED}
        rows += [(name, walk, who, value) for name, value in values.items() if np.isfinite(value)]
    return pd.DataFrame(rows, columns=["feature", "direction", "participant", "value"])


def _published(plan: MotionPlan, signals: set[str]) -> list[tuple[object, ...]]:
    """Return what was published of features that a study has; a phase is of every coupling."""
    rows: list[tuple[object, ...]] = []
    for feature, sem, mdc, n, source in PUBLISHED:
        names = [feature] if feature.removesuffix("_rom") in signals else []
        if feature == "marp":
            names = [f"{one.name}_marp" for one in plan.couplings]
        change = minimal_detectable_change(sem=sem) if np.isfinite(sem) else mdc
        rows += [(name, "", sem, change, n, np.nan, f"published: {source}") for name in names]
    return rows
