"""The horizontal axis of a movement cycle, from one contact to the next."""

from __future__ import annotations

from matplotlib.axes import Axes

from backwalk_stats.figures.page import Page
from backwalk_stats.figures.style import PALE, SMALL_PT

TICKS = (0, 20, 40, 60, 80, 100)
WORDS_MM = 8.0  # from the axis to the middle of its words
UNDER_MM = 11.0


def dress_cycle(axes: Axes, nodes: int, *, labels: bool = True) -> None:
    """Give axes a scale from 0 to 100 per cent of the cycle; data stand at nodes."""
    axes.set_xlim(0, nodes - 1)
    at = [tick / 100 * (nodes - 1) for tick in TICKS]
    axes.set_xticks(at, labels=[f"{tick} %" for tick in TICKS] if labels else [])
    axes.patch.set_alpha(0.0)
    for place in at[1:-1]:
        axes.axvline(place, color=PALE, linewidth=0.4, zorder=0)


def name_cycle(page: Page, left: float, width: float, bottom: float) -> None:
    """Write what the axis is under it."""
    words = "Cycle, from one contact of the left foot to the next"
    page.write(left + width / 2, bottom + WORDS_MM, words, size=SMALL_PT, align="center")
