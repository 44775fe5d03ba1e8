"""The report as one HTML file: nothing outside it is loaded, no script runs in it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import typst
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backwalk_stats.figures.page import FONTS
from backwalk_stats.report.document.drawing import PagePictures, size_of
from backwalk_stats.report.document.plain_document import as_data
from backwalk_stats.report.document.text import breakable, clean
from backwalk_stats.report.writers.word import to_docx

if TYPE_CHECKING:
    from backwalk_stats.report.document.document import Document

PAGE = "report.html.j2"
STANDARD = "ua-1"
FORMATS = ("html", "pdf", "docx")
# The faces that the page uses: family, weight, file.
FACES = (
    ("Backwalk Sans", 400, "BackwalkSans-Regular"),
    ("Backwalk Sans", 600, "BackwalkSans-Semibold"),
    ("Backwalk Serif", 400, "BackwalkSerif-Regular"),
    ("Backwalk Serif", 600, "BackwalkSerif-Semibold"),
)


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
    pictures, shared = {}, PagePictures()
    for place, figure in enumerate(document.figures(), start=1):
        narrow = Markup(shared.markup(figure.narrow, f"fig{place}n")) if figure.narrow else ""
        wide = Markup(shared.markup(figure.svg, f"fig{place}"))
        width = size_of(figure.svg)[0]
        pictures[figure.name] = {"svg": wide, "narrow": narrow, "width": width}
    return environment.get_template(PAGE).render(
        document=as_data(document),
        pictures=pictures,
        letters=Markup(shared.letters()),
        faces=_faces(),
    )


def _faces() -> list[dict[str, Any]]:
    """Return the faces of the page, whole, so that it looks alike wherever it is opened."""
    return [
        {
            "family": family,
            "weight": weight,
            "data": b64encode((FONTS / f"{file}.woff2").read_bytes()).decode("ascii"),
        }
        for family, weight, file in FACES
    ]


# The report as a tagged PDF (PDF/UA-1), typeset from the same document as the page.


SHEET = files("backwalk_stats.report") / "templates" / "report.typ"


def to_pdf(document: Document) -> bytes:
    """Return a document as a tagged PDF that declares PDF/UA-1.

    Words reach the typesetter as data, never as source, so no sign in them is an instruction. Only
    fonts that come with this package and with matplotlib are used, whatever the machine has; the
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


def in_format(document: Document, ending: str) -> bytes:
    """Return a document as the bytes of one file: "html", "pdf" or "docx"."""
    if ending == "html":
        return to_html(document).encode()
    return to_pdf(document) if ending == "pdf" else to_docx(document)


# One document as the files of a folder: page, PDF, Word, and every figure twice.


def document_files(
    document: Document, say: Callable[[str], None], formats: Sequence[str] = FORMATS
) -> dict[str, bytes]:
    """Return the report in each of the formats, and the figures, by name inside the folder.

    `say` is called with what comes now, once a format.
    """
    files: dict[str, bytes] = {}
    for ending in formats:
        say({"html": "page", "pdf": "PDF", "docx": "Word"}[ending])
        files[f"report.{ending}"] = in_format(document, ending)
    for figure in document.figures():
        files[f"figures/{figure.name}.svg"] = figure.svg
        files[f"figures/{figure.name}.png"] = figure.png
    return files
