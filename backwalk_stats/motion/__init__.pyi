"""Movement: files, events, cycles, coordination and whole-curve tests, on arrays."""

from backwalk_stats.loaders.motion.raw_motion import RawMotion
from backwalk_stats.loaders.motion.single_recording import read
from backwalk_stats.loaders.motion.tables import TableFormat
from backwalk_stats.motion.coordination import (
    PATTERNS,
    Coupled,
    coupled,
    coupling_angle,
    coupling_variability,
    deviation_phase,
    error_floor,
    mean_absolute_relative_phase,
    mean_angle,
    pattern,
    pattern_shares,
    phase,
    relative_phase,
    step_floor,
)
from backwalk_stats.motion.curve_models.vector_curves import (
    hotelling_one_sample,
    hotelling_sign_null,
    hotelling_two_sample,
    hotelling_two_sample_null,
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
    welch,
)
from backwalk_stats.motion.curve_tests import (
    CurveTest,
    permutation_test,
    random_field_test,
)
from backwalk_stats.motion.cycles import Cycles, cut_cycles
from backwalk_stats.motion.events import FootEvents, events
from backwalk_stats.motion.features import lumbopelvic_rhythm, range_of_motion, repositioning_error
from backwalk_stats.motion.largest_statistic import MaxNull
from backwalk_stats.motion.orientation import (
    joint_angles,
    quaternion_frame,
    segment_frame,
    unwrapped,
)
from backwalk_stats.motion.permutation import (
    ancova_null,
    arm_by_visit_null,
    one_way_null,
    regression_null,
    sign_null,
    two_sample_null,
    welch_null,
    within_participant_null,
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
from backwalk_stats.motion.signal import fill_gaps, low_pass
from backwalk_stats.motion.spatiotemporal import gait

__all__ = [
    "PATTERNS",
    "Coupled",
    "CurveStatistic",
    "CurveTest",
    "Cycles",
    "FField",
    "FootEvents",
    "MaxNull",
    "RawMotion",
    "TField",
    "TableFormat",
    "ancova",
    "ancova_null",
    "arm_by_visit",
    "arm_by_visit_null",
    "cluster_probability",
    "coupled",
    "coupling_angle",
    "coupling_variability",
    "critical_height",
    "cut_cycles",
    "deviation_phase",
    "error_floor",
    "events",
    "exceedance",
    "fill_gaps",
    "gait",
    "hotelling_one_sample",
    "hotelling_sign_null",
    "hotelling_two_sample",
    "hotelling_two_sample_null",
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
    "read",
    "regression",
    "regression_null",
    "relative_phase",
    "repeated_measures",
    "repositioning_error",
    "segment_frame",
    "sign_null",
    "smoothness",
    "step_floor",
    "two_sample",
    "two_sample_null",
    "unwrapped",
    "welch",
    "welch_null",
    "within_participant_null",
]
