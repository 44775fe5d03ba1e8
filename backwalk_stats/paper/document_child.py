"""PDF and Word files read in another process, with bounds on memory and time.

Run as `python -m backwalk_stats.paper.document_child pdf|docx`: the file comes by the standard
input, its text and tables leave by the standard output as JSON. A file that breaks its reader, or
makes it take all memory, ends this process and not the one that asked.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

MEMORY = 2 * 1024**3
SECONDS = 60
MAX_PAGES = 400
REFUSED = 3
MISSING = 4


def main(kind: str) -> int:
    """Read one file from the standard input; the exit code says how it went."""
    _bound()
    content = sys.stdin.buffer.read()
    try:
        found = _pdf(content) if kind == "pdf" else _docx(content)
    except ImportError:
        return MISSING
    except Exception as fault:
        sys.stderr.write(type(fault).__name__)
        return REFUSED
    sys.stdout.buffer.write(json.dumps(found).encode())
    return 0


def _bound() -> None:
    try:
        import resource
    except ImportError:
        # Windows has no such bounds; there the time limit of the caller remains.
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _pdf(content: bytes) -> dict[str, Any]:
    import logging

    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"encrypted": True}
    pages = list(reader.pages)[:MAX_PAGES]
    return {
        "blocks": [["text", page.extract_text()] for page in pages],
        "pages": len(reader.pages),
    }


def _docx(content: bytes) -> dict[str, Any]:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(content))
    blocks: list[list[Any]] = []
    for element in document.element.body.iterchildren():
        if element.tag.endswith("}p"):
            blocks.append(["text", _paragraph(Paragraph(element, document))])
        elif element.tag.endswith("}tbl"):
            table = Table(element, document)
            rows = [
                [" ".join(_paragraph(p) for p in cell.paragraphs) for cell in row.cells]
                for row in table.rows
            ]
            blocks.append(["table", rows])
    return {"blocks": blocks}


def _paragraph(paragraph: Any) -> str:  # noqa: ANN401
    """Return a paragraph's text; a raised 2 stays, a raised footnote sign goes."""
    parts = []
    for run in paragraph.runs:
        text = run.text
        if run.font.superscript and text.strip() != "2":
            text = ""
        elif run.font.subscript and text.strip():
            text = "_" + text
        parts.append(text)
    # Text in links and changes stands in no run.
    return "".join(parts) if parts else str(paragraph.text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
