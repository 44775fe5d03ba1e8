"""Display tables: the room where a number becomes text."""

from backwalk_stats.report.ard import ard, ard_json
from backwalk_stats.report.readable_tables import (
    baseline,
    claims,
    flow,
    harms,
    instruments,
    ledger,
    load_log,
    means,
    missingness,
    pooled,
    responders,
    results,
    save,
    sensitivity,
    within_arm,
)
from backwalk_stats.report.writers.spirit import spirit
from backwalk_stats.tables.display import DisplayTable

__all__ = [
    "DisplayTable",
    "ard",
    "ard_json",
    "baseline",
    "claims",
    "flow",
    "harms",
    "instruments",
    "ledger",
    "load_log",
    "means",
    "missingness",
    "pooled",
    "responders",
    "results",
    "save",
    "sensitivity",
    "spirit",
    "within_arm",
]
