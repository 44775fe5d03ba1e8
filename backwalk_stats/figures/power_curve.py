"""Power of a trial: over its size, a line for each true difference, or the other way round."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backwalk_stats.figures import axis, page, panel, point_labels
from backwalk_stats.tables import numbers

HEIGHT_MM, MOST_LINES = 84.0, 6
WANTED = 0.8
SIZE, EFFECT = "n_per_arm", "effect_size"
AXES = {SIZE: "People in each arm", EFFECT: "True difference, standard deviations (Cohen's d)"}
LINES = {SIZE: "people in each arm", EFFECT: "standardised difference"}
_TICKS = axis.Ticks(
    at=tuple(float(at) for at in range(0, 101, 20)),
    labels=tuple(str(at) for at in range(0, 101, 20)),
)


@page.styled
def power_curve(power: pd.DataFrame, designs: pd.DataFrame) -> Figure:
    """Return `draw` of planned trials on a page of a report, at most six sizes in a panel.

    `power` (`tables.POWER`) is that of the two-sided t-test at effect sizes (Cohen's d), `designs`
    (`tables.DESIGNS`) the difference found with 80 and with 90 % power.
    """
    planned = designs[designs["study_id"].isin(power["study_id"])]
    sizes = sorted(planned["n_per_arm"].astype(float).unique())
    if not sizes:
        return page.empty_page("No planned trial states its size")
    parts = [sizes[at : at + MOST_LINES] for at in range(0, len(sizes), MOST_LINES)]
    figure, panels = panel.figure(HEIGHT_MM * len(parts), rows=len(parts), hspace=0.4)
    needed = dict(zip(planned["n_per_arm"].astype(float), planned["detectable_80"], strict=True))
    for axes, part in zip(panels, parts, strict=True):
        mine = power[power["n_per_arm"].isin(part)].drop_duplicates([SIZE, EFFECT])
        draw(axes, mine, along=EFFECT, needed=needed)
    panel.fit(figure)
    return figure


def draw(
    axes: Axes,
    power: pd.DataFrame,
    *,
    along: str = SIZE,
    wanted: float = WANTED,
    needed: Mapping[float, float] | None = None,
) -> None:
    """Draw power (n_per_arm, effect_size, power) along one of both, a line for each of the other.

    Each line has its number; where it reaches the power that is `wanted` stands what that needs:
    people (the next whole number) or a difference. `needed` tells it by line where it is known.
    """
    import seaborn as sns

    other = EFFECT if along == SIZE else SIZE
    shown = power.assign(percent=100.0 * power["power"]).sort_values([other, along])
    lines = sorted(shown[other].unique())
    if not lines:
        panel.say(axes, "There is no power to show")
        return
    panel.value_axis(axes, axis.ValueScale(low=0.0, high=104.0, ticks=_TICKS))
    scale = axis.value_scale(shown[along].astype(float), most=6)
    panel.across_axis(axes, scale)
    strong = next(iter(panel.looks(("power",), axes).values()))
    ground = panel.tint(axes, 0.12)
    palette = sns.blend_palette([ground, strong.colour], n_colors=len(lines) + 1)[1:]
    sns.lineplot(shown, x=along, y="percent", hue=other, hue_order=lines,
                 palette=dict(zip(lines, palette, strict=True)), estimator=None, errorbar=None,
                 legend=False, ax=axes, zorder=3)  # fmt: skip
    axes.axhline(100 * wanted, color=panel.second_ink(axes), linewidth=0.9, linestyle=":", zorder=2)
    labels = []
    for place, line in enumerate(lines):
        mine = shown[shown[other] == line]
        x, y = (mine[name].to_numpy(dtype=float) for name in (along, "percent"))
        at = (needed or {}).get(float(line), _reaches(x, y, 100 * wanted))
        if at is not None and x.min() <= at <= x.max():
            axes.plot([at], [100 * wanted], marker="o", color=panel.ink(), zorder=5)
            told = numbers.count(ceil(at - 1e-9)) if along == SIZE else numbers.number(at)
            labels.append((told, float(at), 100 * wanted, panel.ink()))
        at_line = _on_line(x, y, place, len(lines))
        labels.append((_told(line, lines, other), *at_line, panel.second_ink(axes)))
    point_labels.write(axes, labels)
    panel.label_above(axes, f"Power, %; a line for each {LINES[other]}" if other == EFFECT
                      else f"Power, %; a line for each number of {LINES[other]}")  # fmt: skip
    panel.label_below(axes, AXES[along])


def caption() -> str:
    """Return what the figure shows of planned trials, and how it is read."""
    return (
        "Power against the true difference, a line for each planned number of participants in each "
        "arm, which stands on it. Dots: the difference that is found with a power of 80 %."
    )


def alt_text(power: pd.DataFrame, designs: pd.DataFrame) -> str:
    """Return what the figure shows, with its main numbers, for a reader who cannot see it.

    Examples
    --------
    >>> import pandas as pd
    >>> design = {"label": "A trial", "n_per_arm": 13, "detectable_80": 1.147}
    >>> designs = pd.DataFrame([design | {"detectable_90": 1.327}])
    >>> alt_text(pd.DataFrame({"power": [0.05]}), designs).partition(". ")[2]
    'A trial, 13 in each arm: d = 1.15 with 80 % power, 1.33 with 90 %.'
    """
    if designs.empty or power.empty:
        return "Power curve: no planned trial states its size."
    parts = [
        f"{row['label']}, {numbers.count(row['n_per_arm'])} in each arm: d = "
        f"{numbers.number(row['detectable_80'])} with 80 % power, "
        f"{numbers.number(row['detectable_90'])} with 90 %"
        for row in numbers.frame_rows(designs)
    ]
    return f"Power against the standardised difference d. {'; '.join(parts)}."


def _reaches(x: np.ndarray, y: np.ndarray, wanted: float) -> float | None:
    """Return where a rising line reaches a height, between two of its points; None if nowhere."""
    above = np.flatnonzero(y >= wanted)
    if not len(above):
        return None
    first = int(above[0])
    if first == 0:
        return float(x[0]) if y[0] == wanted else None
    share = (wanted - y[first - 1]) / (y[first] - y[first - 1])
    return float(x[first - 1] + share * (x[first] - x[first - 1]))


def _on_line(x: np.ndarray, y: np.ndarray, place: int, lines: int) -> tuple[float, float]:
    """Return a point of a line for its number: of each line at another height."""
    height = min(y.max() - 8.0, 62.0) - (22.0 * place / max(lines - 1, 1))
    nearest = int(np.argmin(np.abs(y - height)))
    return float(x[nearest]), float(y[nearest])


def _told(line: float, lines: list[float], what: str) -> str:
    """Return the number of a line, with as many decimals as tell the lines apart."""
    if what == SIZE:
        return f"n = {numbers.count(line)}"
    return numbers.number(
        line, next((d for d in (1, 2) if np.allclose(np.round(lines, d), lines)), 3)
    )
