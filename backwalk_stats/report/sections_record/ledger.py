"""The whole ledger, study by study; every row unfolds into what its verdict rests on."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.ledger_rows import ledger_groups
from backwalk_stats.trial.result import Reproduction

ORDER = 80


def section(reproduction: Reproduction) -> document.Section:
    """Return every row of the ledger, grouped by study."""
    groups = ledger_groups(reproduction.ledger, reproduction.studies)
    lead = (
        "Every printed number that was looked at. Each row holds the rows of the record that went "
        "into it, the check, the interval that rounding allows, and the place where the number was "
        "printed; the formula of every check stands under Methods. The same rows, with full "
        "precision, are in ledger.csv and ledger.json."
    )
    blocks = (
        (document.Paragraph(content=(lead,)), document.LedgerBlock(groups=groups)) if groups else ()
    )
    return document.Section(id="ledger", title="The ledger", blocks=blocks)
