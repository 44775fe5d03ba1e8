"""Means of a model by visit, and under them the differences between arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite, nan

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, marks, page
from backwalk_stats.tables import labels, numbers
from backwalk_stats.trial.outcome import Words

PANEL_MM, LOWER_MM, LABEL_MM, DODGE_MM = 62.0, 30.0, 34.0, 2.2


@page.styled
def model_means(
    means: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    *,
    words: Words,
    visits: Mapping[str, str],
    level: float = 0.95,
) -> Figure:
    """Draw the model's means (`tables.MEANS`) by visit, the differences in a lower panel.

    The differences (columns visit, contrast, estimate, conf_low and conf_high of `tables.RESULTS`)
    are drawn where there are any. `visits` is name to label, in order.
    """
    arms = words.arms
    rows = numbers.frame_rows(means[means["kind"] == "model"])
    if not any(isfinite(row["estimate"]) for row in rows):
        return page.empty_page(f"{words.outcome}: the model gives no means")
    shown = {name: label for name, label in visits.items() if any(r["visit"] == name for r in rows)}
    weeks = {str(row["visit"]): float(row["week"]) for row in rows}
    lower = [] if differences is None else numbers.frame_rows(differences)
    lower = [row for row in lower if row["visit"] in shown and isfinite(row["estimate"])]
    columns = ("estimate", "conf_low", "conf_high")
    scale = axis.value_scale([float(row[key]) for row in rows for key in columns])
    below = axis.value_scale([float(r[key]) for r in lower for key in columns], through=0.0, most=4)
    left = max(scale.label_room, below.label_room if lower else 0.0) + 2.0
    width = page.WIDTH_MM - left - LABEL_MM
    time_axis = axis.visit_axis(shown, weeks, width)
    head = axis.head_lines(f"Model mean: {words.measure}", words.better, page.WIDTH_MM - 2)
    top = len(head) * page.SMALL_LINE_MM + 3.0
    second = _difference_head(lower, words)
    middle = top + PANEL_MM + ((len(second) * page.SMALL_LINE_MM + 4.5) if lower else 0.0)
    bottom = middle + (LOWER_MM if lower else 0.0)
    end = bottom + time_axis.height + 2.0 + len(arms) * page.SMALL_LINE_MM
    paper = page.new_page(end + 3.5)
    paper.write_lines(1.0, 3.0, head, small=True)
    upper = paper.axes(left, top, width, PANEL_MM)
    time_axis.dress(upper)
    axis.dress_left(upper, scale)
    looks = marks.arm_looks(arms)
    _upper(paper, upper, time_axis, rows, looks, arms)
    if lower:
        paper.write_lines(1.0, top + PANEL_MM + 4.0, second, small=True)
        panel = paper.axes(left, middle, width, LOWER_MM)
        time_axis.dress(panel)
        axis.dress_left(panel, below)
        panel.axhline(0.0, color=page.INK, linewidth=0.7, zorder=1)
        _lower(panel, time_axis, lower, looks)
    time_axis.write(paper, left, bottom)
    _numbers(paper, time_axis, (left, bottom + time_axis.height + 2.0), rows, arms)
    paper.write(
        1.0, end + 1.0, f"Bars: {numbers.interval_name(level)}.", small=True, colour=page.GREY
    )
    return paper.figure


def alt_text(
    means: pd.DataFrame,
    differences: pd.DataFrame | None = None,
    *,
    words: Words,
    visits: Mapping[str, str],
) -> str:
    """Return what the figure shows, with the means and differences, for who cannot see it."""
    arms = words.arms
    rows = [
        row for row in numbers.frame_rows(means[means["kind"] == "model"]) if row["arm"] in arms
    ]
    digits = numbers.means_digits(rows)
    parts = [
        f"{arms[row['arm']]}, {visits.get(row['visit'], row['visit'])}: "
        f"{numbers.number(row['estimate'], digits)} "
        f"({numbers.interval_text(row['conf_low'], row['conf_high'], digits)})"
        for row in rows
    ]
    for row in [] if differences is None else numbers.frame_rows(differences):
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"], row["estimate"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        name = labels.contrast_label(row["contrast"], arms)
        when = visits.get(row["visit"], row["visit"])
        parts.append(f"{name}, {when}: {numbers.number(row['estimate'], digits)} ({interval})")
    way = f"; {words.way}" if words.way else ""
    return f"Means of the model by visit, {words.measure}{way}. {'; '.join(parts)}."


def _difference_head(lower: list[numbers.Row], words: Words) -> list[str]:
    """Return the words over the lower panel."""
    names = list(dict.fromkeys(labels.contrast_label(row["contrast"], words.arms) for row in lower))
    return axis.head_lines(f"Difference: {'; '.join(names)}", words.better, page.WIDTH_MM - 2)


def _dodged(place: int, count_: int) -> float:
    """Return how far a series is moved aside, in millimetres, so that bars do not coincide."""
    return (place - (count_ - 1) / 2) * DODGE_MM


def _upper(
    paper: page.Page,
    axes: Axes,
    time_axis: axis.VisitAxis,
    rows: list[numbers.Row],
    looks: Mapping[str, marks.ArmLook],
    arms: Mapping[str, str],
) -> None:
    """Draw the means of every arm, and its name at the end of its line."""
    ends = []
    low, high = axes.get_ylim()
    box = axes.get_position()
    for place, (name, look) in enumerate(looks.items()):
        mine = {row["visit"]: row for row in rows if row["arm"] == name}
        aside = _dodged(place, len(looks))
        shown = [(x + aside, mine[v]) for v, x in time_axis.at.items() if v in mine]
        _series(axes, shown, look, joined=True)
        known = [(x, row["estimate"]) for x, row in shown if isfinite(row["estimate"])]
        if known:
            share = box.y0 + (known[-1][1] - low) / (high - low) * box.height
            ends.append(marks.EndLabel(text=arms[name] or name, y=(1 - share) * paper.height,
                                       colour=look.colour))  # fmt: skip
    left = page.WIDTH_MM - LABEL_MM + 1.0
    top, bottom = ((1 - edge) * paper.height for edge in (box.y1, box.y0))
    marks.write_end_labels(paper, ends, x=left, width=LABEL_MM - 2.0, top=top, bottom=bottom)


def _lower(
    axes: Axes,
    time_axis: axis.VisitAxis,
    lower: list[numbers.Row],
    looks: Mapping[str, marks.ArmLook],
) -> None:
    """Draw the differences; each has the look of its first arm."""
    names = list(dict.fromkeys(str(row["contrast"]) for row in lower))
    for place, name in enumerate(names):
        aside = _dodged(place, len(names))
        mine = {row["visit"]: row for row in lower if row["contrast"] == name}
        shown = [(x + aside, mine[v]) for v, x in time_axis.at.items() if v in mine]
        look = looks.get(name.partition(" - ")[0]) or next(iter(looks.values()))
        _series(axes, shown, look, joined=False)


def _series(
    axes: Axes, shown: Sequence[tuple[float, numbers.Row]], look: marks.ArmLook, *, joined: bool
) -> None:
    """Draw estimates with their intervals, joined by a line or not."""
    bars = [[(x, row["conf_low"]), (x, row["conf_high"])] for x, row in shown]
    axes.add_collection(
        LineCollection(bars, colors=look.colour, linewidths=1.3, zorder=3), autolim=False
    )
    axes.plot(
        [x for x, _ in shown],
        [row["estimate"] for _, row in shown],
        color=look.colour,
        linestyle=look.line if joined else "none",
        marker=look.marker,
        markersize=5.0,
        linewidth=1.6,
        zorder=4,
    )


def _numbers(
    paper: page.Page,
    time_axis: axis.VisitAxis,
    place: tuple[float, float],
    rows: list[numbers.Row],
    arms: Mapping[str, str],
) -> None:
    """Write under the plot how many participants each mean rests on."""
    left, y = place
    for name, look in marks.arm_looks(arms).items():
        known = {row["visit"]: row["n"] for row in rows if row["arm"] == name}
        for visit, x in time_axis.at.items():
            text = numbers.count(known.get(visit, nan))
            paper.write(left + x, y, text, small=True, align="center", colour=look.colour)
        label = page.shorten(f"n, {arms[name] or name}", LABEL_MM - 2.0, small=True)
        paper.write(page.WIDTH_MM - LABEL_MM + 1.0, y, label, small=True, colour=look.colour)
        y += page.SMALL_LINE_MM
