"""Which claim rests on which kind of study."""

from __future__ import annotations

from backwalk_stats.figures import evidence_map
from backwalk_stats.report.document import document, drawing
from backwalk_stats.tables.labels import study_labels
from backwalk_stats.trial.result import Reproduction

ORDER = 35
_LEAD = (
    "What a claim rests on decides what numbers can show. Only a randomised comparison of backward "
    "with forward walking speaks to direction; backward walking added to usual care speaks to "
    "dose; a single session says nothing of weeks of training; a protocol has no results."
)
_CAPTION = "Every study that the record names for a claim, by its design; its size and its numbers."


def section(reproduction: Reproduction) -> document.Section:
    """Return the map of claims and designs; nothing when the record has no claims."""
    frame, blocks = reproduction.evidence_map, []
    if len(frame):
        labels = {"labels": study_labels(reproduction.studies)}
        blocks.append(
            drawing.picture(
                evidence_map, frame, name="evidence_map", caption=_CAPTION, shown=labels
            )
        )
    return document.Section(
        id="evidence-map",
        title="What each claim rests on",
        blocks=document.led(_LEAD, blocks),
    )
