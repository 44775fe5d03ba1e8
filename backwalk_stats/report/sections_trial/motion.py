"""Lumbar motion: what whole curves say, where the trial has a motion file."""

from __future__ import annotations

from backwalk_stats.report import sections_motion
from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject

ORDER = 72
PARTS = range(30)  # what compares curves; how the movement looks in detail is in the appendix


def section(subject: TrialSubject) -> document.Section:
    """Return the answer and its curves as one section; all but the first have a heading."""
    blocks: list[document.Block] = []
    if subject.motion is not None:
        for one in document.written_sections(sections_motion, subject.motion, orders=PARTS):
            blocks += [document.Subheading(id=f"motion-{one.id}", text=one.title)] if blocks else []
            blocks += one.blocks
    return document.Section(id="motion", title="Lumbar motion", blocks=tuple(blocks))
