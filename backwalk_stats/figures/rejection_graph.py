"""The graph of a graphical procedure: shares of the level, and where they go after a rejection."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from backwalk_stats.figures import page, panel
from backwalk_stats.tables import numbers
from backwalk_stats.trial.estimand import MultiplicityGraph

ROW_MM, PAD_MM = 30.0, 2.4
BEND = 0.16  # of the distance: how far the middle of an arrow is off the straight line
LABEL_AT = 0.3  # of the way from the hypothesis that passes its share on
CHARACTERS = 12
MM = 25.4 / 72  # of a point


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """A hypothesis on the sheet: its middle, its size and its words, in millimetres."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@page.styled
def rejection_graph(graph: MultiplicityGraph, *, rejected: Collection[str] = ()) -> Figure:
    """Return `draw` on a page of a report."""
    rows = {1: 1, 2: 1, 3: 2}.get(len(graph.ids), 3)
    figure, (axes,) = panel.figure(ROW_MM * rows)
    axes.set_position((0.0, 0.0, 1.0, 1.0))
    draw(axes, graph, rejected=rejected)
    return figure


def draw(axes: Axes, graph: MultiplicityGraph, *, rejected: Collection[str] = ()) -> None:
    """Draw the hypotheses on an ellipse, each with its share, and arrows with what they pass on.

    `rejected`: the ids of those that were rejected; their boxes are filled.
    """
    box = axes.get_window_extent()
    dots = axes.figure.dpi / 25.4
    width, height = box.width / dots, box.height / dots
    axes.set_xlim(0.0, width)
    axes.set_ylim(0.0, height)
    axes.axis("off")
    nodes = _placed(graph, width, height)
    for one, other, part in graph.transitions:
        if part > 0.0:
            _arrow(axes, nodes[one], nodes[other], _share(part))
    for name, node in nodes.items():
        full = name in rejected
        face = panel.looks(["a"], axes)["a"].pale if full else axes.get_facecolor()
        corner = (node.x - node.width / 2, node.y - node.height / 2)
        axes.add_patch(
            FancyBboxPatch(corner, node.width, node.height, facecolor=face, edgecolor=panel.ink(),
                           boxstyle="round,pad=0,rounding_size=1.6", linewidth=1.0, zorder=3)
        )  # fmt: skip
        _write(axes, node)


def caption(graph: MultiplicityGraph, *, rejected: Collection[str] = ()) -> str:
    """Return how the figure is read."""
    filled = " Filled: rejected." if rejected else ""
    unused = 1.0 - sum(weight for _, weight in graph.weights)
    left = f" {_share(unused)} of the level is given to none." if unused > 1e-9 else ""
    return (
        "The order of the tests as a graph: in each box an estimand and the share of the level "
        "that it has at the start; on each arrow the part of that share which goes on when the "
        f"estimand is rejected.{left}{filled}"
    )


def alt_text(graph: MultiplicityGraph, *, rejected: Collection[str] = ()) -> str:
    """Return what the figure shows: every share and every arrow."""
    shares = ", ".join(f"{name} {_share(graph.weight(name))}" for name in graph.ids)
    arrows = "; ".join(f"{one} to {other} {_share(part)}" for one, other, part in graph.transitions)
    told = f" Passed on: {arrows}." if arrows else " Nothing is passed on."
    last = f" Rejected: {', '.join(name for name in graph.ids if name in rejected)}."
    return f"Shares of the level at the start: {shares}.{told}{last if rejected else ''}"


def _share(part: float) -> str:
    """Return a share as it is written: 0.5, or 0.333."""
    return numbers.plain(round(part, 3)) if part >= 5e-4 else numbers.significant(part, 1)


def _placed(graph: MultiplicityGraph, width: float, height: float) -> dict[str, _Node]:
    """Return the hypotheses clockwise on an ellipse, the first of them at the upper left."""
    words = {
        name: (*panel.page_lines(name, CHARACTERS), _share(graph.weight(name)))
        for name in graph.ids
    }
    size, line = panel.points("font.size"), 1.35 * panel.points("font.size") * MM
    wide = {
        name: max(panel.text_width(one, size) for one in lines) * MM + 2 * PAD_MM
        for name, lines in words.items()
    }
    high = {name: line * len(lines) + 2 * PAD_MM for name, lines in words.items()}
    across = (width - max(wide.values())) / 2 - 1.0
    up = (height - max(high.values())) / 2 - 1.0
    m = len(words)
    start = np.pi if m == 2 else np.pi / 2 + (np.pi / m if m % 2 == 0 else 0.0)
    turns = start - 2 * np.pi * np.arange(m) / m
    return {
        name: _Node(
            x=width / 2 + min(across, 1.9 * max(up, 20.0)) * float(np.cos(turn)),
            y=height / 2 + up * float(np.sin(turn)),
            width=wide[name],
            height=high[name],
            lines=words[name],
        )
        for name, turn in zip(words, turns, strict=True)
    }


def _write(axes: Axes, node: _Node) -> None:
    """Write a hypothesis and its share, a line each."""
    step = (node.height - 2 * PAD_MM) / len(node.lines)
    for place, text in enumerate(node.lines):
        last = place == len(node.lines) - 1
        y = node.y + node.height / 2 - PAD_MM - (place + 0.5) * step
        axes.text(node.x, y, page.plain(text), ha="center", va="center_baseline", zorder=4,
                  color=panel.ink(), fontweight="normal" if last else "bold")  # fmt: skip


def _arrow(axes: Axes, one: _Node, other: _Node, label: str) -> None:
    """Draw an arrow that bends to its left, so that one back does not lie upon it."""
    start, end = _edge(one, other), _edge(other, one)
    axes.add_patch(
        FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={BEND}", arrowstyle="-|>",
                        mutation_scale=9, linewidth=1.0, color=panel.second_ink(axes), zorder=2,
                        shrinkA=0, shrinkB=1)
    )  # fmt: skip
    middle = (
        (start[0] + end[0]) / 2 + BEND * (end[1] - start[1]),
        (start[1] + end[1]) / 2 - BEND * (end[0] - start[0]),
    )
    parts = ((1 - LABEL_AT) ** 2, 2 * LABEL_AT * (1 - LABEL_AT), LABEL_AT**2)
    x, y = (sum(w * p[k] for w, p in zip(parts, (start, middle, end), strict=True)) for k in (0, 1))
    behind = {"facecolor": axes.get_facecolor(), "edgecolor": "none", "pad": 1.2}
    axes.text(x, y, label, ha="center", va="center", color=panel.ink(), zorder=5, bbox=behind)


def _edge(one: _Node, other: _Node) -> tuple[float, float]:
    """Return where a line from one box to another leaves it."""
    toward: Sequence[float] = (other.x - one.x, other.y - one.y)
    halves = (one.width / 2 + 0.6, one.height / 2 + 0.6)
    reach = min(
        half / abs(step) if step else np.inf for half, step in zip(halves, toward, strict=True)
    )
    return float(one.x + reach * toward[0]), float(one.y + reach * toward[1])
