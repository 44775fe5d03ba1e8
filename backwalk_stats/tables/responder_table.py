"""Who responded, by rule and arm, and how the arms compare; who is in which category."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isinf, isnan

import pandas as pd

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import contrast_label, sentence_case
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import EFFECTS
from backwalk_stats.trial.locked_plan import CHANGED, POST_HOC

COMPARED = ("risk_difference", "risk_ratio", "nnt")


def responder_table(
    responders: pd.DataFrame,
    results: pd.DataFrame | None = None,
    *,
    arms: Mapping[str, str],
    rules: Mapping[str, str] | None = None,
    level: float = 0.95,
    caption: str = "",
) -> DisplayTable:
    """Return responders as text: for each rule the arms, then their comparisons.

    In `tables.RESPONDERS` NaN events are marked as not shown. Rows of "risk_difference",
    "risk_ratio" and "nnt" of `results` (`tables.RESULTS`) belong to the rule with which their
    `note` begins; they are left out where the events of an arm are not shown, since they would
    reveal them. Each rule has one p-value, beside its first comparison; the notes say whose it is,
    and where an interval parts from it. A rule without words in `rules` is shown as it is.
    """
    words = rules or {}
    rows, groups, apart = [], [], []
    asked: set[str] = set()
    compared = [] if results is None else numbers.frame_rows(results)
    for rule, part in responders.groupby("rule", sort=False, observed=True):
        arm_rows = {str(row["arm"]): row for row in numbers.frame_rows(part)}
        told = [(label or arm, *_arm(arm_rows[arm])) for arm, label in arms.items()
                if arm in arm_rows]  # fmt: skip
        if not part["events"].isna().any():
            own = [
                row for row in compared
                if row["quantity"] in COMPARED and str(row["note"]).startswith(str(rule))
            ]  # fmt: skip
            told += [_comparison(row, arms, first=place == 0) for place, row in enumerate(own)]
            asked |= {str(row["quantity"]) for row in own}
            said = contradiction(own, level)
            apart += [f"{sentence_case(words.get(str(rule)) or str(rule))}: {said}"] if said else []
        rows += told
        groups += [sentence_case(words.get(str(rule)) or str(rule))] * len(told)
    return DisplayTable(
        columns=display_columns(
            ("arm", "Arm or comparison", "left", 3.0),
            ("events", "Responders / n", "right", 1.4),
            ("estimate", "Per cent or effect", "right", 1.6),
            ("interval", sentence_case(numbers.interval_name(level)), "right", 1.8),
            ("p_value", "p", "right", 0.9),
        ),
        rows=tuple(rows),
        caption=caption or "Responders by rule and arm.",
        notes=(*(_NOTES[name] for name in _NOTES if name in asked), *apart, *hidden_notes(rows)),
        groups=tuple(groups),
    )


def _arm(row: numbers.Row) -> tuple[str, str, str, str]:
    """Return responders, percentage and interval of one arm."""
    if isnan(row["events"]):
        return (f"{HIDDEN} / {numbers.count(row['n'])}", HIDDEN, HIDDEN, numbers.DASH)
    ends = numbers.interval_text(row["conf_low"], row["conf_high"], 1)
    told = ends if ends == numbers.DASH else f"{ends}%"
    return (
        f"{numbers.count(row['events'])} / {numbers.count(row['n'])}",
        numbers.percent(row["percent"]),
        told,
        numbers.DASH,
    )


def _comparison(
    row: numbers.Row, arms: Mapping[str, str], *, first: bool
) -> tuple[str, str, str, str, str]:
    """Return the cells of one comparison of two arms; the first has the p-value of the rule."""
    pair = contrast_label(str(row["contrast"]), arms)
    if row["quantity"] != "risk_difference":  # nothing is subtracted in a ratio
        one, _, other = str(row["contrast"]).partition(" - ")
        pair = f"{arms.get(one) or one} against {arms.get(other) or other}"
    name = f"{EFFECTS[str(row['quantity'])]}: {pair}"
    # As every table with estimates, it says what is not as planned.
    name += f", {row['planned']}" if row.get("planned") in (CHANGED, POST_HOC) else ""
    low, high = row["conf_low"], row["conf_high"]
    if row["quantity"] == "risk_difference":  # a share of 1; the arms stand in per cent
        value = numbers.percent(100 * row["estimate"])
        around = numbers.interval_text(100 * low, 100 * high, 1)
        around = around if around == numbers.DASH else f"{around}%"
    elif row["quantity"] == "nnt":
        value, around = needed(row["estimate"]), needed_interval(low, high)
    else:
        value = numbers.ratio(row["estimate"], 2)
        ends = [numbers.ratio(end, 2) for end in (low, high)]
        around = " to ".join(dict.fromkeys(ends)) if numbers.DASH in ends else " to ".join(ends)
    return (name, "", value, around, numbers.p_value(row["p_value"]) if first else numbers.DASH)


# The number needed to treat, as Altman writes it (BMJ 1998;317:1309).

_NOTES = {
    "risk_difference": "p is of Fisher’s exact test, one for all comparisons of a rule; no "
    "interval is its inverse: that of the difference is Newcombe’s, that of the ratio Koopman’s.",
    "nnt": "NNTB: number needed to treat for one more to benefit, NNTH: for one more to be harmed; "
    "its interval is that of the difference, inverted. One through ∞ includes no difference.",
}


def needed(value: float) -> str:
    """Return a number needed to treat, with whom it is for.

    Examples
    --------
    >>> needed(10.0), needed(-20.04), needed(float("inf")), needed(float("nan"))
    ('NNTB 10.0', 'NNTH 20.0', '∞', '–')
    """
    if isnan(value) or isinf(value):
        return numbers.DASH if isnan(value) else "∞"
    return f"{'NNTB' if value > 0 else 'NNTH'} {numbers.number(abs(value), 1)}"


def needed_interval(low: float, high: float) -> str:
    """Return the interval of a number needed to treat; through infinity where it has both signs.

    Examples
    --------
    >>> needed_interval(-20.0, 4.0), needed_interval(1.6, 7.3), needed_interval(-10.0, -5.0)
    ('NNTB 4.0 to ∞ to NNTH 20.0', 'NNTB 1.6 to 7.3', 'NNTH 5.0 to 10.0')
    >>> needed_interval(float("-inf"), 4.0), needed_interval(-20.0, float("inf"))
    ('NNTB 4.0 to ∞', 'NNTH 20.0 to ∞')
    """
    if isnan(low) or isnan(high):
        return numbers.DASH
    if low < 0 < high:
        harm = "" if isinf(low) else f" to {needed(low)}"
        benefit = "" if isinf(high) else f"{needed(high)} to "
        return f"{benefit}∞{harm}" if benefit else f"{needed(low)} to ∞"
    near, far = (low, high) if low > 0 else (high, low)
    return f"{needed(near)} to {numbers.number(abs(far), 1)}"


def contradiction(rows: Iterable[numbers.Row], level: float) -> str:
    """Return where intervals of a rule part from its p-value at the level; "" where none does.

    Examples
    --------
    >>> row = {"quantity": "risk_difference", "estimate": 0.27, "p_value": 0.0596,
    ...        "conf_low": 0.02, "conf_high": 0.47}
    >>> contradiction([row], 0.95)
    'p = 0.060 is not below 0.05, and yet the interval of the difference leaves out no difference.'
    """
    apart: dict[bool, list[str]] = {True: [], False: []}
    alpha, p = round(1.0 - level, 9), numbers.DASH
    for row in rows:
        name, null = _PARTING.get(str(row["quantity"]), ("", 0.0))
        ends = (row["conf_low"], row["conf_high"], row["p_value"])
        if name and not any(isnan(one) for one in ends):
            inside, p = ends[0] <= null <= ends[1], numbers.p_text(ends[2])
            if inside == (ends[2] < alpha):
                apart[inside].append(name)
    parts = [
        f"{p} is {'below' if inside else 'not below'} {numbers.plain(alpha)}, and yet the interval "
        f"of the {' and that of the '.join(names)} {'includes' if inside else 'leaves out'} no "
        "difference."
        for inside, names in apart.items()
        if names
    ]
    return " ".join(parts)


_PARTING = {"risk_difference": ("difference", 0.0), "risk_ratio": ("ratio", 1.0)}


def category_table(
    categories: pd.DataFrame, *, arms: Mapping[str, str], caption: str
) -> DisplayTable:
    """Return how many of each arm are in each category (`tables.CATEGORIES`), low to high.

    Examples
    --------
    >>> frame = pd.DataFrame({"arm": ["f", "f"], "category": ["worse", "better"], "n": [6, 18],
    ...                       "percent": [25.0, 75.0]})
    >>> category_table(frame, arms={"f": "Forward"}, caption="").rows
    (('Worse', '6 (25%)'), ('Better', '18 (75%)'))
    """
    rows = []
    for name, part in categories.groupby("category", sort=False, observed=True):
        own = {str(row["arm"]): row for row in numbers.frame_rows(part)}
        cells = [
            f"{numbers.count(own[arm]['n'])} ({numbers.percent(own[arm]['percent'], 0)})"
            if arm in own
            else numbers.DASH
            for arm in arms
        ]
        rows.append((sentence_case(str(name)), *cells))
    totals = categories.groupby("arm", observed=True)["n"].sum()
    heads = [
        f"{label} (n = {numbers.count(float(totals.get(arm, 0)))})" for arm, label in arms.items()
    ]
    return DisplayTable(
        columns=display_columns(
            ("category", "Category", "left", 2.0),
            *((f"arm{k}", head, "right", 1.6) for k, head in enumerate(heads)),
        ),
        rows=display_rows(rows),
        caption=caption,
        notes=("n (%) of those with the outcome, from the lowest category to the highest.",),
    )
