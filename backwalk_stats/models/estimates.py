"""The estimate columns of every tidy frame of a model."""

from __future__ import annotations

from backwalk_stats.engine.domain import FloatArray, array
from backwalk_stats.engine.estimate import Estimate

NAMES = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


def estimate_columns(found: Estimate) -> dict[str, FloatArray]:
    """Return estimate, std_error, df, statistic, p_value, conf_low, conf_high by name."""
    return {name: array(getattr(found, name)) for name in NAMES}
