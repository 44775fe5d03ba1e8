"""Everything that the report on a trial leaves behind, made in memory: names and bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from backwalk_stats.report import trial_sections
from backwalk_stats.report.anchors import slug
from backwalk_stats.report.build import section_count, written_sections
from backwalk_stats.report.document import Document
from backwalk_stats.report.document_files import WRITERS, document_files
from backwalk_stats.report.docx import to_docx
from backwalk_stats.report.html import to_html
from backwalk_stats.report.motion_outputs import curve_frames
from backwalk_stats.report.outputs import Progress, to_json
from backwalk_stats.report.pdf import to_pdf
from backwalk_stats.report.plain_text import clean
from backwalk_stats.tables.csv import to_csv

if TYPE_CHECKING:
    from backwalk_stats.report.trial_subject import TrialSubject
    from backwalk_stats.tables.display import DisplayTable

TABLES = 1  # the step after the document


def trial_document(subject: TrialSubject, progress: Progress, total: int | None = None) -> Document:
    """Return the report on a trial, telling how far it has come."""
    steps = section_count(trial_sections) if total is None else total
    done = iter(range(steps))
    study = subject.trial.study
    return Document(
        floating=False,  # a picture stands between the sentences that are about it
        title=study.title,
        subtitle=f"Analysis of the trial {study.id}",
        sections=written_sections(
            trial_sections, subject, lambda what: progress(next(done), steps, what)
        ),
    )


def trial_folder_outputs(subject: TrialSubject, progress: Progress) -> dict[str, bytes]:
    """Return every output of a run but its stamp, by its name inside the folder.

    `progress` is called with steps done, steps in all, and what comes now.
    """
    sections = section_count(trial_sections)
    total = sections + WRITERS + TABLES
    document = trial_document(subject, progress, total)
    place = iter(range(sections, total))
    outputs = document_files(document, lambda what: progress(next(place), total, what))
    progress(next(place), total, "tables")
    results = _clean(subject.analysis.estimates)
    outputs["results.csv"] = to_csv(results).encode()
    outputs["results.json"] = to_json(results).encode()
    curves = {} if subject.motion is None else curve_frames(subject.motion)
    return outputs | curves | _tables(document)


def trial_one_file(subject: TrialSubject, ending: str, progress: Progress) -> bytes:
    """Return the report alone: ending ".html", ".pdf" or ".docx"."""
    total = section_count(trial_sections) + 1
    document = trial_document(subject, progress, total)
    progress(total - 1, total, ending.lstrip("."))
    if ending == ".html":
        return to_html(document).encode()
    return to_pdf(document) if ending == ".pdf" else to_docx(document)


def named_tables(document: Document) -> dict[str, DisplayTable]:
    """Return every table of a document by the name of its file."""
    return {slug(block.id).replace("-", "_"): block.table for block in document.tables()}


def _tables(document: Document) -> dict[str, bytes]:
    """Return every table of the report as CSV, as it is shown."""
    return {
        f"tables/{name}.csv": to_csv(_clean(_frame(table))).encode()
        for name, table in named_tables(document).items()
    }


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts hold no control characters, which a terminal would obey."""
    return pd.DataFrame(
        {
            clean(str(name)): [clean(cell) if isinstance(cell, str) else cell for cell in column]
            for name, column in frame.items()
        }
    )


def _frame(table: DisplayTable) -> pd.DataFrame:
    """Return a display table as a frame of text; the heading of a group is a first column."""
    heads = [column.label or column.key for column in table.columns]
    rows: list[tuple[str, ...]] = list(table.rows)
    if table.groups:
        heads = ["", *heads]
        rows = [(group, *row) for group, row in zip(table.groups, rows, strict=True)]
    return pd.DataFrame(rows, columns=heads, dtype=object)
