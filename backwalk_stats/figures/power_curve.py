"""Power of planned trials: how large a difference their size can find."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import page
from backwalk_stats.tables import numbers

PANEL_MM = 58.0
HEAD_MM, AXIS_MM = 11.5, 12.0
LEFT_MM, RIGHT_MM = 17.0, 5.0
SIZES = ((0.2, "small"), (0.5, "medium"), (0.8, "large"))


@page.styled
def power_curve(power: pd.DataFrame, designs: pd.DataFrame) -> Figure:
    """Draw power against the true standardised difference, a panel for each planned trial.

    `power` (`tables.POWER`) is that of the two-sided t-test at effect sizes (Cohen's d), `designs`
    (`tables.DESIGNS`) the difference found with 80 and with 90 % power. Two panels stand in a row.
    """
    planned = [
        row for row in numbers.frame_rows(designs) if (power["study_id"] == row["study_id"]).any()
    ]
    if not planned:
        return page.empty_page("No planned trial states its size")
    columns = 1 if len(planned) == 1 else 2
    width = page.WIDTH_MM / columns - LEFT_MM - RIGHT_MM
    lines = -(-len(planned) // columns)
    step = HEAD_MM + PANEL_MM + AXIS_MM
    paper = page.new_page(lines * step + (lines - 1) * 2.0)
    for place, design in enumerate(planned):
        line, column = divmod(place, columns)
        left = LEFT_MM + column * page.WIDTH_MM / columns
        top = line * (step + 2.0)
        curve = power[power["study_id"] == design["study_id"]].sort_values("effect_size")
        arms = f"{numbers.count(design['n_per_arm'])} in each arm"
        paper.write(
            left, top + 3.5, page.shorten(design["label"], width - 27, bold=True), bold=True
        )
        paper.write(left + width, top + 3.5, arms, align="right", colour=page.GREY)
        axes = paper.axes(left, top + HEAD_MM, width, PANEL_MM)
        _panel(axes, curve, design)
        if columns == 1:
            _sizes(axes)
        _name_axes(paper, left + width / 2, top + HEAD_MM + PANEL_MM + 8.0)
    return paper.figure


def alt_text(power: pd.DataFrame, designs: pd.DataFrame) -> str:
    """Return what the figure shows, with its main numbers, for a reader who cannot see it.

    Examples
    --------
    >>> import pandas as pd
    >>> design = {"label": "A trial", "n_per_arm": 13, "detectable_80": 1.147}
    >>> designs = pd.DataFrame([design | {"detectable_90": 1.327}])
    >>> alt_text(pd.DataFrame({"power": [0.05]}), designs).partition(". ")[2]
    'A trial, 13 in each arm: d = 1.15 with 80 % power, 1.33 with 90 %.'
    """
    if designs.empty or power.empty:
        return "Power curve: no planned trial states its size."
    parts = [
        f"{row['label']}, {numbers.count(row['n_per_arm'])} in each arm: d = "
        f"{numbers.number(row['detectable_80'])} with 80 % power, "
        f"{numbers.number(row['detectable_90'])} with 90 %"
        for row in numbers.frame_rows(designs)
    ]
    return f"Power against the standardised difference d. {'; '.join(parts)}."


def _panel(axes: Axes, curve: pd.DataFrame, design: numbers.Row) -> None:
    """Draw one curve and what the trial can find."""
    end = float(curve["effect_size"].max())
    axes.set_xlim(0.0, end)
    axes.set_ylim(0.0, 1.0)
    axes.plot(curve["effect_size"], curve["power"], color=page.BLUE, linewidth=1.8, zorder=3)
    for level, column, dashes in ((0.8, "detectable_80", (3, 2)), (0.9, "detectable_90", (1, 1.5))):
        d = float(design[column])
        if not 0 < d < end:
            continue
        axes.plot(
            [0, d, d], [level, level, 0], color=page.MID, linewidth=0.8, linestyle=(0, dashes)
        )
        axes.plot([d], [level], marker="o", color=page.BLUE, markersize=4.5, zorder=4)
        upper = level > 0.85
        axes.annotate(
            f"{numbers.number(100 * level, 0)} %: d = {numbers.number(d)}",
            (d, level),
            xytext=(-4, 3) if upper else (5, -9),
            textcoords="offset points",
            ha="right" if upper else "left",
            fontsize=page.SMALL_PT,
            color=page.INK,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            zorder=5,
        )
    axes.set_ylabel("Power")
    ticks = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    axes.set_yticks(ticks, labels=[f"{numbers.number(100 * tick, 0)} %" for tick in ticks])
    spacing = 0.5 if end > 1.2 else 0.2
    at = [spacing * turn for turn in range(int(end / spacing + 1e-9) + 1)]
    axes.set_xticks(at, labels=[numbers.number(value, 1) for value in at])


def _sizes(axes: Axes) -> None:
    """Say which differences are called small, medium and large (Cohen 1988)."""
    for d, word in SIZES:
        if d < axes.get_xlim()[1]:
            axes.axvline(d, color=page.PALE, linewidth=0.6, zorder=0)
            axes.text(
                d, 1.01, word, ha="center", va="bottom", fontsize=page.SMALL_PT, color=page.GREY
            )


def _name_axes(paper: page.Page, x: float, y: float) -> None:
    """Write what runs along the lower axis."""
    paper.write(x, y, "True difference (Cohen's d)", align="center", small=True)
