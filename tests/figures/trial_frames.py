"""Frames of an analysed trial for the figures' and tables' tests: ordinary, hostile, sparse."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan, nan
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial import tables
from backwalk_stats.trial.outcome import Outcome, Words
from tests.figures.synthetic import HOSTILE

ARMS = {"forward": "Forward walking", "backward": "Backward walking", "control": "Usual care"}
NAMES = tuple(ARMS)


@dataclass(frozen=True)
class Case:
    """One trial: how many arms, visits and participants, and what is awkward about it."""

    arms: int = 2
    visits: int = 3
    n: int = 30
    hostile: bool = False
    weeks: tuple[float, ...] = ()
    sparse: bool = False
    scale: float = 1.0
    shift: float = 0.0
    names: tuple[str, ...] = field(default=NAMES)

    @property
    def arm_labels(self) -> dict[str, str]:
        """Name to label."""
        words = HOSTILE[3:6] if self.hostile else tuple(ARMS.values())
        return dict(zip(self.names[: self.arms], words, strict=False))

    @property
    def visit_labels(self) -> dict[str, str]:
        """Name to label."""
        weeks = self.week_of
        plain = [
            "Baseline",
            *(
                f"Week {3 * i if isnan(week) else int(week)}"
                for i, week in list(enumerate(weeks.values()))[1:]
            ),
        ]
        words = [HOSTILE[i % len(HOSTILE)] for i in range(self.visits)] if self.hostile else plain
        return dict(zip(weeks, words, strict=True))

    @property
    def week_of(self) -> dict[str, float]:
        """Name to week."""
        weeks = self.weeks or tuple(3.0 * i for i in range(self.visits))
        return {f"V{i}": float(week) for i, week in enumerate(weeks[: self.visits])}

    @property
    def words(self) -> Words:
        """What every figure is told about arms and outcome."""
        label = HOSTILE[5] if self.hostile else "Knee pain (NPRS, 0 to 10)"
        return Words(arms=self.arm_labels, outcome=label, unit="points", better="lower")

    @property
    def labels(self) -> Labels:
        """What a picture or table of several outcomes is told."""
        outcomes = {"pain": self.words.outcome, "function": "WOMAC function"}
        return Labels(
            arms=self.arm_labels,
            visits=self.visit_labels,
            outcomes={name: Outcome(name=name, label=label) for name, label in outcomes.items()},
        )

    def effect(self, arm: str) -> float:
        """Change of an arm per visit."""
        return {"forward": -0.55, "backward": -1.0, "control": -0.1}[arm] * self.scale


CASES = {
    "ordinary": Case(),
    "three arms": Case(arms=3, visits=4, n=25),
    "hostile": Case(arms=3, visits=6, n=12, hostile=True),
    "small": Case(visits=2, n=8),
    "large": Case(visits=5, n=1000, scale=10),
    "uneven weeks": Case(visits=5, weeks=(0, 1, 2, 4, 52)),
    "no weeks": Case(arms=3, visits=4, weeks=(nan,) * 4, n=20),
    "one arm empty": Case(arms=3, sparse=True),
    "negative": Case(scale=120.0, shift=-5000.0),
    "tiny numbers": Case(scale=1e-4),
}


@lru_cache
def observations(case: Case) -> pd.DataFrame:
    """Return values in long form (`tables.TRIAL_DATA`)."""
    rng = np.random.default_rng(7)
    rows = []
    for arm in case.arm_labels:
        start = rng.normal(6.2, 1.2, case.n)
        for index in range(case.n):
            for step, visit in enumerate(case.visit_labels):
                value = (start[index] + rng.normal(0, 0.8)) * case.scale
                value += case.effect(arm) * step + case.shift
                lost = rng.random() < 0.06 * step or (case.sparse and arm == "control" and step)
                rows.append((f"{arm}{index}", arm, visit, "pain", nan if lost else value))
    return pd.DataFrame(rows, columns=list(tables.TRIAL_DATA))


def means(case: Case, kind: str = "observed") -> pd.DataFrame:
    """Return means by visit and arm (`tables.MEANS`)."""
    rows = []
    seen = observations(case)
    for arm in case.arm_labels:
        for visit, week in case.week_of.items():
            value = seen[(seen["arm"] == arm) & (seen["visit"] == visit)]["value"].dropna()
            n, mean = len(value), float(value.mean()) if len(value) else nan
            sd = float(value.std()) if n > 1 else nan
            half = 2 * sd / max(n, 1) ** 0.5
            shown = sd if kind == "observed" else nan
            rows.append(("pain", visit, week, arm, kind, n, mean, shown, mean - half, mean + half))
    return pd.DataFrame(rows, columns=list(tables.MEANS))


@lru_cache
def changes(case: Case) -> pd.DataFrame:
    """Return the change of each participant to the last visit (`tables.CHANGES`)."""
    wide = observations(case).pivot(index=["participant", "arm"], columns="visit", values="value")
    first, last = wide.columns[0], wide.columns[-1]
    frame = wide.reset_index()[["participant", "arm"]]
    frame["outcome"], frame["visit"] = "pain", last
    frame["baseline"], frame["value"] = wide[first].to_numpy(), wide[last].to_numpy()
    frame["change"] = frame["value"] - frame["baseline"]
    frame["percent_change"] = 100 * frame["change"] / frame["baseline"]
    return frame[list(tables.CHANGES)]


def box(case: Case) -> pd.DataFrame:
    """Return five numbers and mean of the change (`tables.BOX`)."""
    rows = []
    for arm in case.arm_labels:
        value = changes(case).query("arm == @arm")["change"].dropna()
        q = value.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).tolist() if len(value) else [nan] * 5
        q[0], q[4] = (q[0], q[4]) if len(value) >= 20 else (nan, nan)
        mean = float(value.mean()) if len(value) else nan
        half = float(2 * value.std() / len(value) ** 0.5) if len(value) > 1 else nan
        rows.append((arm, float(len(value)), *q, mean, mean - half, mean + half))
    return pd.DataFrame(rows, columns=list(tables.BOX))


def density(case: Case) -> pd.DataFrame:
    """Return smooth densities of the change (`tables.DENSITY`), none for fewer than 20."""
    parts = []
    for arm in case.arm_labels:
        value = changes(case).query("arm == @arm")["change"].dropna().to_numpy()
        if len(value) >= 20:
            width = value.std() * len(value) ** -0.2
            grid = np.linspace(value.min() - 3 * width, value.max() + 3 * width, 200)
            kernel = np.exp(-(((grid[:, None] - value) / width) ** 2) / 2).mean(axis=1)
            parts.append(pd.DataFrame({"arm": arm, "value": grid, "density": kernel / width}))
    empty = pd.DataFrame(columns=list(tables.DENSITY))
    return pd.concat(parts) if parts else empty


def differences(case: Case) -> pd.DataFrame:
    """Return differences from the first arm by visit, as `tables.RESULTS` has them."""
    rows = []
    model = means(case, "model").set_index(["arm", "visit"])["estimate"]
    first, *others = case.arm_labels
    for arm in others:
        for visit in list(case.visit_labels)[1:]:
            value = model[arm, visit] - model[first, visit]
            row: dict[str, Any] = dict.fromkeys(tables.RESULTS, nan)
            row |= {"analysis": "mmrm", "estimand": "E1", "outcome": "pain", "visit": visit}
            row |= {"arm": "", "contrast": f"{arm} - {first}", "quantity": "mean_difference"}
            row |= {"estimate": value, "std_error": 0.3 * case.scale, "df": 52.3}
            row |= {"conf_low": value - 0.6 * case.scale, "conf_high": value + 0.6 * case.scale}
            row |= {"statistic": -2.1, "p_value": 0.0412, "p_adjusted": 0.0824}
            row |= {"n": case.n, "n_reference": case.n, "role": "primary", "note": ""}
            rows.append(row)
    return pd.DataFrame(rows, columns=list(tables.RESULTS))


def difference_curve(case: Case) -> pd.DataFrame:
    """Return the density of an estimate (`tables.DIFFERENCE_CURVE`)."""
    z = np.linspace(-4, 4, 101)
    at = (-0.7 + 0.35 * z) * case.scale
    return pd.DataFrame({"value": at, "density": np.exp(-(z**2) / 2)})


def forest(case: Case) -> pd.DataFrame:
    """Return subgroups and sensitivity analyses (`tables.FOREST`)."""
    names = HOSTILE if case.hostile else ("Female", "Male", "Aged 60 or older", "Younger")
    rows = [("", "Main analysis", 30.0, 28.0, -0.7, -1.3, -0.1, 0.021)]
    for i, name in enumerate(names):
        group = names[-1 - i // 2] if case.hostile else ("Sex", "Age")[i // 2]
        gone = case.sparse and i == 1
        numbers = (nan,) * 4 if gone else (-0.9 + 0.2 * i, -1.9 - (40 if i == 3 else 0), 0.3, 0.15)
        rows.append((group, name, 15.0, nan if gone else 12.0, *numbers))
    frame = pd.DataFrame(rows, columns=list(tables.FOREST))
    frame[["estimate", "conf_low", "conf_high"]] *= case.scale
    return frame
