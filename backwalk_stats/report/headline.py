"""The answer to an estimand in sentences: how much, which way, how sure, and against what."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from backwalk_stats.report.trial_subject import TrialSubject
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.numbers import decimals_for, interval_text, number, p_text

if TYPE_CHECKING:
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


def main_row(subject: TrialSubject, estimand: Estimand) -> Row | None:
    """Return the row of results that answers an estimand, None where there is none."""
    rows = [
        row
        for row in frame_rows(subject.analysis.estimates)
        if (row["estimand"], row["analysis"]) == (estimand.id, estimand.analysis)
        and row["contrast"] in ("", estimand.contrast_name)
    ]
    for quantity in (*DIFFERENCES, "f_statistic"):
        fitting = [row for row in rows if row["quantity"] == quantity]
        at_visit = [row for row in fitting if row["visit"] == estimand.visit]
        if at_visit or fitting:
            return (at_visit or fitting)[-1]
    return None


def digits_of(outcome: Outcome, row: Row) -> int:
    """Return the decimals that suit differences of an outcome."""
    if outcome.low is not None and outcome.high is not None:
        return decimals_for(outcome.high - outcome.low)
    ends = [abs(float(row[name])) for name in ("estimate", "conf_low", "conf_high")]
    return decimals_for(2 * max((end for end in ends if isfinite(end)), default=1.0))


def in_sentence(label: str) -> str:
    """Return a label as it stands inside a sentence.

    Examples
    --------
    >>> in_sentence("Knee pain (NPRS, 0 to 10)"), in_sentence("WOMAC function"), in_sentence("")
    ('knee pain (NPRS, 0 to 10)', 'WOMAC function', '')
    """
    acronym = len(label) > 1 and not label[1].islower() and label[1] != " "
    return label if acronym else label[:1].lower() + label[1:]


def arm_words(label: str) -> str:
    """Return the label of an arm as it stands inside a sentence.

    Examples
    --------
    >>> arm_words("Backward"), arm_words("Backward walking"), arm_words("Usual care")
    ('backward walking', 'backward walking', 'usual care')
    """
    words = in_sentence(label)
    return f"{words} walking" if words in ("backward", "forward") else words


def headline(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the answer to an estimand: one sentence, then which way is better."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    visit = in_sentence(subject.visits.get(estimand.visit, estimand.visit))
    where = "Over the periods" if estimand.analysis in WITHIN_PEOPLE else f"At {visit}"
    name = in_sentence(outcome.label)
    arm, reference = (arm_words(subject.arms.get(one, one)) for one in estimand.contrast)
    if row is None or not isfinite(float(row["estimate"])):
        return f"{where}, {name} could not be compared between {arm} and {reference}."
    if row["quantity"] == "f_statistic":
        return (
            f"The course of {name} over the visits was compared between the arms by the "
            f"interaction of arm and visit: F = {number(float(row['estimate']))}, "
            f"{p_text(float(row['p_value']))}. That says whether the courses differ, not by how "
            "much."
        )
    digits = digits_of(outcome, row)
    value = float(row["estimate"])
    unit = f" {outcome.unit}" if outcome.unit else ""
    per = " per week" if row["quantity"] == "slope_difference" else ""
    size = f"{number(abs(value), digits)}{unit}{per}"
    way = "lower" if value < 0 else "higher"
    verb = "changed by" if per else "was"
    kind = _KIND[str(row["quantity"])]
    kind = "mean difference" if row["analysis"] in WITHIN_PEOPLE else kind
    return (
        f"{where}, {name} {verb} {size} {way} with {arm} than with {reference} ({kind} "
        f"{number(value, digits)}, {_interval(row, estimand, digits)}, {_p(row)}). "
        f"{_direction(outcome, value, arm, reference)}"
    )


def _interval(row: Row, estimand: Estimand, digits: int) -> str:
    ends = (float(row["conf_low"]), float(row["conf_high"]))
    return f"{number(100 * estimand.level, 0)}% CI {interval_text(*ends, digits)}"


def _p(row: Row) -> str:
    adjusted = float(row["p_adjusted"])
    plain = p_text(float(row["p_value"]))
    if not isfinite(adjusted) or adjusted == float(row["p_value"]):
        return plain
    return f"{plain}, adjusted for multiplicity {p_text(adjusted)}"


def _direction(outcome: Outcome, value: float, arm: str, reference: str) -> str:
    """Say which way is better, and whom the estimate favours."""
    if not outcome.better:
        return "The trial file does not say which way is better."
    favoured = arm if (value < 0) == (outcome.better == "lower") else reference
    return f"{outcome.better.capitalize()} is better: the estimate favours {favoured}."


def uncertainty(subject: TrialSubject, estimand: Estimand) -> str:
    """Say what the interval includes: benefit, harm, or both; "" where there is no interval."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    if row is None or row["quantity"] == "f_statistic" or not outcome.better:
        return ""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if not (isfinite(low) and isfinite(high)):
        return "No interval could be computed."
    arm, reference = (arm_words(subject.arms.get(one, one)) for one in estimand.contrast)
    digits, unit = digits_of(outcome, row), f" {outcome.unit}" if outcome.unit else ""
    for_arm, for_reference = (-low, high) if outcome.better == "lower" else (high, -low)
    if for_arm > 0 and for_reference > 0:
        return (
            "The interval includes benefit and harm: the data agree with up to "
            f"{number(for_arm, digits)}{unit} in favour of {arm} and with up to "
            f"{number(for_reference, digits)}{unit} in favour of {reference}."
        )
    favoured, least, most = (
        (arm, -for_reference, for_arm) if for_arm > 0 else (reference, -for_arm, for_reference)
    )
    return (
        f"The whole interval favours {favoured}, by {number(least, digits)} to "
        f"{number(most, digits)}{unit}."
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
    digits = digits_of(outcome, row)
    unit = f" {outcome.unit}" if outcome.unit else ""
    said = (
        f"Against the named important change {threshold.name} "
        f"({number(threshold.value, digits)}{unit}; {threshold.population}; {threshold.source}): "
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
