"""Analyse trials of backward against forward walking, and recompute the published ones.

Importing the package is light: a public name is imported when it is first used.

Examples
--------
>>> import backwalk_stats as bw
>>> "reproduce" in dir(bw)
True
"""

from backwalk_stats.analyses.pooled import leave_one_out, meta_analysis, pooling_notes
from backwalk_stats.cli.init import write_folder as new_trial
from backwalk_stats.engine.score_grid import ScoreGrid, score_grid
from backwalk_stats.errors import Fault, InputError, NotEstimable, UsageError
from backwalk_stats.evidence.record import read_record
from backwalk_stats.examples import example
from backwalk_stats.loaders.load_trial import check_trial, load_trial
from backwalk_stats.loaders.sheets.read_options import ReadOptions
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.models.ancova import adjusted_means, ancova
from backwalk_stats.models.arm_summary import ArmSummary
from backwalk_stats.models.change_score import change_score
from backwalk_stats.models.constrained_longitudinal import constrained_longitudinal
from backwalk_stats.models.crossover import crossover
from backwalk_stats.models.firth import firth_odds_ratio
from backwalk_stats.models.lmm import lmm
from backwalk_stats.models.mean_resampling import bootstrapped_difference, permuted_difference
from backwalk_stats.models.mixed_anova import mixed_anova
from backwalk_stats.models.mmrm import mmrm
from backwalk_stats.models.multiple_imputation import multiple_imputation
from backwalk_stats.models.ols import ols
from backwalk_stats.models.permutation import permutation_test
from backwalk_stats.models.printed_scores import debit, grim, grimmer
from backwalk_stats.models.rank_based import rank_based
from backwalk_stats.models.reconstruct import reconstruct, reconstructions
from backwalk_stats.models.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.models.resampling import bootstrap
from backwalk_stats.models.responders import responders
from backwalk_stats.models.rubin import rubin
from backwalk_stats.models.tipping_point import tipping_point
from backwalk_stats.models.within_arm import within_arm
from backwalk_stats.report.analysis import Analysis, analyse
from backwalk_stats.report.motion_analysis import Motion, analyse_motion
from backwalk_stats.report.reproduction import Ledger, reproduce
from backwalk_stats.trial.trial import Trial

from . import instruments, motion, tables
from .analyses import simulated as simulate
from .engine import summary
from .models import determined

__version__: str

__all__ = [
    "Analysis",
    "ArmSummary",
    "Fault",
    "InputError",
    "Ledger",
    "Motion",
    "NotEstimable",
    "ReadOptions",
    "ScoreGrid",
    "Trial",
    "UsageError",
    "__version__",
    "adjusted_means",
    "analyse",
    "analyse_motion",
    "ancova",
    "bootstrap",
    "bootstrapped_difference",
    "change_score",
    "check_trial",
    "conditional_mean_imputation",
    "constrained_longitudinal",
    "crossover",
    "debit",
    "determined",
    "example",
    "firth_odds_ratio",
    "grim",
    "grimmer",
    "instruments",
    "leave_one_out",
    "lmm",
    "load_trial",
    "meta_analysis",
    "mixed_anova",
    "mmrm",
    "motion",
    "multiple_imputation",
    "new_trial",
    "ols",
    "permutation_test",
    "permuted_difference",
    "pooling_notes",
    "random_draw_imputation",
    "rank_based",
    "read_record",
    "read_sheet",
    "reconstruct",
    "reconstructions",
    "reproduce",
    "responders",
    "rubin",
    "score_grid",
    "simulate",
    "summary",
    "tables",
    "tipping_point",
    "within_arm",
]
