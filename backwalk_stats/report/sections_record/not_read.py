"""Papers that anyone may read, and of which the record knows only the abstract."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.tables.labels import study_labels
from backwalk_stats.tables.record import open_and_unread, study_addresses, unread_table
from backwalk_stats.trial.result import Reproduction

ORDER = 85


def section(reproduction: Reproduction) -> document.Section:
    """Return the list of open papers whose full text did not enter the record."""
    studies = open_and_unread(reproduction.studies)
    blocks: list[document.Block] = []
    if len(studies):
        table = unread_table(studies, labels=study_labels(reproduction.studies))
        blocks.append(
            document.TableBlock(
                id="unread", table=table, links=study_addresses(studies), on_paper=True
            )
        )
    lead = (
        f"The full text of {text.plural(len(studies), 'paper')} is open, and only the abstract "
        "entered the record. What else they print was not assumed: a number that would need it "
        "cannot be derived, and a claim that would need it says so."
    )
    return document.Section(
        id="unread-papers",
        title="What was not read",
        blocks=document.led(lead, blocks),
    )
