"""Looks up rows of a ledger, and builds one-row records for the tests of single checks."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from backwalk_stats.ledger.recompute import recompute
from tests.ledger.records import Rows, record

STUDY = {
    "study_id": "trial",
    "citation": "Author A. A trial",
    "year": "2020",
    "design": "2-arm RCT",
    "arms": "backward; forward",
    "n_randomised": "40",
}


def rows(ledger: pd.DataFrame, **wanted: str) -> pd.DataFrame:
    """Return the rows that have exactly these values.

    `source` need only begin with its text; `check` names one of the checks that a row tells of.
    """
    found = ledger
    for column, value in wanted.items():
        if column == "source":
            found = found[found[column].str.startswith(f"{value};") | (found[column] == value)]
        elif column == "check":
            found = found[found["check"].map(lambda told, name=value: name in told.split("; "))]
        else:
            found = found[found[column] == value]
    return found


def one(ledger: pd.DataFrame, **wanted: str) -> pd.Series:
    """Return the only row that has exactly these values."""
    found = rows(ledger, **wanted)
    assert len(found) == 1, f"{len(found)} rows have {wanted}"
    return found.iloc[0]


def ledger_of(*, outcomes: Rows = (), contrasts: Rows = (), **study: str) -> pd.DataFrame:
    """Return the ledger of one invented study."""
    base = {"study_id": "trial"}
    return recompute(
        record(
            studies=[{**STUDY, **study}],
            outcomes=[{**base, "confidence": "verbatim-primary", **row} for row in outcomes],
            contrasts=[{**base, **row} for row in contrasts],
        )
    ).ledger


def arm(
    name: str, n: int | str, mean: str, sd: str = "", *, time: str = "week 6", **more: str
) -> dict[str, str]:
    """Return an outcome row of one arm: lumbar flexion in degrees, unless `more` says otherwise."""
    described = {"outcome": "lumbar flexion", "instrument": "inclinometer", "unit": "deg"}
    numbers = {"n": str(n), "mean": mean, "sd": sd}
    return {**described, "arm": name, "timepoint": time, **numbers, **more}


def between(**printed: str) -> dict[str, str]:
    """Return a comparison of the backward with the forward arm at week 6."""
    base = {"outcome": "lumbar flexion week 6", "arm_a": "backward", "arm_b": "forward"}
    return {**base, "contrast_type": "post-score mean difference", **printed}


def verdicts(ledger: pd.DataFrame, check: str) -> Sequence[str]:
    """Return the verdicts of one check, in the order of the ledger."""
    return list(rows(ledger, check=check)["verdict"])
