"""Missing values of several normal variables drawn by Bayesian linear regressions.

A variable is regressed on others; sigma^2 is drawn as RSS / chi^2(n - p), the coefficients as
normal about least squares with covariance sigma^2 (X'X)^-1, and a missing value about its
prediction (Rubin, Multiple Imputation for Nonresponse in Surveys, 1987, section 5.3). Where the
pattern is monotone, each variable on those before it gives independent draws in one pass. Where it
is not, each on all others in turn, cycle after cycle, is a Gibbs sampler of the joint normal model
(van Buuren and Groothuis-Oudshoorn, J Stat Softw 2011;45(3), method "norm").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable, UsageError

DEPENDENT = 1e-9
STRATEGIES = ("mar", "jr", "cr", "cir", "lmcf")


def is_monotone(table: FloatArray) -> bool:
    """Tell whether everyone who misses a column (NaN) misses all columns after it.

    >>> is_monotone(np.array([[1.0, 2.0], [1.0, np.nan]]))
    True
    """
    gaps = np.isnan(table)
    return bool((gaps[:, 1:] >= gaps[:, :-1]).all())


def monotone_draw(
    table: FloatArray, fixed: FloatArray, rng: np.random.Generator, *, names: Sequence[str]
) -> FloatArray:
    """Return a completed table, each column drawn given those before it.

    The pattern of the table, shape (n, V), is monotone; `fixed`, (n, w), are complete predictors
    with their column of ones; names are those of the table's columns, for messages. Too few rows
    for a regression, or collinear ones, are refused.
    """
    out = table.copy()
    for column in np.flatnonzero(np.isnan(table).any(axis=0)):
        x = np.column_stack([fixed, out[:, :column]])
        _fill(out, np.isnan(table[:, column]), int(column), x, rng, names)
    return out


def chained_draw(
    table: FloatArray,
    fixed: FloatArray,
    rng: np.random.Generator,
    *,
    cycles: int,
    names: Sequence[str],
) -> FloatArray:
    """Return a completed table of any pattern after cycles of each column drawn given all others.

    The start is one pass of each column on those before it; the arguments are those of
    `monotone_draw`.

    >>> rng = np.random.default_rng(1)
    >>> table = rng.normal(size=(20, 3))
    >>> table[0, 1] = table[1, 2] = table[1, 0] = np.nan
    >>> drawn = chained_draw(table, np.ones((20, 1)), rng, cycles=5, names=["a", "b", "c"])
    >>> bool(np.isfinite(drawn).all()), bool((drawn[2:] == table[2:]).all())
    (True, True)
    """
    gaps = np.isnan(table)
    out = monotone_draw(table, fixed, rng, names=names)
    for _ in range(cycles):
        for column in np.flatnonzero(gaps.any(axis=0)):
            x = np.column_stack([fixed, np.delete(out, column, axis=1)])
            _fill(out, gaps[:, column], int(column), x, rng, names)
    return out


def _fill(
    out: FloatArray,
    gap: np.ndarray,
    column: int,
    x: FloatArray,
    rng: np.random.Generator,
    names: Sequence[str],
) -> None:
    """Draw the missing values of a column given the predictors x, in place."""
    own, y = x[~gap], out[~gap, column]
    n, p = own.shape
    if n <= p:
        raise NotEstimable(
            f"{names[column]}: {n} observed values do not determine a regression on {p} "
            "predictors; take fewer covariates"
        )
    q, r = np.linalg.qr(own)
    size = np.sqrt((own**2).sum(axis=0))
    if (np.abs(np.diagonal(r)) <= DEPENDENT * size).any():
        raise NotEstimable(
            f"{names[column]}: where it is observed its predictors are collinear; leave out a "
            "covariate or join its levels"
        )
    gamma = q.T @ y
    residual = y - q @ gamma
    sigma = np.sqrt(residual @ residual / rng.chisquare(n - p))
    beta = solve_triangular(r, gamma + sigma * rng.standard_normal(p))
    out[gap, column] = x[gap] @ beta + sigma * rng.standard_normal(int(gap.sum()))


# Missing visits given the observed ones: the predictive distribution under a strategy.


@dataclass(frozen=True, kw_only=True, slots=True)
class IncompleteVisits:
    """The visits of all participants, and what is assumed of those that are missing.

    Attributes
    ----------
    y : array, shape (n, J)
        Outcome, NaN where it is missing.
    own, reference : array, shape (n, J, p)
        Design of each visit, in the participant's own arm and in the reference arm.
    group, reference_group : array of int, shape (n,); int
        Covariance matrix of the participant's arm, and of the reference arm.
    event : array of int, shape (n,)
        First visit that an intercurrent event affects, J for none.
    strategy : str
        One of `STRATEGIES`; see `mean_weights`.
    """

    y: FloatArray
    own: FloatArray
    reference: FloatArray
    group: np.ndarray
    reference_group: int
    event: np.ndarray
    strategy: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """The predictive distribution of one visit, of those who miss it.

    Attributes
    ----------
    who : array of int, shape (k,)
        Participants.
    mean, variance : array, shape (R, k)
    """

    who: np.ndarray
    mean: FloatArray
    variance: FloatArray


def predicted(
    visits: IncompleteVisits, *, at: int, beta: FloatArray, sigma: FloatArray
) -> Predicted:
    """Return the distribution of visit `at` (from 0) given the observed ones, for R parameter sets.

    The visits of a participant are normal with the mean X~ beta and the covariance S~ of a
    strategy, so that a missing value y_a given the observed ones y_o has mean
    x~_a beta + k'(y_o - X~_o beta) and variance S~_aa - k'S~_oa, with k = S~_oo^-1 S~_oa.
    X~ = A X_own + B X_reference does not depend on the parameters, and k is the same for everyone
    of one arm, event and set of observed visits. beta has shape (R, p) and sigma (R, G, J, J).
    """
    who = np.flatnonzero(np.isnan(visits.y[:, at]))
    mean, variance = np.empty((len(beta), len(who))), np.empty((len(beta), len(who)))
    for places in _alike(visits, who):
        people = who[places]
        first = people[0]
        event, held = int(visits.event[first]), ~np.isnan(visits.y[first])
        cover = assumed_covariance(
            visits.strategy,
            own=sigma[:, visits.group[first]],
            reference=sigma[:, visits.reference_group],
            event=event,
        )
        load = np.linalg.solve(cover[:, held][:, :, held], cover[:, held, at, None])[..., 0]
        design = _mixed(visits, people, event)
        observed = visits.y[people][:, held]
        expected = np.einsum("mjp,rp->rmj", design[:, held], beta)
        mean[:, places] = beta @ design[:, at].T + ((observed - expected) @ load[..., None])[..., 0]
        variance[:, places] = (cover[:, at, at] - (load * cover[:, held, at]).sum(axis=1))[:, None]
    return Predicted(who=who, mean=mean, variance=variance)


def _alike(visits: IncompleteVisits, who: np.ndarray) -> Iterator[np.ndarray]:
    """Yield places in `who` that share arm, event and observed visits."""
    key = np.column_stack([visits.group[who], visits.event[who], ~np.isnan(visits.y[who])])
    _, kind = np.unique(key, axis=0, return_inverse=True)
    for one in range(kind.max(initial=-1) + 1):
        yield np.flatnonzero(kind.ravel() == one)


def _mixed(visits: IncompleteVisits, people: np.ndarray, event: int) -> FloatArray:
    """Return X~ of participants with one event, shape (m, J, p)."""
    a, b = mean_weights(visits.strategy, event=event, visits=visits.y.shape[1])
    return np.asarray(a @ visits.own[people] + b @ visits.reference[people])


# What is assumed of a participant after an intercurrent event: mean and covariance by strategy.


def mean_weights(strategy: str, *, event: int, visits: int) -> tuple[FloatArray, FloatArray]:
    """Return A and B, shape (J, J), of the assumed mean A mu_own + B mu_reference.

    `event` is the first of J visits that is affected, e, from 0; J where none is. The mean is, with
    mu of the own and of the reference arm (Carpenter, Roger and Kenward, J Biopharm Stat
    2013;23:1352, section 4):

    - mar: the own one throughout, as in every strategy without an event.
    - jr (jump to reference): the own one before e, the reference one from e on.
    - cr (copy reference): the reference one throughout; jr and cir are this with e the first visit.
    - cir (copy increments in reference): the own one before e, then its last value and the
      increments of the reference one.
    - lmcf (last mean carried forward): the own one before e, then its last value; `NotEstimable`
      with e the first visit.

    >>> own, reference = mean_weights("cir", event=1, visits=3)
    >>> own.tolist()
    [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    >>> reference.tolist()
    [[0.0, 0.0, 0.0], [-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]]
    """
    if strategy not in STRATEGIES:
        raise UsageError(f"strategy is {strategy!r}; it is one of {', '.join(STRATEGIES)}")
    own, reference = np.eye(visits), np.zeros((visits, visits))
    if strategy == "mar" or event == visits:
        return own, reference
    if strategy == "lmcf" and event == 0:
        raise NotEstimable(
            "last mean carried forward: the event precedes the first visit of a participant, so "
            "there is no mean to carry; take another strategy or leave such participants out"
        )
    after = np.arange(event, visits)
    own[after, after] = 0.0
    if strategy in ("cir", "lmcf") and event > 0:
        own[after, event - 1] = 1.0
    if strategy != "lmcf":
        reference[after, after] = 1.0
    if strategy == "cir" and event > 0:
        reference[after, event - 1] = -1.0
    if strategy == "cr":
        return np.zeros_like(own), np.eye(visits)
    return own, reference


def assumed_covariance(
    strategy: str, *, own: FloatArray, reference: FloatArray, event: int
) -> FloatArray:
    """Return the covariance of the visits under a strategy, shape (..., J, J).

    The own one for mar and lmcf, the reference one for cr. For jr and cir it is the own one before
    the event, and after it what makes the regression of later on earlier visits, and its residuals,
    those of the reference arm.

    >>> own = np.array([[4.0, 1.0], [1.0, 4.0]])
    >>> reference = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> assumed_covariance("jr", own=own, reference=reference, event=1).tolist()
    [[4.0, 2.0], [2.0, 1.75]]
    """
    if strategy in ("mar", "lmcf") or event == own.shape[-1]:
        return own
    if strategy == "cr" or event == 0:
        return reference
    before, after = slice(None, event), slice(event, None)
    first = own[..., before, before]
    slope = np.swapaxes(
        np.linalg.solve(reference[..., before, before], reference[..., before, after]), -1, -2
    )
    later = slope @ first
    out = np.empty(np.broadcast_shapes(own.shape, reference.shape))
    out[..., before, before] = first
    out[..., after, before] = later
    out[..., before, after] = np.swapaxes(later, -1, -2)
    excess = reference[..., before, before] - first
    out[..., after, after] = reference[..., after, after] - slope @ excess @ np.swapaxes(
        slope, -1, -2
    )
    return out
