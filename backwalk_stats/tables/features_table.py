"""Features of movement by visit and arm: mean and standard deviation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backwalk_stats.tables.display import DisplayColumn, DisplayTable
from backwalk_stats.tables.motion_labels import feature_label, walk_label
from backwalk_stats.tables.numbers import DASH, count, significant
from backwalk_stats.tables.small_cells import HIDDEN, hidden_notes

if TYPE_CHECKING:
    import pandas as pd

_NOTE = "Mean (standard deviation), n participants."


def features_table(
    features: pd.DataFrame,
    *,
    arms: Mapping[str, str],
    visits: Mapping[str, str],
    small_cell: int,
    caption: str = "",
) -> DisplayTable:
    """Return features as text, a row for each visit, under the feature and the walk.

    The frame has feature, direction, visit, arm, n, mean and sd; means of fewer participants than
    `small_cell` are not shown. `arms` and `visits` are name to label, in order.
    """
    known = {
        (row.feature, row.direction, row.visit, row.arm): row
        for row in features.itertuples(index=False)
    }
    rows, groups = [], []
    for feature, direction in features[["feature", "direction"]].drop_duplicates().to_numpy():
        for visit, words in visits.items():
            cells = [_cell(known.get((feature, direction, visit, arm)), small_cell) for arm in arms]
            if any(cell != DASH for cell in cells):
                rows.append((words or visit, *cells))
                walk = walk_label(str(feature), str(direction))
                label = feature_label(str(feature))
                groups.append(f"{label}, {walk}" if walk else label)
    return DisplayTable(
        columns=(
            DisplayColumn(key="visit", label="Visit", width=1.4),
            *(
                DisplayColumn(key=f"arm{place}", label=label or name, align="right", width=2.0)
                for place, (name, label) in enumerate(arms.items())
            ),
        ),
        rows=tuple(rows),
        caption=caption or "Features of movement by visit and arm.",
        notes=(_NOTE, *hidden_notes(rows)),
        groups=tuple(groups),
    )


def _cell(row: object, small_cell: int) -> str:
    """Return mean, SD and n."""
    if row is None:
        return DASH
    n, mean, sd = (float(getattr(row, name)) for name in ("n", "mean", "sd"))
    if n < small_cell:
        return HIDDEN
    return f"{significant(mean)} ({significant(sd)}), {count(n)}"
