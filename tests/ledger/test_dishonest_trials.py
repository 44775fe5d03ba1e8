"""Honest trials with one number changed: how often the ledger sees it.

A ledger that never alarmed would pass every test of honest trials; these shares are its power.
"""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.ledger.verdict import FAILURES
from tests.ledger.honest_trials import honest_trial
from tests.ledger.printing import Row
from tests.ledger.records import record

TRIALS = 150
# Tests that the ledger can recompute and whose name leaves nothing open; a d may be by several SDs.
NAMED = ("Student t", "Welch t test", "ANCOVA adjusted for baseline", "paired t-test")
# Column of the contrast table to the least share of changed numbers that must be seen. Measured in
# three draws of 150: 0.93 to 0.94, 0.97 to 0.99, 0.87 to 0.88 and 0.96 to 0.97.
LEAST = {"estimate": 0.88, "statistic": 0.93, "ci_low": 0.8, "p_value_as_printed": 0.9}


# What a verdict against a paper needs, printed beside the number.
READ = {"ci_level": "95", "sided": "two", "null": "0"}


def scale_of(row: Row) -> str:
    """Return what the estimate of a row is, in the word of the column `scale`."""
    standardised = row["contrast_type"].startswith(("Cohen", "SMD"))
    return "standardised difference" if standardised else "difference"


def changed(row: Row, column: str, rng: np.random.Generator) -> Row | None:
    """Return a row whose number is off by a fifth, and by twenty units of its last decimal."""
    head, sign, number = row[column].rpartition("=")
    try:
        value = float(number)
    except ValueError:
        return None
    decimals = len(number.partition(".")[2])
    off = max(abs(value) * 0.2, 20 * 10.0**-decimals) * float(rng.choice([-1, 1]))
    if column.startswith("p_value") and not 0 < value + off < 1:
        off = -off
    return {**row, column: f"{head}{sign}{value + off:.{decimals}f}"}


def share_seen(column: str, trials: int, rng: np.random.Generator) -> float:
    """Return how many of so many trials fail, each with one number of one test changed."""
    studies: list[Row] = []
    outcomes: list[Row] = []
    contrasts: list[Row] = []
    while len(contrasts) < trials:
        study, rows, printed = honest_trial(f"trial{len(studies)}", rng)
        complete = any(row["timepoint"] == "baseline" for row in rows)
        row = next((one for one in printed if one["method"] in NAMED and one.get(column)), None)
        wrong = changed(row, column, rng) if row is not None and complete else None
        if wrong is not None:
            studies.append(study)
            outcomes += rows
            contrasts.append({**wrong, **READ, "scale": scale_of(wrong)})
    ledger = recompute(record(studies=studies, outcomes=outcomes, contrasts=contrasts)).ledger
    return ledger[ledger["verdict"].isin(FAILURES)]["study_id"].nunique() / trials


@pytest.mark.parametrize("column", LEAST)
def test_a_changed_number_is_seen(column: str) -> None:
    seen = share_seen(column, TRIALS, np.random.default_rng(20260101))
    assert seen >= LEAST[column], f"{seen:.2f} of the changed numbers were seen"
