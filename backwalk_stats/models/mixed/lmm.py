"""Linear mixed models with random effects of participants, in marginal form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from backwalk_stats.engine.mixed.factor_likelihood import FactorLikelihood
from backwalk_stats.engine.mixed.likelihood import Likelihood
from backwalk_stats.engine.mixed.marginal import EffectsCovariance, RandomEffects, column_sizes
from backwalk_stats.engine.mixed.patterns import Patterns, gather
from backwalk_stats.engine.mixed.random_factors import (
    Clusters,
    RandomColumns,
    RandomFactors,
    gather_clusters,
)
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import on_one_thread
from backwalk_stats.errors import UsageError
from backwalk_stats.models.columns.participants import (
    Participants,
    participants_of,
    refuse_copies,
    reused_ids,
)
from backwalk_stats.models.columns.trial_columns import TrialColumns, settled_formula
from backwalk_stats.models.fit.choices import check_inference, df_method
from backwalk_stats.models.fit.fitted import FittedModel, RandomDesign, fitted_model
from backwalk_stats.models.fit.summary import best_fit, residuals_of, summary_of
from backwalk_stats.models.formula.design import Factor, design_of
from backwalk_stats.models.formula.formula import Formula, RandomPart, parse_formula
from backwalk_stats.models.formula.rows import Coded, coded, coding_notes
from backwalk_stats.software import computes_with

SMALL = 0.02
LARGEST_COARSER = 3_000
ALIKE = 1e-10
FEWEST_CLUSTERS = 4


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
    distinct: bool = False,
) -> FittedModel:
    """Return a linear mixed model with random effects, as R's lme4 and SAS PROC MIXED fit it.

    The random effects of a participant are normal with any covariance matrix, or independent;
    residuals are independent with one variance. A variance of zero is reached and reported as
    `stats.singular`. One grouping factor, or two, nested or crossed; more are refused.

    Parameters
    ----------
    formula : str
        As "pain ~ week * arm + (week | id)"; "(1 | id)" is a random intercept, "(week || id)" and
        "(1 | id) + (0 + week | id)" are independent intercept and slope. Two factors:
        "(1 | site/id)" people within sites, "(1 | id/knee)" both knees of people, "(1 | therapist)
        + (1 | id)" crossed. The cost follows the random effects, not the rows: it is the cube of
        the levels of the coarser factor that hang together through the finer one, 3,000 at most.
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
    distinct : bool
        Whether rows are known to be measurements of their own, such as people of one therapist;
        else rows that repeat another of a participant in every column are refused.

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
    groups = groups_of(parsed)
    group = _people_column(parsed, data)
    columns = TrialColumns(participant=group, weights=weights)
    settled = settled_formula(data, parsed, columns)
    copies = () if distinct else refuse_copies(settled.frame, group, parsed.response.column)
    frame, own = settled.frame, coded(parsed, settled.frame)
    random = tuple(random_design_of(parsed, name, frame) for name in groups)
    case_weights = None if weights is None else frame[weights].to_numpy()
    people = random[_people_factor(parsed, groups, group)]
    marginal, patterns = (
        _one_factor(*random, own, case_weights)
        if len(random) == 1
        else _two_factors(random, people, own, case_weights)
    )
    _refuse_by_cluster(patterns, df=df, vcov=vcov)
    starts = _starts(marginal, patterns, residuals_of(y=own.y, q=own.q))
    fit = best_fit(_likelihood(patterns, marginal, reml=method == "reml"), starts)
    reused = reused_ids(own.design.factors, people.codes, participant=people.group, visit=None)
    notes = (*settled.notes, *copies, *reused, *_factor_notes(random, patterns, vcov))
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
        own, fit, rule, summary, participants=people.levels, roles=columns, random=random
    )


def _likelihood(
    patterns: Patterns, marginal: RandomEffects | RandomFactors, *, reml: bool
) -> Likelihood:
    """Return the likelihood of one grouping factor, or of two."""
    if isinstance(patterns, Clusters) and isinstance(marginal, RandomFactors):
        return FactorLikelihood(patterns, marginal, reml)
    return Likelihood(patterns, marginal, reml)


def _one_factor(
    random: RandomDesign, own: Coded, weights: FloatArray | None
) -> tuple[RandomEffects, Patterns]:
    """Return the covariance model and the patterns of one grouping factor."""
    slot = _place_within(random.codes)
    patterns = gather(
        y=own.y,
        x=own.q,
        participant=random.codes,
        slot=slot,
        slots=int(slot.max()) + 1,
        weights=weights,
        z=random.z,
        offset=own.least_squares,
    )
    marginal = RandomEffects(patterns.z, patterns.mask, patterns.scale, random.correlated)
    refuse_unidentified(random, marginal, patterns)
    return marginal, patterns


def _two_factors(
    random: Sequence[RandomDesign], people: RandomDesign, own: Coded, weights: FloatArray | None
) -> tuple[RandomFactors, Clusters]:
    """Return the covariance model and the clusters of two grouping factors."""
    cluster = _hanging_together(random)
    _refuse_too_large(random, cluster)
    first, second = (RandomColumns(z=one.z, codes=one.codes) for one in random)
    patterns = gather_clusters(
        y=own.y,
        x=own.q,
        cluster=cluster,
        slot=_place_within(cluster),
        people=len(people.levels),
        random=(first, second),
        weights=weights,
        offset=own.least_squares,
    )
    parts = tuple(EffectsCovariance(column_sizes(one.z), one.correlated) for one in random)
    marginal = RandomFactors(parts, (first, second), patterns.rows, patterns.scale)
    _refuse_alike(random, marginal, patterns)
    return marginal, patterns


def _refuse_too_large(random: Sequence[RandomDesign], cluster: np.ndarray) -> None:
    """Refuse two factors both of which have very many levels that hang together."""
    most = []
    for one in random:
        home = cluster[np.unique(one.codes, return_index=True)[1]]
        most.append(int(np.bincount(home).max()) * len(one.names))
    if min(most) > LARGEST_COARSER:
        raise UsageError(
            f"{most[0]} random effects of {random[0].group} and {most[1]} of {random[1].group} "
            f"hang together: of the factor that has fewer, {LARGEST_COARSER} at most are fitted; "
            "take one of the factors as fixed"
        )


def _hanging_together(random: Sequence[RandomDesign]) -> np.ndarray:
    """Return a code for each row: rows share it where a chain of shared levels joins them."""
    computes_with("scipy")
    first, other = (one.codes for one in random)
    sizes = [len(one.levels) for one in random]
    links = coo_matrix((np.ones(len(first)), (first, sizes[0] + other)), shape=(sum(sizes),) * 2)
    _, joined = connected_components(links, directed=False)
    return np.unique(joined[first], return_inverse=True)[1].ravel()


def _place_within(codes: np.ndarray) -> np.ndarray:
    """Return the number of each row within its participant, from 0."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.searchsorted(ordered, ordered)
    place = np.empty(len(codes), dtype=int)
    place[order] = np.arange(len(codes)) - first
    return place


def _starts(
    marginal: RandomEffects | RandomFactors, patterns: Patterns, residual: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return half of the variance in the random effects; and, to try next, little of it."""
    even = marginal.start(patterns, residual)
    little = np.append(SMALL * even[:-1], (2.0 - SMALL) * even[-1])
    return even, little


# The random effects of a model: which columns vary between participants, and whose they are.


def groups_of(formula: Formula) -> tuple[str, ...]:
    """Return the grouping factors of a formula's random effects, as lme4 names them.

    Raises UsageError if there is none, or more than two.
    """
    groups = tuple(dict.fromkeys(part.group for part in formula.random))
    if not groups:
        raise UsageError("lmm needs a random-effects part, as in 'y ~ x + (x | id)'")
    if len(groups) > 2:
        raise UsageError(
            f"random effects are grouped by {', '.join(groups)}: two factors are fitted, nested or "
            "crossed; take one of them as fixed, or leave it out"
        )
    return groups


def _people_column(formula: Formula, data: object) -> str:
    """Return which grouping column tells people apart: the one with the most levels."""
    columns = list(dict.fromkeys(name for part in formula.random for name in part.columns))
    if len(columns) == 1 or not isinstance(data, pd.DataFrame):
        return columns[0]
    held = [name for name in columns if name in list(data.columns)]
    return max(held, key=lambda name: _levels_in(data.loc[:, name]), default=columns[0])


def _levels_in(column: pd.Series | pd.DataFrame) -> int:
    """Return how many different labels a column holds, whatever it holds them as."""
    if isinstance(column, pd.DataFrame):  # a name that stands twice, which the gate refuses
        return 0
    plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf"
    return int((column if plain else column.astype(str)).nunique())


def _people_factor(formula: Formula, groups: tuple[str, ...], column: str) -> int:
    """Return the factor whose levels are people: the coarsest one that has their column."""
    sizes = {part.group: len(part.columns) for part in formula.random if column in part.columns}
    return groups.index(min(sizes, key=lambda name: sizes[name]))


def random_design_of(formula: Formula, group: str, frame: pd.DataFrame) -> RandomDesign:
    """Return the random effects of one grouping factor for a frame without missing values.

    Raises UsageError if there is no effect, one stands twice, or parts mix correlated and separate
    effects.
    """
    parts = [part for part in formula.random if part.group == group]
    found = [_part(formula, part, frame) for part in parts]
    names = [name for _, own in found for name in own]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)}: the same random effect twice")
    joined = any(
        part.correlated and len(own) > 1 for part, (_, own) in zip(parts, found, strict=True)
    )
    if joined and len(found) > 1:
        raise UsageError(
            "random effects are either one correlated part, (1 + x | id), or all independent: "
            "(x || id), (1 | id) + (0 + x | id)"
        )
    codes, levels = _levels(parts[0], frame)
    return RandomDesign(
        z=np.concatenate([z for z, _ in found], axis=1),
        names=tuple(names),
        group=group,
        correlated=joined or len(names) == 1,
        codes=codes,
        levels=levels,
    )


def _levels(part: RandomPart, frame: pd.DataFrame) -> Participants:
    """Return the level of each row, and the names of the levels in order of appearance."""
    if len(part.columns) == 1:
        return participants_of(frame[part.columns[0]])
    each = [participants_of(frame[name]) for name in part.columns]
    codes = np.zeros(len(frame), dtype=np.int64)
    for own in each:
        codes = codes * len(own.ids) + own.codes
    numbered, kept = pd.factorize(codes)
    first = np.unique(numbered, return_index=True)[1]
    turned = each[::-1] if part.group == ":".join(reversed(part.columns)) else each
    names = [
        ":".join(str(own.ids[own.codes[first[code]]]) for own in turned)
        for code in range(len(kept))
    ]
    return Participants(numbered, tuple(names))


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


def _refuse_alike(
    random: Sequence[RandomDesign], marginal: RandomFactors, patterns: Clusters
) -> None:
    """Refuse two factors that the rows cannot tell from each other or from the residual.

    As `refuse_unidentified`; and a factor of one level has no variance.
    """
    for one in random:
        count, wanted = len(one.levels), len(one.levels) * len(one.names)
        if count < 2:
            raise UsageError(f"{one.group} has one level: a variance needs at least two")
        if patterns.n_obs <= wanted:
            raise UsageError(
                f"{patterns.n_obs} rows for {wanted} random effects of {count} {one.group}: a "
                "random effect cannot be told from the residual; leave one out"
            )
    if np.linalg.eigvalsh(FactorLikelihood(patterns, marginal, True).alike())[0] < ALIKE:
        raise UsageError(
            f"the rows cannot tell {' and '.join(one.group for one in random)} apart: where each "
            "level of one is a level of the other they are one factor; leave one out"
        )


def _refuse_by_cluster(patterns: Patterns, *, df: str, vcov: str) -> None:
    """Refuse, with two factors, what takes rows of different people to be independent."""
    if not isinstance(patterns, Clusters):
        return
    if df == "between-within":
        raise UsageError(
            "between-within df are defined for one grouping factor; take 'satterthwaite' or "
            "'kenward-roger'"
        )
    if vcov != "model" and len(patterns.size) < FEWEST_CLUSTERS:
        raise UsageError(
            f"robust errors need independent clusters, and the rows hang together in "
            f"{len(patterns.size)}, fewer than {FEWEST_CLUSTERS}: take vcov='model'"
        )


def _factor_notes(random: Sequence[RandomDesign], patterns: Patterns, vcov: str) -> tuple[str, ...]:
    """Say how many levels two factors have, and what the clusters of robust errors are."""
    if not isinstance(patterns, Clusters):
        return ()
    told = " and ".join(f"{len(one.levels)} {one.group}" for one in random)
    clusters = f"the robust errors' clusters are the {len(patterns.size)} sets of rows that share"
    robust = () if vcov == "model" else (f"{clusters} no level",)
    return (f"random effects of {told}", *robust)
