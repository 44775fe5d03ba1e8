"""The shipped record, recomputed once."""

from __future__ import annotations

import pytest

from backwalk_stats.evidence.record import Record, read_record
from backwalk_stats.ledger.recompute import recompute
from backwalk_stats.trial.result import Reproduction


@pytest.fixture(scope="session")
def shipped_record() -> Record:
    """The record that travels with the package."""
    return read_record()


@pytest.fixture(scope="session")
def shipped(shipped_record: Record) -> Reproduction:
    """The same, recomputed."""
    return recompute(shipped_record)
