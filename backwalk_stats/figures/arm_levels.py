"""The risk, or the rate, of each arm with its limits."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

Kind = Literal["risk", "rate"]
HEIGHT_MM = 70.0
COLUMNS = ("arm", "n", "estimate", "conf_low", "conf_high")
_NOTHING = {"risk": "no risk could be estimated", "rate": "no rate could be estimated"}
_MOST = {"risk": 100.0, "rate": np.inf}


@page.styled
def arm_levels(
    levels: pd.DataFrame, *, words: Words, kind: Kind, level: float, per: str = ""
) -> Figure:
    """Return `draw` on a page of a report."""
    figure, (axes,) = panel.figure(HEIGHT_MM)
    draw(axes, levels, words=words, kind=kind, per=per)
    panel.fit(figure)
    return figure


def draw(axes: Axes, levels: pd.DataFrame, *, words: Words, kind: Kind, per: str = "") -> None:
    """Draw a mark with its interval for each arm, over an axis that begins at zero.

    `levels` (`COLUMNS`) has a row an arm: risks in per cent, or rates. What is not shown is NaN and
    leaves its arm without a mark. `per` is the time over which a count was taken, "" for none.
    """
    rows = {str(row["arm"]): row for row in numbers.frame_rows(levels)}
    shown = {name: row for name, row in rows.items() if np.isfinite(float(row["estimate"]))}
    if not shown:
        panel.say(axes, f"{words.outcome}: {_NOTHING[kind]}")
        return
    ends = [float(row[name]) for row in shown.values() for name in COLUMNS[2:]]
    known = [value for value in ends if np.isfinite(value)]
    scale = axis.value_scale(known, through=0.0)
    panel.value_axis(axes, axis.ValueScale(low=0.0, high=scale.high, ticks=_up(scale, kind)))
    arms = [name for name in words.arms if name in rows]
    axes.set_xlim(-0.6, len(arms) - 0.4)
    slot = 0.9 * panel.width_in_points(axes) / max(len(arms), 1)
    heads = panel.tick_words((words.arms[name] or name for name in arms), slot)
    told = [
        "\n".join([head, *_lines(rows[name], slot)]) for head, name in zip(heads, arms, strict=True)
    ]
    axes.set_xticks(range(len(arms)), labels=told)
    axes.tick_params(axis="x", length=0)
    looks = panel.looks(words.arms, axes)
    for place, (name, tick) in enumerate(zip(arms, axes.get_xticklabels(), strict=True)):
        tick.set_color(looks[name].words)
        if name in shown:
            _mark(axes, shown[name], looks[name], float(place))
    panel.label_above(axes, f"{words.outcome}, {_measure(kind, per)}", words.better)


def caption(*, words: Words, kind: Kind, visit: str, level: float, source: str) -> str:
    """Return what the figure shows, and how it is read; `source` says where numbers come from."""
    what = "share of people" if kind == "risk" else "rate"
    return (
        f"{words.outcome} at {in_sentence(visit)}: the {what} in each arm, {source}, with "
        f"{numbers.interval_name(level)}s; n: people."
    )


def alt_text(levels: pd.DataFrame, *, words: Words, kind: Kind, level: float, per: str = "") -> str:
    """Return what the figure shows, with its numbers, for who cannot see it."""
    said = []
    for row in numbers.frame_rows(levels):
        label = words.arms.get(str(row["arm"])) or str(row["arm"])
        said.append(
            f"{label}: {_told(row)}" if np.isfinite(row["estimate"]) else f"{label}: not shown"
        )
    name = numbers.interval_name(level)
    return f"{words.outcome}, {_measure(kind, per)}, by arm with {name}s. {'; '.join(said)}."


def _measure(kind: Kind, per: str) -> str:
    """Return what is measured: shares of people, or events by the unit of a declared time."""
    if kind == "risk":
        return "% of people"
    return f"events by the unit of {per}" if per else "events a person"


def _mark(axes: Axes, row: numbers.Row, look: panel.Look, at: float) -> None:
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if np.isfinite(low) and np.isfinite(high):
        panel.span(axes, [at], [low], [high], look.colour, width=2.2)
    axes.plot([at], [float(row["estimate"])], linestyle="", marker=look.marker, markersize=7,
              markerfacecolor=look.face, markeredgecolor=look.colour, zorder=5)  # fmt: skip


def _told(row: numbers.Row) -> str:
    low, high = float(row["conf_low"]), float(row["conf_high"])
    digits = numbers.interval_digits(low, high, float(row["estimate"]))
    told = numbers.number(float(row["estimate"]), digits)
    around = numbers.interval_text(low, high, digits)
    return told if around == numbers.DASH else f"{told} ({around})"


def _lines(row: numbers.Row, slot: float) -> list[str]:
    """Return estimate with limits, in one line where it fits the points of a slot, and n."""
    told = _told(row) if np.isfinite(float(row["estimate"])) else "not shown"
    if panel.text_width(told, panel.points("xtick.labelsize")) > slot:
        told = told.replace(" (", "\n(")
    return [*told.split("\n"), _n(row)]


def _n(row: numbers.Row) -> str:
    return f"n = {numbers.count(float(row['n']))}" if np.isfinite(float(row["n"])) else "n = *"


def _up(scale: axis.ValueScale, kind: Kind) -> axis.Ticks:
    """Return the ticks from zero on; of shares none beyond all people."""
    kept = [
        (at, label)
        for at, label in zip(scale.ticks.at, scale.ticks.labels, strict=True)
        if 0.0 <= at <= _MOST[kind]
    ]
    return axis.Ticks(at=tuple(at for at, _ in kept), labels=tuple(label for _, label in kept))
