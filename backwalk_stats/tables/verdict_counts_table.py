"""How many findings came to which verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import VERDICT_MEANINGS, VERDICTS, sentence_case
from backwalk_stats.tables.numbers import count

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("verdict", "Verdict", "left", 2.0),
    ("findings", "Findings", "right", 1.0),
    ("studies", "Studies", "right", 1.0),
    ("meaning", "What it means", "left", 6.0),
)


def verdict_counts_table(ledger: pd.DataFrame) -> DisplayTable:
    """Return the number of findings and of studies for every verdict, zeros included.

    Examples
    --------
    >>> import pandas as pd
    >>> ledger = pd.DataFrame({"study_id": ["a", "b"], "verdict": ["reproduced"] * 2})
    >>> verdict_counts_table(ledger).rows[0][:3]
    ('Reproduced', '2', '2')
    """
    rows = []
    for verdict, words in VERDICTS.items():
        chosen = ledger[ledger["verdict"] == verdict]
        rows.append(
            (
                sentence_case(words),
                count(len(chosen)),
                count(chosen["study_id"].nunique()),
                sentence_case(VERDICT_MEANINGS[verdict]),
            )
        )
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(rows),
        caption="Findings by verdict.",
        notes=("A study with findings of several verdicts is counted under each.",),
        keys=tuple(VERDICTS),
    )
