"""Models of repeated measures of many simulated trials at once.

Drop-out differs from trial to trial; the patterns of visits are one fixed list, and those that a
trial has not are empty. Where every effect goes by visit, as of arm and baseline in the mixed model
for repeated measures, a trial enters through the cross products of [z y] (`batch.sequential`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backwalk_stats.engine.batch.contrasts import BatchFits, joined
from backwalk_stats.engine.batch.fits import UNIDENTIFIED, fit_tables
from backwalk_stats.engine.batch.sequential import SplitTables, closed_form, has_closed_form
from backwalk_stats.engine.batch.tables import BatchPlan, DfRule, Tables, pack, tables_of_members
from backwalk_stats.engine.mixed.covariance import structure
from backwalk_stats.engine.mixed.marginal import RandomEffects, VisitCovariance
from backwalk_stats.engine.mixed.patterns import Patterns
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.simulation.designs import Design
from backwalk_stats.engine.simulation.draws import Drawn
from backwalk_stats.engine.simulation.questions import Answers, Question, tested
from backwalk_stats.registry import Shown

AT_ONCE = 128
FEW_VISITS = 4


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Trials(Shown):
    """Trials of the same arms and visits, as a model of repeated measures takes them.

    Attributes
    ----------
    tables : SplitTables or Tables
        Of b trials.
    mask : array of bool, shape (K, m)
        The patterns of visits that they are sorted into.
    combination : array, shape (p,)
        The contrast.
    weeks : tuple of float
        Of these visits; empty where they are not known.
    starts : array, shape (b, q), or None
        Of the first covariance of the chain, where its optimum is known.
    counted : array, shape (b,), or None
        Degrees of freedom that are counted, and not estimated.
    """

    tables: SplitTables | Tables
    mask: np.ndarray
    combination: FloatArray
    weeks: tuple[float, ...]
    starts: FloatArray | None = None
    counted: FloatArray | None = None

    def with_common(self, count: int) -> Trials:
        """Return the trials with one effect at all visits of the last columns of z, so many."""
        if not count or not isinstance(self.tables, SplitTables):
            return self
        m, whole = self.mask.shape[1], self.tables.columns
        own = m * (whole - count)
        # One column of a covariate is the sum of those of the visits.
        ways = np.zeros((m, whole, own + count))
        ways[:, : whole - count, :own] = np.eye(own).reshape(m, whole - count, own)
        ways[:, whole - count :, own:] = np.eye(count)
        turned = ways.reshape(m * whole, -1)
        return replace(
            self, tables=self.tables.turned(turned), combination=self.combination @ turned
        )


def mmrm(question: Question, design: Design, drawn: Drawn, visits: Sequence[int]) -> Answers:
    """Return the contrast of each trial by the mixed model for repeated measures.

    Arm by visit and, where the question wants it, baseline by visit; other covariates with one
    effect at all visits. The visits are places among those of the design, the arms those of
    `drawn`. Whoever has none of these visits is left out.
    """
    at, arms = list(visits), arms_of(question, drawn.arm)
    root, m = np.sqrt(len(drawn.arm)), len(at)
    others = covariates_of(question, design, drawn)
    z = np.concatenate([_each(arms.columns, len(drawn.y)), *others], axis=2)
    y = drawn.y[:, :, at] - _centre(design, drawn)[at]
    mask = patterns_of(~np.isnan(y))
    combination = np.zeros((m, z.shape[2]))
    combination[at.index(question.visit), arms.place] = 1.0 / root
    return _by_chain(
        question,
        Trials(
            tables=_split_tables(z / root, y, mask),
            mask=mask,
            combination=combination.ravel(),
            weeks=_weeks(question, at),
            counted=_counted_df(
                question,
                ~np.isnan(y),
                drawn.arm,
                at.index(question.visit) - 1,
                once=z.shape[2] - 1,
                moving=1 + question.baseline,
                arms_once=True,
            ),
        ).with_common(len(question.covariates)),
    )


def constrained_longitudinal(
    question: Question, design: Design, drawn: Drawn, visits: Sequence[int]
) -> Answers:
    """Return the contrast of each trial by the constrained longitudinal model.

    The baseline is an outcome with one mean for all arms; arm by visit after it, covariates by
    visit. The columns at the baseline are among those at later visits, so that with `us` and
    monotone drop-out the optimum is known too: the regression at the baseline has no arm.
    """
    at, arms = [0, *visits], arms_of(question, drawn.arm)
    root, m = np.sqrt(len(drawn.arm)), len(at)
    columns = _each(arms.columns, len(drawn.y))
    others = covariates_of(replace(question, baseline=False), design, drawn)
    z = np.concatenate([columns[:, :, :1], *others, columns[:, :, 1:]], axis=2)
    y = drawn.y[:, :, at] - _centre(design, drawn)[at]
    mask = patterns_of(~np.isnan(y))
    tables = _split_tables(z / root, y, mask)
    first, whole = 1 + len(question.covariates), z.shape[2]
    kept = np.ones((m, whole), dtype=bool)
    kept[0, first:] = False
    combination = np.zeros((m, whole))
    combination[at.index(question.visit), first - 1 + arms.place] = 1.0 / root
    trials = Trials(
        tables=tables.turned(np.eye(m * whole)[:, kept.ravel()]),
        mask=mask,
        combination=combination[kept],
        weeks=_weeks(question, at),
        starts=closed_form(tables, True, columns=[first, *[whole] * (m - 1)]),
        counted=_counted_df(
            question,
            ~np.isnan(y),
            drawn.arm,
            at.index(question.visit) - 1,
            once=first - 1,
            moving=first,
            arms_once=False,
        ),
    )
    return _by_chain(question, trials)


def random_slope(question: Question, design: Design, drawn: Drawn) -> Answers:
    """Return what the difference in slope of each trial comes to at the question's visit.

    Week by arm and covariates, the baseline an outcome, and a random intercept and slope of each
    person with any covariance; slope times the weeks from the first visit, as the trial's analysis
    gives it.
    """
    arms, weeks = arms_of(question, drawn.arm), np.array(question.weeks)
    root, m, k = np.sqrt(len(drawn.arm)), len(weeks), arms.columns.shape[1]
    time = (weeks - weeks.min()) / float(np.ptp(weeks))
    y = drawn.y - _centre(design, drawn).mean()
    mask = patterns_of(~np.isnan(y))
    line = np.stack([np.ones(m), time], axis=1)
    by_arm = (line[None, :, :, None] * arms.columns[:, None, None, :]).reshape(-1, m, 2 * k)
    own = [_each(by_arm, len(y))]
    for one in covariates_of(replace(question, baseline=False), design, drawn):
        own.append(np.repeat(one[:, :, None], m, axis=2))
    x = np.concatenate(own, axis=3) / root
    combination = np.zeros(x.shape[3])
    combination[k + arms.place] = time[question.visit] / root
    z = np.broadcast_to(line, (len(mask), m, 2)) * mask[:, :, None]
    marginal = RandomEffects(z, mask, np.ones(mask.shape), correlated=True)
    start = _line_start(line, design.covariance)
    plan = plan_of_tables(question.rule, mask, combination, marginal, start)
    found, seen = fits_of(plan, _tables(x, y, mask)), ~np.isnan(y)
    # Week and week by arm move for whoever has two visits: one slot.
    again = seen.any(axis=2, keepdims=True) & (seen.sum(axis=2, keepdims=True) > 1)
    counted = _counted_df(
        question,
        seen,
        drawn.arm,
        0,
        again=again,
        once=x.shape[3] - k - 1,
        moving=1,
        arms_once=False,
    )
    return tested(
        estimate=found.estimate[:, 0],
        std_error=found.std_error[:, 0],
        df=found.df[:, 0] if counted is None else counted,
        level=question.level,
        reason=np.array(found.notes, dtype=object),
    )


def covariates_of(question: Question, design: Design, drawn: Drawn) -> list[FloatArray]:
    """Return the baseline and other covariates that a question wants, each (b, n, 1), in SDs."""
    columns = []
    if question.baseline:
        sd = float(np.sqrt(design.covariance[0, 0]))
        columns.append((drawn.y[:, :, :1] - _centre(design, drawn)[0]) / sd)
    for place in question.covariates:
        one = design.covariates[place]
        assert drawn.x is not None
        columns.append((drawn.x[:, :, place : place + 1] - one.mean) / one.sd)
    return columns


def _centre(design: Design, drawn: Drawn) -> FloatArray:
    """Return the mean of the arms at each visit: what is taken off costs no digits."""
    return np.asarray(design.means[np.unique(drawn.arm)].mean(axis=0))


def _each(columns: FloatArray, count: int) -> FloatArray:
    """Return columns that every trial has alike, with a leading axis of trials."""
    return np.broadcast_to(columns, (count, *columns.shape))


def _counted_df(
    question: Question,
    seen: np.ndarray,
    arm: np.ndarray,
    slot: int,
    *,
    once: int,
    moving: int,
    arms_once: bool,
    again: np.ndarray | None = None,
) -> FloatArray | None:
    """Return residual or between-within df of the contrast, shape (b,); None of another rule.

    `once` are the columns beside the intercept that are one number for each person. At each slot
    (visit after the first) stand `moving` columns of everybody and one of each arm but the
    reference; such a column moves within people where somebody whom it concerns has that visit and
    another (`again`, shape (b, n, slots)), else it counts as between, as SAS's ddfm=bw in mmrm. The
    contrast is that of the arm's column at the slot, with its column of all visits (`arms_once`);
    -1 is the first visit.
    """
    if question.df not in ("residual", "between-within"):
        return None
    if again is None:
        again = (seen & (seen.sum(axis=2, keepdims=True) > 1))[:, :, 1:]
    others = [one for one in np.unique(arm).tolist() if one != question.reference]
    rows, people, slots = seen.sum(axis=(1, 2)), seen.any(axis=2).sum(axis=1), again.shape[2]
    of_arms = np.stack([again[:, arm == one].any(axis=1) for one in others], axis=1)
    within = moving * again.any(axis=1).sum(axis=1) + of_arms.sum(axis=(1, 2))
    columns = 1 + once + slots * (moving + len(others))
    if question.df == "residual":
        return np.asarray(rows - columns, dtype=float)
    df_between, df_within = people - (columns - within), rows - people - within
    if slot < 0:
        return np.asarray(df_between, dtype=float)
    own = np.where(of_arms[:, others.index(question.arm), slot], df_within, df_between)
    return np.asarray(np.minimum(own, df_between) if arms_once else own, dtype=float)


def _line_start(line: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return intercept's and slope's (co)variances and the residual variance, near a covariance.

    Those of each person's least-squares line, less what the residuals add; held positive definite.
    """
    back = np.linalg.pinv(line)
    away = np.eye(len(line)) - line @ back
    residual = float(np.trace(away @ covariance @ away)) / (len(line) - 2)
    g = back @ covariance @ back.T - residual * (back @ back.T)
    values, vectors = np.linalg.eigh(g)
    g = (vectors * np.maximum(values, 0.02 * residual)) @ vectors.T
    return np.append(g[np.tril_indices(2)], residual)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arms:
    """Columns 1 and of each arm but the reference, (n, k); which of them is the arm compared."""

    columns: FloatArray
    place: int


def arms_of(question: Question, arm: np.ndarray) -> Arms:
    """Return the columns of the arms of people, (n,), the question's reference left out."""
    others = [one for one in np.unique(arm).tolist() if one != question.reference]
    columns = np.stack([np.ones(len(arm)), *(arm == one for one in others)], axis=1)
    return Arms(columns=columns.astype(float), place=1 + others.index(question.arm))


def _weeks(question: Question, visits: Sequence[int]) -> tuple[float, ...]:
    return tuple(question.weeks[one] for one in visits) if question.weeks else ()


# From scores with gaps to tables: one fixed list of patterns, empty ones at zero.


def patterns_of(seen: np.ndarray) -> np.ndarray:
    """Return the fixed list of patterns that trials are sorted into, shape (K, m).

    Where nobody is seen again after a missed visit the m monotone ones; else all that there are of
    up to four visits, and of more those that occur.

    >>> patterns_of(np.array([[[True, True], [True, False]]])).tolist()
    [[True, False], [True, True]]
    """
    m = seen.shape[2]
    if not (seen[:, :, 1:] & ~seen[:, :, :-1]).any():
        return np.tri(m, dtype=bool)
    if m <= FEW_VISITS:
        return np.array([[bool(one >> at & 1) for at in range(m)] for one in range(1, 2**m)])
    found = np.unique(seen.reshape(-1, m), axis=0)
    return np.asarray(found[found.any(axis=1)])


def _members(y: FloatArray, mask: np.ndarray) -> Iterator[np.ndarray]:
    """Yield who is in each pattern, shape (b, n)."""
    bits = 1 << np.arange(mask.shape[1])
    code = ~np.isnan(y) @ bits
    for own in mask @ bits:
        yield code == own


def _split_tables(z: FloatArray, y: FloatArray, mask: np.ndarray) -> SplitTables:
    """Return the cross products of [z y]; z of shape (b, n, c)."""
    columns = np.concatenate([z, np.nan_to_num(y)], axis=2)
    held, size = [], []
    for members in _members(y, mask):
        left = np.swapaxes(columns * members[:, :, None], 1, 2)
        held.append(pack(left @ columns))
        size.append(members.sum(axis=1).astype(float))
    return SplitTables(held=np.stack(held, axis=1), size=np.stack(size, axis=1), mask=mask)


def _tables(x: FloatArray, y: FloatArray, mask: np.ndarray) -> Tables:
    """Return the cross products of [x y] of designs with columns x, shape (b, n, m, p)."""
    x = x * ~np.isnan(y)[..., None]
    return tables_of_members(
        np.concatenate([x, np.nan_to_num(y)[..., None]], axis=3), list(_members(y, mask)), mask
    )


# From tables to answers.


def _by_chain(question: Question, trials: Trials) -> Answers:
    """Return the contrast of each trial, by the first covariance of the chain that converges."""
    count = len(trials.tables.size)
    estimate, error, df = (np.full(count, np.nan) for _ in range(3))
    fitted, reason = np.full(count, -1), np.full(count, "", dtype=object)
    left, (kinds, m) = np.arange(count), trials.mask.shape
    for place, name in enumerate(question.chain):
        one = structure(name, m=m, times=trials.weeks)
        marginal = VisitCovariance(
            (one,), trials.mask, np.ones(trials.mask.shape), np.zeros(kinds, dtype=int)
        )
        plan = plan_of_tables(question.rule, trials.mask, trials.combination, marginal, None)
        known = trials.starts if place == 0 and has_closed_form(marginal) else None
        found = fits_of(plan, trials.tables.of(left), known)
        for whole, own in ((estimate, found.estimate), (error, found.std_error), (df, found.df)):
            whole[left] = own[:, 0]
        fitted[left] = np.where(found.converged, place, -1)
        reason[left] = found.notes
        left = left[~found.converged & (reason[left] != UNIDENTIFIED)]
        if not len(left):
            break
    if trials.counted is not None:
        df = trials.counted
    return tested(
        estimate=estimate, std_error=error, df=df, level=question.level, reason=reason,
        fitted=fitted,
    )  # fmt: skip


def plan_of_tables(
    rule: DfRule,
    mask: np.ndarray,
    combination: FloatArray,
    marginal: VisitCovariance | RandomEffects,
    start: FloatArray | None,
) -> BatchPlan:
    """Return the plan of fits of tables that have no rows behind them."""
    (kinds, m), p = mask.shape, len(combination)
    patterns = Patterns(
        size=np.zeros(kinds),
        mask=mask,
        scale=marginal.scale,
        group=np.zeros(kinds, dtype=int),
        z=marginal.z if isinstance(marginal, RandomEffects) else np.zeros((kinds, m, 0)),
        products=(),
        blocks=(),
        n_obs=0,
        n_participants=0,
        rank=p,
        member=np.zeros(0, dtype=int),
        rows=np.zeros((0, m), dtype=int),
    )
    return BatchPlan(
        q=np.zeros((0, p)),
        basis=np.eye(p),
        patterns=patterns,
        marginal=marginal,
        reml=True,
        combinations=combination[None],
        start=start,
        rule=rule,
    )


def fits_of(
    plan: BatchPlan, tables: SplitTables | Tables, known: FloatArray | None = None
) -> BatchFits:
    """Return the fits of all tables; from `known` parameters, shape (b, q), where they are."""
    count = len(tables.size)
    each = [np.arange(at, min(at + AT_ONCE, count)) for at in range(0, count, AT_ONCE)]
    return joined(
        [fit_tables(plan, tables.of(some), None if known is None else known[some]) for some in each]
    )
