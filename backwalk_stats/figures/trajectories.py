"""What was observed at each visit: a panel for each arm, the other arms' means behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures.axis import (
    ValueScale,
    VisitAxis,
    dress_left,
    head_lines,
    value_scale,
    visit_axis,
)
from backwalk_stats.figures.marks import ArmLook, arm_looks
from backwalk_stats.figures.page import (
    GREY,
    MID,
    SMALL_PT,
    WIDTH_MM,
    Page,
    empty_page,
    line_height,
    new_page,
    styled,
    wrap,
)
from backwalk_stats.tables.numbers import (
    DASH,
    Row,
    count,
    decimals_for,
    frame_rows,
    interval_name,
    number,
)

if TYPE_CHECKING:
    import pandas as pd

    from backwalk_stats.trial.outcome import Words

PANEL_MM, GAP_MM, RIGHT_MM, N_MM = 62.0, 5.0, 2.0, 8.0


@styled
def trajectories(
    means: pd.DataFrame,
    *,
    words: Words,
    visits: Mapping[str, str],
    observations: pd.DataFrame | None = None,
    level: float = 0.95,
) -> Figure:
    """Draw observed means (`tables.MEANS`) by visit, a panel for each arm.

    `visits` is name to label, in order. `observations` (`tables.TRIAL_DATA`) of the same outcome
    draw a line for every participant in place of the band of one standard deviation.
    """
    arms = words.arms
    rows = frame_rows(means[means["kind"] == "observed"])
    if not any(np.isfinite(float(row["estimate"])) for row in rows):
        return empty_page(f"{words.outcome}: no mean is known")
    scale = _scale(rows, observations)
    left = scale.label_room + 3.0
    width = (WIDTH_MM - left - RIGHT_MM - GAP_MM * (len(arms) - 1)) / len(arms)
    axis = visit_axis(visits, {str(row["visit"]): float(row["week"]) for row in rows}, width)
    head = head_lines(words.measure, words.better, WIDTH_MM - 2)
    titles = {name: wrap(label or name, width, bold=True, lines=2) for name, label in arms.items()}
    top = (len(head) + max(map(len, titles.values()))) * line_height(8.0) + 4.0
    under = top + PANEL_MM + axis.height + N_MM
    notes = wrap(_note(observations is not None, level), WIDTH_MM - 2, size=SMALL_PT)
    page = new_page(under + len(notes) * line_height(SMALL_PT) + 1.0)
    page.write_lines(1.0, 3.0, head, size=SMALL_PT)
    looks = arm_looks(arms)
    for place, name in enumerate(arms):
        x = left + place * (width + GAP_MM)
        lines = titles[name]
        at = top - 3.2 - (len(lines) - 1) * line_height(8.0)
        page.write_lines(x + width / 2, at, lines, bold=True, align="center",
                         colour=looks[name].colour)  # fmt: skip
        axes = page.axes(x, top, width, PANEL_MM)
        axis.dress(axes)
        dress_left(axes, scale, labels=place == 0)
        _spread(axes, axis, name, looks[name], rows, observations)
        _lines(axes, axis, name, looks, rows)
        axis.write(page, x, top + PANEL_MM)
        _numbers(page, axis, x, under - N_MM + 3.0, [row for row in rows if row["arm"] == name])
    page.write(1.0, under - N_MM + 3.0, "n", size=SMALL_PT, colour=GREY)
    page.write_lines(1.0, under + 1.0, notes, size=SMALL_PT, colour=GREY)
    return page.figure


def alt_text(means: pd.DataFrame, *, words: Words, visits: Mapping[str, str]) -> str:
    """Return what the figure shows, with the means of each arm, for who cannot see it."""
    observed = means[means["kind"] == "observed"]
    values = [float(row["estimate"]) for row in frame_rows(observed)]
    digits = decimals_for(max(values, default=0.0) - min(values, default=0.0))
    parts = []
    for name, label in words.arms.items():
        known = {row["visit"]: row for row in frame_rows(observed[observed["arm"] == name])}
        said = [
            f"{visit_label} {number(known[visit]['estimate'], digits)}"
            for visit, visit_label in visits.items()
            if visit in known
        ]
        parts.append(f"{label}: {', '.join(said) or DASH}")
    way = f"; {words.way}" if words.way else ""
    return f"Observed means by visit, {words.measure}{way}. {'; '.join(parts)}."


def _note(individuals: bool, level: float) -> str:
    """Return what the marks stand for."""
    behind = "thin lines: participants" if individuals else "band: mean ± 1 SD"
    return (
        f"Marks with bars: observed mean with {interval_name(level)}; {behind}; grey lines: "
        "means of the other arms; n: participants with a value."
    )


def _scale(rows: list[Row], observations: pd.DataFrame | None) -> ValueScale:
    """Return the axis that holds everything that is drawn."""
    values = [float(row[key]) for row in rows for key in ("estimate", "conf_low", "conf_high")]
    if observations is not None:
        values += observations["value"].astype(float).tolist()
    else:
        values += [float(row["estimate"] + sign * row["sd"]) for row in rows for sign in (-1, 1)]
    return value_scale(values)


def _spread(
    axes: Axes,
    axis: VisitAxis,
    name: str,
    look: ArmLook,
    rows: list[Row],
    observations: pd.DataFrame | None,
) -> None:
    """Draw how far participants lie apart: their lines, or a band of one standard deviation."""
    if observations is None:
        mine = [row for row in rows if row["arm"] == name and row["visit"] in axis.at]
        mine.sort(key=lambda row: axis.at[row["visit"]])
        x = [axis.at[row["visit"]] for row in mine]
        low = [row["estimate"] - row["sd"] for row in mine]
        high = [row["estimate"] + row["sd"] for row in mine]
        axes.fill_between(x, low, high, facecolor=look.pale, alpha=0.55, linewidth=0.0, zorder=1)
        return
    own = observations[observations["arm"] == name]
    places = own["visit"].astype(str).map(dict(axis.at)).to_numpy(dtype=float)
    kept = own.assign(place=places).dropna(subset=["value", "place"]).sort_values("place")
    grouped = kept.groupby("participant", sort=True, observed=True)[["place", "value"]]
    paths = [part.to_numpy(dtype=float) for _, part in grouped]
    strength = float(np.clip(9.0 / max(len(paths), 1), 0.06, 0.4))
    axes.add_collection(
        LineCollection(paths, colors=look.colour, linewidths=0.6, alpha=strength, zorder=1),
        autolim=False,
    )


def _lines(
    axes: Axes, axis: VisitAxis, name: str, looks: Mapping[str, ArmLook], rows: list[Row]
) -> None:
    """Draw the means of the other arms in grey, then those of this one with intervals."""
    for other, look in sorted(looks.items(), key=lambda item: item[0] == name):
        mine = {row["visit"]: row for row in rows if row["arm"] == other}
        shown = [(x, mine[visit]) for visit, x in axis.at.items() if visit in mine]
        x, y = [x for x, _ in shown], [row["estimate"] for _, row in shown]
        if other != name:
            axes.plot(x, y, color=MID, linestyle=look.line, linewidth=0.9, zorder=2)
            continue
        bars = [[(at, row["conf_low"]), (at, row["conf_high"])] for at, row in shown]
        axes.add_collection(LineCollection(bars, colors=look.colour, linewidths=1.4, zorder=4),
                            autolim=False)  # fmt: skip
        axes.plot(x, y, color=look.colour, linestyle=look.line, marker=look.marker,
                  markersize=5.0, linewidth=1.8, zorder=5)  # fmt: skip


def _numbers(page: Page, axis: VisitAxis, left: float, y: float, rows: list[Row]) -> None:
    """Write how many participants have a value at each visit."""
    known = {row["visit"]: row["n"] for row in rows}
    for visit, x in axis.at.items():
        text = count(known.get(visit, float("nan")))
        page.write(left + x, y, text, size=SMALL_PT, align="center", colour=GREY)
