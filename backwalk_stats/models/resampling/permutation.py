"""Permutation test of the arm: what the same trial shows when arms are dealt out anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import islice

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch import fits
from backwalk_stats.engine.batch.contrasts import joined
from backwalk_stats.engine.batch.tables import plan_like
from backwalk_stats.engine.linear import heteroskedastic, relabelling
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.choices import check_choice, check_count, check_seed
from backwalk_stats.models.fit.contrasts import Compared, Weights, compared
from backwalk_stats.models.fit.fitted import FittedModel
from backwalk_stats.models.fit.marginal_means import factor_named, names_of, refuse_taken
from backwalk_stats.models.formula.design import Design, Factor
from backwalk_stats.models.linear.ols import LinearModel
from backwalk_stats.models.resampling.fits import (
    constant_within,
    quantities_of,
    reasons,
    strata_of,
    strata_of_rows,
)

SAME = 1e-9
SCHEMES = ("dealt-anew", "freedman-lane")
ADDED = ("replicates", "n_failed", "extreme", "scheme", "method", "notes")
PORTION = 2000  # relabellings of a linear model that are worked on together
DESIGN_BYTES = 32_000_000  # of the designs of one portion of deals


def permutation_test(
    fit: FittedModel | LinearModel,
    factor: str,
    by: str | Sequence[str] | None = None,
    *,
    replicates: int = 2000,
    seed: int,
    within: str | pd.Series | None = None,
    contrast: str | Weights = "reference",
    scheme: str = "dealt-anew",
    workers: int = 1,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Return two-sided permutation tests of an arm's contrasts.

    Arms are dealt out anew among participants, who keep their visits, outcomes and covariates; the
    model is fitted to each deal. The statistic is the estimate over the model's own standard error,
    and p = (b + 1) / (m + 1), b of m deals being at least as far from zero as the data (Phipson and
    Smyth, Stat Appl Genet Mol Biol 2010;9:39); where there are no more than `replicates` different
    deals, all are taken, the data's own among them. It tests that the arm changes nobody's outcome,
    at any visit.

    Parameters
    ----------
    fit : FittedModel or LinearModel
        From `mmrm` or `lmm`, converged; or from `ols`, each row a participant (an analysis of
        covariance).
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
    scheme : str
        "dealt-anew", as the trial's own randomisation did it: exact, whatever the errors.
        "freedman-lane", of `ols` alone: residuals of the model without the arm are permuted and
        added to its fitted values (Freedman and Lane, J Bus Econ Stat 1983;1:292), which is nearly
        exact, and also made for arms that were not randomised.
    workers : int
        The numbers do not depend on it.
    executor : concurrent.futures.Executor, optional
        Computes in their place, such as that of a cluster; it is not shut down.

    Returns
    -------
    DataFrame
        contrast, the columns of `by`, estimate, p_value, statistic, replicates (relabellings looked
        at), n_failed, extreme (how many were as far from zero; of all, the data's own among them),
        scheme, method ("exact" where all were taken, "random"), and notes, those of the fit. A
        deal whose fit failed counts as at least as far from zero as the data; `attrs["failures"]`
        holds the reasons and their counts.

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
    check_choice("scheme", scheme, SCHEMES)
    check_seed(seed)
    check_count("replicates", replicates, least=1)
    check_count("workers", workers, least=1)
    refuse_taken(names_of(by), ADDED)
    if isinstance(fit, LinearModel):
        if fit.stats.vcov in heteroskedastic.CLUSTERED:
            raise UsageError(
                "the fit says that rows hang together, and arms are dealt among rows that do not: "
                "fit one row a cluster, such as its mean"
            )
        return _of_linear(
            fit, factor, by, contrast=contrast, within=within, scheme=scheme,
            replicates=replicates, seed=seed,
        )  # fmt: skip
    wanted = quantities_of(fit, factor, by, contrast)
    if scheme != "dealt-anew":
        raise UsageError(
            f"scheme {scheme!r} is for fits of ols: take 'dealt-anew' for those of mmrm and lmm"
        )
    arms, strata = _arms(fit, factor), strata_of(fit, within)
    every = relabelling.deals(arms, strata) <= replicates
    deals = (
        relabelling.every_deal(arms, strata) if every else _random(arms, strata, replicates, seed)
    )
    dealt, failures = _refitted(fit, factor, wanted, deals, workers, executor)
    rows = fit.inference.turned(wanted.rows)
    estimate = rows @ fit.fit.point.beta
    statistic = estimate / np.sqrt(((rows @ fit.fit.point.phi) * rows).sum(axis=1))
    frame = _frame(
        wanted, estimate, statistic, dealt, every=every, scheme=scheme, notes=fit.stats.notes,
        failed=sum(failures.values()),
    )  # fmt: skip
    frame.attrs["failures"] = failures
    return frame


def _refitted(
    fit: FittedModel,
    factor: str,
    wanted: Compared,
    deals: Iterator[np.ndarray],
    workers: int,
    executor: Executor | None,
) -> tuple[FloatArray, dict[str, int]]:
    """Return the statistics of each deal, shape (m, L), infinite where it failed, and why."""
    plan = plan_like(fit.fit, x=fit.x, y=fit.y, contrasts=wanted.rows)
    parts = []
    for some in _portions(deals, max(1, DESIGN_BYTES // fit.x.nbytes)):
        designs = np.stack([design_with(fit, factor, deal) for deal in some])
        parts.append(fits.fit_designs(plan, fit.y, designs, workers=workers, executor=executor))
    if not parts:  # no deal can move an arm
        return np.zeros((0, len(wanted.rows))), {}
    found = joined(parts)
    dealt = np.where(found.converged[:, None], found.estimate / found.std_error, np.inf)
    return dealt, reasons(found)


def _portions(each: Iterator[np.ndarray], size: int) -> Iterable[list[np.ndarray]]:
    """Return relabellings in lists of at most this many."""
    return iter(lambda: list(islice(each, size)), [])


def _random(
    values: np.ndarray, strata: np.ndarray, replicates: int, seed: int
) -> Iterator[np.ndarray]:
    """Yield values dealt out anew within strata, the i-th from (seed, i)."""
    for index in range(replicates):
        yield fits.permuted(labels=values, seed=seed, index=index, strata=strata)


def _frame(
    wanted: Compared,
    estimate: FloatArray,
    statistic: FloatArray,
    dealt: FloatArray,
    *,
    every: bool,
    scheme: str,
    notes: Sequence[str],
    failed: int,
) -> pd.DataFrame:
    """Return the tests; `dealt` (shape (m, L)) are statistics, infinite where a fit failed."""
    # A deal that gives the data's own statistic is as extreme, whatever the last digit says.
    extreme = (np.abs(dealt) >= np.abs(statistic) * (1.0 - SAME)).sum(axis=0)
    return pd.DataFrame(
        {
            **wanted.labels,
            "estimate": estimate,
            "p_value": (extreme + 1.0) / (len(dealt) + 1.0),
            "statistic": statistic,
            "replicates": len(dealt) + every,
            "n_failed": failed,
            "extreme": extreme + every,
            "scheme": scheme,
            "method": "exact" if every else "random",
            "notes": "; ".join(notes),
        }
    )


# Least squares: a row is a participant, and t of a relabelling is a few products of arrays.


def _of_linear(
    fit: LinearModel,
    factor: str,
    by: str | Sequence[str] | None,
    *,
    contrast: str | Weights,
    within: str | pd.Series | None,
    scheme: str,
    replicates: int,
    seed: int,
) -> pd.DataFrame:
    """Return the tests of a fit of `ols`; parameters as in `permutation_test`."""
    one = factor_named(fit.design, factor)
    _refuse_number(fit.design, factor)
    if fit.fit.exact:
        raise UsageError("every row is fitted exactly: there is no residual to permute")
    wanted = compared(fit.design, factor, names_of(by), method=contrast, reference=None, at=None)
    n, kind = len(fit.y), fit.stats.vcov
    strata = np.zeros(n, dtype=int) if within is None else strata_of_rows(fit.frame, within)[0]
    given = relabelling.t_statistics(y=fit.y[None], x=fit.x, rows=wanted.rows, kind=kind)[0]
    parts = (_dealt if scheme == "dealt-anew" else _reordered)(
        fit, factor, one, wanted, strata, replicates=replicates, seed=seed
    )
    count = relabelling.orders(strata)
    if scheme == "dealt-anew":
        count = relabelling.deals(one.codes, strata)
    found = np.concatenate([np.zeros((0, len(given))), *parts])
    failed = np.isnan(found).any(axis=1)
    return _frame(
        wanted,
        wanted.rows @ fit.inference.beta,
        given,
        np.where(np.isnan(found), np.inf, found),
        every=count <= replicates,
        scheme=scheme,
        notes=fit.stats.notes,
        failed=int(failed.sum()),
    )


def _dealt(
    fit: LinearModel,
    factor: str,
    one: Factor,
    wanted: Compared,
    strata: np.ndarray,
    *,
    replicates: int,
    seed: int,
) -> Iterator[FloatArray]:
    """Yield t of each deal of the arms, the outcome and the covariates as they are."""
    every = relabelling.deals(one.codes, strata) <= replicates
    deals = (
        relabelling.every_deal(one.codes, strata)
        if every
        else _random(one.codes, strata, replicates, seed)
    )
    for deal in deals:
        x = with_levels(fit.design, factor, deal)
        yield relabelling.t_statistics(y=fit.y[None], x=x, rows=wanted.rows, kind=fit.stats.vcov)


def _reordered(
    fit: LinearModel,
    factor: str,
    one: Factor,
    wanted: Compared,
    strata: np.ndarray,
    *,
    replicates: int,
    seed: int,
) -> Iterator[FloatArray]:
    """Yield t of outcomes made of the fit without the arm and its residuals in another order."""
    n = len(fit.y)
    levels = [np.full(n, code) for code in range(len(one.levels))]
    at_level = np.stack([with_levels(fit.design, factor, codes) for codes in levels])
    reduced = relabelling.without_factor(fit.x, at_level)
    q = np.linalg.qr(reduced)[0]
    fitted = q @ (q.T @ fit.y)
    residual = fit.y - fitted
    every = relabelling.orders(strata) <= replicates
    orders = (
        relabelling.every_order(strata)
        if every
        else _random(np.arange(n), strata, replicates, seed)
    )
    for some in _portions(orders, PORTION):
        y = fitted + residual[np.stack(some)]
        yield relabelling.t_statistics(y=y, x=fit.x, rows=wanted.rows, kind=fit.stats.vcov)


# The design with other arms.


def design_with(fit: FittedModel, factor: str, arms: np.ndarray) -> FloatArray:
    """Return the model's design with other arms, shape (N, p).

    `factor`: column of the arm. `arms` (shape (n,)): level of each participant, as a code.
    """
    rows = fit.fit.likelihood.patterns.rows
    held = rows >= 0
    codes = np.empty(len(fit.y), dtype=int)
    codes[rows[held]] = np.repeat(arms, held.sum(axis=1))
    return with_levels(fit.design, factor, codes)


def with_levels(design: Design, factor: str, codes: np.ndarray) -> FloatArray:
    """Return a design with other levels of a factor, codes of shape (N,); shape (N, p)."""
    values = {}
    for variable, one in design.variables.items():
        if variable.column == factor:
            values[variable] = codes
        else:
            values[variable] = one.codes if isinstance(one, Factor) else one.values
    return design.matrix(values, len(codes))


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
    _refuse_number(fit.design, factor)
    return arms


def _refuse_number(design: Design, factor: str) -> None:
    if factor in design.numbers:
        raise UsageError(f"{factor} is both a factor and a number in the model")
