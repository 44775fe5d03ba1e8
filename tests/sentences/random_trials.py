"""Random legal trials with random results: names that mislead, units of every size, no limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses.questions.responder import share
from backwalk_stats.analyses.results import Answer, compared, main_quantity
from backwalk_stats.analyses.whole_trial import TrialAnalysis, sensitivity
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.trial import tables
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Threshold
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.study import Arm, Study, Visit
from backwalk_stats.trial.trial import Trial
from tests.sentences.plans import with_random_plan

ARMS = {
    "forward": "Forward walking",
    "backward": "Backward walking",
    "no-walking": "No walking",
    "low-dose": "Lower dose",
    "usual": "Usual care",
    "fast": "Faster walks, 120 to 140 steps a minute",
    "higher": "Higher cadence",
    "retro": "Retro walking on a treadmill",
}
OUTCOMES = {
    "knee_pain": "Knee pain (NPRS, 0 to 10)",
    "tug": "Timed Up and Go (s)",
    "reaction": "Reaction time",
    "flexion": "Lumbar flexion",
    "womac": "WOMAC function",
}
UNITS = ("points", "s", "m", "°", "%", "", "N")
LEVELS = (0.95, 0.95, 0.95, 0.9, 0.99, 0.975, 1 - 0.05 / 3)
VISITS = {"W0": "Baseline", "W6": "Week 6", "W12": "12 weeks"}
MEANS = ("mmrm", "ancova", "constrained-longitudinal")
BESIDE = ("ancova", "change-score", "rank-based", "per-protocol", "multiple-imputation",
          "jump-to-reference", "permutation", "bootstrap")  # fmt: skip
NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Draw:
    """A source of chance, and how large the numbers of the trial are."""

    rng: np.random.Generator
    scale: float

    def one(self, choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def estimate(self) -> dict[str, float]:
        """An estimate with its limits and p: every kind that a model or a rank test can give."""
        error = self.scale * float(self.rng.uniform(0.05, 1.0))
        effect = self.scale * self.one((0.0, 1e-4, 0.3, 1.0, 4.0)) * self.one((-1, 1))
        effect += self.scale * float(self.rng.normal()) * self.one((0.0, 1.0))
        low, high = effect - 2 * error, effect + 2 * error
        p = float(np.clip(abs(self.rng.normal()) ** 3 / (1e-9 + abs(effect / error)), 0, 1))
        kind = self.one(("plain",) * 12 + ("none", "left", "right", "unknown", "touch", "nothing"))
        if kind == "none":
            low, high = -INF, INF
        elif kind == "left":
            low = -INF
        elif kind == "right":
            high = INF
        elif kind == "unknown":
            low, high = NAN, NAN
        elif kind == "touch":
            low, high = (effect, 0.0) if effect < 0 else (0.0, effect)
            low, high = (2 * low, 0.0) if effect < 0 else (0.0, 2 * high)
        elif kind == "nothing":
            effect, low, high, p = NAN, NAN, NAN, NAN
        return {"estimate": effect, "std_error": error, "df": 30.0, "statistic": NAN,
                "p_value": p, "conf_low": low, "conf_high": high}  # fmt: skip


def random_analysis(seed: int) -> TrialAnalysis:
    """Return a trial of two to four arms with one to three estimands, and results that could be."""
    rng = np.random.default_rng(seed)
    draw = Draw(rng, 10.0 ** float(rng.choice([-9, -5, -4, -2, 0, 0, 0, 1, 2, 4, 7])))
    trial = _trial(draw)
    parts: list[Result] = [_flow(trial), _missingness(draw, trial)]
    parts += [_within(draw, trial, one.name) for one in trial.outcomes]
    for asked in trial.estimands:
        first = len(parts)
        parts.append(_main(draw, trial, asked))
        parts += [_beside(draw, asked, name) for name in asked.sensitivity]
        if asked.sensitivity:
            parts.append(sensitivity(asked, parts[first:]))
        if trial.study.design == "parallel" and trial.outcome(asked.outcome).better:
            parts.append(_responders(draw, trial, asked))
        if asked.subgroups:
            parts.append(_subgroups(draw, asked))
    given = [part.estimates for part in parts if len(part.estimates)]
    whole = pd.concat(given, ignore_index=True)
    if draw.one((True, False)):
        whole["p_adjusted"] = whole["p_value"].where(whole["role"].isin(["primary", "secondary"]))
        whole["p_adjusted"] = (2 * whole["p_adjusted"]).clip(upper=1.0)
    return with_random_plan(TrialAnalysis(trial=trial, parts=tuple(parts), estimates=whole), seed)


def _trial(draw: Draw) -> Trial:
    rng = draw.rng
    names = [str(one) for one in rng.permutation(list(ARMS))[: int(rng.integers(2, 5))]]
    crossed = draw.one((False,) * 9 + (True,))
    visits = [*VISITS][: draw.one((2, 3))]
    baseline = "" if crossed else draw.one(("W0", "W0", "W0", ""))
    study = Study(
        id="invented", title="Invented", seed=1, design="crossover" if crossed else "parallel",
        arms=tuple(Arm(name=name, label=ARMS[name]) for name in names), baseline=baseline,
        visits=tuple(Visit(name=one, week=float(one[1:]), label=VISITS[one]) for one in visits),
    )  # fmt: skip
    outcomes = tuple(_outcome(draw, one) for one in rng.permutation(list(OUTCOMES))[:2])
    people = pd.DataFrame({"participant": [f"P{i:02d}" for i in range(24)]})
    people["arm"] = pd.Categorical([names[i % len(names)] for i in range(24)], categories=names)
    empty = {"missing": ["participant", "visit", "outcome", "reason"], "flow": tables.FLOW,
             "adherence": ["participant", "session", "status"], "load_log": tables.LOAD_LOG,
             "data": tables.TRIAL_DATA}  # fmt: skip
    frames: dict[str, Any] = {
        name: pd.DataFrame(columns=list(columns)) for name, columns in empty.items()
    }
    asked = [
        _estimand(draw, study, outcomes[place % 2].name, f"E{place + 1}")
        for place in range(int(rng.integers(1, 4)))
    ]
    return Trial(study=study, outcomes=outcomes, estimands=tuple(asked), participants=people,
                 small_cell=draw.one((0, 1, 5)), **frames)  # fmt: skip


def _outcome(draw: Draw, name: str) -> Outcome:
    better = draw.one(("lower", "higher", "lower", "higher", ""))
    value = draw.scale * draw.one((0.4, 1.5, 2.0))
    important = Threshold(name="mcid-made-up", kind="mcid", value=value, unit="points",
                          population="anybody", source="Somebody 2001")  # fmt: skip
    unit = "s" if name == "tug" else draw.one(UNITS)
    return Outcome(name=name, label=OUTCOMES[name], unit=unit, better=better,
                   thresholds=draw.one(((), (important,))))  # fmt: skip


def _estimand(draw: Draw, study: Study, outcome: str, name: str) -> Estimand:
    arm, reference = (str(one) for one in draw.rng.permutation(list(study.arm_names))[:2])
    kinds = (*MEANS, "change-score", "rank-based", "random-slope", "mixed-anova")
    analysis: Any = "crossover" if study.design == "crossover" else draw.one(kinds)
    beside: list[Any] = [one for one in BESIDE if one != analysis and draw.one((True, False))]
    return Estimand(
        id=name, outcome=outcome, visit=study.visit_names[-1], contrast=(arm, reference),
        role="primary" if name == "E1" else "secondary", analysis=analysis,
        covariates=("baseline",) if study.baseline else (), level=draw.one(LEVELS),
        sensitivity=tuple(beside), subgroups=draw.one(((), ("sex",))),
    )  # fmt: skip


def _sizes(draw: Draw) -> dict[str, float]:
    return {"n_arm": int(draw.rng.integers(2, 40)), "n_reference": int(draw.rng.integers(2, 40))}


def _main(draw: Draw, trial: Trial, asked: Estimand) -> Result:
    quantity = main_quantity(asked.analysis)
    frames = {}
    visits = trial.study.later_visits if asked.analysis in MEANS else (asked.visit,)
    lines = [compared(asked, quantity, {**draw.estimate(), **_sizes(draw)}, visit=visit)
             for visit in visits]  # fmt: skip
    if quantity == "f_statistic":
        shown = {"estimate": float(draw.rng.exponential()), "conf_low": NAN, "conf_high": NAN}
        lines = [{**line, **shown} for line in lines]
    elif asked.analysis in MEANS:
        means = [_mean(draw, trial, asked.outcome, visit, arm, "model")
                 for visit in visits for arm in trial.study.arm_names]  # fmt: skip
        frames["means"] = pd.DataFrame(means, columns=list(tables.MEANS))
        curve = {"value": [-1.0, 0.0, 1.0], "density": [0.1, 0.4, 0.1]}
        frames["difference_curve"] = pd.DataFrame(curve)
    if asked.analysis == "ancova":
        rows = [(arm, x * draw.scale, *_three(draw)) for arm in asked.contrast for x in (4, 8)]
        frames["lines"] = pd.DataFrame(rows, columns=list(tables.ANCOVA_LINES))
    answer = Answer(method="A model.", lines=lines, frames=frames)
    return answer.result(asked.analysis, estimand=asked)


def _three(draw: Draw) -> tuple[float, float, float]:
    """A mean with its limits."""
    mean = draw.scale * float(draw.rng.uniform(2.0, 9.0))
    half = draw.scale * float(draw.rng.uniform(0.1, 1.0))
    return mean, mean - half, mean + half


def _mean(draw: Draw, trial: Trial, outcome: str, visit: str, arm: str, kind: str) -> Any:
    mean, low, high = _three(draw)
    sd = draw.scale * float(draw.rng.uniform(0.5, 2.0)) if kind == "observed" else NAN
    week = trial.study.week(visit)
    return (outcome, visit, week, arm, kind, int(draw.rng.integers(6, 30)), mean, sd, low, high)


def _beside(draw: Draw, asked: Estimand, name: str) -> Result:
    quantity = main_quantity(asked.analysis if name == "per-protocol" else name)
    quantity = "mean_difference" if quantity == "f_statistic" else quantity
    rows = 2 if name == "jump-to-reference" else 1
    lines = []
    for place in range(rows):
        line = compared(asked, quantity, {**draw.estimate(), **_sizes(draw)})
        if name == "permutation":
            line |= {"conf_low": NAN, "conf_high": NAN}
        if name == "bootstrap":
            line |= {"p_value": NAN}
        note = ("conditional means, jackknife", "random draws, Rubin's rules")[place]
        lines.append({**line, "note": note if rows > 1 else ""})
    return Answer(method="Another model.", lines=lines).result(name, estimand=asked)


def _responders(draw: Draw, trial: Trial, asked: Estimand) -> Result:
    lines: list[Any] = []
    shares: list[Any] = []
    for handling in ("observed cases", "missing = no response"):
        rule = f"improved by 30 % or more; {handling}"
        counts = {}
        for arm in asked.contrast:
            n = int(draw.rng.integers(2, 40))
            counts[arm] = (draw.one((0, n, int(draw.rng.integers(0, n + 1)))), n)
            found = share(*counts[arm], level=asked.level)
            shares.append({"rule": rule, "arm": arm, **found})
            named = ("percent", "conf_low", "conf_high")
            about = {"contrast": "", "arm": arm, "note": rule, "n": counts[arm][1]}
            lines.append(compared(asked, "percent", found, named=named, **about))
        answers = [(arm, float(i < hit)) for arm, (hit, n) in counts.items() for i in range(n)]
        frame = pd.DataFrame(answers, columns=["arm", "answer"])
        told = responders(frame, responder="answer", arm="arm", reference=asked.contrast[1],
                          level=asked.level)  # fmt: skip
        lines += [compared(asked, row["quantity"], row, note=rule)
                  for row in told.to_dict("records")]  # fmt: skip
    frames = {"responders": pd.DataFrame(shares, columns=list(tables.RESPONDERS))}
    answer = Answer(method="Counts.", lines=lines, frames=frames)
    return answer.result("responder", estimand=asked)


def _subgroups(draw: Draw, asked: Estimand) -> Result:
    lines, forest = [], []
    for level in ("F", "M"):
        row = {**draw.estimate(), **_sizes(draw)}
        lines.append(compared(asked, "mean_difference", row, note=f"sex: {level}"))
        own = {"n": row["n_arm"], "n_reference": row["n_reference"]}
        forest.append({"group": "sex", "label": level, **row, **own})
    test = {"estimate": float(draw.rng.exponential()), "p_value": float(draw.rng.uniform())}
    lines.append(compared(asked, "f_statistic", test, note="interaction of arm and sex"))
    frames = {"forest": pd.DataFrame(forest)[list(tables.FOREST)]}
    return Answer(method="By level.", lines=lines, frames=frames).result("subgroup", estimand=asked)


def _within(draw: Draw, trial: Trial, outcome: str) -> Result:
    visits, arms = trial.study.visit_names, trial.study.arm_names
    means = [_mean(draw, trial, outcome, visit, arm, "observed")
             for visit in visits for arm in arms]  # fmt: skip
    lines: list[Any] = []
    for arm in arms if trial.study.baseline else ():
        for quantity in ("mean_change", "hodges_lehmann"):
            about = {"visit": visits[-1], "arm": arm, "quantity": quantity, "n": 20}
            lines.append({**draw.estimate(), **about})
    boxes = [(arm, 20, *(NAN,) * 5, *_three(draw)) for arm in arms]
    frames = {
        "means": pd.DataFrame(means, columns=list(tables.MEANS)),
        "box": pd.DataFrame(boxes, columns=list(tables.BOX)),
        "density": pd.DataFrame([(arm, 0.0, 1.0) for arm in arms], columns=list(tables.DENSITY)),
    }
    return Answer(method="Changes.", lines=lines, frames=frames).result(
        "within-arm", outcome=outcome
    )


def _flow(trial: Trial) -> Result:
    frame = pd.DataFrame([("randomised", "", "", 24)], columns=list(tables.FLOW))
    return Answer(method="Counts.", frames={"flow": frame}).result("flow")


def _missingness(draw: Draw, trial: Trial) -> Result:
    rows = []
    for outcome in trial.outcomes:
        for visit in trial.study.visit_names:
            for arm in trial.study.arm_names:
                gone = int(draw.one((0, 0, 5, 7)))
                rows.append((outcome.name, visit, arm, 24, 24 - gone, gone, gone / 0.24))
    frame = pd.DataFrame(rows, columns=list(tables.MISSINGNESS))
    return Answer(method="Counts.", frames={"missingness": frame}).result("missingness")
