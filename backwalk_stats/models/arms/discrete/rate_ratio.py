"""Counts over time or distance, such as falls: rates of arms and their ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special, stats

from backwalk_stats.engine.discrete import negative_binomial
from backwalk_stats.engine.discrete.risks import recedes
from backwalk_stats.engine.numbers import FloatArray, profile_limits, t_p, z_p
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.arms.discrete.comparison import (
    DF,
    Row,
    as_frame,
    degrees_of_freedom,
    labelled,
    small_arms,
    with_ratio,
)
from backwalk_stats.models.arms.samples import ArmSamples, arm_design, arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns, require_named
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.formula.design import Factor
from backwalk_stats.software import computes_with

ROBUST = "hc3"
VCOV = (*negative_binomial.VCOV, "robust")
DISPERSION = ("likelihood", "cox-reid")
LIMITS = ("wald", "profile")
SMALL = (
    "p is somewhat too small; dispersion='cox-reid', limits='profile' and df='residual' keep the "
    "level"
)
COX_REID = "dispersion by Cox and Reid's adjusted profile likelihood"
PROFILE = "p and limits of ratios by the likelihood ratio at this dispersion"
RESIDUAL = "{0} with {1:g} df (rows less coefficients)"
POISSON = (
    "no overdispersion: the likelihood falls from dispersion 0 on, so its maximum is Poisson; "
    "rows of a Poisson model"
)
SILENT = (
    "no event in {0}: the ratio is at an end; exact conditional limits of a Poisson ratio, as the "
    "counts of the other arms vary no more than that, and no standard error"
)
SILENT_SPREAD = (
    "no event in {0}: the ratio is at an end; counts of the other arms vary more than "
    "Poisson's, so p is exact by arm labels (Fisher's test of who had an event), without limits"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CountFit:
    """A negative binomial fit.

    Attributes
    ----------
    beta : array, shape (p,)
    covariance : array, shape (p, p)
    alpha : float
        The dispersion; 0 is Poisson.
    loglik : float
    """

    beta: FloatArray
    covariance: FloatArray
    alpha: float
    loglik: float


def rate_ratio(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    exposure: str,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    participant: str | None = None,
    level: float = 0.95,
    vcov: str = "model",
    dispersion: str = "likelihood",
    limits: str = "wald",
    df: str = "normal",
) -> pd.DataFrame:
    """Compare the rates of events of arms by a negative binomial model.

    Parameters
    ----------
    data, covariates, reference, participant, level
        As in `ancova`.
    outcome, arm, exposure : str
        Columns: the count (0, 1, 2 ...), the arm, and the time or distance over which it was
        counted, above 0. Its logarithm is the offset.
    vcov : str
        "model" (expected information given the dispersion, as R's `glm.nb`), "observed" (of
        coefficients and dispersion together, as SAS and glmmTMB), "hc0", "hc1", "hc3", or "robust",
        which is "hc3": of these it errs least in small arms.
    dispersion : str
        "likelihood": the maximum, which is too small on average, as coefficients are fitted beside
        it. "cox-reid": the maximum of the profile likelihood less half of log|X'WX|, which allows
        for that, as REML does for a variance.
    limits : str
        "wald"; or "profile": p and limits of the ratios by the likelihood ratio at the dispersion
        that was found (with vcov="model"); the statistic is its signed root.
    df : str
        "normal"; or "residual": rows less coefficients, t of Wald's tests, F of the likelihood
        ratio. For small trials dispersion="cox-reid", limits="profile" and df="residual" together:
        in 13 an arm they hold 5 % where the defaults do not (docs/methods/discrete.md).

    Returns
    -------
    DataFrame
        quantity: rate (of each arm, in events per unit of exposure, averaged over everyone's
        covariates; test left out), rate_ratio (over the reference; test and limits by the
        logarithm, std_error of the ratio itself), dispersion (variance = mean + dispersion mean^2),
        log_likelihood; contrast, arm, the estimate columns (df NaN: normal), notes, which say when
        there is no overdispersion. Of an arm without an event the ratio is 0 or infinite: exact
        Poisson p and limits where the others' dispersion is 0, else Fisher's p, without limits.

    Raises
    ------
    UsageError
        If a column or arm does not exist, counts are no whole numbers, an exposure is not above 0,
        columns are collinear, or a participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, there is no event, an arm has none and there are
        covariates, or a covariate separates people with and without events.

    References
    ----------
    Lawless, Can J Stat 1987;15:209. Cox and Reid, J R Stat Soc B 1987;49:1. Exact:
    Przyborowski and Wilenski, Biometrika 1940;31:313.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward", "backward"] * 6,
    ...     "falls": [3, 0, 1, 2, 7, 0, 2, 1, 0, 0, 4, 3], "months": [12.0, 6.0] * 6})
    >>> found = rate_ratio(frame, outcome="falls", arm="group", reference="forward",
    ...     exposure="months")
    >>> found.round(3)[["quantity", "arm", "estimate", "conf_low", "conf_high"]].head(3)
         quantity       arm  estimate  conf_low  conf_high
    0        rate   forward     0.236     0.118      0.471
    1        rate  backward     0.167     0.065      0.428
    2  rate_ratio  backward     0.706     0.219      2.273
    """
    check_level(level)
    check_choice("vcov", vcov, VCOV)
    check_choice("dispersion", dispersion, DISPERSION)
    check_choice("limits", limits, LIMITS)
    check_choice("df", df, DF)
    if limits == "profile" and vcov != "model":
        raise UsageError(
            f"limits='profile' rests on the likelihood, vcov={vcov!r} does not: take vcov='model'"
        )
    adjusted = names_of(covariates)
    columns = TrialColumns(
        outcome=outcome,
        arm=arm,
        exposure=exposure,
        participant=participant,
        covariates=adjusted,
        outcome_as="counts",
    )
    require_named(columns, "exposure")
    samples = arm_samples(data, columns, factors=adjusted, reference=reference)
    silent = [label for label in samples.labels if not samples.of(label)[:, 0].any()]
    if len(silent) == len(samples.labels):
        raise NotEstimable(f"no event in any arm: {outcome} is 0 in every row")
    if silent and adjusted:
        raise NotEstimable(
            f"no event in {', '.join(silent)}: with covariates the ratio has neither a maximum nor "
            "a limit; leave covariates out for the exact limits of a ratio of 0"
        )
    way = _Way(
        kind=ROBUST if vcov == "robust" else vcov,
        adjusted=dispersion == "cox-reid",
        profile=limits == "profile",
        df=df,
        level=level,
    )
    rows, notes = _rows(samples, columns, silent, way=way)
    small = small_arms(samples, SMALL, kept=way.adjusted and way.profile and df == "residual")
    return as_frame(rows, samples.notes, samples.left_out, *notes, small)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """How a fit is made: errors, Cox and Reid's dispersion or not, profile limits, df, level."""

    kind: str
    adjusted: bool
    profile: bool
    df: str
    level: float


def _rows(
    samples: ArmSamples, columns: TrialColumns, silent: list[str], *, way: _Way
) -> tuple[list[Row], list[str]]:
    """Return rates, ratios and the fit; arms without an event by exact limits."""
    base, level = samples.labels[0], way.level
    heard = [label for label in samples.labels if label not in silent]
    rows = {("rate", label): labelled("rate", arm=label) | {"estimate": 0.0} for label in silent}
    notes, last = [], []
    if len(heard) > 1 or not silent:
        own = _only(samples, heard)
        fit, x, first = _fitted(own, columns, way=way)
        df = degrees_of_freedom(way.df, rows=len(x), coefficients=x.shape[1])
        notes = [
            f"standard errors: {way.kind}",
            *([POISSON] if fit.alpha == 0.0 else []),
            *([COX_REID] if way.adjusted else []),
            *([PROFILE] if way.profile else []),
            *([RESIDUAL.format("F" if way.profile else "t", df)] if way.df == "residual" else []),
        ]
        for code, label in enumerate(heard):
            rows["rate", label] = _rate(fit, x, code, first, label, level=level, df=df)
            if code and base not in silent:
                row = labelled("rate_ratio", arm=label, base=base)
                error = float(np.sqrt(fit.covariance[code, code]))
                row = with_ratio(row, float(fit.beta[code]), error, level=level, df=df)
                more = _by_likelihood(own, fit, x, code, level=level, df=df) if way.profile else {}
                rows["ratio", label] = row | more
        last = [
            labelled("dispersion") | {"estimate": fit.alpha},
            labelled("log_likelihood") | {"estimate": fit.loglik},
        ]
    for label in heard:
        if ("rate", label) not in rows:
            y, time = samples.of(label).T
            rows["rate", label] = labelled("rate", arm=label) | {"estimate": y.sum() / time.sum()}
    for label in samples.labels[1:]:
        if ("ratio", label) not in rows:
            row = _exact(samples, label, base, silent, level=level)
            rows["ratio", label] = row | _spread(samples, label, base, silent, way=way)
    order = [("rate", label) for label in samples.labels]
    order += [("ratio", label) for label in samples.labels[1:]]
    return [rows[key] for key in order] + last, notes


def _only(samples: ArmSamples, heard: list[str]) -> ArmSamples:
    """Return the samples of some arms."""
    if len(heard) == len(samples.labels):
        return samples
    codes = np.array([samples.labels.index(label) for label in heard])
    own = np.isin(samples.arms.codes, codes)
    levels = tuple(samples.arms.levels[code] for code in codes)
    arms = Factor(
        name=samples.arms.name,
        levels=levels,
        codes=np.searchsorted(codes, samples.arms.codes[own]),
    )
    return replace(samples, arms=arms, scores=samples.scores[own], rows=samples.rows.loc[own])


def _fitted(
    samples: ArmSamples, columns: TrialColumns, *, way: _Way
) -> tuple[CountFit, FloatArray, int]:
    """Return the fit, its design, and how many of its columns are the intercept and arms."""
    _, x = arm_design(samples, columns, outcome=str(columns.outcome))
    y, exposure = samples.scores.T
    if recedes(-x[y == 0.0], still=x[y > 0.0]):
        raise NotEstimable(
            "a covariate tells people without an event apart: the rates have no maximum; leave it "
            "out, or join its levels"
        )
    offset = np.log(exposure)
    q, r = np.linalg.qr(x)
    poisson = _means(y, q, offset, 0.0)
    alpha = negative_binomial.dispersion(
        y=y,
        means=lambda at: _means(y, q, offset, at)[1],
        poisson=poisson[1],
        x=q if way.adjusted else None,
    )
    beta, mu = _means(y, q, offset, alpha)
    turned = np.linalg.inv(r)
    inner = negative_binomial.covariance(x=q, y=y, mu=mu, alpha=alpha, kind=way.kind)
    fit = CountFit(
        beta=turned @ beta,
        covariance=turned @ inner @ turned.T,
        alpha=alpha,
        loglik=negative_binomial.log_likelihood(y=y, mu=mu, alpha=alpha),
    )
    return fit, x, len(samples.labels)


def _by_likelihood(
    samples: ArmSamples, fit: CountFit, x: FloatArray, code: int, *, level: float, df: float
) -> Row:
    """Return test and limits of a ratio by the likelihood ratio at the dispersion of the fit."""
    y, exposure = samples.scores.T
    rest = np.linalg.qr(np.delete(x, code, axis=1))[0]

    def fall(value: float) -> float:
        _, mu = _means(y, rest, np.log(exposure) + x[:, code] * value, fit.alpha)
        return fit.loglik - negative_binomial.log_likelihood(y=y, mu=mu, alpha=fit.alpha)

    centre = float(fit.beta[code])
    step = float(np.sqrt(fit.covariance[code, code]))
    root = float(np.sign(centre) * np.sqrt(2.0 * max(fall(0.0), 0.0)))
    computes_with("scipy")
    low, high = profile_limits(fall, centre=centre, step=step, level=level, close=1e-10, df=df)
    p = z_p(statistic=root) if np.isinf(df) else t_p(statistic=root, df=df)
    return {
        "statistic": root,
        "p_value": float(p),
        "conf_low": float(np.exp(low)),
        "conf_high": float(np.exp(high)),
    }


def _means(
    y: FloatArray, q: FloatArray, offset: FloatArray, alpha: float
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients of the basis and means at a dispersion, by statsmodels."""
    from statsmodels.genmod.families import NegativeBinomial, Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    computes_with("statsmodels")
    family: Any = NegativeBinomial(alpha=alpha) if alpha else Poisson()
    root = np.sqrt(len(y))
    try:
        with np.errstate(all="ignore"):  # what is not finite is told by the fit itself
            fit = GLM(y, q * root, family=family, offset=offset).fit(
                tol=1e-12, tol_criterion="params", maxiter=300
            )
    except (ValueError, np.linalg.LinAlgError) as error:
        raise NotEstimable(
            f"the likelihood is too flat for so few counts: a rate without end at dispersion "
            f"{alpha:.3g}"
        ) from error
    return np.asarray(fit.params * root), np.asarray(fit.mu)


def _rate(
    fit: CountFit, x: FloatArray, code: int, arms: int, label: str, *, level: float, df: float
) -> Row:
    """Return the rate of an arm, were everyone in it, with limits by its logarithm."""
    under = x.copy()
    under[:, 1:arms] = 0.0
    if code:
        under[:, code] = 1.0
    own = np.exp(under @ fit.beta)
    slope = own @ under / own.sum()
    error = float(np.sqrt(slope @ fit.covariance @ slope))
    middle = float(np.log(own.mean()))
    row = with_ratio(labelled("rate", arm=label), middle, error, level=level, df=df)
    return row | {"statistic": np.nan, "p_value": np.nan}


def _exact(samples: ArmSamples, label: str, base: str, silent: list[str], *, level: float) -> Row:
    """Return a ratio at an end with the exact conditional limits, as R's poisson.test."""
    (events, time), (events0, time0) = (samples.of(one).sum(axis=0) for one in (label, base))
    names = [one for one in (label, base) if one in silent]
    row = labelled("rate_ratio", arm=label, base=base, note=SILENT.format(" and ".join(names)))
    if len(names) == 2:
        return row | {"note": f"no event in {' and '.join(names)}: the ratio is not determined"}
    tail, odds = (1.0 - level) / 2.0, time0 / time
    low = float(special.betaincinv(events, events0 + 1.0, tail)) if events else 0.0
    high = float(special.betaincinv(events + 1.0, events0, 1.0 - tail)) if events0 else 1.0
    computes_with("scipy")
    found = stats.binomtest(int(events), int(events + events0), float(time / (time + time0)))
    return row | {
        "estimate": float(events / events0 * odds) if events0 else np.inf,
        "conf_low": low / (1.0 - low) * odds,
        "conf_high": high / (1.0 - high) * odds if high < 1.0 else np.inf,
        "p_value": float(found.pvalue),
    }


def _spread(samples: ArmSamples, label: str, base: str, silent: list[str], *, way: _Way) -> Row:
    """Return the exact p by arm labels of a ratio at an end where counts vary more than Poisson.

    Empty where the dispersion of the other arms is 0. If the arms do not differ, any people might
    be those of the arm without an event: that all who had one are in the other is Fisher's test of
    who had any, whatever the dispersion. No limit of the ratio holds for every dispersion.
    """
    if (label in silent) == (base in silent):
        return {}
    quiet, other = (label, base) if label in silent else (base, label)
    own = [samples.of(one) for one in samples.labels if one not in silent]
    y, time = np.concatenate(own).T
    q = np.linalg.qr(np.repeat(np.eye(len(own)), [len(one) for one in own], axis=0))[0]
    alpha = negative_binomial.dispersion(
        y=y,
        means=lambda at: _means(y, q, np.log(time), at)[1],
        poisson=_means(y, q, np.log(time), 0.0)[1],
        x=q if way.adjusted else None,
    )
    if alpha == 0.0:
        return {}
    had, n = int((samples.of(other)[:, 0] > 0.0).sum()), len(samples.of(other))
    computes_with("scipy")
    p = float(stats.fisher_exact(np.array([[0, len(samples.of(quiet))], [had, n - had]])).pvalue)
    none = {"conf_low": np.nan, "conf_high": np.nan}
    return {"note": SILENT_SPREAD.format(quiet), "p_value": p, **none}
