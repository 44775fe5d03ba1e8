"""A column of percentages that could hold sums of items."""

from __future__ import annotations

import numpy as np

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView

FEWEST = 8


def check(view: TrialView, findings: Findings) -> None:
    """Warn where scores on 0 to 100 are whole, within the sum's range, and off the grid.

    With all k items answered, a percentage is a multiple of 100 / (sum of the items' highest
    answers). Sums are whole numbers up to that sum, and most are no such multiples.
    """
    for one in view.measured:
        if one.scale is None or one.table.items or (one.scale.low, one.scale.high) != (0, 100):
            continue
        highest = [item.high for item in one.scale.items]
        if len(highest) < 2 or None in highest:
            continue
        most = float(sum(high for high in highest if high is not None))
        values = view.values(one.outcome.name)
        if len(values) < FEWEST or most >= 100 or values.max() > most:
            continue
        multiples = values * most / 100
        off_grid = np.abs(multiples - np.round(multiples)) > 1e-6
        if np.all(values == np.round(values)) and off_grid.mean() > 0.1:
            action = (
                f"{one.outcome.name}: whole numbers up to {most:g}, which looks like the sum of "
                "items and not the percentage"
            )
            findings.warn(one.key, action, len(values))
