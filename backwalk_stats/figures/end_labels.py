"""Labels beside the ends of lines, moved apart where they would stand on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backwalk_stats.figures.lettering import wrap
from backwalk_stats.figures.page import Page, line_height
from backwalk_stats.figures.style import BODY_PT

GAP_MM = 0.8


@dataclass(frozen=True, kw_only=True, slots=True)
class EndLabel:
    """A label and the height at which it would best stand."""

    text: str
    y: float
    colour: str
    from_x: float | None = None


def write_end_labels(
    page: Page,
    labels: Sequence[EndLabel],
    *,
    x: float,
    width: float,
    top: float,
    bottom: float,
) -> None:
    """Write labels to the right of a plot, each as near to its line's end as the others allow.

    All in millimetres of the page: labels begin at `x`, are `width` wide, and stand between `top`
    and `bottom`.
    """
    step = line_height(BODY_PT)
    ordered = sorted(labels, key=lambda label: label.y)
    room = (bottom - top) / max(len(ordered), 1)
    most = max(int((room - GAP_MM) / step), 1)
    blocks = [wrap(one.text, width, bold=True, lines=min(most, 4)) for one in ordered]
    heights = [len(lines) * step + GAP_MM for lines in blocks]
    middles = _apart([one.y for one in ordered], heights, top, bottom)
    for label, lines, middle in zip(ordered, blocks, middles, strict=True):
        first = middle - (len(lines) - 1) * step / 2
        page.write_lines(x, first, lines, bold=True, colour=label.colour)
        if label.from_x is not None and abs(middle - label.y) > step / 2:
            page.sheet.plot([label.from_x, x - 0.6], [label.y, middle], color=label.colour,
                            linewidth=0.4)  # fmt: skip


def _apart(
    wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float
) -> list[float]:
    """Return middles in the same order, no nearer than their heights, inside the limits."""
    middles: list[float] = []
    floor = top
    for y, height in zip(wanted, heights, strict=True):
        middles.append(max(y, floor + height / 2))
        floor = middles[-1] + height / 2
    ceiling = bottom
    for place in range(len(middles) - 1, -1, -1):
        middles[place] = min(middles[place], ceiling - heights[place] / 2)
        ceiling = middles[place] - heights[place] / 2
    return middles
