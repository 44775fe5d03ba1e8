"""A picture for every whole-curve test: mean curves above, the statistic below."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.analyses.motion.study import compared_means
from backwalk_stats.figures import individual_cycles, mean_curves
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables import labels, motion, numbers

ORDER = 20
UNIT = "°"
BY_F = ("repeated-measures", "arm-by-visit")


def section(subject: MotionSubject) -> document.Section:
    """Return a picture a test, and every cycle where single participants may be shown."""
    blocks: list[document.Block] = []
    for place, one in enumerate(subject.study.results, start=1):
        drawn = _drawn(subject, one, place)
        if drawn is not None:
            blocks += [drawn, document.Paragraph(content=(_words(subject, one),))]
    if subject.individuals:
        signals = dict.fromkeys(one.plan.signal for one in subject.study.results)
        blocks += [_cycles(subject, signal) for signal in signals]
    return document.Section(id="curves", title="Curves over the cycle", blocks=tuple(blocks))


def _drawn(subject: MotionSubject, one: CurveResult, place: int) -> document.FigureBlock | None:
    means, groups, by = _compared(subject, one)
    if means.empty:
        return None
    return drawing.picture(
        mean_curves,
        means,
        one.nodes,
        name=f"curve_{place}_{one.plan.signal}",
        caption=_caption(subject, one),
        groups=groups,
        by=by,
        signal=labels.signal_label(one.plan.signal),
        unit=UNIT,
        statistic="F" if one.plan.test in BY_F else "t",
        level=1.0 - one.plan.alpha,
        clusters=_shaded(one),
    )


def _shaded(one: CurveResult) -> pd.DataFrame:
    """Return the spans beyond chance by permutation; a model at each node tests none."""
    return one.clusters[one.clusters["method"].isin(("permutation", "cluster-mass"))]


def _compared(
    subject: MotionSubject, one: CurveResult
) -> tuple[pd.DataFrame, Mapping[str, str], str]:
    """Return the mean curves that a test compares, and what tells them apart."""
    means, by = compared_means(subject.study.means, subject.study.plan, one.plan)
    walks = {name: labels.WALKS[name].capitalize() for name in ("forward", "backward")}
    return means, {"direction": walks, "visit": subject.visits, "arm": subject.arms}[by], by


def _caption(subject: MotionSubject, one: CurveResult) -> str:
    asked = one.plan
    when = ", ".join(
        part
        for part in (labels.WALKS[asked.direction], subject.visits.get(asked.visit, ""))
        if part
    )
    where = mean_curves.caption(
        one.nodes,
        beyond=len(mean_curves.spans(one.nodes, _shaded(one))) > 0,
        statistic="F" if asked.test in BY_F else "t",
    )
    return (
        f"{labels.signal_label(asked.signal)}{f', {when}' if when else ''}. "
        f"{motion.QUESTIONS[asked.test]}; {one.n} participants. {where}"
    )


def _words(subject: MotionSubject, one: CurveResult) -> str:
    """Return the method in a sentence, and what random field theory says beside it."""
    notes = "".join(f" {text.sentence(note)}" for note in (*_left_out(one), *one.notes))
    field = ""
    if (one.clusters["method"] == "random-field").any():
        where = motion.regions(subject.answer(one), "random-field")
        field = f" By random field theory, with p-values of the extent: {where}."
    return f"Method: {one.method}. Whole curve: {numbers.p_text(one.p_value)}.{field}{notes}"


def _left_out(one: CurveResult) -> tuple[str, ...]:
    """Return how many participants a test leaves out."""
    if not one.left_out:
        return ()
    return (f"{text.plural(one.left_out, 'participant')} without {one.without} left out",)


def _cycles(subject: MotionSubject, signal: str) -> document.FigureBlock:
    movement = subject.study.movement
    arms = movement.features[["participant", "arm"]].drop_duplicates()
    cycles = movement.cycles[movement.cycles["signal"] == signal].merge(arms, on="participant")
    label = labels.signal_label(signal)
    return drawing.picture(
        individual_cycles,
        cycles,
        name=f"cycles_{signal}",
        caption=individual_cycles.caption(signal=label),
        groups=subject.arms,
        signal=label,
        unit=UNIT,
    )
