"""A picture for every whole-curve test: mean curves above, the statistic below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from backwalk_stats.analyses.motion.cluster_effects import BY_PERMUTATION, words_of
from backwalk_stats.analyses.motion.curves import CurveResult
from backwalk_stats.analyses.motion.study import baseline_means, compared_means, toe_off_of
from backwalk_stats.figures import individual_cycles, joint_planes, mean_curves
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables import labels, motion, numbers
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan

ORDER = 20
UNIT = "degrees"
TURNED = "; time of backward walking turned round"


def section(subject: MotionSubject) -> document.Section:
    """Return a picture a test, and every cycle where single participants may be shown."""
    blocks: list[document.Block] = []
    for place, one in enumerate(subject.study.results, start=1):
        drawn = _drawn(subject, one, place)
        if drawn is None:
            few = f"Mean curves are not shown: an arm has fewer than {subject.small_cell} people."
            blocks.append(document.Paragraph(content=(f"{_name(subject, one)}. {few}",)))
        else:
            blocks.append(drawn)
        blocks.append(document.Paragraph(content=(_words(subject, one),)))
    blocks += _planes(subject)
    if subject.individuals:
        signals = dict.fromkeys(
            name
            for one in subject.study.results
            for name in motion.signals_of(one.plan.test, one.plan.signal)
        )
        blocks += [_cycles(subject, signal) for signal in signals]
    return document.Section(id="curves", title="Curves over the cycle", blocks=tuple(blocks))


def _drawn(subject: MotionSubject, one: CurveResult, place: int) -> document.FigureBlock | None:
    """Return mean curves above, the difference or the statistic below."""
    if one.plan.test in motion.VECTORS:
        return _drawn_planes(subject, one.plan, f"curve_{place}_{one.plan.signal}", one)
    means, groups, by = _compared(subject, one.plan)
    if means.empty:
        return None
    asked, study = one.plan, subject.study
    return drawing.picture(
        mean_curves,
        means,
        one.nodes,
        name=f"curve_{place}_{asked.signal}",
        caption=_caption(subject, one),
        groups=groups,
        by=by,
        signal=labels.signal_label(asked.signal),
        unit=UNIT,
        statistic=motion.statistic_name(asked.test),
        level=1.0 - asked.alpha,
        clusters=_shaded(one),
        more=words_of(asked.signal, study.plan),
        toe_off=toe_off_of(subject.toe_offs, study.plan, asked),
        baseline=baseline_means(study.means, study.plan, asked),
        cycle=cycle_name(study.plan, asked),
    )


def cycle_name(plan: MotionPlan, asked: CurveTestPlan) -> str:
    """Return the name of the axis of the cycle, in the time that is drawn."""
    turned = plan.backward == "reversed" and asked.test in motion.BOTH_WALKS
    aligned = "; toe-offs aligned" if plan.align else ""
    return f"{mean_curves.CONTACTS}{TURNED if turned else ''}{aligned}"


def _planes(subject: MotionSubject) -> list[document.Block]:
    """Return the three planes of each joint of which a test compares one, a contrast once."""
    drawn: dict[str, document.FigureBlock | None] = {}
    for one in subject.study.results:
        plane = next((name for name in motion.PLANES if one.plan.signal.endswith(f"_{name}")), "")
        if plane and one.plan.test not in motion.VECTORS:
            joint = replace(one.plan, signal=one.plan.signal.removesuffix(f"_{plane}"))
            _, _, by = _compared(subject, one.plan)
            when = joint.visit or ("visits" if by == "visit" else subject.study.plan.visits[-1])
            name = f"planes_{joint.signal}_{by}_{joint.direction or 'both'}_{when}"
            if name not in drawn:
                joint = joint if by == "visit" else replace(joint, visit=when)
                drawn[name] = _drawn_planes(subject, joint, name)
    return [one for one in drawn.values() if one is not None]


def _drawn_planes(
    subject: MotionSubject, asked: CurveTestPlan, name: str, one: CurveResult | None = None
) -> document.FigureBlock | None:
    """Return the three planes of a joint, and a statistic of all where a test gives one."""
    study = subject.study
    signals = [f"{asked.signal}_{plane}" for plane in motion.PLANES]
    if not set(signals) <= set(study.means["signal"]):
        return None
    parts = [_compared(subject, replace(asked, signal=signal)) for signal in signals]
    means = pd.concat([part[0] for part in parts], ignore_index=True)
    if means.empty:
        return None
    toe_off = toe_off_of(subject.toe_offs, study.plan, asked)
    test = None if one is None else one.nodes
    told = joint_planes.caption(
        test,
        beyond=one is not None and len(mean_curves.spans(one.nodes, _shaded(one))) > 0,
        toe_off=bool(toe_off),
        bands=bool(means["conf_low"].notna().any()),
    )
    joint = labels.signal_label(asked.signal)
    head = f"{joint}, three planes{_when(subject, asked)}. "
    if one is not None:
        head = f"{_name(subject, one)}; {one.n} participants. "
    return drawing.picture(
        joint_planes,
        means,
        test,
        name=name,
        caption=f"{head}{told}{_in_time(subject, asked)}",
        planes=tuple(_plane(signal, study.plan) for signal in signals),
        groups=parts[0][1],
        by=parts[0][2],
        unit=UNIT,
        clusters=None if one is None else _shaded(one),
        toe_off=toe_off,
        cycle=cycle_name(study.plan, asked),
    )


def _plane(signal: str, plan: MotionPlan) -> joint_planes.Plane:
    """Return a plane with the words for it."""
    label = labels.signal_label(signal)
    return joint_planes.Plane(signal=signal, label=label, more=words_of(signal, plan))


def _shaded(one: CurveResult) -> pd.DataFrame:
    """Return the spans beyond chance by permutation; a model at each node tests none."""
    return one.clusters[one.clusters["method"].isin(BY_PERMUTATION)]


def _compared(
    subject: MotionSubject, asked: CurveTestPlan
) -> tuple[pd.DataFrame, Mapping[str, str], str]:
    """Return the mean curves that a test compares, and what tells them apart."""
    means, by = compared_means(subject.study.means, subject.study.plan, asked)
    walks = {name: labels.WALKS[name].capitalize() for name in ("forward", "backward")}
    return means, {"direction": walks, "visit": subject.visits, "arm": subject.arms}[by], by


def _when(subject: MotionSubject, asked: CurveTestPlan) -> str:
    """Return walk and visit, after a comma."""
    parts = (labels.WALKS[asked.direction], subject.visits.get(asked.visit, ""))
    return "".join(f", {part}" for part in parts if part)


def _name(subject: MotionSubject, one: CurveResult) -> str:
    """Return what a test compares, and what it asks."""
    label = motion.curve_label(one.plan.test, one.plan.signal)
    return f"{label}{_when(subject, one.plan)}. {motion.question(subject.answer(one))}"


def _in_time(subject: MotionSubject, asked: CurveTestPlan) -> str:
    """Return in which time a comparison of walks, or an aligned curve, is drawn."""
    if asked.test in motion.BOTH_WALKS or subject.study.plan.align:
        return f" {subject.time}"
    return ""


def _caption(subject: MotionSubject, one: CurveResult) -> str:
    asked, plan = one.plan, subject.study.plan
    shaded = _shaded(one)
    means, _, _ = _compared(subject, asked)
    before = baseline_means(subject.study.means, plan, asked)
    read = mean_curves.caption(
        one.nodes,
        beyond=len(mean_curves.spans(one.nodes, shaded)) > 0,
        statistic=motion.statistic_name(asked.test),
        baseline=subject.visits[plan.visits[0]] if before is not None and len(before) else "",
        toe_off=bool(toe_off_of(subject.toe_offs, plan, asked)),
        bands=bool(means["conf_low"].notna().any()),
    )
    over = shaded[shaded["start"] > shaded["end"]]
    joined = " The shaded part at the end and that at the start are one." if len(over) else ""
    return f"{_name(subject, one)}; {one.n} participants. {read}{joined}{_in_time(subject, asked)}"


def _words(subject: MotionSubject, one: CurveResult) -> str:
    """Return the method in a sentence, and what random field theory says."""
    notes = "".join(f" {text.sentence(note)}" for note in (*_left_out(one), *one.notes))
    field = ""
    if (one.clusters["method"] == "random-field").any():
        where = motion.regions(subject.answer(one), "random-field")
        field = f" By random field theory, with p-values of the extent: {where}."
    told = f"{_name(subject, one)}. Method: {one.method}"
    return f"{told}. Whole curve: {numbers.p_text(one.p_value)}.{field}{notes}"


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
