"""Analyse trials of backward against forward walking, and recompute the published ones.

Importing the package is light: a public name is imported when it is first used.

Examples
--------
>>> import backwalk_stats as bw
>>> "reproduce" in dir(bw)
True
"""

from backwalk_stats.analyses.motion.array_tests import WholeCurveTest, curve_test
from backwalk_stats.analyses.motion.coordination import Coordination, coordination
from backwalk_stats.analyses.motion.cycle_time import align_curves
from backwalk_stats.analyses.pooled import leave_one_out, meta_analysis, pooling_notes
from backwalk_stats.cli.init import write_folder as new_trial
from backwalk_stats.engine.printed.grid import ScoreGrid, score_grid
from backwalk_stats.errors import Fault, InputError, NotEstimable, UsageError
from backwalk_stats.evidence.record import read_record
from backwalk_stats.examples import example
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.loaders.planned import load_plan
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions
from backwalk_stats.models.arms.ancova import adjusted_means, ancova
from backwalk_stats.models.arms.change import change_score, within_arm
from backwalk_stats.models.arms.crossover import crossover
from backwalk_stats.models.arms.discrete.adjusted_risk import adjusted_risk
from backwalk_stats.models.arms.discrete.ordinal import ordinal
from backwalk_stats.models.arms.discrete.paired_proportions import paired_proportions
from backwalk_stats.models.arms.discrete.rate_ratio import rate_ratio
from backwalk_stats.models.arms.discrete.stratified_risk import stratified_risk
from backwalk_stats.models.arms.firth import firth_odds_ratio
from backwalk_stats.models.arms.mixed_anova import mixed_anova
from backwalk_stats.models.arms.rank_based import rank_based
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.models.arms.sample_size import sample_size
from backwalk_stats.models.fit.equivalence import equivalence
from backwalk_stats.models.fit.tidy_results import tidy
from backwalk_stats.models.linear.gee import gee
from backwalk_stats.models.linear.ols import ols
from backwalk_stats.models.linear.reliability import reliability
from backwalk_stats.models.missing.imputation import multiple_imputation, rubin
from backwalk_stats.models.missing.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.models.missing.tipping_point import tipping_point
from backwalk_stats.models.mixed.lmm import lmm
from backwalk_stats.models.mixed.longitudinal import constrained_longitudinal
from backwalk_stats.models.mixed.mmrm import mmrm
from backwalk_stats.models.record.arm_summary import ArmSummary
from backwalk_stats.models.record.printed_scores import debit, grim, grimmer
from backwalk_stats.models.record.reconstruct import reconstruct, reconstructions
from backwalk_stats.models.resampling.arm_means import bootstrapped_difference, permuted_difference
from backwalk_stats.models.resampling.fits import bootstrap
from backwalk_stats.models.resampling.permutation import permutation_test
from backwalk_stats.motion.events import gait_events
from backwalk_stats.paper.check_table import check_table
from backwalk_stats.paper.check_text import check_text
from backwalk_stats.plan.blind import DryRun, dry_run
from backwalk_stats.plan.lock import Locked, lock_plan
from backwalk_stats.plan.power import power
from backwalk_stats.plan.power_report import Power
from backwalk_stats.plan.status import Status
from backwalk_stats.plan.status import status as plan_status
from backwalk_stats.report.analysis import Analysis, analyse
from backwalk_stats.report.motion_analysis import Motion, analyse_motion
from backwalk_stats.report.reproduction import Ledger, reproduce
from backwalk_stats.trial.plan import Plan
from backwalk_stats.trial.trial import Trial

from . import instruments, motion, plot, tables
from .analyses import simulated as simulate
from .engine import summary
from .models.record import determined

__version__: str

__all__ = [
    "Analysis",
    "ArmSummary",
    "Coordination",
    "DryRun",
    "Fault",
    "InputError",
    "Ledger",
    "Locked",
    "Motion",
    "NotEstimable",
    "Plan",
    "Power",
    "ReadOptions",
    "ScoreGrid",
    "Status",
    "Trial",
    "UsageError",
    "WholeCurveTest",
    "__version__",
    "adjusted_means",
    "adjusted_risk",
    "align_curves",
    "analyse",
    "analyse_motion",
    "ancova",
    "bootstrap",
    "bootstrapped_difference",
    "change_score",
    "check_table",
    "check_text",
    "check_trial",
    "conditional_mean_imputation",
    "constrained_longitudinal",
    "coordination",
    "crossover",
    "curve_test",
    "debit",
    "determined",
    "dry_run",
    "equivalence",
    "example",
    "firth_odds_ratio",
    "gait_events",
    "gee",
    "grim",
    "grimmer",
    "instruments",
    "leave_one_out",
    "lmm",
    "load_plan",
    "load_trial",
    "lock_plan",
    "meta_analysis",
    "mixed_anova",
    "mmrm",
    "motion",
    "multiple_imputation",
    "new_trial",
    "ols",
    "ordinal",
    "paired_proportions",
    "permutation_test",
    "permuted_difference",
    "plan_status",
    "plot",
    "pooling_notes",
    "power",
    "random_draw_imputation",
    "rank_based",
    "rate_ratio",
    "read_record",
    "read_sheet",
    "reconstruct",
    "reconstructions",
    "reliability",
    "reproduce",
    "responders",
    "rubin",
    "sample_size",
    "score_grid",
    "simulate",
    "stratified_risk",
    "summary",
    "tables",
    "tidy",
    "tipping_point",
    "within_arm",
]
