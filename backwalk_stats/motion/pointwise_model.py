"""A mixed model at every node of a curve, with limits that hold for the whole curve.

At each node the visits of a participant are correlated measurements (unstructured covariance), and
the arms share one mean before treatment: the constrained longitudinal model. A missing visit costs
a participant that visit, not the others. The limits of all nodes together come from the field of
the participants' own contributions to the estimate, in which lasting offsets play no part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.batch.fits import fit_responses
from backwalk_stats.engine.batch.tables import BatchPlan, batch_plan
from backwalk_stats.engine.mixed.contrasts import Inference
from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.dof import KenwardRoger
from backwalk_stats.engine.mixed.fit import maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import VisitCovariance
from backwalk_stats.engine.mixed.patterns import gather
from backwalk_stats.engine.numbers import Estimate, FloatArray, Number
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.curve_shapes import two_arms
from backwalk_stats.motion.random_field import TField, critical_height, exceedance, smoothness
from backwalk_stats.registry import Shown


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PointwiseModel(Shown):
    """The difference of two arms at one visit, along the curve.

    Attributes
    ----------
    estimate, std_error, df : array, shape (nodes,)
        Of the mixed model at each node; NaN where it did not converge.
    conf_low, conf_high : array, shape (nodes,)
        Limits that hold at all nodes at once.
    p_nodes : array, shape (nodes,)
        Probability that the largest statistic of a curve of noise is as far out.
    threshold : float
        Height of |t| of the limits.
    converged : array of bool, shape (nodes,)
    """

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    p_nodes: FloatArray
    threshold: float
    converged: np.ndarray


def pointwise_model(
    y: FloatArray, arm: np.ndarray, *, visit: int, level: float = 0.95
) -> PointwiseModel:
    """Return the difference of arms at a visit by a constrained longitudinal model at each node.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
        The first visit is before treatment. A visit that is missing is NaN at every node.
    arm : array of bool, shape (n,)
        True for the arm whose mean comes first in the difference.
    visit : int
        Place of the visit, from 1.
    level : float
        Probability that the limits hold at every node.

    Returns
    -------
    PointwiseModel
        Estimate, standard error and limits by node, and which nodes converged.

    Raises
    ------
    NotEstimable
        If a curve is missing in part, or the model converges at too few nodes.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = np.cumsum(rng.normal(size=(20, 2, 30)), axis=2) + rng.normal(size=(20, 1, 1))
    >>> found = pointwise_model(y, np.arange(20) < 10, visit=1)
    >>> found.converged.all(), found.threshold > 2.1
    (np.True_, True)
    """
    there = _whole_curves(y)
    treated = two_arms(arm, len(y))
    who, slot = np.nonzero(there)
    x = _design(slot, treated[who], y.shape[1])
    responses = y[who, slot].T
    patterns = gather(y=responses[0], x=x, participant=who, slot=slot, slots=y.shape[1])
    covariance = structure("us", m=y.shape[1])
    marginal = VisitCovariance((covariance,), patterns.mask, patterns.scale, patterns.group)
    wanted = np.zeros(x.shape[1])
    wanted[y.shape[1] + visit - 1] = 1.0
    plan = batch_plan(x=x, patterns=patterns, marginal=marginal, contrasts=wanted)
    fits = fit_responses(plan, responses)
    good = fits.converged
    if good.mean() < 0.9:
        raise NotEstimable(
            f"the model converged at {int(good.sum())} of {len(good)} nodes; compare two visits "
            "with the baseline-adjusted test instead"
        )
    found = [
        _small_sample(plan, (who, slot, one), theta, wanted)
        for one, theta in zip(responses[good], fits.theta[good], strict=True)
    ]
    sigma = np.array([covariance.sigma(theta) for theta in fits.theta[good]])
    shares = _contributions(responses[good], x, (who, slot, there), sigma, wanted)
    return _banded(found, good, shares, level)


def _small_sample(
    plan: BatchPlan,
    where: tuple[np.ndarray, np.ndarray, FloatArray],
    theta: FloatArray,
    wanted: FloatArray,
) -> Estimate:
    """Return the estimate at one node with Kenward and Roger's standard error and df.

    The batch has found the optimum; with ten people an arm its own standard error is too small.
    """
    who, slot, y = where
    patterns = gather(y=y, x=plan.q, participant=who, slot=slot, slots=plan.patterns.mask.shape[1])
    fit = maximise(Likelihood(patterns, plan.marginal, True), theta)
    return Inference(KenwardRoger(fit), fit.point.beta, plan.basis).test(wanted)


def _whole_curves(y: FloatArray) -> np.ndarray:
    """Return which participant has which visit; refuse curves that are missing in part."""
    finite = np.isfinite(y)
    there = np.asarray(finite.all(axis=2))
    torn = int((finite.any(axis=2) & ~there).sum())
    if torn:
        raise NotEstimable(f"{torn} curves are missing in part: fill short gaps, or leave them out")
    return there


def _design(slot: np.ndarray, treated: FloatArray, visits: int) -> FloatArray:
    """Return a mean for each visit, and the arm's difference at each visit after the first."""
    at = np.eye(visits)[slot]
    return np.concatenate([at, at[:, 1:] * treated[:, None]], axis=1)


def _contributions(
    responses: FloatArray,
    x: FloatArray,
    where: tuple[np.ndarray, np.ndarray, np.ndarray],
    sigma: FloatArray,
    wanted: FloatArray,
) -> FloatArray:
    """Return what each participant adds to the estimate, shape (n, nodes); the sum is zero.

    With V from the fit: c' (sum X' V^-1 X)^-1 X_i' V_i^-1 (y_i - X_i beta).
    """
    who, slot, there = where
    nodes, visits = len(responses), there.shape[1]
    design = np.zeros((*there.shape, x.shape[1]))
    design[who, slot] = x
    values = np.zeros((nodes, *there.shape))
    values[:, who, slot] = responses
    kinds, kind = np.unique(there, axis=0, return_inverse=True)
    weight = np.zeros((nodes, len(kinds), visits, visits))
    for place, mask in enumerate(kinds):
        inside = np.ix_(np.arange(nodes), np.flatnonzero(mask), np.flatnonzero(mask))
        weight[:, place][inside] = np.linalg.inv(sigma[inside])
    loaded = np.einsum("nvp,qnvw->qnpw", design, weight[:, kind.ravel()])
    information = np.einsum("qnpw,nwr->qpr", loaded, design)
    scores = np.einsum("qnpw,qnw->qnp", loaded, values)
    beta = np.linalg.solve(information, scores.sum(axis=1)[..., None])[..., 0]
    rest = scores - np.einsum("qnpw,nwr,qr->qnp", loaded, design, beta)
    row = np.linalg.solve(information, np.broadcast_to(wanted[:, None], (nodes, len(wanted), 1)))
    return np.asarray(np.einsum("qnp,qp->nq", rest, row[..., 0]))


def _banded(
    found: list[Estimate], good: np.ndarray, shares: FloatArray, level: float
) -> PointwiseModel:
    """Return the limits of the whole curve by random field theory on the contributions."""
    nodes = len(good)
    estimate, std_error, df = (
        _spread([getattr(one, name) for one in found], good)
        for name in ("estimate", "std_error", "df")
    )
    field = TField(float(np.nanmedian(df)))
    resels = (nodes - 1) / smoothness(shares)
    threshold = critical_height((1.0 - level) / 2.0, field, resels=resels, nodes=nodes)
    heights = np.abs(estimate / std_error)[good]
    tails = [exceedance(one, field, resels=resels, nodes=nodes) for one in heights]
    return PointwiseModel(
        estimate=estimate,
        std_error=std_error,
        df=df,
        conf_low=estimate - threshold * std_error,
        conf_high=estimate + threshold * std_error,
        p_nodes=_spread([min(1.0, 2.0 * tail) for tail in tails], good),
        threshold=threshold,
        converged=good,
    )


def _spread(values: Sequence[Number], good: np.ndarray) -> FloatArray:
    """Return values at the nodes that they belong to, NaN at the others."""
    found = np.full(len(good), np.nan)
    found[good] = np.array(values, dtype=float).ravel()
    return found
