"""Who took part: the baseline table, without significance tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document import Section, TableBlock, paragraphs
from backwalk_stats.report.plain_text import note_text
from backwalk_stats.report.told_names import covariate_labels
from backwalk_stats.tables.baseline_table import baseline_table

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject

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
