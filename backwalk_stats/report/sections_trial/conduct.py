"""How the trial was run: what its file says in prose, and what is left to be written."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.trial.conduct import METHODS

ORDER = 107
_LEAD = "In the words of the trial file, which nobody has checked against the conduct of the trial."


def section(subject: TrialSubject) -> document.Section:
    """Return every text of `[methods]` under its topic; nothing where there is none."""
    told = subject.trial.conduct.methods
    entries = tuple(
        (document.Strong(text=f"{topic}."), f" {text.sentence(told[key])}")
        for key, topic in METHODS.items()
        if key in told
    )
    blocks: tuple[document.Block, ...] = ()
    if entries:
        lead = document.Paragraph(content=(_LEAD,))
        blocks = (lead, document.Items(entries=entries))
    return document.Section(
        id="conduct",
        title="How the trial was run",
        short="Conduct",
        blocks=blocks,
        appendix=True,
    )
