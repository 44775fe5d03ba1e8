"""Who has an event, arm by arm: the difference of risks, crude or adjusted, and its ratios."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from backwalk_stats.analyses import results, rows
from backwalk_stats.analyses.margins import (
    SCORE,
    counts_against_margin,
    margin_method,
    margin_words,
)
from backwalk_stats.analyses.questions.responder import OBSERVED, by_rule, share
from backwalk_stats.engine.summary.proportions import Counts
from backwalk_stats.models.arms.discrete.adjusted_risk import adjusted_risk as standardised
from backwalk_stats.trial.estimand import BASELINE, Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.tables import RESPONDERS
from backwalk_stats.trial.trial import Trial

ADJUSTED = "adjusted"  # how the people of a row are counted: not as they were seen
SMALL_SAMPLE = (
    "as fewer than 50 people are compared, t with people less coefficients as df, which also "
    "stand for n - 1 in the variances"
)
IMPUTED = {  # code: the missing of the arm, of the reference (better or worse), and in words
    "missing-as-failure": (False, False, "missing as failure"),
    "best-case": (True, False, "missing: success in the arm, failure in the reference"),
    "worst-case": (False, True, "missing: failure in the arm, success in the reference"),
}


@results.asked("adjusted-risk")
def adjusted_risk(trial: Trial, estimand: Estimand) -> results.Answer:
    """Return the difference of risks at the estimand's visit, their ratio and more.

    Without covariates: percent of each arm (Wilson), risk_difference (Newcombe), risk_ratio
    (Koopman), nnt; p is Fisher's. With covariates: risk of each arm, risk_difference, risk_ratio
    and odds_ratio of a logistic model, standardised over all people with an outcome. Frame
    responders (`tables.RESPONDERS`): who has the event, as observed.
    """
    included = rows.rows_at_visit(trial, estimand)
    return _answer(trial, estimand, included, OBSERVED)


def imputed(code: str) -> results.Question:
    """Return the question what the difference were with every missing answer as one of the two.

    `code` is one of `IMPUTED`; rows risk_difference, risk_ratio (and odds_ratio or nnt).
    """
    in_arm, in_reference, told = IMPUTED[code]

    @results.asked(code)
    def question(trial: Trial, estimand: Estimand) -> results.Answer:
        included = rows.rows_at_visit(trial, estimand)
        good = 1.0 if trial.outcome(estimand.outcome).better == "higher" else 0.0
        fill = {estimand.contrast[0]: in_arm, estimand.contrast[1]: in_reference}
        return _answer(trial, estimand, _filled(included, fill, good=good), told)

    return question


def _filled(
    included: rows.AnalysisRows, fill: Mapping[str, bool], *, good: float
) -> rows.AnalysisRows:
    """Return rows without gaps of the arms in `fill`: success where that is true, else failure."""
    frame = included.frame
    put = frame["arm"].astype("object").map({arm: good if won else 1.0 - good
                                             for arm, won in fill.items()})  # fmt: skip
    n = int((frame["value"].isna() & put.notna()).sum())
    note = f"{n} missing answer{'s' * (n != 1)} put in"
    values = frame["value"].fillna(put.astype(float))
    return replace(included, frame=frame.assign(value=values), notes=(*included.notes, note))


def rule_of(outcome: Outcome) -> str:
    """Return the event as the rows of results and their counts name it."""
    return f"{outcome.name} = {outcome.categories[0]}"


def _answer(
    trial: Trial, estimand: Estimand, included: rows.AnalysisRows, handling: str
) -> results.Answer:
    rule = rule_of(trial.outcome(estimand.outcome))
    adjusted = [*(["baseline"] if BASELINE in estimand.covariates else []), *included.covariates]
    if BASELINE in estimand.covariates:
        included.require_baseline("a risk adjusted for the baseline")
    if adjusted:
        return _of_model(adjusted)(estimand, included, rule, handling)
    answer = _crude(estimand, included, rule, handling)
    better = trial.outcome(estimand.outcome).better
    return _held_against(answer, estimand, included, f"{rule}; {handling}", better=better)


def _held_against(
    answer: results.Answer,
    estimand: Estimand,
    included: rows.AnalysisRows,
    rule: str,
    *,
    better: str,
) -> results.Answer:
    """Return an answer with the score test against the margin, where there is one."""
    if estimand.margin is None or (estimand.framework == "non-inferiority" and not better):
        return answer
    frame = included.frame.dropna(subset=["value"])
    arms = [frame.loc[frame["arm"] == arm, "value"] for arm in estimand.contrast]
    if min(map(len, arms)) < 2:
        return answer  # the comparison itself could not be made
    (one, n), (two, n0) = ((int(arm.sum()), len(arm)) for arm in arms)
    counts = Counts(events1=one, n1=n, events2=two, n2=n0)
    note = f"{rule}, {margin_words(estimand)} ({SCORE})"
    main = estimand.role if rule.endswith(OBSERVED) else ""
    tested = counts_against_margin(counts, estimand, better=better)
    line = {**results.compared(estimand, "", tested), **tested, "n": n, "n_reference": n0}
    told = f"{answer.method} {margin_method(estimand, score=True)}"
    lines = [*answer.lines, {**line, "note": note, "role": main}]
    return replace(answer, lines=lines, method=told)


Way = Callable[[Estimand, rows.AnalysisRows, str, str], results.Answer]


def _crude(
    estimand: Estimand, included: rows.AnalysisRows, rule: str, handling: str
) -> results.Answer:
    """Return the difference of proportions."""
    answers = included.frame["value"].to_numpy(dtype=float)
    lines, shares, notes = by_rule(included, estimand, answers, f"{rule}; {handling}")
    observed = handling == OBSERVED
    if not observed:  # shares of people of whom some were not seen are nobody's
        lines = [line for line in lines if line["quantity"] != "percent"]
    used = included.pair(estimand)
    n = int(used.frame["value"].notna().sum())
    return results.Answer(
        lines=lines,
        method=(
            f"Proportions with the event at {estimand.visit}; shares with Wilson's interval, their "
            "difference with Newcombe's, risk ratio with Koopman's score interval, number needed "
            f"to treat from the limits of the difference; Fisher's exact test; {handling}; "
            f"{used.used(n)}. Not adjusted for covariates."
        ),
        notes=tuple(
            dict.fromkeys(
                (
                    *included.notes,
                    *notes,
                    *rows.left_out(used.planned - n, f"without the outcome{used.or_aside}"),
                    *rows.unused_baseline(included, estimand),
                )
            )
        ),
        frames=_shares(shares) if observed else {},
    )


def _shares(shares: list[results.Line]) -> dict[str, pd.DataFrame]:
    return {"responders": pd.DataFrame(shares, columns=list(RESPONDERS))}


def _of_model(adjusted: list[str]) -> Way:
    """Return the difference of risks of a logistic model with these columns."""

    def answer(
        estimand: Estimand, included: rows.AnalysisRows, rule: str, handling: str
    ) -> results.Answer:
        observed = handling == OBSERVED
        whole = included.frame[["value", *adjusted]].notna().all(axis=1)
        used = rows.participants_in(included.frame[whole])
        n = sum(used.values())
        found = standardised(
            included.frame,
            outcome="value",
            arm="arm",
            reference=estimand.contrast[1],
            covariates=adjusted,
            participant="participant",
            level=estimand.level,
            df="residual" if results.few(n) else "normal",
        )
        note = f"{rule}; {ADJUSTED if observed else f'{handling}, {ADJUSTED}'}"
        dropped = int((~whole).sum())
        return results.Answer(
            lines=_lines(found, estimand, used, note=note, arms=observed),
            method=_method(estimand, included, n, handling),
            notes=(
                *included.notes,
                *results.told_of_rows(found["notes"], estimand),
                *included.left_out_without(dropped, ["value", *adjusted], estimand),
                *rows.unused_baseline(included, estimand),
            ),
            frames=_shares(_observed(included, rule, estimand)) if observed else {},
        )

    return answer


def _method(estimand: Estimand, included: rows.AnalysisRows, n: int, handling: str) -> str:
    baseline = ", baseline" * (BASELINE in estimand.covariates)
    small = f"{SMALL_SAMPLE}; " if results.few(n) else ""
    return (
        f"Logistic model of the event at {estimand.visit} on arm{baseline}"
        f"{rows.listed_covariates(estimand)}; risks standardised over all people with an outcome "
        "(marginal), their difference, ratio and odds ratio, standard errors by the influence "
        f"function (Ye 2023); {small}{handling}; {included.used(n)} with complete data."
    )


def _lines(
    found: pd.DataFrame, estimand: Estimand, used: Mapping[str, int], *, note: str, arms: bool
) -> list[results.Line]:
    sizes = results.sizes_of(used, estimand)
    lines: list[results.Line] = []
    for row in found.to_dict("records"):
        if row["quantity"] == "risk" and arms:
            arm = str(row["arm"])
            about = {"visit": estimand.visit, "arm": arm, "quantity": "risk", "note": note}
            lines.append({**about, **results.columns_of(row), "n": used.get(arm, 0)})
        elif row["contrast"] == estimand.contrast_name:
            lines.append(results.compared(estimand, str(row["quantity"]), row, note=note, **sizes))
    return lines


def _observed(included: rows.AnalysisRows, rule: str, estimand: Estimand) -> list[results.Line]:
    """Return who has the event in each arm, as observed."""
    frame = included.frame
    found: list[results.Line] = []
    for arm in frame["arm"].cat.categories:
        own = frame.loc[frame["arm"] == arm, "value"].dropna().to_numpy(dtype=float)
        shown = share(int(np.sum(own)), len(own), level=estimand.level)
        found.append({"rule": f"{rule}; {OBSERVED}", "arm": str(arm), **shown})
    return found
