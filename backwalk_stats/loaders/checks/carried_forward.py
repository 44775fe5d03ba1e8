"""Last visits that repeat the one before: values may have been carried forward by the sender."""

from __future__ import annotations

import numpy as np

from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.trial.sources import TrialView

FEWEST = 10
PLAIN = 0.2
TIMES_CHANCE = 3.0


def check(view: TrialView, findings: Findings) -> None:
    """Warn where the last visit equals the one before for far more people than by chance.

    Chance is the probability that two values, drawn from either visit, are equal: small on a fine
    scale, large on a coarse one. The limit is three times it, and 20 % at least.
    """
    for one in view.measured:
        wide = view.wide[one.outcome.name]
        if wide.shape[1] < 2:
            continue
        before, last = (wide[name].to_numpy(dtype=float) for name in wide.columns[-2:])
        both = ~np.isnan(before) & ~np.isnan(last)
        if both.sum() < FEWEST:
            continue
        share = float(np.mean(before[both] == last[both]))
        chance = _chance(before[both], last[both])
        if chance < 1 / 3 and share > max(PLAIN, TIMES_CHANCE * chance):
            action = (
                f"{one.outcome.name}: many more than by chance repeat {wide.columns[-2]} exactly "
                f"at {wide.columns[-1]}: were missing values carried forward?"
            )
            findings.warn(one.key, action, int(np.sum(before[both] == last[both])))


def _chance(before: np.ndarray, last: np.ndarray) -> float:
    """Return the probability that a value of one visit equals one of another person's other."""
    scores, times = np.unique(before, return_counts=True)
    others, other_times = np.unique(last, return_counts=True)
    _, here, there = np.intersect1d(scores, others, return_indices=True)
    return float(times[here] @ other_times[there] / (len(before) * len(last)))
