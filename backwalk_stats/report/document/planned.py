"""What a report says of the locked plan: once for the trial, and beside every estimate."""

from __future__ import annotations

from collections.abc import Iterable

from backwalk_stats.analyses.planned import in_plan, touches
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.locked_plan import (
    CHANGED,
    DATA_SEEN,
    POST_HOC,
    Difference,
    PlanComparison,
    in_words,
)
from backwalk_stats.trial.result import Result

NO_PLAN = "No plan was locked before this analysis."
EDITED = (
    "The lock beside the trial file was changed by hand: a hash in it is not that of the plan "
    "beside it, so that nothing is held against it."
)
_NOT_IN_PLAN = "Post hoc: not in the locked plan."
_LATE = "Post hoc: the plan was locked after the allocation had been opened."


def plan_sentence(plan: PlanComparison | None) -> str:
    """Say whether a plan was locked, and how the analysis stands to it.

    Examples
    --------
    >>> plan_sentence(None)
    'No plan was locked before this analysis.'
    """
    if plan is None or not plan.locks:
        return NO_PLAN
    if plan.held is None:
        return EDITED
    named = plan.held.named
    if plan.late and plan.unblinded is not None:
        return (
            f"The plan was locked on {named}, after the allocation had been opened on "
            f"{in_words(plan.unblinded)}: nothing here is told as planned."
        )
    if not plan.differences:
        return f"Nothing differs from the plan of {named}."
    return f"{_counted(plan.differences)} from the plan of {named}{_parts(plan.differences)}."


def _counted(differences: tuple[Difference, ...]) -> str:
    """Return how many keys differ, in a word where there are few."""
    n = len(differences)
    few = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
    return f"{few[n - 1] if n <= len(few) else n} {'entry differs' if n == 1 else 'entries differ'}"


def _parts(differences: tuple[Difference, ...]) -> str:
    """Return how many differences are explained, not explained, and post hoc."""
    explained = sum(bool(one.reason) for one in differences)
    early = sum(one.before_unblinding is True for one in differences)
    late = sum(one.post_hoc for one in differences)
    told = [
        f"{explained} explained",
        f"{len(differences) - explained} not explained",
        f"{early} decided before unblinding",
        f"{late} post hoc",
    ]
    return f": {', '.join(told)}"


def seen_sentence(plan: PlanComparison) -> str:
    """Say what had been seen of the data when the held plan was locked."""
    held = plan.held
    return "" if held is None else f"When it was locked, {DATA_SEEN[held.data_seen]}."


# Beside an estimate.


def suffix(row: numbers.Row | None, before: str = ", ") -> str:
    """Return what follows an estimate that is not as planned; "" of one that is, or without a lock.

    Examples
    --------
    >>> suffix({"planned": "post hoc"}), suffix({"planned": "planned"}), suffix(None)
    (', post hoc', '', '')
    >>> suffix({"planned": "changed"}, before="; ")
    '; changed from the plan'
    """
    told = {POST_HOC: "post hoc", CHANGED: "changed from the plan"}
    said = told.get(str(row.get("planned")), "") if row else ""
    return f"{before}{said}" if said else ""


def beside(subject: TrialSubject, estimand: Estimand, row: numbers.Row | None) -> str:
    """Say by which keys the answer to an estimand is not as planned; "" where it is."""
    plan = subject.trial.plan
    if plan is None or plan.held is None or row is None or not suffix(row):
        return ""
    if plan.late:
        return _LATE
    if not in_plan(plan, row, estimand):
        return _NOT_IN_PLAN
    found = [one for one in plan.differences if touches(one, row, estimand)]
    late = [one for one in found if one.post_hoc]
    if late:
        return f"Post hoc, as decided after unblinding: {_named(late)}."
    return f"Changed from the plan: {_named(found)}."


def _named(differences: Iterable[Difference]) -> str:
    """Return the keys that differ, each with the word that nobody explains it."""
    told = [f"{one.short}{'' if one.reason else ' (not explained)'}" for one in differences]
    return ", ".join(dict.fromkeys(told))


def of_part(part: Result) -> list[str]:
    """Return a sentence on a part whose estimates are not as planned; none where they all are."""
    marks = [str(one) for one in part.estimates["planned"]] if len(part.estimates) else []
    if POST_HOC in marks:
        head = "Post hoc" if set(marks) == {POST_HOC} else "In part post hoc"
        return [f"{head}: not in the locked plan, or decided after unblinding."]
    return ["Changed from the plan, as the table of differences says."] if CHANGED in marks else []


def touched(subject: TrialSubject, one: Difference) -> str:
    """Return which estimands a difference touches, "-" for none."""
    asked = {each.id: each for each in subject.estimands}
    rows = numbers.frame_rows(subject.analysis.estimates)
    known = {
        str(row["estimand"]) or str(row["analysis"])
        for row in rows
        if touches(one, row, asked.get(str(row["estimand"])))
    }
    own = one.key.split(".")[1:2] if one.key.startswith("estimand.") else []
    known |= {name for name in own if name in asked}  # also of what is added to its lists
    if known and known == {str(row["estimand"]) or str(row["analysis"]) for row in rows}:
        return "all"
    return ", ".join(sorted(known)) or numbers.DASH
