"""All outcomes in one table with its forest: what stands on the first page of a trial's report."""

from __future__ import annotations

from math import isfinite, isnan, nan, sqrt

from backwalk_stats.figures.axis import tick_positions
from backwalk_stats.report import headline
from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.arm_comparison import Arm, Compared, comparison_table
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import Estimand

MOST_TICKS, SPARE = 4, 0.08
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
            row=headline.main_row(subject, one) or {},
        )
        for one in asked
    ]
    table = comparison_table(
        lines,
        arms=subject.arms,
        first="Outcome",
        level=[one.level for one in asked],
        caption=_caption(subject, asked),
        notes=(*_better(subject, asked), *notes),
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
    """Return outcome, unit, visit where visits differ, and role."""
    outcome = subject.outcome_of(estimand)
    visits = {one.visit for one in subject.estimands}
    when = subject.visit_label(estimand.visit) if len(visits) > 1 else ""
    unit = outcome.unit if outcome.unit not in outcome.label else ""
    parts = (outcome.label, unit, in_sentence(when), estimand.role)
    return ", ".join(part for part in parts if part)


def _caption(subject: TrialSubject, asked: list[Estimand]) -> str:
    visits = dict.fromkeys(one.visit for one in asked)
    pairs = {subject.arm_pair(one) for one in asked}
    when = f" at {in_sentence(subject.visit_label(next(iter(visits))))}" if len(visits) == 1 else ""
    minus = f", {' minus '.join(next(iter(pairs)))}" if len(pairs) == 1 else ", arm minus reference"
    many = "Every outcome" if len(asked) > 1 else subject.outcome_of(asked[0]).label
    return f"{many}{when}: both arms and their difference{minus}."


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


def _arms(subject: TrialSubject, estimand: Estimand) -> dict[str, Arm]:
    """Return the means of the arms at the visit: of the model, else as they were observed."""
    part = subject.main_part(estimand)
    means = part.frames.get("means") if part is not None else None
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
    known = [value for line in lines for value in line if isfinite(value)]
    if not known:
        return None, ()
    low, high = min(0.0, *known), max(0.0, *known)
    spare = SPARE * (high - low or 1.0)
    low, high = low - spare, high + spare
    ticks = tick_positions(low, high, MOST_TICKS)

    def share(value: float) -> float | None:
        if isnan(value):
            return None
        # An end without a limit goes to the edge of the axis, where nothing else can lie.
        return min(max(round((value - low) / (high - low), 4), 0.0), 1.0)

    marks = tuple(
        document.ForestMark(
            estimate=share(value),
            low=share(first),
            high=share(last),
            threshold=share(named),
            bold=one.role == "primary",
        )
        for one, (value, first, last, named) in zip(asked, lines, strict=True)
    )
    unit = subject.outcome_of(asked[0]).unit
    head = f"Difference, {unit or 'as measured'}" if alone else "Difference, SDs at baseline"
    places = tuple(
        (share(float(place)) or 0.0, label)
        for place, label in zip(ticks.at, ticks.labels, strict=True)
    )
    drawn = document.Forest(
        after=_AFTER,
        head=head,
        marks=marks,
        zero=share(0.0) or 0.0,
        ticks=places,
        sides=_sides(subject, asked),
    )
    dotted = any(isfinite(line[3]) for line in lines)
    return drawn, _scale_notes(subject, asked, scales, alone=alone, dotted=dotted)


def _shares(
    subject: TrialSubject, estimand: Estimand, sd: float
) -> tuple[float, float, float, float]:
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
