"""All verdicts at a glance: counted, by study, and printed against recomputed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures import reported_against_recomputed, verdict_matrix
from backwalk_stats.report.document.document import Section, TableBlock
from backwalk_stats.report.document.drawing import picture
from backwalk_stats.tables.labels import ledger_labels
from backwalk_stats.tables.record import verdict_counts_table

if TYPE_CHECKING:
    from backwalk_stats.trial.result import Reproduction

ORDER = 45
_MATRIX = (
    "One mark for every printed quantity, study by study. Studies without a number that could be "
    "recomputed stand below, with the count of their findings."
)
_COMPARED = (
    "What was printed against what comes out of the numbers printed beside it, with the interval "
    "that rounding allows. Numbers that do not agree are drawn first; means and SDs of whole-"
    "number scores stand apart, under “Means that cannot be”."
)


def section(reproduction: Reproduction) -> Section:
    """Return the counts, the matrix of verdicts, and printed against recomputed numbers."""
    ledger = reproduction.ledger
    if not len(ledger):
        return Section(id="verdicts", title="All verdicts", blocks=())
    labels = {"labels": ledger_labels(reproduction.studies, ledger)}
    blocks = (
        TableBlock(id="verdict-counts", table=verdict_counts_table(ledger)),
        picture(verdict_matrix, ledger, name="verdict_matrix", caption=_MATRIX, shown=labels),
        picture(
            reported_against_recomputed,
            ledger,
            name="reported_against_recomputed",
            caption=_COMPARED,
            shown=labels,
        ),
    )
    return Section(id="verdicts", title="All verdicts", blocks=blocks)
