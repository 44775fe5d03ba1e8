"""Pictures of trials, fits and records on any axes: in the reader's theme, or in the reports'."""

from backwalk_stats.plot.fits import ancova, power, residuals, tipping
from backwalk_stats.plot.movement import coupling, curves
from backwalk_stats.plot.outcomes import trajectories
from backwalk_stats.plot.people import adherence, missingness
from backwalk_stats.plot.theme import style

__all__ = [
    "adherence",
    "ancova",
    "coupling",
    "curves",
    "missingness",
    "power",
    "residuals",
    "style",
    "tipping",
    "trajectories",
]
