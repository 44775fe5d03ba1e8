"""Multiple imputation of missing visits under missing at random, pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.completed_analysis import completed_analysis
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.linear_imputation import chained_draw, is_monotone, monotone_draw
from backwalk_stats.engine.one_thread import on_one_thread
from backwalk_stats.engine.rubin import pooled
from backwalk_stats.engine.seeds import replicate_generator
from backwalk_stats.models.choices import check_count, check_level, check_seed
from backwalk_stats.models.columns import TrialColumns
from backwalk_stats.models.completed_design import analysis_design
from backwalk_stats.models.incomplete_trial import IncompleteTrial, incomplete_trial
from backwalk_stats.models.marginal_means import names_of
from backwalk_stats.models.rubin import pooled_frame

CYCLES = 10


@on_one_thread
def multiple_imputation(
    data: pd.DataFrame,
    *,
    value: str,
    participant: str,
    visit: str,
    arm: str,
    baseline: str,
    at: object,
    seed: int,
    imputations: int = 100,
    cycles: int = CYCLES,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the arms at a visit by analysis of covariance of imputed data sets.

    Baseline and visits are imputed by normal linear regressions on each other, the arm and the
    covariates (`engine.linear_imputation`): in one pass where drop-out is the only pattern, else in
    cycles, as `method="norm"` of R's mice. Missing values are taken to be missing at random given
    all of these. Each completed data set is analysed by least squares: the outcome at the visit on
    arm, baseline and covariates.

    Parameters
    ----------
    data : DataFrame
        One row for each participant and visit after baseline; rows of missing visits may be absent.
        Visits stand in the order of a categorical, of their numbers, or of the numbers in their
        text; other text is refused.
    value, participant, visit, arm, baseline : str
        Columns. The outcome may be the score or its change from baseline.
    at : object
        The visit at which the arms are compared.
    seed : int
        Imputation m is drawn from (seed, m): the same seed gives the same numbers.
    imputations : int
        M, at least 2.
    cycles : int
        Passes over the incomplete variables where the pattern is not monotone.
    reference : object, optional
        The arm to compare with; needed unless the arm is a categorical, whose first level it then
        is.
    covariates : str or sequence of str
        Columns, one value a participant; participants who miss one are left out and counted.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        contrast ("arm - reference"), estimate, std_error, df (Barnard and Rubin's), statistic,
        p_value, conf_low, conf_high; fraction_missing (of information), imputations, pattern
        ("complete", "monotone", "general"); n_arm, n_reference, dropped_arm, dropped_reference,
        n_imputed (values imputed at the visit in the two arms), notes.

    Raises
    ------
    UsageError
        If a column or choice does not exist, or the data cannot answer.
    NotEstimable
        If too few values are observed to regress them on the others.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(
    ...     {
    ...         "who": np.repeat(np.arange(30), 2),
    ...         "group": np.repeat(["backward", "forward"], 30),
    ...         "week": ["W3", "W6"] * 30,
    ...         "before": np.repeat(rng.normal(6, 1, 30).round(1), 2),
    ...         "pain": rng.normal(4, 1, 60).round(1),
    ...     }
    ... )
    >>> frame.loc[[1, 5, 33], "pain"] = np.nan
    >>> found = multiple_imputation(
    ...     frame, value="pain", participant="who", visit="week", arm="group", baseline="before",
    ...     at="W6", reference="forward", imputations=50, seed=1)
    >>> found.round(2)[["contrast", "estimate", "std_error", "df", "pattern"]]
                 contrast  estimate  std_error     df   pattern
    0  backward - forward     -0.34       0.33  22.35  monotone
    """
    check_level(level)
    check_seed(seed)
    check_count("imputations", imputations, least=2)
    check_count("cycles", cycles, least=1)
    columns = TrialColumns(
        outcome=value,
        participant=participant,
        visit=visit,
        arm=arm,
        baseline=baseline,
        covariates=names_of(covariates),
    )
    trial = incomplete_trial(data, columns, reference=reference, keep_missing_baseline=True)
    place = trial.place_of(at)
    table = np.column_stack([trial.people["baseline"].to_numpy(dtype=float), trial.y])
    plan = analysis_design(trial)
    estimates, variances = [], []
    for drawn in _completed(trial, table, plan.fixed, baseline, seed, imputations, cycles):
        analysis = completed_analysis(
            x=plan.with_baseline(drawn[:, 0]), contrasts=plan.contrasts, names=plan.names
        )
        y = drawn[None, :, 1 + place]
        estimates.append(analysis.estimates(y)[0])
        variances.append(analysis.variances(y)[0])
    found = pooled(
        estimates=np.array(estimates),
        variances=np.array(variances),
        df_complete=len(table) - len(plan.names),
        level=level,
    )
    frame = pooled_frame(found).drop(columns=["within", "between", "share", "relative_increase"])
    frame.insert(0, "contrast", list(trial.contrasts))
    return frame.assign(pattern=_pattern(table), **trial.counts(place))


def _pattern(table: FloatArray) -> str:
    if not np.isnan(table).any():
        return "complete"
    return "monotone" if is_monotone(table) else "general"


def _completed(
    trial: IncompleteTrial,
    table: FloatArray,
    fixed: FloatArray,
    baseline: str,
    seed: int,
    imputations: int,
    cycles: int,
) -> Iterator[FloatArray]:
    """Yield the completed tables of baseline and visits, shape (n, 1 + J)."""
    names, general = (baseline, *trial.visits), _pattern(table) == "general"
    for index in range(imputations):
        rng = replicate_generator(seed=seed, index=index)
        if general:
            yield chained_draw(table, fixed, rng, cycles=cycles, names=names)
        else:
            yield monotone_draw(table, fixed, rng, names=names)
