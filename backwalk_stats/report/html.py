"""The report as one HTML file: nothing outside it is loaded, no script runs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backwalk_stats.report.plain_document import as_data
from backwalk_stats.report.svg_inline import inline_svg, size_of

if TYPE_CHECKING:
    from backwalk_stats.report.document import Document

TEMPLATE = "report.html.j2"


def to_html(document: Document) -> str:
    """Return a document as one self-contained HTML 5 page with its style inside.

    Every text from data is escaped by the template; the only markup that is passed on is the
    picture that this package has drawn, in which letters are outlines. A content security policy
    forbids everything else.
    """
    environment = Environment(
        loader=PackageLoader("backwalk_stats.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    pictures = {
        figure.name: _picture(place, figure.svg)
        for place, figure in enumerate(document.figures(), start=1)
    }
    return environment.get_template(TEMPLATE).render(document=as_data(document), pictures=pictures)


def _picture(place: int, svg: bytes) -> dict[str, Any]:
    """Return a picture as markup, with the name of its style and its width in points."""
    prefix = f"fig{place}"
    return {
        "svg": Markup(inline_svg(svg, prefix)),
        "prefix": prefix,
        "width": size_of(svg)[0],
    }
