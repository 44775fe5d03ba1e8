"""Means before and after of participants drawn to match published summaries, and marked as such."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures.arm_look import ArmLook, arm_looks
from backwalk_stats.figures.lettering import shorten
from backwalk_stats.figures.page import Page, empty_page, line_height, new_page, styled
from backwalk_stats.figures.style import GREY, HEAD_PT, SMALL_PT, VERMILLION, WIDTH_MM
from backwalk_stats.figures.value_scale import dress_bottom, under_axis, value_scale
from backwalk_stats.tables.frame_rows import Row, frame_rows
from backwalk_stats.tables.numbers import count, decimals_for, interval_name, interval_text, number

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Words

MARK = "RECONSTRUCTED"
TOP_MM, ROW_MM, ARM_MM, LEFT_MM, RIGHT_MM = 12.0, 5.5, 6.0, 40.0, 46.0
WHEN = {"before": "before", "after": "after"}


@styled
def reconstructed_means(
    means: pd.DataFrame,
    *,
    words: Words,
    source: str,
    level: float = 0.95,
) -> Figure:
    """Draw the means of each arm before and after with their intervals; no participant is drawn.

    Of `tables.MEANS` those of kind "reconstructed" and visits "before" and "after" are drawn;
    `source` is where the summaries were published. The first line says that the data are
    reconstructed.
    """
    arms = words.arms
    rows = frame_rows(means[means["kind"] == "reconstructed"])
    if not rows:
        return empty_page(f"{MARK}: {words.outcome} has no means")
    digits = _digits(rows)
    scale = value_scale([float(row[key]) for row in rows for key in ("conf_low", "conf_high")])
    width = WIDTH_MM - LEFT_MM - RIGHT_MM
    under = under_axis(f"Mean: {words.measure}", words.better, width)
    height = len(arms) * (ARM_MM + len(WHEN) * ROW_MM) + 2.0
    bottom = TOP_MM + height
    page = new_page(bottom + under.height + line_height(SMALL_PT) + 3.0)
    _head(page, source)
    axes = page.axes(LEFT_MM, TOP_MM, width, height)
    dress_bottom(axes, scale)
    axes.set_ylim(height, 0.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    y = 0.0
    for name, look in arm_looks(arms).items():
        label = shorten(arms[name] or name, LEFT_MM - 2.0, bold=True)
        page.write(1.0, TOP_MM + y + ARM_MM / 2 + 1.0, label, bold=True, colour=look.colour)
        y += ARM_MM
        for visit, word in WHEN.items():
            mine = [row for row in rows if (row["arm"], row["visit"]) == (name, visit)]
            y += ROW_MM
            for row in mine:
                _row(page, axes, y - ROW_MM / 2, row, look, word, digits)
    under.write(page, LEFT_MM, width, bottom)
    last = f"Bars: {interval_name(level)}. Participants are simulated; only their moments are real."
    page.write(1.0, page.height - 3.0, last, size=SMALL_PT, colour=GREY)
    return page.figure


def alt_text(means: pd.DataFrame, *, words: Words, source: str) -> str:
    """Return what the figure shows, with its numbers, for a reader who cannot see it."""
    rows = frame_rows(means[means["kind"] == "reconstructed"])
    digits = _digits(rows)
    parts = [
        f"{words.arms.get(row['arm'], row['arm'])}, {row['visit']}: "
        f"{number(row['estimate'], digits)} "
        f"({interval_text(row['conf_low'], row['conf_high'], digits)})"
        for row in rows
    ]
    said = "; ".join(parts) or "no means"
    return f"{MARK} from {source}: means of {words.measure}. {said}."


def _digits(rows: list[Row]) -> int:
    """Return the decimals that suit the length of the axis."""
    values = [float(row[key]) for row in rows for key in ("conf_low", "conf_high")]
    return decimals_for(max(values, default=0.0) - min(values, default=0.0))


def _head(page: Page, source: str) -> None:
    """Write the mark and where the summaries were published."""
    page.write(1.0, 4.0, MARK, size=HEAD_PT, bold=True, colour=VERMILLION)
    told = shorten(f"from published summaries: {source}", WIDTH_MM - 36.0, size=SMALL_PT)
    page.write(34.0, 4.0, told, size=SMALL_PT, colour=GREY)


def _row(page: Page, axes: Axes, y: float, row: Row, look: ArmLook, word: str, digits: int) -> None:
    """Draw one mean with its interval, and write both beside it."""
    if isfinite(row["conf_low"]):
        axes.plot([row["conf_low"], row["conf_high"]], [y, y], color=look.colour, linewidth=1.3)
    axes.plot([row["estimate"]], [y], marker=look.marker, color=look.colour, markersize=5.0)
    page.write(3.0, TOP_MM + y, f"{word}, n = {count(row['n'])}", size=SMALL_PT)
    interval = interval_text(row["conf_low"], row["conf_high"], digits)
    text = f"{number(row['estimate'], digits)} ({interval})"
    page.write(WIDTH_MM - RIGHT_MM + 3.0, TOP_MM + y, text, size=SMALL_PT)
