"""What differs from the locked plan, each with its reason, and how the plan was amended."""

from __future__ import annotations

from backwalk_stats.loaders.plan_lock.lock_file import differences
from backwalk_stats.report.document import document, planned
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.trial.locked_plan import (
    DATA_SEEN,
    NOT_EXPLAINED,
    Difference,
    PlanComparison,
    in_words,
)

ORDER = 39
_YES_NO = {True: "yes", False: "no", None: "not known"}


def section(subject: TrialSubject) -> document.Section:
    """Return the sentence on the plan and its two tables; nothing where no plan was locked."""
    plan = subject.trial.plan
    blocks: list[document.Block] = []
    if plan is not None and plan.locks:
        told = " ".join(filter(None, [planned.plan_sentence(plan), planned.seen_sentence(plan)]))
        blocks.append(document.Paragraph(content=(told,)))
        if plan.differences:
            table = differences_table(subject, plan.differences)
            blocks.append(document.TableBlock(id="plan-differences", table=table))
        if len(plan.locks) > 1 and not plan.edited:
            block = document.TableBlock(id="plan-amendments", table=amendments_table(plan))
            blocks.append(block)
    return document.Section(
        id="plan", title="The plan, and what differs from it", short="Plan", blocks=tuple(blocks)
    )


def differences_table(subject: TrialSubject, found: tuple[Difference, ...]) -> DisplayTable:
    """Return one row a difference: key, planned, done, when, reason, timing, what it touches."""
    rows = [
        (
            one.key,
            one.planned,
            one.done,
            numbers.DASH if one.when is None else in_words(one.when),
            one.reason or NOT_EXPLAINED,
            _YES_NO[one.before_unblinding],
            planned.touched(subject, one),
        )
        for one in found
    ]
    return DisplayTable(
        columns=display_columns(
            ("key", "Key", "left", 2.1),
            ("planned", "Planned", "left", 1.5),
            ("done", "Done", "left", 1.5),
            ("when", "When", "left", 1.1),
            ("reason", "Reason", "left", 2.0),
            ("before_unblinding", "Before unblinding", "left", 0.9),
            ("touches", "Touches", "left", 0.9),
        ),
        rows=display_rows(rows),
        caption="What differs from the locked plan.",
        notes=(
            "Keys are those of the trial file. What was decided after the allocation had been "
            "opened, or is not in the plan, is post hoc.",
        ),
    )


def amendments_table(plan: PlanComparison) -> DisplayTable:
    """Return one row a lock: day, hash, what had been seen, which keys it changed, and why."""
    rows = []
    for place, one in enumerate(plan.locks):
        before = plan.locks[place - 1].plan if place else {}
        keys = [each.short for each in differences(before, one.plan)] if place else []
        rows.append(
            (
                in_words(one.locked),
                one.short,
                DATA_SEEN[one.data_seen],
                ", ".join(dict.fromkeys(keys)) or numbers.DASH,
                one.reason or ("no reason is given" if place else numbers.DASH),
            )
        )
    return DisplayTable(
        columns=display_columns(
            ("locked", "Locked", "left", 1.1),
            ("hash", "Hash", "left", 1.1),
            ("seen", "Data", "left", 1.8),
            ("keys", "Keys changed", "left", 1.5),
            ("reason", "Reason", "left", 2.0),
        ),
        rows=display_rows(rows),
        caption="Amendments of the plan, the first lock on top.",
    )
