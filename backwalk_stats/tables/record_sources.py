"""What a record was made from: open papers that were not read in full, and the log of searches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backwalk_stats.tables import numbers
from backwalk_stats.tables.display import DisplayTable, display_columns, display_rows
from backwalk_stats.tables.labels import sentence_case, study_name, without_remarks

if TYPE_CHECKING:
    import pandas as pd

UNREAD_COLUMNS = display_columns(
    ("study", "Study", "left", 2.6),
    ("address", "Where it is open", "left", 3.4),
    ("licence", "Licence", "left", 2.4),
)
SEARCH_COLUMNS = display_columns(
    ("date", "Date", "left", 1.0),
    ("query", "Asked", "left", 5.0),
    ("hits", "Hits", "right", 0.7),
    ("kept", "Kept", "left", 2.8),
)


def open_and_unread(studies: pd.DataFrame) -> pd.DataFrame:
    """Return the studies whose full text is open and of which no more than the abstract was read.

    Examples
    --------
    >>> import pandas as pd
    >>> studies = pd.DataFrame({"full_text": ["open", "open"], "read": ["abstract", "full text"]})
    >>> len(open_and_unread(studies))
    1
    """
    if not {"full_text", "read"} <= set(studies.columns):
        return studies.iloc[:0]
    shut_or_read = (studies["full_text"] == "open") & studies["read"].str.startswith("abstract")
    return studies[shut_or_read]


def unread_table(studies: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> DisplayTable:
    """Return open papers that were not read in full: name, address and licence.

    `labels` is study to the name shown.
    """
    rows = numbers.frame_rows(open_and_unread(studies))
    return DisplayTable(
        columns=UNREAD_COLUMNS,
        rows=display_rows(
            (
                study_name(row["study_id"], labels),
                _address(str(row.get("doi") or ""), str(row.get("url") or "")),
                _licence(str(row.get("licence") or "")),
            )
            for row in rows
        ),
        caption="Papers that are open and of which only the abstract was read.",
        notes=("A dash stands where no licence was found.",),
        keys=tuple(str(row["study_id"]) for row in rows),
    )


def _address(doi: str, url: str) -> str:
    """Return the DOI, or the site where there is none."""
    return f"doi:{doi}" if doi else urlsplit(url).netloc.removeprefix("www.") or numbers.DASH


def _licence(text: str) -> str:
    """Return a licence without remarks on where it was read; a dash where it is not known.

    >>> _licence("CC BY (statement seen)"), _licence("not read")
    ('CC BY', '–')
    """
    return sentence_case(without_remarks(text)) or numbers.DASH


def searches_table(
    searches: pd.DataFrame, *, labels: Mapping[str, str] | None = None
) -> DisplayTable:
    """Return the log of searches (`tables.SEARCHES`), those of one source under each other.

    `labels` is study to the name shown: identifiers in the log are replaced by it.
    """
    rows = numbers.frame_rows(searches.sort_values("source", kind="stable"))
    return DisplayTable(
        columns=SEARCH_COLUMNS,
        rows=display_rows(
            tuple(_named(str(row[column.key]), labels or {}) for column in SEARCH_COLUMNS)
            for row in rows
        ),
        caption="What was searched, and what was kept of it.",
        groups=tuple(sentence_case(str(row["source"])) for row in rows),
    )


def _named(text: str, labels: Mapping[str, str]) -> str:
    """Return a text in which studies are called by name."""
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), text) or numbers.DASH


def study_addresses(studies: pd.DataFrame) -> tuple[str, ...]:
    """Return the web address of every study: its DOI where known, else where it was read."""
    doi = studies["doi"] if "doi" in studies else [""] * len(studies)
    url = studies["url"] if "url" in studies else [""] * len(studies)
    return tuple(
        f"https://doi.org/{number}" if str(number).startswith("10.") else str(address)
        for number, address in zip(doi, url, strict=True)
    )
