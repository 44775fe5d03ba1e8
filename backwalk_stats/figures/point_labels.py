"""Labels near points, each at the first place where it covers no text and no line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

_FREE = "free-label"
# Where a label may stand, in heights of a line from its point: near before far.
_PLACES = [
    (right * reach, up * reach)
    for reach in (1.0, 1.7, 2.6, 3.8, 5.5, 8.0)
    for right, up in (
        *((0, 1.2), (1, -1), (-1, 1), (1, 1), (-1, -1), (0, -1.2), (1.6, 0), (-1.6, 0)),
        *((2.5, -1), (-2.5, 1), (2.5, 1), (-2.5, -1)),
    )
]


def write(axes: Axes, labels: Sequence[tuple[str, float, float, str]]) -> None:
    """Write text at x and y in a colour, each as near to its point as texts and lines allow."""
    for text, x, y, colour in labels:
        axes.annotate(text, (x, y), (0, 0), textcoords="offset points", color=colour,
                      ha="center", va="center", annotation_clip=False, gid=_FREE, zorder=6,
                      fontsize=mpl.rcParams["xtick.labelsize"])  # fmt: skip
    settle(axes)


def settle(axes: Axes) -> None:
    """Give labels near points the first place that is free, of text before of lines."""
    found = [one for one in axes.texts if isinstance(one, Annotation) and one.get_gid() == _FREE]
    if not found:
        return
    inside, dots = axes.get_window_extent(), axes.figure.dpi / 72
    taken = [one.get_window_extent() for one in axes.texts if one.get_gid() != _FREE]
    lines = [_dense(line.get_transform().transform_path(line.get_path()).vertices)
             for line in axes.lines]  # fmt: skip
    marks_ = [axes.transData.transform(np.asarray(one.get_offsets(), dtype=float))
              for one in axes.collections if isinstance(one, PathCollection)]  # fmt: skip
    drawn = np.concatenate([np.empty((0, 2)), *lines, *marks_])
    for one in found:
        x, y = axes.transData.transform(one.xy)
        size = one.get_window_extent()
        best: tuple[float, tuple[float, float], Bbox] | None = None
        for right, up in _PLACES:
            middle = (x + np.sign(right) * size.width / 2 + right * 0.5 * size.height,
                      y + up * 0.75 * size.height)  # fmt: skip
            box = Bbox.from_bounds(middle[0] - size.width / 2, middle[1] - size.height / 2,
                                   size.width, size.height)  # fmt: skip
            out = not (inside.x0 <= box.x0 and box.x1 <= inside.x1 and inside.y0 <= box.y0
                       and box.y1 <= inside.y1)  # fmt: skip
            crossed = ((drawn > box.min) & (drawn < box.max)).all(axis=1).any()
            price = 4.0 * any(box.overlaps(other) for other in taken) + 2.0 * out + 1.0 * crossed
            if best is None or price < best[0]:
                best = price, middle, box
        assert best is not None
        taken.append(best[2])
        one.set_position(((best[1][0] - x) / dots, (best[1][1] - y) / dots))


def _dense(points: Any) -> np.ndarray:  # noqa: ANN401
    """Return points along a line, two pixels apart at most where it is not very long."""
    ends = np.asarray(points, dtype=float)
    if len(ends) < 2:
        return ends
    share = np.linspace(0.0, 1.0, int(np.clip(800 // len(ends), 2, 400)))[:, None, None]
    return np.asarray(((1 - share) * ends[:-1] + share * ends[1:]).reshape(-1, 2))
