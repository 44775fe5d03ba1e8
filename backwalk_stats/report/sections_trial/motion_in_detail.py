"""Lumbar motion in detail: coordination, features and methods, in the appendix."""

from __future__ import annotations

from backwalk_stats.report import sections_motion
from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject

ORDER = 105
PARTS = range(30, 1000)  # what comes before stands in the main part


def section(subject: TrialSubject) -> document.Section:
    """Return the parts of the report on movement that compare no arms, each under a heading."""
    blocks: list[document.Block] = []
    if subject.motion is not None:
        for one in document.written_sections(sections_motion, subject.motion, orders=PARTS):
            blocks += [document.Subheading(id=f"motion-{one.id}", text=one.title), *one.blocks]
    return document.Section(
        id="motion-in-detail",
        title="Lumbar motion in detail",
        blocks=tuple(blocks),
        appendix=True,
    )
