"""Predicted random effects of a fit as a frame, and their part in the fitted values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.blup import Predicted, predicted_effects
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.marginal import RandomEffects
from backwalk_stats.errors import UsageError


def effects_of(fit: Fit, *, y: FloatArray, q: FloatArray) -> Predicted:
    """Return the random effects of every participant.

    Parameters
    ----------
    fit : Fit
    y : array, shape (N,)
        Outcome.
    q : array, shape (N, p)
        Design in the basis of the fit.

    Raises
    ------
    UsageError
        If the model has none.
    """
    marginal = fit.likelihood.marginal
    if not isinstance(marginal, RandomEffects):
        raise UsageError("mmrm has no random effects; lmm has")
    return predicted_effects(fit, marginal, y=y, x=q)


def effects_frame(
    effects: Predicted, names: tuple[str, ...], participants: tuple[object, ...], *, known: bool
) -> pd.DataFrame:
    """Return participant, term, estimate, std_error, prediction_error; errors NaN if not known."""
    errors = [
        np.sqrt(np.maximum(np.diagonal(one, axis1=1, axis2=2), 0.0)).ravel()
        for one in (effects.conditional, effects.prediction)
    ]
    low, high = errors if known else (np.full(errors[0].shape, np.nan),) * 2
    return pd.DataFrame(
        {
            "participant": [one for one in participants for _ in names],
            "term": list(names) * len(participants),
            "estimate": effects.effects.ravel(),
            "std_error": low,
            "prediction_error": high,
        }
    )


def random_part(fit: Fit, effects: Predicted) -> FloatArray:
    """Return Z u of each row, shape (N,)."""
    patterns = fit.likelihood.patterns
    own = np.einsum("nar,nr->na", patterns.z[patterns.member], effects.effects)
    held = patterns.rows >= 0
    out = np.zeros(patterns.n_obs)
    out[patterns.rows[held]] = own[held]
    return out
