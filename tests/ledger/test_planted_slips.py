"""Slips whose preconditions are printed are seen.

A ledger that never accused anybody would pass every test of honest papers; this is its power.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ledger import slips_of_arms, slips_of_comparisons, slips_of_statistics
from tests.ledger.judged_papers import alarms, ledger_of_folder, ledger_of_papers
from tests.ledger.planted_slips import KINDS, is_beyond, papers_with, reach

SEED, PAPERS, MANY, LEAST = 20261130, 40, 500, 0.95
SHARED = Path(__file__).resolve().parents[3] / "shared" / "ledger" / "planted"
ROOMS = (slips_of_arms, slips_of_comparisons, slips_of_statistics)


def missed(kind: str, count: int, rng: np.random.Generator) -> list[str]:
    """Return the names of the papers whose slip the ledger does not see."""
    papers = list(papers_with(kind, count, rng))
    seen = set(alarms(ledger_of_papers(papers))["study_id"])
    return [f"{paper.name} ({paper.form})" for paper in papers if paper.name not in seen]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_slip_is_seen(kind: str) -> None:
    unseen = missed(kind, PAPERS, np.random.default_rng([SEED, len(kind)]))
    assert len(unseen) <= (1 - LEAST) * PAPERS, f"{len(unseen)} of {PAPERS} unseen: {unseen[:6]}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_500_slips_are_seen(kind: str) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    unseen = missed(kind, MANY, np.random.default_rng(seed))
    share = 1 - len(unseen) / MANY
    assert share >= LEAST, f"seed {seed}: {share:.3f} seen; unseen {unseen[:6]}"


def test_the_range_of_a_formula_is_that_of_all_roundings() -> None:
    low, high = reach(lambda x, y: x / y, "2.0", "0.5")
    assert (low, high) == pytest.approx((1.95 / 0.55, 2.05 / 0.45))
    assert not is_beyond("4.6", [(low, high)])
    assert is_beyond("6.0", [(low, high)])


@pytest.fixture(scope="module")
def shared() -> pd.DataFrame:
    """The shared planted slips, each with whether its paper was accused."""
    if not SHARED.is_dir():
        pytest.skip(f"the shared slips are not here ({SHARED})")
    planted = pd.read_csv(SHARED / "planted.csv", dtype=str)
    found = set(alarms(ledger_of_folder(SHARED))["study_id"])
    return planted.assign(seen=planted["study_id"].isin(found))


def test_every_shared_slip_is_seen(shared: pd.DataFrame) -> None:
    unseen = shared.loc[~shared["seen"], ["study_id", "wrong_quantity", "printed", "right"]]
    assert unseen.empty, unseen.to_string(index=False)
