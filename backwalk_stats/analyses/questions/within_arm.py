"""The change from baseline within each arm: no effect of treatment, but what papers print."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import gaussian_kde, t

from backwalk_stats.analyses.results import Answer, columns_of, in_trial_words
from backwalk_stats.analyses.rows import measured_after_baseline
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.change import within_arm as paired
from backwalk_stats.trial.derive import changes, require_means
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.tables import BOX, DENSITY, MEANS
from backwalk_stats.trial.trial import Trial

LEVEL = 0.95
SIZES = {  # quantity: columns of the estimate and its limits
    "d_z": ("d_z", "d_z_low", "d_z_high"),
    "d_av": ("d_av", "d_av_low", "d_av_high"),
    "hodges_lehmann": ("hodges_lehmann", "hl_low", "hl_high"),
}
FEWEST = 5  # changes that a density is drawn from
POINTS = 201
WIDTH = 3.0  # bandwidths beyond the outermost change
PERCENTILES = (5, 25, 50, 75, 95)


def within_arm(trial: Trial, outcome: str) -> Result:
    """Return the change from baseline of each arm at each visit, all participants as randomised.

    Rows by arm and visit: mean_change (paired t), d_z, d_av, hodges_lehmann (with the p of the
    signed-rank test). Frames: means (kind "observed"); box and density of the change at the visit
    of the outcome's first estimand, else at its last visit; for individuals points and
    observations. A trial without a baseline, or a crossover, has means only.
    """
    level = next((one.level for one in trial.estimands if one.outcome == outcome), LEVEL)
    own = trial.data[trial.data["outcome"] == outcome].reset_index(drop=True)
    frames = {"means": observed_means(trial, outcome, level=level), "observations": own}
    rows: list[dict[str, object]] = []
    notes: list[str] = []
    visits = measured_after_baseline(trial, outcome)
    if trial.study.design == "crossover":
        notes.append("a crossover: arms are compared within participants, not over time")
    elif not trial.study.baseline or not visits:
        notes.append("without a value at baseline and after it there is no change")
    else:
        for visit in visits:
            change = changes(trial, outcome, visit)
            for arm in trial.study.arm_names:
                found, note = _of_arm(change, arm, level=level)
                rows += [{**row, "visit": visit, "arm": arm} for row in found]
                notes += [f"{arm}, {visit}: {note}"] if note else []
        at = changes(trial, outcome, visit_of(trial, outcome))
        frames["points"] = at
        frames["box"] = change_box(at, trial.study.arm_names, level=level)
        frames["density"] = change_density(at, trial.study.arm_names)
    answer = Answer(
        lines=rows,
        method=(
            "Change from baseline within arms: paired t test; Wilcoxon's signed-rank test (changes "
            "of zero left out) with the Hodges-Lehmann pseudo-median; the mean change in standard "
            "deviations of the change (dz) with exact noncentral t limits, and in standard "
            "deviations of the scores, the mean of both visits' (dav), with approximate limits. A "
            "change within an arm is not an effect of treatment."
            + " Every value as measured, also after intercurrent events."
            * bool(len(trial.events))
        ),
        notes=notes,
        frames=frames,
    )
    return answer.result("within-arm", outcome=outcome)


def visit_of(trial: Trial, outcome: str) -> str:
    """Return the visit of the outcome's first estimand, else its last visit."""
    asked = [one.visit for one in trial.estimands if one.outcome == outcome]
    return (asked or list(measured_after_baseline(trial, outcome))[-1:])[0]


def _of_arm(change: pd.DataFrame, arm: str, *, level: float) -> tuple[list[dict[str, object]], str]:
    """Return the rows of one arm, and why there is none or what is to be known."""
    own = change[change["arm"].astype("object") == arm]
    own = own.assign(arm=own["arm"].astype("str")).reset_index(drop=True)
    if own.empty:
        return [], "nobody"
    try:
        found = paired(
            own,
            outcome="value",
            baseline="baseline",
            arm="arm",
            participant="participant",
            level=level,
        ).iloc[0]
    except NotEstimable as error:
        why = in_trial_words(str(error))
        return [{"quantity": "mean_change", "note": f"not estimated: {why}"}], why
    rows = [{"quantity": "mean_change", **columns_of(found), "n": found["n"]}]
    for quantity, named in SIZES.items():
        rows.append({"quantity": quantity, "n": found["n"], **columns_of(found, named)})
    rows[-1] |= {"statistic": found["wilcoxon_statistic"], "p_value": found["wilcoxon_p"]}
    return rows, ""


# Observed values as figures need them: means by visit, box and density of the change.


def observed_means(trial: Trial, outcome: str, *, level: float) -> pd.DataFrame:
    """Return mean, SD and t interval of each arm at each visit (`tables.MEANS`, "observed")."""
    require_means(trial, outcome)
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
