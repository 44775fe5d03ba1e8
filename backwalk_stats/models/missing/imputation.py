"""Multiple imputation of missing visits under missing at random, pooled by Rubin's rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from backwalk_stats.engine.batch.fits import bootstrap_counts
from backwalk_stats.engine.missing import draws, pooling
from backwalk_stats.engine.numbers import FloatArray, array
from backwalk_stats.engine.resampling import on_one_thread, replicate_generator
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_count, check_level, check_seed
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.formula.design import Factor
from backwalk_stats.models.formula.rows import in_words_of, orthonormal, refuse_flat_visits
from backwalk_stats.models.missing.imputation_model import ImputationModel, Parameters
from backwalk_stats.models.missing.incomplete import (
    AnalysisDesign,
    IncompleteTrial,
    analysis_design,
    incomplete_trial,
)

CYCLES = 10
FAILURES = 0.01
VISIT_BYTES = 32_000_000  # of the completed visits of one portion of refits


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
        contrast ("arm - reference"), estimate, conf_low, conf_high, p_value, std_error, df (Barnard
        and Rubin's), statistic; fraction_missing (of information), imputations, pattern
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
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(30), 2),
    ...     "group": np.repeat(["backward", "forward"], 30), "week": ["W3", "W6"] * 30,
    ...     "before": np.repeat(rng.normal(6, 1, 30).round(1), 2),
    ...     "pain": rng.normal(4, 1, 60).round(1)})
    >>> frame.loc[[1, 5, 33], "pain"] = np.nan
    >>> found = multiple_imputation(frame, value="pain", participant="who", visit="week",
    ...     arm="group", baseline="before", at="W6", reference="forward", imputations=50, seed=1)
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
    _refuse_unanswered(trial, plan, table, place, visit)
    estimates, variances = [], []
    for drawn in _completed(trial, table, plan.fixed, baseline, seed, imputations, cycles):
        with in_words_of(trial.names):
            analysis = pooling.completed_analysis(
                x=plan.with_baseline(drawn[:, 0]), contrasts=plan.contrasts, names=plan.names
            )
        y = drawn[None, :, 1 + place]
        estimates.append(analysis.estimates(y)[0])
        variances.append(analysis.variances(y)[0])
    found = pooling.pooled(
        estimates=np.array(estimates),
        variances=np.array(variances),
        df_complete=len(table) - len(plan.names),
        level=level,
    )
    frame = pooled_frame(found).drop(columns=["within", "between", "share", "relative_increase"])
    frame.insert(0, "contrast", list(trial.contrasts))
    return frame.assign(pattern=_pattern(table), **trial.counts(place))


def _refuse_unanswered(
    trial: IncompleteTrial, plan: AnalysisDesign, table: FloatArray, place: int, visit: str
) -> None:
    """Refuse a visit at which the outcome is one number, and columns that depend on each other."""
    seen = np.flatnonzero(~np.isnan(trial.y[:, place]))
    here = Factor(name=visit, levels=(trial.visits[place],), codes=np.zeros(len(seen), dtype=int))
    refuse_flat_visits(trial.y[seen, place], here)
    known = ~np.isnan(table[:, 0])
    if known.sum() > len(plan.names):
        with in_words_of(trial.names):
            orthonormal(plan.with_baseline(table[:, 0])[known], plan.names)


def _pattern(table: FloatArray) -> str:
    if not np.isnan(table).any():
        return "complete"
    return "monotone" if draws.is_monotone(table) else "general"


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
            yield draws.chained_draw(table, fixed, rng, cycles=cycles, names=names)
        else:
            yield draws.monotone_draw(table, fixed, rng, names=names)


# Rubin's rules at the door: estimates of imputed data sets in, one tidy row out.


def rubin(
    estimates: ArrayLike,
    variances: ArrayLike,
    df_complete: ArrayLike = np.inf,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool the analyses of imputed data sets; see `engine.rubin` for the formulas.

    Parameters
    ----------
    estimates, variances : array-like, shape (M,) or (M, L)
        Of M imputed data sets and L contrasts: estimates, and squared standard errors.
    df_complete : array-like
        Degrees of freedom of the analysis, had nothing been missing.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a contrast: estimate, conf_low, conf_high, p_value, std_error, df (Barnard and
        Rubin's), statistic; within, between, share (lambda), relative_increase, fraction_missing,
        imputations.

    Raises
    ------
    NotEstimable
        If there are fewer than two imputations, or a variance is not above 0.

    Examples
    --------
    >>> found = rubin([1.0, 1.4, 1.2], [0.25, 0.25, 0.25], 20)
    >>> found.round(3)[["estimate", "std_error", "df", "fraction_missing"]]
       estimate  std_error     df  fraction_missing
    0       1.2      0.551  12.21             0.284
    """
    found = pooling.pooled(
        estimates=estimates, variances=variances, df_complete=df_complete, level=level
    )
    return pooled_frame(found)


def pooled_frame(found: pooling.Pooled) -> pd.DataFrame:
    """Return pooled analyses as a frame with the columns of `rubin`."""
    names = ("within", "between", "share", "relative_increase", "fraction_missing")
    columns = {
        **estimate_columns(found.found),
        **{name: array(getattr(found, name)) for name in names},
    }
    frame = pd.DataFrame({name: np.atleast_1d(one) for name, one in columns.items()})
    return frame.assign(imputations=found.imputations)


# Missing values of a visit drawn at random; the parameters are those of bootstrap samples.


def drawn_parameters(
    trial: IncompleteTrial, model: ImputationModel, *, seed: int, imputations: int
) -> tuple[Parameters, np.ndarray, int]:
    """Return the parameters of bootstrap samples, their numbers, and how many samples failed.

    `model`: fitted to it. `seed`, `imputations`: sample i is drawn from (seed, i); a sample whose
    model cannot be fitted is replaced by the next number, up to one in a hundred. Raises
    NotEstimable if more fail.
    """
    allowed = int(np.ceil(FAILURES * imputations))
    beta, sigma, kept, asked, failed = [], [], np.empty(0, dtype=int), 0, 0
    while len(kept) < imputations:
        indices = np.arange(asked, asked + imputations - len(kept))
        found, good = _refitted(trial, model, seed=seed, indices=indices)
        asked, failed = asked + len(indices), failed + int((~good).sum())
        if failed > allowed:
            raise NotEstimable(
                f"the imputation model could not be fitted in {failed} of {asked} samples; more "
                f"than {allowed} are too many: take a simpler covariance or fewer covariates"
            )
        beta.append(found.beta[good])
        sigma.append(found.sigma[good])
        kept = np.concatenate([kept, indices[good]])
    return Parameters(beta=np.concatenate(beta), sigma=np.concatenate(sigma)), kept, failed


def _refitted(
    trial: IncompleteTrial, model: ImputationModel, *, seed: int, indices: np.ndarray
) -> tuple[Parameters, np.ndarray]:
    """Return the parameters of numbered bootstrap samples of participants, drawn within arms."""
    counts = [bootstrap_counts(seed=seed, index=int(i), strata=trial.arm) for i in indices]
    return model.refitted(np.stack(counts))


def drawn_visit(
    model: ImputationModel, drawn: Parameters, *, at: int, seed: int, indices: np.ndarray
) -> FloatArray:
    """Return a visit with its gaps filled at random, shape (M, n).

    `drawn`: M sets of them. `at`: the visit, from 0. `indices` (shape (M,)): numbers of the samples
    that the parameters came from.
    """
    found = draws.predicted(model.visits, at=at, beta=drawn.beta, sigma=drawn.sigma)
    y = np.repeat(model.visits.y[None, :, at], len(indices), axis=0)
    for place, index in enumerate(indices):
        # The sample of participants came from the replicate's own stream; this is a child of it.
        rng = replicate_generator(seed=seed, index=int(index)).spawn(1)[0]
        noise = np.asarray(rng.standard_normal(y.shape[1]))[found.who]
        y[place, found.who] = found.mean[place] + np.sqrt(found.variance[place]) * noise
    return y


# Conditional mean imputation of one visit: the estimates of all, and without each participant.


@dataclass(frozen=True, kw_only=True, slots=True)
class Replicates:
    """Contrasts of a completed visit.

    Attributes
    ----------
    whole : array, shape (L,)
        Of all participants.
    without : array, shape (n, L)
        Without each participant: imputation model, imputation and analysis repeated.
    """

    whole: FloatArray
    without: FloatArray


def conditional_means(
    model: ImputationModel, analysis: pooling.CompletedAnalysis, *, at: int
) -> Replicates:
    """Return the contrasts of a visit completed by conditional means.

    `at`: the visit, from 0. Raises NotEstimable if the model or the analysis cannot be repeated
    without some participant, or the strategy is not defined for one.
    """
    whole = analysis.estimates(completed(model.visits, model.estimate, at=at))[0]
    each = model.without_each()
    n = len(model.row)
    parts = []
    step = max(1, VISIT_BYTES // (8 * n))
    for start in range(0, n, step):
        people = np.arange(start, min(start + step, n))
        own = Parameters(beta=each.beta[people], sigma=each.sigma[people])
        parts.append(analysis.without(completed(model.visits, own, at=at), people))
    return Replicates(whole=whole, without=np.concatenate(parts))


def completed(visits: draws.IncompleteVisits, parameters: Parameters, *, at: int) -> FloatArray:
    """Return a visit with its gaps filled by conditional means, shape (R, n)."""
    found = draws.predicted(visits, at=at, beta=parameters.beta, sigma=parameters.sigma)
    y = np.repeat(visits.y[None, :, at], len(parameters.beta), axis=0)
    y[:, found.who] = found.mean
    return y
