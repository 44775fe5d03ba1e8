"""The whole ledger, study by study; every row unfolds into what its verdict rests on."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.ledger_rows import ledger_groups
from backwalk_stats.trial.result import Reproduction

ORDER = 80


def section(reproduction: Reproduction) -> document.Section:
    """Return every row of the ledger, grouped by study."""
    joined = ";".join(str(ids) for ids in reproduction.claims["finding_ids"])
    claimed = frozenset(part.strip() for part in joined.split(";"))
    groups = ledger_groups(reproduction.ledger, reproduction.studies, claimed)
    lead = (
        "The printed numbers that were looked at: on paper those that do not hold and those that a "
        "claim rests on, on the screen all of them, each with who printed it. Each row holds the "
        "rows of the record that went into it, the check, the interval that rounding allows, and "
        "the place where the number was printed; the formula of every check stands under "
        "Methods. The same rows, with full precision, are in ledger.csv and ledger.json."
    )
    blocks = (
        (document.Paragraph(content=(lead,)), document.LedgerBlock(groups=groups)) if groups else ()
    )
    return document.Section(id="ledger", title="The ledger", short="Ledger", blocks=blocks)
