"""Simulated trials with missing visits, and the two of the reference values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from tests.reference.stored import FOLDER

COLUMNS: dict[str, Any] = {
    "value": "value",
    "participant": "participant",
    "visit": "visit",
    "arm": "arm",
    "baseline": "baseline",
}

ROLES: dict[str, Any] = {
    "outcome" if role == "value" else role: name for role, name in COLUMNS.items()
}


def antidepressant() -> pd.DataFrame:
    frame = pd.read_csv(FOLDER / "reference_based" / "antidepressant.csv")
    return frame.rename(columns={"change": "value"})


def events() -> pd.DataFrame:
    return pd.read_csv(FOLDER / "reference_based" / "events.csv")


def simulated(
    n: int = 24, visits: int = 3, *, seed: int = 1, gaps: float = 0.0, arms: int = 2
) -> pd.DataFrame:
    """Return a long trial: scores about 6, drop-out of a tenth at each visit, maybe gaps."""
    rng = np.random.default_rng(seed)
    names = np.array(["backward", "forward", "usual"])[:arms]
    half = np.linalg.cholesky(0.5 * np.eye(visits + 1) + 0.5)
    scores = rng.normal(size=(n, visits + 1)) @ half.T + 6.0
    arm = names[np.arange(n) % arms]
    y = scores[:, 1:] - np.linspace(0.3, 1.0, visits) * (1.0 + (arm == "backward"))[:, None]
    lost = np.maximum.accumulate(rng.random((n, visits)) < 0.1, axis=1)
    lost[:, 0] = False
    y[lost | (rng.random((n, visits)) < gaps)] = np.nan
    return pd.DataFrame(
        {
            "participant": np.repeat(np.arange(n), visits),
            "visit": np.tile([f"V{j + 1}" for j in range(visits)], n),
            "arm": np.repeat(arm, visits),
            "baseline": np.repeat(scores[:, 0].round(2), visits),
            "site": np.repeat(np.array(["a", "b"])[rng.integers(0, 2, n)], visits),
            "value": y.round(2).ravel(),
        }
    )


def at_visit(frame: pd.DataFrame, visit: str) -> pd.DataFrame:
    return frame[frame["visit"] == visit].reset_index(drop=True)
