"""How many came to the sessions."""

from __future__ import annotations

from backwalk_stats.figures import adherence_grid, adherence_sessions
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.subject import TrialSubject

ORDER = 38
_LEAD = "Attendance is shown session by session, as a percentage of the arm."
_ROUNDED = " Those who missed it or had withdrawn are rounded to the nearest {limit}."


def section(subject: TrialSubject) -> document.Section:
    """Return attendance by session, and by participant where that was asked for."""
    parts = [part for part in subject.parts("adherence") if len(part.frames.get("sessions", ()))]
    if not parts:
        return document.Section(id="adherence", title="Adherence", blocks=())
    limit, arms = subject.trial.small_cell, subject.arms
    caption = adherence_sessions.caption() + (_ROUNDED.format(limit=limit) if limit > 1 else "")
    blocks = document.paragraphs([_LEAD, *map(text.note_text, parts[0].notes)])
    sessions = parts[0].frames["sessions"]
    blocks.append(
        drawing.picture(
            adherence_sessions, sessions, name="adherence_sessions", caption=caption, arms=arms
        )
    )
    people = (subject.trial.adherence, subject.trial.participants)
    if subject.individuals and len(people[0]):
        blocks.append(
            drawing.picture(
                adherence_grid,
                *people,
                name="adherence_grid",
                caption=adherence_grid.caption(),
                arms=arms,
            )
        )
    return document.Section(id="adherence", title="Adherence", blocks=tuple(blocks))
