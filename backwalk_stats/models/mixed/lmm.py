"""Linear mixed models with random effects of participants, in marginal form."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.mixed.patterns import Patterns, gather
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.models.columns.participants import refuse_copies, reused_ids
from backwalk_stats.models.columns.trial_columns import TrialColumns, settled_formula
from backwalk_stats.models.fit.choices import check_inference, df_method
from backwalk_stats.models.fit.fitted import FittedModel, fitted_model
from backwalk_stats.models.fit.summary import best_fit, residuals_of, summary_of
from backwalk_stats.models.formula.formula import parse_formula
from backwalk_stats.models.formula.rows import coded, coding_notes, participants_of
from backwalk_stats.models.mixed.random_design import (
    group_of,
    random_design_of,
    refuse_unidentified,
)

SMALL = 0.02


@on_one_thread
def lmm(
    formula: str,
    data: pd.DataFrame,
    *,
    method: str = "reml",
    df: str = "satterthwaite",
    information: str = "observed",
    vcov: str = "model",
    weights: str | None = None,
) -> FittedModel:
    """Return a linear mixed model with random effects, as R's lme4 and SAS PROC MIXED fit it.

    The random effects of a participant are normal with any covariance matrix, or independent;
    residuals are independent with one variance. A variance of zero is reached and reported as
    `summary.singular`. One grouping column; crossed and nested effects are refused.

    Parameters
    ----------
    formula : str
        As "pain ~ week * arm + (week | id)"; "(1 | id)" is a random intercept, "(week || id)" and
        "(1 | id) + (0 + week | id)" are independent intercept and slope.
    data : DataFrame
        One row for each measurement. Rows with a missing value in a named column are left out.
    method : str
        "reml" or "ml".
    df : str
        "satterthwaite" (lmerTest's), "kenward-roger" (SAS's; pbkrtest's with
        information="expected"), "kenward-roger-linear" (the same here, as the covariance is linear
        in its parameters), "between-within" or "residual".
    information : str
        For Kenward-Roger: "observed" or "expected".
    vcov : str
        "model", or clustered by participant: "robust-cr0", "robust-cr2", "robust-cr3".
    weights : str, optional
        Column of case weights above 0: the residual variance of a row is divided by its weight.

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
    ...         "who": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
    ...         "week": [0, 1, 2] * 4,
    ...         "score": [4.0, 5.0, 5.4, 3.0, 3.5, 4.7, 6.0, 6.5, 6.4, 5.0, 7.0, 7.1],
    ...     }
    ... )
    >>> fit = lmm("score ~ week + (1 | who)", frame, df="kenward-roger")
    >>> fit.coefficients().round(3)[["term", "estimate", "std_error", "df", "p_value"]]
              term  estimate  std_error     df  p_value
    0  (Intercept)       4.6      0.657  3.431    0.004
    1         week       0.7      0.169  7.000    0.004
    """
    check_inference(method=method, df=df, information=information, vcov=vcov)
    parsed = parse_formula(formula)
    group = group_of(parsed)
    columns = TrialColumns(participant=group, weights=weights)
    settled = settled_formula(data, parsed, columns)
    copies = refuse_copies(settled.frame, group, parsed.response.column)
    frame = settled.frame
    people, own = participants_of(frame[group]), coded(parsed, frame)
    random = random_design_of(parsed, frame)
    slot = _place_within(people.codes)
    patterns = gather(
        y=own.y,
        x=own.q,
        participant=people.codes,
        slot=slot,
        slots=int(slot.max()) + 1,
        weights=None if weights is None else frame[weights].to_numpy(),
        z=random.z,
        offset=own.least_squares,
    )
    marginal = RandomEffects(patterns.z, patterns.mask, patterns.scale, random.correlated)
    refuse_unidentified(random, marginal, patterns)
    starts = _starts(marginal, patterns, residuals_of(y=own.y, q=own.q))
    fit = best_fit(Likelihood(patterns, marginal, method == "reml"), starts)
    reused = reused_ids(own.design.factors, people.codes, participant=group, visit=None)
    notes = (*settled.notes, *copies, *reused)
    rule = df_method(fit, own, df=df, information=information, vcov=vcov)
    summary = summary_of(
        fit,
        r=own.r,
        covariance="random effects",
        df=df,
        notes=(*notes, *coding_notes(parsed, own.design, dropped=len(data) - len(frame))),
        door="lmm",
    )
    return fitted_model(own, fit, rule, summary, participants=people.ids, random=random)


def _place_within(codes: np.ndarray) -> np.ndarray:
    """Return the number of each row within its participant, from 0."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.searchsorted(ordered, ordered)
    place = np.empty(len(codes), dtype=int)
    place[order] = np.arange(len(codes)) - first
    return place


def _starts(
    marginal: RandomEffects, patterns: Patterns, residual: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return half of the variance in the random effects; and, to try next, little of it."""
    even = marginal.start(patterns, residual)
    little = np.append(SMALL * even[:-1], (2.0 - SMALL) * even[-1])
    return even, little
