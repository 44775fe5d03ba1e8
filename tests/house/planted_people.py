"""Objects of every kind that `bw` returns, of people whose ids and values can be found again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import backwalk_stats as bw
from tests.plan import plans
from tests.report.motion_records import study

ID = "PATIENT-JANE-17"
VALUE = "6.7891"
PLANTED = ("PATIENT-JANE", VALUE)
TOML = """
[trial]
id = "planted"
title = "A planted trial"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]
[[data]]
file = "scores.csv"
participant = "id"
arm = "group"
[[outcome]]
name = "pain"
instrument = "nprs"
version = "0-10"
role = "primary"
columns = { W0 = "pain_w0", W3 = "pain_w3", W6 = "pain_w6" }
[[outcome]]
name = "walk"
label = "Walk"
unit = "s"
columns = { W0 = "walk_w0", W3 = "walk_w3", W6 = "walk_w6" }
[[estimand]]
outcome = "pain"
visit = "W6"
analysis = "ancova"
"""


@cache
def rows() -> pd.DataFrame:
    """Return a trial of 48 people at two visits, long; one has the planted id and value."""
    rng = np.random.default_rng(17)
    n = 48
    people = pd.DataFrame(
        {
            "id": [f"PATIENT-JANE-{i}" for i in range(n)],
            "arm": pd.Categorical(
                np.where(np.arange(n) % 2, "backward", "forward"), ["forward", "backward"]
            ),
            "base": rng.normal(6.0, 1.0, n).round(1),
            "age": rng.normal(60, 8, n).round(),
            "level": rng.normal(0, 1, n),
        }
    )
    both = people.merge(pd.DataFrame({"visit": ["Week 3", "Week 6"], "week": [3.0, 6.0]}), "cross")
    effect = np.where(both["arm"] == "backward", -0.15 * both["week"], 0.0)
    both["pain"] = 2 + 0.5 * both["base"] + both["level"] + effect + rng.normal(0, 0.8, len(both))
    both.loc[both["id"] == ID, "pain"] = float(VALUE)
    both.loc[both.index % 13 == 5, "pain"] = np.nan
    both["better"] = both["pain"] < both["base"]
    return both.drop(columns="level")


@cache
def last() -> pd.DataFrame:
    """Return the second visit, a row a participant."""
    return rows()[rows()["visit"] == "Week 6"].reset_index(drop=True)


@cache
def with_baseline() -> pd.DataFrame:
    """Return the trial with its baseline as a visit."""
    first = last().assign(visit="Week 0", pain=lambda frame: frame["base"])
    return pd.concat([first, rows()], ignore_index=True)


@cache
def folder() -> Path:
    """Return the folder of a trial file and its sheet."""
    place = Path(tempfile.mkdtemp(prefix="planted"))
    wide = with_baseline().pivot(index=["id", "arm"], columns="visit", values="pain").reset_index()
    lines = ["id,group,pain_w0,pain_w3,pain_w6,walk_w0,walk_w3,walk_w6"]
    for number, row in enumerate(wide.itertuples()):
        pain = [min(10, max(0, round(float(v)))) if v == v else "" for v in row[3:6]]
        walk = [VALUE if row[1] == ID else round(4 + 0.1 * number, 2)] * 3
        code = {"backward": "BW", "forward": "FW"}[row[2]]
        lines.append(",".join(map(str, [row[1], code, *pain, *walk])))
    (place / "scores.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (place / "trial.toml").write_text(TOML, encoding="utf-8")
    return place


@cache
def fits() -> dict[str, Any]:
    """Return a fit of every kind."""
    return {
        "mmrm": bw.mmrm("pain ~ base*visit + arm*visit", rows(), "id", "visit"),
        "mmrm_by_arm": bw.mmrm("pain ~ arm*visit", rows(), "id", "visit", group="arm"),
        "mmrm_people": bw.mmrm("pain ~ base + age", rows(), "id", "visit", covariance="cs"),
        "lmm": bw.lmm("pain ~ arm*week + (1 | id)", rows(), df="kenward-roger"),
        "lmm_visits": bw.lmm("pain ~ arm*visit + (1 | id)", rows(), method="ml"),
        "ols": bw.ols("pain ~ arm + base", last()),
        "ols_names": bw.ols("pain ~ id", rows()),
        "ols_hc3": bw.ols("pain ~ poly(age, 2) + arm*base", last(), vcov="hc3"),
        "constrained": bw.constrained_longitudinal(
            with_baseline(), value="pain", participant="id", visit="visit", arm="arm",
            baseline_visit="Week 0", covariates=["age"],
        ),
        "gee": bw.gee("pain ~ arm + base", rows(), "id", family="gaussian"),
        "gee_visits": bw.gee(
            "pain ~ arm*visit + age", rows(), "id", family="gaussian", visit="visit",
            correlation="ar1", vcov="robust", df="normal",
        ),
    }  # fmt: skip


def _swapped(frame: pd.DataFrame) -> pd.Series:
    """Return the arms of a crossover: at the second visit each participant is in the other."""
    other = frame["arm"].cat.rename_categories({"forward": "backward", "backward": "forward"})
    return frame["arm"].where(frame["visit"] == "Week 3", other.astype(str))


@cache
def ledger() -> bw.Ledger:
    """Return a recomputed record of one study."""
    return bw.reproduce(["chen2021"])


def frames() -> dict[str, Callable[[], pd.DataFrame]]:
    """Return every door that gives a frame of estimates, by name."""
    two: dict[str, Any] = {"outcome": "pain", "baseline": "base", "arm": "arm"}
    longer: dict[str, Any] = {"value": "pain", "participant": "id", "visit": "visit", "arm": "arm"}
    missing = {**longer, "baseline": "base", "at": "Week 6"}
    studies = pd.DataFrame({"estimate": [-0.5, -0.9, -0.2], "std_error": [0.3, 0.4, 0.2]})
    studies["study_id"] = ["a", "b", "c"]
    crossed = rows().assign(arm=_swapped(rows()))
    return {
        "ancova": lambda: bw.ancova(last(), **two),
        "adjusted_means": lambda: bw.adjusted_means(last(), **two),
        "change_score": lambda: bw.change_score(last(), **two),
        "within_arm": lambda: bw.within_arm(last(), **two),
        "rank_based": lambda: bw.rank_based(last(), outcome="pain", arm="arm"),
        "responders": lambda: bw.responders(last(), responder="better", arm="arm"),
        "firth_odds_ratio": lambda: bw.firth_odds_ratio(last(), responder="better", arm="arm"),
        "adjusted_risk": lambda: bw.adjusted_risk(last(), outcome="better", arm="arm"),
        "stratified_risk": lambda: bw.stratified_risk(
            last().assign(site="north"), outcome="better", arm="arm", strata="site"
        ),
        "paired_proportions": lambda: bw.paired_proportions(
            last().assign(later=last()["better"]), before="better", after="later"
        ),
        "rate_ratio": lambda: bw.rate_ratio(
            last().assign(falls=range(len(last())), months=6.0),
            outcome="falls",
            arm="arm",
            exposure="months",
        ),
        "ordinal": lambda: bw.ordinal(
            last().assign(grade=np.arange(len(last())) % 5), outcome="grade", arm="arm"
        ),
        "permuted_difference": lambda: bw.permuted_difference(
            last(), outcome="pain", arm="arm", replicates=99, seed=1
        ),
        "bootstrapped_difference": lambda: bw.bootstrapped_difference(
            last(), outcome="pain", arm="arm", replicates=99, seed=1
        ),
        "mixed_anova": lambda: bw.mixed_anova(with_baseline(), **longer),
        "crossover": lambda: bw.crossover(
            crossed, value="pain", participant="id", arm="arm", period="visit"
        ),
        "multiple_imputation": lambda: bw.multiple_imputation(
            rows(), **missing, imputations=5, seed=1
        ),
        "conditional_mean_imputation": lambda: bw.conditional_mean_imputation(
            rows(), **missing, strategy="jr"
        ),
        "random_draw_imputation": lambda: bw.random_draw_imputation(
            rows(), **missing, strategy="cr", imputations=5, seed=1
        ),
        "tipping_point": lambda: bw.tipping_point(rows(), **missing, deltas=[0.0, 1.0]),
        "bootstrap": lambda: bw.bootstrap(fits()["mmrm"], "arm", by="visit", replicates=20, seed=1),
        "permutation_test": lambda: bw.permutation_test(
            fits()["mmrm"], "arm", by="visit", replicates=20, seed=1
        ),
        "meta_analysis": lambda: bw.meta_analysis(studies),
        "leave_one_out": lambda: bw.leave_one_out(studies),
        "coefficients": fits()["mmrm"].coefficients,
        "contrasts": lambda: fits()["mmrm"].contrasts("arm", by="visit"),
        "marginal_means": lambda: fits()["mmrm"].marginal_means("arm", by="visit"),
        "tidy": fits()["constrained"].tidy,
        "variance_parameters": fits()["mmrm"].variance_parameters,
        "marginal_risks": fits()["gee"].predict,
        "results": lambda: analysed().results,
        "pooled": lambda: ledger().pooled,
    }


@cache
def analysed() -> bw.Analysis:
    """Return the planted trial, analysed."""
    return bw.analyse(folder())


@cache
def moved() -> bw.Motion:
    """Return a motion study, made up."""
    return bw.Motion(study=study())


@cache
def curves() -> dict[str, Any]:
    """Return what the functions on curves return."""
    motion, rng = bw.motion, np.random.default_rng(5)
    a, b = rng.normal(0, 1, (12, 51)), rng.normal(0.5, 1, (12, 51))
    a[3, 7] = float(VALUE)
    t = np.arange(400) / 100
    foot, still = 0.4 * np.cos(2 * np.pi * t), np.zeros(400)
    statistic = motion.two_sample(a, b)
    null = motion.two_sample_null(a, b, permutations=99, seed=1)
    left, right = np.array([0, 100, 200]), np.array([50, 150, 250])
    visits = np.cumsum(rng.normal(size=(20, 2, 15)), axis=2) + rng.normal(size=(20, 1, 1))
    toe = foot + 0.02 * np.sin(2 * np.pi * t)
    return {
        "curve_statistic": statistic,
        "max_null": null,
        "curve_test": motion.permutation_test(statistic, null),
        "whole_curve_test": bw.curve_test(a, b, permutations=99),
        "cycles": motion.cut_cycles(a[:, :40].ravel(), np.array([0, 100, 200, 300])),
        "events": motion.events(heel=foot, toe=toe, sacrum=still, rate=100.0, direction="forward"),
        "gait": motion.gait(left=left, right=right, left_foot=still, right_foot=still,
                            sacrum=still, rate=100.0, belt_speed=1.0),
        "angles": motion.joint_angles(np.eye(3)[None], np.eye(3)[None]),
        "rhythm": motion.lumbopelvic_rhythm(np.array([0.0, 20, 30]), np.array([0.0, 10, 30])),
        "filled": motion.fill_gaps(a[:, :1], limit=1),
        "pointwise": motion.pointwise_model(visits, np.arange(20) < 10, visit=1),
        "repositioning": motion.repositioning_error(a[3], target=20.0),
        "t_field": motion.TField(df=20.0),
        "f_field": motion.FField(df_num=2.0, df_den=20.0),
        "coordination": bw.coordination(a, b),
        "coupled": motion.coupled(a, b),
        "raw_motion": motion.RawMotion(rate=100.0, angles={"pelvis_rotation": a[3]}),
        "table_format": motion.TableFormat(time="time", angles={"pelvis_rotation": "p"}),
        "repeat_error": bw.summary.sem_from_repeats(value=a[:, :2].ravel(),
                                                    participant=np.repeat(np.arange(12), 2)),
    }  # fmt: skip


@cache
def records() -> dict[str, Any]:
    """Return the records of the other doors, by name."""
    arm = bw.ArmSummary(arm="backward", n=30, mean_pre="6.13", sd_pre="1.41", mean_post="3.90",
                        sd_post="1.77", sd_change="1.50")  # fmt: skip
    other = bw.ArmSummary(arm="forward", n=30, mean_pre="6.13", sd_pre="1.41", mean_post="4.90",
                          sd_post="1.77", sd_change="1.50")  # fmt: skip
    six: dict[str, Any] = {
        "n": [20, 20], "mean_pre": [6.0, 6.2], "sd_pre": [1.5, 1.4], "mean_post": [3.0, 4.1],
        "sd_post": [1.6, 1.5], "correlation": [0.5, 0.4],
    }  # fmt: skip
    three = bw.summary.Arms(n=[30, 30], mean=[4.1, 5.0], sd=[1.2, 1.3])
    return {
        "arm_summary": arm,
        "score_grid": bw.score_grid(low=0, high=10),
        "grim": bw.grim("20.79", 21),
        "grimmer": bw.grimmer("3.44", "2.47", 18),
        "debit": bw.debit("0.30", "0.47", 20),
        "reconstructed": bw.reconstruct([other, arm], source="made up", seed=1),
        "arm": bw.summary.Arm(30, 4.1, 1.2),
        "arms": three,
        "one_way": bw.summary.one_way(three),
        "merged": bw.summary.merge_arms(n1=23, mean1=3.9, sd1=1.1, n2=23, mean2=4.6, sd2=1.3),
        "two_visits": bw.summary.two_visit_model(**six),
        "estimate": bw.summary.ancova_from_summaries(**six),
        "instrument": bw.instruments.find("womac"),
        "read_options": bw.ReadOptions(),
        "sheet": bw.read_sheet(folder() / "scores.csv"),
        "record": bw.read_record(),
        "simulated_plan": bw.simulate.SimulatedPlan(),
        "walker": bw.simulate.Walker(
            cycle=1.1,
            lag=0.1,
            pelvis_rotation=5.0,
            lumbar_rotation=5.0,
            lumbar_flexion=3.0,
            lordosis=20.0,
            bump=0.0,
            wobble=0.1,
        ),
        "table": bw.tables.baseline(trial()),
    }


@cache
def trial() -> bw.Trial:
    """Return the planted trial."""
    return bw.load_trial(folder())


@cache
def planned() -> bw.Plan:
    """A plan before there are data."""
    with tempfile.TemporaryDirectory() as folder:
        return bw.load_plan(plans.planned(Path(folder)))


@cache
def powered() -> bw.Power:
    """A simulated power of few trials."""
    return bw.power(planned(), replicates=4, progress=lambda *_: None)


@cache
def locked() -> bw.Locked:
    """A plan that was locked before there were data."""
    with tempfile.TemporaryDirectory() as folder:
        return bw.lock_plan(plans.planned(Path(folder)), folder=Path(folder))


@cache
def standing() -> bw.Status:
    """Where the planted trial stands."""
    return bw.plan_status(folder())


@cache
def blind() -> bw.DryRun:
    """The planted trial, run blind."""
    return bw.dry_run(folder(), progress=lambda *_: None)
