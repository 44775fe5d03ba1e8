"""Honest papers of many designs raise no alarm, and where they can be recomputed they are.

The designs are written from definitions, not from the ledger; every number is true and then rounded.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.ledger.designs import FAMILIES
from tests.ledger.designs.paper import DESIGNS, Paper, papers_of
from tests.ledger.judged_papers import alarms, answered, ledger_of_folder, ledger_of_papers, told

SEED, PAPERS, MANY, BATCH = 20261130, 10, 2000, 200
SHARED = Path(__file__).resolve().parents[3] / "shared" / "ledger" / "designs"
FOLDERS = sorted(SHARED.iterdir()) if SHARED.is_dir() else []
# The ledger must not be mute: the least share of printed numbers of a kind that it answers.
FLOORS: dict[str, dict[str, float]] = {
    "ci95_student": {"estimate": 0.9, "conf_low": 0.9, "p_value": 0.9},
}


@pytest.fixture(scope="module")
def papers() -> dict[str, list[Paper]]:
    """A few papers of every design."""
    assert len(FAMILIES) > 5
    return {
        name: list(papers_of(name, PAPERS, np.random.default_rng([SEED, place])))
        for place, name in enumerate(DESIGNS)
    }


@pytest.fixture(scope="module")
def ledger(papers: dict[str, list[Paper]]) -> pd.DataFrame:
    """The ledger of them all, in one record."""
    return ledger_of_papers(paper for some in papers.values() for paper in some)


def of(ledger: pd.DataFrame, design: str) -> pd.DataFrame:
    """Return the rows of the papers of one design."""
    return ledger[ledger["study_id"].str.rpartition("-")[0] == design]


@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_a_few_honest_papers_raise_no_alarm(ledger: pd.DataFrame, design: str) -> None:
    rows = of(ledger, design)
    assert not rows.empty
    assert alarms(rows).empty, told(alarms(rows))


@pytest.mark.parametrize("design", sorted(FLOORS))
def test_what_can_be_recomputed_is_answered(ledger: pd.DataFrame, design: str) -> None:
    rows = of(ledger, design)
    shares = {quantity: answered(rows, quantity) for quantity in FLOORS[design]}
    assert all(shares[one] >= least for one, least in FLOORS[design].items()), shares


@pytest.mark.slow
@pytest.mark.parametrize("design", sorted(DESIGNS))
def test_2000_honest_papers_raise_no_alarm(design: str) -> None:
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    rng = np.random.default_rng(seed)
    for _ in range(MANY // BATCH):
        found = alarms(ledger_of_papers(papers_of(design, BATCH, rng)))
        assert found.empty, f"seed {seed}:{told(found)}"


@pytest.mark.skipif(not FOLDERS, reason=f"the shared designs are not here ({SHARED})")
@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_the_shared_designs_raise_no_alarm(folder: Path) -> None:
    found = alarms(ledger_of_folder(folder))
    assert found.empty, told(found)
