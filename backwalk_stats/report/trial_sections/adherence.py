"""How many came to the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.adherence_grid import adherence_grid
from backwalk_stats.figures.adherence_grid import alt_text as grid_alt
from backwalk_stats.figures.adherence_sessions import adherence_sessions, alt_text
from backwalk_stats.report.document import Block, Paragraph, Section
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.plain_text import note_text

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject

ORDER = 38
_CAPTION = "Participants who came to each session, missed it or had withdrawn, by arm."
_ROUNDED = " Those who missed it or had withdrawn are rounded to the nearest {limit}."
_GRID = "Every participant’s sessions, those who came most often first; no ids are shown."


def section(subject: TrialSubject) -> Section:
    """Return attendance by session, and by participant where that was asked for."""
    parts = [part for part in subject.parts("adherence") if len(part.frames.get("sessions", ()))]
    if not parts:
        return Section(id="adherence", title="Adherence", blocks=())
    sessions, arms = parts[0].frames["sessions"], subject.arms
    limit = subject.trial.small_cell
    rounded = _ROUNDED.format(limit=limit) if limit > 1 else ""
    blocks: list[Block] = [Paragraph(content=(note_text(note),)) for note in parts[0].notes]
    blocks.append(
        figure_block(
            name="adherence_sessions",
            figure=adherence_sessions(sessions, arms=arms),
            caption=_CAPTION + rounded,
            alt=alt_text(sessions, arms=arms),
        )
    )
    people = (subject.trial.adherence, subject.trial.participants)
    if subject.individuals and len(people[0]):
        blocks.append(
            figure_block(
                name="adherence_grid",
                figure=adherence_grid(*people, arms=arms),
                caption=_GRID,
                alt=grid_alt(*people, arms=arms),
            )
        )
    return Section(id="adherence", title="Adherence", blocks=tuple(blocks))
