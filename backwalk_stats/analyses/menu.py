"""The codes of a trial file, and the function behind each."""

from __future__ import annotations

from collections.abc import Mapping

from backwalk_stats.analyses.questions import missing
from backwalk_stats.analyses.questions.adjusted_risk import IMPUTED, adjusted_risk, imputed
from backwalk_stats.analyses.questions.ancova import ancova
from backwalk_stats.analyses.questions.change_score import change_score
from backwalk_stats.analyses.questions.clustered import cluster_robust
from backwalk_stats.analyses.questions.constrained_longitudinal import constrained_longitudinal
from backwalk_stats.analyses.questions.crossover import crossover
from backwalk_stats.analyses.questions.gee import gee
from backwalk_stats.analyses.questions.mixed_anova import mixed_anova
from backwalk_stats.analyses.questions.mmrm import mmrm
from backwalk_stats.analyses.questions.ordinal import ordinal
from backwalk_stats.analyses.questions.random_slope import random_slope
from backwalk_stats.analyses.questions.rank_based import rank_based
from backwalk_stats.analyses.questions.rate_ratio import rate_ratio
from backwalk_stats.analyses.questions.resampled import bootstrap, permutation
from backwalk_stats.analyses.questions.tipping_point import tipping_point
from backwalk_stats.analyses.results import Question
from backwalk_stats.analyses.rows import in_population
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result
from backwalk_stats.trial.trial import Trial

MAIN: Mapping[str, Question] = {
    "mmrm": mmrm,
    "ancova": ancova,
    "change-score": change_score,
    "constrained-longitudinal": constrained_longitudinal,
    "random-slope": random_slope,
    "rank-based": rank_based,
    "mixed-anova": mixed_anova,
    "crossover": crossover,
    "adjusted-risk": adjusted_risk,
    "ordinal": ordinal,
    "rate-ratio": rate_ratio,
    "gee": gee,
}


def per_protocol(trial: Trial, estimand: Estimand) -> Result:
    """Return the main analysis of those who kept to the protocol."""
    return in_population(trial, estimand, "per-protocol", MAIN[estimand.analysis])


def as_treated(trial: Trial, estimand: Estimand) -> Result:
    """Return the main analysis with everyone in the arm that was received."""
    return in_population(trial, estimand, "as-treated", MAIN[estimand.analysis])


MENU: Mapping[str, Question] = {
    **MAIN,
    "multiple-imputation": missing.multiple_imputation,
    **{code: missing.reference_based(code) for code in missing.STRATEGIES},
    **{code: imputed(code) for code in IMPUTED},
    "tipping-point": tipping_point,
    "per-protocol": per_protocol,
    "as-treated": as_treated,
    "bootstrap": bootstrap,
    "permutation": permutation,
    "cluster-robust": cluster_robust,
}
