"""Bootstrap of participants: how a model's contrasts vary from sample to sample."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch import fits
from backwalk_stats.engine.batch.contrasts import BatchFits
from backwalk_stats.engine.batch.tables import BatchPlan, plan_like
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import bca_interval, percentile_interval
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.columns.labels import labels
from backwalk_stats.models.fit.choices import check_choice, check_count, check_level, check_seed
from backwalk_stats.models.fit.contrasts import Compared, Weights, compared
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.marginal_means import names_of, refuse_taken

METHODS = ("percentile", "bca")


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
    executor: Executor | None = None,
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
    executor : concurrent.futures.Executor, optional
        Computes in their place, such as that of a cluster; it is not shut down.

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
        plan, fit.y, strata=strata, seed=seed, replicates=replicates, workers=workers,
        executor=executor,
    )  # fmt: skip
    kept = found.estimate[found.converged]
    if len(kept) < 2:
        raise NotEstimable(f"{len(kept)} of {replicates} samples could be fitted: {reasons(found)}")
    estimate = wanted.rows @ fit.inference.beta
    if method == "bca":
        low, high = bca_interval(
            replicates=kept,
            estimate=estimate,
            jackknife=_jackknife(plan, fit.y, workers, executor),
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


def _jackknife(
    plan: BatchPlan, y: FloatArray, workers: int, executor: Executor | None
) -> FloatArray:
    """Return the estimates without each participant in turn, shape (n, L)."""
    n = plan.patterns.n_participants
    found = fits.fit_without_each(plan, y, np.arange(n), workers=workers, executor=executor)
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
            f"expected a fit of mmrm or lmm, found {type(fit).__name__}; for least squares ask ols "
            "for vcov='hc3', or take permutation_test"
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
    codes, name = strata_of_rows(fit.frame, within)
    return constant_within(codes, rows, name)


def strata_of_rows(frame: pd.DataFrame, within: str | pd.Series) -> tuple[np.ndarray, str]:
    """Return a code for each of the rows used, and the column's name; as in `strata_of`."""
    if isinstance(within, pd.Series):
        if within.index.has_duplicates:
            raise UsageError("within: its index holds a label twice; expected the data's own index")
        column = within.reindex(frame.index)
        name = "within" if within.name is None else str(within.name)
    elif within in list(frame.columns):
        column, name = frame[within], within
    else:
        known = ", ".join(map(str, frame.columns))
        raise UsageError(
            f"the model uses no column {within!r}; there are: {known}. Give another as a Series"
        )
    codes = labels(column, name).codes
    missing = int((codes < 0).sum())
    if missing:
        raise UsageError(f"{name}: {missing} of the rows used have no value")
    return codes, name


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


def reasons(found: BatchFits) -> dict[str, int]:
    """Return why replicates failed, and how many for each reason."""
    failed = [note for note, good in zip(found.notes, found.converged, strict=True) if not good]
    return {note: failed.count(note) for note in dict.fromkeys(failed)}
