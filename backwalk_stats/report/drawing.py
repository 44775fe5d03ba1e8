"""A drawn figure becomes a block: saved once as SVG and once as PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.figures.save import save_png, save_svg
from backwalk_stats.report.anchors import slug
from backwalk_stats.report.document import FigureBlock

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_block(*, name: str, figure: Figure, caption: str, alt: str) -> FigureBlock:
    """Return a figure as a block of a report.

    Parameters
    ----------
    name : str
        Becomes the file name, made safe.
    figure : Figure
        A figure of `backwalk_stats.figures`.
    caption, alt : str
        The words under it, and the words in its place.
    """
    return FigureBlock(
        name=slug(name).replace("-", "_"),
        svg=save_svg(figure),
        png=save_png(figure),
        caption=caption,
        alt=alt,
    )
