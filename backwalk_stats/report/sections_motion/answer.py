"""The answer, first: how large, in which direction and where each whole-curve test finds more."""

from __future__ import annotations

import math

import pandas as pd

from backwalk_stats.analyses.motion.cluster_effects import cluster_sentences
from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.figures.mean_curves import spans
from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables import motion, numbers
from backwalk_stats.tables.labels import WALKS, feature_label
from backwalk_stats.tables.motion import curve_tests_table, detectable

ORDER = 10
_NONE = "No whole-curve test was asked for; the features below describe the movement."
_MEANS = (
    "A test tells where mean curves differ and by how much, neither why nor for whom. Limits in "
    "brackets hold for the whole curve at once. The p-values are not adjusted for the number of "
    "questions."
)


def section(subject: MotionSubject) -> document.Section:
    """Return the first section: a sentence a test, then the table of tests."""
    results = subject.study.results
    blocks: list[document.Block] = []
    if results:
        blocks.append(_opening(subject))
        blocks.append(document.Items(entries=tuple((_told(subject, one),) for one in results)))
        answers = [subject.answer(one) for one in results]
        table = curve_tests_table(answers, visits=subject.visits)
        blocks.append(document.TableBlock(id="curve-tests", table=table))
    else:
        blocks.append(document.Paragraph(content=(_NONE,)))
    return document.Section(id="answer", title="The answer", blocks=tuple(blocks))


def _opening(subject: MotionSubject) -> document.Opening:
    """Return in how many questions something was found, and what that is not."""
    results = subject.study.results
    found = sum(one.p_value <= one.plan.alpha for one in results)
    asked = text.plural(len(results), "question")
    said = f"In {found} of {asked} asked of whole curves, some part of the curve is beyond chance."
    if len(results) == 1:
        said = "In the one question asked of whole curves, "
        said += f"{'some' if found else 'no'} part of the curve is beyond chance."
    signals = dict.fromkeys(name for one in results for name in _signals(one))
    persons = [_of_one_person(subject, name) for name in signals]
    entries = [_MEANS, *dict.fromkeys(persons)]
    if any(one.plan.test in motion.BOTH_WALKS for one in results):
        entries.append(subject.time)
    return document.Opening(answer=said, entries=tuple((one,) for one in entries if one))


def _signals(one: CurveResult) -> list[str]:
    """Return the signals that a test compares."""
    return motion.signals_of(one.plan.test, one.plan.signal)


def _of_one_person(subject: MotionSubject, signal: str) -> str:
    """Return how large a change of one person must be, beside differences of means."""
    feature = f"{signal}_rom"
    row = detectable(subject.study.detectable_change, feature)
    label = feature_label(feature).removesuffix(" (°)")
    label = f"{label[0].lower()}{label[1:]}"
    if row is None:
        return f"No minimal detectable change of one person is known here for {label}."
    whose = "published" if math.isnan(row["df"]) else "this study"
    return (
        f"In one person a change of less than {numbers.number(row['mdc'], 1)} degrees in {label}, "
        f"may be error of measurement ({whose}: see the table of detectable changes)."
    )


def _told(subject: MotionSubject, one: CurveResult) -> str:
    """Return one test in one or two sentences; no difference shown is no proof of none."""
    asked = one.plan
    where = ", ".join(
        part for part in (WALKS[asked.direction], subject.visits.get(asked.visit, "")) if part
    )
    answer = subject.answer(one)
    question = motion.question(answer)
    head = f"{motion.curve_label(asked.test, asked.signal)}{f' ({where})' if where else ''}, "
    head += f"{question[0].lower()}{question[1:]}: "
    people = text.plural(one.n, "participant")
    chance = f"{numbers.p_text(one.p_value)} for the whole curve, {people}"
    if one.p_value > asked.alpha:
        return text.sentence(
            f"{head}no part of the curve is beyond chance ({chance}); this does not "
            "show that there is no difference"
        )
    effects = _effects(subject, one)
    if not effects:
        name = motion.statistic_name(asked.test)
        return text.sentence(
            f"{head}beyond chance at {motion.regions(answer)} of the cycle; {chance}; {name} has "
            "no direction, which the mean curves show"
        )
    return text.sentence(f"{head}{_listed(effects)} ({chance})")


def _listed(effects: tuple[str, ...]) -> str:
    """Return sentences as one; who has more is told once where it is the same in all.

    >>> _listed(("backward walking had 2.0 degrees", "backward walking had 1.0 degrees"))
    'backward walking had 2.0 degrees; 1.0 degrees'
    """
    who, had, _ = effects[0].partition(" had ")
    if not had or not all(one.startswith(who + had) for one in effects):
        return "; ".join(effects)
    return who + had + "; ".join(one.removeprefix(who + had) for one in effects)


def _effects(subject: MotionSubject, one: CurveResult) -> tuple[str, ...]:
    """Return a sentence for each run beyond chance, in the labels of the report."""
    if motion.statistic_name(one.plan.test) != "t":
        return ()
    runs = _runs(one.nodes) if one.plan.test == "pointwise-model" else None
    plan = subject.study.plan
    return cluster_sentences(one.plan, plan, one, runs=runs, visits=subject.visits)


def _runs(nodes: pd.DataFrame) -> pd.DataFrame:
    """Return where the band of a model leaves zero; runs that meet at the contact are one."""
    runs = spans(nodes)
    if len(runs) < 2:
        return runs
    last = float(nodes["node"].max())
    meet = runs["start"].iloc[0] == 0.0 and runs["end"].iloc[-1] == last
    ends = nodes["estimate"].astype(float)
    if not (meet and ends.iloc[0] * ends.iloc[-1] > 0.0):
        return runs
    over = pd.DataFrame({"start": [runs["start"].iloc[-1]], "end": [runs["end"].iloc[0]]})
    return pd.concat([runs.iloc[1:-1], over], ignore_index=True)
