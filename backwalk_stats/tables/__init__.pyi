"""Display tables: the room where a number becomes text."""

from backwalk_stats.report.readable_tables import (
    baseline,
    claims,
    instruments,
    ledger,
    load_log,
    means,
    missingness,
    pooled,
    responders,
    results,
    sensitivity,
    within_arm,
)
from backwalk_stats.tables.display import DisplayTable

__all__ = [
    "DisplayTable",
    "baseline",
    "claims",
    "instruments",
    "ledger",
    "load_log",
    "means",
    "missingness",
    "pooled",
    "responders",
    "results",
    "sensitivity",
    "within_arm",
]
