"""Which claim rests on which kind of study."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.evidence_map import alt_text, evidence_map
from backwalk_stats.report.document import Block, Paragraph, Section
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.tables.labels import study_labels

if TYPE_CHECKING:
    from backwalk_stats.trial.reproduction import Reproduction

ORDER = 35
_LEAD = (
    "What a claim rests on decides what numbers can show. Only a randomised comparison of backward "
    "with forward walking speaks to direction; backward walking added to usual care speaks to "
    "dose; a single session says nothing of weeks of training; a protocol has no results."
)
_CAPTION = "Every study that the record names for a claim, by its design; its size and its numbers."


def section(reproduction: Reproduction) -> Section:
    """Return the map of claims and designs; nothing when the record has no claims."""
    frame = reproduction.evidence_map
    blocks: tuple[Block, ...] = ()
    if len(frame):
        blocks = (
            Paragraph(content=(_LEAD,)),
            figure_block(
                name="evidence_map",
                figure=evidence_map(frame, labels=study_labels(reproduction.studies)),
                caption=_CAPTION,
                alt=alt_text(frame),
            ),
        )
    return Section(id="evidence-map", title="What each claim rests on", blocks=blocks)
