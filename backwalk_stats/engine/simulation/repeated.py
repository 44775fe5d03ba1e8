"""Models of repeated measures of many simulated trials at once.

Drop-out differs from trial to trial; the patterns of visits are one fixed list, and those that a
trial has not are empty. Where every effect goes by visit, as of arm and baseline in the mixed model
for repeated measures, a trial enters through the cross products of [z y] (`batch.sequential`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
    """

    tables: SplitTables | Tables
    mask: np.ndarray
    combination: FloatArray
    weeks: tuple[float, ...]
    starts: FloatArray | None = None


def mmrm(question: Question, design: Design, drawn: Drawn, visits: Sequence[int]) -> Answers:
    """Return the contrast of each trial by the mixed model for repeated measures.

    Arm by visit and, where the question wants it, baseline by visit; the visits are places among
    those of the design, the arms those of `drawn`. Whoever has none of these visits is left out.
    """
    at, arms = list(visits), arms_of(question, drawn.arm)
    centre = design.means[np.unique(drawn.arm)].mean(axis=0)
    z = arms.columns
    if question.baseline:
        sd = float(np.sqrt(design.covariance[0, 0]))
        own = (drawn.y[:, :, :1] - centre[0]) / sd
        z = np.concatenate([np.broadcast_to(z, (*own.shape[:2], z.shape[1])), own], axis=2)
    root = np.sqrt(len(drawn.arm))
    combination = np.zeros((len(at), z.shape[-1]))
    combination[at.index(question.visit), arms.place] = 1.0 / root
    y = drawn.y[:, :, at] - centre[at]
    mask = patterns_of(~np.isnan(y))
    trials = Trials(
        tables=_split_tables(z / root, y, mask),
        mask=mask,
        combination=combination.ravel(),
        weeks=_weeks(question, at),
    )
    return _by_chain(question, trials)


def constrained_longitudinal(
    question: Question, design: Design, drawn: Drawn, visits: Sequence[int]
) -> Answers:
    """Return the contrast of each trial by the constrained longitudinal model.

    The baseline is an outcome with one mean for all arms; arm by visit after it. Its columns at the
    baseline are among those at later visits, so that with `us` and monotone drop-out its optimum is
    known too: the regression at the baseline has no arm.
    """
    at, arms = [0, *visits], arms_of(question, drawn.arm)
    m, k = len(at), arms.columns.shape[1]
    root = np.sqrt(len(drawn.arm))
    y = drawn.y[:, :, at] - design.means[np.unique(drawn.arm)].mean(axis=0)[at]
    mask = patterns_of(~np.isnan(y))
    # Each visit has its own intercept; each but the first its own columns of arms.
    by_visit = np.zeros((len(drawn.arm), m, m, k))
    by_visit[:, np.arange(m), np.arange(m)] = arms.columns[:, None] / root
    kept = np.ones((m, k), dtype=bool)
    kept[0, 1:] = False
    combination = np.zeros((m, k))
    combination[at.index(question.visit), arms.place] = 1.0 / root
    trials = Trials(
        tables=_tables(by_visit.reshape(*by_visit.shape[:2], -1)[:, :, kept.ravel()], y, mask),
        mask=mask,
        combination=combination[kept],
        weeks=_weeks(question, at),
        starts=closed_form(
            _split_tables(arms.columns / root, y, mask), True, columns=[1, *[k] * (m - 1)]
        ),
    )
    return _by_chain(question, trials)


def random_slope(question: Question, design: Design, drawn: Drawn) -> Answers:
    """Return what the difference in slope of each trial comes to at the question's visit.

    Week by arm, the baseline an outcome, and a random intercept and slope of each person with any
    covariance; slope times the weeks from the first visit, as the trial's analysis gives it.
    """
    arms, weeks = arms_of(question, drawn.arm), np.array(question.weeks)
    m, k = len(weeks), arms.columns.shape[1]
    root, unit = np.sqrt(len(drawn.arm)), float(np.ptp(weeks))
    time = (weeks - weeks.min()) / unit
    y = drawn.y - design.means[np.unique(drawn.arm)].mean()
    mask = patterns_of(~np.isnan(y))
    line = np.stack([np.ones(m), time], axis=1)
    x = (line[None, :, :, None] * arms.columns[:, None, None, :] / root).reshape(-1, m, 2 * k)
    combination = np.zeros((2, k))
    combination[1, arms.place] = time[question.visit] / root
    z = np.broadcast_to(line, (len(mask), m, 2)) * mask[:, :, None]
    marginal = RandomEffects(z, mask, np.ones(mask.shape), correlated=True)
    trials = Trials(
        tables=_tables(x, y, mask),
        mask=mask,
        combination=combination.ravel(),
        weeks=(),
    )
    start = _line_start(line, design.covariance)
    found = fits_of(
        plan_of_tables(question.rule, trials.mask, trials.combination, marginal, start),
        trials.tables,
    )
    return tested(
        estimate=found.estimate[:, 0],
        std_error=found.std_error[:, 0],
        df=found.df[:, 0],
        level=question.level,
        reason=np.array(found.notes, dtype=object),
    )


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
    """Return the cross products of [z y]; z of shape (b, n, c), or (n, c) in every trial alike."""
    z = np.broadcast_to(z, (len(y), *z.shape[-2:]))
    columns = np.concatenate([z, np.nan_to_num(y)], axis=2)
    held, size = [], []
    for members in _members(y, mask):
        left = np.swapaxes(columns * members[:, :, None], 1, 2)
        held.append(pack(left @ columns))
        size.append(members.sum(axis=1).astype(float))
    return SplitTables(held=np.stack(held, axis=1), size=np.stack(size, axis=1), mask=mask)


def _tables(x: FloatArray, y: FloatArray, mask: np.ndarray) -> Tables:
    """Return the cross products of [x y] of designs with columns x, shape (n, m, p)."""
    seen = ~np.isnan(y)
    x = x * seen[..., None]
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
