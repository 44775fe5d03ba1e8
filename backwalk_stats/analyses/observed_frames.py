"""Observed values as figures need them: means by visit, box and density of the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde, t

from backwalk_stats.trial.tables import BOX, DENSITY, MEANS

if TYPE_CHECKING:
    from backwalk_stats.trial.trial import Trial

FEWEST = 5  # changes that a density is drawn from
POINTS = 201
WIDTH = 3.0  # bandwidths beyond the outermost change
PERCENTILES = (5, 25, 50, 75, 95)


def observed_means(trial: Trial, outcome: str, *, level: float) -> pd.DataFrame:
    """Return mean, SD and t interval of each arm at each visit (`tables.MEANS`, "observed")."""
    own = trial.data[trial.data["outcome"] == outcome]
    rows = []
    for visit in trial.study.visit_names:
        week = trial.study.week(visit)
        here = own[own["visit"] == visit]
        if not here["value"].notna().any():
            continue
        for arm in trial.study.arm_names:
            values = here.loc[here["arm"].astype("object") == arm, "value"].dropna().to_numpy()
            mean, sd, low, high = mean_interval(values, level=level)
            at = np.nan if week is None else week
            rows.append((outcome, visit, at, arm, "observed", len(values), mean, sd, low, high))
    return pd.DataFrame(rows, columns=list(MEANS))


def mean_interval(values: np.ndarray, *, level: float) -> tuple[float, float, float, float]:
    """Return mean, SD and the limits of the t interval; NaN where there are too few values.

    Examples
    --------
    >>> [round(one, 3) for one in mean_interval(np.array([1.0, 2.0, 3.0]), level=0.95)]
    [2.0, 1.0, -0.484, 4.484]
    """
    n = len(values)
    if n < 2:
        return (float(values[0]) if n else np.nan), np.nan, np.nan, np.nan
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    half = float(t.ppf(0.5 + level / 2.0, n - 1) * sd / np.sqrt(n))
    return mean, sd, mean - half, mean + half


def change_box(changes: pd.DataFrame, arms: tuple[str, ...], *, level: float) -> pd.DataFrame:
    """Return percentiles, mean and interval of the change of each arm (`tables.BOX`)."""
    rows = []
    for arm in arms:
        values = _changes(changes, arm)
        found = np.percentile(values, PERCENTILES) if len(values) else [np.nan] * 5
        mean, _, low, high = mean_interval(values, level=level)
        rows.append((arm, len(values), *found, mean, low, high))
    return pd.DataFrame(rows, columns=list(BOX))


def change_density(changes: pd.DataFrame, arms: tuple[str, ...]) -> pd.DataFrame:
    """Return a Gaussian kernel density of the change of each arm (`tables.DENSITY`).

    The bandwidth is Scott's; arms of fewer than five changes, or whose changes are all the same,
    have no rows.
    """
    parts = []
    for arm in arms:
        values = _changes(changes, arm)
        if len(values) < FEWEST or np.ptp(values) == 0.0:
            continue
        kernel = gaussian_kde(values)
        beyond = WIDTH * float(np.sqrt(kernel.covariance[0, 0]))
        at = np.linspace(values.min() - beyond, values.max() + beyond, POINTS)
        parts.append(pd.DataFrame({"arm": arm, "value": at, "density": kernel(at)}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(DENSITY))


def _changes(changes: pd.DataFrame, arm: str) -> np.ndarray:
    own = changes.loc[changes["arm"].astype("object") == arm, "change"]
    return own.dropna().to_numpy(dtype=float)
