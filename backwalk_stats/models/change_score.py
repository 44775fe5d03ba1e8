"""Change from baseline compared between arms, with standardised differences.

Where baseline can be adjusted for, `ancova` estimates the same effect with a smaller error; the
change score is for comparison with published work and for sensitivity.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from backwalk_stats.engine.change import ArmChange, d_ppc
from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.estimate import Estimate
from backwalk_stats.engine.moments import moments
from backwalk_stats.engine.two_arms import (
    Arm,
    cohen_d,
    hedges_correction,
    noncentral_interval,
    pooled,
    pooled_sd,
    welch,
)
from backwalk_stats.models.arm_samples import arm_samples, require_spread
from backwalk_stats.models.choices import check_choice, check_level
from backwalk_stats.models.columns import TrialColumns
from backwalk_stats.trial.tables import ESTIMATES

TESTS: dict[str, Callable[..., Estimate]] = {"welch": welch, "pooled": pooled}


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
    data : DataFrame
        One row a participant.
    outcome, baseline, arm : str
        Columns: the score after treatment, the score before, and the arm.
    reference : object, optional
        The arm to compare with; needed unless the arm is a categorical, whose first level it then
        is.
    participant : str, optional
        Column of ids: two rows of one participant are refused.
    test : str
        "welch", each arm with its own variance; or "pooled", Student's t with one variance for the
        two arms compared.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a contrast ("arm - reference"): estimate, std_error, df, statistic, p_value,
        conf_low, conf_high; test; sd_pooled (of the changes); hedges_g, g_low, g_high (over
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
    >>> frame = pd.DataFrame(
    ...     {
    ...         "group": ["forward"] * 4 + ["backward"] * 4,
    ...         "before": [6.0, 7.0, 5.0, 8.0, 6.5, 7.0, 5.5, 8.5],
    ...         "after": [5.0, 5.5, 4.5, 6.0, 4.0, 4.5, 3.5, 5.5],
    ...     }
    ... )
    >>> found = change_score(
    ...     frame, outcome="after", baseline="before", arm="group", reference="forward"
    ... )
    >>> found.round(4)[["contrast", "estimate", "df", "p_value", "hedges_g", "d_ppc"]]
                 contrast  estimate     df  p_value  hedges_g   d_ppc
    0  backward - forward     -1.25  5.069   0.0217   -2.0105 -0.8545
    """
    check_choice("test", test, tuple(TESTS))
    check_level(level)
    columns = TrialColumns(outcome=outcome, baseline=baseline, arm=arm, participant=participant)
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
    one, two = (Arm(change.n, change.mean, change.sd) for change in found)
    tested = TESTS[test](one, two, level=level)
    d = float(cohen_d(one, two))
    factor = float(hedges_correction(one.n + two.n - 2))
    low, high = noncentral_interval(n1=one.n, n2=two.n, d=d, level=level)
    before = [moments(scores[:, 1]).sd for scores in (arm, reference)]
    own = [ArmChange(*change, sd) for change, sd in zip((one, two), before, strict=True)]
    ppc = d_ppc(*own, level=level) if max(before) > 0.0 else None
    return {
        **{name: float(getattr(tested, name)) for name in ESTIMATES},
        "test": test,
        "sd_pooled": float(pooled_sd(one, two)),
        "hedges_g": d * factor,
        "g_low": low * factor,
        "g_high": high * factor,
        "d_ppc": ppc.estimate if ppc else np.nan,
        "d_ppc_low": ppc.low if ppc else np.nan,
        "d_ppc_high": ppc.high if ppc else np.nan,
    }
