"""How many came to the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures import adherence_grid, adherence_sessions
from backwalk_stats.report.document.document import Section, paragraphs
from backwalk_stats.report.document.drawing import picture
from backwalk_stats.report.document.text import note_text

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

ORDER = 38
_CAPTION = "Participants who came to each session, missed it or had withdrawn, by arm."
_ROUNDED = " Those who missed it or had withdrawn are rounded to the nearest {limit}."
_GRID = "Every participant’s sessions, those who came most often first; no ids are shown."


def section(subject: TrialSubject) -> Section:
    """Return attendance by session, and by participant where that was asked for."""
    parts = [part for part in subject.parts("adherence") if len(part.frames.get("sessions", ()))]
    if not parts:
        return Section(id="adherence", title="Adherence", blocks=())
    limit, arms = subject.trial.small_cell, subject.arms
    caption = _CAPTION + (_ROUNDED.format(limit=limit) if limit > 1 else "")
    blocks = paragraphs(map(note_text, parts[0].notes))
    sessions = parts[0].frames["sessions"]
    blocks.append(
        picture(adherence_sessions, sessions, name="adherence_sessions", caption=caption, arms=arms)
    )
    people = (subject.trial.adherence, subject.trial.participants)
    if subject.individuals and len(people[0]):
        blocks.append(
            picture(adherence_grid, *people, name="adherence_grid", caption=_GRID, arms=arms)
        )
    return Section(id="adherence", title="Adherence", blocks=tuple(blocks))
