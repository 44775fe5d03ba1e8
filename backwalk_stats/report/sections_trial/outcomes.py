"""The outcomes: what yields them, their range and direction, and the thresholds that were named."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import labels, numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
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
    named = "; ".join(_threshold(one) for one in outcome.thresholds)
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
    if outcome.low is None and outcome.high is None:
        return outcome.unit or numbers.DASH
    if outcome.low is None or outcome.high is None:
        side = "from" if outcome.high is None else "up to"
        end = outcome.low if outcome.high is None else outcome.high
        return f"{side} {end:g}{unit}"
    return f"{outcome.low:g} to {outcome.high:g}{unit}"


def _threshold(threshold: Threshold) -> str:
    """Return a threshold with its source."""
    unit = "%" if threshold.unit == "percent" else " points"
    return (
        f"{threshold.name}: {threshold.value:g}{unit} ({threshold.population}; {threshold.source})"
    )
