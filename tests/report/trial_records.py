"""An analysed trial, made up, with every frame filled: plain, hostile, bare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses.harms import harms
from backwalk_stats.analyses.whole_trial import TrialAnalysis
from backwalk_stats.trial import tables
from backwalk_stats.trial.conduct import Conduct
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.harms import Harms
from backwalk_stats.trial.outcome import Outcome, Threshold
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.study import Arm, Study, Visit
from backwalk_stats.trial.trial import Trial
from tests.figures import trial_frames as made
from tests.figures.trial_frames import Case

NAN = float("nan")
LABEL = "Knee pain (NPRS, 0 to 10)"
SENSITIVITY = ("ancova", "change-score", "jump-to-reference", "tipping-point")


def frame(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame with exactly these columns."""
    return pd.DataFrame(rows, columns=list(columns))


def estimate_row(analysis: str, quantity: str, **changes: Any) -> dict[str, Any]:
    """Return one estimate."""
    row: dict[str, Any] = {
        "analysis": analysis, "estimand": "E1", "outcome": "pain", "visit": "V2", "arm": "",
        "contrast": "backward - forward", "quantity": quantity, "estimate": -1.1, "std_error": 0.4,
        "df": 55.3, "statistic": -2.75, "p_value": 0.0081, "conf_low": -1.9, "conf_high": -0.3,
        "p_adjusted": NAN, "n": 30.0, "n_reference": 30.0, "role": "primary", "note": "",
    }  # fmt: skip
    return row | changes


def people(n: int = 60) -> pd.DataFrame:
    """Return participants with a number, a category and a site."""
    rng = np.random.default_rng(3)
    arm = ["forward" if i % 2 else "backward" for i in range(n)]
    return pd.DataFrame(
        {
            "participant": [f"CANARYID{i:03d}" for i in range(n)],
            "arm": pd.Categorical(arm, categories=["forward", "backward"]),
            "age": rng.normal(60, 8, n).round(),
            "sex": pd.Categorical(["female" if i % 3 else "male" for i in range(n)]),
            "site": pd.Categorical(["Praxis Kanarienvogel" if i < 3 else "Klinik Ost"
                                    for i in range(n)]),
        }
    )  # fmt: skip


def baseline_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a baseline table of some participants."""
    rows: list[dict[str, Any]] = []
    for arm, group in table.groupby("arm", observed=True):
        age = group["age"]
        q1, median, q3 = (float(age.quantile(q)) for q in (0.25, 0.5, 0.75))
        known = {"variable": "age", "level": "", "kind": "number", "arm": arm, "n": len(group),
                 "n_missing": 0, "mean": float(age.mean()), "sd": float(age.std()),
                 "median": median, "q1": q1, "q3": q3, "count": NAN, "percent": NAN}  # fmt: skip
        rows.append(known)
        for name in ("sex", "site"):
            for level in table[name].cat.categories:
                count = int((group[name] == level).sum())
                empty = dict.fromkeys(("mean", "sd", "median", "q1", "q3"), NAN)
                rows.append(
                    known | empty | {"variable": name, "level": level, "kind": "category",
                                     "count": count, "percent": 100 * count / len(group)}
                )  # fmt: skip
    return rows


def trial(**changes: Any) -> Trial:
    """Return a trial of two arms and three visits."""
    case = Case()
    visits = zip(case.week_of.items(), case.visit_labels.values(), strict=True)
    study = Study(
        id="bw-test", title="Backward against forward walking", seed=7,
        arms=(Arm(name="forward", label="Forward walking"),
              Arm(name="backward", label="Backward walking")),
        visits=tuple(Visit(name=name, week=week, label=label) for (name, week), label in visits),
        baseline="V0", deviations=("Two visits were held by telephone",),
    )  # fmt: skip
    table = people()
    data = pd.DataFrame(
        [(one, arm, visit, "pain", 4.25) for one, arm in zip(table["participant"], table["arm"],
         strict=True) for visit in case.visit_labels],
        columns=list(tables.TRIAL_DATA),
    )  # fmt: skip
    sessions = pd.DataFrame(
        [(one, session, "missed" if session == 2 and place % 5 == 0 else "attended")
         for place, one in enumerate(table["participant"]) for session in range(1, 7)],
        columns=["participant", "session", "status"],
    )  # fmt: skip
    known: dict[str, Any] = {
        "study": study, "outcomes": (pain(),), "estimands": (estimand(),), "data": data,
        "participants": table, "missing": pd.DataFrame(columns=["participant", "visit", "outcome",
                                                                "reason"]),
        "flow": frame(tables.FLOW, flow_rows()), "adherence": sessions,
        "load_log": frame(tables.LOAD_LOG, [
            {"file": "scores.csv", "column": "nprs_w0", "level": "repair",
             "action": "written plainly", "count": 2}]),
        "harms": recorded_harms(), "conduct": conduct(),
        "sources": {"/home/Dr Canary/Hospital/scores.csv": "ab" * 32, "trial.toml": "cd" * 32},
    }  # fmt: skip
    return Trial(**(known | changes))


def recorded_harms() -> Harms:
    """Return harms: soreness of many, falls of few."""
    ids = people()["participant"]
    rows = [(one, "Soreness", 0.0, 1.0) for one in ids[:21]]
    rows += [(ids[place], "Fall", 1.0, 1.0) for place in (0, 1, 3)]
    events = pd.DataFrame(rows, columns=["participant", "term", "serious", "related"])
    return Harms(
        asked="systematic", definition="Anything untoward", events=events.assign(led_to_stop=NAN),
        flags=("serious", "related"), weeks=pd.DataFrame({"participant": ids, "weeks": 6.0}),
        falls=("Fall",),
    )  # fmt: skip


def conduct() -> Conduct:
    """Return what is said of interventions and methods."""
    arms = {"forward": {"speed": "1.0 m/s"}, "backward": {"speed": "0.6 m/s", "dose": "3 a week"}}
    return Conduct(interventions=arms, methods={"funding": "None", "blinded": "Assessors"})


def pain(**changes: Any) -> Outcome:
    """Return an outcome with a named threshold."""
    threshold = Threshold(name="mcid-made-up", kind="mcid", value=2.0, unit="points",
                          population="knee pain", source="Somebody 2001")  # fmt: skip
    known: dict[str, Any] = {
        "name": "pain", "label": LABEL, "instrument": "nprs", "role": "primary", "unit": "points",
        "better": "lower", "low": 0.0, "high": 10.0, "step": 1.0, "thresholds": (threshold,),
    }  # fmt: skip
    return Outcome(**(known | changes))


def estimand(**changes: Any) -> Estimand:
    """Return a primary estimand with sensitivity analyses and subgroups."""
    known: dict[str, Any] = {
        "id": "E1", "outcome": "pain", "visit": "V2", "contrast": ("backward", "forward"),
        "covariates": ("baseline", "age"), "sensitivity": SENSITIVITY, "subgroups": ("sex",),
    }  # fmt: skip
    return Estimand(**(known | changes))


def flow_rows() -> list[dict[str, Any]]:
    """Return the flow of participants."""
    stages = [("assessed", "", "", 90), ("excluded", "", "declined", 24),
              ("excluded", "", "no knee pain", 6), ("randomised", "", "", 60)]  # fmt: skip
    for arm, lost in (("forward", 6), ("backward", 2)):
        stages += [("allocated", arm, "", 30), ("received", arm, "", 30), ("lost", arm, "", lost)]
        stages += [("analysed", arm, "", 30 - lost)]
    return [dict(zip(tables.FLOW, stage, strict=True)) for stage in stages]


def tipping() -> pd.DataFrame:
    """Return a grid of shifts."""
    rows = [(a, b, -1.1 + 0.1 * a - 0.1 * b, -1.9 + 0.1 * a - 0.1 * b, -0.3 + 0.1 * a - 0.1 * b,
             min(1.0, 0.01 * (1 + a * a))) for a in range(5) for b in range(5)]  # fmt: skip
    return pd.DataFrame(rows, columns=list(tables.TIPPING)).astype(float)


def results(asked: Estimand) -> list[Result]:
    """Return a result of every kind."""
    case = Case()
    points, seen = made.changes(case), made.observations(case)
    for table in (points, seen):
        table["participant"] = "CANARYID_" + table["participant"].astype(str)
    described: dict[str, Any] = {
        "estimand": None,
        "outcome": "",
        "estimates": frame(tables.RESULTS, []),
    }
    main = frame(tables.RESULTS, [estimate_row("mmrm", "mean_difference", visit=visit)
                                  for visit in ("V1", "V2")])  # fmt: skip
    model = {"means": made.means(case, "model"), "difference_curve": made.difference_curve(case)}
    z = np.linspace(-2, 2, 41)
    model |= {
        "residual_quantiles": pd.DataFrame({"probability": np.linspace(0.01, 0.99, 41),
                                            "normal": z, "residual": z * 1.1}),
        "residual_bins": pd.DataFrame({"fitted": [3.0, 4.0, 5.0], "residual": [0.1, -0.1, 0.0],
                                       "low": [-1.0, -1.1, -0.9], "high": [1.0, 1.0, 1.1],
                                       "n": [20, 30, 40]}),
        "fit": pd.DataFrame([{"n_obs": 112, "n_participants": 58, "covariance": "us",
                              "method": "reml", "loglik": -180.123456789012, "converged": True}]),
        "covariance": pd.DataFrame(
            [(a, b, 2.0 if a == b else 1.2) for a in ("V1", "V2") for b in ("V1", "V2")],
            columns=["visit", "visit2", "value"]),
    }  # fmt: skip
    people_ = people()
    sessions = [
        {"arm": arm, "session": s, "attended": 30 - 6 * (s % 2), "missed": 6 * (s % 2),
         "withdrawn": 0, "n": 30} for arm in ("forward", "backward") for s in range(1, 7)
    ]  # fmt: skip
    missing = [
        {"outcome": "pain", "visit": visit, "arm": arm, "n": 30, "n_observed": 30 - gone,
         "n_missing": gone, "percent_missing": gone / 0.3}
        for visit, gone in (("V0", 0), ("V1", 3), ("V2", 7)) for arm in ("forward", "backward")
    ]  # fmt: skip
    curve = [
        {"arm": arm, "threshold": t, "percent": max(0.0, 95.0 - 12 * t - 5 * (arm == "forward")),
         "n": 30} for arm in ("forward", "backward") for t in range(9)
    ]  # fmt: skip
    shares = [
        {"rule": "30 % of baseline", "arm": arm, "events": events, "n": 30,
         "percent": events / 0.3, "conf_low": 20.0, "conf_high": 60.0}
        for arm, events in (("forward", 9), ("backward", 16))
    ]  # fmt: skip
    within = [
        estimate_row("within-arm", quantity, arm=arm, contrast="", estimand="", n_reference=NAN)
        for arm in ("forward", "backward") for quantity in ("mean_change", "d_av", "d_z",
                                                            "hodges_lehmann")
    ]  # fmt: skip
    risk = [estimate_row("responder", "risk_difference", estimate=23.3, conf_low=-2.0,
                         conf_high=44.0, note="30 % of baseline")]  # fmt: skip
    done = {
        "flow": Result(analysis="flow", method="", **described,
                       frames={"flow": frame(tables.FLOW, flow_rows())}),
        "baseline": Result(analysis="baseline", method="Means and counts.", **described,
                           frames={"baseline": frame(tables.BASELINE, baseline_rows(people_))}),
        "missingness": Result(analysis="missingness", method="", **described,
                              frames={"missingness": frame(tables.MISSINGNESS, missing)}),
        "adherence": Result(analysis="adherence", method="", **described,
                            frames={"sessions": frame(tables.SESSIONS, sessions)}),
        "harms": harms(trial()),
        "within": Result(analysis="within-arm", outcome="pain", method="Paired t tests.",
                         estimates=frame(tables.RESULTS, within),
                         frames={"means": made.means(case), "box": made.box(case),
                                 "density": made.density(case), "points": points,
                                 "observations": seen}),
        "main": Result(analysis="mmrm", outcome="pain", estimates=main, estimand=asked,
                       method="A mixed model for repeated measures with visit, arm, their "
                       "interaction, baseline and age.", frames=model,
                       notes=("Praxis Kanarienvogel has one arm only",)),
        "ancova": Result(analysis="ancova", outcome="pain", estimand=asked, method="ANCOVA.",
                         estimates=frame(tables.RESULTS, [estimate_row("ancova",
                                                                       "mean_difference")]),
                         frames={"lines": pd.DataFrame(
                             [(arm, x, x * 0.6 - d, x * 0.6 - d - 0.4, x * 0.6 - d + 0.4)
                              for arm, d in (("forward", 0.0), ("backward", 1.0))
                              for x in (4.0, 6.0, 8.0)], columns=list(tables.ANCOVA_LINES)),
                             "points": points}),
        "change": Result(analysis="change-score", outcome="pain", estimand=asked, method="t test.",
                         estimates=frame(tables.RESULTS, [estimate_row("change-score",
                                                                       "change_difference")])),
        "tipping": Result(analysis="tipping-point", outcome="pain", estimand=asked,
                          method="Delta adjustment.", estimates=frame(tables.RESULTS, []),
                          frames={"tipping": tipping()}),
        "sensitivity": Result(analysis="sensitivity", outcome="pain", estimand=asked, method="",
                              estimates=frame(tables.RESULTS, []),
                              frames={"forest": made.forest(case)}),
        "subgroup": Result(analysis="subgroup", outcome="pain", estimand=asked,
                           method="The main analysis within levels.",
                           estimates=frame(tables.RESULTS, []),
                           frames={"forest": made.forest(case)}),
        "responder": Result(analysis="responder", outcome="pain", estimand=asked,
                            method="Newcombe's interval.", estimates=frame(tables.RESULTS, risk),
                            frames={"responders": frame(tables.RESPONDERS, shares),
                                    "response_curve": frame(tables.RESPONSE_CURVE, curve),
                                    "points": points}),
    }  # fmt: skip
    return list(done.values())


def analysis(**changes: Any) -> TrialAnalysis:
    """Return the whole analysis; changes are those of the trial."""
    parts = tuple(results(estimand()))
    kept = [part.estimates for part in parts if len(part.estimates)]
    estimates = pd.concat(kept, ignore_index=True)
    return TrialAnalysis(trial=trial(**changes), parts=parts, estimates=estimates)
