"""What figures and tables need of a mixed model: means, residuals, covariance, fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy.stats import norm

from backwalk_stats.analyses import results
from backwalk_stats.analyses.rows import AnalysisRows, change_points
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.tables import MEANS, RESIDUAL_BINS, RESIDUAL_QUANTILES, RESIDUALS
from backwalk_stats.trial.trial import Trial

BIN = 10  # residuals in a bin, at least
MOST_BINS = 20
MOST_QUANTILES = 99


def fit_answer(
    trial: Trial,
    rows: AnalysisRows,
    estimand: Estimand,
    fit: FittedModel,
    *,
    method: str,
    lines: Sequence[results.Line],
    means: pd.DataFrame,
    main: results.Row,
) -> results.Answer:
    """Return what a mixed model of an estimand's rows says, with all that is drawn of it.

    `means` has the mean of each arm by visit, `main` is the difference that answers.
    """
    seen = rows.frame.groupby(["arm", "visit"], observed=True)["participant"].nunique()
    notes = (*rows.notes, *fit.stats.notes)
    return results.Answer(
        lines=lines,
        method=method,
        converged=fit.stats.converged,
        notes=[results.in_own_names(note, estimand) for note in notes],
        frames={
            "means": model_means(trial, estimand.outcome, means, seen),
            "difference_curve": results.difference_curve(main),
            **change_points(trial, estimand),
            **fit_frames(fit, rows.frame),
        },
    )


def model_means(trial: Trial, outcome: str, means: pd.DataFrame, n: pd.Series) -> pd.DataFrame:
    """Return adjusted means with the columns of `tables.MEANS`, kind "model".

    `means` has arm, visit, estimate and limits; `n` tells participants observed by (arm, visit).
    """
    visits, arms = means["visit"].astype(str), means["arm"].astype(str)
    found = {
        "outcome": outcome,
        "visit": visits,
        "week": [_week(trial, visit) for visit in visits],
        "arm": arms,
        "kind": "model",
        "n": [int(n.get(key, 0)) for key in zip(arms, visits, strict=True)],
        "estimate": means["estimate"],
        "sd": np.nan,
        "conf_low": means["conf_low"],
        "conf_high": means["conf_high"],
    }
    return pd.DataFrame(found)[list(MEANS)].reset_index(drop=True)


def _week(trial: Trial, visit: str) -> float:
    week = trial.study.week(visit)
    return np.nan if week is None else week


def fit_frames(fit: FittedModel, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return "fit", "covariance", "residuals", "residual_quantiles" and "residual_bins".

    `rows` tells participant, arm and visit of each row of `fit.frame`, whose index it has.
    "residuals" has a row for each observation and is for individuals only. Without convergence
    there are no normalised residuals, and "fit" and "covariance" are all there is.
    """
    summary = asdict(fit.stats)
    summary.pop("notes")
    frames = {"fit": pd.DataFrame([summary]), "covariance": _covariance(fit)}
    if not fit.stats.converged:
        return frames
    who = rows.loc[fit.frame.index]
    drawn = residual_frames(
        fit.fitted().to_numpy(),
        fit.residuals().to_numpy(),
        fit.residuals(kind="normalised").to_numpy(),
    )
    residuals = drawn["residuals"].assign(
        participant=who["participant"].to_numpy(),
        arm=who["arm"].astype(str).to_numpy(),
        visit=who["visit"].astype(str).to_numpy(),
    )
    return {**frames, **drawn, "residuals": residuals[list(RESIDUALS)]}


def residual_frames(
    fitted: np.ndarray, residual: np.ndarray, normalised: np.ndarray
) -> dict[str, pd.DataFrame]:
    """Return "residuals" (fitted, residual, normalised, quantile), and their bins and quantiles."""
    place = (np.argsort(np.argsort(normalised, kind="stable")) + 0.5) / len(normalised)
    columns = {"fitted": fitted, "residual": residual, "normalised": normalised}
    residuals = pd.DataFrame(columns).assign(quantile=norm.ppf(place))
    return {
        "residuals": residuals,
        "residual_quantiles": residual_quantiles(normalised),
        "residual_bins": residual_bins(residuals),
    }


def residual_quantiles(normalised: np.ndarray) -> pd.DataFrame:
    """Return quantiles of residuals beside those of the normal (`tables.RESIDUAL_QUANTILES`)."""
    count = int(np.clip(len(normalised) // 5, 3, MOST_QUANTILES))
    probability = (np.arange(count) + 0.5) / count
    found = np.quantile(normalised, probability, method="hazen")
    columns = {"probability": probability, "normal": norm.ppf(probability), "residual": found}
    return pd.DataFrame(columns)[list(RESIDUAL_QUANTILES)]


def residual_bins(residuals: pd.DataFrame) -> pd.DataFrame:
    """Return mean residual, and mean minus and plus one SD, in bins of the fitted value.

    Bins are of equal size, ten residuals in each at least (`tables.RESIDUAL_BINS`).
    """
    ordered = residuals.sort_values("fitted", kind="stable")
    count = int(np.clip(len(ordered) // BIN, 1, MOST_BINS))
    rows = []
    for part in np.array_split(np.arange(len(ordered)), count):
        own = ordered.iloc[part]
        mean = float(own["residual"].mean())
        spread = float(own["residual"].std(ddof=1)) if len(own) > 1 else np.nan
        rows.append((float(own["fitted"].mean()), mean, mean - spread, mean + spread, len(own)))
    return pd.DataFrame(rows, columns=list(RESIDUAL_BINS))


def _covariance(fit: FittedModel) -> pd.DataFrame:
    """Return the covariance matrix in long form: visit, visit2, value.

    Without rows where each row has a time of its own, so that there is no one matrix of visits.
    """
    if fit.each_row_at_its_own_time:
        return pd.DataFrame(columns=["visit", "visit2", "value"])
    names = fit.visits or fit.random[0].names
    matrix = fit.covariance
    if isinstance(matrix, dict):
        raise TypeError("one covariance matrix for all is expected")
    size = range(len(names))
    rows = [(names[i], names[j], float(matrix[i, j])) for i in size for j in size]
    return pd.DataFrame(rows, columns=["visit", "visit2", "value"])
