"""The comparison of the arms: every estimand by its main analysis."""

from __future__ import annotations

import pandas as pd

from backwalk_stats.report.document import document, text
from backwalk_stats.report.estimate_pictures import ancova_blocks, estimation_blocks, model_blocks
from backwalk_stats.report.headline import headline, main_row
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import estimates, model
from backwalk_stats.trial.estimand import Estimand

ORDER = 40
_COMPARED = "Every comparison of this analysis."


def section(subject: TrialSubject) -> document.Section:
    """Return the table of all estimands, then each with its figures."""
    asked = subject.estimands
    rows = [row for row in (main_row(subject, one) for one in asked) if row is not None]
    blocks: list[document.Block] = []
    if rows:
        main = pd.DataFrame(rows)
        levels = {one.id: one.level for one in asked}
        table = estimates.results_table(main, labels=subject.labels, levels=levels)
        blocks.append(document.TableBlock(id="main-estimates", table=table))
    for estimand in asked:
        blocks += _one(subject, estimand)
    return document.Section(id="results", title="Main results", blocks=tuple(blocks))


def _one(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return one estimand: its sentence, what must be known, its figures."""
    blocks: list[document.Block] = [
        document.Subheading(id=f"result-{text.slug(estimand.id)}", text=subject.title_of(estimand)),
        document.Paragraph(content=(headline(subject, estimand),)),
    ]
    part = subject.main_part(estimand)
    if part is None:
        return blocks + document.paragraphs([f"The {ANALYSES[estimand.analysis]} gave no result."])
    blocks += document.paragraphs(map(text.note_text, part.notes))
    means = part.frames.get("means")
    if means is not None and len(means):
        shown = model.means_table(means, kind="model", labels=subject.labels, level=estimand.level)
        blocks.append(document.TableBlock(id=f"model-means-{text.slug(estimand.id)}", table=shown))
    compared = part.estimates[part.estimates["contrast"] != ""]
    if len(compared) > 1:
        shown = estimates.results_table(
            compared, labels=subject.labels, level=estimand.level, caption=_COMPARED
        )
        blocks.append(document.TableBlock(id=f"comparisons-{text.slug(estimand.id)}", table=shown))
    blocks += model_blocks(subject, estimand, part)
    blocks += estimation_blocks(subject, estimand, part)
    blocks += ancova_blocks(subject, estimand, part)
    return blocks
