"""The findings that do not come out of the numbers printed beside them, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.report.anchors import finding_anchors
from backwalk_stats.report.badges import FAILING, verdict_badge
from backwalk_stats.report.document import Definitions, Link, Paragraph, Section, Strong, Text
from backwalk_stats.report.ledger_rows import printed_text, recomputed_words, what_text
from backwalk_stats.report.plain_text import plural, sentence
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.labels import sentence_case, study_label, study_labels

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.reproduction import Reproduction

ORDER = 40
TITLE = "What does not hold"


def section(reproduction: Reproduction) -> Section:
    """Return every row that was not reproduced, or whose inputs contradict each other."""
    ledger = reproduction.ledger
    fails = ledger["verdict"].isin(FAILING).to_numpy()
    if not fails.any():
        nothing = "Every printed number that could be recomputed lies inside what rounding allows."
        return Section(id="does-not-hold", title=TITLE, blocks=(Paragraph(content=(nothing,)),))
    anchors = finding_anchors(ledger["finding_id"].astype(str))
    places = [anchor for anchor, failing in zip(anchors, fails, strict=True) if failing]
    labels = study_labels(reproduction.studies)
    rows = frame_rows(ledger[fails])
    entries = tuple(
        (_term(row, labels), _meaning(row, anchor))
        for row, anchor in zip(rows, places, strict=True)
    )
    return Section(
        id="does-not-hold",
        title=TITLE,
        blocks=(Paragraph(content=(_lead(ledger[fails]),)), Definitions(entries=entries)),
    )


def _lead(failing: pd.DataFrame) -> str:
    """Return one sentence on how many rows fail, and what that means."""
    studies = plural(failing["study_id"].nunique(), "study", "studies")
    return (
        f"{plural(len(failing), 'row')} of the ledger, in {studies}. In each of them the numbers "
        "cannot all be right as printed; which one is wrong cannot be told from the numbers."
    )


def _term(row: Row, labels: dict[str, str]) -> Text:
    """Return what a failing row is about."""
    study_id = str(row["study_id"])
    return (
        verdict_badge(str(row["verdict"])),
        " ",
        Strong(text=labels.get(study_id, study_label(study_id))),
        f": {what_text(row)}",
    )


def _meaning(row: Row, anchor: str) -> Text:
    """Return what was printed, what comes out, and why it does not fit."""
    said = "; ".join(part for part in (printed_text(row), recomputed_words(row)) if part)
    return (
        f"{sentence_case(said)}. {sentence(str(row['reason']))} ",
        Link(text="Inputs and formula", target=f"#{anchor}"),
    )
