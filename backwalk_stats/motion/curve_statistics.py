"""Test statistics of whole curves: one t or F at every node, with what is left over.

Curves are arrays of shape (n, nodes). Every function returns a `CurveStatistic` whose residuals
are free of everything that the model explains, participant effects included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.motion.curve_shapes import curves, same_nodes, two_arms, varying, visits_of
from backwalk_stats.motion.random_field import FField, Field, TField
from backwalk_stats.registry import Shown


@dataclass(frozen=True, slots=True, repr=False)
class UnequalT(Shown):
    """A curve of t statistics whose degrees of freedom differ from node to node.

    Attributes
    ----------
    df : array, shape (nodes,)
    """

    df: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CurveStatistic(Shown):
    """A statistic at every node.

    Attributes
    ----------
    values : array, shape (nodes,)
        t (signed) or F.
    field : TField, FField, T2Field or UnequalT
        Its distribution where nothing differs.
    residuals : array, shape (rows, nodes)
    estimate, std_error : array, shape (nodes,)
        What a t tests: a difference of means, or a slope. NaN for F.
    """

    values: FloatArray
    field: Field | UnequalT
    residuals: FloatArray
    estimate: FloatArray
    std_error: FloatArray

    @property
    def two_sided(self) -> bool:
        """Tell whether the statistic has a sign."""
        return isinstance(self.field, TField | UnequalT)


def one_sample(y: FloatArray) -> CurveStatistic:
    """Return t of the mean curve against zero; paired curves are tested by their differences.

    Parameters
    ----------
    y : array, shape (n, nodes)

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Examples
    --------
    >>> found = one_sample(np.array([[1.0, 2.0], [2.0, 2.5], [3.0, 1.5]]))
    >>> found.values.round(4).tolist(), found.field.df
    ([3.4641, 6.9282], 2.0)
    """
    y = curves(y, least=2)
    n = len(y)
    mean = y.mean(axis=0)
    residuals = y - mean
    variance = varying(residuals, y) / (n - 1)
    return _t(estimate=mean, std_error=np.sqrt(variance / n), df=n - 1.0, residuals=residuals)


def two_sample(y: FloatArray, reference: FloatArray) -> CurveStatistic:
    """Return t of the difference of two mean curves, the variance pooled.

    Parameters
    ----------
    y, reference : array, shape (n, nodes)
        The estimate is the mean of `y` minus that of `reference`.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError
        If the arrays do not fit together.
    NotEstimable
        If there are too few curves, or a node does not vary.

    Examples
    --------
    >>> found = two_sample(np.array([[2.0], [3.0], [4.0]]), np.array([[1.0], [2.0], [3.0]]))
    >>> found.estimate.tolist(), found.values.round(4).tolist(), found.field.df
    ([1.0], [1.2247], 4.0)
    """
    one, other = curves(y, least=2), curves(reference, least=2)
    same_nodes(one, other)
    estimate = one.mean(axis=0) - other.mean(axis=0)
    residuals = np.concatenate([one - one.mean(axis=0), other - other.mean(axis=0)])
    df = len(one) + len(other) - 2.0
    variance = varying(residuals, np.concatenate([one, other])) / df
    error = np.sqrt(variance * (1.0 / len(one) + 1.0 / len(other)))
    return _t(estimate=estimate, std_error=error, df=df, residuals=residuals)


def welch(y: FloatArray, reference: FloatArray) -> CurveStatistic:
    """Return Welch's t of the difference of two mean curves, each arm with its own variance.

    Parameters
    ----------
    y, reference : array, shape (n, nodes)
        The estimate is the mean of `y` minus that of `reference`.

    Returns
    -------
    CurveStatistic
        `.field.df` by node after Welch (1947, Biometrika 34:28-35) and Satterthwaite.

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`; a node at which one arm alone varies is no fault.

    Examples
    --------
    >>> found = welch(np.array([[2.0], [3.0], [4.0]]), np.array([[1.0], [2.0], [6.0]]))
    >>> found.values.round(4).tolist(), found.field.df.round(4).tolist()
    ([0.0], [2.56])
    """
    one, other = curves(y, least=2), curves(reference, least=2)
    same_nodes(one, other)
    rest = [one - one.mean(axis=0), other - other.mean(axis=0)]
    residuals = np.concatenate(rest)
    varying(residuals, np.concatenate([one, other]))
    shares = [(part**2).sum(axis=0) / (len(part) - 1.0) / len(part) for part in rest]
    variance = shares[0] + shares[1]
    parts = [share**2 / (len(part) - 1.0) for share, part in zip(shares, rest, strict=True)]
    estimate, error = one.mean(axis=0) - other.mean(axis=0), np.sqrt(variance)
    return CurveStatistic(
        values=estimate / error,
        field=UnequalT(variance**2 / (parts[0] + parts[1])),
        residuals=residuals,
        estimate=estimate,
        std_error=error,
    )


def regression(y: FloatArray, x: FloatArray) -> CurveStatistic:
    """Return t of the slope of curves on a covariate.

    Parameters
    ----------
    y : array, shape (n, nodes)
    x : array, shape (n,)
        One number a curve; the estimate is the change of the curve for one unit of it.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`.

    Examples
    --------
    >>> x = np.arange(6.0)
    >>> noise = np.array([0.1, -0.1, 0.0, 0.1, -0.1, 0.0])
    >>> regression((2.0 * x + noise)[:, None], x).estimate.round(2).tolist()
    [1.99]
    """
    y, x = curves(y, least=3), np.asarray(x, dtype=float)
    if x.shape != (len(y),) or not np.isfinite(x).all():
        raise NotEstimable("the covariate needs one finite number for each curve")
    centred = x - x.mean()
    spread = float(centred @ centred)
    if spread <= 0.0:
        raise NotEstimable("the covariate does not vary: there is no slope")
    slope = centred @ y / spread
    residuals = y - y.mean(axis=0) - np.outer(centred, slope)
    df = len(y) - 2.0
    error = np.sqrt(varying(residuals, y) / df / spread)
    return _t(estimate=slope, std_error=error, df=df, residuals=residuals)


def one_way(y: FloatArray, groups: np.ndarray) -> CurveStatistic:
    """Return F of equal mean curves in independent groups.

    Parameters
    ----------
    y : array, shape (n, nodes)
    groups : array, shape (n,)
        The group of each curve.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 3))
    >>> found = one_way(y, np.repeat([0, 1], 4))
    >>> bool(np.allclose(found.values, two_sample(y[4:], y[:4]).values ** 2))
    True
    """
    y = curves(y, least=3)
    levels, code = np.unique(groups, return_inverse=True)
    if len(levels) < 2:
        raise NotEstimable("one group: there is nothing to compare")
    indicator = np.eye(len(levels))[code]
    size = indicator.sum(axis=0)
    means = indicator.T @ y / size[:, None]
    residuals = y - means[code]
    between = (size[:, None] * (means - y.mean(axis=0)) ** 2).sum(axis=0)
    return _f(between, df_num=len(levels) - 1.0, df_den=float(len(y) - len(levels)), rest=residuals)


def ancova(
    y: FloatArray, arm: np.ndarray, baseline: FloatArray, covariates: FloatArray | None = None
) -> CurveStatistic:
    """Return t of an arm, adjusted at each node for the baseline curve at the same node.

    Parameters
    ----------
    y, baseline : array, shape (n, nodes)
        Curves after and before treatment.
    arm : array of bool, shape (n,)
        True for the arm whose mean comes first in the difference.
    covariates : array, shape (n, k), optional
        Further numbers, the same at every node.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> before = rng.normal(size=(10, 3))
    >>> after = before + rng.normal(size=(10, 3))
    >>> ancova(after, np.arange(10) < 5, before).values.shape
    (3,)
    """
    y, baseline = curves(y, least=4), curves(baseline, least=4)
    same_nodes(y, baseline)
    design = reduced_design(baseline, covariates)
    treated = two_arms(arm, len(y))
    df = len(y) - design.shape[2] - 1.0
    if df < 1.0:
        raise NotEstimable("too few curves for so many covariates")
    arm_rest = orthogonal_to(design, np.broadcast_to(treated, (y.shape[1], len(y))))
    y_rest = orthogonal_to(design, y.T)
    spread = (arm_rest**2).sum(axis=1)
    if not (spread > 1e-10).all():
        raise NotEstimable("at a node the baseline and covariates determine the arm")
    estimate = (arm_rest * y_rest).sum(axis=1) / spread
    residuals = (y_rest - estimate[:, None] * arm_rest).T
    error = np.sqrt(varying(residuals) / df / spread)
    return _t(estimate=estimate, std_error=error, df=df, residuals=residuals)


def repeated_measures(y: FloatArray) -> CurveStatistic:
    """Return F of equal mean curves at every visit, within participants.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
        Complete: a curve for each participant at each visit.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 2, 3))
    >>> found = repeated_measures(y)
    >>> bool(np.allclose(found.values, one_sample(y[:, 1] - y[:, 0]).values ** 2))
    True
    """
    y = visits_of(y, least=2)
    n, visits, _ = y.shape
    centred = y - y.mean(axis=1, keepdims=True)
    profile = centred.mean(axis=0)
    residuals = (centred - profile).reshape(n * visits, -1)
    between = n * (profile**2).sum(axis=0)
    return _f(between, df_num=visits - 1.0, df_den=(n - 1.0) * (visits - 1.0), rest=residuals)


def arm_by_visit(y: FloatArray, arm: np.ndarray) -> CurveStatistic:
    """Return F of the interaction of arm and visit, large where mean curves change differently.

    With two visits it is the square of `two_sample` on the changes.

    Parameters
    ----------
    y : array, shape (n, visits, nodes)
        Complete: a curve for each participant at each visit.
    arm : array, shape (n,)
        The arm of each participant.

    Returns
    -------
    CurveStatistic
        `.values` and `.estimate` by node, `.residuals`, `.field` (which statistic, and its df).

    Raises
    ------
    UsageError, NotEstimable
        As `two_sample`.

    Examples
    --------
    >>> y = np.random.default_rng(1).normal(size=(8, 2, 3))
    >>> found = arm_by_visit(y, np.arange(8) < 4)
    >>> bool(np.allclose(found.values, two_sample(*np.split(y[:, 1] - y[:, 0], 2)).values ** 2))
    True
    """
    y = visits_of(y, least=3)
    n, visits, _ = y.shape
    levels, code = np.unique(arm, return_inverse=True)
    if len(levels) < 2:
        raise NotEstimable("one arm: there is nothing to compare")
    indicator = np.eye(len(levels))[code]
    size = indicator.sum(axis=0)
    centred = y - y.mean(axis=1, keepdims=True)
    means = np.einsum("na,nvq->avq", indicator, centred) / size[:, None, None]
    residuals = (centred - means[code]).reshape(n * visits, -1)
    shift = means - centred.mean(axis=0)
    between = (size[:, None, None] * shift**2).sum(axis=(0, 1))
    df_num = (len(levels) - 1.0) * (visits - 1.0)
    df_den = float((n - len(levels)) * (visits - 1))
    return _f(between, df_num=df_num, df_den=df_den, rest=residuals)


def reduced_design(baseline: FloatArray, covariates: FloatArray | None = None) -> FloatArray:
    """Return an orthonormal basis of intercept, covariates and baseline, shape (nodes, n, k)."""
    n, nodes = baseline.shape
    fixed = np.ones((n, 1))
    if covariates is not None:
        fixed = np.column_stack([fixed, np.asarray(covariates, dtype=float)])
    design = np.concatenate(
        [np.broadcast_to(fixed, (nodes, *fixed.shape)), baseline.T[:, :, None]], axis=2
    )
    centre = design.mean(axis=1, keepdims=True)
    centre[:, :, 0] = 0.0
    q, r = np.linalg.qr(design - centre)
    size = np.abs(np.diagonal(r, axis1=1, axis2=2))
    norms = np.linalg.norm(design, axis=1)
    if not (size > 1e-10 * np.maximum(norms, 1e-300)).all():
        raise NotEstimable("at a node the baseline does not vary, or a covariate determines it")
    return np.asarray(q)


def orthogonal_to(basis: FloatArray, rows: FloatArray) -> FloatArray:
    """Return rows of shape (nodes, n) without their part in an orthonormal basis per node."""
    share = np.einsum("qnk,qn->qk", basis, rows)
    return np.asarray(rows - np.einsum("qnk,qk->qn", basis, share))


def _t(
    *, estimate: FloatArray, std_error: FloatArray, df: float, residuals: FloatArray
) -> CurveStatistic:
    return CurveStatistic(
        values=estimate / std_error,
        field=TField(df),
        residuals=residuals,
        estimate=estimate,
        std_error=std_error,
    )


def _f(between: FloatArray, *, df_num: float, df_den: float, rest: FloatArray) -> CurveStatistic:
    if df_den < 1.0:
        raise NotEstimable("too few curves: no degree of freedom is left")
    values = (between / df_num) / (varying(rest) / df_den)
    nothing = np.full(values.shape, np.nan)
    return CurveStatistic(
        values=values,
        field=FField(df_num, df_den),
        residuals=rest,
        estimate=nothing,
        std_error=nothing,
    )
