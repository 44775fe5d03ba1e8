"""A simulated trial as the files of a lab: invented people, for examples and tests."""

from backwalk_stats.analyses.simulated.back import simulated_back as back_trial
from backwalk_stats.analyses.simulated.gait import Walker, walk_angles, walk_markers
from backwalk_stats.analyses.simulated.knees import simulated_knees as knees_trial
from backwalk_stats.analyses.simulated.motion import simulated_motion as motion
from backwalk_stats.analyses.simulated.trial import SimulatedPlan
from backwalk_stats.analyses.simulated.trial import simulated_trial as trial

__all__ = [
    "SimulatedPlan",
    "Walker",
    "back_trial",
    "knees_trial",
    "motion",
    "trial",
    "walk_angles",
    "walk_markers",
]
