"""Who took part, and how far they came: the flow of participants."""

from __future__ import annotations

from backwalk_stats.figures import flow_diagram
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import TrialSubject

ORDER = 25
_CAPTION = (
    "Flow of participants, as CONSORT asks for it. What the trial file does not declare is counted "
    "from the data, or left out. Whoever was lost later may be among the analysed: a mixed model "
    "uses the values before."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the number in each arm, and the flow diagram."""
    told = "; ".join(f"{subject.arms[name]}: {size}" for name, size in subject.sizes.items())
    arms = text.plural(len(subject.sizes), "arm")
    lead = f"The data hold {text.plural(subject.n, 'participant')} in {arms}. {told}."
    if subject.trial.study.design == "crossover":
        lead = (
            f"The data hold {text.plural(subject.n, 'participant')}, each of whom walks in every "
            f"arm, one after the other. By the arm that came first: {told}."
        )
    registered = subject.trial.study.registration
    blocks = document.paragraphs([lead, *([f"Registration: {registered}."] if registered else [])])
    for part in subject.parts("flow")[:1]:
        blocks += document.paragraphs(map(text.note_text, part.notes))
        flow = part.frames.get("flow")
        if flow is not None and len(flow):
            blocks.append(
                drawing.picture(
                    flow_diagram, flow, name="flow", caption=_CAPTION, arms=subject.arms
                )
            )
    return document.Section(
        id="participants", title="Participants", short="Participants", blocks=tuple(blocks)
    )
