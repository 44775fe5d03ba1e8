"""The studies of the record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case, study_labels
from backwalk_stats.tables.numbers import DASH

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = display_columns(
    ("study", "Study", "left", 2.0),
    ("design", "Design", "left", 2.6),
    ("population", "Population", "left", 2.4),
    ("n_randomised", "Participants", "left", 1.2),
    ("numbers_available", "Numbers available", "left", 1.8),
    ("citation", "Citation", "left", 5.0),
    ("doi", "DOI or address", "left", 2.4),
)


def studies_table(
    studies: pd.DataFrame, *, labels: Mapping[str, str] | None = None
) -> DisplayTable:
    """Return the list of studies, everything as printed in the record.

    Parameters
    ----------
    studies : DataFrame
        The table of studies, all text; absent columns are shown as a dash.
    labels : mapping of str to str, optional
        Study identifier to the name shown.

    Examples
    --------
    >>> import pandas as pd
    >>> studies_table(pd.DataFrame({"study_id": ["chen2021"], "doi": ["10.1155/x"]})).rows
    (('Chen 2021', '–', '–', '–', '–', '–', '10.1155/x'),)
    """
    names = labels or study_labels(studies)
    rows = frame_rows(studies)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                names.get(str(row["study_id"]), str(row["study_id"])),
                *(sentence_case(_text(row, column.key)) for column in COLUMNS[1:5]),
                _text(row, "citation"),
                _text(row, "doi", "url"),
            )
            for row in rows
        ),
        caption="Studies, protocols, registry entries and reviews of the record.",
        keys=tuple(str(row["study_id"]) for row in rows),
    )


def _text(row: Row, *columns: str) -> str:
    """Return the first of some cells that is not empty, or a dash."""
    texts = (row.get(column) for column in columns)
    return next((text for text in texts if isinstance(text, str) and text), DASH)
