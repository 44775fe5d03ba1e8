"""What was observed at each visit: a panel for each arm, the other arms' means behind it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

PANEL_MM, GAP_MM, RIGHT_MM, N_MM = 62.0, 5.0, 2.0, 8.0


@page.styled
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
    rows = numbers.frame_rows(means[means["kind"] == "observed"])
    if not any(np.isfinite(float(row["estimate"])) for row in rows):
        return page.empty_page(f"{words.outcome}: no mean is known")
    scale = _scale(rows, observations)
    left = scale.label_room + 3.0
    width = (page.WIDTH_MM - left - RIGHT_MM - GAP_MM * (len(arms) - 1)) / len(arms)
    time_axis = axis.visit_axis(
        visits, {str(row["visit"]): float(row["week"]) for row in rows}, width
    )
    head = axis.head_lines(words.measure, words.better, page.WIDTH_MM - 2)
    titles = {
        name: page.wrap(label or name, width, bold=True, lines=2) for name, label in arms.items()
    }
    top = (len(head) + max(map(len, titles.values()))) * page.LINE_MM + 4.0
    under = top + PANEL_MM + time_axis.height + N_MM
    notes = page.wrap(_note(observations is not None, level), page.WIDTH_MM - 2, small=True)
    paper = page.new_page(under + len(notes) * page.SMALL_LINE_MM + 1.0)
    paper.write_lines(1.0, 3.0, head, small=True)
    looks = marks.arm_looks(arms)
    for place, name in enumerate(arms):
        x = left + place * (width + GAP_MM)
        lines = titles[name]
        at = top - 3.2 - (len(lines) - 1) * page.LINE_MM
        paper.write_lines(
            x + width / 2, at, lines, bold=True, align="center", colour=looks[name].colour
        )
        axes = paper.axes(x, top, width, PANEL_MM)
        time_axis.dress(axes)
        axis.dress_left(axes, scale, labels=place == 0)
        _spread(axes, time_axis, name, looks[name], rows, observations)
        _lines(axes, time_axis, name, looks, rows)
        time_axis.write(paper, x, top + PANEL_MM)
        _numbers(
            paper, time_axis, x, under - N_MM + 3.0, [row for row in rows if row["arm"] == name]
        )
    paper.write(1.0, under - N_MM + 3.0, "n", small=True, colour=page.GREY)
    paper.write_lines(1.0, under + 1.0, notes, small=True, colour=page.GREY)
    return paper.figure


def alt_text(means: pd.DataFrame, *, words: Words, visits: Mapping[str, str]) -> str:
    """Return what the figure shows, with the means of each arm, for who cannot see it."""
    observed = means[means["kind"] == "observed"]
    values = [float(row["estimate"]) for row in numbers.frame_rows(observed)]
    digits = numbers.decimals_for(max(values, default=0.0) - min(values, default=0.0))
    parts = []
    for name, label in words.arms.items():
        known = {row["visit"]: row for row in numbers.frame_rows(observed[observed["arm"] == name])}
        said = [
            f"{visit_label} {numbers.number(known[visit]['estimate'], digits)}"
            for visit, visit_label in visits.items()
            if visit in known
        ]
        parts.append(f"{label}: {', '.join(said) or numbers.DASH}")
    way = f"; {words.way}" if words.way else ""
    return f"Observed means by visit, {words.measure}{way}. {'; '.join(parts)}."


def _note(individuals: bool, level: float) -> str:
    """Return what the marks stand for."""
    behind = "thin lines: participants" if individuals else "band: mean ± 1 SD"
    return (
        f"Marks with bars: observed mean with {numbers.interval_name(level)}; {behind}; "
        "grey lines: means of the other arms; n: participants with a value."
    )


def _scale(rows: list[numbers.Row], observations: pd.DataFrame | None) -> axis.ValueScale:
    """Return the axis that holds everything that is drawn."""
    values = [float(row[key]) for row in rows for key in ("estimate", "conf_low", "conf_high")]
    if observations is not None:
        values += observations["value"].astype(float).tolist()
    else:
        values += [float(row["estimate"] + sign * row["sd"]) for row in rows for sign in (-1, 1)]
    return axis.value_scale(values)


def _spread(
    axes: Axes,
    time_axis: axis.VisitAxis,
    name: str,
    look: marks.ArmLook,
    rows: list[numbers.Row],
    observations: pd.DataFrame | None,
) -> None:
    """Draw how far participants lie apart: their lines, or a band of one standard deviation."""
    if observations is None:
        mine = [row for row in rows if row["arm"] == name and row["visit"] in time_axis.at]
        mine.sort(key=lambda row: time_axis.at[row["visit"]])
        x = [time_axis.at[row["visit"]] for row in mine]
        low = [row["estimate"] - row["sd"] for row in mine]
        high = [row["estimate"] + row["sd"] for row in mine]
        axes.fill_between(x, low, high, facecolor=look.pale, alpha=0.55, linewidth=0.0, zorder=1)
        return
    own = observations[observations["arm"] == name]
    places = own["visit"].astype(str).map(dict(time_axis.at)).to_numpy(dtype=float)
    kept = own.assign(place=places).dropna(subset=["value", "place"]).sort_values("place")
    grouped = kept.groupby("participant", sort=True, observed=True)[["place", "value"]]
    paths = [part.to_numpy(dtype=float) for _, part in grouped]
    strength = float(np.clip(9.0 / max(len(paths), 1), 0.06, 0.4))
    axes.add_collection(
        LineCollection(paths, colors=look.colour, linewidths=0.6, alpha=strength, zorder=1),
        autolim=False,
    )


def _lines(
    axes: Axes,
    time_axis: axis.VisitAxis,
    name: str,
    looks: Mapping[str, marks.ArmLook],
    rows: list[numbers.Row],
) -> None:
    """Draw the means of the other arms in grey, then those of this one with intervals."""
    for other, look in sorted(looks.items(), key=lambda item: item[0] == name):
        mine = {row["visit"]: row for row in rows if row["arm"] == other}
        shown = [(x, mine[visit]) for visit, x in time_axis.at.items() if visit in mine]
        x, y = [x for x, _ in shown], [row["estimate"] for _, row in shown]
        if other != name:
            axes.plot(x, y, color=page.MID, linestyle=look.line, linewidth=0.9, zorder=2)
            continue
        bars = [[(at, row["conf_low"]), (at, row["conf_high"])] for at, row in shown]
        axes.add_collection(
            LineCollection(bars, colors=look.colour, linewidths=1.4, zorder=4), autolim=False
        )
        axes.plot(x, y, color=look.colour, linestyle=look.line, marker=look.marker,
                  markersize=5.0, linewidth=1.8, zorder=5)  # fmt: skip


def _numbers(
    paper: page.Page, time_axis: axis.VisitAxis, left: float, y: float, rows: list[numbers.Row]
) -> None:
    """Write how many participants have a value at each visit."""
    known = {row["visit"]: row["n"] for row in rows}
    for visit, x in time_axis.at.items():
        text = numbers.count(known.get(visit, float("nan")))
        paper.write(left + x, y, text, small=True, align="center", colour=page.GREY)
