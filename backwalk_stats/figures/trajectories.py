"""What was observed at each visit: means with intervals, over how far participants lie apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 80.0
READ = "Marks with bars: observed mean with {interval}; {behind}; n: participants with a value."


@page.styled
def trajectories(
    means: pd.DataFrame,
    *,
    words: Words,
    visits: Mapping[str, str],
    observations: pd.DataFrame | None = None,
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, means, words=words, visits=visits, observations=observations)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    means: pd.DataFrame,
    *,
    words: Words,
    visits: Mapping[str, str],
    observations: pd.DataFrame | None = None,
) -> None:
    """Draw observed means (`tables.MEANS`) by visit on axes, a line for each arm.

    `visits` is name to label, in order. `observations` (`tables.TRIAL_DATA`) of the same outcome
    draw a thin line for every participant; without them a band shows one standard deviation.
    """
    rows = numbers.frame_rows(means[means["kind"] == "observed"])
    if not any(np.isfinite(float(row["estimate"])) for row in rows):
        panel.say(axes, f"{words.outcome}: no mean is known")
        return
    panel.value_axis(axes, _scale(rows, observations))
    at = panel.visit_axis(axes, visits, {str(row["visit"]): row["week"] for row in rows})
    looks = panel.looks(words.arms, axes)
    ends = []
    dodge = 0.012 * (axes.get_xlim()[1] - axes.get_xlim()[0])
    for place, (arm, label) in enumerate(words.arms.items()):
        own = {str(row["visit"]): row for row in rows if row["arm"] == arm}
        shown = [(at[visit], own[visit]) for visit in at if visit in own]
        if observations is None:
            _band(axes, shown, looks[arm])
        else:
            _participants(axes, observations[observations["arm"] == arm], at, looks[arm])
        aside = (place - (len(words.arms) - 1) / 2) * dodge
        x = [where + aside for where, _ in shown]
        y = [float(row["estimate"]) for _, row in shown]
        low = [row["conf_low"] for _, row in shown]
        panel.span(axes, x, low, [row["conf_high"] for _, row in shown], looks[arm].colour)
        panel.arm_line(axes, x, y, looks[arm])
        ends += [(label or arm, y[-1], looks[arm].words)] if y else []
    panel.label_above(axes, words.measure, words.better)
    panel.end_labels(axes, ends)
    counts = {
        arm: {str(row["visit"]): numbers.count(row["n"]) for row in rows if row["arm"] == arm}
        for arm in words.arms
    }
    panel.counts_below(axes, at, counts)


def caption(*, words: Words, individuals: bool, level: float) -> str:
    """Return what the figure shows, and how it is read."""
    behind = "thin lines: participants" if individuals else "bands: mean ± 1 SD"
    read = READ.format(interval=numbers.interval_name(level), behind=behind)
    return f"{words.outcome}: means that were observed, by visit. {read}"


def alt_text(means: pd.DataFrame, *, words: Words, visits: Mapping[str, str]) -> str:
    """Return what the figure shows, with the means of each arm, for who cannot see it."""
    observed = means[means["kind"] == "observed"]
    digits = numbers.means_digits(numbers.frame_rows(observed))
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


def _scale(rows: list[numbers.Row], observations: pd.DataFrame | None) -> axis.ValueScale:
    """Return the axis that holds everything that is drawn."""
    values = [float(row[key]) for row in rows for key in ("estimate", "conf_low", "conf_high")]
    if observations is not None:
        values += observations["value"].astype(float).tolist()
    else:
        values += [float(row["estimate"] + sign * row["sd"]) for row in rows for sign in (-1, 1)]
    return axis.value_scale(values)


def _band(axes: Axes, shown: list[tuple[float, numbers.Row]], look: panel.Look) -> None:
    """Draw a band of one standard deviation on both sides of the mean."""
    low = [row["estimate"] - row["sd"] for _, row in shown]
    high = [row["estimate"] + row["sd"] for _, row in shown]
    axes.fill_between([x for x, _ in shown], low, high, facecolor=look.colour, alpha=0.12,
                      linewidth=0.0, zorder=1)  # fmt: skip


def _participants(
    axes: Axes, observations: pd.DataFrame, at: Mapping[str, float], look: panel.Look
) -> None:
    """Draw a thin line for every participant of an arm."""
    places = observations["visit"].astype(str).map(dict(at)).to_numpy(dtype=float)
    kept = observations.assign(place=places).dropna(subset=["value", "place"]).sort_values("place")
    grouped = kept.groupby("participant", sort=True, observed=True)[["place", "value"]]
    paths = [part.to_numpy(dtype=float) for _, part in grouped]
    axes.add_collection(
        LineCollection(paths, colors=look.colour, linewidths=0.5, alpha=0.22, zorder=1),
        autolim=False,
    )
