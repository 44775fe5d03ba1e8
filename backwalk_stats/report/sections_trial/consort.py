"""Which items of the CONSORT 2025 checklist this report fills, and which its authors must."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ITEMS, filled
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows

ORDER = 90
_LEAD = (
    "The checklist of CONSORT 2025 (Hopewell and others, doi 10.1136/bmj-2024-081123) has 30 items "
    "with parts. Their topics are in our words; read the checklist itself before submitting."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the checklist: every item, and where this report fills it."""
    places = filled(subject)
    rows = [
        (number, topic, places.get(number, ""), "" if number in places else "to be written")
        for number, topic in ITEMS.items()
    ]
    table = DisplayTable(
        columns=display_columns(
            ("item", "Item", "left", 0.4),
            ("topic", "Topic", "left", 2.4),
            ("here", "Filled here by", "left", 1.6),
            ("authors", "By the authors", "left", 0.8),
        ),
        rows=display_rows(rows),
        caption=f"CONSORT 2025: {len(places)} of {len(ITEMS)} items or parts have material here.",
    )
    return document.Section(
        id="consort",
        title="CONSORT 2025",
        blocks=(
            document.Paragraph(content=(_LEAD,)),
            document.TableBlock(id="consort-items", table=table),
        ),
    )
