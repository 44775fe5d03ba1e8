"""Two outcomes that go opposite ways: one of them may have its scale turned round."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView

FEWEST = 20
OPPOSITE = -0.5


def check(view: TrialView, findings: Findings) -> None:
    """Warn where people who are better off on one outcome are clearly worse off on another.

    It is the rank correlation at the first visit, with both outcomes turned so that higher is
    better.
    """
    first = view.study.visits[0].name
    columns = {}
    for one in view.measured:
        wide = view.wide[one.outcome.name]
        if one.outcome.better and first in wide:
            columns[one.outcome.name] = one.outcome.sign * wide[first]
    for (a, left), (b, right) in combinations(columns.items(), 2):
        both = left.notna() & right.reindex(left.index).notna()
        if both.sum() < FEWEST:
            continue
        ranks = left[both].rank().to_numpy(), right.reindex(left.index)[both].rank().to_numpy()
        if min(rank.std() for rank in ranks) == 0:
            continue
        correlation = float(np.corrcoef(*ranks)[0, 1])
        if correlation < OPPOSITE:
            action = (
                f"{a} and {b} go opposite ways at {first} (rank correlation {correlation:.2f} with "
                "higher being better in both): is one of the scales turned round?"
            )
            findings.warn("", action, int(both.sum()))
