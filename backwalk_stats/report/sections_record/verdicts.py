"""All verdicts at a glance: counted, by study, and printed against recomputed."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from backwalk_stats.figures import reported_against_recomputed, verdict_matrix
from backwalk_stats.report.document import document, drawing
from backwalk_stats.tables.labels import ledger_labels
from backwalk_stats.tables.record_counts import NO_RESULTS, printed_rows, verdict_counts_table
from backwalk_stats.trial.result import Reproduction

ORDER = 45
_MATRIX = (
    "How many numbers that a paper or a review printed came to which verdict, study by study; a "
    "dot is none."
)
_COMPARED = (
    "What was printed against what comes out of the numbers printed beside it, with the interval "
    "that rounding allows. Numbers that do not agree are drawn first; means and SDs of whole-"
    "number scores stand apart, under “Means of whole-number scores”."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the counts, the matrix of verdicts, and printed against recomputed numbers."""
    ledger = reproduction.ledger
    if not len(ledger):
        return document.Section(id="verdicts", title="All verdicts", blocks=())
    labels = {"labels": ledger_labels(reproduction.studies, ledger)}
    printed = _marked(ledger)
    compared = drawing.picture(
        reported_against_recomputed,
        printed_rows(ledger),
        name="reported_against_recomputed",
        caption=_COMPARED,
        shown=labels,
    )
    caption = " ".join([_MATRIX, *verdict_matrix.notes(printed, **labels)])
    blocks = (
        document.TableBlock(id="verdict-counts", table=verdict_counts_table(ledger)),
        drawing.picture(
            verdict_matrix, printed, name="verdict_matrix", caption=caption, shown=labels
        ),
        replace(compared, on_paper=False),
    )
    return document.Section(id="verdicts", title="All verdicts", blocks=blocks)


def _marked(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the printed numbers, and the protocols and registry entries that have none yet."""
    return ledger[ledger.index.isin(printed_rows(ledger).index) | (ledger["verdict"] == NO_RESULTS)]
