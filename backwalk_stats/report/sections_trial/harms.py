"""Harms by arm: what was recorded, how it was asked for, and what the counts cannot show."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.analyses.harms import ANY
from backwalk_stats.report.document import document, planned, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.tables.harm_table import harm_table, harms_in_parts
from backwalk_stats.trial.harms import Harms

ORDER = 54
ASKED = {
    "systematic": "Harms were asked for systematically: of everybody, by a list or at set times.",
    "spontaneous": "Harms were recorded as people told of them unasked. Such counts miss many, and "
    "an arm that is seen more often tells of more.",
    "both": "Harms were asked for of everybody, and recorded also where people told unasked.",
}
NONE = (
    "None was recorded in any arm. None recorded is not the same as none: the table says how far "
    "the limits reach."
)
NO_FALL = "No fall is among the harms that were recorded."


def section(subject: TrialSubject) -> document.Section:
    """Return the table of harms under how they were asked for; nothing without a record of them."""
    part = next(iter(subject.parts("harms")), None)
    frame = part.frames.get("harms") if part is not None else None
    recorded = subject.trial.harms
    if part is None or frame is None or recorded is None:
        return document.Section(id="harms", title="Harms", blocks=())
    table = harm_table(frame, part.estimates, arms=subject.arms)
    said = [*lead(recorded, frame), *planned.of_part(part), *map(text.note_text, part.notes)]
    names = ("harms-by-arm", "harm-events-by-arm")
    tables = [
        document.TableBlock(id=name, table=one)
        for name, one in zip(names, harms_in_parts(table), strict=False)
    ]
    blocks = (*document.paragraphs(said), *tables)
    return document.Section(id="harms", title="Harms", blocks=blocks)


def lead(recorded: Harms, frame: pd.DataFrame) -> list[str]:
    """Return how harms were asked for and defined, and what is said where nothing was recorded."""
    told = [ASKED[recorded.asked]]
    if recorded.definition:
        told.append(f"What counted as a harm: {text.sentence(recorded.definition)}")
    total = frame.loc[frame["term"] == ANY, "people"]
    if len(total) and (total == 0).all():
        told.append(NONE)
    elif not frame["kind"].isin(["fall", "falls"]).any():
        told.append(NO_FALL)
    return told
