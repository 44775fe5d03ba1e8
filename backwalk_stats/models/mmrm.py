"""Mixed models for repeated measures: a covariance matrix of visits instead of random effects."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.engine.one_thread import on_one_thread
from backwalk_stats.models.fitted import FittedModel
from backwalk_stats.models.visit_model import visit_model


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
        Fixed effects, as "pain ~ base * visit + arm * visit", in R's notation (see
        docs/methods/formulas.md); anything else is refused.
    data : DataFrame
        One row for each participant and visit. Levels of a factor stand in the order of a pandas
        categorical, of their numbers, or of the numbers in their text; other text is sorted, and
        refused as the visit of a covariance in which the order counts. The first is the reference.
        A declared visit that no row has keeps its place in ar1, ar1h, toep and toeph.
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

    Returns
    -------
    FittedModel
        `.coefficients()`, `.marginal_means()`, `.contrasts()`, `.anova()`, `.predict()` are frames;
        `.summary` says how the fit went, with its notes.

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
    return visit_model(
        formula,
        data,
        participant,
        visit,
        least_visits=2,
        covariance=covariance,
        method=method,
        df=df,
        information=information,
        vcov=vcov,
        group=group,
        weights=weights,
        times=times,
        fallback=fallback,
    )
