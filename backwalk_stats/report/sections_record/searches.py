"""The log of searches: what was looked for, where, when, and what was kept."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.tables.labels import study_labels
from backwalk_stats.tables.record import searches_table
from backwalk_stats.trial.result import Reproduction

ORDER = 92
_LEAD = (
    "That something was not found says no more than that these look-ups did not find it. A paper "
    "that none of them would have reached may exist."
)


def section(reproduction: Reproduction) -> document.Section:
    """Return the log; nothing when the record has none."""
    searches = reproduction.searches
    blocks: list[document.Block] = []
    if len(searches):
        table = searches_table(searches, labels=study_labels(reproduction.studies))
        blocks.append(document.TableBlock(id="search", table=table))
    return document.Section(
        id="searches",
        title="What was searched",
        blocks=document.led(_LEAD, blocks),
    )
