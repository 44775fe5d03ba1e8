"""The reader's theme or the reports' style, and the axes that a picture is drawn on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

from backwalk_stats.errors import UsageError, printable
from backwalk_stats.figures import estimate_rows, page, panel
from backwalk_stats.models.fit.choices import check_level, check_yes_no
from backwalk_stats.plot.sources import source_of

STYLES = ("report",)
WIDTH = 6.7  # inches, where the type is no larger than in the reports
_LITERAL: Any = {"text.parse_math": False}  # a dollar sign in a label is one
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
        raise UsageError(f"no style named '{printable(str(name))}'; there is: {', '.join(STYLES)}")
    with page.house_style():
        yield


def picture(
    *kinds: type,
) -> Callable[[Callable[_Arguments, _Drawn]], Callable[_Arguments, _Drawn]]:
    """Make a drawing function a door: of sources of these kinds, on axes, in a style.

    What it is drawn of is checked before anything else; without kinds the function does so itself.
    Its `style` is obeyed: None is the reader's own theme. Text is data, never a formula.
    """

    def door(draw: Callable[_Arguments, _Drawn]) -> Callable[_Arguments, _Drawn]:
        parameters = signature(draw)

        @wraps(draw)
        def drawn(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Drawn:
            given = parameters.bind(*args, **kwargs)
            told: dict[str, Any] = given.arguments
            if kinds:
                told["source"] = source_of(told["source"], kinds, draw.__name__)
            _check_options(told)
            name = told.get("style")
            own = style(name) if name is not None else nullcontext()
            with own, page.settings_within(_LITERAL):
                return draw(*given.args, **given.kwargs)

        return drawn

    return door


def _check_options(told: Mapping[str, Any]) -> None:
    """Refuse axes that are none, and answers and levels that are neither."""
    ax = told.get("ax")
    if ax is not None and not isinstance(ax, Axes):
        raise UsageError(
            f"ax is a {type(ax).__name__}; expected one Axes, as in figure, ax = plt.subplots() "
            "(of an array of them axes[0, 1])"
        )
    for name in ("individuals", "means"):
        if name in told:
            check_yes_no(name, told[name])
    if "level" in told:
        check_level(told["level"])


@contextmanager
def new_figure(*args: Any, **kwargs: Any) -> Iterator[tuple[Figure, Any]]:  # noqa: ANN401
    """Give figure and axes of `pyplot.subplots`, laid out; closed where nothing came of them."""
    from matplotlib import pyplot

    figure, made = pyplot.subplots(*args, **kwargs)
    try:
        yield figure, made
        panel.fit(figure)
        for axes in figure.axes:
            axes.title.set_parse_math(True)  # the reader's own, written later
    except BaseException:
        pyplot.close(figure)
        raise


@contextmanager
def axes_for(ax: Axes | None, width: float = 6.4, height: float = 4.0) -> Iterator[Axes]:
    """Give the axes that were handed over, or those of a new figure (inches) that is laid out."""
    if ax is None:
        with new_figure(figsize=(width, height)) as (_, made):
            yield made
        return
    if isinstance(ax, PolarAxes):
        raise UsageError("ax is polar; this picture needs straight axes: plt.subplots()")
    for text in (ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *ax.get_yticklabels()):
        text.set_parse_math(False)
    yield ax
    panel.keep_in_slot(ax)


@contextmanager
def pair_for(
    widths: tuple[float, float], width: float = 9.0, height: float = 4.0
) -> Iterator[tuple[Axes, Axes]]:
    """Give two axes beside each other of a new figure (inches) that is laid out."""
    told = {"width_ratios": widths, "wspace": 0.16}
    with new_figure(1, 2, figsize=(width, height), gridspec_kw=told) as (_, made):
        yield made[0], made[1]


def wide_figure() -> float:
    """Return how wide a figure with words at its sides is in inches: wider in larger type."""
    return max(WIDTH, 0.78 * estimate_rows.type_size("ytick.labelsize"))
