"""All outcomes in one table with its forest: what stands on the first page of a trial's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, isnan, nan, sqrt

import pandas as pd

from backwalk_stats.figures.axis import tick_positions
from backwalk_stats.report import headline
from backwalk_stats.report.document import document, planned
from backwalk_stats.report.document.risks_and_ratios import QUANTITIES, in_hundreds
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayColumn, DisplayTable, display_rows
from backwalk_stats.tables.estimates import (
    contradiction,
    estimate,
    estimate_digits,
    in_plan,
    interval,
)
from backwalk_stats.tables.labels import contrast_label
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import BY, Estimand

_OF_ARMS = ("percent", "risk", "rate")
_MIXED = (
    "Means, per cent of people with an event, or rates; differences (of events in percentage "
    "points), odds ratios (OR) and rate ratios (RR)"
)
_SAID = {"odds_ratio": "OR", "rate_ratio": "RR"}
MOST_TICKS, SPARE = 4, 0.08
Arm = tuple[float, float, float, float]  # mean, its limits, and of how many
Line = tuple[float, float, float, float]  # estimate, its limits, the named important change
_AFTER = 4  # the forest stands between the arms and their difference


def outcome_block(subject: TrialSubject) -> document.TableBlock | None:
    """Return the table of all estimands with its forest; None where nothing was estimated."""
    asked = [one for one in subject.estimands if headline.main_row(subject, one) is not None]
    if not asked:
        return None
    forest, notes = _forest(subject, asked)
    lines = [
        Compared(
            what=_what(subject, one),
            contrast=one.contrast,
            arms=_arms(subject, one),
            # Beside a forest there is no room for a column of it: `_what` says it.
            row={**(headline.main_row(subject, one) or {}), "planned": ""},
        )
        for one in asked
    ]
    table = comparison_table(
        lines,
        arms=subject.arms,
        first="Outcome",
        level=[one.level for one in asked],
        caption=_caption(subject, asked),
        notes=(
            *_better(subject, asked),
            *_rates(subject, asked),
            *_adjusted(subject),
            *notes,
            *_as_locked(subject),
        ),
    )
    return document.TableBlock(id="main-estimates", table=table, forest=forest)


def baseline_sd(subject: TrialSubject, outcome: str) -> float:
    """Return the SD of an outcome at baseline, pooled over the arms; NaN where it is not known.

    sqrt(sum of (n - 1) sd² over sum of (n - 1)), of the means that the report shows.
    """
    part = subject.analysis.part("within-arm", outcome)
    means = part.frames.get("means") if part is not None else None
    if means is None or not subject.trial.study.baseline:
        return nan
    here = means[(means["visit"] == subject.trial.study.baseline) & (means["kind"] == "observed")]
    free = (here["n"] - 1).sum()
    if not len(here) or here["sd"].isna().any() or not free > 0:
        return nan
    return sqrt(float(((here["n"] - 1) * here["sd"] ** 2).sum() / free))


def _what(subject: TrialSubject, estimand: Estimand) -> str:
    """Return outcome, unit, visit where visits differ, role, and strategy for events likewise."""
    outcome = subject.outcome_of(estimand)
    visits = {one.visit for one in subject.estimands}
    when = subject.visit_label(estimand.visit) if len(visits) > 1 else ""
    unit = outcome.unit if outcome.unit not in outcome.label else ""
    unit = outcome.rate_unit if outcome.kind == "count" else unit
    parts = (outcome.label, unit, in_sentence(when), estimand.role, subject.strategy_of(estimand))
    mark = planned.suffix(headline.main_row(subject, estimand))
    return f"{', '.join(part for part in parts if part)}{mark}"


def _rates(subject: TrialSubject, asked: Sequence[Estimand]) -> tuple[str, ...]:
    """Say what rates are per, of each outcome that is counted, and that nobody has said it."""
    counted = {one.outcome: subject.outcome_of(one) for one in asked}
    told = []
    for outcome in (one for one in counted.values() if one.kind == "count"):
        name = in_sentence(outcome.label)
        said = f"The rate of {name} is {outcome.rate_unit}"
        if outcome.exposure and not outcome.exposure_unit:
            said += ", the column of the time; its unit is not said"
        if not outcome.exposure:
            said += ", over a time that is taken to be the same for everybody"
        told.append(f"{said}.")
    return tuple(told)


def _adjusted(subject: TrialSubject) -> tuple[str, ...]:
    """Say by which procedure the adjusted p-values of the table were found."""
    method, _ = subject.trial.multiplicity
    return (f"p adj.: adjusted by {BY[method]}.",) if len(subject.analysis.tests) else ()


def joined_by(subject: TrialSubject, asked: Sequence[Estimand]) -> str:
    """Return what stands between arm and reference: "minus", or "against" where one is a ratio."""
    rows = [headline.main_row(subject, one) for one in asked]
    ratio = any(row is not None and row["quantity"] in _SAID for row in rows)
    return " against " if ratio else " minus "


def _caption(subject: TrialSubject, asked: list[Estimand]) -> str:
    visits = dict.fromkeys(one.visit for one in asked)
    pairs = {subject.arm_pair(one) for one in asked}
    when = f" at {in_sentence(subject.visit_label(next(iter(visits))))}" if len(visits) == 1 else ""
    between = joined_by(subject, asked)
    pair = next(iter(pairs)) if len(pairs) == 1 else ("arm", "reference")
    held = "their difference" if between == " minus " else "how they compare"
    many = "Every outcome" if len(asked) > 1 else subject.outcome_of(asked[0]).label
    return f"{many}{when}: both arms and {held}, {between.join(pair)}."


def _better(subject: TrialSubject, asked: list[Estimand]) -> tuple[str, ...]:
    """Say which way is better, once where it is the same for all."""
    ways = {one.outcome: subject.outcome_of(one).better for one in asked}
    if len(set(ways.values())) == 1:
        way = next(iter(ways.values()))
        return (f"{way.capitalize()} is better.",) if way else ()
    told = (
        f"{in_sentence(subject.outcomes[name])}: {way or 'not said which way'}"
        for name, way in ways.items()
    )
    return (f"Better is, of {'; '.join(told)}.",)


def _as_locked(subject: TrialSubject) -> tuple[str, ...]:
    """Say which plan rows are of that do not say otherwise; nothing without a lock."""
    plan = subject.trial.plan
    held = None if plan is None or plan.late else plan.held
    return () if held is None else (f"As in the plan of {held.named} where nothing else is said.",)


def _arms(subject: TrialSubject, estimand: Estimand) -> dict[str, Arm]:
    """Return the means of the arms at the visit: of the model, else as they were observed."""
    part = subject.main_part(estimand)
    means = part.frames.get("means") if part is not None else None
    if part is not None and not subject.outcome_of(estimand).has_means:
        return _sizes(subject, estimand) | _risks(part.estimates, estimand)
    if means is None or not (means["visit"] == estimand.visit).any():
        within = subject.analysis.part("within-arm", estimand.outcome)
        means = within.frames.get("means") if within is not None else None
    if means is None:
        return {}
    here = means[means["visit"] == estimand.visit]
    return {
        str(row["arm"]): (
            float(row["estimate"]),
            float(row["conf_low"]),
            float(row["conf_high"]),
            float(row["n"]),
        )
        for row in numbers.frame_rows(here)
    }


def _sizes(subject: TrialSubject, estimand: Estimand) -> dict[str, Arm]:
    """Return how many of each arm an answer is of that is no mean, risk or rate of the arms."""
    row = headline.main_row(subject, estimand)
    if row is None:
        return {}
    arm, reference = estimand.contrast
    return {
        arm: (nan, nan, nan, float(row["n"])),
        reference: (nan, nan, nan, float(row["n_reference"])),
    }


def _risks(table: pd.DataFrame, estimand: Estimand) -> dict[str, Arm]:
    """Return the risk of each arm in per cent, or its rate."""
    own = table[table["quantity"].isin(list(_OF_ARMS)) & (table["visit"] == estimand.visit)]
    found = {}
    for row in numbers.frame_rows(own):
        times = 100.0 if row["quantity"] == "risk" else 1.0
        told = [times * float(row[name]) for name in ("estimate", "conf_low", "conf_high")]
        found[str(row["arm"])] = (told[0], told[1], told[2], float(row["n"]))
    return found


def _forest(
    subject: TrialSubject, asked: list[Estimand]
) -> tuple[document.Forest | None, tuple[str, ...]]:
    """Return the forest of the estimands, and what must be said of its scale.

    One outcome is drawn in its unit. Several share one scale, the SD of each at baseline: without
    it there is no forest.
    """
    scales = {one.outcome: baseline_sd(subject, one.outcome) for one in asked}
    alone = len(scales) == 1
    if not alone and not all(isfinite(sd) and sd > 0 for sd in scales.values()):
        return None, ()
    lines = [_shares(subject, one, 1.0 if alone else scales[one.outcome]) for one in asked]
    drawn = _drawn(lines, [one.role == "primary" for one in asked])
    if drawn is None:
        return None, ()
    unit = subject.outcome_of(asked[0]).unit
    head = f"Difference, {unit or 'as measured'}" if alone else "Difference, SDs at baseline"
    dotted = any(isfinite(line[3]) for line in lines)
    notes = _scale_notes(subject, asked, scales, alone=alone, dotted=dotted)
    return replace(drawn, head=head, sides=_sides(subject, asked)), notes


def _drawn(lines: list[Line], bold: list[bool]) -> document.Forest | None:
    """Return the marks of a forest on one axis that holds zero and every limit; None without."""
    known = [value for line in lines for value in line if isfinite(value)]
    if not known:
        return None
    low, high = min(0.0, *known), max(0.0, *known)
    spare = SPARE * (high - low or 1.0)
    low, high = low - spare, high + spare

    def share(value: float) -> float | None:
        if isnan(value):
            return None
        # An end without a limit goes to the edge of the axis, where nothing else can lie.
        return min(max(round((value - low) / (high - low), 4), 0.0), 1.0)

    ticks = tick_positions(low, high, MOST_TICKS)
    places = zip(ticks.at, ticks.labels, strict=True)
    return document.Forest(
        after=_AFTER,
        head="",
        marks=tuple(
            document.ForestMark(
                estimate=share(value),
                low=share(first),
                high=share(last),
                threshold=share(named),
                bold=main,
            )
            for (value, first, last, named), main in zip(lines, bold, strict=True)
        ),
        zero=share(0.0) or 0.0,
        ticks=tuple((share(float(place)) or 0.0, label) for place, label in places),
        sides=("", ""),
    )


def _shares(subject: TrialSubject, estimand: Estimand, sd: float) -> Line:
    """Return estimate, limits and named important change on the scale of the forest."""
    row = headline.main_row(subject, estimand)
    if row is None or row["quantity"] not in headline.DIFFERENCES[:3]:
        return (nan, nan, nan, nan)
    outcome = subject.outcome_of(estimand)
    named = headline.important_change(outcome)
    at = outcome.sign * named.value / sd if named is not None and outcome.better else nan
    value, low, high = (float(row[name]) / sd for name in ("estimate", "conf_low", "conf_high"))
    return value, low, high, at


def _sides(subject: TrialSubject, asked: list[Estimand]) -> tuple[str, str]:
    """Return who is better off to either side of zero; empty where outcomes differ in it."""
    ways = {subject.outcome_of(one).better for one in asked}
    pairs = {one.contrast for one in asked}
    if len(ways) > 1 or len(pairs) > 1 or "" in ways:
        return "", ""
    first, second = (subject.arms[name] or name for name in asked[0].contrast)
    sides = (first, second) if ways == {"lower"} else (second, first)
    return f"← {sides[0]} better", f"{sides[1]} better →"


def _scale_notes(
    subject: TrialSubject,
    asked: list[Estimand],
    scales: dict[str, float],
    *,
    alone: bool,
    dotted: bool,
) -> tuple[str, ...]:
    notes = ("Dotted: the named important change.",) if dotted else ()
    if alone:
        return notes
    told = "; ".join(
        f"{in_sentence(subject.outcomes[one.outcome])} "
        f"{numbers.significant(scales[one.outcome])}{numbers.after(subject.outcome_of(one).unit)}"
        for one in {one.outcome: one for one in asked}.values()
    )
    return (*notes, f"SD at baseline, pooled over the arms: {told}.")


# Arms beside each other and their difference, as a table: outcomes, or visits of one.


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """What one row says: two arms and their difference.

    Attributes
    ----------
    what : str
        The outcome, or the visit.
    contrast : tuple of str
        Names of arm and reference.
    arms : mapping of str to (float, float, float, float)
        Name of an arm to its mean, the limits of the mean, and how many it is of; NaN is not known.
    row : dict
        The row of results with the difference (`tables.RESULTS`); empty where there is none.
    """

    what: str
    contrast: tuple[str, str]
    arms: Mapping[str, Arm] = field(default_factory=dict)
    row: numbers.Row = field(default_factory=dict)


def _head(lines: Sequence[Compared]) -> str:
    """Return the head of the column of comparisons: of ratios they are no differences."""
    ratios = [str(line.row.get("quantity")) in _SAID for line in lines]
    if all(ratios):
        return "Ratio"
    return "Difference or ratio" if any(ratios) else "Difference"


def comparison_table(
    lines: Sequence[Compared],
    *,
    arms: Mapping[str, str],
    first: str,
    level: float | Sequence[float],
    caption: str,
    notes: tuple[str, ...] = (),
) -> DisplayTable:
    """Return arms and their difference as text, a row each; `first` is the head of the rows.

    The `level` is that of all intervals, or one a line; where lines differ, each row says its own.

    Where all rows compare the same two arms, their labels head the columns; else every row says
    which it compares. A column of adjusted p-values is there where one is known.
    """
    same = len({line.contrast for line in lines}) == 1
    heads = [arms[name] or name for name in lines[0].contrast] if same else ["Arm", "Reference"]
    columns = _columns(lines, first, heads)
    beside = in_plan(line.row for line in lines)
    levels = [level] * len(lines) if isinstance(level, float) else list(level)
    one = len(set(levels)) == 1
    apart = [
        contradiction(line.row, own) for line, own in zip(lines, levels, strict=True) if line.row
    ]
    told = [
        replace(line, what=f"{line.what} ({numbers.interval_name(own)}s)") if not one else line
        for line, own in zip(lines, levels, strict=True)
    ]
    rows = display_rows(
        (*_cells(line, arms, same=same)[: len(columns)], *([_plan(line)] if beside else []))
        for line in told
    )
    if beside:
        columns.append(DisplayColumn(key="planned", label="Plan", width=0.8))
    name = numbers.interval_name(levels[0]) if one else "interval"
    ratios = {str(line.row["quantity"]) for line in lines if line.row} & {*QUANTITIES}
    lead = f"{_MIXED if ratios else 'Means and differences'} with their {name}s; n is of each arm."
    return DisplayTable(
        columns=tuple(columns),
        rows=rows,
        caption=caption,
        notes=(
            f"{lead} {' '.join(notes)}".strip(),
            *dict.fromkeys(one for one in apart if one),
            *hidden_notes(rows),
        ),
    )


def _columns(lines: Sequence[Compared], first: str, heads: list[str]) -> list[DisplayColumn]:
    """Return the columns; that of adjusted p-values where one is known."""
    adjusted = any(isfinite(float(line.row.get("p_adjusted", float("nan")))) for line in lines)
    columns = [
        DisplayColumn(key="what", label=first, width=2.4),
        DisplayColumn(key="n0", label="n", align="right", width=0.5),
        DisplayColumn(key="arm0", label=heads[0], align="right", width=1.9),
        DisplayColumn(key="n1", label="n", align="right", width=0.5),
        DisplayColumn(key="arm1", label=heads[1], align="right", width=1.9),
        DisplayColumn(key="difference", label=_head(lines), align="right", width=2.0),
        DisplayColumn(key="p_value", label="p", align="right", width=0.7),
    ]
    if adjusted:
        columns.append(DisplayColumn(key="p_adjusted", label="p adj.", align="right", width=0.7))
    return columns


def _plan(line: Compared) -> str:
    """Return how a comparison stands to the locked plan."""
    return str(line.row.get("planned") or numbers.DASH)


def _cells(line: Compared, arms: Mapping[str, str], *, same: bool) -> tuple[str, ...]:
    """Return the texts of one row, the adjusted p last."""
    line = replace(line, row=in_hundreds(line.row)) if line.row else line
    digits = _digits(line)
    what = line.what if same else f"{line.what}: {contrast_label(' - '.join(line.contrast), arms)}"
    told: list[str] = [what]
    alone = line.row.get("quantity") != "odds_ratio" or line.row.get("analysis") == "adjusted-risk"
    for name in line.contrast:
        told += _arm(line.arms.get(name), digits, alone=alone)
    row = line.row
    if not row:
        return (*told, numbers.DASH, numbers.DASH, numbers.DASH)
    return (
        *told,
        difference(row),
        numbers.p_value(row["p_value"]),
        numbers.p_value(row["p_adjusted"]),
    )


def _digits(line: Compared) -> int:
    """Return the decimals of the means: those of the difference, else such as suit the means.

    Means that were rounded so as not to tell few people's scores have those that are left.
    """
    row, arms = line.row, list(line.arms.values())
    if row and row["quantity"] != "f_statistic" and isfinite(float(row["estimate"])):
        return numbers.held_decimals([one for arm in arms for one in arm[:3]], estimate_digits(row))
    return numbers.decimals_of(arm[0] for arm in arms)


def _arm(arm: Arm | None, digits: int, *, alone: bool) -> tuple[str, str]:
    """Return the number and the mean of one arm; a mean that is withheld has an asterisk.

    Of an analysis that says nothing of an arm `alone` there is none.
    """
    if arm is None:
        return numbers.DASH, numbers.DASH
    mean, low, high, n = arm
    count = numbers.count(n) if isfinite(n) else HIDDEN
    if not isfinite(mean):
        return count, numbers.DASH if n == 0 or not alone else HIDDEN  # of nobody: nothing hidden
    around = numbers.interval_text(low, high, digits)
    told = numbers.number(mean, digits)
    return count, told if around == numbers.DASH else f"{told} ({around})"


def difference(row: numbers.Row) -> str:
    """Return a difference with its interval; of an interaction its F.

    Examples
    --------
    >>> row = {"quantity": "mean_difference", "estimate": -1.1, "conf_low": -2.01}
    >>> difference(row | {"conf_high": -0.19})
    '−1.10 (−2.01 to −0.19)'
    """
    if row["quantity"] == "f_statistic":
        told = numbers.number(row["estimate"])
        return told if told == numbers.DASH else f"F = {told}"
    row = in_hundreds(row)
    per = " per week" if row["quantity"] == "slope_difference" else ""
    around = interval(row)
    told = f"{_SAID.get(str(row['quantity']), '')} {estimate(row)}".strip()
    return told if numbers.DASH in (told, around) else f"{told} ({around}){per}"
