"""The tables of error rates of models for discrete outcomes and nested rows, as documents show."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from docs.markdown import table

RATES = Path(__file__).parent / "methods" / "discrete_error_rates.csv"
SMALL = RATES.with_name("small_sample_rates.csv")
NESTED = RATES.with_name("nested_error_rates.csv")
SIZES = ("13", "40")


def discrete_block() -> str:
    """Return how often each method is at or below 0.05 where arms do not differ, by size of arm."""
    rates = pd.read_csv(RATES)
    heading = ["method", *(f"error, {size} an arm" for size in SIZES), "no p, 13", "data sets"]
    rows = [
        [
            str(row["method"]),
            *(f"{row[f'error_{size}']:.3f}" for size in SIZES),
            f"{row['none_13']:.3f}",
            f"{row['data_sets']:,}",
        ]
        for row in rates.to_dict("records")
    ]
    return table(heading, rows)


def small_sample_block() -> str:
    """Return error, coverage and power of each way to test in small trials."""
    rates = pd.read_csv(SMALL)
    heading = ["model", "an arm", "data", "way", "error", "coverage", "power", "data sets"]
    rows = [
        [
            *(str(row[name]) for name in ("model", "per_arm", "data", "way")),
            *(f"{row[name]:.3f}" for name in ("error", "coverage", "power")),
            f"{row['data_sets']:,}",
        ]
        for row in rates.to_dict("records")
    ]
    return table(heading, rows)


def nested_block() -> str:
    """Return error, its limits and the share of fits at a variance of zero of each design."""
    rates = pd.read_csv(NESTED)
    heading = ["design", "method", "error", "low", "high", "a variance at 0"]
    rows = [
        [
            *(str(row[name]) for name in ("design", "method")),
            *(f"{row[name]:.3f}" for name in ("error", "low", "high", "singular")),
        ]
        for row in rates.to_dict("records")
    ]
    return table(heading, rows)
