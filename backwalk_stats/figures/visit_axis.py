"""Visits along a horizontal axis: by time where there is room, else evenly spaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes

from backwalk_stats.figures.lettering import wrap
from backwalk_stats.figures.page import Page, line_height
from backwalk_stats.figures.style import GREY, SMALL_PT

NARROWEST_MM = 11.0
MOST_LINES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitAxis:
    """Where visits stand, in millimetres from the left end of the axis, and their labels."""

    at: Mapping[str, float]
    labels: Mapping[str, tuple[str, ...]]
    to_scale: bool
    width: float

    @property
    def height(self) -> float:
        """Return the millimetres from the axis to the end of the labels and the note."""
        lines = max(map(len, self.labels.values())) + (0 if self.to_scale else 1)
        return 4.6 + lines * line_height(SMALL_PT)

    def dress(self, axes: Axes) -> None:
        """Give axes a millimetre per unit to the right, and a tick at each visit."""
        axes.set_xlim(0.0, self.width)
        axes.set_xticks(list(self.at.values()), labels=[])

    def write(self, page: Page, left: float, axis: float) -> None:
        """Write the labels under an axis that stands at height `axis`."""
        y = axis + 4.4
        for visit, lines in self.labels.items():
            page.write_lines(left + self.at[visit], y, lines, size=SMALL_PT, align="center")
        if not self.to_scale:
            below = y + max(map(len, self.labels.values())) * line_height(SMALL_PT)
            note = "visits evenly spaced, not to scale"
            page.write(left + self.width / 2, below, note, size=SMALL_PT, align="center",
                       colour=GREY)  # fmt: skip


def visit_axis(
    visits: Mapping[str, str], weeks: Mapping[str, float], width: float, *, margin: float = 7.0
) -> VisitAxis:
    """Return where visits stand on an axis of a width in millimetres, a margin free at both ends.

    Visits stand by week where every week is known (neither absent nor NaN) and no two stand closer
    than their labels need; else evenly spaced, and the axis says so. `visits` is name to label, in
    order.

    Examples
    --------
    >>> axis = visit_axis({"a": "Week 0", "b": "Week 6"}, {"a": 0, "b": 6}, 100)
    >>> axis.at["b"], axis.to_scale
    (93.0, True)
    """
    names = list(visits)
    inner = width - 2 * margin
    known = [float(weeks.get(name, float("nan"))) for name in names]
    steps = [after - before for before, after in pairwise(known)]
    evenly = inner / max(len(steps), 1)
    timed = all(step > 0 for step in steps)  # false where a week is not known
    by_time = [margin + (week - known[0]) / (known[-1] - known[0]) * inner for week in known
               ] if timed and steps else []  # fmt: skip
    narrowest = min((after - before for before, after in pairwise(by_time)), default=0.0)
    if narrowest >= min(NARROWEST_MM, evenly) - 1e-6:
        at = by_time
    else:
        at = [margin + place * evenly for place in range(len(names))] if steps else [width / 2]
    slot = min([after - before for before, after in pairwise(at)] or [width])
    slot = min(slot, 2 * margin + 8.0) - 0.7 if steps else width
    labels = {
        name: tuple(wrap(visits[name] or name, slot, size=SMALL_PT, lines=MOST_LINES))
        for name in names
    }
    return VisitAxis(
        at=dict(zip(names, at, strict=True)),
        labels=labels,
        to_scale=at == by_time or not timed or not steps,
        width=width,
    )
