"""Pictures of trials, fits and records on any axes: in the reader's theme, or in the reports'."""

from backwalk_stats.plot.agreement import bland_altman
from backwalk_stats.plot.discrete import categories, risks
from backwalk_stats.plot.fits import ancova, power, residuals, tipping
from backwalk_stats.plot.forests import forest, funnel, sensitivity, subgroups
from backwalk_stats.plot.movement import coupling, curves
from backwalk_stats.plot.outcomes import estimation, means, raincloud, responders, trajectories
from backwalk_stats.plot.people import adherence, missingness
from backwalk_stats.plot.record import flow, verdicts
from backwalk_stats.plot.theme import style

__all__ = [
    "adherence",
    "ancova",
    "bland_altman",
    "categories",
    "coupling",
    "curves",
    "estimation",
    "flow",
    "forest",
    "funnel",
    "means",
    "missingness",
    "power",
    "raincloud",
    "residuals",
    "responders",
    "risks",
    "sensitivity",
    "style",
    "subgroups",
    "tipping",
    "trajectories",
    "verdicts",
]
