"""Mixed models for repeated measures: a covariance matrix of visits instead of random effects."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.covariance import STRUCTURES, Covariance, structure
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit
from backwalk_stats.engine.likelihood import Likelihood
from backwalk_stats.engine.marginal import VisitCovariance
from backwalk_stats.engine.one_thread import on_one_thread
from backwalk_stats.errors import UsageError
from backwalk_stats.models.assembly import fitted_model
from backwalk_stats.models.choices import check_choice, check_inference, df_method
from backwalk_stats.models.estimation import best_fit
from backwalk_stats.models.fitted import FittedModel
from backwalk_stats.models.repeated_rows import RepeatedRows, repeated_rows
from backwalk_stats.models.summary import summary_of

HALF = 0.5


@on_one_thread
def mmrm(
    formula: str,
    data: pd.DataFrame,
    participant: str,
    visit: str,
    *,
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
    """Return a mixed model for repeated measures, as SAS PROC MIXED (repeated) and R's mmrm fit it.

    Rows with a missing value in any column named are left out, and `summary.notes` says how many.

    Parameters
    ----------
    formula : str
        Fixed effects, as "pain ~ base * visit + arm * visit". Names, + - * : ( ) and a few
        functions; anything else is refused.
    data : DataFrame
        One row for each participant and visit. Levels of a factor stand in the order of a pandas
        categorical, else sorted; the first is the reference.
    participant, visit : str
        Columns: whose row it is, and at which visit.
    covariance : str
        us, cs, csh, ar1, ar1h, toep, toeph, ad, adh, or sp_exp (which needs `times`).
    method : str
        "reml" or "ml".
    df : str
        "satterthwaite", "kenward-roger" (SAS's), "kenward-roger-linear", "between-within" or
        "residual".
    information : str
        For Kenward-Roger: "observed" (SAS, mmrm) or "expected" (pbkrtest).
    vcov : str
        "model", or clustered by participant: "robust-cr0", "robust-cr2", "robust-cr3".
        Kenward-Roger brings its own.
    group : str, optional
        Column: each level has a covariance matrix of its own (an arm, say).
    weights : str, optional
        Column of case weights above 0.
    times : str, optional
        Column of numeric visit times, one for each visit.
    fallback : sequence of str
        Covariances to try in this order where a fit does not converge. Declare it before the data
        are seen; what was fitted stands in `summary.covariance` and `summary.notes`.

    Raises
    ------
    UsageError
        If a choice does not exist, or the data cannot answer: the message says what to do.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "who": [1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    ...         "when": ["a", "b"] * 5,
    ...         "score": [4.0, 5.0, 3.0, 5.5, 6.0, 6.5, 5.0, 7.0, 4.5, 5.0],
    ...     }
    ... )
    >>> fit = mmrm("score ~ when", frame, participant="who", visit="when")
    >>> fit.coefficients().round(3)[["term", "estimate", "std_error", "df", "p_value"]]
              term  estimate  std_error   df  p_value
    0  (Intercept)       4.5      0.500  4.0    0.001
    1        whenb       1.3      0.406  4.0    0.033
    """
    check_inference(method=method, df=df, information=information, vcov=vcov)
    chain = (covariance, *((fallback,) if isinstance(fallback, str) else fallback))
    for name in chain:
        check_choice("covariance", name, tuple(STRUCTURES))
    if "sp_exp" in chain and times is None:
        raise UsageError("covariance 'sp_exp' needs times: a column with the time of each visit")
    rows = repeated_rows(
        formula, data, participant, visit, group=group, weights=weights, times=times
    )
    fit, fitted_as, notes = _first_that_converges(rows, chain, reml=method == "reml")
    rule = df_method(fit, rows.coded, df=df, information=information, vcov=vcov)
    summary = summary_of(
        fit,
        r=rows.coded.r,
        covariance=fitted_as,
        df=df,
        notes=(*rows.notes, *notes),
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
    one = structure(name, m=size, times=rows.times if name == "sp_exp" else ())
    patterns = rows.patterns
    marginal = VisitCovariance(
        structures=(one,) * max(1, len(rows.groups)),
        mask=patterns.mask,
        scale=patterns.scale,
        group=patterns.group,
    )
    starts = (marginal.start(patterns, rows.residual), _even_start(rows, marginal.structures))
    return best_fit(Likelihood(patterns, marginal, reml), starts)


def _even_start(rows: RepeatedRows, structures: Sequence[Covariance]) -> FloatArray:
    """Return one variance and a correlation of a half at every visit, for a second attempt."""
    size = len(rows.visits.levels)
    even = np.mean(rows.residual**2) * (HALF * np.eye(size) + HALF)
    return np.concatenate([one.start(even) for one in structures])
