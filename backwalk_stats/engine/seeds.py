"""One independent stream of random numbers for each replicate, whoever computes it."""

from __future__ import annotations

import numpy as np


def replicate_generator(*, seed: int, index: int) -> np.random.Generator:
    """Return the generator of one replicate.

    It depends on the seed and the replicate's number alone, so neither the number of workers nor
    the order of the work changes a draw (Salmon et al., Parallel random numbers, SC 2011).

    Parameters
    ----------
    seed : int
        Root of all replicates, at least 0.
    index : int
        Number of the replicate, from 0.

    Examples
    --------
    >>> int(replicate_generator(seed=1, index=5).integers(1000))
    17
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(index,))
    return np.random.Generator(np.random.Philox(sequence))
