"""The table of error rates of models for discrete outcomes, as a document shows it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from docs.markdown import table

RATES = Path(__file__).parent / "methods" / "discrete_error_rates.csv"
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
