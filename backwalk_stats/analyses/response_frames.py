"""Shares of responders with their interval, and the share that improved by each amount."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from backwalk_stats.trial.tables import RESPONSE_CURVE

if TYPE_CHECKING:
    from backwalk_stats.trial.outcome import Outcome

POINTS = 61
MOST = 101
TIE = 1e-9


def share(events: int, n: int, *, level: float) -> dict[str, float]:
    """Return events, n, per cent and Wilson's interval in per cent; NaN without anybody.

    Examples
    --------
    >>> {name: round(one, 2) for name, one in share(3, 10, level=0.95).items()}
    {'events': 3, 'n': 10, 'percent': 30.0, 'conf_low': 10.78, 'conf_high': 60.32}
    """
    if not n:
        return {"events": 0, "n": 0, **dict.fromkeys(("percent", "conf_low", "conf_high"), np.nan)}
    limits = binomtest(events, n).proportion_ci(confidence_level=level, method="wilson")
    percent = 100.0 * events / n
    low, high = 100.0 * float(limits.low), 100.0 * float(limits.high)
    return {"events": events, "n": n, "percent": percent, "conf_low": low, "conf_high": high}


def response_curve(changes: pd.DataFrame, outcome: Outcome, arms: tuple[str, ...]) -> pd.DataFrame:
    """Return the share of each arm that improved by at least each amount.

    From `tables.CHANGES`, without those whose change is not known, to `tables.RESPONSE_CURVE`.
    Thresholds run over what was observed, in steps of the scale where it has any and these are not
    too many.
    """
    gain = outcome.sign * changes["change"].to_numpy(dtype=float)
    known = gain[~np.isnan(gain)]
    if not len(known):
        return pd.DataFrame(columns=list(RESPONSE_CURVE))
    at = _thresholds(float(known.min()), float(known.max()), outcome.step)
    arm_of = changes["arm"].astype("object").to_numpy()
    rows = []
    for arm in arms:
        own = gain[(arm_of == arm) & ~np.isnan(gain)]
        for threshold in at:
            slack = TIE * max(1.0, abs(threshold))
            reached = 100.0 * float((own >= threshold - slack).mean()) if len(own) else np.nan
            rows.append((arm, float(threshold), reached, len(own)))
    return pd.DataFrame(rows, columns=list(RESPONSE_CURVE))


def _thresholds(low: float, high: float, step: float | None) -> np.ndarray:
    if step is not None and (high - low) / step < MOST:
        first, last = int(np.floor(low / step)), int(np.ceil(high / step))
        return np.asarray(step * np.arange(first, last + 1))
    return np.linspace(low, high, POINTS)
