"""How much a pooled effect depends on the choices: estimator, interval, and which trials."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backwalk_stats.figures import axis, marks, page, panel
from backwalk_stats.tables import labels, numbers

ROW_MM = 6.4
POOL_MM = 6.5
LEGEND_MM = 6.0
HEAD_MM = 7.0
AXIS_MM = 12.0
LABEL_MM, NARROW_LABEL_MM = 47.0, 32.0
GAP_MM = 6.0
LOOK = {"z": (page.MID, "o", page.MID), "hksj": (page.INK, "D", "white")}
Key = tuple[int, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """Heights of the rows: a heading for each slot, a row for each estimator under it.

    A slot holds one pool of each outcome: pools that every outcome has share one, and those that
    only some have stand beside each other, so that no half of a slot is empty without need.
    """

    slots: tuple[dict[str, str], ...]
    heads: tuple[float, ...]
    rows: dict[Key, float]
    height: float


@page.styled
def pooled_methods(pooled: pd.DataFrame) -> Figure:
    """Draw the pooled effect by estimator, interval and pool, a panel for each outcome.

    Two outcomes stand beside each other, on a narrow page below each other; below zero favours
    backward walking. Rows of `tables.POOLED` that leave one trial out are not drawn.
    """
    rows = numbers.frame_rows(pooled[pooled["left_out"] == ""])
    if not rows:
        return page.empty_page("No trials could be pooled")
    outcomes = list(dict.fromkeys(str(row["outcome"]) for row in rows))
    many = 1 if page.is_narrow() else 2
    pairs = [outcomes[start : start + many] for start in range(0, len(outcomes), many)]
    chosen = [[row for row in rows if row["outcome"] in pair] for pair in pairs]
    plans = [_plan(part) for part in chosen]
    body = sum(HEAD_MM + plan.height + AXIS_MM for plan in plans)
    paper = page.new_page(_legend_height() + body, page.page_width())
    panel.mark_flexible(paper.figure)
    _legend(paper)
    y, label = _legend_height(), _label_width()
    for pair, part, plan in zip(pairs, chosen, plans, strict=True):
        y += HEAD_MM
        _names(paper, part, plan, y)
        width = (paper.width - label - 3.0 - GAP_MM * (len(pair) - 1)) / len(pair)
        for place, outcome in enumerate(pair):
            left = label + place * (width + GAP_MM)
            axes = paper.axes(left, y, width, plan.height)
            _panel(axes, [row for row in part if row["outcome"] == outcome], plan, outcome)
            _frame(paper, outcome, (left, y, width, plan.height))
        y += plan.height + AXIS_MM
    return paper.figure


def alt_text(pooled: pd.DataFrame) -> str:
    """Return what the figure shows, with its range, for a reader who cannot see it."""
    rows = numbers.frame_rows(pooled[pooled["left_out"] == ""])
    if not rows:
        return "Pooled effects by method: no trials could be pooled."
    parts = []
    for outcome in dict.fromkeys(str(row["outcome"]) for row in rows):
        chosen = [row for row in rows if row["outcome"] == outcome]
        values = [row["estimate"] for row in chosen]
        across = sum(row["conf_low"] <= 0 <= row["conf_high"] for row in chosen)
        parts.append(
            f"{outcome}: Hedges g from {numbers.number(min(values))} to "
            f"{numbers.number(max(values))} over {len(chosen)} ways of pooling, "
            f"{across} of them with an interval that includes zero"
        )
    return f"Pooled effects by method, interval and choice of trials. {'; '.join(parts)}."


def _plan(rows: list[numbers.Row]) -> _Plan:
    """Return where every pool and estimator stands, in millimetres from the top."""
    y, places = 0.0, {}
    heads: list[float] = []
    order = {method: place for place, method in enumerate(labels.METHODS)}
    slots = _slots(rows)
    for place, slot in enumerate(slots):
        heads.append(y + POOL_MM / 2)
        y += POOL_MM
        here = (row for row in rows if slot.get(str(row["outcome"])) == row["pool"])
        methods = dict.fromkeys(str(row["method"]) for row in here)
        for method in sorted(methods, key=lambda method: order.get(method, len(order))):
            places[place, method] = y + ROW_MM / 2
            y += ROW_MM
        y += 1.5
    return _Plan(slots=slots, heads=tuple(heads), rows=places, height=y)


def _slots(rows: list[numbers.Row]) -> tuple[dict[str, str], ...]:
    """Return the pools that stand beside each other, outcome to pool."""
    pools: dict[str, list[str]] = {}
    for row in rows:
        mine = pools.setdefault(str(row["outcome"]), [])
        if row["pool"] not in mine:
            mine.append(str(row["pool"]))
    shared = [name for name in next(iter(pools.values())) if all(name in m for m in pools.values())]
    own = {
        outcome: [name for name in mine if name not in shared] for outcome, mine in pools.items()
    }
    most = max(map(len, own.values()))
    return (
        *(dict.fromkeys(pools, name) for name in shared),
        *({key: names[at] for key, names in own.items() if at < len(names)} for at in range(most)),
    )


def _panel(axes: Axes, rows: list[numbers.Row], plan: _Plan, outcome: str) -> None:
    """Draw the pooled effects of one outcome."""
    main = _main_row(rows)
    low, _ = axis.effect_axis(
        axes, [one for row in rows for one in axis.intervals([row], main=row is main)], plan.height
    )
    axes.axvline(0.0, color=page.INK, linewidth=0.6, zorder=0)
    place_of = {slot[outcome]: at for at, slot in enumerate(plan.slots) if outcome in slot}
    for row in rows:
        colour, marker, face = LOOK.get(str(row["ci"]), (page.INK, "s", "white"))
        y = plan.rows[place_of[str(row["pool"])], str(row["method"])]
        y += -1.2 if row["ci"] == "z" else 1.2
        marks.span(axes, row["conf_low"], row["conf_high"], y, colour=colour, width=1.3)
        axes.plot([row["estimate"]], [y], marker=marker, color=colour, markerfacecolor=face,
                  markersize=4.2, zorder=3)  # fmt: skip
    # On a narrow page the one outcome beside the names says its trials there.
    for slot, y in zip(plan.slots, plan.heads, strict=True) if not page.is_narrow() else ():
        text, sizes = _trials(rows, slot.get(outcome)), outcome in slot
        if sizes and not _one_name(slot):
            text = f"{labels.sentence_case(slot[outcome])}: {text}"
        text = page.shorten(
            text, axes.bbox.width / axes.figure.dpi * page.MM_PER_INCH - 2, small=True
        )
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        axes.text(
            low, y, text, va="center_baseline", fontsize=page.SMALL_PT, color=page.GREY, bbox=white
        )


def _trials(rows: list[numbers.Row], pool: str | None) -> str:
    """Return how many trials a pool has."""
    sizes = {row["k"] for row in rows if row["pool"] == pool}
    return f"{numbers.count(max(sizes))} trials" if sizes else "no such pool"


def _main_row(rows: list[numbers.Row]) -> numbers.Row:
    """Return the row of the main analysis: REML with Hartung-Knapp in the first pool."""
    chosen = [row for row in rows if (row["method"], row["ci"]) == ("reml", "hksj")]
    return (chosen or rows)[0]


def _one_name(slot: dict[str, str]) -> bool:
    """Tell whether the pools of a slot have the same name."""
    return len(set(slot.values())) == 1


def _names(paper: page.Page, rows: list[numbers.Row], plan: _Plan, top: float) -> None:
    """Write the names of pools and estimators beside the panels."""
    label = _label_width()
    for slot, y in zip(plan.slots, plan.heads, strict=True):
        pool = next(iter(slot.values())) if _one_name(slot) else "Other pools"
        name, room = labels.sentence_case(pool), label - 2
        if page.is_narrow():
            # It runs over the panel, whose line of no effect stands back.
            room = paper.width - 2
            name = page.shorten(f"{name}: {_trials(rows, pool)}", room, bold=True)
            back = Rectangle((0, top + y - 2.2), page.width_mm(name, bold=True) + 2, 4.4)
            back.set(facecolor="white", edgecolor="none", zorder=0)
            paper.sheet.add_patch(back)
            paper.sheet.set_zorder(1)
        name = page.shorten(name, room, bold=True)
        paper.write(1.0, top + y, name, bold=True)
    for (_, method), y in plan.rows.items():
        paper.write(3.0, top + y, page.shorten(labels.words_for(method, labels.METHODS), label - 4))


def _label_width() -> float:
    """Return the millimetres left of the panels."""
    return NARROW_LABEL_MM if page.is_narrow() else LABEL_MM


def _frame(paper: page.Page, outcome: str, box: tuple[float, float, float, float]) -> None:
    """Write the outcome above a panel, and which side favours what under it."""
    left, top, width, height = box
    title = page.shorten(labels.sentence_case(outcome), width, bold=True)
    paper.write(left + width / 2, top - 3.5, title, align="center", bold=True)
    under = top + height + 7.8
    paper.write(left, under, "← favours backward", small=True, colour=page.GREY)
    paper.write(
        left + width, under, "favours control →", align="right", small=True, colour=page.GREY
    )


def _legend_height() -> float:
    """Return the millimetres that the explanation takes."""
    return LEGEND_MM + (page.LINE_MM if page.is_narrow() else 0.0)


def _legend(paper: page.Page) -> None:
    """Explain the two kinds of interval, in one line; on a narrow page in two."""
    paper.write(1.0, 3.0, "Hedges g with 95% interval:")
    places, y = ((3.0, 35.0), 3.0 + page.LINE_MM) if page.is_narrow() else ((48.0, 80.0), 3.0)
    for x, (ci, (colour, marker, face)) in zip(places, LOOK.items(), strict=True):
        paper.sheet.plot([x, x + 6], [y, y], color=colour, linewidth=1.3)
        paper.sheet.plot(
            [x + 3], [y], marker=marker, color=colour, markerfacecolor=face, markersize=4.2
        )
        paper.write(x + 8, y, labels.words_for(ci, labels.INTERVALS))
