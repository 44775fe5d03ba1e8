"""What is compared with what: the statistic of a design, and how its curves are relabelled.

Both doors to whole-curve tests, a motion file and arrays, come through here: a `Design` is a
statistic and its null, and `tested` answers it by permutation, random fields or cluster mass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Protocol

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion import permutation
from backwalk_stats.motion.curve_models import linear_curves, vector_curves
from backwalk_stats.motion.curve_statistics import CurveStatistic
from backwalk_stats.motion.curve_tests import (
    CurveTest,
    cluster_mass_test,
    permutation_test,
    random_field_test,
)
from backwalk_stats.motion.largest_statistic import MaxNull, Search, Summary
from backwalk_stats.registry import Shown


class Null(Protocol):
    """Makes the permutation null of a design."""

    def __call__(self, *, permutations: int, seed: int, summary: Summary) -> MaxNull:
        """Return what relabellings give, each summarised to one number."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Design(Shown):
    """A statistic at every node, and how the curves behind it are relabelled.

    Attributes
    ----------
    statistic : CurveStatistic
    null : function
        From `permutations`, `seed` and a `summary` to the `MaxNull`, of searched nodes only.
    """

    statistic: CurveStatistic
    null: Null


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Effort(Shown):
    """How many relabellings are tried, and from which seed they are drawn."""

    permutations: int
    seed: int


Arrays = tuple[FloatArray, ...]
Measure = Callable[..., CurveStatistic]
Relabel = Callable[..., MaxNull]


def designed(
    curves: Arrays, measure: Measure, relabel: Relabel, *, roi: np.ndarray | None = None
) -> Design:
    """Return a design of arrays whose second axis is nodes.

    `measure` makes the statistic from the arrays, and `relabel` the null. Where only some nodes are
    searched, others need not vary: the statistic is NaN there.
    """
    searched = curves if roi is None else tuple(one[:, roi] for one in curves)
    try:
        statistic = measure(*curves)
    except NotEstimable:
        if roi is None:
            raise
        statistic = _spread(measure(*searched), roi)

    def null(*, permutations: int, seed: int, summary: Summary) -> MaxNull:
        return relabel(*searched, permutations=permutations, seed=seed, summary=summary)

    return Design(statistic=statistic, null=null)


def _spread(found: CurveStatistic, roi: np.ndarray) -> CurveStatistic:
    """Return a statistic of some nodes as one of all nodes, NaN at the others."""

    def whole(values: FloatArray) -> FloatArray:
        out = np.full((len(roi), *values.shape[1:]), np.nan)
        out[roi] = values
        return out

    residuals = np.full((len(found.residuals), len(roi), *found.residuals.shape[2:]), np.nan)
    residuals[:, roi] = found.residuals
    field = found.field
    if isinstance(field, statistics.UnequalT):
        field = statistics.UnequalT(whole(field.df))
    return replace(
        found,
        values=whole(found.values),
        estimate=whole(found.estimate),
        std_error=whole(found.std_error),
        residuals=residuals,
        field=field,
    )


def tested(
    design: Design,
    search: Search,
    *,
    method: str = "permutation",
    alpha: float = 0.05,
    height: float = float("nan"),
    effort: Effort,
) -> tuple[CurveTest, int]:
    """Return the test of a design, and how many relabellings it rests on (0 by random fields).

    `method` is "permutation", "random-field" or "cluster-mass", the last with the `height` from
    which nodes form runs.
    """
    found = design.statistic
    if method == "random-field":
        return random_field_test(found, alpha=alpha, search=search), 0
    summary = search.heaviest(height) if method == "cluster-mass" else search.largest
    null = design.null(permutations=effort.permutations, seed=effort.seed, summary=summary)
    if method == "cluster-mass":
        test = cluster_mass_test(found, null, height=height, alpha=alpha, search=search)
    else:
        test = permutation_test(found, null, alpha=alpha, search=search)
    return test, len(null.heights)


# Designs by name.


def mean_design(
    y: FloatArray, covariates: FloatArray | None = None, *, roi: np.ndarray | None = None
) -> Design:
    """Return the mean of curves (n, nodes) against zero; covariates are centred."""
    if covariates is None:
        return designed((y,), statistics.one_sample, permutation.sign_null, roi=roi)
    centred = covariates - covariates.mean(axis=0)
    return _linear(y, np.ones((len(y), 1)), centred, signs=True, roi=roi)


def difference_design(
    y: FloatArray,
    reference: FloatArray,
    covariates: FloatArray | None = None,
    *,
    roi: np.ndarray | None = None,
) -> Design:
    """Return two means, the variance pooled; covariates are of `y`, then of `reference`."""
    if covariates is None:
        pair = (y, reference)
        return designed(pair, statistics.two_sample, permutation.two_sample_null, roi=roi)
    pooled = np.concatenate([y, reference])
    first = (np.arange(len(pooled)) < len(y)).astype(float)
    return _linear(pooled, first[:, None], _with_mean(covariates), roi=roi)


def welch_design(y: FloatArray, reference: FloatArray, *, roi: np.ndarray | None = None) -> Design:
    """Return two means, each with its own variance."""
    return designed((y, reference), statistics.welch, permutation.welch_null, roi=roi)


def slope_design(
    y: FloatArray,
    x: FloatArray,
    covariates: FloatArray | None = None,
    *,
    roi: np.ndarray | None = None,
) -> Design:
    """Return the slope of curves on one number a curve, shape (n,)."""
    if covariates is not None:
        return _linear(y, x[:, None], _with_mean(covariates), roi=roi)

    def measure(curves: FloatArray) -> CurveStatistic:
        return statistics.regression(curves, x)

    def relabel(curves: FloatArray, *, permutations: int, seed: int, summary: Summary) -> MaxNull:
        return permutation.regression_null(
            curves, x, permutations=permutations, seed=seed, summary=summary
        )

    return designed((y,), measure, relabel, roi=roi)


def groups_design(
    groups: Sequence[FloatArray],
    covariates: FloatArray | None = None,
    *,
    roi: np.ndarray | None = None,
) -> Design:
    """Return equal means of several groups of curves, each (n, nodes)."""
    y, code = np.concatenate(groups), _codes(groups)
    if covariates is not None:
        return _linear(y, _dummies(code), _with_mean(covariates), roi=roi)

    def measure(curves: FloatArray) -> CurveStatistic:
        return statistics.one_way(curves, code)

    def relabel(curves: FloatArray, *, permutations: int, seed: int, summary: Summary) -> MaxNull:
        return permutation.one_way_null(
            curves, code, permutations=permutations, seed=seed, summary=summary
        )

    return designed((y,), measure, relabel, roi=roi)


def vector_mean_design(y: FloatArray, *, roi: np.ndarray | None = None) -> Design:
    """Return the mean of vector curves (n, nodes, components) against zero."""
    measure, relabel = vector_curves.hotelling_one_sample, vector_curves.hotelling_sign_null
    return designed((y,), measure, relabel, roi=roi)


def vector_difference_design(
    y: FloatArray, reference: FloatArray, *, roi: np.ndarray | None = None
) -> Design:
    """Return two means of vector curves (n, nodes, components)."""
    measure = vector_curves.hotelling_two_sample
    relabel = vector_curves.hotelling_two_sample_null
    return designed((y, reference), measure, relabel, roi=roi)


def _linear(
    y: FloatArray,
    tested_columns: FloatArray,
    nuisance: FloatArray,
    *,
    signs: bool = False,
    roi: np.ndarray | None = None,
) -> Design:
    model = linear_curves.columns(tested_columns, nuisance)

    def measure(curves: FloatArray) -> CurveStatistic:
        return linear_curves.linear_model(curves, model)

    def relabel(curves: FloatArray, *, permutations: int, seed: int, summary: Summary) -> MaxNull:
        return linear_curves.linear_null(
            curves, model, signs=signs, permutations=permutations, seed=seed, summary=summary
        )

    return designed((y,), measure, relabel, roi=roi)


# Which groups differ, after an F test.


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class PairTest(Shown):
    """Two of several groups.

    Attributes
    ----------
    first, second : int
        Places of the groups; the difference is the first minus the second.
    peak : float
        The most extreme t of the pair.
    p_value : float
        Adjusted over pairs and nodes.
    """

    first: int
    second: int
    peak: float
    p_value: float


def pair_tests(
    groups: Sequence[FloatArray],
    covariates: FloatArray | None = None,
    *,
    roi: np.ndarray | None = None,
    effort: Effort,
) -> tuple[PairTest, ...]:
    """Return every pair of groups by the single step: largest |t| over pairs and nodes.

    t has the variance of all groups; relabellings are those of the F test.
    """
    y, code = np.concatenate(groups), _codes(groups)
    y = y if roi is None else y[:, roi]
    nuisance = np.ones((len(y), 1)) if covariates is None else _with_mean(covariates)
    model = linear_curves.columns(_dummies(code), nuisance)
    pairs = list(combinations(range(len(groups)), 2))
    unit = np.eye(len(groups))[:, 1:]
    contrasts = np.array([unit[one] - unit[other] for one, other in pairs])
    t, null = linear_curves.pairs_null(
        y,
        model,
        contrasts,
        groups=code if covariates is None else None,
        permutations=effort.permutations,
        seed=effort.seed,
    )
    return tuple(
        PairTest(
            first=one,
            second=other,
            peak=float(row[np.abs(row).argmax()]),
            p_value=float(null.p_value(np.abs(row).max())),
        )
        for (one, other), row in zip(pairs, t, strict=True)
    )


def field_pair_tests(groups: Sequence[FloatArray], search: Search) -> tuple[PairTest, ...]:
    """Return every pair of groups by random fields, two-sample t, p after Sidak over the pairs."""
    pairs = list(combinations(range(len(groups)), 2))
    found = []
    for one, other in pairs:
        alone = replace(search, signed=True)
        test = random_field_test(statistics.two_sample(groups[one], groups[other]), search=alone)
        values = np.where(alone.where(len(test.p_nodes)), test.statistic.values, 0.0)
        found.append(
            PairTest(
                first=one,
                second=other,
                peak=float(values[np.abs(values).argmax()]),
                p_value=float(-np.expm1(len(pairs) * np.log1p(-test.p_value)))
                if test.p_value < 1.0
                else 1.0,
            )
        )
    return tuple(found)


def _codes(groups: Sequence[FloatArray]) -> np.ndarray:
    """Return the place of the group of each curve, shape (n,)."""
    return np.repeat(np.arange(len(groups)), [len(one) for one in groups])


def _dummies(code: np.ndarray) -> FloatArray:
    """Return one column a group after the first."""
    return np.asarray(np.eye(int(code.max()) + 1)[code][:, 1:])


def _with_mean(covariates: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(covariates)), covariates])
