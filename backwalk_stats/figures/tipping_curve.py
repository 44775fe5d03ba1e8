"""One shift of the missing values: the estimate, and where it is no longer significant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from backwalk_stats.figures.page import empty_page, line_height, new_page, styled
from backwalk_stats.figures.style import BLUE, GREY, INK, MID, PALE_BLUE, SMALL_PT, WIDTH_MM
from backwalk_stats.figures.value_scale import (
    dress_bottom,
    dress_left,
    head_lines,
    measure,
    under_axis,
    value_scale,
)
from backwalk_stats.tables.frame_rows import frame_rows
from backwalk_stats.tables.numbers import decimals_for, interval_name, number, significant

if TYPE_CHECKING:
    import pandas as pd

PLOT_MM = 66.0
Contrast = tuple[str, str]


@styled
def tipping_curve(
    tipping: pd.DataFrame,
    *,
    contrast: Contrast,
    arms: Mapping[str, str],
    outcome: str,
    unit: str,
    better: str,
    level: float = 0.95,
) -> Figure:
    """Draw the estimate with its interval over one shift of the imputed values.

    Parameters
    ----------
    tipping : DataFrame
        Columns of `tables.TIPPING`; one of the two shifts varies, or both do together.
    contrast : (str, str)
        Arm and reference; `delta` shifts the arm's imputed values, `delta_reference` the other's.
    arms : mapping of str to str
        Name to label.
    outcome, unit : str
        As readers see them; "" for no unit.
    better : str
        "lower", "higher" or "" where that is not known.
    level : float
        Confidence level; a p-value of at least 1 minus it is no longer significant.

    Returns
    -------
    Figure
        170 mm wide. A shift of zero is missing at random.
    """
    rows = frame_rows(tipping[tipping["estimate"].notna()])
    if not rows:
        return empty_page(f"{outcome}: no estimate for any shift")
    names = tuple(arms[name] or name for name in contrast)
    varies = "delta" if len({row["delta"] for row in rows}) > 1 else "delta_reference"
    rows = sorted(rows, key=lambda row: row[varies])
    x = [float(row[varies]) for row in rows]
    columns = ("estimate", "conf_low", "conf_high")
    scale = value_scale([float(row[key]) for row in rows for key in columns], through=0.0)
    below = value_scale(x, through=0.0, most=8)
    left = scale.label_room + 2.0
    width = WIDTH_MM - left - 2.0
    head = head_lines(f"{measure(outcome, unit)}: {names[0]} − {names[1]}", better, WIDTH_MM - 2)
    under = under_axis(shift_words(names[0 if varies == "delta" else 1], unit), "", width)
    note = (
        f"Band: {interval_name(level)}; hollow: p ≥ {significant(1 - level, 2).rstrip('0')}, the "
        "conclusion has tipped; grey line: no shift, missing at random."
    )
    top = 3.5 + len(head) * line_height(SMALL_PT)
    page = new_page(top + PLOT_MM + under.height + 4.5)
    page.write_lines(1.0, 3.0, head, size=SMALL_PT)
    axes = page.axes(left, top, width, PLOT_MM)
    dress_left(axes, scale)
    dress_bottom(axes, below, grid=False)
    axes.axhline(0.0, color=INK, linewidth=0.8, zorder=2)
    axes.axvline(0.0, color=MID, linewidth=1.2, zorder=1)
    low, high = ([float(row[key]) for row in rows] for key in columns[1:])
    axes.fill_between(x, low, high, facecolor=PALE_BLUE, alpha=0.7, linewidth=0.0, zorder=1)
    axes.plot(x, [row["estimate"] for row in rows], color=BLUE, linewidth=1.8, zorder=3)
    for row, at in zip(rows, x, strict=True):
        tipped = row["p_value"] >= 1 - level
        axes.plot([at], [row["estimate"]], marker="o", color=BLUE, markersize=5.0, zorder=4,
                  markerfacecolor="white" if tipped else BLUE)  # fmt: skip
    under.write(page, left, width, top + PLOT_MM)
    page.write(1.0, page.height - 2.3, note, size=SMALL_PT, colour=GREY)
    return page.figure


def alt_text(
    tipping: pd.DataFrame,
    *,
    contrast: Contrast,
    arms: Mapping[str, str],
    outcome: str,
    unit: str,
    better: str,
    level: float = 0.95,
) -> str:
    """Return what the figure shows: range of the estimate, how many shifts tip it."""
    known = tipping[tipping["estimate"].notna()]
    about = f"{arms[contrast[0]]} minus {arms[contrast[1]]}, {measure(outcome, unit)}"
    if known.empty:
        return f"Tipping point, {about}: no estimate for any shift."
    digits = decimals_for(2 * float(known["estimate"].abs().max()))
    tipped = int((known["p_value"] >= 1 - level).sum())
    return (
        f"Tipping point, {about}{f' ({better} is better)' if better else ''}: over {len(known)} "
        f"shifts of the missing values the estimate runs from "
        f"{number(known['estimate'].min(), digits)} to {number(known['estimate'].max(), digits)}; "
        f"{tipped} of them are no longer significant."
    )


def shift_words(name: str, unit: str) -> str:
    """Return what a shift is, in words."""
    return f"Shift of the missing values, {name}{f' ({unit})' if unit else ''}"
