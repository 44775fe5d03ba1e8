"""A page measured in millimetres: text and plots stand where they are put, whatever is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from backwalk_stats.figures.lettering import plain
from backwalk_stats.figures.style import (
    BODY_PT,
    GREY,
    INK,
    MM_PER_INCH,
    POINT_MM,
    RC,
    SMALL_PT,
    WIDTH_MM,
)

_Arguments = ParamSpec("_Arguments")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A figure and a sheet over it on which one unit is a millimetre.

    Attributes
    ----------
    figure : Figure
        What is saved in the end.
    sheet : Axes
        Covers the figure; x runs right from 0 to `width`, y runs DOWN from 0 to `height`.
    width, height : float
        Millimetres.
    """

    figure: Figure
    sheet: Axes
    width: float
    height: float

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        align: str = "left",
        size: float = BODY_PT,
        bold: bool = False,
        colour: str = INK,
    ) -> Text:
        """Write one line, its middle at height `y`."""
        return self.sheet.text(
            x,
            y,
            plain(text),
            ha=align,
            va="center_baseline",
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=colour,
        )

    def write_lines(self, x: float, y: float, lines: Sequence[str], **type_: Any) -> float:  # noqa: ANN401
        """Write lines below each other, the first at height `y`; return the height after them."""
        step = line_height(type_.get("size", BODY_PT))
        for place, line in enumerate(lines):
            self.write(x, y + place * step, line, **type_)
        return y + len(lines) * step

    def foot(self, text: str) -> None:
        """Write a note on one line at the foot of the page."""
        self.write(1.0, self.height - 2.5, text, size=SMALL_PT, colour=GREY)

    def rule(self, y: float, left: float = 0.0, right: float | None = None, **line: Any) -> None:  # noqa: ANN401
        """Draw a horizontal line at height `y`."""
        ends = [left, self.width if right is None else right]
        self.sheet.plot(ends, [y, y], **{"color": INK, "linewidth": 0.6, **line})

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at a place on the page; all four in millimetres, `top` from above."""
        box = (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )
        return self.figure.add_axes(box)


def line_height(size: float) -> float:
    """Return the distance between lines of a type size, in millimetres.

    Examples
    --------
    >>> round(line_height(8), 2)
    3.67
    """
    return size * 1.3 * POINT_MM


def new_page(height: float, width: float = WIDTH_MM) -> Page:
    """Return an empty page; sizes in millimetres.

    Examples
    --------
    >>> page = new_page(50)
    >>> page.width, page.height
    (170.0, 50)
    """
    figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH))
    FigureCanvasAgg(figure)
    sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    sheet.set_axis_off()
    sheet.set_xlim(0, width)
    sheet.set_ylim(height, 0)
    return Page(figure=figure, sheet=sheet, width=width, height=height)


def empty_page(message: str) -> Figure:
    """Return a figure that says that there is nothing to show, and why."""
    page = new_page(22.0)
    page.write(page.width / 2, 11.0, message, align="center", colour=GREY)
    return page.figure


@contextmanager
def house_style() -> Iterator[None]:
    """Use this package's style inside the block, and leave the caller's settings as they were."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        yield


def styled(draw: Callable[_Arguments, Figure]) -> Callable[_Arguments, Figure]:
    """Make a drawing function use this package's style, and no one else's settings.

    The figure is laid out before it is returned, so that what matplotlib makes late (ticks) has
    the style too.
    """

    @wraps(draw)
    def with_style(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Figure:
        """Draw under the style of the package."""
        with house_style():
            figure = draw(*args, **kwargs)
            figure.draw_without_rendering()
        return figure

    return with_style
