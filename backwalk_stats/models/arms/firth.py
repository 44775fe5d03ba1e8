"""Responders compared between arms with adjustment: odds ratios by Firth's logistic regression."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from backwalk_stats.engine.linear.firth import firth_fit
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.samples import arm_design, arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.marginal_means import names_of
from backwalk_stats.models.fit.summary import estimates_first


def firth_odds_ratio(
    data: pd.DataFrame,
    *,
    responder: str,
    arm: str,
    covariates: str | Sequence[str] = (),
    reference: object = None,
    participant: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the odds ratio of responding for each arm against the reference, adjusted.

    Finite also where everyone or no one in an arm responded. An odds ratio is not a ratio of risks,
    and with covariates it is that of participants alike in them.

    Parameters
    ----------
    data, covariates, reference, participant, level
        As in `ancova`.
    responder, arm : str
        Columns: true or 1 for a responder, false or 0 for none, and the arm.

    Returns
    -------
    DataFrame
        contrast, quantity ("odds_ratio"), estimate, conf_low, conf_high (profile), p_value,
        std_error (of its logarithm), df (NaN), statistic (penalised likelihood ratio chi-square);
        n_arm, n_reference, dropped_arm, dropped_reference, notes.

    Raises
    ------
    UsageError
        If a column or arm does not exist, the responder holds other values, columns are collinear,
        or a participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, everyone or no one responded, or no maximum was
        found.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 10 + ["backward"] * 10,
    ...     "responded": [True] * 3 + [False] * 7 + [True] * 10})
    >>> found = firth_odds_ratio(frame, responder="responded", arm="group", reference="forward")
    >>> found.round(4)[["contrast", "estimate", "conf_low", "p_value"]]
                 contrast  estimate  conf_low  p_value
    0  backward - forward      45.0    3.8451   0.0009
    """
    adjusted = names_of(covariates)
    columns = TrialColumns(
        responder=responder, arm=arm, participant=participant, covariates=adjusted
    )
    samples = arm_samples(data, columns, factors=adjusted, reference=reference)
    y = samples.scores[:, 0]
    if np.ptp(y) == 0.0:
        raise NotEstimable(f"{responder} is the same in every row: there are no odds to compare")
    pairs = samples.pairs
    base = pairs[0][1]
    _, x = arm_design(samples, columns, outcome=responder)
    fit = firth_fit(y=y, x=x)
    rows = []
    for index, (label, _) in enumerate(pairs, start=1):
        statistic, p = fit.ratio_test(index)
        low, high = fit.profile_interval(index, level=level)
        rows.append(
            {
                "contrast": f"{label} - {base}",
                "quantity": "odds_ratio",
                "estimate": float(np.exp(fit.beta[index])),
                "std_error": float(fit.std_error[index]),
                "df": np.nan,
                "statistic": statistic,
                "p_value": p,
                "conf_low": float(np.exp(low)),
                "conf_high": float(np.exp(high)),
                **samples.counts(label, base),
            }
        )
    return estimates_first(pd.DataFrame(rows).assign(notes=samples.notes))
