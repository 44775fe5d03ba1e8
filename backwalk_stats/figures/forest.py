"""A forest plot: what each trial found, how much it weighs, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isinf, isnan, sqrt

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page
from backwalk_stats.figures.marks import span
from backwalk_stats.tables import labels, numbers

AXIS_MM = 12.5
MARKS = "†‡§¶"
ROW_MM = 5.4
HEAD_MM = 10.0
PLOT_LEFT, PLOT_WIDTH = 84.0, 40.0
TRIAL_AT, BACKWARD_AT, CONTROL_AT, EFFECT_AT, WEIGHT_AT = 1.0, 57.0, 82.0, 156.0, 169.0
SMALLEST_SQUARE_MM, SQUARE_MM = 1.0, 3.4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scene:
    """Everything a forest plot shows: trials, pooled effects, and lines of notes."""

    trials: list[numbers.Row]
    pools: list[numbers.Row]
    notes: list[str]


@page.styled
def forest(
    weights: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    outcome: str,
    pool: str,
    method: str = "reml",
    ci: str = "hksj",
    also: Sequence[str] = (),
    effects: pd.DataFrame | None = None,
) -> Figure:
    """Draw the trials of one pool and the pooled effect under them; below zero favours backward.

    Of `weights` (`tables.WEIGHTS`) the rows of this outcome, pool and method are drawn; of `pooled`
    (`tables.POOLED`) those of this outcome, method and interval become diamonds, hollow for the
    pools of `also`. `effects` (`tables.EFFECTS`) tell means, SDs and numbers of participants.
    `method` is "common", "dl", "pm" or "reml", `ci` "z" or "hksj".
    """
    scene = _scene(weights, pooled, outcome, (pool, *also), (method, ci), effects)
    scene.notes.extend(_pools_in_words(weights, outcome, (pool, *also), method))
    if not scene.trials:
        return page.empty_page(f"{outcome}: no trial could be pooled")
    tail = sum(_pool_height(row) for row in scene.pools)
    body = len(scene.trials) * ROW_MM + 2.0 + tail
    under = HEAD_MM + body
    paper = page.new_page(under + AXIS_MM + len(scene.notes) * page.SMALL_LINE_MM + 1.5)
    axes = paper.axes(PLOT_LEFT, HEAD_MM, PLOT_WIDTH, body)
    _dress(axes, scene, body)
    _head(paper, has_arms=any(row["arms"] for row in scene.trials))
    for place, row in enumerate(scene.trials):
        _draw_trial(paper, axes, row, (place + 0.5) * ROW_MM)
    y = len(scene.trials) * ROW_MM
    paper.rule(HEAD_MM + y + 0.4, color=page.MID, linewidth=0.5)
    y += ROW_MM / 2 + 1.0
    for row in scene.pools:
        _draw_pool(paper, axes, row, y, filled=row["pool"] == pool)
        y += _pool_height(row)
    _sides(paper, under)
    paper.write_lines(1.0, under + AXIS_MM, scene.notes, small=True, colour=page.GREY)
    return paper.figure


def alt_text(
    weights: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    outcome: str,
    pool: str,
    method: str = "reml",
    ci: str = "hksj",
) -> str:
    """Return what the forest plot shows, with its main number, for a reader who cannot see it."""
    scene = _scene(weights, pooled, outcome, (pool,), (method, ci), None)
    if not scene.trials:
        return f"Forest plot, {outcome}: no trial could be pooled."
    doubted = sum(bool(row["doubt"]) for row in scene.trials)
    parts = [
        f"Forest plot, {outcome}, {len(scene.trials)} trials ({pool}): Hedges g, below zero "
        "favours backward walking."
    ]
    parts += [f"Rows marked as in doubt: {doubted}."] if doubted else []
    for row in scene.pools:
        effect, p = numbers.effect_text(row), numbers.p_text(row["p_value"])
        trials = numbers.count(row["k"])
        parts.append(f"Pooled effect with 95% interval: {effect}, {p}, {trials} trials.")
    return " ".join(parts)


def _scene(
    weights: pd.DataFrame,
    pooled: pd.DataFrame,
    outcome: str,
    pools: Sequence[str],
    choice: tuple[str, str],
    effects: pd.DataFrame | None,
) -> _Scene:
    """Return the rows of the figure in drawing order, and the notes under it."""
    method, ci = choice
    here = weights[(weights["outcome"] == outcome) & (weights["pool"] == pools[0])]
    trials: list[numbers.Row] = numbers.frame_rows(here[here["method"] == method])
    arms: dict[str, numbers.Row] = {}
    if effects is not None:
        chosen = effects[effects["outcome"] == outcome]
        arms = {str(row["study_id"]): row for row in numbers.frame_rows(chosen)}
    reasons = list(dict.fromkeys(row["doubt"] for row in trials if row["doubt"]))
    marks = {
        reason: MARKS[place % len(MARKS)] * (place // len(MARKS) + 1)
        for place, reason in enumerate(reasons)
    }
    for row in trials:
        row["mark"] = marks.get(row["doubt"], "")
        row["arms"] = arms.get(str(row["study_id"]), {})
    whole = numbers.frame_rows(
        pooled[
            (pooled["outcome"] == outcome)
            & (pooled["method"] == method)
            & (pooled["ci"] == ci)
            & (pooled["left_out"] == "")
        ]
    )
    diamonds: list[numbers.Row] = [row for name in pools for row in whole if row["pool"] == name]
    notes = [
        line
        for reason, mark in marks.items()
        for line in page.wrap(f"{mark} In doubt: {reason}", page.WIDTH_MM - 2, small=True)
    ]
    return _Scene(trials=trials, pools=diamonds, notes=notes)


def _pools_in_words(
    weights: pd.DataFrame, outcome: str, pools: Sequence[str], method: str
) -> list[str]:
    """Return lines that say which trials each other pool adds to the main one, or leaves out."""
    here = weights[(weights["outcome"] == outcome) & (weights["method"] == method)]
    held = {name: list(here.loc[here["pool"] == name, "label"].astype(str)) for name in pools}
    main = held[pools[0]]
    lines = []
    for name in pools[1:]:
        added = [label for label in held[name] if label not in main]
        dropped = [label for label in main if label not in held[name]]
        parts = [f"adds {', '.join(added)}"] if added else []
        parts += [f"leaves out {', '.join(dropped)}"] if dropped else []
        if held[name] and parts:
            text = f"{labels.sentence_case(name)}: {'; '.join(parts)}."
            lines += page.wrap(text, page.WIDTH_MM - 2, small=True)
    return lines


def _dress(axes: Axes, scene: _Scene, body: float) -> None:
    """Give the axes a millimetre per unit downwards, ticks, and a line of no effect."""
    shown = [*scene.trials, *scene.pools]
    axis.effect_axis(
        axes, shown, body, wider=[(row["pi_low"], row["pi_high"]) for row in scene.pools]
    )
    axes.axvline(0.0, color=page.INK, linewidth=0.6, zorder=0)
    if scene.pools and not isnan(scene.pools[0]["estimate"]):
        dashes = (0, (3, 3))
        axes.axvline(
            scene.pools[0]["estimate"], color=page.MID, linewidth=0.6, linestyle=dashes, zorder=0
        )


def _sides(paper: page.Page, under: float) -> None:
    """Write under the axis which side favours what."""
    middle = PLOT_LEFT + PLOT_WIDTH / 2
    paper.write(middle, under + 6.4, "Hedges g", align="center")
    paper.write(PLOT_LEFT - 2, under + 6.4, "← favours backward", align="right")
    paper.write(PLOT_LEFT + PLOT_WIDTH + 2, under + 6.4, "favours control →")


def _head(paper: page.Page, *, has_arms: bool) -> None:
    """Write the headings of the columns."""
    upper, lower = HEAD_MM / 2 - 2, HEAD_MM / 2 + 1.4
    paper.write(TRIAL_AT, upper, "Trial", bold=True)
    for x, name, below in (
        (BACKWARD_AT, "Backward" if has_arms else "", "mean (SD), n"),
        (CONTROL_AT, "Control" if has_arms else "", "mean (SD), n"),
        (EFFECT_AT, "Hedges g", "95% interval"),
        (WEIGHT_AT, "Weight", ""),
    ):
        if name:
            paper.write(x, upper, name, align="right", bold=True)
            paper.write(x, lower, below, align="right", small=True, colour=page.GREY)
    paper.rule(HEAD_MM - 1.4)


def _draw_trial(paper: page.Page, axes: Axes, row: numbers.Row, y: float) -> None:
    """Draw one trial at height `y` of the axes: label, arms, interval, square and weight."""
    at, arms = HEAD_MM + y, row["arms"]
    room = 27.5 if arms else PLOT_LEFT - 5
    paper.write(TRIAL_AT, at, page.shorten(row["label"], room) + row["mark"])
    for x, mean, n in (
        (BACKWARD_AT, arms.get("backward", ""), arms.get("n_backward")),
        (CONTROL_AT, arms.get("control", ""), arms.get("n_control")),
    ):
        if mean:
            whole = mean if n is None or isnan(n) else f"{mean}, {numbers.count(n)}"
            text = page.shorten(
                numbers.shortened(whole), 24.5 if x > BACKWARD_AT else 27.0, small=True
            )
            paper.write(x, at, text, align="right", small=True)
    paper.write(EFFECT_AT, at, numbers.effect_text(row), align="right", small=True)
    paper.write(WEIGHT_AT, at, numbers.percent(row["weight"]), align="right", small=True)
    span(axes, row["conf_low"], row["conf_high"], y)
    share = row["weight"] if isfinite(row["weight"]) else 0.0
    side = SMALLEST_SQUARE_MM + SQUARE_MM * sqrt(max(share, 0.0) / 100)
    axes.plot(
        [row["estimate"]],
        [y],
        marker="s",
        markersize=side * 72 / page.MM_PER_INCH,
        markerfacecolor="white" if row["doubt"] else page.BLUE,
        markeredgecolor=page.BLUE,
        markeredgewidth=0.9,
        zorder=3,
    )


def _draw_pool(paper: page.Page, axes: Axes, row: numbers.Row, y: float, *, filled: bool) -> None:
    """Draw one pooled effect at height `y`: its name, diamond, prediction and heterogeneity."""
    at = HEAD_MM + y
    name = f"{labels.sentence_case(row['pool'])}, {numbers.count(row['k'])} trials"
    paper.write(TRIAL_AT, at, page.shorten(name, PLOT_LEFT - 3, bold=True), bold=True)
    paper.write(EFFECT_AT, at, numbers.effect_text(row), align="right", small=True, bold=True)
    axes.fill(
        [row["conf_low"], row["estimate"], row["conf_high"], row["estimate"]],
        [y, y - 1.6, y, y + 1.6],
        facecolor=page.INK if filled else "white",
        edgecolor=page.INK,
        linewidth=0.8,
        zorder=3,
    )
    below = at + page.LINE_MM
    paper.write_lines(TRIAL_AT, below, _pool_notes(row), small=True, colour=page.GREY)
    if not isnan(row["pi_low"]):
        span(axes, row["pi_low"], row["pi_high"], below - HEAD_MM, colour=page.GREY, width=2.2)
        text = f"predicted {numbers.interval_text(row['pi_low'], row['pi_high'])}"
        paper.write(EFFECT_AT, below, text, align="right", small=True, colour=page.GREY)


def _pool_height(row: numbers.Row) -> float:
    """Return the millimetres that a pooled effect takes."""
    return page.LINE_MM + page.SMALL_LINE_MM * len(_pool_notes(row)) + 2.6


def _pool_notes(row: numbers.Row) -> list[str]:
    """Return the lines under a pooled effect: how it was got, its test, how trials differ."""
    how = labels.words_for(row["method"], labels.METHODS)
    interval = labels.words_for(row["ci"], labels.INTERVALS)
    value = numbers.number(row["statistic"])
    test = (
        f"z = {value}"
        if isinf(row["df"]) or isnan(row["df"])
        else (f"t({numbers.count(row['df'])}) = {value}")
    )
    lines = [f"{how}, {interval} interval; {test}, {numbers.p_text(row['p_value'])}"]
    parts = []
    if not isnan(row["tau2"]) and row["method"] != "common":
        around = numbers.interval_text(row["tau2_low"], row["tau2_high"])
        known = not isnan(row["tau2_low"])
        parts.append(
            f"τ² {numbers.significant(row['tau2'], 2)}" + (f" ({around})" if known else "")
        )
    if not isnan(row["q"]):
        parts.append(f"I² {numbers.percent(row['i2'], 0)}")
        q, df = numbers.number(row["q"], 1), numbers.count(row["q_df"])
        parts.append(f"Q({df}) = {q}, {numbers.p_text(row['q_p'])}")
    lines += ["; ".join(parts)] if parts else []
    return [part for line in lines for part in page.wrap(line, PLOT_LEFT - 2, small=True)]
