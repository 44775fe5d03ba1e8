"""Simulated trials whose people come in clusters, compared at one visit with a random intercept.

Of m people of a cluster the sum over sqrt(m) has variance s2 + m g, and m - 1 contrasts that are
orthogonal to it have s2 each, g and s2 being the variances between and within clusters. So a trial
enters the likelihood through the cross products of these sums, for each m, and through what is left
of all cross products: patterns of one slot, whose random effect is sqrt(m) or 0.
"""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.batch.tables import DfRule, Tables, pack
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.simulation.designs import Clusters, Design
from backwalk_stats.engine.simulation.draws import Drawn
from backwalk_stats.engine.simulation.questions import Answers, Question, tested
from backwalk_stats.engine.simulation.repeated import (
    arms_of,
    covariates_of,
    fits_of,
    plan_of_tables,
)

ALONE = "no cluster has two people measured at the visit"
# As R's pbkrtest: what the analysis of a trial with clusters takes.
RULE = DfRule(adjusts=True, expected=True)


def clustered_ancova(
    question: Question, design: Design, drawn: Drawn, cluster: np.ndarray
) -> Answers:
    """Return the contrast of each trial on arm, baseline and a random intercept of the cluster.

    REML, Kenward and Roger's df by expected information; everybody measured at the visit. The
    cluster of each person has shape (n,), those of one stand together.
    """
    centre = design.means[np.unique(drawn.arm)].mean(axis=0)
    arms, root = arms_of(question, drawn.arm), np.sqrt(len(drawn.arm))
    y = drawn.y[:, :, question.visit]
    seen, (b, n) = ~np.isnan(y), y.shape
    columns = [np.broadcast_to(arms.columns, (b, n, arms.columns.shape[1])) / root]
    variance = float(design.covariance[question.visit, question.visit])
    columns += [one / root for one in covariates_of(question, design, drawn)]
    if question.baseline:
        variance -= float(design.covariance[question.visit, 0] ** 2 / design.covariance[0, 0])
    columns.append((y - centre[question.visit])[:, :, None])
    x = np.where(seen[:, :, None], np.concatenate(columns, axis=2), 0.0)
    starts = np.flatnonzero(np.diff(cluster, prepend=-1))
    largest = int(np.diff(np.append(starts, n)).max())
    tables = _tables(x, np.add.reduceat(seen, starts, axis=1), starts, largest)
    combination = np.zeros(x.shape[2] - 1)
    combination[arms.place] = 1.0 / root
    size = np.sqrt(np.arange(largest + 1.0))[:, None, None]
    mask = np.ones((largest + 1, 1), dtype=bool)
    marginal = RandomEffects(size, mask, np.ones(mask.shape), correlated=True)
    share = (design.clusters or Clusters(1, 0.0)).icc
    start = variance * np.array([max(share, 0.05), 1.0 - share])
    found = fits_of(plan_of_tables(RULE, mask, combination, marginal, start), tables)
    reason = np.array(found.notes, dtype=object)
    return tested(
        estimate=found.estimate[:, 0],
        std_error=found.std_error[:, 0],
        df=found.df[:, 0],
        level=question.level,
        reason=np.where(tables.size[:, 0] == 0.0, ALONE, reason),
    )


def _tables(x: FloatArray, people: np.ndarray, starts: np.ndarray, largest: int) -> Tables:
    """Return the cross products within clusters, then those of the sums of clusters of each size.

    x holds [X y], zero where missing, shape (b, n, c); `people` who are seen of each cluster.
    """
    sums = np.add.reduceat(x, starts, axis=1)
    rest = np.swapaxes(x, 1, 2) @ x
    parts, sizes = [], []
    for m in range(1, largest + 1):
        own = people == m
        between = np.swapaxes(sums * own[:, :, None], 1, 2) @ sums / m
        rest = rest - between
        parts.append(between)
        sizes.append(own.sum(axis=1).astype(float))
    within = (people - (people > 0)).sum(axis=1).astype(float)
    size = np.stack([within, *sizes], axis=1)
    # Where nothing is left the sums are zero, not what rounding leaves of them.
    rest = np.where(within[:, None, None] > 0.0, rest, 0.0)
    products = np.stack([pack(one) for one in (rest, *parts)], axis=1)[:, :, None]
    return Tables(products=products, size=size, n_obs=size.sum(axis=1))
