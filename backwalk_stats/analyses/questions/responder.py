"""Who improved by an amount that matters: shares of each arm, and the arms compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from backwalk_stats.analyses import results
from backwalk_stats.analyses.rows import AnalysisRows, rows_at_visit
from backwalk_stats.errors import NotEstimable
from backwalk_stats.instruments.improvement import improved
from backwalk_stats.models.arms.responders import THROUGH, responders
from backwalk_stats.trial.derive import changes, restricted
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Threshold
from backwalk_stats.trial.tables import RESPONDERS, RESPONSE_CURVE
from backwalk_stats.trial.trial import Trial

OBSERVED, FAILED = "observed cases", "missing = no response"
THIRTY = Threshold(
    name="30 %",
    kind="mcid",
    value=30.0,
    unit="percent",
    population="any",
    source="a convention, not a finding about this outcome",
)
SHARE = ("percent", "conf_low", "conf_high")
POINTS = 61
MOST = 101
TIE = 1e-9


@results.asked("responder")
def responder(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return responders by each threshold that the trial file names, and by 30 % of baseline.

    Of a parallel trial whose outcome says which way is better; covariates play no part. For each
    rule, among observed cases and with missing as no response (the note says which): percent (each
    arm, Wilson's interval), risk_difference (a share, Newcombe), risk_ratio (Koopman), nnt; p is
    Fisher's. Frames: responders (`tables.RESPONDERS`), response_curve; for individuals points.
    """
    outcome = trial.outcome(estimand.outcome)
    rows = rows_at_visit(trial, estimand)
    if not outcome.better:
        raise NotEstimable("the trial file does not say which way is better")
    lines: list[results.Line] = []
    shares: list[results.Line] = []
    notes = list(rows.notes)
    for threshold in _thresholds(outcome, rows, notes):
        answers = _answers(rows, threshold, outcome)
        for handling in (OBSERVED, FAILED):
            given = answers if handling == OBSERVED else _failed(answers, rows, threshold)
            found = by_rule(rows, estimand, given, f"{_words(threshold)}; {handling}")
            lines += found[0]
            shares += found[1]
            notes += found[2]
    chosen = restricted(trial, estimand.population)
    frames = {"responders": pd.DataFrame(shares, columns=list(RESPONDERS))}
    if rows.has_baseline:
        frames["points"] = changes(chosen, estimand.outcome, estimand.visit)
        frames["response_curve"] = response_curve(frames["points"], outcome, trial.study.arm_names)
    return results.Answer(
        lines=lines,
        method=(
            f"Responders at {estimand.visit} among observed cases, and with a missing value"
            f"{rows.or_aside} as no response; shares with Wilson's interval; risk difference with "
            "Newcombe's, risk ratio with Koopman's score interval, number needed to treat from the "
            "limits of the difference; Fisher's exact test. Not adjusted for covariates."
        ),
        notes=tuple(dict.fromkeys(notes)),
        frames=frames,
    )


def _thresholds(outcome: Outcome, rows: AnalysisRows, notes: list[str]) -> list[Threshold]:
    """Return the rules that apply; notes say which do not."""
    found = list(outcome.thresholds)
    if not any((one.unit, one.value) == ("percent", 30.0) for one in found):
        found.append(THIRTY)
    kept = []
    for one in found:
        if one.kind != "pass" and not rows.has_baseline:
            notes.append(f"{one.name}: not applied, the trial has no baseline")
        elif one.unit == "percent" and outcome.low not in (None, 0.0):
            notes.append(f"{one.name}: not applied, the scale does not begin at 0")
        else:
            kept.append(one)
    return kept


def _words(threshold: Threshold) -> str:
    """Return a rule as the note of its rows names it."""
    if threshold is THIRTY:
        return "improved by 30 % or more"
    unit = "%" if threshold.unit == "percent" else "points"
    verb = "a score of" if threshold.kind == "pass" else "improved by"
    end = "or better" if threshold.kind == "pass" else "or more"
    return f"{verb} {threshold.value:g} {unit} {end} ({threshold.name})"


def _answers(rows: AnalysisRows, threshold: Threshold, outcome: Outcome) -> np.ndarray:
    better: Any = outcome.better
    before, after = rows.frame["baseline"].to_numpy(), rows.frame["value"].to_numpy()
    return improved(before, after, threshold=threshold, better=better)


def _failed(answers: np.ndarray, rows: AnalysisRows, threshold: Threshold) -> np.ndarray:
    """Return answers with who cannot be judged at the visit as no responder.

    Who has no baseline, or one of which no share can be told, could not respond: they stay out.
    """
    if threshold.kind == "pass":
        return np.where(np.isnan(answers), 0.0, answers)
    before = rows.frame["baseline"].to_numpy(dtype=float)
    able = before > 0.0 if threshold.unit == "percent" else ~np.isnan(before)
    return np.where(np.isnan(answers) & able, 0.0, answers)


def by_rule(
    rows: AnalysisRows, estimand: Estimand, answers: np.ndarray, rule: str
) -> tuple[list[results.Line], list[results.Line], list[str]]:
    """Return rows of results, rows of the frame, and notes."""
    frame = rows.frame.assign(answer=answers)
    lines: list[results.Line] = []
    shares: list[results.Line] = []
    for arm in frame["arm"].cat.categories:
        own = frame.loc[frame["arm"] == arm, "answer"].dropna().to_numpy()
        found = share(int(own.sum()), len(own), level=estimand.level)
        shares.append({"rule": rule, "arm": str(arm), **found})
        about = {"contrast": "", "arm": str(arm), "note": rule, "n": found["n"]}
        lines.append(results.compared(estimand, "percent", found, named=SHARE, **about))
    both = frame[frame["arm"].isin(list(estimand.contrast))].reset_index(drop=True)
    both = both.assign(arm=both["arm"].cat.remove_unused_categories())
    try:
        answered = responders(
            both,
            responder="answer",
            arm="arm",
            reference=estimand.contrast[1],
            participant="participant",
            level=estimand.level,
        )
    except NotEstimable as error:
        lines.append(results.compared(estimand, "risk_difference", {}, note=rule))
        return lines, shares, [f"{rule}: {results.in_trial_words(str(error))}"]
    notes = []
    for row in answered.to_dict("records"):
        lines.append(results.compared(estimand, row["quantity"], row, note=rule))
        # An interval through infinity is written as one, wherever it is shown.
        said = [one for one in str(row["notes"]).split("; ") if one and not one.startswith(THROUGH)]
        notes += [f"{rule}, {row['quantity']}: {'; '.join(said)}"] if said else []
    return lines, shares, notes


# Shares of responders with their interval, and the share that improved by each amount.


def share(events: int, n: int, *, level: float) -> dict[str, float]:
    """Return events, n, per cent and Wilson's interval in per cent; NaN without anybody.

    Examples
    --------
    >>> {name: round(one, 2) for name, one in share(3, 10, level=0.95).items()}
    {'events': 3, 'n': 10, 'percent': 30.0, 'conf_low': 10.78, 'conf_high': 60.32}
    """
    if not n:
        return {"events": 0, "n": 0, **dict.fromkeys(("percent", "conf_low", "conf_high"), np.nan)}
    limits = binomtest(events, n).proportion_ci(confidence_level=level, method="wilson")
    percent = 100.0 * events / n
    low, high = 100.0 * float(limits.low), 100.0 * float(limits.high)
    return {"events": events, "n": n, "percent": percent, "conf_low": low, "conf_high": high}


def response_curve(changes: pd.DataFrame, outcome: Outcome, arms: tuple[str, ...]) -> pd.DataFrame:
    """Return the share of each arm that improved by at least each amount.

    From `tables.CHANGES` to `tables.RESPONSE_CURVE`. Everyone with a baseline counts, who has no
    value as not better, as in the rows of "missing = no response". Thresholds run over what was
    observed, in steps of the scale where it has any and these are not too many, and are those that
    the outcome names in points besides.
    """
    gain = outcome.sign * changes["change"].to_numpy(dtype=float)
    known = gain[~np.isnan(gain)]
    if not len(known):
        return pd.DataFrame(columns=list(RESPONSE_CURVE))
    named = [one.value for one in outcome.thresholds
             if one.unit == "points" and one.kind != "pass"]  # fmt: skip
    at = _cut_points(float(known.min()), float(known.max()), outcome.step)
    extra = [one for one in named if np.abs(at - one).min() > TIE * max(1.0, one)]
    at = np.sort([*at, *extra])
    arm_of = changes["arm"].astype("object").to_numpy()
    able = changes["baseline"].notna().to_numpy()
    rows = []
    for arm in arms:
        own = gain[(arm_of == arm) & able]
        for threshold in at:
            slack = TIE * max(1.0, abs(threshold))
            reached = 100.0 * float((own >= threshold - slack).mean()) if len(own) else np.nan
            rows.append((arm, float(threshold), reached, len(own)))
    return pd.DataFrame(rows, columns=list(RESPONSE_CURVE))


def _cut_points(low: float, high: float, step: float | None) -> np.ndarray:
    if step is not None and (high - low) / step < MOST:
        first, last = int(np.floor(low / step)), int(np.ceil(high / step))
        return np.asarray(step * np.arange(first, last + 1))
    return np.linspace(low, high, POINTS)
