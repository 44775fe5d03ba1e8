"""All verdicts at a glance: counted, by study, and printed against recomputed."""

from __future__ import annotations

from backwalk_stats.figures import reported_against_recomputed, verdict_matrix
from backwalk_stats.report.document import document, drawing
from backwalk_stats.tables.labels import ledger_labels
from backwalk_stats.tables.record import verdict_counts_table
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


def section(reproduction: Reproduction) -> document.Section:
    """Return the counts, the matrix of verdicts, and printed against recomputed numbers."""
    ledger = reproduction.ledger
    if not len(ledger):
        return document.Section(id="verdicts", title="All verdicts", blocks=())
    labels = {"labels": ledger_labels(reproduction.studies, ledger)}
    blocks = (
        document.TableBlock(id="verdict-counts", table=verdict_counts_table(ledger)),
        drawing.picture(
            verdict_matrix, ledger, name="verdict_matrix", caption=_MATRIX, shown=labels
        ),
        drawing.picture(
            reported_against_recomputed,
            ledger,
            name="reported_against_recomputed",
            caption=_COMPARED,
            shown=labels,
        ),
    )
    return document.Section(id="verdicts", title="All verdicts", blocks=blocks)
