"""The random draws of resampling: who is in a bootstrap sample, who gets which arm."""

from __future__ import annotations

import numpy as np

from backwalk_stats.engine.seeds import replicate_generator


def bootstrap_counts(*, seed: int, index: int, strata: np.ndarray) -> np.ndarray:
    """Return how often each participant is drawn, with replacement, in one bootstrap sample.

    Parameters
    ----------
    seed, index : int
        Root seed, and number of the replicate.
    strata : array of int, shape (n,)
        Codes; as many are drawn from each stratum as it has.

    Returns
    -------
    array of int, shape (n,)

    Examples
    --------
    >>> drawn = bootstrap_counts(seed=1, index=0, strata=np.array([0, 0, 0, 1, 1]))
    >>> int(drawn[:3].sum()), int(drawn[3:].sum())
    (3, 2)
    """
    rng = replicate_generator(seed=seed, index=index)
    counts = np.zeros(len(strata), dtype=int)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        drawn = rng.integers(0, len(members), len(members))
        counts[members] = np.bincount(drawn, minlength=len(members))
    return counts


def permuted(*, labels: np.ndarray, seed: int, index: int, strata: np.ndarray) -> np.ndarray:
    """Return labels dealt out anew among the participants of each stratum.

    Parameters
    ----------
    labels : array, shape (n,)
        The arm of each participant.
    seed, index : int
        Root seed, and number of the replicate.
    strata : array of int, shape (n,)
        Codes; labels stay within their stratum.

    Examples
    --------
    >>> dealt = permuted(labels=np.arange(6), seed=1, index=0, strata=np.array([0] * 3 + [1] * 3))
    >>> sorted(dealt[:3].tolist()), sorted(dealt[3:].tolist())
    ([0, 1, 2], [3, 4, 5])
    """
    rng = replicate_generator(seed=seed, index=index)
    out = np.array(labels)
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        out[members] = labels[rng.permutation(members)]
    return out
