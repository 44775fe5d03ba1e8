"""Risks of arms adjusted for covariates: marginal difference, ratio and odds ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import special

from backwalk_stats.engine.discrete.risks import (
    FORMS,
    StandardisedRisks,
    recedes,
    standardised_risks,
)
from backwalk_stats.engine.linear.firth import firth_fit
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.discrete.comparison import (
    DF,
    Row,
    as_frame,
    degrees_of_freedom,
    labelled,
    small_arms,
    with_difference,
    with_ratio,
    with_share,
)
from backwalk_stats.models.arms.samples import ArmSamples, arm_design, arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.software import computes_with

SMALL = (
    "p of the difference is somewhat too small, p of ratios of a rare outcome too large; "
    "df='residual' keeps the first at its level"
)
RESIDUAL = "t with {0:g} df (rows less coefficients), variances with them in place of n - 1"
FIRTH = (
    "separated: the logistic model has no maximum, so Firth's penalised estimate stands for it; "
    "standardised risks are drawn a little towards 1/2"
)
ALL_ALIKE = (
    "everyone or no one in {0} has the outcome: its variance is not derivable, so no standard "
    "error, limit or p is given; responders has score limits and Fisher's test"
)


def adjusted_risk(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    reference: object = None,
    covariates: str | Sequence[str] = (),
    participant: str | None = None,
    level: float = 0.95,
    vcov: str = "ye_decomposed",
    df: str = "normal",
) -> pd.DataFrame:
    """Compare the risks that arms would have if everyone were in each, adjusted for covariates.

    A logistic model of arm and covariates predicts everyone under every arm; the means of these
    predictions are compared. They are marginal: of the trial's people as a whole, not of people
    alike in the covariates. The standard errors hold also where the logistic model is wrong, as
    arms were drawn by lot.

    Parameters
    ----------
    data, covariates, reference, participant, level
        As in `ancova`.
    outcome, arm : str
        Columns: true or 1, false or 0, and the arm. Rows that miss a value are left out.
    vcov : str
        "ye_decomposed" (as R's RobinCar and beeca), "ye_residual" or "influence" (no n - 1): they
        differ in small trials alone. The first is the default: other programs print it, and in 13
        an arm it errs least of the three (docs/methods/discrete.md).
    df : str
        "normal"; or "residual", for small trials: t with n - p, p the coefficients of the logistic
        model, and variances with n - p in place of n - 1. In 13 an arm the difference of risks then
        is at its level (docs/methods/discrete.md), which with "normal" it is not.

    Returns
    -------
    DataFrame
        quantity: risk (of each arm; limits by its logit, no test), risk_difference, risk_ratio,
        odds_ratio (each arm minus, or over, the reference; test and limits of ratios by the
        logarithm, std_error of the ratio itself); contrast, arm, estimate, conf_low, conf_high,
        p_value, std_error, df (NaN: normal), statistic, notes, which tell of separation and of
        small arms.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the outcome holds other values, columns are collinear, or
        a participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or the outcome is the same in every row.

    References
    ----------
    Ye, Bannick, Yi and Shao, Stat Theory Relat Fields 2023;7:159. FDA, Adjusting for covariates in
    randomized clinical trials, 2023. Firth, Biometrika 1993;80:27.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward", "backward"] * 8,
    ...     "before": [6, 5, 4, 7, 8, 6, 5, 5, 7, 8, 4, 6, 6, 7, 5, 4],
    ...     "better": [0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1]})
    >>> found = adjusted_risk(frame, outcome="better", arm="group", reference="forward",
    ...     covariates="before")
    >>> found.round(3)[["quantity", "arm", "estimate", "conf_low", "conf_high"]]
              quantity       arm  estimate  conf_low  conf_high
    0             risk   forward     0.332     0.103      0.682
    1             risk  backward     0.775     0.373      0.952
    2  risk_difference  backward     0.443     0.041      0.845
    3       risk_ratio  backward     2.335     0.873      6.245
    4       odds_ratio  backward     6.929     0.879     54.646
    """
    check_level(level)
    check_choice("vcov", vcov, FORMS)
    check_choice("df", df, DF)
    adjusted = names_of(covariates)
    columns = TrialColumns(
        outcome=outcome,
        arm=arm,
        participant=participant,
        covariates=adjusted,
        outcome_as="answers",
    )
    samples = arm_samples(data, columns, factors=adjusted, reference=reference)
    y = samples.scores[:, 0]
    if np.ptp(y) == 0.0:
        raise NotEstimable(f"{outcome} is the same in every row: there are no risks to compare")
    _, x = arm_design(samples, columns, outcome=outcome)
    mu, separated = predictions(x, y, arms=len(samples.labels))
    found = standardised_risks(y=y, arm=samples.arms.codes, mu=mu, form=vcov)
    known = degrees_of_freedom(df, rows=len(y), coefficients=x.shape[1])
    if df == "residual":
        less = 0 if vcov == "influence" else 1
        found = replace(found, covariance=found.covariance * (len(y) - less) / known)
    return as_frame(
        _rows(samples, found, level=level, df=known),
        samples.notes,
        samples.left_out,
        FIRTH if separated else "",
        f"standard errors: {vcov}",
        RESIDUAL.format(known) if df == "residual" else "",
        small_arms(samples, SMALL, kept=df == "residual"),
    )


def predictions(x: FloatArray, y: FloatArray, *, arms: int) -> tuple[FloatArray, bool]:
    """Return each row's prediction under each arm, shape (n, k), and whether it is Firth's.

    `x` (shape (n, p)): intercept, the arms but the first, covariates.
    """
    separated = recedes(np.where(y > 0.0, 1.0, -1.0)[:, None] * x)
    beta = firth_fit(y=y, x=x).beta if separated else _logistic(x, y)
    mu = np.empty((len(y), arms))
    for code in range(arms):
        under = x.copy()
        under[:, 1:arms] = 0.0
        if code:
            under[:, code] = 1.0
        mu[:, code] = special.expit(under @ beta)
    return mu, separated


def _logistic(x: FloatArray, y: FloatArray) -> FloatArray:
    """Return the logistic coefficients, which exist, by statsmodels, in an orthonormal basis."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    q, r = np.linalg.qr(x)
    computes_with("statsmodels")
    fit = GLM(y, q * np.sqrt(len(y)), family=Binomial()).fit(tol=1e-10, tol_criterion="params")
    return np.asarray(np.linalg.solve(r, fit.params * np.sqrt(len(y))))


def _rows(samples: ArmSamples, found: StandardisedRisks, *, level: float, df: float) -> list[Row]:
    """Return the risks, and the comparisons of each arm with the reference."""
    theta, v = found.risk, found.covariance
    alike = [bool(np.ptp(samples.of(label)[:, 0]) == 0.0) for label in samples.labels]
    rows = []
    for code, label in enumerate(samples.labels):
        note = ALL_ALIKE.format(label) if alike[code] else ""
        error = np.nan if alike[code] else np.sqrt(max(v[code, code], 0.0))
        row = labelled("risk", arm=label, note=note)
        rows.append(with_share(row, float(theta[code]), error, level=level, df=df))
    for code, (label, base) in enumerate(samples.pairs, start=1):
        those = [one for at, one in ((0, base), (code, label)) if alike[at]]
        note = ALL_ALIKE.format(" and in ".join(those)) if those else ""
        two = np.array([theta[code], theta[0]])
        own = v[np.ix_([code, 0], [code, 0])]
        sides = np.array([1.0, -1.0])
        for quantity, value, slope in (
            ("risk_difference", two[0] - two[1], sides),
            ("risk_ratio", np.log(two[0] / two[1]), sides / two),
            (
                "odds_ratio",
                special.logit(two[0]) - special.logit(two[1]),
                sides / (two * (1.0 - two)),
            ),
        ):
            error = np.nan if those else np.sqrt(max(slope @ own @ slope, 0.0))
            row = labelled(quantity, arm=label, base=base, note=note)
            fill = with_difference if quantity == "risk_difference" else with_ratio
            rows.append(fill(row, float(value), float(error), level=level, df=df))
    return rows
