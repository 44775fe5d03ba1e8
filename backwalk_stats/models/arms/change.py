"""Change from baseline compared between arms, with standardised differences.

Where baseline can be adjusted for, `ancova` estimates the same effect with a smaller error; the
change score is for comparison with published work and for sensitivity.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import Estimate, FloatArray
from backwalk_stats.engine.ranks.ranking import snapped
from backwalk_stats.engine.ranks.signed_rank import (
    SignedRank,
    pseudo_median,
    signed_rank,
    signed_rank_pratt,
)
from backwalk_stats.engine.summary import two_arms
from backwalk_stats.engine.summary.change import (
    ArmChange,
    d_av_interval,
    d_ppc,
    d_z_interval,
    paired,
)
from backwalk_stats.engine.summary.moments import moments
from backwalk_stats.models.arms.samples import arm_samples, require_spread
from backwalk_stats.models.columns.trial_columns import TrialColumns, require_named
from backwalk_stats.models.fit.choices import check_choice, check_level
from backwalk_stats.trial.tables import ESTIMATES

TESTS: dict[str, Callable[..., Estimate]] = {"welch": two_arms.welch, "pooled": two_arms.pooled}
ZEROS: dict[str, Callable[[FloatArray], SignedRank]] = {
    "wilcoxon": signed_rank,
    "pratt": signed_rank_pratt,
}


def change_score(
    data: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    arm: str,
    reference: object = None,
    participant: str | None = None,
    test: str = "welch",
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the mean change (outcome minus baseline) of each arm with the reference arm's.

    Parameters
    ----------
    data, reference, participant, level
        As in `ancova`.
    outcome, baseline, arm : str
        Columns: the score after treatment, the score before, and the arm.
    test : str
        "welch", each arm with its own variance; or "pooled", Student's t with one variance for the
        two arms compared.

    Returns
    -------
    DataFrame
        One row a contrast ("arm - reference"): estimate, conf_low, conf_high, p_value, std_error,
        df, statistic; test; sd_pooled (of the changes); hedges_g, g_low, g_high (over
        sd_pooled, exact factor, noncentral t); d_ppc, d_ppc_low, d_ppc_high (Morris's d_ppc2, over
        the pooled SD at baseline; NaN where the baseline does not vary); n_arm, n_reference,
        dropped_arm, dropped_reference (a score is missing); notes, what was decided of the
        columns. Effect sizes are the same for both tests.

    Raises
    ------
    UsageError
        If a column, arm or choice does not exist, a column is not numeric, or a participant has two
        rows.
    NotEstimable
        If an arm has fewer than 2 complete rows, or both arms' changes do not vary.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["forward"] * 4 + ["backward"] * 4,
    ...     "before": [6.0, 7.0, 5.0, 8.0, 6.5, 7.0, 5.5, 8.5],
    ...     "after": [5.0, 5.5, 4.5, 6.0, 4.0, 4.5, 3.5, 5.5]})
    >>> found = change_score(frame, outcome="after", baseline="before", arm="group",
    ...     reference="forward")
    >>> found.round(4)[["contrast", "estimate", "df", "p_value", "hedges_g", "d_ppc"]]
                 contrast  estimate     df  p_value  hedges_g   d_ppc
    0  backward - forward     -1.25  5.069   0.0217   -2.0105 -0.8545
    """
    check_choice("test", test, tuple(TESTS))
    check_level(level)
    columns = TrialColumns(outcome=outcome, baseline=baseline, arm=arm, participant=participant)
    require_named(columns, "baseline", "arm")
    samples = arm_samples(data, columns, reference=reference)
    rows = []
    for label, base in samples.pairs:
        found = _compared(
            samples.of(label), samples.of(base), names=(label, base), test=test, level=level
        )
        rows.append({"contrast": f"{label} - {base}", **found, **samples.counts(label, base)})
    return pd.DataFrame(rows).assign(notes=samples.notes)


def _compared(
    arm: FloatArray, reference: FloatArray, *, names: tuple[str, str], test: str, level: float
) -> dict[str, object]:
    """Return what is said of two arms; scores are outcome and baseline, shape (n, 2)."""
    changes = [scores[:, 0] - scores[:, 1] for scores in (arm, reference)]
    scale = float(np.abs(np.concatenate([arm, reference])).max())
    centred = np.concatenate([change - change.mean() for change in changes])
    require_spread(centred, scale=scale, what=f"the change in {names[0]} and in {names[1]}")
    found = (moments(change) for change in changes)
    one, two = (two_arms.Arm(change.n, change.mean, change.sd) for change in found)
    tested = TESTS[test](one, two, level=level)
    d = float(two_arms.cohen_d(one, two))
    factor = float(two_arms.hedges_correction(one.n + two.n - 2))
    low, high = two_arms.noncentral_interval(n1=one.n, n2=two.n, d=d, level=level)
    before = [moments(scores[:, 1]).sd for scores in (arm, reference)]
    own = [ArmChange(*change, sd) for change, sd in zip((one, two), before, strict=True)]
    ppc = d_ppc(*own, level=level) if max(before) > 0.0 else None
    return {
        **{name: float(getattr(tested, name)) for name in ESTIMATES},
        "test": test,
        "sd_pooled": float(two_arms.pooled_sd(one, two)),
        "hedges_g": d * factor,
        "g_low": low * factor,
        "g_high": high * factor,
        "d_ppc": ppc.estimate if ppc else np.nan,
        "d_ppc_low": ppc.low if ppc else np.nan,
        "d_ppc_high": ppc.high if ppc else np.nan,
    }


# Change from baseline within each arm: paired t, signed ranks, and standardised changes. It is not
# an effect of the treatment: without a comparison it also holds time, regression to the mean and
# attention. The comparison of arms is `change_score` or `ancova`.


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
    data, participant, level
        As in `ancova`.
    outcome, baseline : str
        Columns: the score after treatment and before.
    arm : str, optional
        Column of the arm; without it all rows are one arm, "all".
    zeros : str
        What the signed-rank test does with changes of zero: "wilcoxon" leaves them out first, as
        R's `wilcox.test` and SAS; "pratt" ranks them and then leaves them out.

    Returns
    -------
    DataFrame
        One row an arm: arm, n, n_dropped (a score missing), mean_baseline, mean_outcome; estimate
        (mean change), conf_low, conf_high, p_value, std_error, df, statistic of the paired t;
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
    >>> frame = pd.DataFrame({"group": ["backward"] * 6, "before": [6.0, 7.0, 5.0, 8.0, 6.5, 7.0],
    ...     "after": [4.0, 5.5, 5.0, 6.0, 4.0, None]})
    >>> found = within_arm(frame, outcome="after", baseline="before", arm="group")
    >>> found.round(3)[["arm", "n", "n_dropped", "estimate", "p_value", "d_z", "wilcoxon_p"]]
            arm  n  n_dropped  estimate  p_value    d_z  wilcoxon_p
    0  backward  5          1      -1.6     0.02 -1.664       0.125
    """
    check_choice("zeros", zeros, tuple(ZEROS))
    check_level(level)
    columns = TrialColumns(outcome=outcome, baseline=baseline, arm=arm, participant=participant)
    require_named(columns, "baseline")
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
    g_z = d_z.times(float(two_arms.hedges_correction(n - 1)) if n > 2 else np.nan)
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
