"""Who took part, and how far they came: the flow of participants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.flow_diagram import alt_text, flow_diagram
from backwalk_stats.report.document import Block, Paragraph, Section
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.plain_text import note_text, plural

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject

ORDER = 25
_CAPTION = (
    "Flow of participants, as CONSORT asks for it. What the trial file does not declare is counted "
    "from the data, or left out. Whoever was lost later may be among the analysed: a mixed model "
    "uses the values before."
)


def section(subject: TrialSubject) -> Section:
    """Return the number in each arm, and the flow diagram."""
    told = "; ".join(f"{subject.arms[name]}: {size}" for name, size in subject.sizes.items())
    arms = plural(len(subject.sizes), "arm")
    lead = f"The data hold {plural(subject.n, 'participant')} in {arms}. {told}."
    if subject.trial.study.design == "crossover":
        lead = (
            f"The data hold {plural(subject.n, 'participant')}, each of whom walks in every arm, "
            f"one after the other. By the arm that came first: {told}."
        )
    registered = subject.trial.study.registration
    blocks: list[Block] = [Paragraph(content=(lead,))]
    blocks += [Paragraph(content=(f"Registration: {registered}.",))] if registered else []
    for part in subject.parts("flow")[:1]:
        blocks += [Paragraph(content=(note_text(note),)) for note in part.notes]
        flow = part.frames.get("flow")
        if flow is not None and len(flow):
            blocks.append(
                figure_block(
                    name="flow",
                    figure=flow_diagram(flow, arms=subject.arms),
                    caption=_CAPTION,
                    alt=alt_text(flow, arms=subject.arms),
                )
            )
    return Section(id="participants", title="Participants", blocks=tuple(blocks))
