"""Everything that a run leaves behind, made in memory: names and bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import pandas as pd

from backwalk_stats.report import sections_record, sections_trial
from backwalk_stats.report.document.document import Document, section_count, written_sections
from backwalk_stats.report.document.text import clean, slug
from backwalk_stats.report.writers.html_pdf import FORMATS, document_files, in_format
from backwalk_stats.tables.csv import to_csv
from backwalk_stats.tables.numbers import unparted

if TYPE_CHECKING:
    from backwalk_stats.report.subject import MotionSubject, TrialSubject
    from backwalk_stats.tables.display import DisplayTable
    from backwalk_stats.trial.result import Reproduction

Progress = Callable[[int, int, str], None]
TABLES = 1  # the step after the document
RECORD_FORMATS = ("html", "pdf")


def build(reproduction: Reproduction, progress: Callable[[str], None] | None = None) -> Document:
    """Return the report on a recomputed record; sections without anything to say are left out.

    `progress` is called with the name of each section before it is written.
    """
    return Document(
        title="Backward walking: the published numbers, recomputed",
        subtitle=f"Recomputed from {reproduction.record}",
        sections=written_sections(sections_record, reproduction, progress),
    )


def folder_outputs(
    reproduction: Reproduction, progress: Progress, formats: Sequence[str] = RECORD_FORMATS
) -> dict[str, bytes]:
    """Return every output of a run but its stamp, by its name inside the folder.

    `progress` is called with steps done, steps in all, and what comes now.
    """
    sections = section_count(sections_record)
    total = sections + len(formats) + TABLES
    document = _document(reproduction, progress, total)
    place = iter(range(sections, total))
    outputs = document_files(document, lambda what: progress(next(place), total, what), formats)
    progress(next(place), total, "tables")
    outputs["ledger.csv"] = to_csv(reproduction.ledger).encode()
    outputs["ledger.json"] = to_json(reproduction.ledger).encode()
    outputs["pooled.csv"] = to_csv(reproduction.pooled).encode()
    outputs["claims.csv"] = to_csv(reproduction.claims).encode()
    return outputs


def one_file(reproduction: Reproduction, ending: str, progress: Progress) -> bytes:
    """Return the report alone, as HTML or as PDF: ending ".html" or ".pdf"."""
    total = section_count(sections_record) + 1
    document = _document(reproduction, progress, total)
    progress(total - 1, total, ending.lstrip("."))
    return in_format(document, ending.lstrip("."))


def to_json(frame: pd.DataFrame) -> str:
    """Return a frame as JSON: a list of rows, columns in their order.

    JSON knows neither NaN nor infinity: a number that is unknown or unbounded becomes null.

    Examples
    --------
    >>> import pandas as pd
    >>> print(to_json(pd.DataFrame({"a": ["x"], "b": [float("nan")]})), end="")
    [
     {
      "a": "x",
      "b": null
     }
    ]
    """
    rows = [
        {str(name): _json_value(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _json_value(value: Any) -> Any:  # noqa: ANN401
    """Return a cell as JSON can hold it."""
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not isfinite(value) else value


def _document(reproduction: Reproduction, progress: Progress, total: int) -> Document:
    """Return the document, telling how far it has come."""
    done = iter(range(total))
    return build(reproduction, lambda what: progress(next(done), total, what))


# Everything that the report on a trial leaves behind, made in memory: names and bytes.


def trial_document(subject: TrialSubject, progress: Progress, total: int | None = None) -> Document:
    """Return the report on a trial, telling how far it has come."""
    steps = section_count(sections_trial) if total is None else total
    done = iter(range(steps))
    study = subject.trial.study
    return Document(
        title=study.title,
        subtitle=f"Analysis of the trial {study.id}",
        sections=written_sections(
            sections_trial, subject, lambda what: progress(next(done), steps, what)
        ),
    )


def trial_folder_outputs(
    subject: TrialSubject, progress: Progress, formats: Sequence[str] = FORMATS
) -> dict[str, bytes]:
    """Return every output of a run but its stamp, by its name inside the folder.

    `progress` is called with steps done, steps in all, and what comes now.
    """
    sections = section_count(sections_trial)
    total = sections + len(formats) + TABLES
    document = trial_document(subject, progress, total)
    place = iter(range(sections, total))
    outputs = document_files(document, lambda what: progress(next(place), total, what), formats)
    progress(next(place), total, "tables")
    return outputs | encoded(trial_frames(subject, document))


def trial_frames(subject: TrialSubject, document: Document) -> dict[str, pd.DataFrame]:
    """Return results, curves and every table of a report by the names of their files."""
    curves = {} if subject.motion is None else curve_frames(subject.motion)
    return {"results.csv": _clean(subject.analysis.estimates), **curves, **_tables(document)}


def encoded(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return frames as the bytes of their files; results as JSON too."""
    outputs = {name: to_csv(frame).encode() for name, frame in frames.items()}
    return outputs | {"results.json": to_json(frames["results.csv"]).encode()}


def trial_one_file(subject: TrialSubject, ending: str, progress: Progress) -> bytes:
    """Return the report alone: ending ".html", ".pdf" or ".docx"."""
    total = section_count(sections_trial) + 1
    document = trial_document(subject, progress, total)
    progress(total - 1, total, ending.lstrip("."))
    return in_format(document, ending.lstrip("."))


def named_tables(document: Document) -> dict[str, DisplayTable]:
    """Return every table of a document by the name of its file."""
    return {slug(block.id).replace("-", "_"): block.table for block in document.tables()}


def _tables(document: Document) -> dict[str, pd.DataFrame]:
    """Return every table of the report as it is shown."""
    return {
        f"tables/{name}.csv": _clean(_frame(table))
        for name, table in named_tables(document).items()
    }


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts hold no control characters, which a terminal would obey.

    Heads may come twice, such as the n of each arm.
    """
    columns = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
    texts = [[clean(cell) if isinstance(cell, str) else cell for cell in one] for one in columns]
    made = pd.DataFrame(dict(enumerate(texts)), index=range(len(frame)))
    return made.set_axis([clean(str(name)) for name in frame.columns], axis=1)


def _frame(table: DisplayTable) -> pd.DataFrame:
    """Return a display table as a frame of text; the heading of a group is a first column."""
    heads = [column.label or column.key for column in table.columns]
    rows: list[tuple[str, ...]] = list(table.rows)
    if table.groups:
        heads = ["", *heads]
        rows = [(group, *row) for group, row in zip(table.groups, rows, strict=True)]
    rows = [tuple(map(unparted, row)) for row in rows]
    return pd.DataFrame(rows, columns=heads, dtype=object)


# Whole curves as files: what a report on movement leaves behind beside its pages.


def curve_frames(subject: MotionSubject) -> dict[str, pd.DataFrame]:
    """Return mean curves, curve tests node by node and clusters, by file name."""
    study = subject.study
    frames = {"mean_curves.csv": study.means}
    if study.results:
        frames |= {"curve_tests.csv": study.nodes, "clusters.csv": study.clusters}
    if study.plan.couplings:
        frames |= {
            "coordination_shares.csv": study.shares,
            "coordination_tests.csv": study.coordination_tests,
            "detectable_change.csv": study.detectable_change,
        }
    return frames
