"""The same question answered in other ways, and how far the missing values could carry."""

from __future__ import annotations

from backwalk_stats.figures import effect_forest, tipping_map
from backwalk_stats.report.document import document, drawing, text
from backwalk_stats.report.estimate_pictures import ancova_blocks
from backwalk_stats.report.headline import DIFFERENCES
from backwalk_stats.report.subject import TrialSubject
from backwalk_stats.report.words import ANALYSES
from backwalk_stats.tables import estimates, labels
from backwalk_stats.tables.trial_labels import ANALYSES as NAMES
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result

ORDER = 50
_LEAD = (
    "Most analyses below answer the same question under another belief, about the values that were "
    "not seen or about the model. Where they agree, the answer does not hang on that belief. Those "
    "per protocol and as treated are of other people or arms, and ranks compare another quantity: "
    "they answer a neighbouring question. An interval of ranks has ends that the data can take and "
    "may touch zero where the exact p-value is below 0.05."
)


def section(subject: TrialSubject) -> document.Section:
    """Return the sensitivity analyses of every estimand that asked for some."""
    asked = [one for one in subject.trial.estimands if one.sensitivity]
    blocks = [block for one in asked for block in _one(subject, one)]
    return document.Section(
        id="sensitivity", title="Sensitivity analyses", blocks=document.led(_LEAD, blocks)
    )


def _one(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return table, forest and tipping point of one estimand."""
    parts = [
        part
        for part in subject.analysis.parts_of(estimand.id)
        if part.analysis in (*estimand.sensitivity, "sensitivity")
    ]
    if not parts:
        return []
    table = subject.analysis.estimates
    rows = table[
        (table["estimand"] == estimand.id)
        & table["analysis"].isin((estimand.analysis, *estimand.sensitivity))
        & table["quantity"].isin((*DIFFERENCES, "f_statistic"))
        & (table["contrast"] == estimand.contrast_name)
        & table["visit"].isin(("", estimand.visit))
    ]
    place = f"sensitivity-{text.slug(estimand.id)}"
    shown = estimates.sensitivity_table(rows, labels=subject.labels, level=estimand.level)
    blocks: list[document.Block] = [
        document.Subheading(id=place, text=subject.title_of(estimand)),
        document.TableBlock(id=f"{place}-estimates", table=shown),
    ]
    blocks += _forest(subject, estimand)
    for part in parts:
        if part.analysis != estimand.analysis:
            blocks += ancova_blocks(subject, estimand, part)
        blocks += _tipping(subject, estimand, part)
    notes = [
        (f"{labels.sentence_case(name)}: {text.note_text(note)}",)
        for part in parts
        for name in (ANALYSES.get(part.analysis, part.analysis),)
        for note in part.notes
    ]
    return [*blocks, document.Items(entries=tuple(notes))] if notes else blocks


def _forest(subject: TrialSubject, estimand: Estimand) -> list[document.Block]:
    """Return the forest of the main and the sensitivity analyses."""
    frames = [
        part.frames["forest"]
        for part in subject.analysis.parts_of(estimand.id)
        if part.analysis != "subgroup" and "forest" in part.frames
    ]
    if not frames or not frames[0]["estimate"].notna().any():
        return []
    words = subject.words(estimand.outcome)
    forest = frames[0].assign(label=[_in_words(str(label)) for label in frames[0]["label"]])
    return [
        drawing.picture(
            effect_forest,
            forest,
            name=f"sensitivity-{estimand.id}",
            caption=effect_forest.caption(
                f"{words.outcome}: the main analysis and the sensitivity analyses.",
                level=estimand.level,
                counts=True,
            ),
            words=words,
            contrast=estimand.contrast,
            shown={"level": estimand.level},
        )
    ]


def _in_words(label: str) -> str:
    """Return the label of an analysis, "code" or "code: which", in words."""
    code, colon, which = label.partition(":")
    return f"{NAMES.get(code, code)}{colon}{which}"


def _tipping(subject: TrialSubject, estimand: Estimand, part: Result) -> list[document.Block]:
    """Return the picture of the tipping point."""
    tipping = part.frames.get("tipping")
    # Where no value is missing no shift changes anything, and the picture is one plain field.
    if tipping is None or tipping["estimate"].nunique() < 2:
        return []
    return [
        drawing.picture(
            tipping_map,
            tipping,
            name=f"tipping-{estimand.id}",
            caption=tipping_map.caption(tipping, level=estimand.level),
            words=subject.words(estimand.outcome),
            contrast=estimand.contrast,
            shown={"level": estimand.level},
        )
    ]
