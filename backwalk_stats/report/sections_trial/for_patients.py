"""For patients: what was compared, who got better, harms, what is not known, in plain words."""

from __future__ import annotations

from math import isfinite

from backwalk_stats.analyses.harms import ANY
from backwalk_stats.analyses.questions.responder import FAILED
from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import rule_told
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import arm_words, in_sentence
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result

ORDER = 56
_BETTER = "Better means that a person {rule}. Those with no last score count as not better."
_HARM = {
    "systematic": "Each person was asked about harm.",
    "spontaneous": "Harm was noted when people spoke of it, so some may be missed.",
    "both": "Each person was asked about harm.",
}


def section(subject: TrialSubject) -> document.Section:
    """Return one box: nothing where neither a response nor a harm is known."""
    blocks: tuple[document.Block, ...] = ()
    told = plain_words(subject)
    if told:
        entries = tuple(((document.Strong(text=head),), (f" {said}",)) for head, said in told)
        box = document.Abstract(id="in-plain-words", title="In plain words", entries=entries)
        blocks = (box,)
    return document.Section(id="for-patients", title="For patients", blocks=blocks)


def plain_words(subject: TrialSubject) -> list[tuple[str, str]]:
    """Return head and text of each part of the box; empty where there is nothing to tell."""
    asked = subject.trial.estimands
    first = next((one for one in asked if one.role == "primary"), next(iter(asked), None))
    if first is None or subject.trial.study.design == "crossover":
        return []
    better, harm = _better(subject, first), _harms(subject)
    if not better and subject.trial.harms is None:
        return []
    sizes = [f"{subject.sizes.get(arm, 0)} did {_walk(subject, arm)}" for arm in subject.arms]
    compared = f"People took part in groups: {', '.join(sizes)}."
    parts = [("What was compared.", compared), ("Who got better.", better)]
    parts += [("Harm.", harm), ("What is not known.", _open(subject, first))]
    return [(head, said) for head, said in parts if said]


def _walk(subject: TrialSubject, arm: str) -> str:
    return arm_words(subject.arms.get(arm) or arm)


def _better(subject: TrialSubject, asked: Estimand) -> str:
    """Return how many of 100 got better by the first rule, missing counted as not."""
    parts = subject.analysis.parts_of(asked.id)
    part = next((one for one in parts if one.analysis == "responder"), None)
    frame = part.frames.get("responders") if part is not None else None
    if part is None or frame is None:
        return ""
    mine = frame[frame["rule"].astype(str).str.endswith(FAILED)]
    rule = str(mine["rule"].iloc[0]) if len(mine) else ""
    rows = {str(row["arm"]): row for row in numbers.frame_rows(mine[mine["rule"] == rule])}
    pair = [rows.get(arm) for arm in asked.contrast]
    if any(row is None or not isfinite(float(row["percent"])) for row in pair):
        return ""
    shares = [
        f"{numbers.number(float(row['percent']), 0)} with {_walk(subject, arm)}"
        for arm, row in zip(asked.contrast, pair, strict=True)
        if row is not None
    ]
    name = rule.partition("; ")[0].partition(" (")[0]
    told = in_sentence(rule_told(name, subject.outcome_of(asked)))
    means = f"{told} on {in_sentence(subject.outcome_of(asked).label)}"
    return " ".join(
        filter(
            None,
            [
                f"Of 100 people, this many got better: {' and '.join(shares)}.",
                _gap(part, rule, _walk(subject, asked.contrast[0])),
                _BETTER.format(rule=means),
            ],
        )
    )


def _gap(part: Result, rule: str, arm: str) -> str:
    """Return how far the true difference may lie from what was seen."""
    rows = part.estimates[
        (part.estimates["quantity"] == "risk_difference")
        & (part.estimates["note"].astype(str) == rule)
    ]
    if not len(rows) or not isfinite(float(rows.iloc[0]["conf_low"])):
        return ""
    limits = [100.0 * float(rows.iloc[0][name]) for name in ("conf_low", "conf_high")]
    ends = [f"{numbers.number(abs(end), 0)} {'more' if end > 0 else 'fewer'}" for end in limits]
    return f"With {arm}, the true gap may lie from {ends[0]} to {ends[1]} of 100."


def _harms(subject: TrialSubject) -> str:
    """Return how many of 100 had any harm, where that is shown."""
    recorded = subject.trial.harms
    part = next(iter(subject.parts("harms")), None)
    frame = part.frames.get("harms") if part is not None else None
    if recorded is None or frame is None:
        return "This report has no record of harm. That does not mean that there was none."
    rows = {str(r["arm"]): r for r in numbers.frame_rows(frame[frame["term"] == ANY])}
    told = [_HARM[recorded.asked]]
    if any(not isfinite(float(row["percent"])) for row in rows.values()):
        return f"{told[0]} How many had any is not shown here, as they were few."
    if all(float(row["people"]) == 0 for row in rows.values()):
        return f"{told[0]} None was noted. That does not mean that there was none."
    shares = [
        f"{numbers.number(float(rows[arm]['percent']), 0)} with {_walk(subject, arm)}"
        for arm in subject.arms
        if arm in rows
    ]
    return f"{told[0]} Of 100 people, this many had any harm: {' and '.join(shares)}."


def _open(subject: TrialSubject, asked: Estimand) -> str:
    """Return what the trial cannot say."""
    when = in_sentence(subject.visit_label(asked.visit))
    return (
        f"We do not know what comes after {when}. What holds for a group need not hold for you. "
        "Ask those who treat you before you start."
    )
