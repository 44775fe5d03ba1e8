"""Builds small published records in memory, as `read_record` would return them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from backwalk_stats.evidence.record import Record
from backwalk_stats.evidence.tables import article_claims as claims_table
from backwalk_stats.evidence.tables import cochrane as reviews_table
from backwalk_stats.evidence.tables import contrasts as contrasts_table
from backwalk_stats.evidence.tables import outcomes as outcomes_table
from backwalk_stats.evidence.tables import searches as searches_table
from backwalk_stats.evidence.tables import studies as studies_table

STUDY = dict.fromkeys(studies_table.TABLE.names, "")
OUTCOME = dict.fromkeys(outcomes_table.TABLE.names, "")
CONTRAST = dict.fromkeys(contrasts_table.TABLE.names, "")
CLAIM = dict.fromkeys(claims_table.TABLE.names, "")
SEARCHES = dict.fromkeys(searches_table.TABLE.names, "")
REVIEW = dict.fromkeys((*reviews_table.TABLE.names, "file"), "")
Rows = Sequence[Mapping[str, str]]


def record(
    *,
    studies: Rows,
    outcomes: Rows = (),
    contrasts: Rows = (),
    claims: Rows = (),
    reviews: Rows = (),
) -> Record:
    """Return a record; columns that a row does not give are empty."""
    return Record(
        studies=_frame(studies, STUDY),
        outcomes=_frame(outcomes, OUTCOME),
        contrasts=_frame(contrasts, CONTRAST),
        claims=_frame(claims, CLAIM),
        searches=_frame((), SEARCHES),
        cochrane=_frame(reviews, REVIEW),
        name="a record made for a test",
        files={},
    )


def _frame(rows: Rows, empty: Mapping[str, str]) -> pd.DataFrame:
    columns = dict.fromkeys([*empty, *(name for row in rows for name in row)], "")
    whole = [{**columns, **row} for row in rows]
    frame = pd.DataFrame(whole, columns=list(columns), dtype=object)
    frame.insert(0, "line", range(2, len(frame) + 2))
    return frame
