"""What published summaries determine, computed from reconstructed participants.

Every draw gives the same numbers, up to the rounding of what was printed. Contrasts are arm minus
reference, the first arm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd

from backwalk_stats.engine.numbers import Estimate, t_quantile
from backwalk_stats.engine.summary import two_arms
from backwalk_stats.engine.summary.change import ArmChange, d_av, d_z, paired
from backwalk_stats.engine.summary.six_numbers import ancova_from_summaries
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.models.record.reconstructed import ArmMoments, ReconstructedData
from backwalk_stats.trial.tables import ESTIMATES, MEANS

__all__ = ["ancova", "effect_sizes", "means", "paired_t", "student_t", "welch_t"]

Column = Literal["change", "post"]


def paired_t(data: ReconstructedData, *, level: float = 0.95) -> pd.DataFrame:
    """Test the mean change of each arm against zero.

    Parameters
    ----------
    data : ReconstructedData
        As `reconstruct` gives it.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        arm, estimate, conf_low, conf_high, p_value, std_error, df, statistic.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> arm = bw.ArmSummary(arm="backward", n=10, mean_pre="6.00", sd_pre="1.50", mean_post="4.00",
    ...                  sd_post="1.50", sd_change="2.00")
    >>> paired_t(bw.reconstruct([arm], source="made up", seed=1)).round(4)[["statistic", "p_value"]]
       statistic  p_value
    0    -3.1623   0.0115
    """
    rows = [{"arm": row.arm, **_numbers(paired(_change(row), level=level))} for row in data.moments]
    return pd.DataFrame(rows, columns=["arm", *ESTIMATES])


def student_t(
    data: ReconstructedData, *, of: Column = "change", level: float = 0.95
) -> pd.DataFrame:
    """Compare each arm with the reference by Student's t, one variance for both.

    Parameters
    ----------
    data : ReconstructedData
        As `reconstruct` gives it.
    of : str
        "change" or "post".
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        contrast, estimate, conf_low, conf_high, p_value, std_error, df, statistic.

    Raises
    ------
    UsageError
        If `of` is neither word.
    NotEstimable
        If there is one arm only.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> printed = {"n": 10, "mean_pre": "6.00", "sd_pre": "1.50", "sd_post": "1.50"}
    >>> arms = [bw.ArmSummary(arm="forward", mean_post="5.00", sd_change="1.20", **printed),
    ...     bw.ArmSummary(arm="backward", mean_post="4.00", sd_change="1.20", **printed)]
    >>> drawn = bw.reconstruct(arms, source="made up", seed=1)
    >>> student_t(drawn).round(3)[["contrast", "estimate", "df", "p_value"]]
                 contrast  estimate    df  p_value
    0  backward - forward      -1.0  18.0    0.079
    """
    return _contrasts(
        data, lambda arm, base: two_arms.pooled(_arm(arm, of), _arm(base, of), level=level)
    )


def welch_t(data: ReconstructedData, *, of: Column = "change", level: float = 0.95) -> pd.DataFrame:
    """Compare each arm with the reference by Welch's t, each with its own variance.

    Parameters
    ----------
    data, of, level
        As in `student_t`.

    Returns
    -------
    DataFrame
        As `student_t`.

    Raises
    ------
    UsageError, NotEstimable
        As `student_t`.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> printed = {"n": 10, "mean_pre": "6.00", "sd_pre": "1.50", "sd_post": "1.50"}
    >>> arms = [bw.ArmSummary(arm="forward", mean_post="5.00", sd_change="1.20", **printed),
    ...     bw.ArmSummary(arm="backward", mean_post="4.00", sd_change="1.20", **printed)]
    >>> drawn = bw.reconstruct(arms, source="made up", seed=1)
    >>> welch_t(drawn).round(3)[["contrast", "estimate", "df", "p_value"]]
                 contrast  estimate    df  p_value
    0  backward - forward      -1.0  18.0    0.079
    """
    return _contrasts(
        data, lambda arm, base: two_arms.welch(_arm(arm, of), _arm(base, of), level=level)
    )


def ancova(data: ReconstructedData, *, level: float = 0.95) -> pd.DataFrame:
    """Compare the scores after at the same score before, by one slope for the arms compared.

    Parameters
    ----------
    data, level
        As in `student_t`.

    Returns
    -------
    DataFrame
        As `student_t`. With three arms or more the slope and the variance are those of all arms.

    Raises
    ------
    NotEstimable
        If there is one arm only.

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> printed = {"n": 10, "mean_pre": "6.00", "sd_pre": "1.50", "sd_post": "1.50"}
    >>> arms = [bw.ArmSummary(arm="forward", mean_post="5.00", sd_change="1.20", **printed),
    ...     bw.ArmSummary(arm="backward", mean_post="4.00", sd_change="1.20", **printed)]
    >>> drawn = bw.reconstruct(arms, source="made up", seed=1)
    >>> ancova(drawn).round(3)[["contrast", "estimate", "p_value"]]
                 contrast  estimate  p_value
    0  backward - forward      -1.0    0.065
    """
    _needs_two(data)
    names = ("n", "mean_pre", "sd_pre", "mean_post", "sd_post", "correlation")
    columns = {name: [getattr(arm, name) for arm in data.moments] for name in names}
    rows = [
        {"contrast": f"{arm} - {data.arms[0]}", **_numbers(
            ancova_from_summaries(**columns, first=place, second=0, level=level))}
        for place, arm in enumerate(data.arms) if place
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["contrast", *ESTIMATES])


def effect_sizes(data: ReconstructedData, *, level: float = 0.95) -> pd.DataFrame:
    """Return the standardised effects: within each arm, and of the change between arms.

    Parameters
    ----------
    data, level
        As in `student_t`.

    Returns
    -------
    DataFrame
        quantity ("d_z" and "d_av" of an arm; "hedges_g" of the change, with exact interval from
        noncentral t), label (arm or contrast), estimate, conf_low, conf_high (NaN where no interval
        is given).

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> printed = {"n": 10, "mean_pre": "6.00", "sd_pre": "1.50", "sd_post": "1.50"}
    >>> arms = [bw.ArmSummary(arm="forward", mean_post="5.00", sd_change="1.20", **printed),
    ...     bw.ArmSummary(arm="backward", mean_post="4.00", sd_change="1.20", **printed)]
    >>> drawn = bw.reconstruct(arms, source="made up", seed=1)
    >>> effect_sizes(drawn).round(2)[["quantity", "label", "estimate"]]
       quantity               label  estimate
    0       d_z             forward     -0.83
    1      d_av             forward     -0.67
    2       d_z            backward     -1.67
    3      d_av            backward     -1.33
    4  hedges_g  backward - forward     -0.80
    """
    table = data.moments
    rows: list[dict[str, object]] = []
    for row in table:
        for name, size in (("d_z", d_z), ("d_av", d_av)):
            rows.append(_effect(name, row.arm, size(_change(row)), np.nan, np.nan))
    for arm in table[1:]:
        d = two_arms.cohen_d(_arm(arm, "change"), _arm(table[0], "change"))
        low, high = two_arms.noncentral_interval(n1=arm.n, n2=table[0].n, d=d, level=level)
        factor = two_arms.hedges_correction(arm.n + table[0].n - 2.0)
        label = f"{arm.arm} - {table[0].arm}"
        rows.append(_effect("hedges_g", label, factor * d, factor * low, factor * high))
    return pd.DataFrame(rows)


def means(data: ReconstructedData, *, level: float = 0.95) -> pd.DataFrame:
    """Return the mean of each arm before and after, with its interval from t.

    Parameters
    ----------
    data, level
        As in `student_t`.

    Returns
    -------
    DataFrame
        Columns of `tables.MEANS`: visit "before" or "after", kind "reconstructed".

    Examples
    --------
    >>> import backwalk_stats as bw
    >>> printed = {"n": 10, "mean_pre": "6.00", "sd_pre": "1.50", "sd_post": "1.50"}
    >>> arms = [bw.ArmSummary(arm="forward", mean_post="5.00", sd_change="1.20", **printed),
    ...     bw.ArmSummary(arm="backward", mean_post="4.00", sd_change="1.20", **printed)]
    >>> drawn = bw.reconstruct(arms, source="made up", seed=1)
    >>> means(drawn).round(2)[["visit", "arm", "estimate", "conf_low", "conf_high"]]
        visit       arm  estimate  conf_low  conf_high
    0  before   forward       6.0      4.93       7.07
    1   after   forward       5.0      3.93       6.07
    2  before  backward       6.0      4.93       7.07
    3   after  backward       4.0      2.93       5.07
    """
    rows = []
    for arm in data.moments:
        for visit, mean, sd in (
            ("before", arm.mean_pre, arm.sd_pre),
            ("after", arm.mean_post, arm.sd_post),
        ):
            margin = float(t_quantile(level=level, df=arm.n - 1)) * sd / math.sqrt(arm.n)
            ends = (mean - margin, mean + margin)
            rows.append(("", visit, np.nan, arm.arm, data.origin, arm.n, mean, sd, *ends))
    return pd.DataFrame(rows, columns=list(MEANS))


def _effect(
    quantity: str, label: str, estimate: float, low: float, high: float
) -> dict[str, object]:
    return {
        "quantity": quantity,
        "label": label,
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
    }


def _contrasts(
    data: ReconstructedData, test: Callable[[ArmMoments, ArmMoments], Estimate]
) -> pd.DataFrame:
    _needs_two(data)
    base, *others = data.moments
    rows = [{"contrast": f"{arm.arm} - {base.arm}", **_numbers(test(arm, base))} for arm in others]
    return pd.DataFrame(rows, columns=["contrast", *ESTIMATES])


def _arm(arm: ArmMoments, of: str) -> two_arms.Arm:
    if of not in {"change", "post"}:
        raise UsageError(f"expected of 'change' or 'post', found '{of}'")
    return two_arms.Arm(arm.n, getattr(arm, f"mean_{of}"), getattr(arm, f"sd_{of}"))


def _change(arm: ArmMoments) -> ArmChange:
    return ArmChange(arm.n, arm.mean_change, arm.sd_change, arm.sd_pre, arm.sd_post)


def _needs_two(data: ReconstructedData) -> None:
    if len(data.arms) < 2:
        raise NotEstimable("a contrast needs two arms, found one")


def _numbers(found: Estimate) -> dict[str, float]:
    return {name: getattr(found, name) for name in ESTIMATES}
