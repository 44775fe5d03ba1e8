"""Features of movement: ranges, coordination, rhythm, gait, repositioning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.document.document import Paragraph, Section, TableBlock
from backwalk_stats.tables.motion import features_table

if TYPE_CHECKING:
    from backwalk_stats.report.subject import MotionSubject

ORDER = 40
_LEAD = (
    "Each feature is a mean over cycles or trials of a participant, then over participants. No arm "
    "is compared here. `backwalk motion features` writes features_by_visit.csv, which a trial file "
    "takes as a data file with layout long: there they are analysed like any score."
)


def section(subject: MotionSubject) -> Section:
    """Return the table of features."""
    means = subject.feature_means
    if means.empty:
        return Section(id="features", title="Features", blocks=())
    table = features_table(
        means, arms=subject.arms, visits=subject.visits, small_cell=subject.small_cell
    )
    blocks = (Paragraph(content=(_LEAD,)), TableBlock(id="feature-means", table=table))
    return Section(id="features", title="Features", blocks=blocks)
