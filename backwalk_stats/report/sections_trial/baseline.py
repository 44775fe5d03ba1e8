"""Who took part: the baseline table, without significance tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.document import Section, TableBlock, paragraphs
from backwalk_stats.report.document.text import note_text
from backwalk_stats.report.words import covariate_labels
from backwalk_stats.tables.participants import baseline_table

if TYPE_CHECKING:
    from backwalk_stats.report.subject import TrialSubject

ORDER = 30


def section(subject: TrialSubject) -> Section:
    """Return Table 1."""
    parts = [part for part in subject.parts("baseline") if len(part.frames.get("baseline", ()))]
    if not parts:
        return Section(id="baseline", title="Baseline", blocks=())
    table = baseline_table(
        parts[0].frames["baseline"],
        arms=subject.arms,
        sizes=subject.sizes,
        variables=covariate_labels(subject.trial) | subject.outcomes,
    )
    blocks = (
        TableBlock(id="baseline-table", table=table),
        *paragraphs(map(note_text, parts[0].notes)),
    )
    return Section(id="baseline", title="Baseline", blocks=blocks)
