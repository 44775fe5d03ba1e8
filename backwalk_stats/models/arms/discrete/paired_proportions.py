"""Answers before and after within each arm: who gained, who lost, and McNemar's tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats

from backwalk_stats.models.arms.discrete.comparison import Row, as_frame, labelled, with_chi_square
from backwalk_stats.models.arms.samples import arm_samples
from backwalk_stats.models.columns.trial_columns import TrialColumns, require_named
from backwalk_stats.models.fit.choices import check_level
from backwalk_stats.software import computes_with

ALL_KEPT = "nobody changed: there is nothing to test"


def paired_proportions(
    data: pd.DataFrame,
    *,
    before: str,
    after: str,
    arm: str | None = None,
    participant: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the share of participants who can do something before and after, in each arm.

    It is a change within an arm, not a difference between arms: for that compare `after`, adjusted
    for `before`, with `adjusted_risk`.

    Parameters
    ----------
    data : DataFrame
        One row a participant. A row that misses either answer is left out and counted.
    before, after : str
        Columns: true or 1, false or 0.
    arm : str, optional
        Column; without it everyone is one arm, "all".
    participant, level
        As in `ancova`.

    Returns
    -------
    DataFrame
        For each arm, quantity: risk_difference (after minus before; limits of Bonett and Price, p
        exact), odds_ratio (gained over lost; limits by the exact ones of the binomial, p exact),
        mcnemar_exact, mcnemar_mid_p, mcnemar, mcnemar_corrected (chi-square, without and with the
        correction); arm, the estimate columns, n, gained (0 then 1), lost (1 then 0), p_exact and
        p_mid (the same in every row of an arm), notes.

    Raises
    ------
    UsageError
        If a column does not exist, an answer is neither true nor false, or a participant has two
        rows.
    NotEstimable
        If an arm has fewer than 2 complete rows.

    References
    ----------
    McNemar, Psychometrika 1947;12:153. Fagerland, Lydersen and Laake, BMC Med Res Methodol
    2013;13:91 (mid-p). Bonett and Price, Br J Math Stat Psychol 2012;65:479.

    Examples
    --------
    >>> frame = pd.DataFrame({"able_before": [0] * 8 + [1] * 4,
    ...     "able_after": [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0]})
    >>> found = paired_proportions(frame, before="able_before", after="able_after")
    >>> found.round(3)[["quantity", "estimate", "p_value", "gained", "lost"]].head(4)
              quantity  estimate  p_value  gained  lost
    0  risk_difference     0.417    0.125       6     1
    1       odds_ratio     6.000    0.125       6     1
    2    mcnemar_exact       NaN    0.125       6     1
    3    mcnemar_mid_p       NaN    0.070       6     1
    """
    check_level(level)
    columns = TrialColumns(before=before, after=after, arm=arm, participant=participant)
    require_named(columns, "before", "after")
    samples = arm_samples(data, columns, compared=False)
    rows: list[Row] = []
    for label in samples.labels:
        first, second = samples.of(label).T
        gained, lost = int((second > first).sum()), int((second < first).sum())
        rows += _rows(label, gained, lost, len(first), level=level)
    return as_frame(rows, samples.notes, samples.left_out)


def _rows(label: str, gained: int, lost: int, n: int, *, level: float) -> list[Row]:
    """Return the rows of one arm."""
    note = "" if gained + lost else ALL_KEPT
    exact, mid = _binomial(gained, lost)
    p = {"p_value": exact}
    rows = [
        labelled("risk_difference", arm=label, note=note) | _difference(gained, lost, n, level) | p,
        labelled("odds_ratio", arm=label, note=note) | _odds(gained, lost, level) | p,
        labelled("mcnemar_exact", arm=label, note=note) | p,
        labelled("mcnemar_mid_p", arm=label, note=note) | {"p_value": mid},
    ]
    for quantity, less in (("mcnemar", 0), ("mcnemar_corrected", 1)):
        row = labelled(quantity, arm=label, note=note)
        changed = gained + lost
        if changed:  # as R's mcnemar.test: no correction where as many gained as lost
            apart = abs(gained - lost) - less * (gained != lost)
            row = with_chi_square(row, apart**2 / changed, 1.0)
        rows.append(row)
    shared = {"n": n, "gained": gained, "lost": lost, "p_exact": exact, "p_mid": mid}
    return [row | shared for row in rows]


def _binomial(gained: int, lost: int) -> tuple[float, float]:
    """Return the exact two-sided p and the mid-p of gained among those who changed."""
    changed = gained + lost
    if not changed:
        return 1.0, 1.0
    from statsmodels.stats.contingency_tables import mcnemar

    computes_with("statsmodels")
    exact = float(mcnemar([[0, gained], [lost, 0]], exact=True).pvalue)
    mid = exact - float(stats.binom.pmf(gained, changed, 0.5))
    # with as many gained as lost the tails overlap: the p is 1, of which the middle counts half
    return exact, mid


def _difference(gained: int, lost: int, n: int, level: float) -> dict[str, float]:
    """Return the change of the share, with the adjusted Wald limits of Bonett and Price."""
    estimate = (gained - lost) / n
    error = np.sqrt((gained + lost) / n - estimate**2) / np.sqrt(n)
    up, down = (gained + 1.0) / (n + 2.0), (lost + 1.0) / (n + 2.0)
    half = float(special.ndtri(0.5 + level / 2.0)) * np.sqrt(
        (up + down - (up - down) ** 2) / (n + 2)
    )
    middle = up - down
    return {
        "estimate": estimate,
        "std_error": float(error) if error > 0.0 else np.nan,
        "conf_low": max(-1.0, float(middle - half)),
        "conf_high": min(1.0, float(middle + half)),
    }


def _odds(gained: int, lost: int, level: float) -> dict[str, float]:
    """Return gained over lost, with the exact limits of the binomial share turned into odds."""
    if not gained + lost:
        return {}
    tail = (1.0 - level) / 2.0
    low = float(special.betaincinv(gained, lost + 1.0, tail)) if gained else 0.0
    high = float(special.betaincinv(gained + 1.0, lost, 1.0 - tail)) if lost else 1.0
    computes_with("scipy")
    return {
        "estimate": gained / lost if lost else np.inf,
        "conf_low": low / (1.0 - low),
        "conf_high": high / (1.0 - high) if high < 1.0 else np.inf,
    }
