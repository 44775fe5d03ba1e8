"""Simulated trials for the tests of the model doors."""

from __future__ import annotations

import numpy as np
import pandas as pd

WEEKS = (2, 4, 8, 12)


def slope_trial(n: int, *, seed: int, missing: float = 0.1, slope: float = 0.15) -> pd.DataFrame:
    """Return a trial with a random intercept and slope on weeks 2 to 12, some rows missing."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(n), len(WEEKS))
    week = np.tile(np.array(WEEKS), n)
    intercept, rate = rng.normal(0, 1.5, n), rng.normal(0, slope, n)
    arm, site, age = np.arange(n) % 2, rng.integers(0, 3, n), rng.normal(60, 8, n).round(1)
    pain = (
        6.0
        + intercept[who]
        + (rate[who] - 0.1 - 0.05 * arm[who]) * week
        + 0.3 * site[who]
        + 0.02 * (age[who] - 60)
        + rng.normal(0, 1.0, len(who))
    )
    frame = pd.DataFrame(
        {
            "id": [f"P{i:04d}" for i in who],
            "arm": np.array(["forward", "backward"])[arm[who]],
            "site": np.array(["S1", "S2", "S3"])[site[who]],
            "age": age[who],
            "week": week,
            "visit": [f"W{w:02d}" for w in week],
            "dose": rng.integers(0, 4, len(who)),
            "pain": pain,
        }
    )
    frame = frame[rng.random(len(frame)) >= missing].reset_index(drop=True)
    for name, levels in {
        "arm": ["forward", "backward"],
        "site": ["S1", "S2", "S3"],
        "visit": [f"W{w:02d}" for w in WEEKS],
    }.items():
        frame[name] = pd.Categorical(frame[name], levels)
    return frame


R_LEVELS = """
trial$arm <- factor(trial$arm, c("forward", "backward"))
trial$site <- factor(trial$site, c("S1", "S2", "S3"))
trial$visit <- factor(trial$visit, c("W02", "W04", "W08", "W12"))
"""


def unordered(name: str) -> frozenset[str]:
    """Return the parts of a term: the order of an interaction's parts is free."""
    return frozenset(name.split(":"))
