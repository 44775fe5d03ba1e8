"""Figures as bytes: the same figure gives the same bytes, wherever and whenever it is saved."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from backwalk_stats.figures.page import house_style

SCREEN_DPI = 200
HASH_SALT = "backwalk"


def save_svg(figure: Figure) -> bytes:
    """Return a figure as SVG in UTF-8, with neither a date nor a random identifier in it.

    Letters are drawn as paths, so that a browser and a typesetter show the same picture without the
    font; the words reach a reader who cannot see them through the alternative text.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> save_svg(Figure()) == save_svg(Figure())
    True
    """
    fixed: Any = {
        "svg.hashsalt": HASH_SALT,
        "svg.fonttype": "path",
        "svg.image_inline": True,
    }
    target = BytesIO()
    with house_style(), mpl.rc_context(fixed):
        figure.savefig(
            target,
            format="svg",
            facecolor="white",
            metadata={"Date": None, "Creator": None},
        )
    return target.getvalue()


def save_png(figure: Figure, dpi: int = SCREEN_DPI) -> bytes:
    """Return a figure as PNG that names no software and no time.

    Of dots per inch of the printed size 200 are sharp on a screen, 300 to 600 in print.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> save_png(Figure(), dpi=50)[1:4]
    b'PNG'
    """
    target = BytesIO()
    with house_style():
        figure.savefig(
            target, format="png", dpi=dpi, facecolor="white", metadata={"Software": None}
        )
    return target.getvalue()
