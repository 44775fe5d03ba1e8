"""Ordered categories: logit P(Y <= k) = threshold_k - x b, and whether one b holds for every cut.

The model with slopes of its own for each cut has the coefficients (threshold, slopes) of the first
cut, then of the second, and so on; the proportional one is a linear subspace of it, so that score
and information are worked out once (McCullagh, J R Stat Soc B 1980;42:109; Peterson and Harrell,
Appl Stat 1990;39:205).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from backwalk_stats.engine.discrete.risks import recedes
from backwalk_stats.engine.numbers import FloatArray, chi_square_p, profile_limits
from backwalk_stats.errors import NotEstimable
from backwalk_stats.software import computes_with

STEPS, HALVINGS, FLAT = 200, 60, 1e-10
SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedRows:
    """Rows with a category.

    Attributes
    ----------
    x, y : array, shape (n, p) and (n,)
        Design without an intercept, and the category of each row, 0 to cuts, each of which occurs.
    cuts : int
        Categories less 1.
    """

    x: FloatArray
    y: np.ndarray
    cuts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProportionalOdds:
    """A maximised likelihood of the proportional model.

    Attributes
    ----------
    rows : OrderedRows
    parameters : array, shape (cuts + p,)
        Thresholds, then b: an odds ratio exp(b) above 1 is towards the higher category.
    covariance : array, shape (cuts + p, cuts + p)
        Inverse of the observed information.
    loglik : float
    """

    rows: OrderedRows
    parameters: FloatArray
    covariance: FloatArray
    loglik: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Proportionality:
    """A test that slopes are the same at every cut; NaN where the data do not determine it."""

    statistic: float
    df: float
    p_value: float


def proportional_odds(rows: OrderedRows) -> ProportionalOdds:
    """Return the maximum of the likelihood by Newton's steps, halved if needed.

    Where the likelihood grows without end (an arm or a covariate separates the categories) it is
    `NotEstimable`.
    """
    y, cuts, p = rows.y, rows.cuts, rows.x.shape[1]
    if recedes(_directions(rows)):
        raise NotEstimable(
            "the odds ratio has no maximum: an arm or a covariate separates the categories; join "
            "categories or levels, or leave the covariate out"
        )
    scaled, centre, size = _scaled(rows)
    share = np.cumsum(np.bincount(y, minlength=cuts + 1))[:-1] / len(y)
    start = np.concatenate([special.logit(share), np.zeros(p)])
    inner = _maximised(scaled, start, np.ones(cuts + p, dtype=bool))
    information = _moments(scaled, inner[0])[2]
    # back to the caller's columns: threshold + centre b / size, b / size
    back = np.eye(cuts + p)
    back[:cuts, cuts:] = centre / size
    back[cuts:, cuts:] = np.diag(1.0 / size)
    return ProportionalOdds(
        rows=rows,
        parameters=back @ inner[0],
        covariance=back @ np.linalg.inv(information) @ back.T,
        loglik=inner[1],
    )


def inverted_interval(
    fit: ProportionalOdds,
    index: int,
    fall: Callable[[ProportionalOdds, int, float], float],
    *,
    level: float,
    df: float = np.inf,
) -> tuple[float, float]:
    """Return where a slope is no longer tested as held: `fall` is half a chi-square, or half an F.

    `profile_fall` or `score_fall`.
    """
    at = fit.rows.cuts + index
    centre, step = float(fit.parameters[at]), float(np.sqrt(fit.covariance[at, at]))
    computes_with("scipy")
    return profile_limits(
        lambda value: fall(fit, index, value),
        centre=centre,
        step=step,
        level=level,
        close=1e-10,
        df=df,
    )


def profile_fall(fit: ProportionalOdds, index: int, value: float) -> float:
    """Return the largest log-likelihood less that with a slope held at a value."""
    return fit.loglik - _held(fit, index, value)[1]


def score_fall(fit: ProportionalOdds, index: int, value: float) -> float:
    """Return half the score statistic of a slope held at a value; observed information there."""
    parameters, _, rows = _held(fit, index, value)
    _, score, information = _moments(rows, parameters)
    return 0.5 * float(score @ np.linalg.solve(information, score))


def _held(fit: ProportionalOdds, index: int, value: float) -> tuple[FloatArray, float, OrderedRows]:
    """Return the maximum with a slope held, and its rows: centred and scaled, as units differ."""
    rows, centre, size = _scaled(fit.rows)
    cuts = rows.cuts
    slopes = fit.parameters[cuts:]
    start = np.concatenate([fit.parameters[:cuts] - centre @ slopes, slopes * size])
    start[cuts + index] = value * size[index]
    held = np.arange(len(start)) != cuts + index
    return *_maximised(rows, start, held), rows


def _scaled(rows: OrderedRows) -> tuple[OrderedRows, FloatArray, FloatArray]:
    """Return rows with columns centred and of SD 1, and what was taken off and divided by."""
    centre = rows.x.mean(axis=0)
    size = np.where(np.ptp(rows.x, axis=0) > 0.0, rows.x.std(axis=0), 1.0)
    return replace(rows, x=(rows.x - centre) / size), centre, size


def score_test(fit: ProportionalOdds) -> Proportionality:
    """Return the score test of the model with slopes for each cut, at the proportional fit.

    Expected information; p (J - 2) df for J categories.
    """
    score, expected = _general(fit.rows, fit.parameters)
    return _quadratic(score, expected, df=fit.rows.x.shape[1] * (fit.rows.cuts - 1))


def brant_test(fit: ProportionalOdds) -> Proportionality:
    """Return the Wald test that the separate logits of Y > k share their slopes.

    Brant, Biometrics 1990;46:1171: their joint covariance has blocks
    (X'W_kk X)^-1 X'W_kl X (X'W_ll X)^-1 with W_kl = pi_l (1 - pi_k) for k <= l, pi = P(Y > cut).
    NaN where one of the logits has no maximum.
    """
    cuts, p = fit.rows.cuts, fit.rows.x.shape[1]
    df = float(p * (cuts - 1))
    # centred, which moves intercepts alone
    x = np.column_stack([np.ones(len(fit.rows.y)), fit.rows.x - fit.rows.x.mean(axis=0)])
    beta, pi = [], []
    for cut in range(cuts):
        above = (fit.rows.y > cut).astype(float)
        if recedes(np.where(above > 0.0, 1.0, -1.0)[:, None] * x):
            return Proportionality(statistic=np.nan, df=df, p_value=np.nan)
        beta.append(_logistic(x, above))
        pi.append(special.expit(x @ beta[-1]))
    bread = [np.linalg.inv((x * (own * (1.0 - own))[:, None]).T @ x) for own in pi]
    blocks = [
        [
            bread[k] @ (x * (pi[max(k, m)] * (1.0 - pi[min(k, m)]))[:, None]).T @ x @ bread[m]
            for m in range(cuts)
        ]
        for k in range(cuts)
    ]
    slopes = np.concatenate([own[1:] for own in beta])
    joint = np.block([[own[1:, 1:] for own in row] for row in blocks])
    contrast = np.kron(np.column_stack([-np.ones(cuts - 1), np.eye(cuts - 1)]), np.eye(p))
    return _quadratic(contrast @ slopes, contrast @ joint @ contrast.T, df=df)


def superiority(first: np.ndarray, second: np.ndarray) -> float:
    """Return P(first > second) + P(equal) / 2 of two arrays of category probabilities or counts.

    >>> superiority(np.array([1.0, 1.0, 2.0]), np.array([2.0, 1.0, 1.0]))
    0.65625
    """
    one, two = first / first.sum(), second / second.sum()
    below = np.cumsum(two) - two
    return float(one @ (below + two / 2.0))


def category_probabilities(fit: ProportionalOdds, x: FloatArray) -> FloatArray:
    """Return P(Y = k) of each row of a design, averaged over the rows, shape (cuts + 1,)."""
    linear = fit.parameters[: fit.rows.cuts] - (x @ fit.parameters[fit.rows.cuts :])[:, None]
    below = special.expit(linear).mean(axis=0)
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def _directions(rows: OrderedRows) -> FloatArray:
    """Return the rows whose product with a direction of (thresholds, b) raises the likelihood."""
    x, y, cuts = rows.x, rows.y, rows.cuts
    blocks = []
    for cut, sign, own in (
        *((k, 1.0, y == k) for k in range(cuts)),  # the threshold above rises over x b
        *((k, -1.0, y == k + 1) for k in range(cuts)),  # the threshold below falls under it
    ):
        block = np.zeros((int(own.sum()), cuts + x.shape[1]))
        block[:, cut] = sign
        block[:, cuts:] = -sign * x[own]
        blocks.append(block)
    return np.concatenate(blocks)


def _linear(rows: OrderedRows, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the linear predictors of the cuts above and below each row's category."""
    edges = np.concatenate([[-np.inf], parameters[: rows.cuts], [np.inf]])
    shift = rows.x @ parameters[rows.cuts :]
    return edges[rows.y + 1] - shift, edges[rows.y] - shift


def _loglik(rows: OrderedRows, parameters: FloatArray) -> float:
    if (np.diff(parameters[: rows.cuts]) <= 0.0).any():
        return -np.inf
    above, below = _linear(rows, parameters)
    # F(a) - F(b) = F(a) F(-b) (1 - exp(b - a))
    return float(
        (special.log_expit(above) + special.log_expit(-below) + np.log1p(-np.exp(below - above)))
        .sum()
    )  # fmt: skip


def _moments(rows: OrderedRows, parameters: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Return log-likelihood, score and observed information, shapes (m,) and (m, m)."""
    x, y, cuts = rows.x, rows.y, rows.cuts
    above, below = _linear(rows, parameters)
    upper, lower = special.expit(above), special.expit(below)
    probability = upper * special.expit(-below) * -np.expm1(below - above)
    slope_up, slope_low = upper * special.expit(-above), lower * special.expit(-below)
    bend_up, bend_low = slope_up * (1.0 - 2.0 * upper), slope_low * (1.0 - 2.0 * lower)
    up, low = slope_up / probability, slope_low / probability
    size = cuts + x.shape[1]
    rows_up, rows_low = np.zeros((len(y), size)), np.zeros((len(y), size))
    held, own = np.arange(len(y)), y < cuts
    rows_up[held[own], y[own]] = 1.0
    rows_low[held[y > 0], y[y > 0] - 1] = 1.0
    rows_up[own, cuts:] = -x[own]
    rows_low[y > 0, cuts:] = -x[y > 0]
    score = rows_up.T @ up - rows_low.T @ low
    curve_up = bend_up / probability - up**2
    curve_low = -bend_low / probability - low**2
    cross = (rows_up * (up * low)[:, None]).T @ rows_low
    second = (rows_up * curve_up[:, None]).T @ rows_up + (
        rows_low * curve_low[:, None]
    ).T @ rows_low
    return _loglik(rows, parameters), score, -(second + cross + cross.T)


def _maximised(rows: OrderedRows, start: FloatArray, free: np.ndarray) -> tuple[FloatArray, float]:
    """Return the maximum over the free parameters, and the log-likelihood there."""
    parameters = start.copy()
    value, score, information = _moments(rows, parameters)
    for _ in range(STEPS):
        if not free.any() or np.abs(score[free]).max() <= FLAT * max(1.0, len(rows.y)):
            return parameters, value
        step = np.linalg.solve(information[np.ix_(free, free)], score[free])
        for _ in range(HALVINGS):
            moved = parameters.copy()
            moved[free] += step
            reached = _loglik(rows, moved)
            if reached >= value - 1e-12 * (1.0 + abs(value)):
                break
            step /= 2.0
        parameters = moved
        value, score, information = _moments(rows, parameters)
    raise NotEstimable("the likelihood of the ordered categories was not maximised")


def _general(rows: OrderedRows, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return score and expected information of the model with slopes for each cut.

    Coefficients: threshold and slopes of the first cut, then of the second ..., shape
    (cuts (1 + p),).
    """
    x, y, cuts = rows.x, rows.y, rows.cuts
    n, p = x.shape
    z = np.column_stack([np.ones(n), -(x - x.mean(axis=0))])  # centred: moves thresholds alone
    below = special.expit(parameters[:cuts] - (x @ parameters[cuts:])[:, None])
    slope = below * (1.0 - below)
    edges = np.column_stack([np.zeros(n), below, np.ones(n)])
    chance = np.diff(edges, axis=1)
    own = np.zeros((n, cuts + 1))
    own[np.arange(n), y] = 1.0
    part = own / chance
    score = np.einsum("ik,ij->kj", slope * (part[:, :-1] - part[:, 1:]), z).ravel()
    information = np.zeros((cuts, p + 1, cuts, p + 1))
    for k in range(cuts):
        weight = slope[:, k] ** 2 * (1.0 / chance[:, k] + 1.0 / chance[:, k + 1])
        information[k, :, k, :] = (z * weight[:, None]).T @ z
        if k + 1 < cuts:
            weight = -slope[:, k] * slope[:, k + 1] / chance[:, k + 1]
            information[k, :, k + 1, :] = (z * weight[:, None]).T @ z
            information[k + 1, :, k, :] = information[k, :, k + 1, :].T
    return score, information.reshape(cuts * (p + 1), cuts * (p + 1))


def _logistic(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the logistic coefficients, which exist, by Newton's steps."""
    beta = np.zeros(x.shape[1])

    def value(at: FloatArray) -> float:
        return float(special.log_expit(np.where(y > 0.0, 1.0, -1.0) * (x @ at)).sum())

    for _ in range(STEPS):
        mu = special.expit(x @ beta)
        score = x.T @ (y - mu)
        if np.abs(score).max() <= FLAT * np.abs(x).max():
            return beta
        step = np.linalg.solve((x * (mu * (1.0 - mu))[:, None]).T @ x, score)
        while value(beta + step) < value(beta) - 1e-12 * len(y) and np.abs(step).max() > 1e-12:
            step = step / 2.0
        beta = beta + step
    raise NotEstimable("a logit of one cut was not maximised: check the covariates")


def _quadratic(vector: FloatArray, matrix: FloatArray, *, df: float) -> Proportionality:
    """Return v' M^-1 v as a chi-square; NaN where M is singular."""
    size = np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    if not len(vector) or not np.isfinite(matrix).all() or (size <= 0.0).any():
        return Proportionality(statistic=np.nan, df=df, p_value=np.nan)
    scaled = matrix / np.outer(size, size)
    if float(np.linalg.eigvalsh(scaled)[0]) < SINGULAR:
        return Proportionality(statistic=np.nan, df=df, p_value=np.nan)
    own = vector / size
    statistic = float(own @ np.linalg.solve(scaled, own))
    return Proportionality(
        statistic=statistic, df=df, p_value=float(chi_square_p(statistic=statistic, df=df))
    )
