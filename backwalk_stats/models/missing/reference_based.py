"""Reference-based imputation: the effect, had those who stopped gone on as a declared arm would.

Two ways, as R's rbmi has them. By conditional means: every missing value is replaced by its mean
given the observed ones, the completed data are analysed once, and the standard error is the
jackknife's, which repeats all of it without each participant (Wolbers et al., Pharm Stat
2022;21:1246). By random draws: imputed data sets pooled by Rubin's rules, the parameters drawn by
refitting the model to bootstrap samples of participants (rbmi's approximate Bayes).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.engine.missing.pooling import jackknife_error, pooled
from backwalk_stats.engine.numbers import z_estimate
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_count, check_level, check_seed
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.missing import imputation
from backwalk_stats.models.missing.imputation_model import ImputationChoices, imputation_model
from backwalk_stats.models.missing.incomplete import analysis_of, incomplete_trial


@on_one_thread
def conditional_mean_imputation(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline: str,
    at: object,
    strategy: str,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    by_visit: str | Sequence[str] | None = None,
    event: str | None = None,
    covariance: str = "us",
    covariance_by_arm: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the arms at a visit, missing values imputed by conditional means, with the jackknife.

    Parameters
    ----------
    data, value, participant, visit, arm, baseline, at, level
        As in `multiple_imputation`.
    strategy : str
        "mar", "jr" (jump to reference), "cr" (copy reference), "cir" (copy increments in
        reference), "lmcf" (last mean carried forward); see `engine.reference_strategies`.
    reference : object, optional
        The reference arm, of the comparison and of the imputation; needed unless the arm is a
        categorical, whose first level it then is.
    covariates : str or sequence of str
        Columns, one value a participant: adjusted for in the imputation and in the analysis.
    by_visit : str or sequence of str, optional
        Those of baseline and covariates whose slope in the imputation model differs between
        visits; by default all.
    event : str, optional
        Column that is true from the first visit affected by the intercurrent event on. By default
        that visit is the first after the participant's last observed one; gaps before it are
        missing at random. Observed values after a declared event are used as they are in the
        analysis, but, unless the strategy is "mar", not in the fit of the imputation model.
    covariance : str
        Of the visits, as in `mmrm`; of a single visit each is its variance, and the imputation
        model a linear one.
    covariance_by_arm : bool
        A covariance matrix for each arm, instead of one for all.

    Returns
    -------
    DataFrame
        contrast ("arm - reference"), estimate, conf_low, conf_high, p_value, std_error (jackknife),
        df (infinite, as in rbmi), statistic; strategy; n_arm, n_reference (participants
        analysed), dropped_arm, dropped_reference (left out: baseline or covariate missing) and
        n_imputed (values imputed at the visit in the two arms); notes. P-values are not adjusted
        for the number of arms.

    Raises
    ------
    UsageError
        If a column or choice does not exist, or the data cannot answer.
    NotEstimable
        If a model does not converge, or cannot be fitted without some participant.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(30), 2),
    ...     "group": np.repeat(["backward", "forward"], 30), "week": ["W3", "W6"] * 30,
    ...     "before": np.repeat(rng.normal(6, 1, 30).round(1), 2),
    ...     "pain": rng.normal(4, 1, 60).round(1)})
    >>> frame.loc[[1, 5, 33], "pain"] = np.nan
    >>> found = conditional_mean_imputation(frame, value="pain", participant="who", visit="week",
    ...     arm="group", baseline="before", at="W6", strategy="jr", reference="forward")
    >>> found.round(3)[["contrast", "estimate", "std_error", "n_imputed"]]
                 contrast  estimate  std_error  n_imputed
    0  backward - forward     -0.29      0.318          3
    """
    check_level(level)
    columns = TrialColumns(
        outcome=value,
        participant=participant,
        visit=visit,
        arm=arm,
        baseline=baseline,
        covariates=names_of(covariates),
        event=event,
    )
    trial = incomplete_trial(data, columns, reference=reference)
    place = trial.place_of(at)
    choices = ImputationChoices(
        strategy=strategy, covariance=covariance, by_arm=covariance_by_arm, by_visit=by_visit
    )
    model = imputation_model(trial, columns, choices)
    found = imputation.conditional_means(model, analysis_of(trial), at=place)
    error = jackknife_error(found.without)
    tested = z_estimate(estimate=found.whole, std_error=error, level=level)
    frame = pd.DataFrame({"contrast": list(trial.contrasts), **estimate_columns(tested)})
    return frame.assign(strategy=strategy, **trial.counts(place))


@on_one_thread
def random_draw_imputation(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline: str,
    at: object,
    strategy: str,
    seed: int,
    imputations: int = 100,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    by_visit: str | Sequence[str] | None = None,
    event: str | None = None,
    covariance: str = "us",
    covariance_by_arm: bool = False,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the arms at a visit, missing values imputed at random, pooled by Rubin's rules.

    For imputation m the model is refitted to a sample of participants drawn with replacement within
    each arm; missing values of all participants are then drawn from their distribution given the
    observed ones. Under a reference-based strategy Rubin's variance does not shrink as the
    jackknife's does: it is larger than the variance over repeated trials.

    Parameters
    ----------
    data, value, participant, visit, arm, baseline, at, strategy, reference, covariates, by_visit
        As in `conditional_mean_imputation`.
    event, covariance, covariance_by_arm, level
        As in `conditional_mean_imputation`.
    seed, imputations
        As in `multiple_imputation`.

    Returns
    -------
    DataFrame
        As `conditional_mean_imputation`, with Barnard and Rubin's df, and fraction_missing,
        imputations and n_failed (samples whose model could not be fitted, drawn again).

    Raises
    ------
    UsageError
        If a column or choice does not exist, or the data cannot answer.
    NotEstimable
        If the model does not converge, or in more than one in a hundred of the samples.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(30), 2),
    ...     "group": np.repeat(["backward", "forward"], 30), "week": ["W3", "W6"] * 30,
    ...     "before": np.repeat(rng.normal(6, 1, 30).round(1), 2),
    ...     "pain": rng.normal(4, 1, 60).round(1)})
    >>> frame.loc[[1, 5, 33], "pain"] = np.nan
    >>> found = random_draw_imputation(
    ...     frame, value="pain", participant="who", visit="week", arm="group", baseline="before",
    ...     at="W6", strategy="jr", reference="forward", seed=1, imputations=10)
    >>> found.round(2)[["contrast", "estimate", "std_error", "imputations"]]
                 contrast  estimate  std_error  imputations
    0  backward - forward     -0.31       0.31           10
    """
    check_level(level)
    check_seed(seed)
    check_count("imputations", imputations, least=2)
    columns = TrialColumns(
        outcome=value,
        participant=participant,
        visit=visit,
        arm=arm,
        baseline=baseline,
        covariates=names_of(covariates),
        event=event,
    )
    trial = incomplete_trial(data, columns, reference=reference)
    place = trial.place_of(at)
    choices = ImputationChoices(
        strategy=strategy, covariance=covariance, by_arm=covariance_by_arm, by_visit=by_visit
    )
    model = imputation_model(trial, columns, choices)
    drawn, indices, failed = imputation.drawn_parameters(
        trial, model, seed=seed, imputations=imputations
    )
    y = imputation.drawn_visit(model, drawn, at=place, seed=seed, indices=indices)
    analysis = analysis_of(trial)
    found = pooled(
        estimates=analysis.estimates(y),
        variances=analysis.variances(y),
        df_complete=analysis.df,
        level=level,
    )
    frame = imputation.pooled_frame(found).drop(
        columns=["within", "between", "share", "relative_increase"]
    )
    frame.insert(0, "contrast", list(trial.contrasts))
    return frame.assign(strategy=strategy, n_failed=failed, **trial.counts(place))
