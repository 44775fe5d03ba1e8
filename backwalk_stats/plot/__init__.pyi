"""Pictures of trials, fits and records on any axes: in the reader's theme, or in the reports'."""

from backwalk_stats.plot.outcomes import estimation, means, raincloud, responders, trajectories
from backwalk_stats.plot.theme import style

__all__ = [
    "estimation",
    "means",
    "raincloud",
    "responders",
    "style",
    "trajectories",
]
