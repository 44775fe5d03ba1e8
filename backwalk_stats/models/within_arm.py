"""Change from baseline within each arm: paired t, signed ranks, and standardised changes.

A change within an arm is not an effect of the treatment: without a comparison it also holds time,
regression to the mean and attention. The comparison of arms is `change_score` or `ancova`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from backwalk_stats.engine.change import ArmChange, d_av_interval, d_z_interval, paired
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.midranks import snapped
from backwalk_stats.engine.moments import moments
from backwalk_stats.engine.signed_rank import (
    SignedRank,
    pseudo_median,
    signed_rank,
    signed_rank_pratt,
)
from backwalk_stats.engine.two_arms import hedges_correction
from backwalk_stats.models.arm_samples import arm_samples, require_spread
from backwalk_stats.models.choices import check_choice, check_level
from backwalk_stats.models.columns import TrialColumns
from backwalk_stats.trial.tables import ESTIMATES

ZEROS: dict[str, Callable[[FloatArray], SignedRank]] = {
    "wilcoxon": signed_rank,
    "pratt": signed_rank_pratt,
}


def within_arm(
    data: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str | None = None,
    participant: str | None = None,
    zeros: str = "wilcoxon",
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the change from baseline of each arm (outcome minus baseline).

    Parameters
    ----------
    data : DataFrame
        One row a participant.
    outcome, baseline : str
        Columns: the score after treatment and before.
    arm : str, optional
        Column of the arm; without it all rows are one arm, "all".
    participant : str, optional
        Column of ids: two rows of one participant are refused.
    zeros : str
        What the signed-rank test does with changes of zero: "wilcoxon" leaves them out first, as
        R's `wilcox.test` and SAS; "pratt" ranks them and then leaves them out.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row an arm: arm, n, n_dropped (a score missing), mean_baseline, mean_outcome; estimate
        (mean change), std_error, df, statistic, p_value, conf_low, conf_high of the paired t;
        sd_change, correlation (NaN where a visit does not vary);
        d_z with exact limits, and g_z, d_z times Hedges' exact factor with its limits likewise;
        d_av (over the mean of the two SDs) with approximate limits;
        hodges_lehmann (median of the Walsh averages of all changes) with hl_low, hl_high;
        wilcoxon_statistic (sum of the ranks above zero), wilcoxon_p, wilcoxon_method, n_zero;
        notes.

    Raises
    ------
    UsageError
        If a column or choice does not exist or is not numeric, or a participant has two rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or everyone in it changed by the same.

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "group": ["backward"] * 6,
    ...         "before": [6.0, 7.0, 5.0, 8.0, 6.5, 7.0],
    ...         "after": [4.0, 5.5, 5.0, 6.0, 4.0, None],
    ...     }
    ... )
    >>> found = within_arm(frame, outcome="after", baseline="before", arm="group")
    >>> found.round(3)[["arm", "n", "n_dropped", "estimate", "p_value", "d_z", "wilcoxon_p"]]
            arm  n  n_dropped  estimate  p_value    d_z  wilcoxon_p
    0  backward  5          1      -1.6     0.02 -1.664       0.125
    """
    check_choice("zeros", zeros, tuple(ZEROS))
    check_level(level)
    columns = TrialColumns(outcome=outcome, baseline=baseline, arm=arm, participant=participant)
    samples = arm_samples(data, columns, compared=False)
    frame = pd.DataFrame(
        [
            {
                "arm": label,
                "n": len(samples.of(label)),
                "n_dropped": samples.dropped[label],
                **_row(samples.of(label), label=label, zeros=zeros, level=level),
            }
            for label in samples.labels
        ]
    )
    own = [[one for one in (samples.notes, note) if one] for note in frame["notes"]]
    return frame.assign(notes=["; ".join(one) for one in own])


def _row(scores: FloatArray, *, label: str, zeros: str, level: float) -> dict[str, object]:
    """Return what is said of one arm; scores are outcome and baseline, shape (n, 2)."""
    n, change = len(scores), scores[:, 0] - scores[:, 1]
    scale = float(np.abs(scores).max())
    require_spread(change, scale=scale, what=f"the change in {label}")
    post, pre, moved = (moments(one) for one in (scores[:, 0], scores[:, 1], change))
    own = ArmChange(n=n, mean=moved.mean, sd=moved.sd, sd_pre=pre.sd, sd_post=post.sd)
    test = paired(own, level=level)
    d_z, d_av = d_z_interval(own, level=level), d_av_interval(own, level=level)
    # With one degree of freedom the factor is 0: there is no unbiased form.
    g_z = d_z.times(float(hedges_correction(n - 1)) if n > 2 else np.nan)
    varied = min(pre.sd, post.sd) > 0.0
    return {
        "mean_baseline": pre.mean,
        "mean_outcome": post.mean,
        **{name: float(getattr(test, name)) for name in ESTIMATES},
        "sd_change": moved.sd,
        "correlation": float(np.asarray(np.corrcoef(scores.T))[0, 1]) if varied else np.nan,
        **{"d_z": d_z.estimate, "d_z_low": d_z.low, "d_z_high": d_z.high},
        **{"g_z": g_z.estimate, "g_z_low": g_z.low, "g_z_high": g_z.high},
        **{"d_av": d_av.estimate, "d_av_low": d_av.low, "d_av_high": d_av.high},
        **_ranked(snapped(change, scale=scale), zeros=zeros, level=level),
    }


def _ranked(change: FloatArray, *, zeros: str, level: float) -> dict[str, object]:
    middle, test = pseudo_median(change, level=level), ZEROS[zeros](change)
    handled = "left out" if zeros == "wilcoxon" else "ranked and left out (Pratt)"
    notes = [f"{test.zeros} changes of zero {handled}"] if test.zeros else []
    if not np.isfinite([middle.low, middle.high]).all():
        notes.append(f"{len(change)} changes do not give the pseudo-median an interval")
    return {
        "hodges_lehmann": middle.estimate,
        "hl_low": middle.low,
        "hl_high": middle.high,
        "wilcoxon_statistic": test.statistic,
        "wilcoxon_p": test.p_value,
        "wilcoxon_method": "exact" if test.exact else "normal",
        "n_zero": test.zeros,
        "notes": "; ".join(notes),
    }
