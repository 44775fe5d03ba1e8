"""A drawn figure becomes a block: saved once as SVG and once as PNG, with the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from backwalk_stats.figures.save import save_png, save_svg
from backwalk_stats.report.anchors import slug
from backwalk_stats.report.document import FigureBlock

if TYPE_CHECKING:
    from types import ModuleType

    import pandas as pd


def picture(
    figure: ModuleType,
    *frames: pd.DataFrame | None,
    name: str,
    caption: str,
    shown: Mapping[str, Any] | None = None,
    **told: Any,  # noqa: ANN401
) -> FigureBlock:
    """Return a figure as a block of a report.

    `figure` is a file of `backwalk_stats.figures`: the function of its own name draws, `alt_text`
    gives the words for who cannot see it. Both are given `frames` and `told`; `shown` is what is
    drawn and not in the words, such as the points of single participants. The name, made safe,
    becomes that of the file.
    """
    draw = getattr(figure, figure.__name__.rpartition(".")[2])
    drawn = draw(*frames, **told, **(shown or {}))
    return FigureBlock(
        name=slug(name).replace("-", "_"),
        svg=save_svg(drawn),
        png=save_png(drawn),
        caption=caption,
        alt=figure.alt_text(*frames, **told),
    )
