"""Rows on axes of somebody's own size: closer, then smaller, then fewer, and said so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Affine2D

from backwalk_stats.figures import panel

SMALLEST_PT = 6.0  # no letter of a row is made smaller than this
LOOSE, TIGHT = 0.75, 0.15  # lines of text between rows: as asked for, and the least
CLOSER = 0.75  # rows that stand closer by this share still part
STEP_PT = 0.25
DROPPED = ("row",)  # kinds that may be left out; a main result and a pool never are


class Row(Protocol):
    """What is known of a row here."""

    @property
    def kind(self) -> str:
        """Return what the row is, such as "row" or "heading"."""


Line = TypeVar("Line", bound=Row)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted(Generic[Line]):
    """The rows that are drawn, the size of their letters in points, and the space around each."""

    lines: tuple[Line, ...]
    size: float
    pad: float


def fitted(
    lines: Sequence[Line],
    free: float,
    size: float,
    *,
    height: Callable[[Sequence[Line], float, float], float],
    note: Callable[[str], Line],
) -> Fitted[Line]:
    """Return rows that fit into so many points of height, as loose and as large as they can be.

    `height` gives the points that rows need with letters of a size and a space around each; `note`
    makes a row of words, which says how many rows are left out where letters cannot be smaller.
    """
    lines = tuple(lines)
    if CLOSER * height(lines, size, LOOSE) <= free:
        return Fitted(lines=lines, size=size, pad=LOOSE)
    for smaller in [size, *np.arange(size - STEP_PT, SMALLEST_PT - STEP_PT / 2, -STEP_PT).tolist()]:
        pad = _pad(lines, free, smaller, height)
        if pad is not None:
            return Fitted(lines=lines, size=smaller, pad=pad)
    least = min(size, SMALLEST_PT)
    kept = lines
    for gone in range(1, sum(line.kind in DROPPED for line in lines) + 1):
        kept = _without_last(lines, gone, note)
        pad = _pad(kept, free, least, height)
        if pad is not None:
            return Fitted(lines=kept, size=least, pad=pad)
    return Fitted(lines=kept, size=least, pad=TIGHT)


def _pad(
    lines: Sequence[Line],
    free: float,
    size: float,
    height: Callable[[Sequence[Line], float, float], float],
) -> float | None:
    """Return the space around each row that takes what is free; None where too little is."""
    tight, loose = height(lines, size, TIGHT), height(lines, size, LOOSE)
    if tight > free:
        return None
    return TIGHT + (LOOSE - TIGHT) * min((free - tight) / (loose - tight), 1.0)


def _without_last(
    lines: Sequence[Line], gone: int, note: Callable[[str], Line]
) -> tuple[Line, ...]:
    """Return rows without so many of the last, in place of which it is said how many those are."""
    places = [place for place, line in enumerate(lines) if line.kind in DROPPED][-gone:]
    text = f"{gone} more {'row does' if gone == 1 else 'rows do'} not fit here"
    kept: list[Line] = []
    for place, line in enumerate(lines):
        if place == places[0]:
            if kept and kept[-1].kind == "heading":
                kept.pop()
            kept.append(note(text))
        empty = line.kind == "heading" and place > places[0]
        if place not in places and not empty:
            kept.append(line)
    return tuple(kept)


def free_height(axes: Axes, below: float) -> float:
    """Return the points of height that axes keep when `below` points of words stand under them."""
    dots = axes.figure.dpi / 72
    high, slot = axes.get_window_extent().height / dots, panel.slot_height(axes)
    if slot is None:
        return float(high)
    free = slot / dots - below
    return float(free if panel.is_laid_out(axes) else min(high, free))


@dataclass(frozen=True, kw_only=True, slots=True)
class BesideZero:
    """Where words beside zero stand when they are drawn: at it, or as near as there is room.

    `widths` are those of the words left and right of zero, `room` what is free left and right of
    the axes, all in points.
    """

    axes: Axes
    zero: float
    y: float
    widths: tuple[float, float]
    room: tuple[float, float]

    def __call__(self, renderer: object) -> Affine2D:
        """Return where the words begin, in pixels."""
        dots = self.axes.figure.dpi / 72
        box = self.axes.get_window_extent()
        x, y = self.axes.transData.transform((self.zero, self.y))
        low = box.x0 + (self.widths[0] + 6 - self.room[0]) * dots
        high = box.x1 - (self.widths[1] + 6 - self.room[1]) * dots
        return Affine2D().scale(dots).translate(max(min(x, high), low), y)
