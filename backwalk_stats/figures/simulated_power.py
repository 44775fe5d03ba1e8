"""Power of planned analyses over the size of an arm, simulated, and the error without effect."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import ANALYSES

HEIGHT_MM, MOST_LINES = 92.0, 6
APART = 0.006  # of the axis, between the marks of two estimands
_TICKS = axis.Ticks(
    at=tuple(float(at) for at in range(0, 101, 20)),
    labels=tuple(str(at) for at in range(0, 101, 20)),
)


@page.styled
def simulated_power(
    results: pd.DataFrame, *, targets: Sequence[float], alpha: float = 0.05
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, results, targets=targets, alpha=alpha)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes, results: pd.DataFrame, *, targets: Sequence[float], alpha: float = 0.05
) -> None:
    """Draw power against people in each arm, a line for each estimand, and the type I error.

    `results` (`tables.POWER_RESULTS`) is of one scenario. Bars are limits of the simulation;
    dotted lines stand at the targets and at alpha. More than six estimands are not drawn.
    """
    power = _of(results, "power")
    names = list(dict.fromkeys(power["estimand"]))[:MOST_LINES]
    if not names:
        panel.say(axes, "No estimand was simulated")
        return
    sizes = power["per_arm"].astype(float)
    panel.value_axis(axes, axis.ValueScale(low=0.0, high=104.0, ticks=_TICKS))
    panel.across_axis(axes, axis.value_scale(sizes, most=6))
    left, right = axes.get_xlim()
    soft = panel.second_ink(axes)
    for level in (*targets, alpha):
        panel.level(axes, 100 * level, color=soft, linewidth=0.9, linestyle=panel.DOTTED)
    looks, error = panel.looks(names, axes), _of(results, "type_one_error")
    labels = []
    for place, name in enumerate(names):
        look = looks[name]
        aside = (place - (len(names) - 1) / 2) * APART * (right - left)
        for own, line in ((power, look.line), (error, "none")):
            mine = own[own["estimand"] == name].sort_values("per_arm")
            x = (mine["per_arm"].astype(float) + aside).tolist()
            panel.arm_line(axes, x, (100 * mine["value"]).tolist(), look, linestyle=line)
            low, high = ((100 * mine[column]).tolist() for column in ("conf_low", "conf_high"))
            panel.span(axes, x, low, high, look.colour)
        last = power[power["estimand"] == name].sort_values("per_arm").iloc[-1]
        labels.append((str(name), 100 * float(last["value"]), look.words))
    labels.append(("no effect", 100 * alpha, soft))
    labels += [("target", 100 * level, soft) for level in targets]
    panel.end_labels(axes, labels)
    panel.label_above(axes, "Significant trials, %")
    panel.label_below(axes, "People in each arm")


def _of(results: pd.DataFrame, quantity: str) -> pd.DataFrame:
    return results[(results["quantity"] == quantity) & results["value"].notna()]


def caption(results: pd.DataFrame, *, alpha: float = 0.05) -> str:
    """Return how the figure is read."""
    most = int(results["replicates"].max())
    return (
        "Upper marks: power, a line for each estimand; lower marks: significant trials where the "
        f"arms do not differ (type I error, {numbers.percent(100 * alpha, 0)} is intended). Bars: "
        f"95% limits of {numbers.count(most)} simulated trials; dotted: what is aimed at."
    )


def alt_text(results: pd.DataFrame, *, targets: Sequence[float], alpha: float = 0.05) -> str:
    """Return what the figure shows in words: power of each estimand by size, and the error."""
    parts = []
    power, error = _of(results, "power"), _of(results, "type_one_error")
    for name in list(dict.fromkeys(power["estimand"]))[:MOST_LINES]:
        mine = power[power["estimand"] == name].sort_values("per_arm")
        shown = ", ".join(
            f"{numbers.percent(100 * row['value'])} with {numbers.count(row['per_arm'])}"
            for row in mine.to_dict("records")
        )
        errors = error[error["estimand"] == name]["value"]
        ends = [numbers.percent(100 * one) for one in (errors.min(), errors.max())]
        rate = f"; without effect {ends[0]} to {ends[1]}" if len(errors) else ""
        analysis = str(mine["analysis"].iloc[0])
        told = f"{name} ({ANALYSES.get(analysis, analysis)})"
        parts.append(f"{told}: {shown} in each arm{rate}")
    wanted = ", ".join(numbers.percent(100 * one, 0) for one in targets)
    return f"Power against people in each arm; target {wanted}. {'. '.join(parts)}."
