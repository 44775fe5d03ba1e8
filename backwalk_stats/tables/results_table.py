"""The main estimate of each estimand, with its unit and direction."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import contrast_label, sentence_case, words_for
from backwalk_stats.tables.numbers import (
    DASH,
    count,
    interval_digits,
    interval_name,
    interval_text,
    number,
    p_value,
)
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import ANALYSES, IN_UNITS, Labels, effect_label, favoured

if TYPE_CHECKING:
    import pandas as pd


def results_table(
    results: pd.DataFrame,
    *,
    labels: Labels,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return estimates (`tables.RESULTS`) as text, one row each, grouped by role.

    A column of adjusted p-values is shown where there is one.
    """
    rows = frame_rows(results)
    adjusted = any(not _missing(row["p_adjusted"]) for row in rows)
    head = sentence_case(interval_name(level))
    columns = display_columns(
        ("outcome", "Outcome, visit", "left", 2.6),
        ("contrast", "Comparison", "left", 2.4),
        ("analysis", "Analysis", "left", 1.8),
        ("n", "n", "right", 1.0),
        ("estimate", "Estimate", "right", 1.6),
        ("interval", head, "right", 1.8),
        ("p_value", "p", "right", 0.9),
        ("p_adjusted", "p adjusted", "right", 1.1),
        ("direction", "Direction", "left", 2.2),
    )
    columns = tuple(column for column in columns if adjusted or column.key != "p_adjusted")
    texts = [_cells(row, labels) for row in rows]
    cells = display_rows([text[column.key] for column in columns] for text in texts)
    return DisplayTable(
        columns=columns,
        rows=cells,
        caption=caption or "Estimates for the questions that the trial was to answer.",
        notes=("A difference is the first arm minus the second.", *hidden_notes(cells)),
        groups=tuple(sentence_case(str(row["role"])) or "Other" for row in rows),
        keys=tuple(f"{row['estimand']}-{place}" for place, row in enumerate(rows)),
    )


def _cells(row: Row, labels: Labels) -> dict[str, str]:
    """Return the text of every column for one estimate."""
    within = row["analysis"] == "crossover"  # compared over all visits, its periods
    when = "" if within else labels.visit(row["visit"])
    pair = contrast_label(str(row["contrast"]), labels.arms)
    return {
        "outcome": ", ".join(part for part in (labels.outcome(row["outcome"]), when) if part),
        "contrast": pair or labels.arm(row["arm"]) or DASH,
        "analysis": words_for(str(row["analysis"]), ANALYSES),
        "n": numbers_of(row),
        "estimate": _with_unit(row, labels.unit(row["outcome"])),
        "interval": interval(row),
        "p_value": p_value(row["p_value"]),
        "p_adjusted": p_value(row["p_adjusted"]),
        "direction": _direction(row, labels),
    }


def numbers_of(row: Row) -> str:
    """Return the number of participants of the arm and of the reference.

    Examples
    --------
    >>> numbers_of({"n": 30.0, "n_reference": 28.0}), numbers_of({"n": 30, "n_reference": None})
    ('30 / 28', '30')
    >>> numbers_of({"n": float("nan"), "n_reference": float("nan")})
    '*'
    """
    if not _missing(row["n"]) and _missing(row["n_reference"]):
        return count(row["n"])
    pair = [HIDDEN if _missing(row[name]) else count(row[name]) for name in ("n", "n_reference")]
    return HIDDEN if pair == [HIDDEN, HIDDEN] else " / ".join(pair)


def estimate_digits(row: Row) -> int:
    """Return the decimals of an estimate."""
    return interval_digits(row["conf_low"], row["conf_high"])


def estimate(row: Row) -> str:
    """Return an estimate; a dash where it is not known."""
    return number(row["estimate"], estimate_digits(row))


def interval(row: Row) -> str:
    """Return the interval of an estimate."""
    return interval_text(row["conf_low"], row["conf_high"], estimate_digits(row))


def _missing(value: float | None) -> bool:
    return value is None or isnan(value)


def _with_unit(row: Row, unit: str) -> str:
    """Return an estimate with its unit; a quantity of another kind says what it is."""
    text = estimate(row)
    if row["quantity"] in IN_UNITS:
        gap = "" if unit in ("", "%", "°") else " "
        per = " per week" if row["quantity"] == "slope_difference" else ""
        return f"{text}{gap}{unit}{per}" if text != DASH else text
    return f"{text} ({effect_label(str(row['quantity']), '')})"


def _direction(row: Row, labels: Labels) -> str:
    """Return which arm the interval favours."""
    outcome = labels.outcomes.get(str(row["outcome"]))
    better = outcome.better if outcome else ""
    first, _, second = str(row["contrast"]).partition(" - ")
    if not second or _missing(row["conf_low"]) or not better:
        return DASH
    side = favoured(str(row["quantity"]), better, row["conf_low"], row["conf_high"])
    if side == 0:
        return "Includes no difference"
    return f"Favours {labels.arm(first if side > 0 else second)}"
