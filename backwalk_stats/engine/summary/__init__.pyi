"""What the summaries of a paper in hand imply: SDs, p-values, tests, effect sizes, power."""

from backwalk_stats.engine.change import (
    correlation_from_sds,
    sd_change_from_correlation,
    sd_change_from_p,
)
from backwalk_stats.engine.confidence_interval import (
    p_from_interval,
    pooled_sd_from_interval,
    sd_from_interval,
    se_from_interval,
)
from backwalk_stats.engine.many_arms import Arms, one_way
from backwalk_stats.engine.merged_arms import merge as merge_arms
from backwalk_stats.engine.power import detectable_effect, participants_needed, two_sample_power
from backwalk_stats.engine.reliability import minimal_detectable_change, sem_from_icc
from backwalk_stats.engine.six_numbers import (
    ancova_from_summaries,
    change_score_from_summaries,
    two_visit_model,
)
from backwalk_stats.engine.two_arms import Arm, hedges_g

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
    "two_sample_power",
    "two_visit_model",
]
