"""One document as the files of a folder: page, PDF, Word, and every figure twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backwalk_stats.report.docx import to_docx
from backwalk_stats.report.html import to_html
from backwalk_stats.report.pdf import to_pdf

if TYPE_CHECKING:
    from backwalk_stats.report.document import Document

WRITERS = 3


def document_files(document: Document, say: Callable[[str], None]) -> dict[str, bytes]:
    """Return report.html, report.pdf, report.docx and the figures, by name inside the folder.

    `say` is called with what comes now, `WRITERS` times.
    """
    say("page")
    files = {"report.html": to_html(document).encode()}
    say("PDF")
    files["report.pdf"] = to_pdf(document)
    say("Word")
    files["report.docx"] = to_docx(document)
    for figure in document.figures():
        files[f"figures/{figure.name}.svg"] = figure.svg
        files[f"figures/{figure.name}.png"] = figure.png
    return files
