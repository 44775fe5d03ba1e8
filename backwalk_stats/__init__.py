"""Analyse trials of backward against forward walking, and recompute the published ones.

Importing the package is light: a public name is imported when it is first used.

Examples
--------
>>> import backwalk_stats as bw
>>> "reproduce" in dir(bw)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backwalk_stats.analyses.pooled import meta_analysis
    from backwalk_stats.loaders.load_trial import load_trial
    from backwalk_stats.models.ancova import adjusted_means, ancova
    from backwalk_stats.models.arm_summary import ArmSummary
    from backwalk_stats.models.change_score import change_score
    from backwalk_stats.models.constrained_longitudinal import constrained_longitudinal
    from backwalk_stats.models.crossover import crossover
    from backwalk_stats.models.lmm import lmm
    from backwalk_stats.models.mixed_anova import mixed_anova
    from backwalk_stats.models.mmrm import mmrm
    from backwalk_stats.models.multiple_imputation import multiple_imputation
    from backwalk_stats.models.ols import ols
    from backwalk_stats.models.permutation import permutation_test
    from backwalk_stats.models.rank_based import rank_based
    from backwalk_stats.models.reconstruct import reconstruct, reconstructions
    from backwalk_stats.models.reference_based import (
        conditional_mean_imputation,
        random_draw_imputation,
    )
    from backwalk_stats.models.resampling import bootstrap
    from backwalk_stats.models.responders import responders
    from backwalk_stats.models.tipping_point import tipping_point
    from backwalk_stats.models.within_arm import within_arm
    from backwalk_stats.report.analysis import analyse
    from backwalk_stats.report.motion_analysis import analyse_motion
    from backwalk_stats.report.reproduction import reproduce

    __version__: str

__all__ = [
    "ArmSummary",
    "__version__",
    "adjusted_means",
    "analyse",
    "analyse_motion",
    "ancova",
    "bootstrap",
    "change_score",
    "conditional_mean_imputation",
    "constrained_longitudinal",
    "crossover",
    "lmm",
    "load_trial",
    "meta_analysis",
    "mixed_anova",
    "mmrm",
    "multiple_imputation",
    "ols",
    "permutation_test",
    "random_draw_imputation",
    "rank_based",
    "reconstruct",
    "reconstructions",
    "reproduce",
    "responders",
    "tipping_point",
    "within_arm",
]

_HOME = {
    "ArmSummary": "backwalk_stats.models.arm_summary",
    "adjusted_means": "backwalk_stats.models.ancova",
    "analyse": "backwalk_stats.report.analysis",
    "ancova": "backwalk_stats.models.ancova",
    "bootstrap": "backwalk_stats.models.resampling",
    "change_score": "backwalk_stats.models.change_score",
    "conditional_mean_imputation": "backwalk_stats.models.reference_based",
    "constrained_longitudinal": "backwalk_stats.models.constrained_longitudinal",
    "crossover": "backwalk_stats.models.crossover",
    "lmm": "backwalk_stats.models.lmm",
    "load_trial": "backwalk_stats.loaders.load_trial",
    "meta_analysis": "backwalk_stats.analyses.pooled",
    "mixed_anova": "backwalk_stats.models.mixed_anova",
    "mmrm": "backwalk_stats.models.mmrm",
    "analyse_motion": "backwalk_stats.report.motion_analysis",
    "multiple_imputation": "backwalk_stats.models.multiple_imputation",
    "ols": "backwalk_stats.models.ols",
    "permutation_test": "backwalk_stats.models.permutation",
    "random_draw_imputation": "backwalk_stats.models.reference_based",
    "rank_based": "backwalk_stats.models.rank_based",
    "reconstruct": "backwalk_stats.models.reconstruct",
    "reconstructions": "backwalk_stats.models.reconstruct",
    "reproduce": "backwalk_stats.report.reproduction",
    "responders": "backwalk_stats.models.responders",
    "tipping_point": "backwalk_stats.models.tipping_point",
    "within_arm": "backwalk_stats.models.within_arm",
}


def __getattr__(name: str) -> object:
    """Import a public name from the module where it lives (PEP 562).

    Raises
    ------
    AttributeError
        When the package has no such name.
    """
    if name == "__version__":
        return import_module("importlib.metadata").version("backwalk-stats")
    if name not in _HOME:
        raise AttributeError(f"module 'backwalk_stats' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """Return the public names, loaded or not."""
    return sorted({*globals(), *__all__})
