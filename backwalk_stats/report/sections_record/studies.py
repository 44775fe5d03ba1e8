"""The studies of the record, and where each of them is."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.tables import labels, record
from backwalk_stats.tables.record import study_addresses
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
            document.TableBlock(
                id="study", table=table, links=study_addresses(studies), on_paper=False
            ),
        )
    return document.Section(id="studies", title="Studies", short="Studies", blocks=blocks)
