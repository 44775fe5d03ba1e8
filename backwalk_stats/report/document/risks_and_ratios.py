"""Sentences on risks, odds and rates: people out of 100, and ratios, with which way is better."""

from __future__ import annotations

from math import isinf, isnan

from backwalk_stats.tables import estimates, numbers, trial_labels
from backwalk_stats.tables.small_cells import WITHHELD
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome

QUANTITIES = ("risk_difference", "odds_ratio", "rate_ratio")
_KIND = {
    "risk_difference": "difference of risks, percentage points,",
    "odds_ratio": "odds ratio",
    "rate_ratio": "rate ratio",
}
_EVENT_WAY = {
    "higher": "The event is better",
    "lower": "The event is worse",
    "": "The trial file does not say whether the event is better",
}
HUNDRED = 100.0


def in_hundreds(row: numbers.Row) -> numbers.Row:
    """Return a row of a difference of shares in people out of 100; any other row as it is.

    Examples
    --------
    >>> row = {"quantity": "risk_difference", "estimate": 0.25, "conf_low": 0.0, "conf_high": 0.5}
    >>> in_hundreds(row)["estimate"]
    25.0
    """
    if row["quantity"] != "risk_difference" or "scaled" in row:
        return row
    scaled = {name: HUNDRED * float(row[name]) for name in ("estimate", "conf_low", "conf_high")}
    return {**row, **scaled, "scaled": True}


def unknown(row: numbers.Row | None) -> bool:
    """Tell whether there is no estimate to say; a ratio of rates without end is one."""
    if row is None or isnan(float(row["estimate"])):
        return True
    return isinf(float(row["estimate"])) and row["quantity"] != "rate_ratio"


def withheld(row: numbers.Row | None) -> bool:
    """Tell whether an estimate is not shown because it would tell a number of few people."""
    return row is not None and WITHHELD in str(row["note"])


def statement(
    outcome: Outcome, row: numbers.Row, estimand: Estimand, pair: tuple[str, str], visit: str
) -> str:
    """Return how much more frequent or higher with one arm, without numbers of sureness.

    `pair` is arm and reference in words, `visit` the label of the visit inside a sentence.
    """
    arm, reference = pair
    name = trial_labels.in_sentence(outcome.label)
    shown = in_hundreds(row)
    digits, value = estimates.estimate_digits(shown), float(shown["estimate"])
    where = "Over the visits after baseline" if estimand.analysis == "gee" else f"At {visit}"
    if row["quantity"] == "risk_difference":
        if numbers.vanishes(value, digits):
            exact = "" if value == 0 else ", to the digits shown"
            return f"{where}, as many people had “{name}” with {arm} as with {reference}{exact}"
        size = f"{numbers.number(abs(value), digits)} {'fewer' if value < 0 else 'more'}"
        return f"{where}, {size} of 100 people had “{name}” with {arm} than with {reference}"
    ratio = estimates.estimate(shown)
    if row["quantity"] == "rate_ratio" and (value == 0.0 or isinf(value)):
        none, some = (arm, reference) if value == 0.0 else (reference, arm)
        return f"{where}, the rate of {name} was 0 with {none} and above 0 with {some}"
    if row["quantity"] == "rate_ratio":
        return f"{where}, the rate of {name} with {arm} was {ratio} times that with {reference}"
    of = f"a higher category of {name}" if outcome.kind == "ordinal" else f"“{name}”"
    return f"{where}, the odds of {of} with {arm} were {ratio} times those with {reference}"


def in_brackets(row: numbers.Row, estimand: Estimand, p_text: str) -> str:
    """Return what a statement is: the quantity, its interval and p."""
    shown = in_hundreds(row)
    kind = _KIND[str(row["quantity"])]
    adjusted = "adjusted " * bool(estimand.covariates)
    level = numbers.level_text(estimand.level)
    return (
        f"({adjusted}{kind} {estimates.estimate(shown)}, {level} CI {estimates.interval(shown)}, "
        f"{p_text})"
    )


def sureness(row: numbers.Row, estimand: Estimand, p_text: str) -> str:
    """Return interval and p in brackets, as they stand under the answer on the first page."""
    shown = in_hundreds(row)
    around = estimates.interval(shown)
    if around == numbers.DASH:
        return f"(no interval; {p_text})."
    unit = " of 100" if row["quantity"] == "risk_difference" else ""
    return f"({numbers.level_text(estimand.level)} CI {around}{unit}; {p_text})."


def way(outcome: Outcome) -> str:
    """Return which way is better as a sentence begins, without its end."""
    if outcome.kind == "binary":
        return _EVENT_WAY[outcome.better]
    if not outcome.better:
        return "The trial file does not say which way is better"
    return f"{outcome.better.capitalize()} is better"


def direction(outcome: Outcome, row: numbers.Row, pair: tuple[str, str]) -> str:
    """Say which way is better, and whom the interval favours, or that it shows neither."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    known = way(outcome)
    if isnan(low) or isnan(high):
        return f"{known}. No interval could be computed."
    null = trial_labels.NO_EFFECT.get(str(row["quantity"]), 0.0)
    if low <= null <= high:
        return f"{known}. {_both_ways(outcome, row, pair)}"
    if not outcome.better:
        return f"{known}."
    higher = low > null
    favoured = pair[0] if higher == (outcome.better == "higher") else pair[1]
    return f"{known}: the whole interval favours {favoured}."


def _both_ways(outcome: Outcome, row: numbers.Row, pair: tuple[str, str]) -> str:
    """Say that an interval includes no difference, and how far it reaches."""
    shown = in_hundreds(row)
    digits = estimates.estimate_digits(shown)
    low, high = float(shown["conf_low"]), float(shown["conf_high"])
    end = "which is better" if outcome.better else "that the arms differ"
    if row["quantity"] == "risk_difference":
        reach = (
            f"from {numbers.number(abs(low), digits)} fewer to {numbers.number(high, digits)} more "
            f"of 100 people with {pair[0]}"
        )
        return f"The interval includes no difference and reaches {reach}: it does not show {end}."
    most = "any ratio" if isinf(high) else numbers.ratio(high, digits)
    reach = f"from {numbers.ratio(low, digits)} to {most}"
    return f"The interval includes a ratio of 1 and reaches {reach}: it does not show {end}."
