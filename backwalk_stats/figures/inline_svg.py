"""Small pictures that stand inside a page as SVG: an interval in a row of a table, means by visit.

They are written by hand: a few hundred bytes, no font and no script of their own. Ink is the
`currentColor` of the page, so that they can be read on a dark ground; the colours of the arms are
mixed with it where they are words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers

ROW_WIDTH, ROW_HEIGHT = 180.0, 26.0
WIDTH = 330.0
LEFT, TOP, BOTTOM = 34.0, 28.0, 160.0  # of the panel of means
LABEL_ROOM = 128.0
LETTER = 6.8  # width of a letter of a label
DODGE = 4.0
LINE = 14.0
_BETWEEN = "#7D8590"  # grey that is seen on white and on black
_CROSSING = "stroke='currentColor' stroke-opacity='.85'"
_FAINT = "stroke='currentColor' stroke-opacity='.18'"


def in_words_colour(colour: str) -> str:
    """Return the style of words in an arm's colour: moved towards the ink of the page."""
    return f"color-mix(in srgb,{_on_any_ground(colour)} 62%,currentColor)"


def interval_scale(rows: Sequence[numbers.Row], also: Sequence[float] = ()) -> axis.ValueScale:
    """Return a scale on which every interval of some rows lies, zero, and what stands there too."""
    columns = ("estimate", "conf_low", "conf_high")
    values = [float(row[key]) for row in rows for key in columns]
    return axis.value_scale([*values, *also], through=0.0)


def interval_picture(
    row: numbers.Row, scale: axis.ValueScale, *, bold: bool = False, dotted: Sequence[float] = ()
) -> str:
    """Return an estimate with its interval on a line, and zero, as an SVG for a cell.

    `dotted`: values to mark, such as a named threshold.

    >>> row = {"estimate": -1.0, "conf_low": -2.0, "conf_high": 0.5}
    >>> interval_picture(row, interval_scale([row]))[:22]
    "<svg width='180' heigh"
    """

    def x(value: float) -> str:
        return _short(4 + scale.share(value) * (ROW_WIDTH - 8))

    middle, zero = _short(ROW_HEIGHT / 2), x(0.0)
    parts = [f"<line x1='{zero}' x2='{zero}' y1='0' y2='{ROW_HEIGHT:g}' {_CROSSING}/>"]
    parts += [
        f"<line x1='{x(at)}' x2='{x(at)}' y1='0' y2='{ROW_HEIGHT:g}' {_CROSSING} "
        "stroke-dasharray='1.5 3'/>"
        for at in dotted
    ]
    low, high, estimate = (float(row[key]) for key in ("conf_low", "conf_high", "estimate"))
    if isfinite(low) or isfinite(high):
        ends = x(low if isfinite(low) else scale.low), x(high if isfinite(high) else scale.high)
        width = 2.4 if bold else 1.6
        parts.append(
            f"<line x1='{ends[0]}' x2='{ends[1]}' y1='{middle}' y2='{middle}' "
            f"stroke='currentColor' stroke-width='{width}'/>"
        )
    if isfinite(estimate):
        size = 4.8 if bold else 4
        parts.append(f"<circle cx='{x(estimate)}' cy='{middle}' r='{size}' fill='currentColor'/>")
    digits = numbers.interval_digits(low, high)
    said = f"{numbers.number(estimate, digits)} ({numbers.interval_text(low, high, digits)})"
    return _svg("".join(parts), ROW_WIDTH, ROW_HEIGHT, said)


def means_picture(
    means: Sequence[numbers.Row],
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    *,
    title: str,
    counts: Mapping[tuple[str, str], int] | None = None,
) -> str:
    """Return means by visit, an arm a line with its interval and its name at the end.

    `means`: rows with arm, visit, estimate, conf_low, conf_high. `arms`, `visits`: name to label,
    in order. `counts`: people of each arm and visit, written below.
    """
    columns = ("estimate", "conf_low", "conf_high")
    scale = axis.value_scale([float(row[key]) for row in means for key in columns], most=4)
    known = {(row["arm"], row["visit"]): row for row in means if isfinite(row["estimate"])}
    right = WIDTH - LABEL_ROOM
    step = (right - LEFT - 30) / max(len(visits) - 1, 1)
    at = {name: LEFT + 20 + place * step for place, name in enumerate(visits)}
    if len(visits) == 1:
        at = dict.fromkeys(visits, (LEFT + right) / 2)
    parts = [_words(0, 12, title, strong=True), *_grid(scale, right)]
    ends, looks = [], marks.arm_looks(arms)
    for place, (arm, look) in enumerate(looks.items()):
        aside = (place - (len(looks) - 1) / 2) * 2 * DODGE
        mine = [(at[v] + aside, known[arm, v]) for v in visits if (arm, v) in known]
        parts += _line_of_arm(mine, look, scale)
        if mine:
            ends.append((arm, _y(scale, float(mine[-1][1]["estimate"])), mine[-1][1]))
    parts += _names(sorted(ends, key=lambda end: end[1]), arms, looks, _digits(means))
    parts += _below(at, visits, looks, counts, step)
    rows = 0 if counts is None else len(looks)
    return _svg("".join(parts), WIDTH, BOTTOM + 24 + LINE * rows, f"{title}: {_said(means, arms)}")


def _names(
    ends: Sequence[tuple[str, float, numbers.Row]],
    arms: Mapping[str, str],
    looks: Mapping[str, marks.ArmLook],
    digits: int,
) -> list[str]:
    """Return name and last mean of each arm beside the end of its line, none on another."""
    most, blocks = int((LABEL_ROOM - 8) / LETTER), []
    for arm, _, row in ends:
        name, value = arms[arm] or arm, numbers.number(row["estimate"], digits)
        short = name if len(name) <= most else name[: most - 1] + page.ELLIPSIS
        together = f"{short} {value}"
        blocks.append([together] if len(together) <= most else [short, value])
    heights = [LINE * len(lines) + 2 for lines in blocks]
    middles = marks.apart([y for _, y, _ in ends], heights, 18.0, BOTTOM + 6)
    parts = []
    for (arm, _, _), lines, middle in zip(ends, blocks, middles, strict=True):
        for place, line in enumerate(lines):
            y = middle + 4 + (place - (len(lines) - 1) / 2) * LINE
            parts.append(
                _words(WIDTH - LABEL_ROOM + 8, y, line, colour=looks[arm].colour, strong=True)
            )
    return parts


def _grid(scale: axis.ValueScale, right: float) -> list[str]:
    """Return faint lines across at the ticks, with their values."""
    parts = []
    for at, label in zip(scale.ticks.at, scale.ticks.labels, strict=True):
        y = _short(_y(scale, at))
        parts.append(f"<line x1='{LEFT:g}' x2='{right:g}' y1='{y}' y2='{y}' {_FAINT}/>")
        parts.append(_words(LEFT - 6, _y(scale, at) + 4, label, anchor="end", faint=True))
    return parts


def _line_of_arm(
    mine: Sequence[tuple[float, numbers.Row]], look: marks.ArmLook, scale: axis.ValueScale
) -> list[str]:
    """Return the line, the intervals and the marks of an arm."""
    points = " ".join(f"{_short(x)},{_short(_y(scale, float(row['estimate'])))}" for x, row in mine)
    colour = _on_any_ground(look.colour)
    stroke = f"stroke='{colour}'"
    dashes = "" if isinstance(look.line, str) else " ".join(f"{one:g}" for one in look.line[1])
    dash = f" stroke-dasharray='{dashes}'" if dashes else ""
    parts = [f"<polyline points='{points}' fill='none' {stroke} stroke-width='2'{dash}/>"]
    for x, row in mine:
        low, high, y = (_y(scale, float(row[key])) for key in ("conf_low", "conf_high", "estimate"))
        if isfinite(low) and isfinite(high):
            parts.append(
                f"<line x1='{_short(x)}' x2='{_short(x)}' y1='{_short(low)}' y2='{_short(high)}' "
                f"{stroke} stroke-width='1.8'/>"
            )
        parts.append(_mark(x, y, look, colour))
    return parts


def _mark(x: float, y: float, look: marks.ArmLook, colour: str) -> str:
    """Return the mark of an arm: a filled circle, an open square, a triangle, a diamond."""
    if look.marker == "o":
        return f"<circle cx='{_short(x)}' cy='{_short(y)}' r='4.3' fill='{colour}'/>"
    if look.marker == "s":
        return (
            f"<rect x='{_short(x - 4)}' y='{_short(y - 4)}' width='8' height='8' "
            f"fill='{look.pale}' stroke='{colour}' stroke-width='1.8'/>"
        )
    lower = [(-5, 4), (5, 4)] if look.marker == "^" else [(-5, 0), (0, 5), (5, 0)]
    corners = " ".join(f"{_short(x + a)},{_short(y + b)}" for a, b in [(0, -5), *lower])
    return f"<polygon points='{corners}' fill='{look.pale}' stroke='{colour}' stroke-width='1.8'/>"


def _on_any_ground(colour: str) -> str:
    """Return a colour that a line can have on a light and on a dark page."""
    return {page.INK: "currentColor", page.GREY: _BETWEEN}.get(colour, colour)


def _below(
    at: Mapping[str, float],
    visits: Mapping[str, str],
    looks: Mapping[str, marks.ArmLook],
    counts: Mapping[tuple[str, str], int] | None,
    step: float,
) -> list[str]:
    """Return the names of the visits, and under them the number of people of each arm."""
    most = max(int(step / LETTER), 4) if len(visits) > 1 else 24
    parts = []
    for name, x in at.items():
        label = visits[name]
        short = label if len(label) <= most else label[: most - 1] + page.ELLIPSIS
        parts.append(_words(x, BOTTOM + 18, short, anchor="middle"))
    if counts is None:
        return parts
    parts.append(_words(0, BOTTOM + 34, "n", faint=True))
    for row, (arm, look) in enumerate(looks.items()):
        for name, x in at.items():
            text = str(counts.get((arm, name), ""))
            y = BOTTOM + 34 + LINE * row
            parts.append(_words(x, y, text, anchor="middle", colour=look.colour))
    return parts


def _y(scale: axis.ValueScale, value: float) -> float:
    return BOTTOM - scale.share(value) * (BOTTOM - TOP)


def _digits(means: Sequence[numbers.Row]) -> int:
    """Return the decimals of means: those of their middle interval."""
    wide = sorted(float(row["conf_high"]) - float(row["conf_low"]) for row in means)
    known = [one for one in wide if isfinite(one)]
    return numbers.interval_digits(0.0, known[len(known) // 2]) if known else 2


def _said(means: Sequence[numbers.Row], arms: Mapping[str, str]) -> str:
    """Return the means in words, for who cannot see the picture."""
    digits = _digits(means)
    parts = [
        f"{arms.get(row['arm'], row['arm'])}, {row['visit']} "
        f"{numbers.number(row['estimate'], digits)}"
        for row in means
    ]
    return "; ".join(parts)


def _words(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    colour: str = "",
    strong: bool = False,
    faint: bool = False,
) -> str:
    """Return a text; its colour is the ink of the page, or an arm's moved towards it."""
    style = f" style='fill:{in_words_colour(colour)}'" if colour else ""
    weight = " font-weight='600'" if strong else ""
    pale = " fill-opacity='.75'" if faint else ""
    place = "" if anchor == "start" else f" text-anchor='{anchor}'"
    return (
        f"<text x='{_short(x)}' y='{_short(y)}' font-size='12' fill='currentColor'"
        f"{place}{weight}{pale}{style}>{escape(text)}</text>"
    )


def _svg(inside: str, width: float, height: float, said: str) -> str:
    """Return a picture of a size in pixels, with what it shows for who cannot see it."""
    return (
        f"<svg width='{width:g}' height='{height:g}' viewBox='0 0 {width:g} {height:g}' "
        f"role='img' aria-label='{escape(said, quote=True)}'>{inside}</svg>"
    )


def _short(value: float) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{round(value, 1) + 0.0:g}"
