"""Honest papers of many designs raise no alarm, and where they can be recomputed they are.

The designs are written from definitions, not from the ledger; numbers are true, then rounded.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ledger.designs import FAMILIES
from tests.ledger.designs.paper import DESIGNS, papers_of
from tests.ledger.judged_papers import alarms, answered, ledger_of_folder, ledger_of_papers, told

SEED, PAPERS, MANY, BATCH = 20261130, 10, 2000, 200
SHARED = Path(__file__).resolve().parents[3] / "shared" / "ledger" / "designs"
FOLDERS = sorted(SHARED.iterdir()) if SHARED.is_dir() else []
# Designs whose numbers take the ledger long (Tukey's distribution, a search over correlations).
COSTLY = (
    "three_arm",
    "p_beside_raw_t",
    "post_hoc",
    "dunn",
    "games",
    "ancova_difference",
    "ancova_p",
)
# The ledger must not be mute: the least share of printed numbers of a kind that it answers, of age
# none. A quarter below what was measured on 24 papers a design when the checks met.
FLOORS: dict[str, dict[str, float]] = {
    "arm_with_interval": {"conf_low": 0.75},
    "auc_null_se": {"estimate": 0.75, "conf_low": 0.75},
    "chi2_pearson": {"statistic": 0.75, "p_value": 0.75},
    "chi2_unnamed": {"statistic": 0.75, "p_value": 0.75},
    "ci90": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "ci95_student": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "ci975": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "ci99": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "crossover": {
        "estimate": 0.75,
        "conf_low": 0.75,
        "statistic": 0.75,
        "p_value": 0.75,
        "df": 0.75,
    },
    "d_beside_t": {"estimate": 0.75, "p_value": 0.75, "df": 0.75},
    "fisher_exact": {"p_value": 0.75},
    "gee_robust": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "geometric_means_named": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "hedges_g_interval": {"estimate": 0.75, "conf_low": 0.71},
    "heterogeneity_p_beside_effect": {
        "estimate": 0.75,
        "conf_low": 0.75,
        "p_value": 0.75,
        "i2": 0.75,
    },
    "heterogeneity_q": {"statistic": 0.58, "p_value": 0.75, "i2": 0.75},
    "hr_cox": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "hr_cox_regression": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "kruskal_wallis": {"p_value": 0.5, "mean": 0.75, "sd": 0.75},
    "mdc90": {"mean": 0.75},
    "mdc95": {"mean": 0.75},
    "mixed_kenward_roger": {"p_value": 0.75},
    "mixed_ml_unnamed": {"p_value": 0.75},
    "mixed_satterthwaite": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "nrs_whole_numbers": {"mean": 0.71, "sd": 0.75},
    "one_sided_bound": {"estimate": 0.75, "p_value": 0.75},
    "one_tailed_t": {"statistic": 0.75, "p_value": 0.75, "df": 0.75},
    "or_ci90": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "or_logistic": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "or_wald": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.67},
    "or_wald_unnamed": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "p_in_words": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "partial_eta_of_f": {"estimate": 0.75, "p_value": 0.75, "df": 0.75},
    "pool_fixed": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "pooled_odds_ratio": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "r_with_fisher_ci": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "r_with_n": {"p_value": 0.75},
    "rate_ratio_poisson": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "regression_b": {
        "estimate": 0.75,
        "conf_low": 0.75,
        "statistic": 0.46,
        "p_value": 0.75,
        "df": 0.75,
    },
    "regression_beta": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75, "df": 0.75},
    "rm_gg_corrected_df": {"p_value": 0.75},
    "rr_katz": {"estimate": 0.75, "conf_low": 0.75, "p_value": 0.75},
    "se_printed_as_se": {"p_value": 0.75, "df": 0.75},
    "subscales_add_up": {"mean": 0.75, "sd": 0.75},
    "t_sign_against_difference": {
        "estimate": 0.75,
        "conf_low": 0.75,
        "statistic": 0.75,
        "p_value": 0.75,
        "df": 0.75,
    },
    "t_without_sign": {"estimate": 0.75, "statistic": 0.75, "p_value": 0.75, "df": 0.75},
    "three_arm_bonferroni": {"estimate": 0.75, "statistic": 0.75, "p_value": 0.75, "df": 0.75},
    "three_arm_lsd": {"estimate": 0.75, "statistic": 0.75, "p_value": 0.6, "df": 0.75},
    "three_arm_tukey": {"estimate": 0.75, "statistic": 0.75, "p_value": 0.75, "df": 0.75},
    "welch_anova": {"p_value": 0.75, "df": 0.75},
    "welch_equal_n": {"estimate": 0.75, "conf_low": 0.75, "statistic": 0.75, "p_value": 0.75},
    "welch_t": {"statistic": 0.75, "p_value": 0.75, "df": 0.75},
}


@cache
def ledger_of_design(design: str) -> pd.DataFrame:
    """Return the ledger of a few papers of one design, in one record."""
    assert len(FAMILIES) > 5
    rng = np.random.default_rng([SEED, sorted(DESIGNS).index(design)])
    count = 4 if any(word in design for word in COSTLY) else PAPERS
    return ledger_of_papers(papers_of(design, count, rng))


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_a_few_honest_papers_raise_no_alarm(design: str) -> None:
    rows = ledger_of_design(design)
    assert not rows.empty
    assert alarms(rows).empty, told(alarms(rows))


@pytest.mark.parametrize("design", sorted(FLOORS))
def test_what_can_be_recomputed_is_answered(design: str) -> None:
    rows = ledger_of_design(design)
    rows = rows[rows["outcome"] != "age"]
    shares = {quantity: answered(rows, quantity) for quantity in FLOORS[design]}
    assert all(shares[one] >= least for one, least in FLOORS[design].items()), shares


@pytest.mark.slow
@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_2000_honest_papers_raise_no_alarm(design: str) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    rng = np.random.default_rng(seed)
    for _ in range(MANY // BATCH):
        found = alarms(ledger_of_papers(papers_of(design, BATCH, rng)))
        assert found.empty, f"seed {seed}:{told(found)}"


@pytest.mark.skipif(not FOLDERS, reason=f"the shared designs are not here ({SHARED})")
@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_the_shared_designs_raise_no_alarm(folder: Path) -> None:
    found = alarms(ledger_of_folder(folder))
    assert found.empty, told(found)
