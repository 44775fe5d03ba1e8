"""The comparison of the arms: every estimand by its main analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from backwalk_stats.report.anchors import slug
from backwalk_stats.report.ancova_view import ancova_blocks
from backwalk_stats.report.document import Block, Paragraph, Section, Subheading, TableBlock
from backwalk_stats.report.estimand_words import ANALYSES
from backwalk_stats.report.estimate_view import estimation_blocks
from backwalk_stats.report.headline import headline, main_row
from backwalk_stats.report.model_view import model_blocks
from backwalk_stats.report.plain_text import note_text
from backwalk_stats.tables.means_table import means_table
from backwalk_stats.tables.results_table import results_table

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.trial.estimand import Estimand

ORDER = 40
_COMPARED = "Every comparison of this analysis."


def section(subject: TrialSubject) -> Section:
    """Return the table of all estimands, then each with its figures."""
    asked = subject.estimands
    rows = [row for row in (main_row(subject, one) for one in asked) if row is not None]
    blocks: list[Block] = []
    if rows:
        main = pd.DataFrame(rows)
        words = subject.table_words | {"level": asked[0].level}
        blocks.append(TableBlock(id="main-estimates", table=results_table(main, **words)))
    for estimand in asked:
        blocks += _one(subject, estimand)
    return Section(id="results", title="Main results", blocks=tuple(blocks))


def _one(subject: TrialSubject, estimand: Estimand) -> list[Block]:
    """Return one estimand: its sentence, what must be known, its figures."""
    blocks: list[Block] = [
        Subheading(id=f"result-{slug(estimand.id)}", text=subject.title_of(estimand)),
        Paragraph(content=(headline(subject, estimand),)),
    ]
    part = subject.main_part(estimand)
    if part is None:
        said = f"The {ANALYSES[estimand.analysis]} gave no result."
        return [*blocks, Paragraph(content=(said,))]
    blocks += [Paragraph(content=(note_text(note),)) for note in part.notes]
    means = part.frames.get("means")
    if means is not None and len(means):
        both: dict[str, Any] = {
            "arms": subject.arms,
            "visits": subject.visits,
            "outcomes": subject.outcomes,
        }
        shown = means_table(means, kind="model", **both, level=estimand.level)
        blocks.append(TableBlock(id=f"model-means-{slug(estimand.id)}", table=shown))
    compared = part.estimates[part.estimates["contrast"] != ""]
    if len(compared) > 1:
        words = subject.table_words | {"level": estimand.level, "caption": _COMPARED}
        shown = results_table(compared, **words)
        blocks.append(TableBlock(id=f"comparisons-{slug(estimand.id)}", table=shown))
    blocks += model_blocks(subject, estimand, part)
    blocks += estimation_blocks(subject, estimand, part)
    blocks += ancova_blocks(subject, estimand, part)
    return blocks
