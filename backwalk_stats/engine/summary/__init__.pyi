"""What the summaries of a paper in hand imply: SDs, p-values, tests, effect sizes, power."""

from backwalk_stats.engine.summary.change import (
    correlation_from_sds,
    sd_change_from_correlation,
    sd_change_from_p,
)
from backwalk_stats.engine.summary.intervals import (
    p_from_interval,
    pooled_sd_from_interval,
    sd_from_interval,
    se_from_interval,
)
from backwalk_stats.engine.summary.many_arms import Arms, one_way
from backwalk_stats.engine.summary.merged_arms import merge as merge_arms
from backwalk_stats.engine.summary.power import (
    detectable_effect,
    minimal_detectable_change,
    participants_needed,
    sem_from_icc,
    sem_from_repeats,
    two_sample_power,
)
from backwalk_stats.engine.summary.six_numbers import (
    ancova_from_summaries,
    change_score_from_summaries,
    two_visit_model,
)
from backwalk_stats.engine.summary.two_arms import Arm, hedges_g

__all__ = [
    "Arm",
    "Arms",
    "ancova_from_summaries",
    "change_score_from_summaries",
    "correlation_from_sds",
    "detectable_effect",
    "hedges_g",
    "merge_arms",
    "minimal_detectable_change",
    "one_way",
    "p_from_interval",
    "participants_needed",
    "pooled_sd_from_interval",
    "sd_change_from_correlation",
    "sd_change_from_p",
    "sd_from_interval",
    "se_from_interval",
    "sem_from_icc",
    "sem_from_repeats",
    "two_sample_power",
    "two_visit_model",
]
