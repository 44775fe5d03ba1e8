"""Features of movement: ranges, coordination, rhythm, gait, repositioning."""

from __future__ import annotations

from backwalk_stats.report.document import document
from backwalk_stats.report.subject import MotionSubject
from backwalk_stats.tables.motion import detectable_change_table, features_table

ORDER = 40
_LEAD = (
    "Each feature is a mean over cycles or trials of a participant, then over participants. No arm "
    "is compared here. The command backwalk motion features writes features_by_visit.csv, which a "
    "trial file takes as a data file with layout long: there they are analysed like any score."
)


def section(subject: MotionSubject) -> document.Section:
    """Return the table of features."""
    means = subject.feature_means
    if means.empty:
        return document.Section(id="features", title="Features", blocks=())
    changes = subject.study.detectable_change
    table = features_table(
        means,
        arms=subject.arms,
        visits=subject.visits,
        small_cell=subject.small_cell,
        changes=changes,
    )
    blocks: list[document.Block] = [
        document.Paragraph(content=(_LEAD,)),
        document.TableBlock(id="feature-means", table=table),
    ]
    if len(changes):
        told = detectable_change_table(changes)
        blocks.append(document.TableBlock(id="detectable-change", table=told))
    return document.Section(id="features", title="Features", blocks=tuple(blocks))
