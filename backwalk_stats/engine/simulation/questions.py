"""What simulated trials are asked, and what each of them answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np

from backwalk_stats.engine.batch.tables import DfRule
from backwalk_stats.engine.mixed.covariance import SPATIAL, STRUCTURES
from backwalk_stats.engine.numbers import FloatArray, require_level, t_p, t_quantile
from backwalk_stats.errors import UsageError
from backwalk_stats.registry import Shown

SimulatedAnalysis = Literal[
    "mmrm",
    "ancova",
    "change-score",
    "rank-based",
    "constrained-longitudinal",
    "random-slope",
]
SIMULATED: tuple[str, ...] = get_args(SimulatedAnalysis)
DF_RULES = {
    "satterthwaite": DfRule(),
    "kenward-roger": DfRule(adjusts=True),
    "kenward-roger-linear": DfRule(adjusts=True, linear=True),
    # Counted from the columns, with the model's own errors; see `repeated.counted_df`.
    "between-within": DfRule(),
    "residual": DfRule(),
}
NO_ERROR = "the standard error is not above 0"
UNMEASURED = "an arm has nobody measured at the visit"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Question(Shown):
    """One comparison of two arms, as an estimand asks it.

    Attributes
    ----------
    analysis : str
        One of `SIMULATED`; the model is that of the trial's own analysis of this name.
    visit : int
        Place among the visits, the baseline being 0.
    arm, reference : int
        The estimate is the first minus the second.
    baseline : bool
        Whether the model adjusts for the baseline; change scores and ranks of changes never do.
    covariance : str
        Of the visits of a mixed model, as in `bw.mmrm`.
    fallback : tuple of str
        Covariances to try in this order where a fit does not converge.
    df, information : str
        As in `bw.mmrm`; a clustered analysis has its own.
    level : float
        Of the confidence limits.
    weeks : tuple of float
        Of every visit; for spatial covariances and slopes.
    covariates : tuple of int
        Places of those of the design that the model adjusts for: at all visits alike in "mmrm" and
        "random-slope", by visit in "constrained-longitudinal"; change scores and ranks have none.
    clustered : bool
        Of "ancova": whether the model has a random intercept of the clusters that people come in.

    Examples
    --------
    >>> Question(analysis="ancova", visit=2, arm=1, reference=0).df
    'kenward-roger'
    """

    analysis: str
    visit: int
    arm: int
    reference: int
    baseline: bool = True
    covariance: str = "us"
    fallback: tuple[str, ...] = ("toeph", "csh", "cs")
    df: str = "kenward-roger"
    information: str = "observed"
    level: float = 0.95
    weeks: tuple[float, ...] = ()
    covariates: tuple[int, ...] = ()
    clustered: bool = False

    def __post_init__(self) -> None:
        """Refuse a choice that does not exist."""
        require_level(self.level)
        chosen = [("analysis", self.analysis, SIMULATED), ("df", self.df, tuple(DF_RULES))]
        chosen += [("information", self.information, ("observed", "expected"))]
        chosen += [("covariance", one, tuple(STRUCTURES)) for one in self.chain]
        for what, found, there in chosen:
            if found not in there:
                raise UsageError(f"no {what} '{found}' is simulated; there are: {', '.join(there)}")
        if self.visit < 1 or self.arm == self.reference:
            raise UsageError("two different arms are compared, at a visit after baseline")
        if self.clustered and self.analysis != "ancova":
            raise UsageError("of clusters only the analysis of covariance has a random intercept")
        by_time = self.analysis == "random-slope" or any(one in SPATIAL for one in self.chain)
        if by_time and not self.weeks:
            raise UsageError("a slope, or a covariance by time, needs the weeks of the visits")

    @property
    def chain(self) -> tuple[str, ...]:
        """Return the covariances in the order in which they are tried."""
        return (self.covariance, *self.fallback)

    @property
    def rule(self) -> DfRule:
        """Return the rule of standard errors and df of a mixed model."""
        own = DF_RULES[self.df]
        return DfRule(
            adjusts=own.adjusts, linear=own.linear, expected=self.information == "expected"
        )


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Answers(Shown):
    """What each trial answers to one question; arrays of shape (count,).

    Attributes
    ----------
    estimate, std_error, df, p_value, conf_low, conf_high : array
        NaN where a trial has no answer; a rank test has no standard error and no df.
    converged : array of bool
    fitted : array of int
        Which of the question's covariances was fitted, by its place in `chain`; -1 where the
        analysis has none, or none converged.
    reason : array of str
        Why there is no answer; "" where there is one.
    """

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    converged: np.ndarray
    fitted: np.ndarray
    reason: np.ndarray


def nothing(count: int, reason: str = "") -> Answers:
    """Return the answers of trials that have none.

    >>> nothing(2, "nobody came").converged.tolist()
    [False, False]
    """
    empty = {one.name: np.full(count, np.nan) for one in fields(Answers)[:6]}
    return Answers(
        **empty,
        converged=np.zeros(count, dtype=bool),
        fitted=np.full(count, -1),
        reason=np.full(count, reason, dtype=object),
    )


def tested(
    *,
    estimate: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    level: float,
    reason: np.ndarray,
    fitted: np.ndarray | None = None,
) -> Answers:
    """Return t tests and limits of trials whose reason is "", and no answer of the others.

    >>> found = tested(estimate=np.array([2.0]), std_error=np.array([1.0]), df=np.array([20.0]),
    ...     level=0.95, reason=np.array([""], dtype=object))
    >>> found.p_value.round(4).tolist(), found.conf_low.round(4).tolist()
    ([0.0593], [-0.086])
    """
    failing = (reason == "") & ~((std_error > 0.0) & (df > 0.0))
    reason = np.where(failing, NO_ERROR, reason)
    good = reason == ""
    value, error, freedom = (np.where(good, one, np.nan) for one in (estimate, std_error, df))
    reach = t_quantile(level=level, df=freedom) * error
    return Answers(
        estimate=value,
        std_error=error,
        df=freedom,
        p_value=np.asarray(t_p(statistic=value / error, df=freedom)),
        conf_low=value - reach,
        conf_high=value + reach,
        converged=good,
        fitted=np.full(len(good), -1) if fitted is None else np.where(good, fitted, -1),
        reason=reason,
    )


def together(count: int, parts: Mapping[int, tuple[np.ndarray, Answers]]) -> Answers:
    """Return the answers of all trials from those of parts: which trials, and their answers."""
    out = nothing(count)
    for places, found in parts.values():
        for one in fields(Answers):
            getattr(out, one.name)[places] = getattr(found, one.name)
    return out
