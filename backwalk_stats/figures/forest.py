"""A forest plot: what each trial found, how much it weighs, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import forest_rows as rows
from backwalk_stats.figures.axis import effect_axis
from backwalk_stats.figures.page import (
    GREY,
    INK,
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
from backwalk_stats.tables.labels import sentence_case
from backwalk_stats.tables.numbers import Row, count, frame_rows, p_text

if TYPE_CHECKING:
    import pandas as pd

AXIS_MM = 12.5
MARKS = "†‡§¶"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Scene:
    """Everything a forest plot shows: trials, pooled effects, and lines of notes."""

    trials: list[Row]
    pools: list[Row]
    notes: list[str]


@styled
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
        return empty_page(f"{outcome}: no trial could be pooled")
    tail = sum(rows.pool_height(row) for row in scene.pools)
    body = len(scene.trials) * rows.ROW_MM + 2.0 + tail
    under = rows.HEAD_MM + body
    page = new_page(under + AXIS_MM + len(scene.notes) * line_height(SMALL_PT) + 1.5)
    axes = page.axes(rows.PLOT_LEFT, rows.HEAD_MM, rows.PLOT_WIDTH, body)
    _dress(axes, scene, body)
    rows.head(page, has_arms=any(row["arms"] for row in scene.trials))
    for place, row in enumerate(scene.trials):
        rows.trial(page, axes, row, (place + 0.5) * rows.ROW_MM)
    y = len(scene.trials) * rows.ROW_MM
    page.rule(rows.HEAD_MM + y + 0.4, color=MID, linewidth=0.5)
    y += rows.ROW_MM / 2 + 1.0
    for row in scene.pools:
        rows.pool(page, axes, row, y, filled=row["pool"] == pool)
        y += rows.pool_height(row)
    _sides(page, under)
    page.write_lines(1.0, under + AXIS_MM, scene.notes, size=SMALL_PT, colour=GREY)
    return page.figure


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
        said = f"{rows.effect_text(row)}, {p_text(row['p_value'])}, {count(row['k'])} trials"
        parts.append(f"Pooled effect with 95% interval: {said}.")
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
    trials: list[Row] = frame_rows(here[here["method"] == method])
    arms: dict[str, Row] = {}
    if effects is not None:
        chosen = effects[effects["outcome"] == outcome]
        arms = {str(row["study_id"]): row for row in frame_rows(chosen)}
    reasons = list(dict.fromkeys(row["doubt"] for row in trials if row["doubt"]))
    marks = {
        reason: MARKS[place % len(MARKS)] * (place // len(MARKS) + 1)
        for place, reason in enumerate(reasons)
    }
    for row in trials:
        row["mark"] = marks.get(row["doubt"], "")
        row["arms"] = arms.get(str(row["study_id"]), {})
    whole = frame_rows(
        pooled[
            (pooled["outcome"] == outcome)
            & (pooled["method"] == method)
            & (pooled["ci"] == ci)
            & (pooled["left_out"] == "")
        ]
    )
    diamonds: list[Row] = [row for name in pools for row in whole if row["pool"] == name]
    notes = [
        line
        for reason, mark in marks.items()
        for line in wrap(f"{mark} In doubt: {reason}", WIDTH_MM - 2, size=SMALL_PT)
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
            text = f"{sentence_case(name)}: {'; '.join(parts)}."
            lines += wrap(text, WIDTH_MM - 2, size=SMALL_PT)
    return lines


def _dress(axes: Axes, scene: _Scene, body: float) -> None:
    """Give the axes a millimetre per unit downwards, ticks, and a line of no effect."""
    shown = [*scene.trials, *scene.pools]
    effect_axis(axes, shown, body, wider=[(row["pi_low"], row["pi_high"]) for row in scene.pools])
    axes.axvline(0.0, color=INK, linewidth=0.6, zorder=0)
    if scene.pools and not isnan(scene.pools[0]["estimate"]):
        dashes = (0, (3, 3))
        axes.axvline(
            scene.pools[0]["estimate"], color=MID, linewidth=0.6, linestyle=dashes, zorder=0
        )


def _sides(page: Page, under: float) -> None:
    """Write under the axis which side favours what."""
    middle = rows.PLOT_LEFT + rows.PLOT_WIDTH / 2
    page.write(middle, under + 6.4, "Hedges g", align="center")
    page.write(rows.PLOT_LEFT - 2, under + 6.4, "← favours backward", align="right")
    page.write(rows.PLOT_LEFT + rows.PLOT_WIDTH + 2, under + 6.4, "favours control →")
