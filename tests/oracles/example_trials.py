"""The simulated trials that ship, as the doors want them, and simulated ones of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[2] / "data" / "example_mixed"


def example(name: str) -> pd.DataFrame:
    """Return a shipped trial: complete rows, levels in order, and weights as in make.R."""
    frame = pd.read_csv(FOLDER / f"{name}.csv")
    frame["arm"] = pd.Categorical(frame["arm"], ["forward", "backward"])
    frame["visit"] = pd.Categorical(frame["visit"], ["W02", "W04", "W08", "W12"])
    frame = frame[frame["pain"].notna()].reset_index(drop=True)
    frame["w"] = 0.5 + ((np.arange(len(frame)) + 1) % 7) / 4
    return frame


def part(frame: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
    """Return participants number first + 1 to last, in the order of their ids."""
    ids = sorted(frame["id"].unique())[first:last]
    return frame[frame["id"].isin(ids)]


def fev(shared: Path) -> pd.DataFrame:
    """Return the FEV trial of R's mmrm, from beside the checkout."""
    frame = pd.read_csv(shared / "reference" / "fev_data.csv")
    races = ["Asian", "Black or African American", "White"]
    frame["RACE"] = pd.Categorical(frame["RACE"], races)
    frame["SEX"] = pd.Categorical(frame["SEX"], ["Male", "Female"])
    frame["ARMCD"] = pd.Categorical(frame["ARMCD"], ["PBO", "TRT"])
    frame["AVISIT"] = pd.Categorical(frame["AVISIT"], [f"VIS{k}" for k in range(1, 5)])
    return frame


def random_slopes(seed: int, n: int, weeks: tuple[int, ...] = (2, 4, 6, 8, 10, 12)) -> pd.DataFrame:
    """Return a trial with a random intercept and a random slope on weeks, and drop-out."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky([[2.0, -0.06], [-0.06, 0.015]])
    effects = rng.normal(size=(n, 2)) @ root.T
    who, place = np.divmod(np.arange(n * len(weeks)), len(weeks))
    week, arm = np.array(weeks, dtype=float)[place], np.arange(n) % 2
    pain = 6.0 - 0.08 * week - 0.06 * arm[who] * week + effects[who, 0] + effects[who, 1] * week
    pain = pain + rng.normal(0, 1.0, len(who))
    leaves = rng.integers(2, 3 * len(weeks), n)
    frame = pd.DataFrame({"id": who, "arm": arm[who], "week": week, "pain": pain})
    return frame[place < leaves[who]].reset_index(drop=True)


def small_trial(seed: int, *, n: int, visits: int, leaving: float) -> pd.DataFrame:
    """Return a two-arm trial whose visits are ever wider and correlate as 0.7 to the lag.

    Drop-out is monotone: from the second visit on everyone left leaves with one chance a visit, so
    that `leaving` of the participants are gone at the last visit on average.
    """
    rng = np.random.default_rng(seed)
    spread = np.linspace(1.0, 1.6, visits)
    lag = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    root = np.linalg.cholesky(np.outer(spread, spread) * 0.7**lag)
    values = rng.normal(size=(n, visits)) @ root.T
    out = rng.random((n, visits)) < 1.0 - (1.0 - leaving) ** (1.0 / (visits - 1))
    out[:, 0] = False
    gone = np.cumsum(out, axis=1) > 0
    arm = np.arange(n) % 2
    values += 5.0 - 0.4 * np.arange(visits) - 0.3 * np.outer(arm, np.arange(visits))
    who, visit = np.divmod(np.arange(n * visits), visits)
    frame = pd.DataFrame(
        {
            "id": who,
            "arm": np.array(["a", "b"])[arm[who]],
            "visit": visit.astype(str),
            "pain": values.ravel(),
        }
    )
    return frame[~gone.ravel()].reset_index(drop=True)
