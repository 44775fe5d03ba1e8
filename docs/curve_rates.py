"""The table of error rates and power of whole-curve tests, as a document shows it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from docs.markdown import table

RATES = Path(__file__).parent / "methods" / "curve_error_rates.csv"
ARRAY_RATES = RATES.with_name("array_test_error_rates.csv")
OFFSETS = ("0", "3", "10")


def rates_block() -> str:
    """Return the rates at each offset of participants, tests that are offered first."""
    rates = pd.read_csv(RATES).sort_values("offered", ascending=False, kind="stable")
    heading = ["test", *(f"error, {one}" for one in OFFSETS), *(f"power, {one}" for one in OFFSETS)]
    columns = [f"{kind}_offset_{one}" for kind in ("error", "power") for one in OFFSETS]
    rows = [
        [
            row["test"] if row["offered"] == "yes" else f"*{row['test']}: not offered*",
            *(f"{row[name]:.3f}" for name in columns),
            f"{row['data_sets']:,}",
        ]
        for row in rates.to_dict("records")
    ]
    return table([*heading, "data sets"], rows)


def array_rates_block() -> str:
    """Return the error rates of `bw.curve_test` at each offset of participants."""
    rates = pd.read_csv(ARRAY_RATES)
    columns = [name for name in map(str, rates) if name.startswith("error_offset_")]
    offsets = [name.rpartition("_")[2] for name in columns]
    heading = ["design and method", *(f"error, {one}" for one in offsets), "data sets"]
    rows = [
        [row["test"], *(f"{row[name]:.3f}" for name in columns), f"{row['data_sets']:,}"]
        for row in rates.to_dict("records")
    ]
    return table(heading, rows)
