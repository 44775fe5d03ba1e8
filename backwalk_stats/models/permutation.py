"""Permutation test of the arm: what the same trial shows when arms are dealt out anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch import fit_designs
from backwalk_stats.engine.batch_draws import permuted
from backwalk_stats.engine.batch_fits import BatchFits, joined
from backwalk_stats.engine.batch_plan import plan_like
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.choices import check_count, check_seed
from backwalk_stats.models.fitted import FittedModel
from backwalk_stats.models.marginal_means import factor_named
from backwalk_stats.models.model_contrasts import Weights
from backwalk_stats.models.resampling import (
    constant_within,
    quantities_of,
    reasons,
    strata_of,
)
from backwalk_stats.models.variables import Factor

SAME = 1e-9
AT_ONCE = 256


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
    fit : FittedModel
        From `mmrm` or `lmm`; it must have converged.
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
    contrast : str or mapping
        The method of `fit.contrasts`.
    workers : int
        The numbers do not depend on it.

    Returns
    -------
    DataFrame
        contrast, the columns of `by`, estimate, statistic, p_value, replicates, n_failed, and
        notes, those of the fit. A deal whose fit failed counts as at least as far from zero as the
        data; `attrs["failures"]` holds the reasons and their counts.

    Raises
    ------
    UsageError
        If the fit did not converge, the factor varies within a participant, or the covariance
        depends on it.

    Examples
    --------
    >>> from backwalk_stats.models.mmrm import mmrm
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame(
    ...     {
    ...         "who": np.repeat(np.arange(20), 2),
    ...         "when": ["a", "b"] * 20,
    ...         "arm": np.repeat(["p", "q"], 20),
    ...         "score": rng.normal(size=40).round(1) + np.repeat([0.0, 1.0], 20),
    ...     }
    ... )
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
    parts: list[BatchFits] = []
    for at in range(0, replicates, AT_ONCE):
        deals = [
            permuted(labels=arms, seed=seed, index=index, strata=strata)
            for index in range(at, min(at + AT_ONCE, replicates))
        ]
        designs = np.stack([design_with(fit, factor, deal) for deal in deals])
        parts.append(fit_designs(plan, fit.y, designs, workers=workers))
    found = joined(parts)
    rows = fit.inference.turned(wanted.rows)
    estimate = rows @ fit.fit.point.beta
    statistic = estimate / np.sqrt(((rows @ fit.fit.point.phi) * rows).sum(axis=1))
    frame = pd.DataFrame(
        {
            **wanted.labels,
            "estimate": estimate,
            "statistic": statistic,
            "p_value": p_values(statistic=statistic, found=found),
            "replicates": replicates,
            "n_failed": int((~found.converged).sum()),
            "notes": "; ".join(fit.summary.notes),
        }
    )
    frame.attrs["failures"] = reasons(found)
    return frame


def p_values(*, statistic: FloatArray, found: BatchFits) -> FloatArray:
    """Return (b + 1) / (m + 1) of each statistic; a failed deal counts as extreme.

    Parameters
    ----------
    statistic : array, shape (L,)
        Of the data.
    found : BatchFits
        Of m deals.
    """
    dealt = np.abs(found.estimate / found.std_error)
    # A deal that gives the data's own statistic is as extreme, whatever the last digit says.
    extreme = dealt >= np.abs(statistic) * (1.0 - SAME)
    extreme |= ~found.converged[:, None]
    return np.asarray((extreme.sum(axis=0) + 1.0) / (len(dealt) + 1.0))


def design_with(fit: FittedModel, factor: str, arms: np.ndarray) -> FloatArray:
    """Return the model's design with other arms, shape (N, p).

    Parameters
    ----------
    fit : FittedModel
    factor : str
        Column of the arm.
    arms : array of int, shape (n,)
        Level of each participant, as a code.
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
