"""The studies of the record, and where each of them is."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.report.document import document, text
from backwalk_stats.tables import labels, record
from backwalk_stats.trial.result import Reproduction

ORDER = 90
_LIST = (
    "The list of them, with designs, populations, numbers of people and addresses, stands in the "
    "report as a page (report.html)."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the list of studies, the first cell leading to the source."""
    studies = reproduction.studies
    blocks: tuple[document.Block, ...] = ()
    if len(studies):
        table = record.studies_table(studies, labels=labels.study_labels(studies))
        lead = f"{text.plural(len(studies), 'entry', 'entries')} of the record. {_LIST}"
        blocks = (
            document.Paragraph(content=(lead,)),
            document.TableBlock(id="study", table=table, links=addresses(studies), on_paper=False),
        )
    return document.Section(id="studies", title="Studies", blocks=blocks)


def addresses(studies: pd.DataFrame) -> tuple[str, ...]:
    """Return the web address of every study: its DOI where known, else where it was read."""
    doi = studies["doi"] if "doi" in studies else [""] * len(studies)
    url = studies["url"] if "url" in studies else [""] * len(studies)
    return tuple(
        f"https://doi.org/{number}" if str(number).startswith("10.") else str(address)
        for number, address in zip(doi, url, strict=True)
    )
