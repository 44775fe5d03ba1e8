"""Contrasts of marginal means: what is compared with what, and what it is called.

Every contrast is later minus earlier in the order of the levels, unless weights of one's own say
otherwise. P-values are adjusted for their number where that is asked. At the end stand the four
frames that every fitted model shows of its coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from backwalk_stats.engine import simultaneous
from backwalk_stats.engine.mixed.contrasts import JointTest
from backwalk_stats.engine.numbers import Estimate, FloatArray, array, shifted
from backwalk_stats.errors import UsageError, printable
from backwalk_stats.models.columns.trial_columns import AN_ORDER, level_of
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.marginal_means import (
    OFFSET,
    factor_named,
    grid,
    hypothesis,
    names_of,
    refuse_taken,
)
from backwalk_stats.models.fit.summary import estimate_columns
from backwalk_stats.models.formula.design import Design, Factor
from backwalk_stats.trial.tables import ESTIMATES

METHODS = ("reference", "pairwise", "consecutive", "change")
IN_ORDER = ("consecutive", "change")
ADJUSTMENTS = ("none", "holm", "bonferroni", "sidak", "tukey", "dunnett")
TYPES = (2, 3)
EFFECT_SIZES = ("partial-eta-squared",)
Weights = Mapping[str, Mapping[object, float] | Sequence[float]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """Contrasts as combinations of coefficients.

    Attributes
    ----------
    rows : array, shape (l, p)
    labels : dict of str to list
        Their label columns.
    family : int
        How many follow each other within one level of the other factors.
    means : int
        How many levels they compare.
    """

    rows: FloatArray
    labels: dict[str, list[object]]
    family: int
    means: int


def compared(
    design: Design,
    factor: str,
    by: Sequence[str],
    *,
    method: str | Weights,
    reference: object,
    at: Mapping[str, float] | None,
) -> Compared:
    """Return the contrasts of a factor's marginal means, within each level of others.

    `design`: of the fitted model. `factor`: column of the factor whose levels are compared. `by`:
    columns of factors within whose levels they are compared. `method`: "reference": each other
    level minus the reference; "pairwise": each level minus each before it; "consecutive": each
    level minus the one before it; "change": as "reference", and then the differences of these
    between the levels of the one factor in `by`; or weights of one's own: a name for each contrast,
    and a weight for each level (in order, or by level). `reference`: the level to compare with;
    None is the first. `at`: as in `grid`. Raises UsageError if a factor, level or method does not
    exist, or weights do not sum to zero.
    """
    one = factor_named(design, factor)
    refuse_taken(by, ("contrast", *_beside(design)))
    weights, names = _weights(one, method, reference)
    found = grid(design, (factor, *by), at=at)
    size = len(one.levels)
    blocks = found.rows.reshape(-1, size, found.rows.shape[1])
    rows = np.einsum("cl,blp->bcp", weights, blocks)
    labels: dict[str, list[object]] = {"contrast": [*names] * len(blocks)}
    for name in by:
        labels[name] = [label for label in found.labels[name][::size] for _ in names]
    flat = rows.reshape(-1, rows.shape[2])
    if method == "change":
        return _with_differences(design, by, flat, labels, names)
    return Compared(rows=flat, labels=labels, family=len(names), means=size)


def _beside(design: Design) -> tuple[str, ...]:
    """Return the columns that a result has beside its labels."""
    return (*ESTIMATES, OFFSET) if design.offsets else ESTIMATES


def _with_differences(
    design: Design,
    by: Sequence[str],
    rows: FloatArray,
    labels: dict[str, list[object]],
    names: Sequence[str],
) -> Compared:
    """Add to the changes within each level of `by` each later level's minus the first's."""
    if len(by) != 1:
        raise UsageError("method 'change' compares between the levels of one factor: give it as by")
    one = factor_named(design, by[0])
    size = len(names)
    first = rows[:size]
    more = [rows[size * k : size * (k + 1)] - first for k in range(1, len(one.levels))]
    text = [f"{one.labels[k]} - {one.labels[0]}" for k in range(1, len(one.levels))]
    return Compared(
        rows=np.concatenate([rows, *more]),
        labels={
            "contrast": labels["contrast"] + list(names) * len(text),
            by[0]: labels[by[0]] + [label for label in text for _ in names],
        },
        family=size,
        means=size + 1,
    )


def _weights(
    one: Factor, method: str | Weights, reference: object
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the weight of each level in each contrast, shape (c, levels), and their names."""
    if len(one.levels) < 2:
        raise UsageError(f"{one.name} has one level in the data: nothing to compare")
    if isinstance(method, Mapping) and method:
        return _own_weights(one, method)
    if not isinstance(method, str) or method not in METHODS:
        told = printable(repr(method), 40)
        raise UsageError(f"method is {told}; it is one of {', '.join(METHODS)}, or weights")
    if method in IN_ORDER and not one.ordered:
        raise UsageError(
            f"{one.name}: method {method!r} needs an order, and the levels are text without one; "
            + AN_ORDER.format(one.name)
        )
    last = range(len(one.levels))
    base = 0 if reference is None else _level(one, reference)
    pairs = {
        "reference": [(later, base) for later in last if later != base],
        "change": [(later, base) for later in last if later != base],
        "pairwise": [(later, first) for later in last for first in range(later)],
        "consecutive": [(later, later - 1) for later in last if later],
    }[method]
    out = np.zeros((len(pairs), len(one.levels)))
    for index, (later, first) in enumerate(pairs):
        out[index, later], out[index, first] = 1.0, -1.0
    return out, tuple(f"{one.labels[later]} - {one.labels[first]}" for later, first in pairs)


def _own_weights(one: Factor, given: Weights) -> tuple[FloatArray, tuple[str, ...]]:
    out = np.zeros((len(given), len(one.levels)))
    for index, (name, weights) in enumerate(given.items()):
        if isinstance(weights, Mapping):
            for level, weight in weights.items():
                out[index, _level(one, level)] = weight
        elif len(weights) == len(one.levels):
            out[index] = weights
        else:
            raise UsageError(
                f"contrast {name!r}: {one.name} has {len(one.levels)} levels, found "
                f"{len(weights)} weights"
            )
        if not np.isfinite(out[index]).all() or abs(out[index].sum()) > 1e-9:
            raise UsageError(f"contrast {name!r}: the weights must sum to 0")
        if not out[index].any():
            raise UsageError(f"contrast {name!r}: every weight is 0")
    return out, tuple(given)


def _level(one: Factor, level: object) -> int:
    return level_of(one.levels, level, one.name)


# A family: the contrasts of one level of the other factors (of one visit), adjusted together.


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked of contrasts beside their estimates.

    Attributes
    ----------
    null : float
        Subtracted in the statistic.
    alternative : str
        "two-sided", "less" or "greater".
    adjust : str or None
        One of `ADJUSTMENTS`; None, or "none", for each contrast alone.
    level : float
        Confidence level, of a family where there is an adjustment.
    """

    null: float = 0.0
    alternative: str = "two-sided"
    adjust: str | None = None
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse choices that do not exist."""
        check_level(self.level)
        check_choice("alternative", self.alternative, simultaneous.ALTERNATIVES)
        if self.adjust is not None:
            check_choice("adjust", self.adjust, ADJUSTMENTS)
        if self.adjust == "none":
            object.__setattr__(self, "adjust", None)
        given: object = self.null
        number = isinstance(given, int | float | np.number) and not isinstance(given, bool)
        if not number or not np.isfinite(self.null):
            told = printable(repr(given), 40)
            raise UsageError(f"null is {told}; expected one finite number, as 4.0")

    @property
    def plain(self) -> bool:
        """Tell whether each contrast is tested alone, on two sides, against 0."""
        return self == Question(level=self.level)

    def check_method(self, method: object) -> None:
        """Refuse an adjustment that is not made for the contrasts that are asked for."""
        found = method if isinstance(method, str) else "weights of one's own"
        if self.adjust == "tukey" and found != "pairwise":
            raise UsageError(
                f"adjust='tukey' is for all pairs, and the contrasts are {found}: take "
                "method='pairwise', or adjust='dunnett' with a reference, else 'holm'"
            )
        if self.adjust == "tukey" and self.alternative != "two-sided":
            raise UsageError(
                f"adjust='tukey' has two sides and alternative is {self.alternative!r}: take "
                "adjust='sidak' or 'holm', or alternative='two-sided'"
            )
        if self.adjust == "dunnett" and found != "reference":
            raise UsageError(
                f"adjust='dunnett' compares with one reference, and the contrasts are {found}: "
                "take method='reference', or adjust='tukey' for all pairs, else 'holm'"
            )


def answered(
    found: Estimate, covariance: FloatArray | None, question: Question, *, family: int, means: int
) -> Estimate:
    """Return contrasts tested as asked, those of each family adjusted together.

    `found`: tested alone. `covariance` (shape (l, l)): theirs, for Dunnett's
    method alone. `family`: how many follow each
    other in one family. `means`: how many levels they compare.
    """
    alone = simultaneous.one_by_one(
        estimate=array(found.estimate),
        std_error=array(found.std_error),
        df=array(found.df),
        null=question.null,
        alternative=question.alternative,
        level=question.level,
    )
    if question.adjust is None or family == 1:
        return alone
    covered = array(alone.estimate)
    parts = [
        _family(alone, covariance, slice(at, at + family), question, means)
        for at in range(0, len(covered), family)
    ]
    p, margin = (np.concatenate(one) for one in zip(*parts, strict=True))
    low, high = simultaneous.limits(
        estimate=covered, margin=margin, alternative=question.alternative
    )
    return replace(alone, p_value=p, conf_low=low, conf_high=high)


def _family(
    alone: Estimate, covariance: FloatArray | None, own: slice, question: Question, means: int
) -> tuple[FloatArray, FloatArray]:
    """Return adjusted p-values and half-widths of limits of one family, both of shape (m,)."""
    p, error, df = (array(one)[own] for one in (alone.p_value, alone.std_error, alone.df))
    t, count, level = array(alone.statistic)[own], len(p), question.level
    if np.isnan(p).any():
        return np.full(count, np.nan), np.full(count, np.nan)
    if question.adjust == "tukey":
        width = simultaneous.range_quantile(level, means, df)
        return simultaneous.range_p(t, means, df), width * error
    if covariance is not None:
        shared = simultaneous.correlation_of(covariance[own, own])
        side = question.alternative
        width = simultaneous.many_to_one_quantile(level, shared, df, side)
        return simultaneous.many_to_one_p(t, shared, df, side), width * error
    if question.adjust == "holm":
        return simultaneous.holm_p(p), np.full(count, np.nan)
    sidak = question.adjust == "sidak"
    share = level ** (1.0 / count) if sidak else 1.0 - (1.0 - level) / count
    width = simultaneous.half_width(level=share, df=df, alternative=question.alternative)
    p = simultaneous.sidak_p(p, count) if sidak else np.minimum(1.0, count * p)
    return p, width * error


def _told(question: Question, family: int, by: Sequence[str]) -> str:
    """Return what was asked of contrasts, for the column `notes`."""
    parts = []
    if question.null:
        parts.append(f"tested against {question.null:g}")
    if question.alternative != "two-sided":
        parts.append(f"one-sided ({question.alternative}): one limit, at level {question.level:g}")
    if question.adjust is not None:
        where = f" within {' and '.join(by)}" if by else ""
        parts.append(f"{question.adjust}: {family} contrasts are a family{where}")
    if question.adjust == "holm" and family > 1:
        parts.append("Holm's method has no simultaneous limits")
    elif question.adjust is not None:
        parts.append("limits are simultaneous")
    return "; ".join(parts)


class Fixed(Protocol):
    """Fixed effects with their covariance."""

    @property
    def covariance(self) -> FloatArray:
        """Return the covariance of the coefficients, shape (p, p)."""


class Tested(Protocol):
    """What the views need of a fitted model; each of them is a method of its record."""

    @property
    def design(self) -> Design:
        """Return the coding of the fixed effects."""

    @property
    def inference(self) -> Fixed:
        """Return the fixed effects with their covariance."""

    def tested(self, combinations: FloatArray, *, level: float = 0.95) -> Estimate:
        """Return tests of linear combinations of the coefficients, shape (l, p)."""

    def jointly(self, combinations: FloatArray) -> JointTest:
        """Return the F test that all combinations, shape (l, p), are zero."""


def coefficients(self: Tested, *, level: float = 0.95) -> pd.DataFrame:
    """Return the coefficients of the fixed effects.

    Returns
    -------
    DataFrame
        term, estimate, conf_low, conf_high, p_value, std_error, df, statistic; terms named and
        ordered as R's `lm` does. Of a mixed model that did not converge all but the estimates are
        NaN; an exact linear fit has standard errors of zero and no tests.
    """
    found = self.tested(np.eye(len(self.design.columns)), level=level)
    return pd.DataFrame({"term": list(self.design.names), **estimate_columns(found)})


def marginal_means(
    self: Tested,
    factors: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    *,
    at: Mapping[str, float] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return adjusted means: other factors weighed equally, covariates at their mean.

    Parameters
    ----------
    factors, by : str or sequence of str
        Columns of factors of the model; a mean for each combination of their levels.
    at : mapping, optional
        Numeric covariates to hold elsewhere than at their mean over the rows used.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        A column for each factor, then estimate, conf_low, conf_high, p_value (against
        zero), std_error, df, statistic; the first factor varies fastest. Where the model has an
        offset, the column "offset" says at what it is held: its mean over the rows used.
    """
    names = (*names_of(factors), *names_of(by))
    refuse_taken(names, _beside(self.design))
    found = grid(self.design, names, at=at)
    tested = shifted(self.tested(found.rows, level=level), found.offset, level=level)
    return pd.DataFrame({**found.labels, **estimate_columns(tested)})


def contrasts(
    self: Tested,
    factor: str,
    by: str | Sequence[str] | None = None,
    *,
    method: str | Weights = "reference",
    reference: object = None,
    at: Mapping[str, float] | None = None,
    null: float = 0.0,
    alternative: str = "two-sided",
    adjust: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return differences of marginal means, later minus earlier.

    Parameters
    ----------
    factor : str
        Column of the factor whose levels are compared.
    by : str or sequence of str, optional
        Columns of factors within whose levels they are compared.
    method : str or mapping
        "reference" (each other level minus the first), "pairwise", "consecutive", "change"
        (with the visits as factor and the arm as `by`: changes from the first visit, and their
        differences between arms), or weights: {"name": [weight of each level]}.
    reference : object, optional
        The level to subtract, instead of the first.
    at : mapping, optional
        Numeric covariates to hold elsewhere than at their mean.
    null : float
        The difference under the null hypothesis, in units of the outcome: a margin of
        noninferiority, say.
    alternative : str
        "two-sided", "less" or "greater" than `null`: one limit at `level`, the other infinite.
    adjust : str, optional
        For the number of contrasts of one family, those of one level of `by`: "holm" (no limits),
        "bonferroni", "sidak", "tukey" (all pairs, two sides; each contrast's own df) or "dunnett"
        (against one reference; multivariate t with the contrasts' correlation). Limits are then
        simultaneous.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        contrast, a column for each factor of `by`, and the estimate columns; and `notes` on what
        was asked, where `null`, `alternative` or `adjust` was given.
    """
    question = Question(null=null, alternative=alternative, adjust=adjust, level=level)
    question.check_method(method)
    names = names_of(by)
    found = compared(self.design, factor, names, method=method, reference=reference, at=at)
    tested = self.tested(found.rows, level=level)
    if question.plain:
        return pd.DataFrame({**found.labels, **estimate_columns(tested)})
    refuse_taken(names, ("notes",))
    shared = None
    if adjust == "dunnett":
        shared = found.rows @ self.inference.covariance @ found.rows.T
    result = answered(tested, shared, question, family=found.family, means=found.means)
    notes = _told(question, found.family, names)
    return pd.DataFrame({**found.labels, **estimate_columns(result), "notes": notes})


def anova(self: Tested, *, type: int = 3, effect_size: str | None = None) -> pd.DataFrame:
    """Return F tests of the terms: term, df_num, df_den, statistic, p_value.

    Parameters
    ----------
    type : int
        3: a factor is tested at equal weights of the factors that it interacts with, and at the
        value zero of a covariate that it interacts with: centre the covariate where that means
        nothing. 2: each term beside all those that do not hold it, by the model's residual
        variance (by the covariance of the coefficients in other models than least squares), so that
        a main effect is tested as though its interactions were absent.
    effect_size : str, optional
        "partial-eta-squared", of `ols` with vcov="model": a column partial_eta_squared, the share
        SS / (SS + SS of the residuals) of the variance that other terms leave.

    Raises
    ------
    UsageError
        If a choice does not exist, or an effect size is asked of a model without sums of squares.
    """
    if type not in TYPES or isinstance(type, bool):
        raise UsageError(f"type is {printable(repr(type), 40)}; it is one of 2, 3")
    if effect_size is not None:
        check_choice("effect_size", effect_size, EFFECT_SIZES)
        raise UsageError(
            "partial eta squared is a share of sums of squares, which least squares with "
            "vcov='model' has alone: fit ols, or leave out effect_size"
        )
    terms = [term for term in self.design.terms if term != "(Intercept)"]
    tests = [self.jointly(_hypothesis_of(self, term, type)) for term in terms]
    names = ("df_num", "df_den", "statistic", "p_value")
    columns = {name: [getattr(test, name) for test in tests] for name in names}
    return pd.DataFrame({"term": terms, **columns})


def _hypothesis_of(self: Tested, term: str, kind: int) -> FloatArray:
    """Return the combinations that a term's test of type II or III sets to zero, shape (l, p).

    Of type II they are the term's coefficients less what those of the terms that hold it explain
    of them: uncorrelated with these, so that the F is that of two nested models (Fox, Applied
    Regression Analysis, 2016, section 8.4; R's car).
    """
    design = self.design
    if kind == 3:
        return hypothesis(design, term)
    held = [
        frozenset(variable for variable, _ in (*column.numbers, *column.levels))
        for column in design.columns
    ]
    terms = np.array([column.term for column in design.columns])
    own = held[int(np.flatnonzero(terms == term)[0])]
    above = np.array([own < one for one in held])
    every = np.eye(len(terms))
    mine, theirs = every[terms == term], every[above]
    if not above.any():
        return np.asarray(mine)
    covariance = self.inference.covariance
    size = np.sqrt(np.maximum(np.diagonal(covariance), 1e-300))[above]
    inner = covariance[np.ix_(above, above)] / np.outer(size, size)
    across = covariance[np.ix_(above, terms == term)] / size[:, None]
    share = np.linalg.lstsq(inner, across, rcond=None)[0] / size[:, None]
    return np.asarray(mine - share.T @ theirs)
