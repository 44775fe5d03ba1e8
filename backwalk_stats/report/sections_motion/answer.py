"""The answer, first: what each whole-curve test has found."""

from __future__ import annotations

from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables.labels import WALKS, signal_label
from backwalk_stats.tables.motion import QUESTIONS, curve_tests_table, regions
from backwalk_stats.tables.numbers import p_text
from backwalk_stats.tables.trial_labels import arm_in_sentence

ORDER = 10
_NONE = "No whole-curve test was asked for; the features below describe the movement."


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
    """Return in how many questions that were asked of whole curves something was found."""
    results = subject.study.results
    found = sum(one.p_value <= one.plan.alpha for one in results)
    asked = text.plural(len(results), "question")
    said = f"In {found} of {asked} asked of whole curves, some part of the curve is beyond chance."
    if len(results) == 1:
        said = "In the one question asked of whole curves, "
        said += f"{'some' if found else 'no'} part of the curve is beyond chance."
    return document.Opening(
        answer=said,
        entries=(("The p-values are not adjusted for the number of questions.",),),
    )


def _told(subject: MotionSubject, one: CurveResult) -> str:
    """Return one test in one or two sentences; no difference shown is no proof of none."""
    asked = one.plan
    where = ", ".join(
        part for part in (WALKS[asked.direction], subject.visits.get(asked.visit, "")) if part
    )
    head = f"{signal_label(asked.signal)}{f' ({where})' if where else ''}, "
    question = QUESTIONS[asked.test]
    head += f"{question[0].lower()}{question[1:]}: "
    people = text.plural(one.n, "participant")
    chance = f"{p_text(one.p_value)} for the whole curve, {people}"
    if one.p_value > asked.alpha:
        return text.sentence(
            f"{head}no part of the curve is beyond chance ({chance}); this does not "
            "show that there is no difference"
        )
    answer = subject.answer(one)
    place = f" at {regions(answer)} of the cycle"
    if asked.test == "pointwise-model":
        place = " where t passes the limits in its picture"
    contrast = f" ({_contrast(subject, one)})" if one.contrast else ""
    return text.sentence(f"{head}beyond chance{place}{contrast}; {chance}")


def _contrast(subject: MotionSubject, one: CurveResult) -> str:
    """Return a contrast in words: of walks in a paired test, else of arms."""
    first, _, second = one.contrast.partition(" - ")
    if not second:
        return one.contrast
    labels = WALKS if one.plan.test == "paired" else subject.arms
    words = [labels.get(name, name) for name in (first, second)]
    return f"{words[0]} minus {arm_in_sentence(words[1])}"
