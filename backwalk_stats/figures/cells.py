"""Rows of cells in the colours of what they say, under headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from backwalk_stats.figures import page, panel

MANY_CELLS = 4000  # more are drawn as one image


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Rows of cells under a heading.

    Attributes
    ----------
    title, colour : str
        The heading, and the colour of it and of the notes.
    codes : array, shape (rows, columns)
        Which colour a cell has; NaN is no cell.
    labels, notes : tuple of str
        To the left and right of each row; empty for none.
    """

    title: str
    colour: str
    codes: np.ndarray
    labels: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def blocks(axes: Axes, parts: Sequence[Block], colours: Sequence[str]) -> float:
    """Draw rows of cells in their colours, a block below the other; return the width of the cells.

    Columns are one unit wide, from 0; the axes are wider where there are notes.
    """
    import seaborn as sns

    size = panel.points("ytick.labelsize")
    box, dots = axes.get_window_extent(), axes.figure.dpi / 72
    rows, across = sum(len(one.codes) for one in parts), max(one.codes.shape[1] for one in parts)
    room = max(box.height / dots - len(parts) * 1.9 * size, 1.0)
    head = max(int(np.ceil(1.9 * size * rows / room)), 1)
    whole = np.full((rows + head * len(parts), across), np.nan)
    widest = max((panel.text_width(note, size) for one in parts for note in one.notes), default=0.0)
    share = min((widest + 14.0) * dots / box.width, 0.45) if widest else 0.0
    at, marked, y = [], [], 0
    for one in parts:
        axes.annotate(page.plain(one.title), (0, y + head), (0, 3), textcoords="offset points",
                      color=one.colour, fontweight="bold", annotation_clip=False)  # fmt: skip
        y += head
        whole[y : y + len(one.codes), : one.codes.shape[1]] = one.codes
        middles = [y + place + 0.5 for place in range(len(one.codes))]
        at += list(zip(middles, one.labels, strict=False))
        for middle, note in zip(middles, one.notes, strict=False):
            marked.append(axes.annotate(note, (across, middle), (6, 0), color=one.colour,
                                        textcoords="offset points", va="center", fontsize=size,
                                        annotation_clip=False))  # fmt: skip
        y += len(one.codes)
    thin = min(box.width * (1 - share) / across, box.height / len(whole)) / dots < 2.2
    sns.heatmap(whole, ax=axes, cmap=ListedColormap(list(colours)), vmin=-0.5,
                vmax=len(colours) - 0.5, cbar=False, xticklabels=False, yticklabels=False,
                rasterized=whole.size > MANY_CELLS)  # fmt: skip
    if not thin:  # gaps as lines: a typesetter loses the edges of cells
        gap: Any = {"color": axes.get_facecolor(), "linewidth": 0.6}
        axes.hlines(range(len(whole) + 1), 0, across, **gap)
        axes.vlines(range(across + 1), 0, len(whole), **gap)
    axes.set_xlim(0, across / (1 - share))
    axes.set_yticks([middle for middle, _ in at], labels=[page.plain(text) for _, text in at],
                    rotation=0)  # fmt: skip
    axes.tick_params(length=0)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return float(across)
