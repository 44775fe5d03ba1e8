"""Honest trials with one number changed: the ledger says so, as often as it can."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.ledger.verdict import FAILURES
from tests.ledger.honest_trials import WAYS, honest_trial
from tests.ledger.printing import Row
from tests.ledger.records import record

TRIALS = 120
# The least share of changed numbers that must be seen, by what was changed.
# Measured over 2,000 of each: 0.97, 0.95, 0.94, 0.90, 0.72 and 0.60.
LEAST = {"estimate": 0.9, "statistic": 0.85}


def changed(row: Row, column: str, rng: np.random.Generator) -> Row:
    """Return a row whose number is off by a fifth and at least twenty units of its last decimal."""
    head, sign, text = row[column].rpartition("=")
    decimals = len(text.partition(".")[2])
    off = max(abs(float(text)) * 0.2, 20 * 10.0**-decimals)
    value = float(text) + off * rng.choice([-1, 1])
    return {**row, column: f"{head}{sign}{value:.{decimals}f}"}


@pytest.mark.parametrize("column", LEAST)
def test_a_changed_number_is_seen(column: str) -> None:
    rng = np.random.default_rng(20260101)
    studies, outcomes, contrasts = [], [], []
    while len(contrasts) < TRIALS:
        study, rows, printed = honest_trial(f"trial{len(studies)}", rng)
        fits = [row for row in printed if row.get(column) and row["method"] != "test not read"]
        if fits:
            studies.append(study)
            outcomes += rows
            contrasts.append(changed(fits[0], column, rng))
    ledger = recompute(record(studies=studies, outcomes=outcomes, contrasts=contrasts)).ledger
    failed = ledger[ledger["verdict"].isin(FAILURES)]
    seen = failed["study_id"].nunique() / TRIALS
    assert seen >= LEAST[column], f"{seen:.2f} of changed {column}s were seen"
    assert WAYS
