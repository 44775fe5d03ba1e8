"""The answer to an estimand in sentences: how much, which way, how sure, and against what."""

from __future__ import annotations

from math import inf, isfinite, isinf, isnan

import pandas as pd

from backwalk_stats.analyses.margins import RATIOS, SCORE, margin_lines, margin_target
from backwalk_stats.analyses.results import main_quantity
from backwalk_stats.report.document import planned, risks_and_ratios
from backwalk_stats.report.document.text import plain_number
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES, p_told
from backwalk_stats.tables import estimates, numbers, trial_labels
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.small_cells import WITHHELD, hidden_notes
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.outcome import Outcome, Threshold

DIFFERENCES = ("mean_difference", "change_difference", "hodges_lehmann", "slope_difference")
_KIND = {
    "mean_difference": "adjusted mean difference",
    "change_difference": "difference in mean change",
    "hodges_lehmann": "Hodges–Lehmann shift",
    "slope_difference": "difference in slope per week",
}
_FEW = "the numbers would tell of few people; [report] small_cell = 0 in the trial file shows all."
WITHIN_PEOPLE = ("crossover",)  # compared over all periods, and not adjusted for covariates


def main_row(subject: TrialSubject, estimand: Estimand) -> numbers.Row | None:
    """Return the row of results that answers an estimand, None where there is none."""
    rows = [
        row
        for row in numbers.frame_rows(subject.analysis.estimates)
        if (row["estimand"], row["analysis"]) == (estimand.id, estimand.analysis)
        and row["contrast"] in ("", estimand.contrast_name)
    ]
    for quantity in (*DIFFERENCES, "f_statistic", *risks_and_ratios.QUANTITIES):
        fitting = [row for row in rows if row["quantity"] == quantity]
        # Another visit's difference is no answer to the question.
        here = [row for row in fitting if row["visit"] in (estimand.visit, "")]
        if fitting:
            return here[-1] if here else None
    return None


def headline(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the answer to an estimand, which way is better, and where it is not as planned."""
    beside = planned.beside(subject, estimand, main_row(subject, estimand))
    return f"{_headline(subject, estimand)} {beside}".rstrip()


def _headline(subject: TrialSubject, estimand: Estimand) -> str:
    """Return the answer to an estimand: one sentence, then which way is better."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    visit = trial_labels.in_sentence(subject.visit_label(estimand.visit))
    where = "Over the periods" if estimand.analysis in WITHIN_PEOPLE else f"At {visit}"
    name = trial_labels.in_sentence(outcome.label)
    if of_change(subject, estimand) and row is not None:
        name = f"the change from baseline in {name}"
    arm, reference = subject.arm_pair(estimand)
    if row is None or risks_and_ratios.unknown(row):
        if risks_and_ratios.withheld(row):
            return f"{where}, {name} is not compared here between {arm} and {reference}: {_FEW}"
        return f"{where}, {name} could not be compared between {arm} and {reference}."
    p = p_told(subject.trial, estimand, row)
    if row["quantity"] in risks_and_ratios.QUANTITIES:
        said = risks_and_ratios.statement(outcome, row, estimand, (arm, reference), visit)
        around = risks_and_ratios.in_brackets(row, estimand, p)
        way = risks_and_ratios.direction(outcome, row, (arm, reference))
        return f"{said} {around}. {way} {held_against(subject, estimand)}".rstrip()
    if row["quantity"] == "f_statistic":
        return (
            f"The course of {name} over the visits was compared between the arms by the "
            f"interaction of arm and visit: F = {numbers.number(float(row['estimate']))}, "
            f"{numbers.p_text(float(row['p_value']))}. That says whether the courses differ, not "
            "by how much."
        )
    kind = _KIND[str(row["quantity"])]
    kind = "mean difference" if row["analysis"] in WITHIN_PEOPLE else kind
    told = (
        f"{where}, {name} {_size(outcome, row, arm, reference)} ({kind} "
        f"{estimates.estimate(row)}, {_interval(row, estimand)}, {p})."
    )
    apart = estimates.contradiction(row, estimand.level)
    held = held_against(subject, estimand)
    direction = _direction(outcome, row, arm, reference)
    return " ".join(one for one in (told, direction, apart, held) if one)


def _size(outcome: Outcome, row: numbers.Row, arm: str, reference: str) -> str:
    """Say how much lower or higher an outcome was with an arm, or that no digit tells them apart.

    What is written as nothing but zeros has no direction that a reader could see.
    """
    digits, value = estimates.estimate_digits(row), float(row["estimate"])
    per = " per week" if row["quantity"] == "slope_difference" else ""
    if numbers.vanishes(value, digits):
        exact = "" if value == 0 else ", to the digits shown,"
        return f"{'changed by' if per else 'was'}{exact} the same with {arm} as with {reference}"
    size = f"{numbers.number(abs(value), digits)}{_unit(outcome)}{per}"
    way = "lower" if value < 0 else "higher"
    return f"{'changed by' if per else 'was'} {size} {way} with {arm} than with {reference}"


# The answer as the largest thing on the first page: what it is, how sure, what it leaves open.


def answer_line(subject: TrialSubject, estimand: Estimand) -> tuple[str, str]:
    """Return the answer to an estimand in a line, and its interval and p-value as a second text.

    The sign becomes a word; where nothing was estimated the first says so and the second is "".
    """
    row, outcome = main_row(subject, estimand), subject.outcome_of(estimand)
    if row is None or row["quantity"] == "f_statistic" or risks_and_ratios.unknown(row):
        return headline(subject, estimand), ""
    visit = trial_labels.in_sentence(subject.visit_label(estimand.visit))
    if row["quantity"] in risks_and_ratios.QUANTITIES:
        pair = subject.arm_pair(estimand)
        said = risks_and_ratios.statement(outcome, row, estimand, pair, visit)
        told = f"{p_told(subject.trial, estimand, row)}{planned.suffix(row, '; ')}"
        return said, risks_and_ratios.sureness(row, estimand, told)
    digits, value = estimates.estimate_digits(row), float(row["estimate"])
    where = "Over the periods" if estimand.analysis in WITHIN_PEOPLE else f"At {visit}"
    name = trial_labels.in_sentence(_short(outcome.label))
    if of_change(subject, estimand):
        name = f"the change in {name}"
    arm, reference = subject.arm_pair(estimand)
    per = " per week" if row["quantity"] == "slope_difference" else ""
    size = f"{numbers.number(abs(value), digits)}{_unit(outcome)}{per}"
    if numbers.vanishes(value, digits):  # zeros have no direction that a reader could see
        told = f"{where}, {name} differed by {size} between {arm} and {reference}"
    else:
        way = "lower" if value < 0 else "higher"
        told = f"{where}, {name} was {size} {way} with {arm} than with {reference}"
    ends = _ends_in_words(float(row["conf_low"]), float(row["conf_high"]), digits)
    around = f"{numbers.level_text(estimand.level)} CI {ends}; " if ends else "no interval; "
    p = p_told(subject.trial, estimand, row)
    return told, f"({around}{p}{planned.suffix(row, '; ')})."


def _short(label: str) -> str:
    """Return a label without the scale in brackets at its end."""
    return label[: label.rfind(" (")] if label.endswith(")") and " (" in label else label


def _ends_in_words(low: float, high: float, digits: int) -> str:
    """Return an interval in which the signs are words; "" where no end is known."""
    if isnan(low) or isnan(high):
        return ""
    ways = [
        "" if numbers.vanishes(end, digits) else " lower" if end < 0 else " higher"
        for end in (low, high)
    ]
    sizes = [numbers.number(abs(end), digits) if isfinite(end) else "any amount"
             for end in (low, high)]  # fmt: skip
    if ways[0] == ways[1] == " lower":
        return f"{sizes[1]} to {sizes[0]} lower"
    if ways[0] == ways[1]:
        return f"{sizes[0]} to {sizes[1]}{ways[1]}"
    return f"{sizes[0]}{ways[0]} to {sizes[1]}{ways[1]}"


def important_change(outcome: Outcome) -> Threshold | None:
    """Return the first change in points that the trial file names as important, None without."""
    named = (one for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points"))
    return next(named, None)


def meaning(subject: TrialSubject, estimand: Estimand) -> tuple[str, str]:
    """Return what an answer leaves open: the scale with what is said, and what weighs most of it.

    The second text is "" where there is nothing more to weigh.
    """
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    if row is not None and row["quantity"] in risks_and_ratios.QUANTITIES:
        way = risks_and_ratios.direction(outcome, row, subject.arm_pair(estimand))
        return way, held_against(subject, estimand)
    scale = _scale(outcome)
    held = held_against(subject, estimand)
    if held:
        return scale, held
    if row is None or row["quantity"] == "f_statistic":
        return scale, ""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if isnan(low) or isnan(high):
        return f"{scale} No interval could be computed.", ""
    arm, reference = subject.arm_pair(estimand)
    if low <= 0 <= high:
        apart = estimates.contradiction(row, estimand.level)
        return f"{scale} {_both_ways(outcome, row, arm, reference)} {apart}".rstrip(), ""
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
    least, most = sorted(abs(float(row[end])) for end in ("conf_low", "conf_high"))
    reach = _reach(outcome, row)
    size = f"{numbers.plain(named.value)}{_unit(outcome)}"
    change = f"the {size} that the trial file names as an important change."
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
        ends = f"Scale {plain_number(outcome.low)} to {plain_number(outcome.high)}"
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
    return numbers.after(unit)


def _interval(row: numbers.Row, estimand: Estimand) -> str:
    return f"{numbers.level_text(estimand.level)} CI {estimates.interval(row)}"


def _direction(outcome: Outcome, row: numbers.Row, arm: str, reference: str) -> str:
    """Say which way is better, and whom the interval favours, or that it shows neither."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    known = f"{outcome.better.capitalize()} is better"
    if not outcome.better:
        known = "The trial file does not say which way is better"
    if isnan(low) or isnan(high):
        return f"{known}."
    if low <= 0 <= high:
        return f"{known}. {_both_ways(outcome, row, arm, reference)}"
    if not outcome.better:
        return f"{known}."
    favoured = arm if (high < 0) == (outcome.better == "lower") else reference
    return f"{known}: the estimate favours {favoured}."


def _amount(value: float, outcome: Outcome, digits: int) -> str:
    """Return the size of a limit with its unit; what would be all zeros as less than the last."""
    if isinf(value):
        return "a difference without limit"
    if value != 0 and numbers.vanishes(value, digits):
        return f"less than {numbers.number(10.0**-digits, digits)}{_unit(outcome)}"
    return f"{numbers.number(abs(value), digits)}{_unit(outcome)}"


def _both_ways(outcome: Outcome, row: numbers.Row, arm: str, reference: str) -> str:
    """Say that an interval includes no difference, and how far it reaches to either side."""
    digits = estimates.estimate_digits(row)
    low, high = float(row["conf_low"]), float(row["conf_high"])
    lower, higher = (_amount(end, outcome, digits) for end in (low, high))
    favours = {"lower": (arm, reference), "higher": (reference, arm)}.get(outcome.better)
    sides = [f"{lower} lower", f"{higher} higher"]
    if favours is not None:
        sides = [f"{lower} in favour of {favours[0]}", f"{higher} in favour of {favours[1]}"]
    shown = [side for side, end in zip(sides, (low, high), strict=True) if end != 0]
    last = f" with {arm}" if favours is None else ""
    end = "that the arms differ" if favours is None else "which is better"
    if not shown:
        return f"The interval holds no difference and nothing else: it does not show {end}."
    if len(shown) == 1:
        return (
            f"The interval begins at no difference and reaches to {shown[0]}{last}: it does not "
            f"show {end}."
        )
    ordered = shown if outcome.better != "higher" else shown[::-1]
    return (
        "The interval includes no difference and differences in both directions, from "
        f"{ordered[0]} to {ordered[1]}{last}: it does not show {end}."
    )


def uncertainty(subject: TrialSubject, estimand: Estimand) -> str:
    """Say by how much an interval favours an arm; "" where the headline says that it does not."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    if row is None or row["quantity"] not in DIFFERENCES:
        return ""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if isnan(low) or isnan(high):
        return "No interval could be computed." if isfinite(float(row["estimate"])) else ""
    if not outcome.better or low <= 0 <= high:
        return ""
    arm, reference = subject.arm_pair(estimand)
    favoured = arm if (high < 0) == (outcome.better == "lower") else reference
    return f"The whole interval favours {favoured}, by {_reach(outcome, row)}."


def _reach(outcome: Outcome, row: numbers.Row) -> str:
    """Return the least and the most that an interval on one side of zero holds, with the unit."""
    digits = estimates.estimate_digits(row)
    least, most = sorted(abs(float(row[end])) for end in ("conf_low", "conf_high"))
    if isinf(most):
        return f"{_amount(least, outcome, digits)} or more"
    first = _amount(least, outcome, digits)
    if not numbers.vanishes(least, digits):
        first = numbers.number(least, digits)
    return f"{first} to {_amount(most, outcome, digits)}"


def against_thresholds(subject: TrialSubject, estimand: Estimand) -> tuple[str, ...]:
    """Compare the interval with each important change that the trial file names."""
    outcome, row = subject.outcome_of(estimand), main_row(subject, estimand)
    named = [one for one in outcome.thresholds if (one.kind, one.unit) == ("mcid", "points")]
    if row is None or row["quantity"] not in DIFFERENCES[:3] or not named:
        return ()
    if not outcome.better:
        return (_NOT_COMPARED,)
    return tuple(_against(one, outcome, row) for one in named)


_NOT_COMPARED = (
    "The interval is compared with no important change: the trial file does not say which way is "
    "better."
)


def _against(threshold: Threshold, outcome: Outcome, row: numbers.Row) -> str:
    ends = (float(row["conf_low"]), float(row["conf_high"]))
    size = numbers.at_least(threshold.value, estimates.estimate_digits(row))
    named = (
        f"the named important change of {size}{_unit(outcome)} "
        f"({threshold.population}; {threshold.source})"
    )
    if any(isnan(end) for end in (float(row["estimate"]), *ends)):
        return f"No interval could be compared with {named}."
    low, high = sorted(outcome.sign * end for end in ends)
    said = f"Against {named}: "
    if low >= threshold.value:
        verdict = "the whole interval is an advantage of at least that size."
    elif high < threshold.value:
        verdict = "the whole interval lies below an advantage of that size."
    else:
        verdict = "the interval includes advantages smaller and larger than that."
    return (
        said + verdict + " What is important for a person is no limit for a difference of "
        "groups: it is a yardstick, not a test."
    )


# Whether a difference or a ratio keeps within its margin, in each population asked for.

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
        return f"{numbers.plain(risks_and_ratios.HUNDRED * size)}{_POINTS}"
    return numbers.amount(size, outcome.unit)


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
    first = _margin_told(subject, estimand, estimand.analysis)
    said = f"{_WHOLE[estimand.population]}, {first}"
    if estimand.population == "per-protocol":
        return f"{said} The whole of those randomised is not this estimand."
    if "per-protocol" not in estimand.sensitivity:
        return f"{said} No analysis of those who kept to the protocol was asked for beside it."
    return f"{said} {_WHOLE['per-protocol']}, {_margin_told(subject, estimand, 'per-protocol')}"


def is_shown(row: numbers.Row, estimand: Estimand) -> bool:
    """Tell whether the one-sided p, adjusted where it is, is below half of one minus the level."""
    adjusted = float(row["p_adjusted"])
    p = adjusted if isfinite(adjusted) else float(row["p_value"])
    return p < (1.0 - estimand.level) / 2.0


def _margin_told(subject: TrialSubject, estimand: Estimand, analysis: str) -> str:
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
    return f", {SCORE} with limits {estimates.interval(row if ratio else _in_hundreds(row))}"


def _in_hundreds(row: numbers.Row) -> numbers.Row:
    """Return a row of a difference of shares in people out of 100."""
    scaled = {
        name: risks_and_ratios.HUNDRED * float(row[name])
        for name in ("estimate", "conf_low", "conf_high")
    }
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
            lines.append(_margin_line(estimand, row, analysis, shares=shares))
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


def _margin_line(
    estimand: Estimand, row: numbers.Row, analysis: str, *, shares: bool
) -> tuple[str, ...]:
    """Return the texts of one analysis: name, sizes, estimate, p, adjusted p, and what is shown."""
    name = (
        _WHOLE[estimand.population]
        if analysis == estimand.analysis
        else _WHOLE.get(analysis, ANALYSES.get(analysis, analysis))
    )
    known = isfinite(float(row["p_value"]))
    shown = _in_hundreds(row) if shares else row
    around = estimates.interval(shown)
    told = estimates.estimate(shown)
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
