"""Means that whole-number scores can have."""

from __future__ import annotations

from backwalk_stats.figures import grim_panels
from backwalk_stats.report.document import document, drawing
from backwalk_stats.tables.labels import study_labels
from backwalk_stats.tables.record import grim_table
from backwalk_stats.trial.result import Reproduction

ORDER = 60
_LEAD = (
    "When every score is a whole number, the mean of n scores is a whole number divided by n, so "
    "most two-decimal means cannot occur in a small arm (the GRIM test). A mean between the "
    "possible ones, at the printed n, means that mean, n and scale cannot all be right as "
    "printed. Only means whose step of scores was read are tested here."
)
_CAPTION = (
    "Printed means with their rounding interval (bar) and the means that are possible at the "
    "printed number of participants (ticks)."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the means that were tested against what whole-number scores allow."""
    grim, labels = reproduction.grim, study_labels(reproduction.studies)
    blocks: list[document.Block] = []
    if len(grim):
        told = {"labels": labels}
        blocks = [
            drawing.picture(grim_panels, grim, name="grim_panels", caption=_CAPTION, shown=told),
            document.TableBlock(id="means", table=grim_table(grim, labels=labels)),
        ]
    return document.Section(
        id="grim",
        title="Means of whole-number scores",
        on_paper=False,
        blocks=document.led(_LEAD, blocks),
    )
