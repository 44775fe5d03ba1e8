"""Movement curves: events, cycles, coordination and whole-curve tests, on arrays."""

from backwalk_stats.motion.curve_permutation import (
    ancova_null,
    arm_by_visit_null,
    one_way_null,
    regression_null,
    sign_null,
    two_sample_null,
    within_participant_null,
)
from backwalk_stats.motion.curve_statistics import (
    CurveStatistic,
    ancova,
    arm_by_visit,
    one_sample,
    one_way,
    regression,
    repeated_measures,
    two_sample,
)
from backwalk_stats.motion.curve_tests import CurveTest, permutation_test, random_field_test
from backwalk_stats.motion.cycles import Cycles, cut_cycles
from backwalk_stats.motion.events import FootEvents, events
from backwalk_stats.motion.filtering import low_pass
from backwalk_stats.motion.gaps import fill_gaps
from backwalk_stats.motion.lumbopelvic_rhythm import lumbopelvic_rhythm
from backwalk_stats.motion.max_null import MaxNull
from backwalk_stats.motion.orientation import (
    joint_angles,
    quaternion_frame,
    segment_frame,
    unwrapped,
)
from backwalk_stats.motion.pointwise_model import pointwise_model
from backwalk_stats.motion.random_field import (
    FField,
    TField,
    cluster_probability,
    critical_height,
    exceedance,
    smoothness,
)
from backwalk_stats.motion.range_of_motion import range_of_motion
from backwalk_stats.motion.relative_phase import (
    deviation_phase,
    mean_absolute_relative_phase,
    phase,
    relative_phase,
)
from backwalk_stats.motion.repositioning import repositioning_error
from backwalk_stats.motion.spatiotemporal import gait
from backwalk_stats.motion.vector_coding import (
    PATTERNS,
    coupling_angle,
    coupling_variability,
    mean_angle,
    pattern,
    pattern_shares,
)

__all__ = [
    "PATTERNS",
    "CurveStatistic",
    "CurveTest",
    "Cycles",
    "FField",
    "FootEvents",
    "MaxNull",
    "TField",
    "ancova",
    "ancova_null",
    "arm_by_visit",
    "arm_by_visit_null",
    "cluster_probability",
    "coupling_angle",
    "coupling_variability",
    "critical_height",
    "cut_cycles",
    "deviation_phase",
    "events",
    "exceedance",
    "fill_gaps",
    "gait",
    "joint_angles",
    "low_pass",
    "lumbopelvic_rhythm",
    "mean_absolute_relative_phase",
    "mean_angle",
    "one_sample",
    "one_way",
    "one_way_null",
    "pattern",
    "pattern_shares",
    "permutation_test",
    "phase",
    "pointwise_model",
    "quaternion_frame",
    "random_field_test",
    "range_of_motion",
    "regression",
    "regression_null",
    "relative_phase",
    "repeated_measures",
    "repositioning_error",
    "segment_frame",
    "sign_null",
    "smoothness",
    "two_sample",
    "two_sample_null",
    "unwrapped",
    "within_participant_null",
]
