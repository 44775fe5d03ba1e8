"""Whether a difference or a ratio keeps within its margin, in each population asked for."""

from __future__ import annotations

from math import inf, isfinite

import pandas as pd

from backwalk_stats.analyses.margins import RATIOS, SCORE, margin_lines, margin_target
from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.report.document.risks_and_ratios import HUNDRED
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES, p_told
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.estimates import estimate, interval
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.small_cells import WITHHELD, hidden_notes
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome

_WHOLE = {
    "all-randomised": "Of everyone randomised",
    "per-protocol": "Of those who kept to the protocol",
    "as-treated": "By the treatment received",
}
_POINTS = " percentage points"


def margin_size(estimand: Estimand, outcome: Outcome) -> str:
    """Return the margin as it is said: "1 point", "10 percentage points", "a factor of 1.25"."""
    size = float(estimand.margin or 0.0)
    if estimand.margin_scale == "ratio":
        return f"a factor of {numbers.plain(size)}"
    if outcome.kind == "binary":
        return f"{numbers.plain(HUNDRED * size)}{_POINTS}"
    return f"{numbers.plain(size)}{numbers.after(outcome.unit)}"


def kept_within(estimand: Estimand, outcome: Outcome) -> tuple[float, float] | None:
    """Return the ends between which an interval keeps the margin, None where nothing is held."""
    lines = margin_lines(estimand, outcome)
    if not lines:
        return None
    if len(lines) == 2:
        return lines[0], lines[1]
    return (-inf, lines[0]) if outcome.better == "lower" else (lines[0], inf)


def margin_rows(table: pd.DataFrame, estimand: Estimand, analysis: str) -> list[numbers.Row]:
    """Return the rows of an analysis that test it against the margin; the last is its answer."""
    own = table[
        (table["estimand"] == estimand.id)
        & (table["analysis"] == analysis)
        & (table["quantity"] == estimand.margin_quantity)
        & (table["contrast"] == estimand.contrast_name)
        & (table["visit"] == estimand.visit)
    ]
    return numbers.frame_rows(own)


def held_against(subject: TrialSubject, estimand: Estimand) -> str:
    """Say whether an arm is shown not to be worse, or arms to be alike, within the margin.

    In the population of the estimand, then of those who kept to the protocol, or that nobody asked
    for these. "" where the estimand has no margin.
    """
    if estimand.margin is None:
        return ""
    first = _told(subject, estimand, estimand.analysis)
    said = f"{_WHOLE[estimand.population]}, {first}"
    if estimand.population == "per-protocol":
        return f"{said} The whole of those randomised is not this estimand."
    if "per-protocol" not in estimand.sensitivity:
        return f"{said} No analysis of those who kept to the protocol was asked for beside it."
    return f"{said} {_WHOLE['per-protocol']}, {_told(subject, estimand, 'per-protocol')}"


def is_shown(row: numbers.Row, estimand: Estimand) -> bool:
    """Tell whether the one-sided p, adjusted where it is, is below half of one minus the level."""
    adjusted = float(row["p_adjusted"])
    p = adjusted if isfinite(adjusted) else float(row["p_value"])
    return p < (1.0 - estimand.level) / 2.0


def _told(subject: TrialSubject, estimand: Estimand, analysis: str) -> str:
    """Say whether the margin is kept in one analysis, and by which p."""
    rows = margin_rows(subject.analysis.estimates, estimand, analysis)
    outcome, pair = subject.outcome_of(estimand), subject.arm_pair(estimand)
    size = margin_size(estimand, outcome)
    if rows and WITHHELD in str(rows[-1]["note"]):
        return f"the test of the margin of {size} is not shown: it would tell of few people."
    if not rows or not isfinite(float(rows[-1]["p_value"])):
        return f"the margin of {size} could not be tested."
    row = rows[-1]
    head = "it is shown" if is_shown(row, estimand) else "it is not shown"
    if estimand.framework == "equivalence":
        what = f"{pair[0]} and {pair[1]} differ by less than the margin of {size}"
        kind = "equivalence, the larger of two one-sided"
    else:
        what = f"{pair[0]} is not worse than {pair[1]} by the margin of {size} or more"
        kind = "non-inferiority, one-sided"
    p = f"{p_told(subject.trial, estimand, row)}{_score(estimand, row)}"
    return f"{head} that {what} ({kind} {p})."


def _score(estimand: Estimand, row: numbers.Row) -> str:
    """Return the limits that belong to a score test, which are not those of the difference."""
    if SCORE not in str(row["note"]):
        return ""
    ratio = estimand.margin_scale == "ratio"
    return f", {SCORE} with limits {interval(row if ratio else _in_hundreds(row))}"


def _in_hundreds(row: numbers.Row) -> numbers.Row:
    """Return a row of a difference of shares in people out of 100."""
    scaled = {name: HUNDRED * float(row[name]) for name in ("estimate", "conf_low", "conf_high")}
    return {**row, **scaled}


# All analyses of an estimand beside each other, against its margin.


def margin_kept(subject: TrialSubject, estimand: Estimand, role: str) -> tuple[int, int]:
    """Return how many analyses of a role keep the margin in all their rows, and of how many."""
    table = subject.analysis.estimates
    kept = []
    for analysis in estimand.sensitivity:
        rows = margin_rows(table, estimand, analysis)
        known = [row for row in rows if isfinite(float(row["p_value"]))]
        if estimand.role_of(analysis) == role and known:
            kept.append(all(is_shown(row, estimand) for row in known))
    return sum(kept), len(kept)


def margin_table(subject: TrialSubject, estimand: Estimand) -> DisplayTable | None:
    """Return what each analysis says of the margin, both populations among them; None without."""
    if estimand.margin is None:
        return None
    outcome, lines = subject.outcome_of(estimand), []
    target = margin_target(estimand, main_quantity(estimand.analysis))
    shares = target == "risk_difference"
    for analysis in dict.fromkeys((estimand.analysis, *estimand.sensitivity)):
        rows = margin_rows(subject.analysis.estimates, estimand, analysis)
        for row in rows[-1:] if analysis == estimand.analysis else rows:
            lines.append(_line(estimand, row, analysis, shares=shares))
    if not lines:
        return None
    adjusted = any(line[5] != numbers.DASH for line in lines)
    head = "Ratio" if target in RATIOS else "Difference"
    columns = [
        DisplayColumn(key="analysis", label="Analysis", width=2.4),
        DisplayColumn(key="n", label="n", align="right", width=0.5),
        DisplayColumn(key="n0", label="n, reference", align="right", width=0.7),
        DisplayColumn(key="estimate", label=head, align="right", width=1.9),
        DisplayColumn(key="p", label="One-sided p", align="right", width=0.8),
        DisplayColumn(key="adjusted", label="p adj.", align="right", width=0.7),
        DisplayColumn(key="shown", label=sentence_case(estimand.framework), width=1.1),
    ]
    kept = [place for place in range(len(columns)) if adjusted or place != 5]
    shown = display_rows(tuple(line[place] for place in kept) for line in lines)
    limit = numbers.plain(round((1.0 - estimand.level) / 2.0, 9))
    return DisplayTable(
        columns=tuple(columns[place] for place in kept),
        rows=shown,
        caption=f"{subject.outcome_of(estimand).label}: each analysis against the margin of "
        f"{margin_size(estimand, outcome)}, {' against '.join(subject.arm_pair(estimand))}.",
        notes=(
            f"{head}s with their {numbers.interval_name(estimand.level)}s"
            f"{', in percentage points' * shares}. Shown: the one-sided p"
            f"{', adjusted where it is,' * adjusted} is below {limit}.",
            *hidden_notes(shown),
        ),
    )


def _line(estimand: Estimand, row: numbers.Row, analysis: str, *, shares: bool) -> tuple[str, ...]:
    """Return the texts of one analysis: name, sizes, estimate, p, adjusted p, and what is shown."""
    name = (
        _WHOLE[estimand.population]
        if analysis == estimand.analysis
        else _WHOLE.get(analysis, ANALYSES.get(analysis, analysis))
    )
    known = isfinite(float(row["p_value"]))
    shown = _in_hundreds(row) if shares else row
    around = interval(shown)
    told = estimate(shown)
    sizes = [numbers.count(float(row[key])) for key in ("n", "n_reference")]
    said = "shown" if known and is_shown(row, estimand) else "not shown" if known else numbers.DASH
    return (
        sentence_case(name),
        *sizes,
        told if around == numbers.DASH else f"{told} ({around})",
        numbers.p_value(row["p_value"]),
        numbers.p_value(row["p_adjusted"]),
        said,
    )
