"""A line for each arm: the outcome that the model expects for each baseline."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel, point_labels
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 86.0
DOTTED = (0, (1, 1.6))


@page.styled
def ancova_fit(
    lines: pd.DataFrame, *, words: Words, visit: str = "", points: pd.DataFrame | None = None
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, lines, words=words, visit=visit, points=points)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    lines: pd.DataFrame,
    *,
    words: Words,
    visit: str = "",
    across: str = "",
    points: pd.DataFrame | None = None,
) -> None:
    """Draw the lines of an analysis of covariance (`tables.ANCOVA_LINES`) with their bands.

    The dotted line is no change; `across` is what runs across, else the outcome at baseline.
    `points` (`tables.CHANGES`) shows every participant; where several have the same values their
    mark is larger.
    """
    known = lines[lines["estimate"].notna()]
    if known.empty:
        panel.say(axes, f"{words.outcome}: no line could be fitted")
        return
    seen = None if points is None else points.dropna(subset=["baseline", "value"])
    heights = known[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float).ravel().tolist()
    bases = known["baseline"].astype(float).tolist()
    if seen is not None:
        heights += seen["value"].astype(float).tolist()
        bases += seen["baseline"].astype(float).tolist()
    panel.value_axis(axes, axis.value_scale(heights))
    below = axis.value_scale(bases, most=8)
    panel.across_axis(axes, below)
    looks, ends = panel.looks(words.arms, axes), []
    axes.axline((0.0, 0.0), slope=1.0, color=panel.second_ink(axes), linewidth=1.0,
                linestyle=DOTTED, zorder=1)  # fmt: skip
    for name, look in looks.items():
        mine = known[known["arm"] == name].sort_values("baseline")
        if seen is not None:
            _people(axes, seen[seen["arm"] == name], look)
        if mine.empty:
            continue
        axes.fill_between(mine["baseline"], mine["conf_low"], mine["conf_high"],
                          facecolor=look.colour, alpha=0.16, linewidth=0.0, zorder=1)  # fmt: skip
        axes.plot(mine["baseline"], mine["estimate"], color=look.colour, linestyle=look.line,
                  linewidth=1.9, zorder=4)  # fmt: skip
        ends.append((words.arms[name] or name, float(mine["estimate"].iloc[-1]), look.words))
    when = f", at {visit}" if visit else ""
    panel.label_above(axes, f"{words.measure}{when}", words.better)
    panel.label_below(axes, across or f"{words.measure}, at baseline")
    panel.end_labels(axes, ends)
    low, high = axes.get_ylim()
    start, end = max(low, below.low), min(high, below.high)
    if start < end:  # the diagonal crosses the panel
        at = start + 0.93 * (end - start)
        point_labels.write(axes, [("no change", at, at, panel.second_ink(axes))])


def draw_differences(axes: Axes, found: pd.DataFrame, *, outcome: str = "") -> None:
    """Draw adjusted differences (contrast, estimate, conf_low, conf_high) with their intervals."""
    rows = numbers.frame_rows(found[found["estimate"].notna()])
    if not rows:
        panel.say(axes, "no difference could be estimated")
        return
    columns = ("estimate", "conf_low", "conf_high")
    scale = axis.value_scale([row[key] for row in rows for key in columns], through=0.0)
    places = [float(place) for place in range(len(rows))]
    panel.across_axis(axes, scale)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    names = [str(row["contrast"]).replace(" - ", f" {numbers.MINUS} ") for row in rows]
    axes.set_yticks(places, labels=["\n".join(panel.page_lines(name, 24)) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(False, axis="y")
    axes.axvline(0.0, color=panel.ink(), linewidth=1.2, zorder=1)
    low, high = ([row[key] for row in rows] for key in columns[1:])
    panel.span(axes, places, low, high, panel.ink(), across=True)
    axes.plot([row["estimate"] for row in rows], places, linestyle="none", marker="D",
              color=panel.ink(), zorder=5)  # fmt: skip
    panel.label_below(axes, f"Adjusted difference{f', {outcome}' if outcome else ''}")
    for place, row in zip(places, rows, strict=True):
        digits = numbers.interval_digits(row["conf_low"], row["conf_high"])
        interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
        axes.annotate(f"{numbers.number(row['estimate'], digits)} ({interval})",
                      (row["estimate"], place), (0, 7), textcoords="offset points", ha="center",
                      color=panel.ink(), fontsize=mpl.rcParams["xtick.labelsize"])  # fmt: skip


def caption(*, words: Words, visit: str = "", individuals: bool, level: float) -> str:
    """Return what the figure shows, and how it is read."""
    people = " Marks: participants, larger where several have the same values." * individuals
    return (
        f"{words.outcome} at {visit or 'follow-up'} by its baseline: the lines of the analysis of "
        f"covariance with {numbers.interval_name(level)}s; the distance between them is the "
        f"adjusted difference. Dotted: no change.{people}"
    )


def alt_text(lines: pd.DataFrame, *, words: Words, visit: str = "") -> str:
    """Return what the figure shows at both ends of each line, for who cannot see it."""
    known = lines[lines["estimate"].notna()]
    digits = numbers.decimals_of(known["estimate"])
    along = numbers.decimals_of(known["baseline"])
    said = []
    for name, label in words.arms.items():
        mine = numbers.frame_rows(known[known["arm"] == name].sort_values("baseline"))
        for row in (mine[0], mine[-1]) if mine else ():
            interval = numbers.interval_text(row["conf_low"], row["conf_high"], digits)
            said.append(
                f"{label}, baseline {numbers.number(row['baseline'], along)}: "
                f"{numbers.number(row['estimate'], digits)} ({interval})"
            )
    return (
        f"Analysis of covariance, {words.measure}{words.aside}: value at {visit or 'follow-up'} by "
        f"baseline. {'; '.join(said)}."
    )


def _people(axes: Axes, mine: pd.DataFrame, look: panel.Look) -> None:
    """Draw participants of one arm; equal values share a mark, whose area is their number."""
    import seaborn as sns

    counted = mine.groupby(["baseline", "value"], sort=True).size().rename("people").reset_index()
    if counted.empty:
        return
    most = int(counted["people"].max())
    sns.scatterplot(counted, x="baseline", y="value", size="people", sizes=(12, 12 * most),
                    size_norm=(1, max(most, 2)), marker=look.marker, color=look.face,
                    edgecolor=look.colour, linewidth=0.8, alpha=0.6, legend=False, ax=axes,
                    zorder=3)  # fmt: skip
