"""The reader's theme or the reports' style, and the axes that a picture is drawn on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from matplotlib.axes import Axes

from backwalk_stats.errors import UsageError
from backwalk_stats.figures import page, panel

STYLES = ("report",)
_Arguments = ParamSpec("_Arguments")
_Drawn = TypeVar("_Drawn")


@contextmanager
def style(name: str = "report") -> Iterator[None]:
    """Draw in a style of this package inside a `with` block, whatever theme is set outside.

    Parameters
    ----------
    name : {"report"}
        "report": type, colours and lines of the reports.

    Returns
    -------
    context manager
        Gives nothing; the settings from before are back after the block.

    Raises
    ------
    UsageError
        If there is no style of that name.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> with style("report"):
    ...     mpl.rcParams["font.size"]
    8.5
    """
    if name not in STYLES:
        raise UsageError(f"no style named '{name}'; there is: {', '.join(STYLES)}")
    with page.house_style():
        yield


def in_style(draw: Callable[_Arguments, _Drawn]) -> Callable[_Arguments, _Drawn]:
    """Let a drawing function obey its argument `style`: None is the reader's own theme."""

    @wraps(draw)
    def drawn(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Drawn:
        name = kwargs.get("style")
        if name is None:
            return draw(*args, **kwargs)
        with style(str(name)):
            return draw(*args, **kwargs)

    return drawn


@contextmanager
def axes_for(ax: Axes | None, width: float = 6.4, height: float = 4.0) -> Iterator[Axes]:
    """Give the axes that were handed over, or those of a new figure (inches) that is laid out."""
    if ax is not None:
        yield ax
        panel.keep_in_slot(ax)
        return
    from matplotlib import pyplot

    figure, made = pyplot.subplots(figsize=(width, height))
    yield made
    panel.fit(figure)


@contextmanager
def pair_for(
    widths: tuple[float, float], width: float = 9.0, height: float = 4.0
) -> Iterator[tuple[Axes, Axes]]:
    """Give two axes beside each other of a new figure (inches) that is laid out."""
    from matplotlib import pyplot

    figure, made = pyplot.subplots(
        1, 2, figsize=(width, height), gridspec_kw={"width_ratios": widths, "wspace": 0.16}
    )
    yield made[0], made[1]
    panel.fit(figure)
