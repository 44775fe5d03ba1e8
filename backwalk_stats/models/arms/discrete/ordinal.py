"""Ordered categories, such as a global rating of change: the odds of a higher one, by arm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.discrete import cumulative_logit
from backwalk_stats.engine.discrete.cumulative_logit import (
    OrderedRows,
    Proportionality,
    ProportionalOdds,
)
from backwalk_stats.engine.numbers import FloatArray, t_p, z_p
from backwalk_stats.engine.ranks.two_arms import superiority_interval
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.discrete.comparison import (
    DF,
    LABELS,
    Row,
    as_frame,
    degrees_of_freedom,
    exponential,
    labelled,
    small_arms,
    with_chi_square,
    with_difference,
    with_ratio,
)
from backwalk_stats.models.arms.samples import ArmSamples, arm_design, arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns, require_named
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.formula.design import Factor, as_factor

LIMITS = ("wald", "profile", "score")
FALLS = {"profile": cumulative_logit.profile_fall, "score": cumulative_logit.score_fall}
TESTS = {"wald": "t", "profile": "likelihood ratio by F", "score": "score test by F"}
LISTED = 10
SMALL = (
    "p of the odds ratio is somewhat too small (limits='score' with df='residual' keeps its "
    "level), and Brant's test much too small: score_test is not"
)
BRANT = "p of Brant's test is much too small: score_test is not"
RESIDUAL = "{0} with {1:g} df (rows less thresholds and coefficients)"
TERMED = [*LABELS, "term"]
UNTESTED = "the data do not determine it: a cut has too few on one side of it"
TWO = "two categories have one cut: there is nothing to test"
BY_MODEL = "of the fitted categories, averaged over everyone's covariates; no interval is given"


def ordinal(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    participant: str | None = None,
    level: float = 0.95,
    limits: str = "wald",
    df: str = "normal",
) -> pd.DataFrame:
    """Compare arms on an outcome in ordered categories by proportional odds.

    logit P(Y <= k) = threshold_k - x b: one odds ratio for every cut between categories. Above 1 it
    is towards the higher category, whatever that means for the participant.

    Parameters
    ----------
    data, covariates, reference, participant, level
        As in `ancova`.
    outcome, arm : str
        Columns: the category, as numbers or as an ordered categorical (the order of text is never
        taken from the text), and the arm.
    limits : str
        Of the odds ratios: "wald", "profile" (where the likelihood has fallen) or "score" (where
        the score test holds the ratio). p is Wald's with "profile" too, but for `df="residual"`.
    df : str
        "normal"; or "residual", for small trials: rows less thresholds and coefficients, t of
        Wald's tests. With "profile" or "score" limits p is then of the same test, by F with 1 and
        these df; the statistic is its signed root. In 13 an arm "score" with "residual" holds 5 %
        and finds more than Wald's t (docs/methods/discrete.md).

    Returns
    -------
    DataFrame
        quantity: odds_ratio (of each arm over the reference, then of the covariates; test by the
        logarithm, std_error of the ratio itself), threshold (term "1|2" ...), proportionality (term
        score_test and brant_test: chi-square of equal slopes at every cut), superiority (of each
        arm, term raw: P(higher) + P(equal) / 2 of the rows with Newcombe's limits, and term model),
        log_likelihood; contrast, arm, term, the estimate columns (df NaN where normal), notes.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the outcome tells no order, columns are collinear, or a
        participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, everyone is in one category, or the likelihood has
        no maximum (an arm or a covariate separates the categories).

    References
    ----------
    McCullagh, J R Stat Soc B 1980;42:109. Peterson and Harrell, Appl Stat 1990;39:205 (score test).
    Brant, Biometrics 1990;46:1171. Newcombe, Stat Med 2006;25:559.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward", "backward"] * 8,
    ...     "change": [1, 2, 2, 3, 1, 3, 3, 2, 2, 1, 1, 3, 2, 3, 1, 3]})
    >>> found = ordinal(frame, outcome="change", arm="group", reference="forward")
    >>> found.round(3)[["quantity", "term", "estimate", "p_value"]]
              quantity           term  estimate  p_value
    0       odds_ratio  groupbackward     9.273    0.039
    1        threshold            1|2     0.050    0.942
    2        threshold            2|3     1.758    0.042
    3  proportionality     score_test       NaN    0.717
    4  proportionality     brant_test       NaN    0.717
    5      superiority            raw     0.789      NaN
    6      superiority          model     0.789      NaN
    7   log_likelihood                  -15.062      NaN
    """
    check_level(level)
    check_choice("limits", limits, LIMITS)
    check_choice("df", df, DF)
    adjusted = names_of(covariates)
    columns = TrialColumns(
        outcome=outcome,
        arm=arm,
        participant=participant,
        covariates=adjusted,
        outcome_as="categories",
    )
    require_named(columns, "outcome")
    samples = arm_samples(data, columns, factors=[outcome, *adjusted], reference=reference)
    answered = as_factor(samples.rows[outcome], outcome)
    if len(answered.levels) < 2:
        raise NotEstimable(f"{outcome} is the same in every row: there are no odds to compare")
    design, x = arm_design(samples, columns, outcome=outcome)
    fit = cumulative_logit.proportional_odds(
        OrderedRows(x=x[:, 1:], y=answered.codes, cuts=len(answered.levels) - 1)
    )
    known = degrees_of_freedom(df, rows=len(x), coefficients=len(fit.parameters))
    rows = _odds_ratios(samples, fit, design.names[1:], level=level, limits=limits, df=known)
    rows += _thresholds(fit, answered.labels, level=level, df=known)
    rows += [
        _proportionality("score_test", cumulative_logit.score_test(fit)),
        _proportionality("brant_test", cumulative_logit.brant_test(fit), _few(samples, df)),
    ]
    rows += _superiority(samples, fit, level=level)
    last = labelled("log_likelihood") | {"term": "", "estimate": fit.loglik}
    told = (samples.notes, samples.left_out, _order(answered), _small(samples, limits, df, known))
    frame = as_frame([*rows, last], *told)
    return frame[[*TERMED, *frame.columns.drop(TERMED)]]


def _small(samples: ArmSamples, limits: str, df: str, known: float) -> str:
    """Return by what odds ratios were tested, or what is to be known of small arms."""
    if df == "normal":
        return small_arms(samples, SMALL, kept=False)
    return RESIDUAL.format(TESTS[limits], known)


def _odds_ratios(
    samples: ArmSamples,
    fit: ProportionalOdds,
    names: Sequence[str],
    *,
    level: float,
    limits: str,
    df: float,
) -> list[Row]:
    """Return the odds ratio of each arm, then of each column of the covariates."""
    rows, pairs = [], samples.pairs
    for index, name in enumerate(names):
        at = fit.rows.cuts + index
        arm, base = pairs[index] if index < len(pairs) else ("", "")
        row = labelled("odds_ratio", arm=arm, base=base) | {"term": name}
        error = float(np.sqrt(fit.covariance[at, at]))
        row = with_ratio(row, float(fit.parameters[at]), error, level=level, df=df)
        if limits in FALLS:
            row |= _inverted(fit, index, limits, level=level, df=df)
        rows.append(row)
    return rows


def _inverted(fit: ProportionalOdds, index: int, limits: str, *, level: float, df: float) -> Row:
    """Return limits where a test holds the odds ratio, and its p where it has df of its own."""
    fall = FALLS[limits]
    low, high = cumulative_logit.inverted_interval(fit, index, fall, level=level, df=df)
    found: Row = {"conf_low": exponential(low), "conf_high": exponential(high)}
    if limits == "profile" and np.isinf(df):
        return found
    half = max(fall(fit, index, 0.0), 0.0)
    root = float(np.sign(fit.parameters[fit.rows.cuts + index]) * np.sqrt(2.0 * half))
    p = z_p(statistic=root) if np.isinf(df) else t_p(statistic=root, df=df)
    return found | {"statistic": root, "p_value": float(p)}


def _thresholds(
    fit: ProportionalOdds, labels: Sequence[str], *, level: float, df: float
) -> list[Row]:
    """Return the thresholds, named by the categories on their two sides."""
    return [
        with_difference(
            labelled("threshold") | {"term": f"{labels[cut]}|{labels[cut + 1]}"},
            float(fit.parameters[cut]),
            float(np.sqrt(fit.covariance[cut, cut])),
            level=level,
            df=df,
        )
        for cut in range(fit.rows.cuts)
    ]


def _few(samples: ArmSamples, df: str) -> str:
    """Return what is to be known of Brant's test where arms are small and SMALL does not say it."""
    return "" if df == "normal" else small_arms(samples, BRANT, kept=False)


def _proportionality(name: str, found: Proportionality, note: str = "") -> Row:
    """Return a test of proportionality, or why there is none."""
    row = labelled("proportionality", note=note) | {"term": name}
    if not found.df:
        return row | {"note": TWO}
    if np.isnan(found.statistic):
        return row | {"df": found.df, "note": UNTESTED}
    return with_chi_square(row, found.statistic, found.df)


def _superiority(samples: ArmSamples, fit: ProportionalOdds, *, level: float) -> list[Row]:
    """Return P(higher) + P(equal) / 2 of each arm over the reference, of rows and of the model."""
    rows, arms = [], len(samples.labels)
    counts = [
        np.bincount(fit.rows.y[samples.members(label)], minlength=fit.rows.cuts + 1).astype(float)
        for label in samples.labels
    ]
    chances = [
        cumulative_logit.category_probabilities(fit, _under(fit.rows.x, code, arms))
        for code in range(arms)
    ]
    for code, (label, base) in enumerate(samples.pairs, start=1):
        row = labelled("superiority", arm=label, base=base)
        raw = cumulative_logit.superiority(counts[code], counts[0])
        low, high = superiority_interval(
            probability=raw, n1=int(counts[code].sum()), n2=int(counts[0].sum()), level=level
        )
        rows.append(row | {"term": "raw", "estimate": raw, "conf_low": low, "conf_high": high})
        model = cumulative_logit.superiority(chances[code], chances[0])
        rows.append(row | {"term": "model", "estimate": model, "note": BY_MODEL})
    return rows


def _under(x: FloatArray, code: int, arms: int) -> FloatArray:
    """Return the design, without an intercept, were everyone in one arm."""
    out = x.copy()
    out[:, : arms - 1] = 0.0
    if code:
        out[:, code - 1] = 1.0
    return out


def _order(answered: Factor) -> str:
    """Return in which order the categories were taken."""
    few = len(answered.levels) <= LISTED
    told = ", ".join(answered.labels) if few else f"{len(answered.levels)} of them"
    return f"{answered.name}: categories from low to high: {told}"
