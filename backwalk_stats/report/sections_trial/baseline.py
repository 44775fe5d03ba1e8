"""Who took part: the baseline table, without significance tests."""

from __future__ import annotations

from backwalk_stats.report.document import document, text
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import covariate_labels
from backwalk_stats.tables.participants import baseline_table

ORDER = 30


def section(subject: TrialSubject) -> document.Section:
    """Return Table 1."""
    parts = [part for part in subject.parts("baseline") if len(part.frames.get("baseline", ()))]
    if not parts:
        return document.Section(id="baseline", title="Baseline", blocks=())
    table = baseline_table(
        parts[0].frames["baseline"],
        arms=subject.arms,
        sizes=subject.sizes,
        variables=covariate_labels(subject.trial) | subject.outcomes,
    )
    blocks = (
        document.TableBlock(id="baseline-table", table=table),
        *document.paragraphs(map(text.note_text, parts[0].notes)),
    )
    return document.Section(id="baseline", title="Baseline", blocks=blocks)
