"""Bootstrap of participants: how a model's contrasts vary from sample to sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch import fits
from backwalk_stats.engine.batch.tables import BatchPlan, plan_like
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import bca_interval, percentile_interval
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.labels import labels
from backwalk_stats.models.fit.choices import check_choice, check_count, check_level, check_seed
from backwalk_stats.models.fit.contrasts import Compared, Weights, compared
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.marginal_means import factor_named, names_of, refuse_taken
from backwalk_stats.models.formula.design import Factor

METHODS = ("percentile", "bca")
SAME = 1e-9
DESIGN_BYTES = 32_000_000  # of the designs of one portion of deals


def bootstrap(
    fit: FittedModel,
    factor: str | None = None,
    by: str | Sequence[str] | None = None,
    *,
    replicates: int = 2000,
    seed: int,
    within: str | pd.Series | None = None,
    method: str = "percentile",
    contrast: str | Weights = "reference",
    level: float = 0.95,
    workers: int = 1,
) -> pd.DataFrame:
    """Return bootstrap standard errors and intervals of a model's contrasts.

    Participants are drawn with replacement, each with all of their visits, and the model is fitted
    to each sample anew. Contrasts are those of the data's own levels and covariate means.

    Parameters
    ----------
    fit : FittedModel
        From `mmrm` or `lmm`; it must have converged.
    factor, by : str, sequence of str, optional
        As in `fit.contrasts`; without a factor the coefficients are resampled.
    replicates : int
        Samples, at least 2; 2,000 or more for an interval.
    seed : int
        Sample i is drawn from (seed, i): the same seed gives the same numbers.
    within : str or Series, optional
        A column of the model, or any other of the data as a Series with the data's index; constant
        within participants. As many are drawn from each of its levels as it has: with the arm, no
        sample loses an arm.
    method : str
        "percentile", or "bca": bias-corrected and accelerated, closer to its level in small
        samples; it also fits the model without each participant in turn.
    contrast : str or mapping
        The method of `fit.contrasts`.
    level : float
        Confidence level.
    workers : int
        The numbers do not depend on it.

    Returns
    -------
    DataFrame
        contrast and the columns of `by` (or term), estimate, conf_low, conf_high, std_error,
        replicates, n_failed, and notes, those of the fit. Samples whose fit failed are counted in
        `n_failed` and are not in std_error and limits; `attrs["failures"]` holds the reasons and
        their counts.

    Raises
    ------
    UsageError
        If the fit did not converge, or a choice does not exist.
    NotEstimable
        If fewer than two samples could be fitted, or they do not determine a BCa interval.

    Examples
    --------
    >>> from backwalk_stats.models.mixed.mmrm import mmrm
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(20), 2), "when": ["a", "b"] * 20,
    ...     "arm": np.repeat(["p", "q"], 20),
    ...     "score": rng.normal(size=40).round(1) + np.repeat([0.0, 1.0], 20)})
    >>> fit = mmrm("score ~ arm + when", frame, participant="who", visit="when")
    >>> found = bootstrap(fit, "arm", replicates=200, seed=1, within="arm")
    >>> found.round(2)[["contrast", "estimate", "std_error", "conf_low", "conf_high", "n_failed"]]
      contrast  estimate  std_error  conf_low  conf_high  n_failed
    0    q - p      0.94       0.34      0.25       1.52         0
    """
    check_choice("method", method, METHODS)
    check_level(level)
    check_seed(seed)
    check_count("replicates", replicates, least=2)
    check_count("workers", workers, least=1)
    wanted = quantities_of(fit, factor, by, contrast)
    plan = plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=wanted.rows)
    strata = strata_of(fit, within)
    found = fits.fit_bootstrap_samples(
        plan, fit.y, strata=strata, seed=seed, replicates=replicates, workers=workers
    )
    kept = found.estimate[found.converged]
    if len(kept) < 2:
        raise NotEstimable(f"{len(kept)} of {replicates} samples could be fitted: {reasons(found)}")
    estimate = wanted.rows @ fit.inference.beta
    if method == "bca":
        low, high = bca_interval(
            replicates=kept,
            estimate=estimate,
            jackknife=_jackknife(plan, fit.y, workers),
            strata=strata,
            level=level,
        )
    else:
        low, high = percentile_interval(replicates=kept, level=level)
    frame = pd.DataFrame(
        {
            **wanted.labels,
            "estimate": estimate,
            "conf_low": low,
            "conf_high": high,
            "std_error": kept.std(axis=0, ddof=1),
            "replicates": replicates,
            "n_failed": replicates - len(kept),
            "notes": "; ".join(fit.stats.notes),
        }
    )
    frame.attrs["failures"] = reasons(found)
    return frame


def _jackknife(plan: BatchPlan, y: FloatArray, workers: int) -> FloatArray:
    """Return the estimates without each participant in turn, shape (n, L)."""
    n = plan.patterns.n_participants
    found = fits.fit_without_each(plan, y, np.arange(n), workers=workers)
    missing = int((~found.converged).sum())
    if missing:
        raise NotEstimable(
            f"without one participant the model cannot be fitted ({missing} of {n} times): "
            "no BCa interval; take method='percentile'"
        )
    return found.estimate


def quantities_of(
    fit: FittedModel, factor: str | None, by: str | Sequence[str] | None, contrast: str | Weights
) -> Compared:
    """Return the contrasts of a factor, or all coefficients where there is none.

    Raises UsageError if the fit did not converge, or a factor or contrast does not exist.
    """
    if not isinstance(fit, FittedModel):
        raise UsageError(
            f"expected a fit of mmrm or lmm, found {type(fit).__name__}; for least squares fit "
            "mmrm, or ask ols for vcov='hc3'"
        )
    if not fit.stats.converged:
        raise UsageError("the fit did not converge, so there is nothing to resample")
    if len(fit.random) > 1:
        raise UsageError(
            "a model of two random factors is not resampled: participants are not independent of "
            "each other; resample with one factor, (1 | id)"
        )
    if factor is None:
        names = list(fit.design.names)
        if by is not None:
            raise UsageError("by needs a factor whose levels are compared")
        rows = np.eye(len(names))
        return Compared(rows=rows, labels={"term": list(names)}, family=1, means=0)
    refuse_taken(names_of(by), ("replicates", "n_failed", "notes"))
    return compared(fit.design, factor, names_of(by), method=contrast, reference=None, at=None)


def strata_of(fit: FittedModel, within: str | pd.Series | None) -> np.ndarray:
    """Return a code for each participant from a column that is constant within participants.

    `within`: a column of the rows used, or a Series with the index of the data; None puts all
    participants into one stratum. Raises UsageError if there is no such column, it misses a value,
    or it varies within a participant.
    """
    rows = fit.fit.likelihood.patterns.rows
    if within is None:
        return np.zeros(len(rows), dtype=int)
    if isinstance(within, pd.Series):
        if within.index.has_duplicates:
            raise UsageError("within: its index holds a label twice; expected the data's own index")
        column = within.reindex(fit.frame.index)
        name = "within" if within.name is None else str(within.name)
    elif within in list(fit.frame.columns):
        column, name = fit.frame[within], within
    else:
        known = ", ".join(map(str, fit.frame.columns))
        raise UsageError(
            f"the model uses no column {within!r}; there are: {known}. Give another as a Series"
        )
    codes = labels(column, name).codes
    missing = int((codes < 0).sum())
    if missing:
        raise UsageError(f"{name}: {missing} of the rows used have no value")
    return constant_within(codes, rows, name)


def constant_within(codes: np.ndarray, rows: np.ndarray, name: str) -> np.ndarray:
    """Return the one code that each participant's rows share.

    `codes` (shape (N,)). `rows` (shape (n, M)): row in each slot, -1 for none. `name`: for the
    message. Raises UsageError if some participant has more than one.
    """
    held = rows >= 0
    own = codes[rows]
    first = own[np.arange(len(rows)), held.argmax(axis=1)]
    varying = int(((own != first[:, None]) & held).any(axis=1).sum())
    if varying:
        raise UsageError(f"{name} varies within {varying} participants; it must be one for each")
    return np.asarray(first)


def reasons(found: fits.BatchFits) -> dict[str, int]:
    """Return why replicates failed, and how many for each reason."""
    failed = [note for note, good in zip(found.notes, found.converged, strict=True) if not good]
    return {note: failed.count(note) for note in dict.fromkeys(failed)}


# Permutation test of the arm: what the same trial shows when arms are dealt out anew.


def permutation_test(
    fit: FittedModel,
    factor: str,
    by: str | Sequence[str] | None = None,
    *,
    replicates: int = 2000,
    seed: int,
    within: str | pd.Series | None = None,
    contrast: str | Weights = "reference",
    workers: int = 1,
) -> pd.DataFrame:
    """Return two-sided permutation tests of an arm's contrasts.

    Arms are dealt out anew among participants, who keep their visits, outcomes and covariates; the
    model is fitted to each deal. The statistic is the estimate over the model's own standard error,
    and p = (b + 1) / (m + 1), b of m deals being at least as far from zero as the data (Phipson and
    Smyth, Stat Appl Genet Mol Biol 2010;9:39). It tests that the arm changes nobody's outcome, at
    any visit.

    Parameters
    ----------
    fit, contrast, workers
        As in `bootstrap`.
    factor : str
        Column of the arm: a factor of the model, one level for each participant.
    by : str or sequence of str, optional
        As in `fit.contrasts`.
    replicates : int
        Deals.
    seed : int
        Deal i is drawn from (seed, i): the same seed gives the same numbers.
    within : str or Series, optional
        A column of the model, or any other of the data as a Series with the data's index; constant
        within participants. Arms are dealt within its levels. Where randomisation was stratified,
        its stratum.

    Returns
    -------
    DataFrame
        contrast, the columns of `by`, estimate, p_value, statistic, replicates, n_failed, and
        notes, those of the fit. A deal whose fit failed counts as at least as far from zero as the
        data; `attrs["failures"]` holds the reasons and their counts.

    Raises
    ------
    UsageError
        If the fit did not converge, the factor varies within a participant, or the covariance
        depends on it.

    Examples
    --------
    >>> from backwalk_stats.models.mixed.mmrm import mmrm
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"who": np.repeat(np.arange(20), 2), "when": ["a", "b"] * 20,
    ...     "arm": np.repeat(["p", "q"], 20),
    ...     "score": rng.normal(size=40).round(1) + np.repeat([0.0, 1.0], 20)})
    >>> fit = mmrm("score ~ arm + when", frame, participant="who", visit="when")
    >>> found = permutation_test(fit, "arm", replicates=199, seed=1)
    >>> found.round(3)[["contrast", "estimate", "statistic", "p_value", "n_failed"]]
      contrast  estimate  statistic  p_value  n_failed
    0    q - p     0.937      2.697    0.025         0
    """
    check_seed(seed)
    check_count("replicates", replicates, least=1)
    check_count("workers", workers, least=1)
    wanted = quantities_of(fit, factor, by, contrast)
    arms = _arms(fit, factor)
    plan = plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=wanted.rows)
    strata = strata_of(fit, within)
    parts: list[fits.BatchFits] = []
    step = max(1, DESIGN_BYTES // fit.x.nbytes)
    for at in range(0, replicates, step):
        deals = [
            fits.permuted(labels=arms, seed=seed, index=index, strata=strata)
            for index in range(at, min(at + step, replicates))
        ]
        designs = np.stack([design_with(fit, factor, deal) for deal in deals])
        parts.append(fits.fit_designs(plan, fit.y, designs, workers=workers))
    found = fits.joined(parts)
    rows = fit.inference.turned(wanted.rows)
    estimate = rows @ fit.fit.point.beta
    statistic = estimate / np.sqrt(((rows @ fit.fit.point.phi) * rows).sum(axis=1))
    frame = pd.DataFrame(
        {
            **wanted.labels,
            "estimate": estimate,
            "p_value": p_values(statistic=statistic, found=found),
            "statistic": statistic,
            "replicates": replicates,
            "n_failed": int((~found.converged).sum()),
            "notes": "; ".join(fit.stats.notes),
        }
    )
    frame.attrs["failures"] = reasons(found)
    return frame


def p_values(*, statistic: FloatArray, found: fits.BatchFits) -> FloatArray:
    """Return (b + 1) / (m + 1) of each statistic; a failed deal counts as extreme.

    `statistic` (shape (L,)): of the data. `found`: of m deals.
    """
    dealt = np.abs(found.estimate / found.std_error)
    # A deal that gives the data's own statistic is as extreme, whatever the last digit says.
    extreme = dealt >= np.abs(statistic) * (1.0 - SAME)
    extreme |= ~found.converged[:, None]
    return np.asarray((extreme.sum(axis=0) + 1.0) / (len(dealt) + 1.0))


def design_with(fit: FittedModel, factor: str, arms: np.ndarray) -> FloatArray:
    """Return the model's design with other arms, shape (N, p).

    `factor`: column of the arm. `arms` (shape (n,)): level of each participant, as a code.
    """
    rows = fit.fit.likelihood.patterns.rows
    held = rows >= 0
    codes = np.empty(len(fit.y), dtype=int)
    codes[rows[held]] = np.repeat(arms, held.sum(axis=1))
    values = {}
    for variable, one in fit.design.variables.items():
        if variable.column == factor:
            values[variable] = codes
        else:
            values[variable] = one.codes if isinstance(one, Factor) else one.values
    return fit.design.matrix(values, len(fit.y))


def _arms(fit: FittedModel, factor: str) -> np.ndarray:
    """Return the arm of each participant, as a code; refuses a model that it would break."""
    one = factor_named(fit.design, factor)
    arms = constant_within(one.codes, fit.fit.likelihood.patterns.rows, factor)
    random = [v.column for part in fit.formula.random for term in part.terms for v in term]
    if factor in random or fit.groups:
        raise UsageError(
            f"the covariance may depend on {factor}: arms cannot be dealt out anew; fit one "
            "covariance for all"
        )
    if factor in fit.design.numbers:
        raise UsageError(f"{factor} is both a factor and a number in the model")
    return arms
