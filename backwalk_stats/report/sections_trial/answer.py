"""The first page: the answer, its picture, who took part, what is not known, every outcome."""

from __future__ import annotations

from math import isfinite

import pandas as pd

from backwalk_stats.analyses.questions.responder import FAILED
from backwalk_stats.report import headline, open_questions, words
from backwalk_stats.report.document import document, planned
from backwalk_stats.report.document.text import unbroken
from backwalk_stats.report.estimate_pictures import main_picture
from backwalk_stats.report.headline import held_against
from backwalk_stats.report.outcome_forest import (
    baseline_sd,
    difference,
    joined_by,
    outcome_block,
)
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables import numbers
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.participants import strategies_briefly
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.estimand import BY, Estimand, not_adjusted

ORDER = 10
_DESCRIBES = "The trial file asks for no comparison; this report describes what was measured."


def section(subject: TrialSubject) -> document.Section:
    """Return the first page: of the primary estimands, or of all where none is primary."""
    asked = subject.trial.estimands
    primary = tuple(one for one in asked if one.role == "primary") or asked
    blocks: list[document.Block] = [_finding(subject, primary)]
    if primary:
        first = primary[0]
        blocks += _further(subject, primary[1:])
        blocks.append(_key_figures(subject, first, baseline_sd(subject, first.outcome)))
        blocks += main_picture(subject, first)
    blocks.append(open_questions.open_questions(subject, primary))
    table = outcome_block(subject)
    blocks += [] if table is None else [table]
    blocks.append(_abstract(subject))
    return document.Section(id="answer", title="The answer", short="Answer", blocks=tuple(blocks))


def _finding(subject: TrialSubject, primary: tuple[Estimand, ...]) -> document.Finding:
    """Return the answer to the first primary estimand."""
    if not primary:
        return document.Finding(answer=_DESCRIBES, sureness="", lead=())
    answer, sureness = map(unbroken, headline.answer_line(subject, primary[0]))
    told, weighs = map(unbroken, headline.meaning(subject, primary[0]))
    lead: document.Text = (told,)
    lead += (" ", document.Strong(text=weighs)) if weighs else ()
    return document.Finding(answer=answer, sureness=sureness, lead=lead)


def _further(subject: TrialSubject, primary: tuple[Estimand, ...]) -> list[document.Block]:
    """Return the answers to further primary estimands, a paragraph each."""
    return [
        document.Paragraph(
            content=(document.Strong(text=f"{one.id}."), f" {headline.headline(subject, one)}")
        )
        for one in primary
    ]


# A structured abstract: what the files say; its authors write the rest.


def _abstract(subject: TrialSubject) -> document.Abstract:
    """Return design, participants, question, results and registration in a few lines."""
    study = subject.trial.study
    weeks = (
        f" over {study.visits[-1].week:g} weeks" if study.visits and study.visits[-1].week else ""
    )
    visits = ", ".join(in_sentence(label) for label in subject.visits.values())
    design = {"crossover": "Crossover", "parallel": "Parallel groups"}.get(
        study.design, study.design
    )
    sizes = "; ".join(f"{subject.arms[arm]} {size}" for arm, size in subject.sizes.items())
    told = [
        ("Design.", f"{design}{weeks}: {visits}."),
        ("Participants.", f"{subject.n}: {sizes}."),
        *_question(subject),
        *_results(subject),
        *_margins_and_multiplicity(subject),
        ("Registration.", study.registration or "none is declared"),
        *_for_authors(subject),
    ]
    return document.Abstract(
        id="abstract",
        title="Abstract",
        entries=tuple(
            ((document.Strong(text=head),), (f" {_stopped(words_)}",)) for head, words_ in told
        ),
    )


def _for_authors(subject: TrialSubject) -> list[tuple[str, str]]:
    """Return which of what an abstract tells is not in the files; nothing where all is."""
    told = subject.trial.conduct
    there = {
        "interventions": all(told.of_arm(arm) for arm in subject.arms),
        "setting": "setting" in told.methods,
        "funding": "funding" in told.methods,
        "harms": subject.trial.harms is not None,
    }
    lacking = [name for name, known in there.items() if not known]
    if not lacking:
        return []
    listed = " and ".join(filter(None, [", ".join(lacking[:-1]), lacking[-1]]))
    verb = "is" if lacking in (["setting"], ["funding"]) else "are"
    return [("For the authors.", f"{sentence_case(listed)} {verb} not in the files.")]


def _stopped(told: str) -> str:
    return told if told.endswith(".") else f"{told}."


def _question(subject: TrialSubject) -> list[tuple[str, str]]:
    """Return population, handling of events, and analysis of the first estimand."""
    if not subject.trial.estimands:
        return []
    one = subject.trial.estimands[0]
    who = words.POPULATIONS[one.population].rstrip(".").partition(", in the arm")[0]
    analyses = dict.fromkeys(words.ANALYSES[each.analysis] for each in subject.trial.estimands)
    return [
        (
            "Question.",
            f"{' against '.join(subject.arm_pair(one))}; {in_sentence(who)}; "
            f"{strategies_briefly(one)}; "
            f"{', '.join(analyses)}.",
        )
    ]


def _results(subject: TrialSubject) -> list[tuple[str, str]]:
    """Return the difference of every declared estimand with its interval and p-value."""
    told = []
    pairs = {subject.arm_pair(one) for one in subject.trial.estimands}
    levels = {one.level for one in subject.trial.estimands}
    between = joined_by(subject, subject.trial.estimands)
    for one in subject.trial.estimands:
        row = headline.main_row(subject, one)
        if row is None or not isfinite(float(row["estimate"])):
            continue
        outcome = subject.outcome_of(one)
        said = outcome.label.endswith(f"{outcome.unit})") or row["quantity"] == "f_statistic"
        unit = f" {outcome.unit}" if outcome.unit and not said else ""
        whom = f", {between.join(subject.arm_pair(one))}" if len(pairs) > 1 else ""
        strategy = subject.strategy_of(one)
        how = f", {strategy}" if strategy else ""
        level = f" [{numbers.level_text(one.level)} CI]" if len(levels) > 1 else ""
        what = f"{in_sentence(outcome.label)}{f',{unit}' if unit else ''}{whom}{how}"
        p = numbers.p_text(float(row["p_value"]))
        told.append(f"{what}: {difference(row)}{level}, {p}{planned.suffix(row)}")
    around = f" ({numbers.level_text(next(iter(levels)))} CI)" if len(levels) == 1 else ""
    if not told or len(pairs) > 1:
        return [("Results.", sentence_case("; ".join(told)))] if told else []
    return [
        (
            "Results.",
            f"{sentence_case(between.join(next(iter(pairs))))}{around}: {'; '.join(told)}.",
        )
    ]


def _margins_and_multiplicity(subject: TrialSubject) -> list[tuple[str, str]]:
    """Return what each margin says, and the p-values as they were adjusted, or that none was."""
    asked = subject.trial.estimands
    several = len([one for one in asked if one.margin is not None]) > 1
    told = [
        (f"{sentence_case(one.framework)}{f', {one.id}' * several}.",
         held_against(subject, one))
        for one in asked
        if one.margin is not None
    ]  # fmt: skip
    method, order = subject.trial.multiplicity
    left = not_adjusted(asked, order)
    said = []
    if len(subject.analysis.tests):
        rows = numbers.frame_rows(subject.analysis.tests)
        each = "; ".join(f"{row['estimand']} {numbers.p_text(row['p_adjusted'])}" for row in rows)
        said.append(f"Adjusted by {BY[method]}: {each}.")
    if left:
        listed = " and ".join(filter(None, [", ".join(left[:-1]), left[-1]]))
        verb = "p-value of {} is" if len(left) == 1 else "p-values of {} are"
        said.append(f"The {verb.format(listed)} not adjusted.")
    return [*told, *([("Multiplicity.", " ".join(said))] if said else [])]


# Numbers that a reader takes away, beside the answer.


def _key_figures(subject: TrialSubject, estimand: Estimand, sd: float) -> document.KeyFigures:
    """Return participants, the standardised difference and responders, as far as they are known."""
    found = [_participants(subject, estimand), *_standardised(subject, estimand, sd)]
    return document.KeyFigures(figures=(*found, *_responders(subject, estimand)))


def _participants(subject: TrialSubject, estimand: Estimand) -> document.KeyFigure:
    """Return how many began, in each arm, and how many have the outcome at the visit."""
    part = subject.analysis.part("flow")
    flow = part.frames.get("flow") if part is not None else None
    randomised = flow is not None and (flow["stage"].astype(str) == "randomised").any()
    order = [*estimand.contrast, *(arm for arm in subject.sizes if arm not in estimand.contrast)]
    begun = " + ".join(str(subject.sizes.get(arm, 0)) for arm in order)
    seen = open_questions.seen_by_arm(subject, estimand)
    crossed = subject.trial.study.design == "crossover"
    figure = f"{subject.n} {'randomised' if randomised else 'in the data'} → {begun}"
    if seen and not crossed:
        end = " + ".join(
            numbers.count(seen[arm]) if isfinite(seen.get(arm, float("nan"))) else "*"
            for arm in order
        )
        figure = f"{figure} → {end} at {open_questions.visit_words(subject, estimand)}"
    names = " + ".join(subject.arms.get(arm, arm) for arm in order)
    note = "By the arm that came first: " if crossed else ""
    return document.KeyFigure(
        label="Participants", figure=figure, note=f"{note}{names}. {_analysed(subject, estimand)}"
    )


def _analysed(subject: TrialSubject, estimand: Estimand) -> str:
    """Say how many the main analysis uses."""
    row = headline.main_row(subject, estimand)
    if row is None or not isfinite(float(row["n"])):
        return ""
    both = [row["n"], row["n_reference"]]
    told = " + ".join(numbers.count(float(n)) for n in both if isfinite(float(n)))
    return f"The main analysis uses {told}."


def _standardised(subject: TrialSubject, estimand: Estimand, sd: float) -> list[document.KeyFigure]:
    """Return the difference in SDs at baseline; nothing where that SD is not known."""
    row = headline.main_row(subject, estimand)
    if row is None or row["quantity"] not in headline.DIFFERENCES[:3] or not (sd > 0):
        return []
    value, low, high = (float(row[name]) / sd for name in ("estimate", "conf_low", "conf_high"))
    if not isfinite(value):
        return []
    outcome = subject.outcome_of(estimand)
    unit = numbers.after(outcome.unit)
    around = f" ({numbers.interval_text(low, high)})" if isfinite(low) and isfinite(high) else ""
    return [
        document.KeyFigure(
            label="Standardised difference",
            figure=f"{numbers.number(value)}{around}",
            note=f"In SDs of {in_sentence(outcome.label)} at baseline "
            f"({numbers.significant(sd)}{unit}, pooled over the arms), taken as known.",
        )
    ]


def _responders(subject: TrialSubject, estimand: Estimand) -> list[document.KeyFigure]:
    """Return who improved by the first rule, missing counted as not; nothing where it is hidden."""
    part = next(
        (p for p in subject.analysis.parts_of(estimand.id) if p.analysis == "responder"), None
    )
    frame = part.frames.get("responders") if part is not None else None
    if part is None or frame is None:
        return []
    mine = frame[frame["rule"].astype(str).str.endswith(FAILED)]
    rule = str(mine["rule"].iloc[0]) if len(mine) else ""
    shares = {str(row["arm"]): row for row in numbers.frame_rows(mine[mine["rule"] == rule])}
    pair = [shares.get(arm) for arm in estimand.contrast]
    if any(one is None or not isfinite(float(one["events"])) for one in pair):
        return []
    told = " against ".join(f"{one['events']:.0f} of {one['n']:.0f}" for one in pair if one)
    name = words.rule_told(rule.partition(";")[0].partition(" (")[0], subject.outcome_of(estimand))
    return [
        document.KeyFigure(
            label=f"{name[:1].upper()}{name[1:]}",
            figure=told,
            note=f"{_risk(part.estimates, rule)}Missing counts as not improved.",
        )
    ]


def _risk(estimates: pd.DataFrame, rule: str) -> str:
    """Return the difference of the shares in percentage points, with its interval and p."""
    rows = estimates[
        (estimates["quantity"] == "risk_difference") & (estimates["note"].astype(str) == rule)
    ]
    if not len(rows) or not isfinite(float(rows.iloc[0]["estimate"])):
        return ""
    row = rows.iloc[0]
    value, low, high = (100 * float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    around = f" ({numbers.interval_text(low, high, 0)})" if isfinite(low) and isfinite(high) else ""
    way = " more" if value > 0 and not numbers.vanishes(value, 0) else ""
    return (
        f"{numbers.number(value, 0)} percentage points{way}{around}, "
        f"{numbers.p_text(float(row['p_value']))}. "
    )
