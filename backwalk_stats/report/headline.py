"""The answer to an estimand in sentences: how much, which way, how sure, and against what."""

from __future__ import annotations

from math import isfinite, isnan
from typing import Any

from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import estimates, numbers, trial_labels
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Threshold

DIFFERENCES = ("mean_difference", "change_difference", "hodges_lehmann", "slope_difference")
_KIND = {
    "mean_difference": "adjusted mean difference",
    "change_difference": "difference in mean change",
    "hodges_lehmann": "Hodges–Lehmann shift",
    "slope_difference": "difference in slope per week",
}
WITHIN_PEOPLE = ("crossover",)  # compared over all periods, and not adjusted for covariates


def main_row(subject: TrialSubject, estimand: Estimand) -> numbers.Row | None:
    """Return the row of results that answers an estimand, None where there is none."""
    rows = [
        row
        for row in numbers.frame_rows(subject.analysis.estimates)
        if (row["estimand"], row["analysis"]) == (estimand.id, estimand.analysis)
        and row["contrast"] in ("", estimand.contrast_name)
    ]
    for quantity in (*DIFFERENCES, "f_statistic"):
        fitting = [row for row in rows if row["quantity"] == quantity]
        at_visit = [row for row in fitting if row["visit"] == estimand.visit]
        if at_visit or fitting:
            return (at_visit or fitting)[-1]
    return None


def headline(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the answer to an estimand: one sentence, then which way is better."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    visit = trial_labels.in_sentence(subject.visit_label(estimand.visit))
    where = "Over the periods" if estimand.analysis in WITHIN_PEOPLE else f"At {visit}"
    name = trial_labels.in_sentence(outcome.label)
    if of_change(subject, estimand) and row is not None:
        name = f"the change from baseline in {name}"
    arm, reference = subject.arm_pair(estimand)
    if row is None or not isfinite(float(row["estimate"])):
        return f"{where}, {name} could not be compared between {arm} and {reference}."
    if row["quantity"] == "f_statistic":
        return (
            f"The course of {name} over the visits was compared between the arms by the "
            f"interaction of arm and visit: F = {numbers.number(float(row['estimate']))}, "
            f"{numbers.p_text(float(row['p_value']))}. That says whether the courses differ, not "
            "by how much."
        )
    digits = estimates.estimate_digits(row)
    value = float(row["estimate"])
    unit = _unit(outcome)
    per = " per week" if row["quantity"] == "slope_difference" else ""
    size = f"{numbers.number(abs(value), digits)}{unit}{per}"
    way = "lower" if value < 0 else "higher"
    verb = "changed by" if per else "was"
    kind = _KIND[str(row["quantity"])]
    kind = "mean difference" if row["analysis"] in WITHIN_PEOPLE else kind
    return (
        f"{where}, {name} {verb} {size} {way} with {arm} than with {reference} ({kind} "
        f"{numbers.number(value, digits)}, {_interval(row, estimand, digits)}, {_p(row)}). "
        f"{_direction(outcome, row, arm, reference)}"
    )


# The answer as the largest thing on the first page: what it is, how sure, what it leaves open.


def answer_line(subject: TrialSubject, estimand: Estimand) -> tuple[str, str]:
    """Return the answer to an estimand in a line, and its interval and p-value as a second text.

    The sign becomes a word; where nothing was estimated the first says so and the second is "".
    """
    row, outcome = main_row(subject, estimand), subject.outcome_of(estimand)
    if row is None or row["quantity"] == "f_statistic" or not isfinite(float(row["estimate"])):
        return headline(subject, estimand), ""
    digits, value = estimates.estimate_digits(row), float(row["estimate"])
    visit = trial_labels.in_sentence(subject.visit_label(estimand.visit))
    where = "Over the periods" if estimand.analysis in WITHIN_PEOPLE else f"At {visit}"
    name = trial_labels.in_sentence(_short(outcome.label))
    if of_change(subject, estimand):
        name = f"the change in {name}"
    arm, reference = subject.arm_pair(estimand)
    per = " per week" if row["quantity"] == "slope_difference" else ""
    size = numbers.number(abs(value), digits)
    if float(size.replace(numbers.MINUS, "-") or 0) == 0.0:
        told = (
            f"{where}, {name} differed by {size}{_unit(outcome)}{per} between {arm} and {reference}"
        )
    else:
        way = "lower" if value < 0 else "higher"
        told = (
            f"{where}, {name} was {size}{_unit(outcome)}{per} {way} with {arm} than with "
            f"{reference}"
        )
    level = numbers.number(100 * estimand.level, 0 if (100 * estimand.level).is_integer() else 1)
    ends = _ends_in_words(float(row["conf_low"]), float(row["conf_high"]), digits)
    around = f"{level}% CI {ends}; " if ends else "no interval; "
    return told, f"({around}{_p(row)})."


def _short(label: str) -> str:
    """Return a label without the scale in brackets at its end."""
    return label[: label.rfind(" (")] if label.endswith(")") and " (" in label else label


def _ends_in_words(low: float, high: float, digits: int) -> str:
    """Return an interval in which the signs are words; "" where no end is known."""
    if isnan(low) or isnan(high):
        return ""
    ways = ["lower" if end < 0 else "higher" for end in (low, high)]
    sizes = [numbers.number(abs(end), digits) if isfinite(end) else "any amount"
             for end in (low, high)]  # fmt: skip
    if ways == ["lower", "lower"]:
        return f"{sizes[1]} to {sizes[0]} lower"
    if ways[0] == ways[1]:
        return f"{sizes[0]} to {sizes[1]} higher"
    return f"{sizes[0]} {ways[0]} to {sizes[1]} {ways[1]}"


def important_change(outcome: Outcome) -> Threshold | None:
    """Return the first change in points that the trial file names as important, None without."""
    named = (one for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points"))
    return next(named, None)


def meaning(subject: TrialSubject, estimand: Estimand) -> tuple[str, str]:
    """Return what an answer leaves open: the scale with what is said, and what weighs most of it.

    The second text is "" where there is nothing more to weigh.
    """
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    scale = _scale(outcome)
    if row is None or row["quantity"] == "f_statistic":
        return scale, ""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if not (isfinite(low) and isfinite(high)):
        return f"{scale} No interval could be computed.", ""
    arm, reference = subject.arm_pair(estimand)
    if low <= 0 <= high:
        return f"{scale} {_both_ways(outcome, row, arm, reference)}", ""
    if not outcome.better:
        return f"{scale} The arms differ; which is better off is not said.", ""
    favoured = arm if (high < 0) == (outcome.better == "lower") else reference
    named = important_change(outcome)
    if named is None:
        return (
            f"{scale} The whole interval favours {favoured};",
            "the trial file names no important change to hold its size against.",
        )
    return _against_the_named(scale, favoured, row, named, outcome)


def _against_the_named(
    scale: str, favoured: str, row: numbers.Row, named: Threshold, outcome: Outcome
) -> tuple[str, str]:
    """Hold an interval on one side of zero against the change that the trial file names."""
    digits, unit = estimates.estimate_digits(row), _unit(outcome)
    least, most = sorted(abs(float(row[end])) for end in ("conf_low", "conf_high"))
    reach = f"{numbers.number(least, digits)} to {numbers.number(most, digits)}{unit}"
    change = f"the {named.value:g}{unit} that the trial file names as an important change."
    head = f"{scale} The whole interval favours {favoured}"
    if least >= named.value:
        return f"{head}, by {reach}: at least", change
    if most < named.value:
        return f"{head}, by {reach}: less than", change
    return (
        f"{scale} The direction is clear, the size is not: the interval favours {favoured} by "
        f"{reach}, on both sides of",
        change,
    )


def _scale(outcome: Outcome) -> str:
    """Return range and direction of an outcome in a sentence."""
    if outcome.low is not None and outcome.high is not None:
        ends = f"Scale {outcome.low:g} to {outcome.high:g}"
    else:
        ends = f"In {outcome.unit}" if outcome.unit else ""
    way = f"{outcome.better} is better" if outcome.better else (
        "the trial file does not say which way is better"
    )  # fmt: skip
    told = f"{ends}, {way}" if ends else way
    return f"{told[:1].upper()}{told[1:]}."


def of_change(subject: TrialSubject, estimand: Estimand) -> bool:
    """Say whether an analysis compares changes from baseline, and not values at the visit."""
    ranks = estimand.analysis == "rank-based" and bool(subject.trial.study.baseline)
    return ranks or estimand.analysis in ("change-score", "random-slope")


def _unit(outcome: Outcome) -> str:
    """Return the unit of a difference as it follows the number; "" where there is none."""
    unit = "percentage points" if outcome.unit == "%" else outcome.unit
    return f" {unit}" if unit else ""


def _interval(row: numbers.Row, estimand: Estimand, digits: int) -> str:
    ends = (float(row["conf_low"]), float(row["conf_high"]))
    return f"{numbers.number(100 * estimand.level, 0)}% CI {numbers.interval_text(*ends, digits)}"


def _p(row: numbers.Row) -> str:
    adjusted = float(row["p_adjusted"])
    plain = numbers.p_text(float(row["p_value"]))
    if not isfinite(adjusted) or adjusted == float(row["p_value"]):
        return plain
    return f"{plain}, adjusted for multiplicity {numbers.p_text(adjusted)}"


def _direction(outcome: Outcome, row: numbers.Row, arm: str, reference: str) -> str:
    """Say which way is better, and whom the interval favours, or that it shows neither."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    known = f"{outcome.better.capitalize()} is better"
    if not outcome.better:
        known = "The trial file does not say which way is better"
    if isfinite(low) and isfinite(high) and low <= 0 <= high:
        return f"{known}. {_both_ways(outcome, row, arm, reference)}"
    if not outcome.better:
        return f"{known}."
    favoured = arm if (float(row["estimate"]) < 0) == (outcome.better == "lower") else reference
    return f"{known}: the estimate favours {favoured}."


def _both_ways(outcome: Outcome, row: numbers.Row, arm: str, reference: str) -> str:
    """Say that an interval includes no difference, and how far it reaches to either side."""
    digits, unit = estimates.estimate_digits(row), _unit(outcome)
    lower, higher = (
        f"{numbers.number(abs(float(row[end])), digits)}{unit}" for end in ("conf_low", "conf_high")
    )
    sides = {"lower": (lower, higher), "higher": (higher, lower)}.get(outcome.better)
    if sides is None:
        reach = f"{lower} lower to {higher} higher with {arm}"
        return (
            f"The interval includes no difference and differences in both directions, from {reach}:"
            " it does not show that the arms differ."
        )
    return (
        "The interval includes no difference and differences in both directions, from "
        f"{sides[0]} in favour of {arm} to {sides[1]} in favour of {reference}: it does not show "
        "which is better."
    )


def uncertainty(subject: TrialSubject, estimand: Estimand) -> str:
    """Say by how much an interval favours an arm; "" where the headline says that it does not."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    if row is None or row["quantity"] == "f_statistic":
        return ""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if not (isfinite(low) and isfinite(high)):
        return "No interval could be computed."
    if not outcome.better or low <= 0 <= high:
        return ""
    arm, reference = subject.arm_pair(estimand)
    digits, unit = estimates.estimate_digits(row), _unit(outcome)
    favoured = arm if (high < 0) == (outcome.better == "lower") else reference
    least, most = sorted((abs(low), abs(high)))
    return (
        f"The whole interval favours {favoured}, by {numbers.number(least, digits)} to "
        f"{numbers.number(most, digits)}{unit}."
    )


def against_thresholds(subject: TrialSubject, estimand: Estimand) -> tuple[str, ...]:
    """Compare the interval with each important change that the trial file names."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    named = [one for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points")]
    if row is None or row["quantity"] not in DIFFERENCES[:3] or not named:
        return ()
    return tuple(_against(one, outcome, row) for one in named)


def _against(threshold: Threshold, outcome: Outcome, row: dict[str, Any]) -> str:
    value, ends = float(row["estimate"]), (float(row["conf_low"]), float(row["conf_high"]))
    if not all(isfinite(end) for end in (value, *ends)):
        return f"No interval could be compared with {threshold.name}."
    low, high = sorted(outcome.sign * end for end in ends)
    digits = estimates.estimate_digits(row)
    unit = _unit(outcome)
    said = (
        f"Against the named important change {threshold.name} "
        f"({numbers.number(threshold.value, digits)}{unit}; {threshold.population}; "
        f"{threshold.source}): "
    )
    if low >= threshold.value:
        verdict = "the whole interval is an advantage of at least that size."
    elif high < threshold.value:
        verdict = "the whole interval lies below an advantage of that size."
    else:
        verdict = "the interval includes advantages smaller and larger than that."
    return (
        said + verdict + " It was found for change within a person; between groups it is a "
        "yardstick, not a test."
    )
