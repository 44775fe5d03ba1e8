"""Other estimands than those of the trial: other people, another treatment, another summary."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.estimate_pictures import forest_of
from backwalk_stats.report.subject import TrialSubject

ORDER = 52
_LEAD = (
    "These analyses answer a neighbouring question: of those who kept to the protocol, of arms as "
    "they were received, or by another summary than the mean. That they differ from the main one, "
    "or do not, says nothing of its assumptions."
)
_RANKS = (
    "An interval of ranks has ends that the data can take and may touch zero where the exact test "
    "leaves it out; the tables say where."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the forest of the supplementary analyses of every estimand that asked for some."""
    asked = subject.trial.estimands
    blocks: list[document.Block] = []
    if any("rank-based" in one.supplementary for one in asked):
        blocks += document.paragraphs([_RANKS])
    drawn = [block for one in asked for block in forest_of(subject, one, "supplementary")]
    blocks = [*blocks, *drawn] if drawn else []
    return document.Section(
        id="supplementary", title="Supplementary analyses", blocks=document.led(_LEAD, blocks)
    )
