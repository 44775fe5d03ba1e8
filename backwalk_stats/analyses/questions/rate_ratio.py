"""Counts over time, such as falls: the rates of the arms and their ratio."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.models.arms.discrete.rate_ratio import rate_ratio as negative_binomial
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.trial import Trial

SAME_TIME = (
    "no exposure is declared: taken as counted over the same time for everybody, so a rate is the "
    "mean count"
)

SMALL_WAY: Any = {"dispersion": "cox-reid", "limits": "profile", "df": "residual"}
WALD = "Wald limits on the logarithm"
SMALL_SAMPLE = (
    "as fewer than 50 people are compared, p and limits of the ratio by the likelihood ratio at "
    "the dispersion of the adjusted profile likelihood (Cox and Reid 1987), by F with people less "
    "coefficients as df"
)
TESTED = ["conf_low", "conf_high", "p_value", "df", "statistic"]


@results.asked("rate-ratio")
def rate_ratio(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the ratio of rates at the estimand's visit by a negative binomial model.

    The logarithm of the exposure that the trial file names is the offset. Rows rate (of each arm,
    in events per unit of exposure), rate_ratio and dispersion.
    """
    outcome = trial.outcome(estimand.outcome)
    included = rows.rows_at_visit(trial, estimand)
    listed = BASELINE in estimand.covariates
    if listed:
        included.require_baseline("a rate adjusted for the baseline")
    adjusted = [*(["baseline"] if listed else []), *included.covariates]
    frame = included.frame.assign(exposure=_exposure(trial, estimand, included.frame))
    needed = ["value", "exposure", *adjusted]
    whole = frame[needed].notna().all(axis=1)
    used = rows.participants_in(frame[whole])
    few = results.few(sum(used.values()))
    model = partial(
        negative_binomial,
        frame,
        outcome="value",
        arm="arm",
        exposure="exposure",
        reference=estimand.contrast[1],
        covariates=adjusted,
        participant="participant",
        level=estimand.level,
    )
    found = _tested_as_small(model(), model(**SMALL_WAY)) if few else model()
    silent = _without_events(found)
    return results.Answer(
        lines=_lines(found, estimand, used),
        method=_method(estimand, included, silent, over=outcome.exposure, n=sum(used.values())),
        notes=(
            *included.notes,
            *(() if outcome.exposure else (SAME_TIME,)),
            *results.told_of_rows(found["notes"], estimand),
            *dict.fromkeys(note for note in map(_of_silence, found["notes"]) if note),
            *rows.left_out(
                int((~whole).sum()), f"without a value that the model needs{included.or_aside}"
            ),
            *rows.unused_baseline(included, estimand),
        ),
    )


def _tested_as_small(found: pd.DataFrame, small: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of maximum likelihood with the test and the limits of small trials.

    Estimates and errors stay those that other programs print; p and limits are of one test.
    """
    ratios = (found["quantity"] == "rate_ratio").to_numpy()
    return found.assign(
        **{name: np.where(ratios, small[name], found[name]) for name in TESTED},
        notes=np.where(ratios, small["notes"], found["notes"]),
    )


def _exposure(trial: Trial, estimand: Estimand, frame: pd.DataFrame) -> pd.Series:
    """Return the time of each row; 1 for everybody where none is declared."""
    if not trial.outcome(estimand.outcome).exposure:
        return pd.Series(1.0, index=frame.index)
    times = trial.exposures
    if times is None:
        return pd.Series(float("nan"), index=frame.index)
    own = times[
        (times["outcome"] == estimand.outcome) & (times["visit"].astype(str) == estimand.visit)
    ]
    return frame["participant"].map(own.set_index("participant")["exposure"]).astype(float)


def _method(
    estimand: Estimand, included: rows.AnalysisRows, silent: list[str], *, over: str, n: int
) -> str:
    limits = f"errors of the expected information; {SMALL_SAMPLE if results.few(n) else WALD}"
    if set(silent) & set(estimand.contrast):
        limits = (
            "as an arm has no event, exact conditional limits of a ratio of Poisson rates; where "
            "counts of the other arms vary more, Fisher's test of who had an event, without limits"
        )
    offset = f"log of {over} as offset" if over else "no offset"
    return (
        f"Negative binomial model of the count at {estimand.visit} on arm"
        f"{', baseline' * (BASELINE in estimand.covariates)}{rows.listed_covariates(estimand)}; "
        f"{offset}; {limits}; {included.used(n)} with complete data."
    )


def _without_events(found: pd.DataFrame) -> list[str]:
    """Return the arms in which nobody had an event: their ratios are at an end."""
    rates = found[(found["quantity"] == "rate") & (found["estimate"] == 0.0)]
    return [str(arm) for arm in rates["arm"]]


def _of_silence(notes: object) -> str:
    """Return what a row of the model says of an arm without an event, "" where all had one."""
    _, begin, rest = str(notes).partition("no event in")
    return begin + rest


def _lines(found: pd.DataFrame, estimand: Estimand, used: dict[str, int]) -> list[results.Line]:
    sizes = results.sizes_of(used, estimand)
    lines: list[results.Line] = []
    for row in found.to_dict("records"):
        quantity, arm = str(row["quantity"]), str(row["arm"])
        about = {"visit": estimand.visit, "quantity": quantity}
        if quantity == "rate":
            lines.append({**about, "arm": arm, **results.columns_of(row), "n": used.get(arm, 0)})
        elif row["contrast"] == estimand.contrast_name:
            lines.append(
                results.compared(estimand, quantity, row, note=_of_silence(row["notes"]), **sizes)
            )
        elif quantity == "dispersion":
            lines.append({**about, **results.columns_of(row)})
    return lines
