"""The outcomes: what yields them, their range and direction, and the thresholds that were named."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import labels, numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.instrument_table import KINDS
from backwalk_stats.trial.outcome import Outcome, Threshold

ORDER = 100
_NOTE = (
    "A threshold is used only where the trial file names it; published ones differ by population "
    "and method."
)


def section(subject: TrialSubject) -> document.Section:
    """Return one row for every outcome of the trial."""
    outcomes = subject.trial.outcomes
    if not outcomes:
        return document.Section(id="outcomes", title="Outcomes", blocks=())
    table = DisplayTable(
        columns=display_columns(
            ("outcome", "Outcome", "left", 1.6),
            ("role", "Role", "left", 0.9),
            ("range", "Range", "left", 1.0),
            ("better", "Better", "left", 0.7),
            ("thresholds", "Named thresholds", "left", 2.4),
        ),
        rows=display_rows(_row(one) for one in outcomes),
        caption="Outcomes, their scales, and the thresholds that the trial file names.",
        notes=(_NOTE,),
    )
    return document.Section(
        id="outcomes",
        title="Outcomes",
        appendix=True,
        blocks=(document.TableBlock(id="outcome-scales", table=table),),
    )


def _row(outcome: Outcome) -> tuple[str, ...]:
    """Return an outcome as text."""
    named = "; ".join(_threshold(one, outcome) for one in outcome.thresholds)
    return (
        outcome.label,
        labels.sentence_case(outcome.role),
        _range(outcome),
        labels.sentence_case(outcome.better) or numbers.DASH,
        named or "None",
    )


def _range(outcome: Outcome) -> str:
    """Return the ends of the scale with its unit."""
    unit = numbers.after(outcome.unit)
    low, high = outcome.low, outcome.high
    if low is not None and high is not None:
        return f"{text.plain_number(low)} to {text.plain_number(high)}{unit}"
    if low is not None:
        return f"from {text.plain_number(low)}{unit}"
    return (
        f"up to {text.plain_number(high)}{unit}"
        if high is not None
        else outcome.unit or numbers.DASH
    )


def _threshold(threshold: Threshold, outcome: Outcome) -> str:
    """Return a threshold with its source; "points" of a trial file are units of the outcome."""
    size = numbers.amount(threshold.value, outcome.unit or "points")
    if threshold.unit == "percent":
        size = f"{numbers.plain(threshold.value)}%"
    kind = labels.sentence_case(KINDS[threshold.kind])
    of = " of the baseline" if threshold.unit == "percent" else ""
    return f"{kind}: {size}{of} ({threshold.population}; {threshold.source})"
