"""The covariance of a fit in the caller's words: matrices, and the name of each parameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.marginal import RandomEffects, VisitCovariance
from backwalk_stats.errors import UsageError

# An array, or a dict of arrays by group: which of the two is known to the caller and not to the
# type checker.
Matrices: TypeAlias = FloatArray | Any


def covariance_matrix(fit: Fit, groups: Sequence[object]) -> Matrices:
    """Return the matrix of visits (by group where there are groups), or of random effects.

    Parameters
    ----------
    fit : Fit
    groups : sequence
        Levels with a matrix of their own.
    """
    marginal, theta = fit.likelihood.marginal, fit.point.theta
    if isinstance(marginal, RandomEffects):
        return marginal.g(theta)
    found = _of_visits(marginal).sigmas(theta)
    return dict(zip(groups, found, strict=True)) if groups else found[0]


def parameter_labels(
    fit: Fit, *, visits: tuple[str, ...], groups: Sequence[object], effects: Sequence[str]
) -> tuple[tuple[object, str], ...]:
    """Return the group (None where there is one for all) and the name of each parameter."""
    marginal = fit.likelihood.marginal
    if isinstance(marginal, RandomEffects):
        rows, columns = marginal.entries
        own = [
            f"variance of {effects[a]}"
            if a == b
            else f"covariance of {effects[a]} and {effects[b]}"
            for a, b in zip(rows, columns, strict=True)
        ]
        return tuple((None, name) for name in (*own, "residual variance"))
    return tuple(
        (group, name)
        for group, one in zip(groups or (None,), _of_visits(marginal).structures, strict=True)
        for name in one.labels(visits)
    )


def _of_visits(marginal: object) -> VisitCovariance:
    if not isinstance(marginal, VisitCovariance):
        raise UsageError(f"no view of a covariance of kind {type(marginal).__name__}")
    return marginal
