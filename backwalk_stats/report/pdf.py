"""The report as a tagged PDF (PDF/UA-1), typeset from the same document as the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import typst

from backwalk_stats.report.plain_document import as_data
from backwalk_stats.report.plain_text import breakable, clean
from backwalk_stats.report.svg_inline import size_of

if TYPE_CHECKING:
    from backwalk_stats.report.document import Document

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
STANDARD = "ua-1"


def to_pdf(document: Document) -> bytes:
    """Return a document as a tagged PDF that declares PDF/UA-1.

    Words reach the typesetter as data, never as source, so no sign in them is an instruction. Only
    fonts that come with the typesetter and with matplotlib are used, whatever the machine has; the
    file carries no time.
    """
    pictures = document.figures()
    data = as_data(document, text=_set_text)
    data["sizes"] = {figure.name: size_of(figure.svg) for figure in pictures}
    files: dict[str, bytes] = {
        "main.typ": TEMPLATE.read_bytes(),
        "document.json": json.dumps(data, ensure_ascii=False).encode(),
    }
    files |= {f"figures/{figure.name}.svg": figure.svg for figure in pictures}
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    # The compiler takes a dictionary of files in memory; its type stub does not say so yet.
    made = typst.compile(  # type: ignore[call-overload]
        files,
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=STANDARD,
        timestamp=0,
    )
    if not isinstance(made, bytes):
        raise TypeError(f"the typesetter gave {type(made).__name__}, expected one PDF as bytes")
    return made


def _set_text(text: str) -> str:
    """Return a text as it is set: cleaned, with places where a long word may break."""
    return breakable(clean(text))
