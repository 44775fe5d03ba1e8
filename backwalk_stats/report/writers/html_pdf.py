"""The report as one HTML file: nothing outside it is loaded, no script runs in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import typst
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backwalk_stats.figures.page import FONTS
from backwalk_stats.report.document.drawing import inline_svg, size_of
from backwalk_stats.report.document.plain_document import as_data
from backwalk_stats.report.document.text import breakable, clean
from backwalk_stats.report.writers.word import to_docx

if TYPE_CHECKING:
    from backwalk_stats.report.document.document import Document, FigureBlock

PAGE = "report.html.j2"
STANDARD = "ua-1"
WRITERS = 3


def to_html(document: Document) -> str:
    """Return a document as one self-contained HTML 5 page with its style inside.

    Every text from data is escaped by the template; the only markup that is passed on is the
    picture that this package has drawn, in which letters are outlines. A content security policy
    forbids everything else.
    """
    document = document.numbered()
    environment = Environment(
        loader=PackageLoader("backwalk_stats.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pictures = {
        figure.name: _picture(place, figure)
        for place, figure in enumerate(document.figures(), start=1)
    }
    return environment.get_template(PAGE).render(document=as_data(document), pictures=pictures)


def _picture(place: int, figure: FigureBlock) -> dict[str, Any]:
    """Return a picture as markup, wide and perhaps narrow, with the name of its style."""
    prefix = f"fig{place}"
    narrow = inline_svg(figure.narrow, f"{prefix}n") if figure.narrow else ""
    return {
        "svg": Markup(inline_svg(figure.svg, prefix)),
        "narrow": Markup(narrow),
        "prefix": prefix,
    }


# The report as a tagged PDF (PDF/UA-1), typeset from the same document as the page.


SHEET = files("backwalk_stats.report") / "templates" / "report.typ"


def to_pdf(document: Document) -> bytes:
    """Return a document as a tagged PDF that declares PDF/UA-1.

    Words reach the typesetter as data, never as source, so no sign in them is an instruction. Only
    fonts that come with the typesetter and with matplotlib are used, whatever the machine has; the
    file carries no time.
    """
    document = document.numbered().on_paper()
    pictures = document.figures()
    data = as_data(document, text=_set_text)
    data["sizes"] = {figure.name: size_of(figure.svg) for figure in pictures}
    data["narrow"] = {figure.name: size_of(figure.narrow) for figure in pictures if figure.narrow}
    files: dict[str, bytes] = {
        "main.typ": SHEET.read_bytes(),
        "document.json": json.dumps(data, ensure_ascii=False).encode(),
    }
    files |= {f"figures/{figure.name}.svg": figure.svg for figure in pictures}
    files |= {f"figures/{figure.name}-narrow.svg": figure.narrow for figure in pictures}
    fonts = Path(mpl.get_data_path()) / "fonts" / "ttf"
    # The compiler takes a dictionary of files in memory; its type stub does not say so yet.
    made = typst.compile(  # type: ignore[call-overload]
        files,
        font_paths=[str(FONTS), str(fonts)],
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


# One document as the files of a folder: page, PDF, Word, and every figure twice.


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
