"""The covariance of a fit in words: matrices, parameters with limits, random effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from scipy import special

from backwalk_stats.engine.mixed.contrasts import Predicted, predicted_effects
from backwalk_stats.engine.mixed.factor_likelihood import predicted_levels
from backwalk_stats.engine.mixed.fit import Fit
from backwalk_stats.engine.mixed.marginal import (
    EffectsCovariance,
    RandomEffects,
    RowDistances,
    VisitCovariance,
)
from backwalk_stats.engine.mixed.profile import profile_limit
from backwalk_stats.engine.mixed.random_factors import RandomFactors
from backwalk_stats.engine.numbers import FloatArray, require_level
from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.choices import check_choice

INTERVALS = ("wald", "profile")
MOST_RELATIVE = 50.0

# An array, or a dict of arrays by group: which of the two is known to the caller and not to the
# type checker.
Matrices: TypeAlias = FloatArray | Any


class RandomLevels(Protocol):
    """What the views need of the random effects of a grouping factor."""

    @property
    def z(self) -> FloatArray:
        """Return their design, shape (N, r)."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the effects."""

    @property
    def group(self) -> str:
        """Return the factor."""

    @property
    def codes(self) -> np.ndarray:
        """Return the level of each row, shape (N,)."""

    @property
    def levels(self) -> tuple[object, ...]:
        """Return the names of the levels."""


Effects = Mapping[str, tuple[str, ...]]  # names of random effects by grouping factor


def covariance_matrix(fit: Fit, groups: Sequence[object], effects: Effects) -> Matrices:
    """Return the matrix of visits (by group where there are groups), or of random effects.

    `groups`: levels with a matrix of their own. Of two random factors a matrix each, by name.
    """
    marginal, theta = fit.likelihood.marginal, fit.point.theta
    if isinstance(marginal, RandomEffects):
        return marginal.g(theta)
    if isinstance(marginal, RandomFactors):
        return dict(zip(effects, marginal.g(theta), strict=True))
    if isinstance(marginal, RowDistances):
        raise UsageError(
            "each row has a time of its own, so there is no one matrix of visits: see "
            "variance_parameters(), the variance and the correlation at distance 1"
        )
    found = _of_visits(marginal).sigmas(theta)
    return dict(zip(groups, found, strict=True)) if groups else found[0]


def parameter_labels(
    fit: Fit, *, visits: tuple[str, ...], groups: Sequence[object], effects: Effects
) -> tuple[tuple[object, str], ...]:
    """Return the group (None where there is one for all) and the name of each parameter."""
    marginal = fit.likelihood.marginal
    if isinstance(marginal, RandomEffects):
        own = _effect_labels(marginal, *effects.values())
        return tuple((None, name) for name in (*own, "residual variance"))
    if isinstance(marginal, RandomFactors):
        each = zip(marginal.parts, effects.items(), strict=True)
        found = [(group, name) for one, (group, own) in each for name in _effect_labels(one, own)]
        return (*found, ("", "residual variance"))
    if isinstance(marginal, RowDistances):
        return tuple((None, name) for name in marginal.labels)
    return tuple(
        (group, name)
        for group, one in zip(groups or (None,), _of_visits(marginal).structures, strict=True)
        for name in one.labels(visits)
    )


def _effect_labels(
    marginal: RandomEffects | EffectsCovariance, effects: tuple[str, ...]
) -> list[str]:
    rows, columns = marginal.entries
    return [
        f"variance of {effects[a]}" if a == b else f"covariance of {effects[a]} and {effects[b]}"
        for a, b in zip(rows, columns, strict=True)
    ]


def _of_visits(marginal: object) -> VisitCovariance:
    if not isinstance(marginal, VisitCovariance):
        raise UsageError(f"no view of a covariance of kind {type(marginal).__name__}")
    return marginal


def parameter_frame(
    fit: Fit, labels: tuple[tuple[object, str], ...], *, ci: str, level: float, converged: bool
) -> pd.DataFrame:
    """Return the natural covariance parameters: (group), term, estimate, limits, std_error.

    `fit`: a maximised likelihood. `labels` (tuple of (group, label)): of each parameter; the group
    is None where there is one for all. `ci`: "wald": on the scale of the logarithm for variances,
    of Fisher's z for correlations, plain for covariances, and NaN for a variance estimated as zero;
    "profile": where the profile log-likelihood (REML for REML) has fallen. `level`: confidence
    level. `converged`: without it standard errors and limits are NaN.
    """
    check_choice("ci", ci, INTERVALS)
    require_level(level)
    theta = fit.point.theta
    error = np.sqrt(np.maximum(np.diagonal(fit.theta_covariance), 0.0))
    error = np.where(converged & (error > 0.0), error, np.nan)
    names = [label for _, label in labels]
    low, high = _wald(theta, error, names, level)
    if ci == "profile" and converged:
        low, high = _profile(fit, names, error, level)
    columns: dict[str, object] = {}
    if any(group is not None for group, _ in labels):
        columns["group"] = [group for group, _ in labels]
    columns |= {"term": names, "estimate": theta, "conf_low": low, "conf_high": high}
    return pd.DataFrame({**columns, "std_error": error})


def _is(kind: str, names: list[str]) -> np.ndarray:
    return np.array([kind in name.split() for name in names])


def _wald(
    theta: FloatArray, error: FloatArray, names: list[str], level: float
) -> tuple[FloatArray, FloatArray]:
    z = float(special.ndtri(0.5 + level / 2.0))
    variance, correlation = _is("variance", names), _is("correlation", names)
    positive = np.where(variance & (theta > 0), theta, 1.0)
    inside = np.where(correlation, np.clip(theta, -1 + 1e-12, 1 - 1e-12), 0.0)
    relative = np.where(variance, z * error / positive, 0.0)
    # A variance estimated as zero has no logarithm to stand on: only a profile has limits for it.
    factor = np.exp(np.where(relative < MOST_RELATIVE, relative, np.nan))
    turned, spread = np.arctanh(inside), z * error / (1.0 - inside**2)
    low = np.where(variance, theta / factor, theta - z * error)
    high = np.where(variance, theta * factor, theta + z * error)
    low = np.where(correlation, np.tanh(turned - spread), low)
    high = np.where(correlation, np.tanh(turned + spread), high)
    return low, high


def _profile(
    fit: Fit, names: list[str], error: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    variance, correlation = _is("variance", names), _is("correlation", names)
    lowest = np.where(variance, 0.0, np.where(correlation, -1.0, -np.inf))
    highest = np.where(correlation, 1.0, np.inf)
    typical = float(np.abs(fit.point.theta).max())
    step = np.where(error > 1e-6 * typical, 2.0 * error, 0.05 * typical)
    limits = np.array(
        [
            [
                profile_limit(
                    fit,
                    index,
                    level=level,
                    upper=upper,
                    bound=float(bound[index]),
                    step=float(step[index]),
                )
                for index in range(len(names))
            ]
            for upper, bound in ((False, lowest), (True, highest))
        ]
    )
    return limits[0], limits[1]


def effects_of(fit: Fit, *, y: FloatArray, q: FloatArray) -> tuple[Predicted, ...]:
    """Return the random effects of every level of each grouping factor.

    `y` (shape (N,)): outcome. `q` (shape (N, p)): design in the basis of the fit. Raises UsageError
    if the model has none.
    """
    marginal = fit.likelihood.marginal
    if isinstance(marginal, RandomFactors):
        return predicted_levels(fit)
    if not isinstance(marginal, RandomEffects):
        raise UsageError("mmrm has no random effects; lmm has")
    return (predicted_effects(fit, marginal, y=y, x=q),)


def effects_frame(
    effects: tuple[Predicted, ...], random: Sequence[RandomLevels], *, known: bool
) -> pd.DataFrame:
    """Return the levels with term, estimate, std_error, prediction_error; errors NaN if unknown."""
    frames = []
    for found, one in zip(effects, random, strict=True):
        errors = [
            np.sqrt(np.maximum(np.diagonal(part, axis1=1, axis2=2), 0.0)).ravel()
            for part in (found.conditional, found.prediction)
        ]
        low, high = errors if known else (np.full(errors[0].shape, np.nan),) * 2
        levels = [level for level in one.levels for _ in one.names]
        names = {"group": [one.group] * len(levels), "level": levels}
        columns = names if len(random) > 1 else {"participant": levels}
        terms = list(one.names) * len(one.levels)
        own = {"term": terms, "estimate": found.effects.ravel()}
        frames.append(pd.DataFrame({**columns, **own, "std_error": low, "prediction_error": high}))
    return pd.concat(frames, ignore_index=True)


def random_part(effects: tuple[Predicted, ...], random: Sequence[RandomLevels]) -> FloatArray:
    """Return the sum of Z u over the grouping factors, shape (N,)."""
    parts = [
        np.einsum("nr,nr->n", one.z, found.effects[one.codes])
        for found, one in zip(effects, random, strict=True)
    ]
    return np.asarray(np.sum(parts, axis=0))
