"""Every sensitivity and supplementary analysis in numbers, with its notes and the tipping point."""

from __future__ import annotations

from backwalk_stats.figures import tipping_map
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.headline import kept_within, margin_size
from backwalk_stats.report.open_questions import side_by_side
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import labels
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result

ORDER = 104


def section(subject: TrialSubject) -> document.Section:
    """Return table, tipping point and notes of every estimand with analyses beside its main one."""
    asked = [one for one in subject.trial.estimands if one.sensitivity]
    blocks = [block for one in asked for block in _one(subject, one)]
    return document.Section(
        id="analyses-in-numbers",
        title="Sensitivity and supplementary analyses in numbers",
        blocks=tuple(blocks),
        appendix=True,
    )


def _one(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return table, tipping point and notes of one estimand."""
    parts = [
        part
        for part in subject.analysis.parts_of(estimand.id)
        if part.analysis in estimand.sensitivity and part.analysis != estimand.analysis
    ]
    if not parts:
        return []
    name = f"sensitivity-{text.slug(estimand.id)}-estimates"
    shown = side_by_side(subject, estimand)
    blocks: list[document.Block] = [document.TableBlock(id=name, table=shown)] * bool(shown.rows)
    for part in parts:
        blocks += _tipping(subject, estimand, part)
    return blocks + _notes(parts)


def _notes(parts: list[Result]) -> list[document.Block]:
    """Return what the analyses say of themselves; those that say the same, together."""
    said: dict[str, list[str]] = {}
    for part in parts:
        for note in part.notes:
            name = ANALYSES.get(part.analysis, part.analysis)
            said.setdefault(text.note_text(note), []).append(name)
    entries = tuple(
        (f"{labels.sentence_case('; '.join(names))}: {note}",) for note, names in said.items()
    )
    return [document.Items(entries=entries)] if entries else []


def _tipping(subject: TrialSubject, estimand: Estimand, part: Result) -> list[document.Block]:
    """Return the picture of the tipping point."""
    tipping = part.frames.get("tipping")
    # Where no value is missing no shift changes anything, and the picture is one plain field.
    if tipping is None or tipping["estimate"].nunique() < 2:
        return []
    outcome = subject.outcome_of(estimand)
    within = kept_within(estimand, outcome)
    return [
        drawing.picture(
            tipping_map,
            tipping,
            name=f"tipping-{estimand.id}",
            caption=tipping_map.caption(
                tipping,
                level=estimand.level,
                margin="" if within is None else margin_size(estimand, outcome),
            ),
            words=subject.words(estimand.outcome),
            contrast=estimand.contrast,
            level=estimand.level,
            within=within,
        )
    ]
