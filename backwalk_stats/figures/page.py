"""A page measured in millimetres: text and plots stand where they are put, whatever is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, wraps
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.gridspec import GridSpec
from matplotlib.rcsetup import cycler
from matplotlib.text import Text

BLUE = "#4A8FC7"  # forward walking; as words BLUE_WORDS
BLUE_WORDS = "#1D6599"
VERMILLION = "#B3400B"  # backward walking
INK = "#16191D"
GREY = "#454D57"
MID = "#67707B"  # the lightest that may carry text
PALE = "#D8DCE1"
FAINT = "#F0E6D2"  # a marked span
PALE_BLUE = "#CFE0EF"
WIDTH_MM = 170.0
FLEXIBLE = "drawn for a narrow page too"  # the label of such a figure
NARROW_MM = 84.0  # on a telephone the smallest type is then 12 pixels high
MM_PER_INCH = 25.4
POINT_MM = MM_PER_INCH / 72
FONTS = Path(__file__).with_name("fonts")
FONT = "Backwalk Sans"
BEHIND = "DejaVu Sans"  # has the letters that the first lacks
BODY_PT = 8.5
SMALL_PT = 8.0
HEAD_PT = 9.0
# From one line to the next, in millimetres.
LINE_MM, SMALL_LINE_MM = (size * 1.3 * POINT_MM for size in (BODY_PT, SMALL_PT))
RC: Any = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": BODY_PT,
    "axes.prop_cycle": cycler(color=[BLUE, VERMILLION, MID, INK]),
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": HEAD_PT,
    "axes.titleweight": "bold",
    "axes.unicode_minus": True,
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "font.family": [FONT, BEHIND],
    "font.size": BODY_PT,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "text.hinting": "no_hinting",  # else widths depend on the dots per inch
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": INK,
    "xtick.labelsize": SMALL_PT,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.color": INK,
    "ytick.labelsize": SMALL_PT,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}
_Arguments = ParamSpec("_Arguments")
_width: ContextVar[float] = ContextVar("width of a page", default=WIDTH_MM)
ELLIPSIS = "…"
_MEASURED_PT = 100.0
_UNBROKEN = "\u00a0"
# Every white space is drawn as one of two: at which a line may break, and at which it may not.
_SPACES = {
    **dict.fromkeys("\n\r\t\u2028\u2029", " "),
    **{
        chr(code): _UNBROKEN if code in (0x00A0, 0x2007, 0x202F) else " "
        for code in (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
    },
}
_WORD = re.compile(r"\(?n = [^ ]+|[^ ]+")  # a number of participants is never torn apart
SCREEN_DPI = 200
HASH_SALT = "backwalk"


# The look that all figures share: type, colours, line weights, and how wide a page is.


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
        small: bool = False,
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
            fontsize=SMALL_PT if small else BODY_PT,
            fontweight="bold" if bold else "normal",
            color=colour,
        )

    def write_lines(self, x: float, y: float, lines: Sequence[str], **type_: Any) -> float:  # noqa: ANN401
        """Write lines below each other, the first at height `y`; return the height after them."""
        step = SMALL_LINE_MM if type_.get("small") else LINE_MM
        for place, line in enumerate(lines):
            self.write(x, y + place * step, line, **type_)
        return y + len(lines) * step

    def foot(self, text: str) -> None:
        """Write a note on one line at the foot of the page."""
        self.write(1.0, self.height - 2.5, text, small=True, colour=GREY)

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
    lines = wrap(message, page_width() - 4)
    page = new_page(22.0 + (len(lines) - 1) * LINE_MM, page_width())
    page.figure.set_label(FLEXIBLE)
    page.write_lines(page.width / 2, 11.0, lines, align="center", colour=GREY)
    return page.figure


def page_width() -> float:
    """Return how wide a page of panels is drawn now, in millimetres.

    Examples
    --------
    >>> page_width()
    170.0
    """
    return _width.get()


def is_narrow() -> bool:
    """Tell whether pages of panels are drawn for a narrow screen now.

    Examples
    --------
    >>> is_narrow()
    False
    """
    return page_width() < WIDTH_MM


@contextmanager
def narrow_page() -> Iterator[None]:
    """Draw pages of panels as wide as a telephone inside the block: another layout, the same type.

    Examples
    --------
    >>> with narrow_page():
    ...     page_width()
    84.0
    """
    token = _width.set(NARROW_MM)
    try:
        yield
    finally:
        _width.reset(token)


@contextmanager
def house_style() -> Iterator[None]:
    """Use this package's style inside the block, and leave the caller's settings as they were."""
    know_fonts()
    with settings_within():
        mpl.rcdefaults()
        mpl.rcParams.update(RC)
        yield


@contextmanager
def settings_within(settings: Any = None) -> Iterator[None]:  # noqa: ANN401
    """Use settings of matplotlib inside the block, and leave the caller's as they were.

    Whether figures show themselves is not one of them: a notebook decides that when the first
    figure is made, which may be inside the block.
    """
    shows = bool(mpl.rcParams["interactive"])
    try:
        with mpl.rc_context(settings):
            try:
                yield
            finally:
                shows = bool(mpl.rcParams["interactive"])
    finally:
        mpl.rcParams["interactive"] = shows


@lru_cache(maxsize=1)
def know_fonts() -> None:
    """Tell matplotlib of the fonts that travel with the package, once."""
    for file in sorted(FONTS.glob("*.ttf")):
        fontManager.addfont(file)


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


# How wide a text is on paper, and how to make it fit: wrapped, or cut with an ellipsis.


def plain(text: object) -> str:
    r"""Return text that can be drawn: one line, every character in the font or a question mark.

    Examples
    --------
    >>> plain("a\x07b\nc"), plain("知 2021")
    ('a?b c', '? 2021')
    >>> plain("↓\u00a0better, 10\u202f000") == "↓\u00a0better, 10\u00a0000"
    True
    """
    known = _characters()
    spaced = (_SPACES.get(letter, letter) for letter in str(text))
    return "".join(letter if ord(letter) in known else "?" for letter in spaced)


def width_mm(text: str, *, small: bool = False, bold: bool = False) -> float:
    """Return the printed width of one line in millimetres.

    Examples
    --------
    >>> round(width_mm("backward"), 1)
    12.3
    """
    return _width_at_measured_size(text, bold) * (SMALL_PT if small else BODY_PT) / _MEASURED_PT


def shorten(text: str, width: float, *, small: bool = False, bold: bool = False) -> str:
    """Return a text cut to a width, an ellipsis in place of what was left out.

    Examples
    --------
    >>> shorten("backward walking and usual care", 20)
    'backward wa…'
    """
    text = plain(text)
    if width_mm(text, small=small, bold=bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        fits = width_mm(text[:middle].rstrip() + ELLIPSIS, small=small, bold=bold) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return text[:low].rstrip() + ELLIPSIS


def wrap(
    text: str, width: float, *, small: bool = False, bold: bool = False, lines: int = 0
) -> list[str]:
    """Return a text broken into lines of at most a width in millimetres, one line at least.

    It is broken at spaces, and inside a word that is too long by itself. Of more than `lines` lines
    (0 is no limit) the last is cut with an ellipsis.

    Examples
    --------
    >>> wrap("backward walking and usual care", 24)
    ['backward walking', 'and usual care']
    >>> wrap("Received it (n = 29)", 22)
    ['Received it', '(n = 29)']
    """
    rest = _WORD.findall(plain(text))
    done: list[str] = []
    while rest:
        if lines and len(done) == lines - 1:
            done.append(shorten(" ".join(rest), width, small=small, bold=bold))
            return done
        line, rest = _first_line(rest, width, small, bold)
        done.append(line)
    return done or [""]


def _first_line(words: list[str], width: float, small: bool, bold: bool) -> tuple[str, list[str]]:
    """Return the longest first line that fits, and the words that are left."""
    line = ""
    for place, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if width_mm(longer, small=small, bold=bold) > width:
            if line:
                return line, words[place:]
            return _break_word(word, words[place + 1 :], width, small, bold)
        line = longer
    return line, []


def _break_word(
    word: str, rest: list[str], width: float, small: bool, bold: bool
) -> tuple[str, list[str]]:
    """Return what fits of a word that is too long for a line, and what is left."""
    cut = 1
    while cut < len(word) and width_mm(word[: cut + 1], small=small, bold=bold) <= width:
        cut += 1
    hyphen = max(word.rfind(mark, 1, cut) for mark in "-_/+")
    cut = hyphen + 1 if hyphen > 0 else cut
    left = [word[cut:]] if word[cut:] else []
    return word[:cut], [*left, *rest]


@lru_cache(maxsize=2)
def _font(bold: bool) -> FT2Font:
    """Return the face that the figures use, with the one behind it."""
    know_fonts()
    weight = "bold" if bold else "normal"
    faces = [FontProperties(family=family, weight=weight) for family in (FONT, BEHIND)]
    return get_font([findfont(face) for face in faces])


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """Return the printable characters that a face or the one behind it has, regular and bold."""
    know_fonts()
    found = {
        (family, weight): set(
            get_font(findfont(FontProperties(family=family, weight=weight))).get_charmap()
        )
        for family in (FONT, BEHIND)
        for weight in ("normal", "bold")
    }
    both = [found[family, "normal"] & found[family, "bold"] for family in (FONT, BEHIND)]
    drawn = {code for code in set.union(*both) if chr(code).isprintable()}
    return frozenset(drawn | {ord(_UNBROKEN)})


@lru_cache(maxsize=8192)
def _width_at_measured_size(text: str, bold: bool) -> float:
    """Return the width of a text in millimetres at the size that is measured."""
    font = _font(bold)
    font.set_size(_MEASURED_PT, 72)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return font.get_width_height()[0] / 64 * POINT_MM


def part_panels(drawn: Figure, room: float) -> None:
    """Make a figure higher until no panel's words stand on those of the panel below it.

    Only panels in one column, as on a narrow page, where what stands between them is not known
    before. The panels stay as high as they are; `room` is left between them, a share of the figure.
    """
    order = sorted(drawn.axes, key=lambda axes: -axes.get_position().y1)
    grid = order[0].get_gridspec() if order else None
    if (
        not isinstance(grid, GridSpec)
        or grid.ncols > 1
        or grid.nrows != len(order)
        or len(order) < 2
    ):
        return
    boxes = [axes.get_tightbbox() for axes in order]
    gap = room * drawn.bbox.height
    lacks = max(
        (low.y1 + gap - high.y0 for high, low in pairwise(boxes) if high and low), default=0.0
    )
    if lacks <= 0:
        return
    now, high = grid.get_subplot_params(drawn), drawn.bbox.height
    panels = (now.top - now.bottom) * high
    each = panels / (len(order) + now.hspace * (len(order) - 1))
    more = lacks * (len(order) - 1)
    above, below = (1 - now.top) * high, now.bottom * high
    drawn.set_figheight((high + more) / drawn.dpi)
    grid.hspace = now.hspace + lacks / each  # a grid of its own setting does not ask the figure
    drawn.subplots_adjust(
        bottom=below / (high + more),
        top=1 - above / (high + more),
    )


# Figures as bytes: the same figure gives the same bytes, wherever and whenever it is saved.


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
    fixed: Any = {"svg.hashsalt": HASH_SALT, "svg.fonttype": "path", "svg.image_inline": True}
    target = BytesIO()
    with house_style(), mpl.rc_context(fixed):
        figure.savefig(
            target, format="svg", facecolor="white", metadata={"Date": None, "Creator": None}
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
