"""The engine's fit of the oracle's data: arrays in, fit out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.fit import Fit, maximise
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import Marginal, RandomEffects, VisitCovariance
from backwalk_stats.engine.mixed.patterns import Patterns, gather
from tests.oracles.dense_gls import Data, Dense, random_v, visit_v

RANDOM = {"intercept": (1, True), "slope": (2, True), "slope-uncorrelated": (2, False)}


def patterns_of(data: Data) -> Patterns:
    return gather(
        y=data.y,
        x=data.x,
        participant=data.participant,
        slot=data.slot,
        slots=data.slots,
        group=data.group,
        weights=data.weights,
        z=data.z,
    )


def marginal_of(name: str, data: Data, patterns: Patterns) -> Marginal:
    if name in RANDOM:
        _, correlated = RANDOM[name]
        return RandomEffects(patterns.z, patterns.mask, patterns.scale, correlated)
    groups = 1 if data.group is None else int(data.group.max()) + 1
    times = data.times if name == "sp_exp" else ()
    parts = tuple(structure(name, m=data.slots, times=times) for _ in range(groups))
    return VisitCovariance(parts, patterns.mask, patterns.scale, patterns.group)


def engine_fit(name: str, data: Data, *, reml: bool = True) -> Fit:
    """Return the engine's fit from its own start values."""
    patterns = patterns_of(data)
    marginal = marginal_of(name, data, patterns)
    residual = data.y - data.x @ np.linalg.lstsq(data.x, data.y, rcond=None)[0]
    likelihood = Likelihood(patterns, marginal, reml)
    return maximise(likelihood, marginal.start(patterns, residual))


def oracle_v(name: str, data: Data) -> Callable[[np.ndarray], np.ndarray]:
    """Return the oracle's theta -> V for the same model."""
    if name in RANDOM:
        return random_v(data, correlated=RANDOM[name][1])
    return visit_v(name, data)


def dense_at(name: str, data: Data, fit: Fit) -> Dense:
    """Return the oracle at the engine's parameters: formulas are compared, not optimisers."""
    theta = np.asarray(fit.point.theta)
    return Dense(data=data, v=oracle_v(name, data), theta=theta, reml=fit.likelihood.reml)
