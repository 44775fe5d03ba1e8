"""Simulated trials compared at one visit: analysis of covariance, change scores, ranks.

Each formula is that of the trial's own analysis, for every trial of a block side by side.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from backwalk_stats.engine.batch.compiled import compiled
from backwalk_stats.engine.batch.likelihood import DEPENDENT
from backwalk_stats.engine.batch.tables import cholesky_where_positive
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.ranks.permutation_distribution import (
    Distribution,
    distribution_of,
    subset_sums,
)
from backwalk_stats.engine.ranks.ranking import snapped
from backwalk_stats.engine.ranks.two_arms import rank_sum
from backwalk_stats.engine.simulation.draws import Drawn
from backwalk_stats.engine.simulation.questions import (
    UNMEASURED,
    Answers,
    Question,
    nothing,
    tested,
)

FLAT = "there is no residual variance, or too few people for it"
# Share of the scale below which a spread is rounding.
SPREAD = 1e-12


def _by_arm(values: FloatArray, seen: np.ndarray, members: np.ndarray) -> tuple[FloatArray, ...]:
    """Return the count, mean and sum of squares about it of each arm: members of shape (k, n)."""
    own = seen[:, None, :] & members
    n = own.sum(axis=2).astype(float)
    filled = np.where(seen, values, 0.0)[:, None, :]
    mean = (filled * own).sum(axis=2) / np.maximum(n, 1.0)
    return n, mean, (((filled - mean[:, :, None]) * own) ** 2).sum(axis=2)


def ancova(question: Question, drawn: Drawn) -> Answers:
    """Return the analysis of covariance of each trial: all arms, those seen at the visit.

    With sums about the means of each arm, b = Sxx^-1 Sxy are the slopes of baseline and
    covariates, the estimate the difference in means less d'b, d the differences in covariates, and
    its variance s^2 (1/n1 + 1/n2 + d' Sxx^-1 d), on N - arms - covariates df.
    """
    y = drawn.y[:, :, question.visit]
    seen, one, two = ~np.isnan(y), question.arm, question.reference
    members = np.arange(drawn.arm.max() + 1)[:, None] == drawn.arm
    n, mean, square = _by_arm(y, seen, members)
    rest, df = square.sum(axis=1), n.sum(axis=1) - (n > 0).sum(axis=1)
    estimate, there = mean[:, one] - mean[:, two], np.maximum(n, 1.0)
    spread = 1.0 / there[:, one] + 1.0 / there[:, two]
    varied = np.ones(len(y), dtype=bool)
    columns = [drawn.y[:, :, 0]] if question.baseline else []
    columns += [drawn.x[:, :, place] for place in question.covariates if drawn.x is not None]
    if columns:
        residual = np.where(seen, y - mean[:, drawn.arm], 0.0)
        means = np.stack([_by_arm(x, seen, members)[1] for x in columns], axis=2)
        own = np.stack(columns, axis=2) - means[:, drawn.arm]
        own = np.where(seen[:, :, None], own, 0.0)
        inverse, varied = _inverse(np.swapaxes(own, 1, 2) @ own)
        slope = inverse @ (np.swapaxes(own, 1, 2) @ residual[:, :, None])
        apart = (means[:, one] - means[:, two])[:, None]
        estimate = estimate - (apart @ slope)[:, 0, 0]
        rest = ((residual - (own @ slope)[:, :, 0]) ** 2).sum(axis=1)
        spread = spread + (apart @ inverse @ np.swapaxes(apart, 1, 2))[:, 0, 0]
        df = df - len(columns)
    absent = (n[:, one] == 0.0) | (n[:, two] == 0.0)
    scale = np.nanmax(np.abs(y), axis=1, initial=0.0)
    flat = ~varied | (df < 1.0) | ~(rest > n.sum(axis=1) * (SPREAD * scale) ** 2)
    free = np.where(df < 1.0, 1.0, df)
    return tested(
        estimate=estimate,
        std_error=np.sqrt(np.where(flat, np.nan, rest) / free * spread),
        df=df,
        level=question.level,
        reason=_reasons(absent, flat),
    )


def _inverse(squares: FloatArray) -> tuple[FloatArray, np.ndarray]:
    """Return inverses of sums of squares, shape (b, r, r), and which of them have one."""
    size = np.sqrt(np.diagonal(squares, axis1=1, axis2=2))
    scale = np.where(size > 0.0, size, 1.0)
    root, positive = cholesky_where_positive(squares / (scale[:, :, None] * scale[:, None]))
    clear = np.diagonal(root, axis1=1, axis2=2).min(axis=1) ** 2 > DEPENDENT
    half = np.linalg.inv(root) / scale[:, None]
    return np.swapaxes(half, 1, 2) @ half, positive & clear & (size > 0.0).all(axis=1)


def change_score(question: Question, drawn: Drawn) -> Answers:
    """Return Welch's t of the change from baseline of two arms of each trial."""
    change = drawn.y[:, :, question.visit] - drawn.y[:, :, 0]
    members = np.stack([drawn.arm == question.arm, drawn.arm == question.reference])
    n, mean, square = _by_arm(change, ~np.isnan(change), members)
    few = (n < 2.0).any(axis=1)
    free = np.maximum(n - 1.0, 1.0)
    error = square / free / np.maximum(n, 1.0)
    total = error.sum(axis=1)
    largest = np.nanmax(np.abs(drawn.y[:, :, [0, question.visit]]), axis=(1, 2), initial=0.0)
    flat = few | ~(total > (SPREAD * largest) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = total**2 / (error**2 / free).sum(axis=1)
    return tested(
        estimate=mean[:, 0] - mean[:, 1],
        std_error=np.sqrt(np.where(flat, np.nan, total)),
        df=np.where(flat, np.nan, df),
        level=question.level,
        reason=_reasons((n == 0.0).any(axis=1), flat),
    )


def rank_based(question: Question, drawn: Drawn) -> Answers:
    """Return Wilcoxon's test of the change from baseline of two arms of each trial.

    Exact given the midranks up to 200 people; with the Hodges-Lehmann shift and its limits.
    """
    change = drawn.y[:, :, question.visit] - drawn.y[:, :, 0]
    both = np.isin(drawn.arm, (question.arm, question.reference))
    first = drawn.arm[both] == question.arm
    found = nothing(len(change))
    subsets = subset_sums if find_spec("numba") is None else _counted
    for at, own in enumerate(change[:, both]):
        seen = ~np.isnan(own)
        arms = [own[seen & first], own[seen & ~first]]
        if min(map(len, arms)) < 2:
            found.reason[at] = FLAT if all(map(len, arms)) else UNMEASURED
            continue
        values = snapped(np.concatenate(arms), scale=float(np.abs(own[seen]).max()))
        if values.min() == values.max():
            found.reason[at] = FLAT
            continue
        one, two = values[: len(arms[0])], values[len(arms[0]) :]
        test = rank_sum(one, two, level=question.level, sums=subsets)
        found.estimate[at], found.p_value[at] = test.shift.estimate, test.p_value
        found.conf_low[at], found.conf_high[at] = test.shift.low, test.shift.high
    found.converged[:] = found.reason == ""
    return found


def _counted(scores: np.ndarray, size: int) -> Distribution:
    """Return what `subset_sums` does, by counting subsets in compiled code."""
    lowest = int(scores.min())
    moved = np.sort(scores - lowest)
    unit = max(1, int(np.gcd.reduce(moved)))
    counts = _subsets(moved // unit, size)
    return distribution_of(counts / counts.sum(), start=lowest * size, unit=unit)


@compiled
def _subsets(moved: np.ndarray, size: int) -> FloatArray:
    """Return how many subsets of that size have each sum; whole numbers from 0, ascending."""
    n = len(moved)
    upto = np.zeros(n + 1, dtype=np.int64)
    for at in range(n):
        upto[at + 1] = upto[at] + moved[at]
    counts = np.zeros((size + 1, upto[n] - upto[n - size] + 1))
    counts[0, 0] = 1.0
    for seen in range(n):
        score = moved[seen]
        # Only as many as can still become `size`, and sums between the least and the largest.
        for k in range(min(seen, size - 1), max(0, size - n + seen) - 1, -1):
            for total in range(upto[k], upto[seen] - upto[seen - k] + 1):
                counts[k + 1, total + score] += counts[k, total]
    return np.asarray(counts[size])


def _reasons(absent: np.ndarray, flat: np.ndarray) -> np.ndarray:
    found = np.where(absent, UNMEASURED, np.where(flat, FLAT, ""))
    return found.astype(object)
