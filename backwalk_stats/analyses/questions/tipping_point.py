"""How much worse the unseen must have done for the conclusion to change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses.margins import margin_lines
from backwalk_stats.analyses.questions import missing
from backwalk_stats.analyses.results import Answer, asked, compared
from backwalk_stats.analyses.rows import AnalysisRows, listed_covariates
from backwalk_stats.models.missing.tipping_point import tipping_point as shifted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.tables import TIPPING
from backwalk_stats.trial.trial import Trial

STEPS = 10  # to either side of no shift
SPREADS = 2.0  # how far the shifts go where the scale has no ends


@asked("tipping-point")
def tipping_point(trial: Trial, estimand: Estimand) -> Answer:
    """Return the comparison over a grid of shifts of the imputed values of both arms.

    Of a parallel trial with a baseline. Shifts go half the scale to either side, or two standard
    deviations at the visit where the scale has no ends. One row mean_difference: without a shift,
    by conditional means under missing at random. Frames: tipping (`tables.TIPPING`), and tips:
    contrast, tips_low, tips_high, the shifts of the arm at which p crosses 1 - level, the
    reference's being 0 (NaN: never). With a margin they are those at which the interval reaches it.
    """
    rows = missing.imputation_rows(trial, estimand)
    outcome = trial.outcome(estimand.outcome)
    shifts, margins = _shifts(outcome, rows, estimand), margin_lines(estimand, outcome)
    found, covariance, notes = missing.with_fallback(
        estimand,
        lambda name: shifted(
            rows.frame,
            **missing.imputation_columns(rows, estimand),
            deltas=shifts,
            deltas_reference=shifts,
            covariance=name,
            margins=margins,
        ),
    )
    mine = found[found["contrast"] == estimand.contrast_name].reset_index(drop=True)
    still = mine[(mine["delta_reference"] == 0.0) & (mine["delta"] == 0.0)].iloc[0]
    arm = trial.study.arm_label(estimand.contrast[0])
    tips = still[["contrast", "tips_low", "tips_high"]].to_dict()
    if margins:
        tips |= {f"tips_{end}": still[f"margin_tips_{end}"] for end in ("low", "high")}
    note = _tips(tips, arm, margin=bool(margins))
    return Answer(
        lines=[compared(estimand, "mean_difference", still, note=note)],
        method=(
            "Delta tipping point: missing values after drop-out are imputed by conditional means "
            f"under missing at random ({missing.model_words(rows, estimand, covariance)}), a shift "
            f"is added to them in each arm, and analysis of covariance at {estimand.visit} (arm, "
            f"baseline{listed_covariates(estimand)}) is repeated, with the jackknife's standard "
            f"error at each of {len(shifts)} × {len(shifts)} pairs of shifts from {shifts[0]:g} to "
            f"{shifts[-1]:g}."
        ),
        notes=(*missing.imputation_notes(rows, still, estimand), *notes),
        frames={
            "tipping": mine[list(TIPPING)],
            "tips": pd.DataFrame([tips]),
        },
    )


def _shifts(outcome: Outcome, rows: AnalysisRows, estimand: Estimand) -> list[float]:
    """Return the shifts, zero in their middle."""
    if outcome.low is not None and outcome.high is not None:
        most = (outcome.high - outcome.low) / 2.0
    else:
        here = rows.frame.loc[rows.frame["visit"] == estimand.visit, "value"]
        most = SPREADS * float(here.std(ddof=1))
        # Two digits, so that the axis of a figure is readable.
        digits = 1 - int(np.floor(np.log10(most))) if most > 0.0 else 0
        most = round(most, digits)
    places = range(-STEPS, STEPS + 1)
    return [round(most * place / STEPS, 12) for place in places]


def _tips(row: Mapping[Hashable, Any], arm: str, *, margin: bool) -> str:
    """Say at which shift of the arm's missing values alone the conclusion changes."""
    what = "the margin reached or not" if margin else "zero in or out of the interval"
    ends = [float(row[name]) for name in ("tips_low", "tips_high")]
    there = [f"{end:.3g}" for end in ends if np.isfinite(end)]
    if not there:
        return f"no shift of the missing values of {arm} changes the conclusion"
    return (
        f"the conclusion ({what}) changes where the missing values of {arm} "
        f" are shifted by {' or '.join(there)}"
    )
