"""The rows of a forest plot: a trial's line, and a pooled effect with what stands under it."""

from __future__ import annotations

from math import isfinite, isinf, isnan, sqrt

from matplotlib.axes import Axes

from backwalk_stats.figures.page import (
    BLUE,
    BODY_PT,
    GREY,
    INK,
    MM_PER_INCH,
    SMALL_PT,
    Page,
    line_height,
    shorten,
    wrap,
)
from backwalk_stats.tables.labels import INTERVALS, METHODS, sentence_case, words_for
from backwalk_stats.tables.numbers import (
    Row,
    count,
    interval_text,
    number,
    p_text,
    percent,
    shortened,
    significant,
)

ROW_MM = 5.4
HEAD_MM = 10.0
PLOT_LEFT, PLOT_WIDTH = 84.0, 40.0
TRIAL_AT, BACKWARD_AT, CONTROL_AT, EFFECT_AT, WEIGHT_AT = 1.0, 57.0, 82.0, 156.0, 169.0
SMALLEST_SQUARE_MM, SQUARE_MM = 1.0, 3.4


def head(page: Page, *, has_arms: bool) -> None:
    """Write the headings of the columns."""
    upper, lower = HEAD_MM / 2 - 2, HEAD_MM / 2 + 1.4
    page.write(TRIAL_AT, upper, "Trial", bold=True)
    for x, name, below in (
        (BACKWARD_AT, "Backward" if has_arms else "", "mean (SD), n"),
        (CONTROL_AT, "Control" if has_arms else "", "mean (SD), n"),
        (EFFECT_AT, "Hedges g", "95% interval"),
        (WEIGHT_AT, "Weight", ""),
    ):
        if name:
            page.write(x, upper, name, align="right", bold=True)
            page.write(x, lower, below, align="right", size=SMALL_PT, colour=GREY)
    page.rule(HEAD_MM - 1.4)


def trial(page: Page, axes: Axes, row: Row, y: float) -> None:
    """Draw one trial at height `y` of the axes: label, arms, interval, square and weight."""
    at, arms = HEAD_MM + y, row["arms"]
    room = 27.5 if arms else PLOT_LEFT - 5
    page.write(TRIAL_AT, at, shorten(row["label"], room) + row["mark"])
    for x, mean, n in (
        (BACKWARD_AT, arms.get("backward", ""), arms.get("n_backward")),
        (CONTROL_AT, arms.get("control", ""), arms.get("n_control")),
    ):
        if mean:
            whole = mean if n is None or isnan(n) else f"{mean}, {count(n)}"
            text = shorten(shortened(whole), 24.5 if x > BACKWARD_AT else 27.0, size=SMALL_PT)
            page.write(x, at, text, align="right", size=SMALL_PT)
    page.write(EFFECT_AT, at, effect_text(row), align="right", size=SMALL_PT)
    page.write(WEIGHT_AT, at, percent(row["weight"]), align="right", size=SMALL_PT)
    span(axes, row["conf_low"], row["conf_high"], y)
    share = row["weight"] if isfinite(row["weight"]) else 0.0
    side = SMALLEST_SQUARE_MM + SQUARE_MM * sqrt(max(share, 0.0) / 100)
    axes.plot(
        [row["estimate"]],
        [y],
        marker="s",
        markersize=side * 72 / MM_PER_INCH,
        markerfacecolor="white" if row["doubt"] else BLUE,
        markeredgecolor=BLUE,
        markeredgewidth=0.9,
        zorder=3,
    )


def pool(page: Page, axes: Axes, row: Row, y: float, *, filled: bool) -> None:
    """Draw one pooled effect at height `y`: its name, diamond, prediction and heterogeneity."""
    at = HEAD_MM + y
    name = f"{sentence_case(row['pool'])}, {count(row['k'])} trials"
    page.write(TRIAL_AT, at, shorten(name, PLOT_LEFT - 3, bold=True), bold=True)
    page.write(EFFECT_AT, at, effect_text(row), align="right", size=SMALL_PT, bold=True)
    axes.fill(
        [row["conf_low"], row["estimate"], row["conf_high"], row["estimate"]],
        [y, y - 1.6, y, y + 1.6],
        facecolor=INK if filled else "white",
        edgecolor=INK,
        linewidth=0.8,
        zorder=3,
    )
    below = at + line_height(BODY_PT)
    page.write_lines(TRIAL_AT, below, _notes(row), size=SMALL_PT, colour=GREY)
    if not isnan(row["pi_low"]):
        span(axes, row["pi_low"], row["pi_high"], below - HEAD_MM, colour=GREY, width=2.2)
        text = f"predicted {interval_text(row['pi_low'], row['pi_high'])}"
        page.write(EFFECT_AT, below, text, align="right", size=SMALL_PT, colour=GREY)


def pool_height(row: Row) -> float:
    """Return the millimetres that a pooled effect takes."""
    return line_height(BODY_PT) + line_height(SMALL_PT) * len(_notes(row)) + 2.6


def span(
    axes: Axes, low: float, high: float, y: float, *, colour: str = INK, width: float = 0.9
) -> None:
    """Draw an interval; an end that lies beyond the axis becomes an arrow head."""
    left, right = axes.get_xlim()
    if isnan(low) or isnan(high):
        return
    ends = [max(low, left), min(high, right)]
    axes.plot(ends, [y, y], color=colour, linewidth=width, solid_capstyle="butt", zorder=2)
    for beyond, x, marker in ((low < left, left, "<"), (high > right, right, ">")):
        if beyond:
            axes.plot([x], [y], marker=marker, color=colour, markersize=4, clip_on=False, zorder=2)


def effect_text(row: Row, digits: int = 2) -> str:
    """Return an effect with its interval, as text.

    Examples
    --------
    >>> effect_text({"estimate": -0.892, "conf_low": -1.623, "conf_high": -0.161})
    '−0.89 [−1.62, −0.16]'
    """
    low, high = number(row["conf_low"], digits), number(row["conf_high"], digits)
    return f"{number(row['estimate'], digits)} [{low}, {high}]"


def _notes(row: Row) -> list[str]:
    """Return the lines under a pooled effect: how it was got, its test, how trials differ."""
    how = words_for(row["method"], METHODS)
    interval = words_for(row["ci"], INTERVALS)
    value = number(row["statistic"])
    test = (
        f"z = {value}"
        if isinf(row["df"]) or isnan(row["df"])
        else (f"t({count(row['df'])}) = {value}")
    )
    lines = [f"{how}, {interval} interval; {test}, {p_text(row['p_value'])}"]
    parts = []
    if not isnan(row["tau2"]) and row["method"] != "common":
        around = interval_text(row["tau2_low"], row["tau2_high"])
        known = not isnan(row["tau2_low"])
        parts.append(f"τ² {significant(row['tau2'], 2)}" + (f" ({around})" if known else ""))
    if not isnan(row["q"]):
        parts.append(f"I² {percent(row['i2'], 0)}")
        parts.append(f"Q({count(row['q_df'])}) = {number(row['q'], 1)}, {p_text(row['q_p'])}")
    lines += ["; ".join(parts)] if parts else []
    return [part for line in lines for part in wrap(line, PLOT_LEFT - 2, size=SMALL_PT)]
