"""How many of each arm are in which ordered category: a bar an arm, from the lowest on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import page, panel
from backwalk_stats.figures.contrast import contrast, mixed
from backwalk_stats.tables import numbers
from backwalk_stats.tables.trial_labels import in_sentence
from backwalk_stats.trial.outcome import Words

HEIGHT_MM = 62.0
PALEST, DARKEST = 0.12, 0.8  # of the ink, in the lowest and in the highest category
_LEAST = 6.0  # per cent: a narrower part of a bar has no number in it
_BAR = 0.62


@page.styled
def category_shares(categories: pd.DataFrame, *, words: Words) -> Figure:
    """Return `draw` on a page of a report."""
    arms = categories["arm"].nunique()
    figure, (axes,) = panel.figure(HEIGHT_MM + 9.0 * max(arms - 2, 0))
    draw(axes, categories, words=words)
    panel.fit(figure)
    return figure


def draw(axes: Axes, categories: pd.DataFrame, *, words: Words) -> None:
    """Draw a bar for each arm, in parts for its categories, with the number of people in each.

    `categories` (`tables.CATEGORIES`) has a row an arm and category, these from low to high.
    """
    counts = _counts(categories, words)
    table = counts.to_numpy(dtype=float)
    totals = table.sum(axis=1)
    if counts.empty or not (totals > 0).all():
        panel.say(axes, f"{words.outcome}: no categories can be shown")
        return
    names = [str(name) for name in counts.columns]
    arms = [str(arm) for arm in counts.index]
    paints = _paints(axes, len(names))
    for place, row in enumerate(table):
        ends = 100.0 * np.concatenate([[0.0], row.cumsum()]) / totals[place]
        for n, left, right, paint in zip(row, ends[:-1], ends[1:], paints, strict=True):
            _part(axes, place, left, right, numbers.count(float(n)), paint)
    axes.set_ylim(len(arms) - 0.5, -0.5)
    axes.set_xlim(0.0, 100.0)
    axes.set_xticks((0, 25, 50, 75, 100), labels=["0", "25", "50", "75", "100%"])
    told = [
        f"{words.arms[arm] or arm}\nn = {numbers.count(float(n))}"
        for arm, n in zip(arms, totals, strict=True)
    ]
    axes.set_yticks(range(len(arms)), labels=told)
    axes.tick_params(axis="y", length=0)
    for tick, arm in zip(axes.get_yticklabels(), arms, strict=True):
        tick.set_color(panel.looks(words.arms, axes)[arm].words)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=False)
    panel.label_below(axes, "% of the arm; numbers: people")
    _legend(axes, names, paints)


def caption(*, words: Words, visit: str, joined: bool) -> str:
    """Return what the figure shows, and how it is read; `joined` says that categories are one."""
    put = " Categories of few people are put together with their neighbours." if joined else ""
    return (
        f"{words.outcome} at {in_sentence(visit)}: how many people of each arm are in which "
        f"category, from the lowest at the left to the highest at the right.{put}"
    )


def alt_text(categories: pd.DataFrame, *, words: Words) -> str:
    """Return what the figure shows, with its counts, for who cannot see it."""
    counts = _counts(categories, words)
    said = []
    for arm, row in zip(counts.index, counts.to_numpy(dtype=float), strict=True):
        pairs = zip(counts.columns, row, strict=True)
        each = [f"{name} {numbers.count(float(n))}" for name, n in pairs]
        said.append(f"{words.arms[str(arm)] or arm}: {', '.join(each)}")
    return f"People of each arm by category of {in_sentence(words.outcome)}. {'; '.join(said)}."


def _counts(categories: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return counts, a row an arm and a column a category, in their orders."""
    order = list(dict.fromkeys(categories["category"].astype(str)))
    wide = categories.pivot_table(
        index="arm", columns="category", values="n", aggfunc="sum", observed=True
    )
    there = set(wide.index.astype(str))
    arms = [name for name in words.arms if name in there]
    return wide.reindex(index=arms, columns=order).astype(float)


def _paints(axes: Axes, size: int) -> list[str]:
    """Return a colour for each category, paler for the lower."""
    shares = np.linspace(PALEST, DARKEST, size) if size > 1 else [PALEST]
    return [mixed(panel.ink(), axes.get_facecolor(), float(share)) for share in shares]


def _part(axes: Axes, place: int, left: float, right: float, n: str, paint: str) -> None:
    if right <= left:
        return
    axes.barh(place, right - left, left=left, height=_BAR, color=paint, zorder=3,
              edgecolor=axes.get_facecolor(), linewidth=0.8)  # fmt: skip
    if right - left >= _LEAST:
        ground = axes.get_facecolor()
        dark = contrast(panel.ink(), paint) < contrast(ground, paint)
        axes.text((left + right) / 2, place, n, ha="center", va="center", zorder=4,
                  color=ground if dark else panel.ink(),
                  fontsize=panel.points("xtick.labelsize"))  # fmt: skip


def _legend(axes: Axes, names: list[str], paints: list[str]) -> None:
    """Write the categories over the bars in their order, each beside its colour."""
    from matplotlib.patches import Patch

    edge = mixed(panel.ink(), axes.get_facecolor(), 0.3)
    marks = [
        Patch(facecolor=paint, edgecolor=edge, linewidth=0.5, label=page.plain(name))
        for name, paint in zip(names, paints, strict=True)
    ]
    size = panel.points("xtick.labelsize")
    # One row where all stand in it, else one below the other: columns would break their order.
    needed = sum(panel.text_width(name, size) + 3.5 * size for name in names)
    columns = len(names) if needed <= panel.width_in_points(axes) else 1
    axes.legend(handles=marks, ncols=columns, loc="lower left", bbox_to_anchor=(0.0, 1.0),
                frameon=False, fontsize=size, handlelength=1.1, handleheight=1.0,
                borderaxespad=0.0, columnspacing=1.2)  # fmt: skip
