"""How recordings became curves and features: every choice, and what reading has changed."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.provenance import software_sentence
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables.motion import cycles_table, quality_table

ORDER = 90
_KINEMATIC = (
    "Where events are found from markers: walking forwards, contact is where the heel, at or just "
    "after its furthest point in front of the sacrum, is braked no more, and toe-off is where the "
    "toe is furthest behind the sacrum. Backward walking is read as forward walking with time "
    "turned round: contact is where the toe is furthest behind, the other end where the heel "
    "begins to be slowed down in front. A record in which the foot would be on the ground for less "
    "than half of the cycle is not used."
)
_POOLED = (
    "Cycles of all recordings of a participant, visit and walk are pooled, each weighs the same; "
    "walks on a belt and over ground are never pooled; fewer than three cycles are left out."
)
_TESTS = (
    "Limits and p-values of whole curves hold at all nodes at once. A cycle has no end: a run "
    "beyond chance may go over it. A one-sided test looks for one sign of the difference alone; "
    "limits then have one end. Where a part of the cycle is declared, nodes outside it are not "
    "tested. Covariates are held still by residuals (Freedman and Lane). By cluster mass, nodes "
    "from a threshold on that was declared beforehand form runs, and a run is tested as a whole: "
    "it says nothing of its nodes."
)
_COORDINATION = (
    "Vector coding (Chang 2008; Needham 2014) with circular statistics, of all steps and of the "
    "mean angle; steps shorter than 1 % of the mean step have no direction; coupling angle "
    "variability is sqrt(2 (1 − R)). Continuous relative phase by the Hilbert transform of angles "
    "centred at their mid-range (Lamb and Stöckl 2014), without the repeated end point of a cycle; "
    "deviation phase is the standard deviation across cycles."
)


def section(subject: MotionSubject) -> document.Section:
    """Return the methods, and counts of what was filled, flagged or left out."""
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
    blocks: list[document.Block] = document.paragraphs(
        (text.sentence(signals), f"{_KINEMATIC} {_POOLED}", f"{subject.time} {_TESTS}")
    )
    if plan.couplings:
        blocks.append(document.Paragraph(content=(_COORDINATION,)))
    blocks += _recorded(subject)
    return document.Section(id="methods", title="Methods", blocks=tuple(blocks))


def _recorded(subject: MotionSubject) -> list[document.Block]:
    """Return what recordings were worth, as counts: no file, nobody's id."""
    blocks: list[document.Block] = []
    if len(subject.quality):
        table = quality_table(subject.quality, visits=subject.visits, small_cell=subject.small_cell)
        blocks.append(document.TableBlock(id="recordings-quality", table=table))
    if len(subject.cycles):
        table = cycles_table(
            subject.cycles,
            arms=subject.arms,
            visits=subject.visits,
            small_cell=subject.small_cell,
        )
        blocks.append(document.TableBlock(id="cycles-per-person", table=table))
    if not blocks:
        return []
    return [document.Subheading(id="recordings-log", text="What was recorded and used"), *blocks]
