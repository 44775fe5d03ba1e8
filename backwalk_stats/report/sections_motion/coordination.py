"""How pelvis and lumbar spine move together: pictures of each coupling, arms compared."""

from __future__ import annotations

from typing import Any

import pandas as pd

from backwalk_stats.figures import angle_angle, coupling_area, coupling_rose, mean_curves
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables.labels import WALKS, signal_label
from backwalk_stats.tables.motion import coordination_tests_table, shares_table
from backwalk_stats.tables.trial_labels import arm_in_sentence
from backwalk_stats.trial.motion_plan import Coupling

ORDER = 30
_LEAD = (
    "Coupling angles say how the distal segment moves for each step of the proximal one: together "
    "(in-phase), against each other (anti-phase), or one of them alone. A share is of the mean "
    "angle (the circular mean over the cycles at each step) or of all steps of all cycles. "
    "Pictures are of the last visit."
)


def section(subject: MotionSubject) -> document.Section:
    """Return what is wanting, patterns, roses and loops of each walk, and arms compared."""
    blocks = _wanting(subject)
    for coupling in subject.study.plan.couplings:
        for walk in ("forward", "backward"):
            blocks += _walk(subject, coupling, walk)
        blocks += _shares(subject, coupling)
    blocks += _compared(subject)
    return document.Section(
        id="coordination", title="Coordination", blocks=document.led(_LEAD, blocks)
    )


def _walk(subject: MotionSubject, coupling: Coupling, walk: str) -> list[document.Block]:
    visit, study = subject.study.plan.visits[-1], subject.study
    shares, rose = (
        _of_walk(frame[frame["coupling"] == coupling.name], walk, visit)
        for frame in (study.over_cycle, study.rose)
    )
    if shares.empty:
        return []
    names = (signal_label(coupling.proximal), signal_label(coupling.distal))
    when = f"{WALKS[walk]}, {subject.visits[visit]}"
    title = f"{names[0]} (proximal) and {names[1].lower()} (distal), {when}"
    parts: dict[str, Any] = {"panels": subject.arms, "by": "arm", "title": title}
    stem = f"{coupling.name}_{walk}"
    return [
        drawing.picture(
            coupling_area,
            shares,
            name=f"{stem}_patterns",
            caption=f"{title}. {coupling_area.caption()}",
            **parts,
        ),
        drawing.picture(
            coupling_rose,
            rose,
            name=f"{stem}_rose",
            caption=f"{title}. {coupling_rose.caption()}",
            segments=tuple(name.partition(" ")[0].lower() for name in names),
            **parts,
        ),
        _loop(subject, coupling, walk, stem, title),
        *_in_time(subject, coupling, walk, stem, when),
    ]


def _wanting(subject: MotionSubject) -> list[document.Block]:
    """Return what is to be said before a number is believed."""
    notes = subject.study.coordination_notes
    if not notes:
        return []
    return [document.Items(entries=tuple((text.sentence(_capital(note)),) for note in notes))]


def _capital(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}"


def _shares(subject: MotionSubject, coupling: Coupling) -> list[document.Block]:
    """Return the table of patterns at the last visit, by the mean angle and by all steps."""
    shares = subject.study.shares
    visit = subject.study.plan.visits[-1]
    mine = shares[(shares["coupling"] == coupling.name) & (shares["visit"] == visit)]
    if mine.empty:
        return []
    table = shares_table(mine, arms=subject.arms, visits=subject.visits)
    return [document.TableBlock(id=f"{coupling.name}-shares", table=table)]


def _compared(subject: MotionSubject) -> list[document.Block]:
    """Return arms compared in their coordination."""
    blocks: list[document.Block] = []
    tests = subject.study.coordination_tests
    if len(tests):
        table = coordination_tests_table(tests, arms=subject.arms, visits=subject.visits)
        blocks.append(document.TableBlock(id="coordination-tests", table=table))
    return blocks


def _of_walk(frame: pd.DataFrame, walk: str, visit: str) -> pd.DataFrame:
    return frame[(frame["direction"] == walk) & (frame["visit"] == visit)]


def _loop(
    subject: MotionSubject, coupling: Coupling, walk: str, stem: str, title: str
) -> document.FigureBlock:
    """Return the angle-angle diagram of the mean curves."""
    means = _of_walk(subject.study.means, walk, subject.study.plan.visits[-1])
    return drawing.picture(
        angle_angle,
        means,
        name=f"{stem}_loop",
        caption=f"{title}. {angle_angle.caption()}",
        proximal=(coupling.proximal, f"{signal_label(coupling.proximal)}, degrees"),
        distal=(coupling.distal, f"{signal_label(coupling.distal)}, degrees"),
        groups=subject.arms,
    )


def _in_time(
    subject: MotionSubject, coupling: Coupling, walk: str, stem: str, when: str
) -> list[document.Block]:
    """Return both segments over the cycle, an arm a picture."""
    means = _of_walk(subject.study.means, walk, subject.study.plan.visits[-1])
    groups = {name: signal_label(name) for name in (coupling.proximal, coupling.distal)}
    blocks: list[document.Block] = []
    for arm, label in subject.arms.items():
        mine = means[means["arm"] == arm]
        if mine["signal"].isin(list(groups)).any():
            whose = f"Arm of {arm_in_sentence(label)}"
            blocks.append(
                drawing.picture(
                    mean_curves,
                    mine,
                    name=f"{stem}_{arm}_in_time",
                    caption=f"{whose}, {when}: both segments over the cycle. "
                    f"{mean_curves.caption(beyond=False)}",
                    groups=groups,
                    by="signal",
                    signal=whose,
                    unit="degrees",
                )
            )
    return blocks
