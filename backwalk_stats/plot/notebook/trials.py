"""The faces of a trial and of its analysis: what was planned, who is there, what came out.

Counts of missing values are told over all arms only; what an analysis shows has passed
`report.privacy`, as in its report.
"""

from __future__ import annotations

from math import isfinite, nan

import pandas as pd

from backwalk_stats.figures import inline_svg
from backwalk_stats.plot.notebook import blocks
from backwalk_stats.report.analysis import Analysis
from backwalk_stats.report.headline import headline, main_row
from backwalk_stats.report.subject import TrialSubject, trial_subject
from backwalk_stats.tables import estimates, numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome
from backwalk_stats.trial.trial import Trial

ALL_ARMS = "Counts of missing values are over all arms."


def trial_html(trial: Trial) -> str:
    """Return a trial for a notebook: arms, visits, outcomes with what is missing, questions."""
    study = trial.study
    design = f"{study.design} trial {study.id}"
    notes = f"{len(trial.load_log)} lines of loading in .load_log"
    people = f"{len(trial.participants)} participants, {len(study.visits)} visits"
    parts = [
        blocks.head(study.title, rests_on=f"{design} · {people} · {notes}"),
        blocks.side_by_side(_outcomes(trial), _arms(trial)),
        _questions(trial),
    ]
    return blocks.face(*parts)


def _arms(trial: Trial) -> str:
    """Return the arms with their number of participants, the reference first."""
    sizes = trial.participants["arm"].astype(str).value_counts()
    rows = [[arm.label or arm.name, str(int(sizes.get(arm.name, 0)))] for arm in trial.study.arms]
    rows[0][0] += " (reference)"
    return blocks.table(["Arm", "n"], rows, caption="Arms")


def _outcomes(trial: Trial) -> str:
    """Return the outcomes: role, which way is better, and what is missing by visit."""
    study = trial.study
    missing = trial.data["value"].isna().groupby(
        [trial.data["outcome"].astype(str), trial.data["visit"].astype(str)]
    ).sum()  # fmt: skip
    rows = []
    for outcome in trial.outcomes:
        better = f"{outcome.better} is better" if outcome.better else "not declared"
        counts = [str(int(missing.get((outcome.name, visit.name), 0))) for visit in study.visits]
        rows.append([_measure(outcome), outcome.role, better, *counts])
    heads = ["Outcome", "role", "direction", *(f"missing, {one.label}" for one in study.visits)]
    return blocks.table(heads, rows, caption="Outcomes", texts=(1, 2)) + blocks.second(ALL_ARMS)


def _questions(trial: Trial) -> str:
    """Return what is to be estimated, a line each."""
    texts = [
        f"{one.id}: {trial.outcome(one.outcome).label} at {trial.study.visit_label(one.visit)}, "
        f"{_pair(trial, one)}, by {one.analysis}"
        for one in trial.estimands
    ]
    return blocks.folded(f"Questions, {len(texts)}", blocks.items(texts)) if texts else ""


def _pair(trial: Trial, estimand: Estimand) -> str:
    arm, reference = (trial.study.arm_label(name) for name in estimand.contrast)
    return f"{arm} minus {reference}"


def _measure(outcome: Outcome) -> str:
    said = not outcome.unit or f"({outcome.unit})" in outcome.label
    return outcome.label if said else f"{outcome.label}, {outcome.unit}"


# An analysis.


def analysis_html(analysis: Analysis) -> str:
    """Return an analysis for a notebook: the answers, the main results, the primary outcome."""
    subject = trial_subject(analysis.analysis)
    declared = subject.trial.estimands
    study, n = subject.trial.study, subject.n
    second = f"{n} participants · {len(subject.analysis.parts)} analyses, all in .results"
    parts = [
        blocks.head(study.title, rests_on=second),
        blocks.items(headline(subject, one) for one in declared),
        blocks.side_by_side(_main_results(subject), _primary(subject)),
    ]
    return blocks.face(*parts)


def _main_results(subject: TrialSubject) -> str:
    """Return the row that answers each question, and the analyses that were declared for it."""
    rows = []
    for one in subject.estimands:
        row = main_row(subject, one)
        name = f"{_measure(subject.outcome_of(one))}, {subject.visit_label(one.visit)}"
        rows.append([name, *_told(row), _sizes(row)])
    levels = {one.level for one in subject.estimands} or {0.95}
    interval = numbers.interval_name(levels.pop()) if len(levels) == 1 else "interval"
    return blocks.table(
        ["Outcome", "Estimate", interval, "p", "n"], rows, caption=_caption(subject)
    )


def _caption(subject: TrialSubject) -> str:
    pairs = {_pair(subject.trial, one) for one in subject.estimands}
    return f"Main results: {pairs.pop()}" if len(pairs) == 1 else "Main results"


def _told(row: numbers.Row | None) -> list[str]:
    """Return estimate, interval and p of a row of results."""
    if row is None or not isfinite(float(row["estimate"])):
        return [numbers.DASH] * 3
    digits = estimates.estimate_digits(row)
    return [
        numbers.number(row["estimate"], digits),
        numbers.interval_text(row["conf_low"], row["conf_high"], digits),
        numbers.p_value(row["p_value"]),
    ]


def _sizes(row: numbers.Row | None) -> str:
    """Return the participants of arm and reference in an analysis."""
    if row is None:
        return numbers.DASH
    return f"{numbers.count(row.get('n', nan))} + {numbers.count(row.get('n_reference', nan))}"


def _primary(subject: TrialSubject) -> str:
    """Return the first question's outcome by visit: means of the model, or observed ones."""
    if not subject.estimands:
        return ""
    estimand = subject.estimands[0]
    means, kind = _means(subject, estimand)
    rows = [row for row in numbers.frame_rows(means) if isfinite(float(row["estimate"]))]
    seen = {row["visit"] for row in rows}
    visits = {name: label for name, label in subject.visits.items() if name in seen}
    if not visits:
        return ""
    outcome = subject.outcome_of(estimand)
    picture = inline_svg.means_picture(
        rows,
        subject.arms,
        visits,
        title=f"{kind} of {outcome.label}",
        counts={
            (row["arm"], row["visit"]): int(row["n"]) for row in rows if isfinite(float(row["n"]))
        },
    )
    return picture + _difference(subject, estimand)


def _difference(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the difference of the first question with its interval on a line."""
    row = main_row(subject, estimand)
    if row is None or not isfinite(float(row["estimate"])) or row["quantity"] == "f_statistic":
        return ""
    outcome = subject.outcome_of(estimand)
    way = f"; {outcome.better} is better" if outcome.better else ""
    named = [one.value for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points")]
    dotted = [outcome.sign * one for one in named] if outcome.better else []
    scale = inline_svg.interval_scale([row], dotted)
    picture = inline_svg.interval_picture(row, scale, bold=True, dotted=dotted)
    known = ", ".join(numbers.significant(one) for one in named)
    also = f"; dotted: {known} {outcome.unit}, named in the trial file".rstrip() if dotted else ""
    where = f"difference at {subject.visit_label(estimand.visit)}, zero marked{way}{also}"
    return f"<p></p>{picture}{blocks.second(where)}"


def _means(subject: TrialSubject, estimand: Estimand) -> tuple[pd.DataFrame, str]:
    """Return the means of the main analysis, else those observed, and what they are called."""
    part = subject.main_part(estimand)
    frame = part.frames.get("means") if part is not None else None
    if frame is not None and (frame["kind"] == "model").any():
        model = frame[frame["kind"] == "model"]
        first = frame[(frame["kind"] != "model") & ~frame["visit"].isin(model["visit"])]
        mixed = "Model mean" if first.empty else "Mean (observed at baseline, then model)"
        return pd.concat([first, model]), mixed
    observed = subject.analysis.part("within-arm", estimand.outcome)
    if observed is None or "means" not in observed.frames:
        return pd.DataFrame(columns=["arm", "visit", "estimate"]), ""
    return observed.frames["means"], "Observed mean"
