"""Linear mixed models with random effects of participants, in marginal form."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.mixed.patterns import Patterns, gather
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns.participants import participants_of, refuse_copies, reused_ids
from backwalk_stats.models.columns.trial_columns import TrialColumns, settled_formula
from backwalk_stats.models.fit.choices import check_inference, df_method
from backwalk_stats.models.fit.fitted import FittedModel, RandomDesign, fitted_model
from backwalk_stats.models.fit.summary import best_fit, residuals_of, summary_of
from backwalk_stats.models.formula.design import Factor, design_of
from backwalk_stats.models.formula.formula import Formula, RandomPart, parse_formula
from backwalk_stats.models.formula.rows import coded, coding_notes

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
    `stats.singular`. One grouping column; crossed and nested effects are refused.

    Parameters
    ----------
    formula : str
        As "pain ~ week * arm + (week | id)"; "(1 | id)" is a random intercept, "(week || id)" and
        "(1 | id) + (0 + week | id)" are independent intercept and slope.
    data : DataFrame
        One row for each measurement. Rows with a missing value in a named column are left out.
    method, information, vcov
        As in `mmrm`.
    df : str
        "satterthwaite" (lmerTest's), "kenward-roger" (SAS's; pbkrtest's with
        information="expected"), "kenward-roger-linear" (the same here, as the covariance is linear
        in its parameters), "between-within" or "residual".
    weights : str, optional
        Column of case weights above 0: the residual variance of a row is divided by its weight.

    Returns
    -------
    FittedModel
        `.coefficients()`, `.marginal_means()`, `.contrasts()`, `.anova()`, `.predict()` are frames;
        `.stats` says how the fit went, with its notes.

    Raises
    ------
    UsageError
        If a choice does not exist, or the data cannot answer: the message says what to do.

    Examples
    --------
    >>> frame = pd.DataFrame({"who": [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], "week": [0, 1, 2] * 4,
    ...     "score": [4.0, 5.0, 5.4, 3.0, 3.5, 4.7, 6.0, 6.5, 6.4, 5.0, 7.0, 7.1]})
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
    people, own = settled.people or participants_of(frame[group]), coded(parsed, frame)
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
        notes=(*notes, *coding_notes(parsed, own.design, dropped=settled.dropped)),
        door="lmm",
    )
    return fitted_model(
        own, fit, rule, summary, participants=people.ids, roles=columns, random=random
    )


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


# The random effects of a model: which columns vary between participants, and whose they are.


def group_of(formula: Formula) -> str:
    """Return the grouping column of a formula's random effects.

    Raises UsageError if there is none, or more than one.
    """
    groups = tuple(dict.fromkeys(part.group for part in formula.random))
    if not groups:
        raise UsageError("lmm needs a random-effects part, as in 'y ~ x + (x | id)'")
    if len(groups) > 1:
        raise UsageError(
            f"random effects are grouped by {' and '.join(groups)}: crossed and nested random "
            "effects are not fitted here; one grouping column is"
        )
    return groups[0]


def random_design_of(formula: Formula, frame: pd.DataFrame) -> RandomDesign:
    """Return the random effects of a formula for a frame without missing values.

    Raises UsageError if there is no effect, one stands twice, or parts mix correlated and separate
    effects.
    """
    group = group_of(formula)
    found = [_part(formula, part, frame) for part in formula.random]
    names = [name for _, own in found for name in own]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)}: the same random effect twice")
    joined = any(
        part.correlated and len(own) > 1
        for part, (_, own) in zip(formula.random, found, strict=True)
    )
    if joined and len(found) > 1:
        raise UsageError(
            "random effects are either one correlated part, (1 + x | id), or all independent: "
            "(x || id), (1 | id) + (0 + x | id)"
        )
    z = np.concatenate([z for z, _ in found], axis=1)
    return RandomDesign(z=z, names=tuple(names), group=group, correlated=joined or len(names) == 1)


def _part(
    formula: Formula, part: RandomPart, frame: pd.DataFrame
) -> tuple[FloatArray, tuple[str, ...]]:
    one = design_of(
        Formula(
            response=formula.response,
            terms=part.terms,
            intercept=part.intercept,
            random=(),
            text=formula.text,
        ),
        frame,
    )
    if one.determined:
        names = ", ".join(name for names in one.determined.values() for name in names)
        raise UsageError(
            f"( | {part.group}): {names} follows from the effects before it; write (0 + ... | "
            f"{part.group})"
        )
    if not one.columns:
        raise UsageError(f"( | {part.group}) holds no random effect")
    if not part.correlated and any(isinstance(v, Factor) for v in one.variables.values()):
        raise UsageError("(f || id) with a factor is not fitted: write (f | id), or use numbers")
    return one.own(len(frame)), one.names


def refuse_unidentified(random: RandomDesign, marginal: RandomEffects, patterns: Patterns) -> None:
    """Refuse random effects that the rows cannot tell from the residual or from each other.

    The covariance V = Z G Z' + sigma2 is linear in its parameters, so they are determined only if
    the derivatives of V over all patterns of rows are linearly independent. Beside that there must
    be more rows than random effects, as lme4 asks. Raises UsageError, naming the effects, with the
    numbers of rows.
    """
    most = int(patterns.mask.sum(axis=1).max())
    effects = ", ".join(random.names)
    if most == 1:
        raise UsageError(
            f"every {random.group} has one row: a random effect cannot be told from the residual"
        )
    v1 = marginal.first(np.ones(marginal.count)).reshape(marginal.count, -1)
    size = np.sqrt((v1**2).sum(axis=1))
    flat = [name for name, own in zip(random.names, random.z.T, strict=True) if not own.any()]
    if flat:
        raise UsageError(f"random effect {', '.join(flat)}: zero in every row")
    rank = np.linalg.matrix_rank(v1 / size[:, None], tol=1e-9)
    wanted = patterns.n_participants * marginal.width
    if rank < marginal.count or patterns.n_obs <= wanted:
        raise UsageError(
            f"the rows cannot identify the random effects {effects} beside the residual: "
            f"{patterns.n_obs} rows of {patterns.n_participants} {random.group}, at most {most} "
            f"each, for {wanted} random effects; leave one out, such as the slope"
        )
