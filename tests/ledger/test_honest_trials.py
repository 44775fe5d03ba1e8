"""Honest trials, rounded as papers round, raise no alarm: 2,000 of them, fresh seeds each run."""

from __future__ import annotations

import numpy as np
import pytest

from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.ledger.verdict import FAILURES, NOT_DERIVABLE
from tests.ledger.honest_designs import DESIGNS, review
from tests.ledger.honest_trials import Trial, honest_trial
from tests.ledger.records import record

PARTS, TRIALS = 8, 250


def drawn(name: str, rng: np.random.Generator) -> Trial:
    """Return a trial of two arms and two visits, three times in four; else of another design."""
    if rng.random() < 0.75:
        return honest_trial(name, rng)
    return DESIGNS[rng.integers(len(DESIGNS))](name, rng)


@pytest.mark.parametrize("part", range(PARTS))
def test_2000_honest_trials_raise_no_false_alarm(part: int) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    rng = np.random.default_rng([seed, part])
    trials = [drawn(f"trial{index}", rng) for index in range(TRIALS)]
    made = record(
        studies=[study for study, _, _ in trials],
        outcomes=[row for _, rows, _ in trials for row in rows],
        contrasts=[row for _, _, rows in trials for row in rows],
        reviews=[row for index in range(5) for row in review(f"r{index}", rng)],
    )
    ledger = recompute(made).ledger
    alarms = ledger[ledger["verdict"].isin(FAILURES)]
    assert alarms.empty, f"seed {seed}, part {part}:\n{alarms.iloc[0].to_string()}"
    # The test would be empty if nothing could be recomputed.
    assert (ledger["verdict"] != NOT_DERIVABLE).mean() > 0.7
