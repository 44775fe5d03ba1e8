"""What was measured in each arm: means by visit, and change from baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backwalk_stats.figures.change_raincloud import alt_text as raincloud_alt
from backwalk_stats.figures.change_raincloud import change_raincloud
from backwalk_stats.figures.trajectories import alt_text, trajectories
from backwalk_stats.report.document import Block, Paragraph, Section, Subheading, TableBlock
from backwalk_stats.report.drawing import figure_block
from backwalk_stats.report.plain_text import note_text
from backwalk_stats.tables.means_table import means_table
from backwalk_stats.tables.within_arm_table import within_arm_table

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.trial.result import Result

ORDER = 65
_LEAD = (
    "Change within an arm mixes the treatment with everything else that happened: the course of "
    "the condition, regression to the mean, attention. It does not compare the arms."
)
_FEW = " Arms of fewer than 20 show no percentiles and no distribution."


def section(subject: TrialSubject) -> Section:
    """Return, outcome by outcome, what was observed and how it changed."""
    blocks: list[Block] = []
    for place, part in enumerate(subject.parts("within-arm"), start=1):
        blocks += _one(subject, part, place)
    lead = (Paragraph(content=(_LEAD,)),) if blocks else ()
    return Section(id="within-arm", title="Each arm by itself", blocks=(*lead, *blocks))


def _one(subject: TrialSubject, part: Result, place: int) -> list[Block]:
    """Return tables and figures of one outcome."""
    words = subject.words(part.outcome)
    label = words["outcome"]
    blocks: list[Block] = [Subheading(id=f"within-arm-{place}", text=label)]
    means = part.frames.get("means")
    both: dict[str, Any] = {
        "arms": subject.arms,
        "visits": subject.visits,
        "outcomes": subject.outcomes,
    }
    if means is not None and len(means):
        shown = means_table(means, kind="observed", **both)
        blocks.append(TableBlock(id=f"means-{place}", table=shown))
        seen = part.frames.get("observations") if subject.individuals else None
        picture = words | {"visits": subject.visits}
        blocks.append(
            figure_block(
                name=f"trajectories-{part.outcome}",
                figure=trajectories(means, **picture, observations=seen),
                caption=f"{label}: means that were observed, by visit, a panel for each arm.",
                alt=alt_text(means, **picture),
            )
        )
    if len(part.estimates):
        changed = within_arm_table(part.estimates, **subject.table_words)
        blocks.append(TableBlock(id=f"change-{place}", table=changed))
    blocks += [Paragraph(content=(note_text(note),)) for note in part.notes]
    return blocks + _raincloud(subject, part)


def _raincloud(subject: TrialSubject, part: Result) -> list[Block]:
    """Return the distribution of change in each arm."""
    density, box = part.frames.get("density"), part.frames.get("box")
    if density is None or box is None or not len(density) or not box["mean"].notna().any():
        return []
    words = subject.words(part.outcome)
    points = part.frames.get("points") if subject.individuals else None
    few = "" if subject.trial.small_cell <= 1 else _FEW
    return [
        figure_block(
            name=f"change-{part.outcome}",
            figure=change_raincloud(density, box, **words, points=points),
            caption=f"{words['outcome']}: change from baseline in each arm.{few}",
            alt=raincloud_alt(density, box, **words),
        )
    ]
