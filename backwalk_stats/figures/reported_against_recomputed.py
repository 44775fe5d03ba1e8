"""Printed numbers against recomputed ones, each with the interval that rounding allows."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from backwalk_stats.figures import agreement_rows as rows
from backwalk_stats.figures.marks import CHECKED, printed_value
from backwalk_stats.figures.page import GREY, SMALL_PT, Page, empty_page, new_page, styled
from backwalk_stats.tables.labels import study_name
from backwalk_stats.tables.numbers import Row, frame_rows

if TYPE_CHECKING:
    import pandas as pd

LEGEND_MM = 7.0
HEAD_MM = 7.5
AXIS_MM = 12.5
FOOT_MM = 5.0
MOST_ROWS = 24
NO_INTERVAL = ("grim", "grimmer")  # only some values can be: not an interval of rounding
SECONDARY = ("conf_low", "conf_high", "df", "interval midpoint", "weight")
WORST_FIRST = ("not_reproduced", "inputs_inconsistent", "compatible", "reproduced")


@styled
def reported_against_recomputed(
    ledger: pd.DataFrame, *, labels: Mapping[str, str] | None = None, most: int = MOST_ROWS
) -> Figure:
    """Draw every printed number that could be recomputed beside what was recomputed.

    P-values stand on their own scale; a printed bound is a shaded side of it. Other numbers have
    their own units, so each is drawn on the scale of its own recomputed interval: between -1 and 1
    the printed number is inside what rounding allows.

    Rows of `tables.LEDGER` without a printed and a recomputed number are left out, and so are means
    and SDs of whole-number scores (`grim_panels`). At `most` so many rows are drawn, the worst
    first; how many are left out stands at the foot. `split_rows` divides a long ledger, so that a
    figure for each part shows them all. `labels` is study to the name shown.
    """
    every = comparable(ledger, labels=labels or {})
    chosen = _first(every, most)
    p_values = [row for row in chosen if row["quantity"] == "p_value"]
    others = [row for row in chosen if row["quantity"] != "p_value"]
    if not chosen:
        return empty_page("No printed number could be recomputed")
    panels = [panel for panel in (p_values, others) if panel]
    body = sum(HEAD_MM + AXIS_MM + sum(rows.height(row) for row in panel) for panel in panels)
    left_out = len(every) - len(chosen)
    page = new_page(LEGEND_MM + body + (FOOT_MM if left_out else 0.0))
    rows.legend(page, 3.0)
    y = LEGEND_MM
    for panel in panels:
        y = _panel(page, panel, y)
    if left_out:
        noun = "number" if left_out == 1 else "numbers"
        text = f"Not drawn: {left_out} more {noun} with the same or a better verdict."
        page.write(1.0, y + 2.0, text, size=SMALL_PT, colour=GREY)
    return page.figure


def alt_text(ledger: pd.DataFrame) -> str:
    """Return what the figure shows, with its counts, for a reader who cannot see it."""
    chosen = comparable(ledger, labels={})
    p_values = sum(row["quantity"] == "p_value" for row in chosen)
    wrong = sum(row["verdict"] in ("not_reproduced", "inputs_inconsistent") for row in chosen)
    return (
        f"Printed against recomputed numbers, one row each: {p_values} p-values and "
        f"{len(chosen) - p_values} other numbers. In {wrong} rows the printed number does not "
        "come out of the other printed numbers."
    )


def comparable(ledger: pd.DataFrame, *, labels: Mapping[str, str]) -> list[Row]:
    """Return the rows that have a printed and a recomputed number, p-values first, worst first."""
    kept = []
    for place, row in enumerate(frame_rows(ledger)):
        printed = printed_value(str(row["reported"]))
        if printed is None or row["verdict"] not in CHECKED or not isfinite(row["recomputed"]):
            continue
        if row["check"] in NO_INTERVAL:
            continue
        name = study_name(row["study_id"], labels)
        kept.append({**row, "place": place, "printed": printed, "study": name})
    return sorted(
        kept,
        key=lambda row: (
            row["quantity"] != "p_value",
            WORST_FIRST.index(row["verdict"]),
            row["place"],
        ),
    )


def _first(rows_: list[Row], most: int) -> list[Row]:
    """Return the rows that tell most, in the order in which they stand.

    Those that do not agree come first, then p-values, then numbers that are not the ends, the
    middle or the degrees of freedom of another, one of each study before a second of any.
    """
    ranks: dict[int, tuple[int, int, int]] = {}
    seen: dict[tuple[int, str], int] = {}
    for row in rows_:
        quantity = 0 if row["quantity"] == "p_value" else 1 + (row["quantity"] in SECONDARY)
        earlier = seen.get((quantity, str(row["study_id"])), 0)
        seen[quantity, str(row["study_id"])] = earlier + 1
        agrees = WORST_FIRST.index(row["verdict"]) >= WORST_FIRST.index("compatible")
        ranks[row["place"]] = (int(agrees), quantity, earlier if quantity else 0)
    kept = set(sorted(ranks, key=lambda place: ranks[place])[:most])
    return [row for row in rows_ if row["place"] in kept]


def _panel(page: Page, panel: list[Row], top: float) -> float:
    """Draw one panel of rows; return the height below it."""
    of_p = panel[0]["quantity"] == "p_value"
    rows.head(page, top + 3.5, "P-values" if of_p else "Other numbers")
    tall = sum(rows.height(row) for row in panel)
    axes = page.axes(rows.PLOT_LEFT, top + HEAD_MM, rows.PLOT_WIDTH, tall)
    axes.set_ylim(tall, 0)
    if of_p:
        rows.dress_p(axes, panel)
    else:
        rows.dress_scaled(axes)
    y = 0.0
    for place, row in enumerate(panel):
        y += rows.height(row) / 2
        rows.label(page, row, top + HEAD_MM + y, shaded=place % 2 == 0)
        if of_p:
            rows.mark_p(axes, row, y)
        else:
            rows.mark_scaled(axes, row, y)
        y += rows.height(row) / 2
    under = "p-value" if of_p else "0 is the recomputed number, −1 to 1 the range around it"
    page.write(
        rows.PLOT_LEFT + rows.PLOT_WIDTH / 2,
        top + HEAD_MM + tall + 6.6,
        under,
        align="center",
        size=SMALL_PT,
        colour=GREY,
    )
    return top + HEAD_MM + tall + AXIS_MM
