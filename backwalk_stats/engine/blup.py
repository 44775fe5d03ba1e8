"""Best linear unbiased predictions of random effects, with two standard errors each.

u = G Z' W (y - X beta) (Henderson, Biometrics 1975;31:423). Given beta and the covariance
parameters, u has variance G - G Z'W Z G; that of u - u^, which allows for the estimation of beta,
is G - G Z'P Z G with P = W - W X Phi X'W. Neither allows for the estimated variances.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.marginal import RandomEffects


@dataclass(frozen=True, kw_only=True, slots=True)
class Predicted:
    """Random effects of every participant.

    Attributes
    ----------
    effects : array, shape (n, r)
    conditional : array, shape (n, r, r)
        Variance given the fixed effects, as lme4's `condVar`.
    prediction : array, shape (n, r, r)
        Variance of prediction minus truth, as SAS's `StdErrPred` squared.
    """

    effects: FloatArray
    conditional: FloatArray
    prediction: FloatArray


def predicted_effects(
    fit: Fit, marginal: RandomEffects, *, y: FloatArray, x: FloatArray
) -> Predicted:
    """Return the random effects of a fit.

    Parameters
    ----------
    fit : Fit
        A maximised likelihood.
    marginal : RandomEffects
        Its covariance model.
    y : array, shape (N,)
        Outcome.
    x : array, shape (N, p)
        Design, in the basis of the fit.
    """
    patterns = fit.likelihood.patterns
    held = patterns.rows >= 0
    residual = np.where(held, (y - x @ fit.point.beta)[patterns.rows], 0.0)
    design = np.where(held[:, :, None], x[patterns.rows], 0.0)
    g = marginal.g(fit.point.theta)
    load = (g @ np.swapaxes(patterns.z, 1, 2) @ fit.point.w)[patterns.member]
    zg = (patterns.z @ g)[patterns.member]
    conditional = g - load @ zg
    through = load @ design
    return Predicted(
        effects=np.einsum("nra,na->nr", load, residual),
        conditional=conditional,
        prediction=conditional + through @ fit.point.phi @ np.swapaxes(through, 1, 2),
    )
