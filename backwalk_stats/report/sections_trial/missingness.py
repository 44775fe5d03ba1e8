"""Values that are missing, by arm and visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures import missingness
from backwalk_stats.report.document.document import Section, TableBlock, paragraphs
from backwalk_stats.report.document.drawing import picture
from backwalk_stats.report.document.text import note_text
from backwalk_stats.tables.participants import missingness_table

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

ORDER = 35
_CAPTION = (
    "Share of values that are missing, by outcome, arm and visit; a full bar is everyone of the "
    "arm."
)
_NONE = "No value of any outcome is missing."


def section(subject: TrialSubject) -> Section:
    """Return the table and the picture of missing values."""
    parts = [part for part in subject.parts("missingness") if "missingness" in part.frames]
    if not parts:
        return Section(id="missingness", title="Missing values", blocks=())
    frame = parts[0].frames["missingness"]
    labels = subject.labels
    blocks = paragraphs(map(note_text, parts[0].notes))
    if (frame["n_missing"] == 0).all():
        blocks += paragraphs([_NONE])
    else:
        table = missingness_table(frame, labels=labels)
        blocks += [
            TableBlock(id="missing-values", table=table),
            picture(missingness, frame, name="missingness", caption=_CAPTION, labels=labels),
        ]
    return Section(id="missingness", title="Missing values", blocks=tuple(blocks))
