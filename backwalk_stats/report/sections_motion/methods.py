"""How recordings became curves and features: every choice, and what reading has changed."""

from __future__ import annotations

from collections import Counter

from backwalk_stats.report.document import document, text
from backwalk_stats.report.provenance import software_sentence
from backwalk_stats.report.subject import MotionSubject

ORDER = 90
_EVENTS = (
    "Where events are found from markers, contact of a foot is where the heel, at or just after "
    "its furthest point in front of the sacrum, is braked no more when walking forwards, and where "
    "the toe is furthest behind the sacrum when walking backwards; toe-off, or heel-off, is the "
    "other end. Backward walking is read as forward walking with time turned round. A record in "
    "which the foot would be on the ground for less than half of the cycle is not used. Cycles of "
    "all recordings of a participant, visit and walk are pooled, each weighs the same; walks on a "
    "belt and over ground are never pooled."
)
_COORDINATION = (
    "Vector coding (Chang 2008; Needham 2014) with circular statistics, of all steps and of the "
    "mean angle; steps shorter than 1 % of the mean step have no direction; coupling angle "
    "variability is sqrt(2 (1 − R)). Continuous relative phase by the Hilbert transform of angles "
    "centred at their mid-range (Lamb and Stöckl 2014), without the repeated end point of a cycle; "
    "deviation phase is the standard deviation across cycles."
)


def section(subject: MotionSubject) -> document.Section:
    """Return the methods, and by file what was filled, flagged or left out."""
    plan = subject.study.plan
    cut = (
        "no filter"
        if plan.cutoff is None
        else (f"a zero-lag Butterworth low-pass filter of order {plan.order} at {plan.cutoff:g} Hz")
    )
    gaps = f"gaps of at most {plan.gap_limit} samples filled" if plan.gap_limit else "no gap filled"
    odd = "left out" if plan.leave_out_odd else "kept and flagged"
    signals = (
        f"{text.plural(len(plan.recordings), 'recording')}; {cut}; {gaps}; turns in the order "
        f"{plan.cardan}; cycles from contact to contact of the {plan.side} foot on {plan.nodes} "
        f"nodes; cycles far from the others {odd}. Whole-"
        f"curve tests by at most {plan.permutations} permutations, each with its own random stream "
        f"from seed {plan.seed}. {software_sentence(subject.study.libraries)}"
    )
    blocks: list[document.Block] = [
        document.Paragraph(content=(text.sentence(signals),)),
        document.Paragraph(content=(_EVENTS,)),
        document.Paragraph(content=(_COORDINATION,)),
    ]
    files = sorted({one.file for one in plan.recordings}, key=len, reverse=True)
    told = Counter(_plain(note, files) for note in subject.study.movement.notes)
    if told:
        blocks.append(
            document.Subheading(id="recordings-log", text="What reading the recordings has found")
        )
        entries = tuple(
            (f"{words}: {text.plural(n, 'recording')}",) for words, n in told.most_common()
        )
        blocks.append(document.Items(entries=entries))
    return document.Section(id="methods", title="Methods", blocks=tuple(blocks))


def _plain(note: str, files: list[str]) -> str:
    """Return a note without the name of its file, which may name a participant."""
    heads = (f"{file}: " for file in files)
    return next((note.removeprefix(head) for head in heads if note.startswith(head)), note)
