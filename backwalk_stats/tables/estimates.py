"""The main estimate of each estimand, with its unit and direction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Literal

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import contrast_label, sentence_case, words_for
from backwalk_stats.tables.responder_table import needed, needed_interval
from backwalk_stats.tables.small_cells import HIDDEN, WITHHELD, hidden_notes
from backwalk_stats.tables.trial_labels import ANALYSES, IN_UNITS, Labels, effect_label, favoured
from backwalk_stats.trial.estimand import MARGIN_QUANTITY
from backwalk_stats.trial.locked_plan import CHANGED, PLANNED, POST_HOC

OF_AN_ARM = frozenset(["adjusted_mean", "mean_change"])  # what may be rounded before it is shown
RATIOS = frozenset(["risk_ratio", "odds_ratio", "rate_ratio"])
QUANTITIES = ("mean_change", "d_av", "d_z", "hodges_lehmann")


def results_table(
    results: pd.DataFrame,
    *,
    labels: Labels,
    level: float = 0.95,
    levels: Mapping[str, float] | None = None,
    caption: str = "",
) -> DisplayTable:
    """Return estimates (`tables.RESULTS`) as text, one row each, grouped by role.

    A column of adjusted p-values is shown where there is one. Where the estimands have `levels` of
    their own, and not all the same, each interval says its level.
    """
    rows = numbers.frame_rows(results)
    adjusted = any(not _missing(row["p_adjusted"]) for row in rows)
    level_of = [(levels or {}).get(str(row["estimand"]), level) for row in rows]
    one = len(set(level_of)) < 2
    head = sentence_case(numbers.interval_name((level_of or [level])[0])) if one else "Interval"
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
        PLAN,
    )
    left_out = {"" if adjusted else "p_adjusted", "" if in_plan(rows) else "planned"}
    columns = tuple(column for column in columns if column.key not in left_out)
    texts = [_result_cells(row, labels) for row in rows]
    for text, own in zip(texts, level_of, strict=True):
        if not one and text["interval"] != numbers.DASH:
            text["interval"] = f"{text['interval']} ({numbers.level_text(own)})"
    cells = display_rows([text[column.key] for column in columns] for text in texts)
    apart = [contradiction(row, own) for row, own in zip(rows, level_of, strict=True)]
    return DisplayTable(
        columns=columns,
        rows=cells,
        caption=caption or "Estimates for the questions that the trial was to answer.",
        notes=(
            "A difference is the first arm minus the second.",
            *dict.fromkeys(note for note in apart if note),
            *hidden_notes(cells),
        ),
        groups=tuple(sentence_case(str(row["role"])) or "Other" for row in rows),
        keys=tuple(f"{row['estimand']}-{place}" for place, row in enumerate(rows)),
    )


def _result_cells(row: numbers.Row, labels: Labels) -> dict[str, str]:
    """Return the text of every column for one estimate."""
    within = row["analysis"] == "crossover"  # compared over all visits, its periods
    when = "" if within else labels.visit(row["visit"])
    pair = contrast_label(str(row["contrast"]), labels.arms)
    shown, around = _with_unit(row, labels.unit(row["outcome"])), interval(row)
    known = labels.outcomes.get(str(row["outcome"]))
    if row["quantity"] == "nnt" and known is not None and known.better:
        shown, around = _needed(row, good=known.has_means or known.better == "higher")
    return {
        "outcome": ", ".join(part for part in (labels.outcome(row["outcome"]), when) if part),
        "contrast": pair or labels.arm(row["arm"]) or numbers.DASH,
        "analysis": words_for(str(row["analysis"]), ANALYSES),
        "n": numbers_of(row),
        "estimate": shown,
        "interval": around,
        "p_value": numbers.p_value(row["p_value"]),
        "p_adjusted": numbers.p_value(row["p_adjusted"]),
        "direction": _direction(row, labels),
        "planned": str(row["planned"]),
    }


PLAN: tuple[str, str, Literal["left"], float] = ("planned", "Plan", "left", 0.9)


def in_plan(rows: Iterable[numbers.Row]) -> bool:
    """Tell whether a plan was locked, so that rows say how they stand to it."""
    return any(row and row.get("planned") in (PLANNED, CHANGED, POST_HOC) for row in rows)


def _needed(row: numbers.Row, *, good: bool) -> tuple[str, str]:
    """Return a number needed to treat and its interval, for benefit or for harm.

    More people with the event are a benefit where it is `good`, else a harm.
    """
    value, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    if not good:
        value, low, high = -value, -high, -low
    return f"{needed(value)} (Number needed to treat)", needed_interval(low, high)


def numbers_of(row: numbers.Row) -> str:
    """Return the number of participants of the arm and of the reference.

    Examples
    --------
    >>> numbers_of({"n": 30.0, "n_reference": 28.0}), numbers_of({"n": 30, "n_reference": None})
    ('30 / 28', '30')
    >>> numbers_of({"n": float("nan"), "n_reference": float("nan")})
    '*'
    """
    if not _missing(row["n"]) and _missing(row["n_reference"]):
        return numbers.count(row["n"])
    pair = [
        HIDDEN if _missing(row[name]) else numbers.count(row[name]) for name in ("n", "n_reference")
    ]
    return HIDDEN if pair == [HIDDEN, HIDDEN] else " / ".join(pair)


def estimate_digits(row: numbers.Row) -> int:
    """Return the decimals of an estimate: of an F without an interval, two.

    Of an arm by itself that was rounded so as not to tell few people's scores, those that are left.

    Examples
    --------
    >>> row = {"estimate": 21.0, "conf_low": 17.0, "conf_high": 25.0, "quantity": "adjusted_mean"}
    >>> estimate_digits(row), estimate_digits({**row, "estimate": 21.32})
    (0, 1)
    """
    known = None if row["quantity"] == "f_statistic" else row["estimate"]
    digits = numbers.interval_digits(row["conf_low"], row["conf_high"], known)
    if row["quantity"] not in OF_AN_ARM:
        return digits
    told = [float(row[name]) for name in ("estimate", "conf_low", "conf_high")]
    return numbers.held_decimals(told, digits)


def estimate(row: numbers.Row) -> str:
    """Return an estimate; a dash where it is not known."""
    digits, value = estimate_digits(row), row["estimate"]
    vanishes = value is not None and numbers.vanishes(float(value), digits)
    if row["quantity"] in RATIOS and vanishes:  # a ratio is never 0 but without an event
        return numbers.ratio(value, digits)
    return numbers.number(value, digits)


def interval(row: numbers.Row) -> str:
    """Return the interval of an estimate."""
    digits = estimate_digits(row)
    if row["quantity"] not in RATIOS:
        return numbers.interval_text(row["conf_low"], row["conf_high"], digits)
    low, high = (numbers.ratio(row[name], digits) for name in ("conf_low", "conf_high"))
    return numbers.DASH if low == high == numbers.DASH else f"{low} to {high}"


def contradiction(row: numbers.Row, level: float) -> str:
    """Return a sentence where p and interval part at the level, as those of ranks can; else "".

    Examples
    --------
    >>> row = {"quantity": "hodges_lehmann", "estimate": -1.0, "conf_low": -2.0, "conf_high": 0.0,
    ...        "p_value": 0.011}
    >>> contradiction(row, 0.95)
    'Ranks: p = 0.011 is below 0.05, and yet the 95% interval includes no difference: the test \
counts both tails together, the limits each tail by itself, and they are values that were seen.'
    >>> contradiction(row | {"conf_high": -0.5}, 0.95)
    ''
    """
    low, high, p = (row[name] for name in ("conf_low", "conf_high", "p_value"))
    if row["quantity"] != "hodges_lehmann" or any(_missing(one) for one in (low, high, p)):
        return ""
    alpha, inside = round(1.0 - level, 9), low <= 0.0 <= high
    if inside != (p < alpha):
        return ""
    side, sense = ("below", "includes") if inside else ("not below", "leaves out")
    return (
        f"Ranks: {numbers.p_text(p)} is {side} {numbers.plain(alpha)}, and yet the "
        f"{numbers.interval_name(level)} {sense} no difference: the test counts both tails "
        "together, the limits each tail by itself, and they are values that were seen."
    )


def _missing(value: float | None) -> bool:
    return value is None or isnan(value)


def _with_unit(row: numbers.Row, unit: str) -> str:
    """Return an estimate with its unit; a quantity of another kind says what it is."""
    text = estimate(row)
    if row["quantity"] in IN_UNITS:
        gap = "" if unit in ("", "%", "°") else " "
        per = " per week" if row["quantity"] == "slope_difference" else ""
        return f"{text}{gap}{unit}{per}" if text != numbers.DASH else text
    return f"{text} ({effect_label(str(row['quantity']), '')})"


def _direction(row: numbers.Row, labels: Labels) -> str:
    """Return which arm the interval favours."""
    outcome = labels.outcomes.get(str(row["outcome"]))
    better = outcome.better if outcome else ""
    first, _, second = str(row["contrast"]).partition(" - ")
    if not second or _missing(row["conf_low"]) or _missing(row["conf_high"]) or not better:
        return numbers.DASH
    of_events = outcome is not None and not outcome.has_means
    quantity = str(row["quantity"])
    if quantity in MARGIN_QUANTITY.values():
        return "Against the margin"
    side = favoured(quantity, better, row["conf_low"], row["conf_high"], of_events=of_events)
    if side == 0:
        return "Includes no difference"
    return f"Favours {labels.arm(first if side > 0 else second)}"


# The same question asked in other ways, to see whether the answer stands.


def sensitivity_table(
    results: pd.DataFrame, *, labels: Labels, level: float = 0.95, caption: str = ""
) -> DisplayTable:
    """Return the analyses (`tables.RESULTS`) of each comparison under each other.

    The main analysis of each comparison comes first, then its sensitivity analyses (the same
    estimand), then the supplementary ones (another), each in their order.
    """
    rows = numbers.frame_rows(results)
    compared = list(dict.fromkeys(_group(row, labels) for row in rows))
    ranks = {role: place for place, role in enumerate(_BESIDE, start=1)}
    rows.sort(key=lambda row: (compared.index(_group(row, labels)), ranks.get(row["role"], 0)))
    apart = dict.fromkeys(note for row in rows if (note := contradiction(row, level)))
    planned = in_plan(rows)
    return DisplayTable(
        columns=display_columns(
            ("analysis", "Analysis", "left", 2.6),
            ("quantity", "What is estimated", "left", 2.4),
            ("n", "n", "right", 1.0),
            ("estimate", "Estimate", "right", 1.1),
            ("interval", sentence_case(numbers.interval_name(level)), "right", 1.8),
            ("p_value", "p", "right", 0.9),
            ("note", "Note", "left", 2.4),
            *([PLAN] if planned else []),
        ),
        rows=display_rows(
            (*_sensitivity_cells(row, labels), *([str(row["planned"])] if planned else []))
            for row in rows
        ),
        caption=caption or _beside_caption(rows),
        notes=("A difference is the first arm minus the second.", *apart),
        groups=tuple(
            f"{_BESIDE.get(str(row['role']), 'Main analysis')}: {_group(row, labels)}"
            for row in rows
        ),
    )


_BESIDE = {"sensitivity": "Sensitivity analyses", "supplementary": "Supplementary analyses"}


def _beside_caption(rows: list[numbers.Row]) -> str:
    """Say which kinds of analyses stand under the main one."""
    there = {str(row["role"]) for row in rows}
    kinds = [name.lower() for role, name in _BESIDE.items() if role in there]
    return f"The main analysis{', then ' if kinds else ''}{' and '.join(kinds)}."


def _sensitivity_cells(row: numbers.Row, labels: Labels) -> tuple[str, ...]:
    """Return the cells of one analysis."""
    note = str(row["note"] or "")
    return (
        words_for(str(row["analysis"]), ANALYSES),
        effect_label(str(row["quantity"]), labels.unit(row["outcome"])),
        numbers_of(row),
        estimate(row),
        interval(row),
        numbers.p_value(row["p_value"]),
        note if note.startswith("p ") else sentence_case(note),  # of a p-value, never a capital
    )


def _group(row: numbers.Row, labels: Labels) -> str:
    """Return the comparison that a row is about."""
    parts = (labels.outcome(row["outcome"]), labels.visit(row["visit"]))
    pair = contrast_label(str(row["contrast"]), labels.arms)
    return f"{', '.join(part for part in parts if part)}: {pair}"


# The change within each arm: mean, test, effect sizes.


def within_arm_table(
    results: pd.DataFrame, *, labels: Labels, level: float = 0.95, caption: str = ""
) -> DisplayTable:
    """Return the changes from baseline (`tables.RESULTS`) as text, by outcome and visit.

    The rows of an arm of the quantities "mean_change", "d_av", "d_z" and "hodges_lehmann" are
    brought together.
    """
    found: dict[tuple[str, str, str], dict[str, numbers.Row]] = {}
    for row in numbers.frame_rows(results):
        if row["quantity"] in QUANTITIES:
            key = (str(row["outcome"]), str(row["visit"]), str(row["arm"]))
            found.setdefault(key, {})[str(row["quantity"])] = row
    groups = []
    for outcome, visit, _ in found:
        when = f"change to {labels.visit(visit)}" if labels.visit(visit) else ""
        parts = (sentence_case(labels.outcome(outcome)), when, labels.unit(outcome))
        groups.append(", ".join(part for part in parts if part))
    name = numbers.interval_name(level)
    shifts = [rows["hodges_lehmann"] for rows in found.values() if "hodges_lehmann" in rows]
    apart = dict.fromkeys(note for row in shifts if (note := contradiction(row, level)))
    cells = tuple(
        (labels.arm(arm) or numbers.DASH, *_within_arm_cells(rows))
        for (_, _, arm), rows in found.items()
    )
    return DisplayTable(
        columns=display_columns(
            ("arm", "Arm", "left", 1.8),
            ("n", "n", "right", 0.6),
            ("change", f"Mean change ({name})", "right", 2.2),
            ("p_value", "p, paired t", "right", 0.9),
            ("d_av", f"dav ({name})", "right", 2.0),
            ("d_z", f"dz ({name})", "right", 2.0),
            ("shift", f"Hodges–Lehmann ({name})", "right", 2.2),
            ("p_rank", "p, Wilcoxon", "right", 0.9),
        ),
        rows=cells,
        caption=caption or "Change from baseline within each arm.",
        notes=(
            "A change within an arm is no effect of the treatment: time and regression to the "
            "mean are in it. dav is the change in standard deviations of the scores (mean of both "
            "visits), dz in standard deviations of the change.",
            *apart,
            *hidden_notes(cells),
        ),
        groups=tuple(groups),
    )


def _within_arm_cells(rows: Mapping[str, numbers.Row]) -> tuple[str, ...]:
    """Return the cells of one arm; a dash where a quantity was not estimated."""
    change, shift = rows.get("mean_change"), rows.get("hodges_lehmann")
    return (
        numbers_of({**change, "n_reference": None}) if change else numbers.DASH,
        _with_interval(change),
        numbers.p_value(change["p_value"]) if change else numbers.DASH,
        _with_interval(rows.get("d_av")),
        _with_interval(rows.get("d_z")),
        _with_interval(shift),
        numbers.p_value(shift["p_value"]) if shift else numbers.DASH,
    )


def _with_interval(row: numbers.Row | None) -> str:
    """Return an estimate with its interval in brackets."""
    if row is None:
        return numbers.DASH
    if estimate(row) == numbers.DASH:
        return HIDDEN if WITHHELD in str(row["note"] or "") else numbers.DASH
    around = interval(row)
    return estimate(row) if around == numbers.DASH else f"{estimate(row)} ({around})"
