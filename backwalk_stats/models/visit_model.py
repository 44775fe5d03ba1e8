"""A model of visits with a covariance matrix: what `mmrm` fits, and its case of a single visit.

One visit has a covariance matrix of one number. The same likelihood is then that of a linear model,
its maximum under REML the least squares fit with the residual variance (of each group, where
asked), and everything that resamples or imputes from a fit needs no second path.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from backwalk_stats.engine.covariance import STRUCTURES, Covariance, structure
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.likelihood import Likelihood
from backwalk_stats.engine.marginal import VisitCovariance
from backwalk_stats.errors import UsageError
from backwalk_stats.models.choices import check_choice, check_inference, df_method
from backwalk_stats.models.fitted import FittedModel, fitted_model
from backwalk_stats.models.marginal_means import names_of
from backwalk_stats.models.repeated_rows import RepeatedRows, repeated_rows
from backwalk_stats.models.summary import best_fit, summary_of

HALF = 0.5
BY_DISTANCE = ("ar1", "ar1h", "toep", "toeph")
ORDERED = (*BY_DISTANCE, "ad", "adh")


def visit_model(
    formula: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
    least_visits: int,
    covariance: str = "us",
    method: str = "reml",
    df: str = "satterthwaite",
    information: str = "observed",
    vcov: str = "model",
    group: str | None = None,
    weights: str | None = None,
    times: str | None = None,
    fallback: Sequence[str] = (),
) -> FittedModel:
    """Return a model of one visit or more.

    Parameters
    ----------
    formula, data, participant, visit
        As in `mmrm`. With one visit the formula does not name it.
    least_visits : int
        1 or 2: data with fewer are refused.
    covariance, method, df, information, vcov, group, weights, times, fallback
        As in `mmrm`. With one visit every covariance is its variance.

    Raises
    ------
    UsageError
        If a choice does not exist, or the data cannot answer.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": range(4), "when": "a", "score": [4.0, 6.0, 5.0, 9.0]})
    >>> fit = visit_model("score ~ 1", frame, "who", "when", least_visits=1)
    >>> fit.covariance.round(6)
    array([[4.666667]])
    """
    check_inference(method=method, df=df, information=information, vcov=vcov)
    chain = (covariance, *names_of(fallback))
    for name in chain:
        check_choice("covariance", name, tuple(STRUCTURES))
    if "sp_exp" in chain and times is None:
        raise UsageError("covariance 'sp_exp' needs times: a column with the time of each visit")
    rows = repeated_rows(
        formula,
        data,
        participant,
        visit,
        group=group,
        weights=weights,
        times=times,
        least_visits=least_visits,
        ordered=", ".join(f"covariance {name}" for name in chain if name in ORDERED),
    )
    fit, fitted_as, notes = _first_that_converges(rows, chain, reml=method == "reml")
    rule = df_method(fit, rows.coded, df=df, information=information, vcov=vcov)
    summary = summary_of(
        fit,
        r=rows.coded.r,
        covariance=fitted_as,
        df=df,
        notes=(*rows.notes, *notes, *_distances(rows, fitted_as)),
        door="mmrm",
    )
    return fitted_model(
        rows.coded,
        fit,
        rule,
        summary,
        visits=rows.visits.labels,
        groups=rows.groups,
        participants=rows.people.ids,
    )


def _first_that_converges(
    rows: RepeatedRows, chain: Sequence[str], *, reml: bool
) -> tuple[Fit, str, tuple[str, ...]]:
    """Return the first converged fit of a chain of covariances, or the last, and what happened."""
    notes: list[str] = []
    for place, name in enumerate(chain):
        fit = _fitted(rows, name, reml=reml)
        if fit.converged:
            break
        if place + 1 < len(chain):
            why = "; ".join(fit.notes)
            notes.append(
                f"covariance {name} did not converge ({why}); {chain[place + 1]} was tried"
            )
    if notes and fit.converged:
        notes.append(f"covariance {name} was fitted, from the declared fallback")
    return fit, name, tuple(notes)


def _fitted(rows: RepeatedRows, name: str, *, reml: bool) -> Fit:
    size = len(rows.visits.levels)
    times = rows.times if name == "sp_exp" else ()
    one = structure(name, m=size, times=times, places=rows.places)
    patterns = rows.patterns
    marginal = VisitCovariance(
        structures=(one,) * max(1, len(rows.groups)),
        mask=patterns.mask,
        scale=patterns.scale,
        group=patterns.group,
    )
    starts = (marginal.start(patterns, rows.residual), _even_start(rows, marginal.structures))
    return best_fit(Likelihood(patterns, marginal, reml), starts)


def _distances(rows: RepeatedRows, name: str) -> tuple[str, ...]:
    """Return a note where a planned visit without a row still counts in the distances."""
    apart = tuple(b - a for a, b in pairwise(rows.places))
    if name not in BY_DISTANCE or set(apart) <= {1}:
        return ()
    return (
        f"covariance {name}: {rows.visits.name} is as far apart as planned, visits without a row "
        "counted",
    )


def _even_start(rows: RepeatedRows, structures: Sequence[Covariance]) -> FloatArray:
    """Return one variance and a correlation of a half at every visit, for a second attempt."""
    size = len(rows.visits.levels)
    even = np.mean(rows.residual**2) * (HALF * np.eye(size) + HALF)
    return np.concatenate([one.start(even) for one in structures])
