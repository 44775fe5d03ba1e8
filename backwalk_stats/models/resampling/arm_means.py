"""The difference of arms' means (or mean changes) by permutation and by bootstrap."""

from __future__ import annotations

import numpy as np
import pandas as pd

from backwalk_stats.engine.batch.fits import bootstrap_counts
from backwalk_stats.engine.numbers import FloatArray
from backwalk_stats.engine.resampling import bca_interval, percentile_interval, permuted_means
from backwalk_stats.models.arms.samples import ArmSamples, arm_samples, require_spread
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.fit.choices import check_choice, check_count, check_level, check_seed
from backwalk_stats.models.formula.design import as_factor
from backwalk_stats.models.resampling.fits import METHODS


def permuted_difference(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    baseline: str | None = None,
    reference: object = None,
    participant: str | None = None,
    within: str | None = None,
    replicates: int = 9999,
    seed: int,
) -> pd.DataFrame:
    """Test the difference between each arm and the reference by dealing the two arms out anew.

    Parameters
    ----------
    data, reference, participant
        As in `ancova`.
    outcome, arm : str
        Columns.
    baseline : str, optional
        Column: with it the change (outcome minus baseline) is compared.
    within : str, optional
        Column: arms are dealt within its levels, as where randomisation was stratified.
    replicates : int
        Random deals, where there are more than 20,000 possible; else all are listed.
    seed : int
        Deal i is drawn from (seed, i).

    Returns
    -------
    DataFrame
        contrast, estimate (difference of means), statistic (Welch's t), p_value (two-sided; of
        random deals (b + 1) / (m + 1)), replicates (deals looked at), method ("exact" or "random"),
        n_arm, n_reference, dropped_arm, dropped_reference, notes.

    Raises
    ------
    UsageError
        If a column or arm does not exist or a participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or the scores do not vary.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 4 + ["backward"] * 4,
    ...     "pain": [5.0, 6, 6, 7, 3, 4, 4, 5]})
    >>> found = permuted_difference(frame, outcome="pain", arm="group", reference="forward", seed=1)
    >>> found.round(4)[["contrast", "estimate", "p_value", "replicates", "method"]]
                 contrast  estimate  p_value  replicates method
    0  backward - forward      -2.0   0.0571          70  exact
    """
    check_count("replicates", replicates, least=1)
    check_seed(seed)
    columns = TrialColumns(
        outcome=outcome, baseline=baseline, arm=arm, participant=participant, strata=within
    )
    factors = [] if within is None else [within]
    samples = arm_samples(data, columns, factors=factors, reference=reference)
    values = _values(samples)
    strata = np.zeros(len(values), dtype=int)
    if within is not None:
        strata = as_factor(samples.rows[within], within).codes
    rows = []
    for label, base in samples.pairs:
        first, second = samples.members(label), samples.members(base)
        both = first | second
        require_spread(values[both], scale=samples.scale, what=f"the score of {label} and {base}")
        found = permuted_means(
            values[both], first[both], strata=strata[both], deals=replicates, seed=seed
        )
        rows.append(
            {
                "contrast": f"{label} - {base}",
                "estimate": float(values[first].mean() - values[second].mean()),
                "p_value": found.p_value,
                "statistic": found.statistic,
                "replicates": found.deals,
                "method": "exact" if found.exact else "random",
                **samples.counts(label, base),
            }
        )
    return pd.DataFrame(rows).assign(notes=samples.notes)


def bootstrapped_difference(
    data: pd.DataFrame,
    *,
    outcome: str,
    arm: str,
    baseline: str | None = None,
    reference: object = None,
    participant: str | None = None,
    replicates: int = 2000,
    seed: int,
    method: str = "bca",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return bootstrap intervals of the difference of means between each arm and the reference.

    As many participants are drawn from each arm as it has. In arms of fewer than about 20 bootstrap
    intervals are too short; `change_score` with Welch's t is not.

    Parameters
    ----------
    data, outcome, arm, baseline, reference, participant
        As in `permuted_difference`.
    replicates : int
        Samples; 2,000 or more.
    seed : int
        Sample i is drawn from (seed, i).
    method : str
        "bca" (bias-corrected and accelerated) or "percentile".
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        contrast, estimate, conf_low, conf_high, std_error, replicates, method, n_arm, n_reference,
        dropped_arm, dropped_reference, notes.

    Raises
    ------
    UsageError, NotEstimable
        As in `permuted_difference`; also if the replicates do not determine a BCa interval.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 4 + ["backward"] * 4,
    ...     "pain": [5.0, 6, 6, 7, 3, 4, 4, 5]})
    >>> found = bootstrapped_difference(frame, outcome="pain", arm="group", reference="forward",
    ...     seed=1)
    >>> found.round(2)[["contrast", "estimate", "std_error"]]
                 contrast  estimate  std_error
    0  backward - forward      -2.0        0.5
    """
    check_choice("method", method, METHODS)
    check_level(level)
    check_count("replicates", replicates, least=2)
    check_seed(seed)
    columns = TrialColumns(outcome=outcome, baseline=baseline, arm=arm, participant=participant)
    samples = arm_samples(data, columns, reference=reference)
    values, rows = _values(samples), []
    for label, base in samples.pairs:
        first, second = values[samples.members(label)], values[samples.members(base)]
        centred = np.concatenate([first - first.mean(), second - second.mean()])
        require_spread(centred, scale=samples.scale, what=f"the score in {label} and in {base}")
        drawn = _drawn(first, second, replicates=replicates, seed=seed)
        if method == "bca":
            low, high = bca_interval(
                replicates=drawn,
                estimate=np.array([first.mean() - second.mean()]),
                jackknife=np.concatenate([_without(first), -_without(second)])[:, None],
                strata=np.repeat([0, 1], [len(first), len(second)]),
                level=level,
            )
        else:
            low, high = percentile_interval(replicates=drawn, level=level)
        rows.append(
            {
                "contrast": f"{label} - {base}",
                "estimate": float(first.mean() - second.mean()),
                "conf_low": float(low[0]),
                "conf_high": float(high[0]),
                "std_error": float(drawn.std(ddof=1)),
                "replicates": replicates,
                "method": method,
                **samples.counts(label, base),
            }
        )
    return pd.DataFrame(rows).assign(notes=samples.notes)


def _values(samples: ArmSamples) -> FloatArray:
    """Return the outcome, or the change from baseline."""
    scores = samples.scores
    return np.asarray(scores[:, 0] - (scores[:, 1] if scores.shape[1] > 1 else 0.0))


def _drawn(first: FloatArray, second: FloatArray, *, replicates: int, seed: int) -> FloatArray:
    """Return the difference of means in each sample, shape (B, 1)."""
    strata = np.repeat([0, 1], [len(first), len(second)])
    share = np.concatenate([first / len(first), -second / len(second)])
    counts = [bootstrap_counts(seed=seed, index=i, strata=strata) for i in range(replicates)]
    return np.asarray(np.stack(counts) @ share)[:, None]


def _without(values: FloatArray) -> FloatArray:
    """Return the mean without each value in turn."""
    return np.asarray((values.sum() - values) / (len(values) - 1))
