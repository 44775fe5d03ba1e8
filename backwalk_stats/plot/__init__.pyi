"""Pictures of trials, fits and records on any axes: in the reader's theme, or in the reports'."""

from backwalk_stats.plot.forests import forest, funnel, sensitivity, subgroups
from backwalk_stats.plot.outcomes import trajectories
from backwalk_stats.plot.record import flow, verdicts
from backwalk_stats.plot.theme import style

__all__ = [
    "flow",
    "forest",
    "funnel",
    "sensitivity",
    "style",
    "subgroups",
    "trajectories",
    "verdicts",
]
