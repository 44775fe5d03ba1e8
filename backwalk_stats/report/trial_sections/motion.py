"""Lumbar motion: whole curves, coordination and features, where the trial has a motion file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report import motion_sections
from backwalk_stats.report.build import written_sections
from backwalk_stats.report.document import Block, Section, Subheading

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject

ORDER = 72


def section(subject: TrialSubject) -> Section:
    """Return the sections of the report on movement as one; all but the first have a heading."""
    blocks: list[Block] = []
    if subject.motion is not None:
        for one in written_sections(motion_sections, subject.motion):
            blocks += [Subheading(id=f"motion-{one.id}", text=one.title)] if blocks else []
            blocks += one.blocks
    return Section(id="motion", title="Lumbar motion", blocks=tuple(blocks))
