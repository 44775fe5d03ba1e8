"""The claims of the article with their verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import frame_rows
from backwalk_stats.tables.labels import sentence_case

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("claim_id", "No.", "left", 0.6),
    ("claim", "Claim", "left", 4.0),
    ("cited_source", "Source it names", "left", 2.0),
    ("verdict", "Verdict", "left", 1.6),
    ("explanation", "Why", "left", 5.0),
)


def claims_table(claims: pd.DataFrame) -> DisplayTable:
    """Return the claims (`tables.CLAIMS`), each with its verdict and the reason in plain sentences.

    Examples
    --------
    >>> import pandas as pd
    >>> from backwalk_stats.trial.tables import CLAIMS
    >>> row = ("N1", "pain", "It helps.", "a paper", "holds", "It does.", "", "")
    >>> claims_table(pd.DataFrame([row], columns=list(CLAIMS))).rows
    (('N1', 'It helps.', 'A paper', 'Holds', 'It does.'),)
    """
    rows = frame_rows(claims)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                row["claim_id"],
                row["claim"],
                sentence_case(row["cited_source"]),
                sentence_case(row["verdict"]),
                row["explanation"],
            )
            for row in rows
        ),
        caption="Claims, and whether what was published bears them out.",
        keys=tuple(str(row["claim_id"]) for row in rows),
    )
