"""The codes of a trial file, and the function behind each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from backwalk_stats.analyses.analysis_sets import in_population
from backwalk_stats.analyses.ancova import ancova
from backwalk_stats.analyses.change_score import change_score
from backwalk_stats.analyses.constrained_longitudinal import constrained_longitudinal
from backwalk_stats.analyses.crossover import crossover
from backwalk_stats.analyses.mixed_anova import mixed_anova
from backwalk_stats.analyses.mmrm import mmrm
from backwalk_stats.analyses.multiple_imputation import multiple_imputation
from backwalk_stats.analyses.random_slope import random_slope
from backwalk_stats.analyses.rank_based import rank_based
from backwalk_stats.analyses.reference_based import (
    copy_increments,
    copy_reference,
    jump_to_reference,
    last_mean_carried_forward,
)
from backwalk_stats.analyses.resampled import bootstrap, permutation
from backwalk_stats.analyses.result_rows import asked
from backwalk_stats.analyses.tipping_point import tipping_point

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.result import Result
    from backwalk_stats.trial.trial import Trial

Question = Callable[["Trial", "Estimand"], "Result"]

MAIN: Mapping[str, Question] = {
    "mmrm": mmrm,
    "ancova": ancova,
    "change-score": change_score,
    "constrained-longitudinal": constrained_longitudinal,
    "random-slope": random_slope,
    "rank-based": rank_based,
    "mixed-anova": mixed_anova,
    "crossover": crossover,
}


@asked("per-protocol")
def per_protocol(trial: Trial, estimand: Estimand) -> Result:
    """Return the main analysis of those who kept to the protocol."""
    return in_population(trial, estimand, "per-protocol", MAIN[estimand.analysis])


@asked("as-treated")
def as_treated(trial: Trial, estimand: Estimand) -> Result:
    """Return the main analysis with everyone in the arm that was received."""
    return in_population(trial, estimand, "as-treated", MAIN[estimand.analysis])


MENU: Mapping[str, Question] = {
    **MAIN,
    "multiple-imputation": multiple_imputation,
    "jump-to-reference": jump_to_reference,
    "copy-reference": copy_reference,
    "copy-increments": copy_increments,
    "last-mean-carried-forward": last_mean_carried_forward,
    "tipping-point": tipping_point,
    "per-protocol": per_protocol,
    "as-treated": as_treated,
    "bootstrap": bootstrap,
    "permutation": permutation,
}
