"""Values that are missing, by arm and visit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backwalk_stats.figures.missingness import alt_text, missingness
from backwalk_stats.report.document import Block, Paragraph, Section, TableBlock
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.plain_text import note_text
from backwalk_stats.tables.missingness_table import missingness_table

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject

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
    words: dict[str, Any] = {
        "arms": subject.arms,
        "visits": subject.visits,
        "outcomes": subject.outcomes,
    }
    blocks: list[Block] = [Paragraph(content=(note_text(note),)) for note in parts[0].notes]
    if (frame["n_missing"] == 0).all():
        blocks.append(Paragraph(content=(_NONE,)))
    else:
        blocks.append(TableBlock(id="missing-values", table=missingness_table(frame, **words)))
        blocks.append(
            figure_block(
                name="missingness",
                figure=missingness(frame, **words),
                caption=_CAPTION,
                alt=alt_text(frame, **words),
            )
        )
    return Section(id="missingness", title="Missing values", blocks=tuple(blocks))
