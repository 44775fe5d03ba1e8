"""One seed for each analysis, from the seed of the trial: adding an analysis changes no other's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from backwalk_stats.trial.trial import Trial


def seed_of(trial: Trial, analysis: str, estimand: str = "") -> int:
    """Return the seed of an analysis of an estimand: their names are the key below `study.seed`."""
    key = (crc32(analysis.encode()), crc32(estimand.encode()))
    sequence = np.random.SeedSequence(trial.study.seed, spawn_key=key)
    return int(sequence.generate_state(1, dtype=np.uint32)[0])
