"""The arms compared after multiple imputation under missing at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backwalk_stats.analyses.imputed import (
    contrast_row,
    difference_line,
    imputation_columns,
    imputation_notes,
    imputation_rows,
    imputed_words,
)
from backwalk_stats.analyses.result_rows import asked, results_frame
from backwalk_stats.analyses.seeding import seed_of
from backwalk_stats.models.multiple_imputation import multiple_imputation as imputed
from backwalk_stats.trial.result import Result

if TYPE_CHECKING:
    from backwalk_stats.trial.estimand import Estimand
    from backwalk_stats.trial.trial import Trial

CODE = "multiple-imputation"


@asked(CODE)
def multiple_imputation(trial: Trial, estimand: Estimand) -> Result:
    """Return the adjusted mean difference of imputed data sets, pooled by Rubin's rules.

    Parameters
    ----------
    trial : Trial
        Of parallel design, with a baseline.
    estimand : Estimand
        Its visit, covariates and number of imputations; all arms are imputed.

    Returns
    -------
    Result
        One row mean_difference.
    """
    rows = imputation_rows(trial, estimand)
    found = imputed(
        rows.frame,
        **imputation_columns(rows, estimand),
        seed=seed_of(trial, CODE, estimand.id),
        imputations=estimand.imputations,
    )
    row = contrast_row(found, estimand)
    how = {
        "complete": "nothing was missing",
        "monotone": "in one pass, drop-out being the only pattern",
        "general": "in cycles, as gaps are not only drop-out",
    }[str(row["pattern"])]
    extra = "".join(f", {name}" for name in estimand.other_covariates)
    return Result(
        analysis=CODE,
        outcome=estimand.outcome,
        estimates=results_frame([difference_line(row, estimand)], analysis=CODE, estimand=estimand),
        method=(
            f"{estimand.imputations} imputations by normal linear regressions of baseline and "
            f"visits on each other, arm{extra} ({how}), missing at random; each analysed by "
            f"analysis of covariance at {estimand.visit} (arm, baseline{extra}) and pooled by "
            f"Rubin's rules with Barnard and Rubin's degrees of freedom; fraction of missing "
            f"information {float(row['fraction_missing']):.2f}; {imputed_words(row)}."
        ),
        estimand=estimand,
        notes=imputation_notes(rows, row, estimand, baseline_imputed=True),
    )
