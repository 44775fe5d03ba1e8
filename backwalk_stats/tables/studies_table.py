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
    ("study", "Study", "left", 2.2),
    ("design", "Design", "left", 2.6),
    ("population", "Population", "left", 2.4),
    ("n_randomised", "Participants", "left", 1.6),
    ("numbers_available", "Numbers printed", "left", 1.5),
    ("citation", "Citation, with DOI or address", "left", 6.6),
)


def studies_table(
    studies: pd.DataFrame, *, labels: Mapping[str, str] | None = None
) -> DisplayTable:
    """Return the list of studies, everything as printed in the record; what is absent is a dash.

    `labels` is study to the name shown.

    Examples
    --------
    >>> import pandas as pd
    >>> studies_table(pd.DataFrame({"study_id": ["chen2021"], "doi": ["10.1155/x"]})).rows
    (('Chen 2021', '–', '–', '–', '–', 'doi:10.1155/x'),)
    """
    names = labels or study_labels(studies)
    rows = frame_rows(studies)
    return DisplayTable(
        columns=COLUMNS,
        rows=display_rows(
            (
                names.get(str(row["study_id"]), str(row["study_id"])),
                *(sentence_case(_text(row, column.key)) for column in COLUMNS[1:5]),
                _citation(row),
            )
            for row in rows
        ),
        caption="Studies, protocols, registry entries and reviews of the record.",
        keys=tuple(str(row["study_id"]) for row in rows),
    )


def _text(row: Row, column: str) -> str:
    """Return the text of a cell, or a dash where it is empty."""
    text = row.get(column)
    return text if isinstance(text, str) and text else DASH


def _citation(row: Row) -> str:
    """Return a citation with the DOI, or the address where there is none."""
    cited, doi, url = (_text(row, column) for column in ("citation", "doi", "url"))
    place = f"doi:{doi}" if doi != DASH else url
    parts = [part for part in (cited, place) if part != DASH]
    return ". ".join(part.removesuffix(".") for part in parts) or DASH
