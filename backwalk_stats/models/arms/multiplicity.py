"""P-values adjusted for several hypotheses: step-wise, fixed sequence, gatekeeping, graphs.

An adjusted p is the smallest familywise level at which its hypothesis is rejected: compare it with
that level as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from backwalk_stats.engine.numbers import FloatArray, array, require_probability
from backwalk_stats.engine.simultaneous import holm_p
from backwalk_stats.errors import UsageError
from backwalk_stats.models.fit.choices import check_choice
from backwalk_stats.software import computes_with

METHODS = ("bonferroni", "holm", "hochberg", "hommel")
# The names that statsmodels has for them. Its Holm collects garbage at each call (0.15 s), so Holm
# is written out.
NAMES = {"bonferroni": "bonferroni", "hochberg": "simes-hochberg", "hommel": "hommel"}


def adjusted(p_values: ArrayLike, method: str = "holm") -> FloatArray:
    """Return p-values adjusted for their number, in the order given.

    `p_values` (shape (m,)). `method`: "holm" and "bonferroni" hold whatever the dependence;
    "hochberg" and "hommel" need positive dependence, as of correlated outcomes of one trial.
    Numbers as R's `p.adjust`. Raises UsageError if the method does not exist or a p-value is
    missing. Raises NotEstimable if a p-value is not between 0 and 1.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03], "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    check_choice("method", method, METHODS)
    p = _checked(p_values)
    if method == "holm":
        return holm_p(p)
    from statsmodels.stats.multitest import multipletests

    computes_with("statsmodels")
    return np.asarray(multipletests(p, method=NAMES[method])[1], dtype=float)


def fixed_sequence(p_values: ArrayLike) -> FloatArray:
    """Return p-values adjusted for testing in the order given, each at the full level.

    A hypothesis is tested only if all before it were rejected, so its adjusted p is the largest so
    far (Westfall and Krishen, J Stat Plan Inference 2001;99:25). The order is declared before the
    data are seen. `p_values` (shape (m,)): in the declared order.

    Examples
    --------
    >>> fixed_sequence([0.01, 0.04, 0.03]).tolist()
    [0.01, 0.04, 0.04]
    """
    return np.asarray(np.maximum.accumulate(_checked(p_values)))


def gatekeeping(families: Sequence[ArrayLike], method: str = "holm") -> list[FloatArray]:
    """Return p-values adjusted for families tested in the order given (serial gatekeeping).

    A family is tested only if every hypothesis of all families before it was rejected; within a
    family p-values are adjusted by `method` (Westfall and Krishen 2001). `families`: P-values of
    each family, in the declared order: the primary outcomes first. `method`: as in `adjusted`.
    Raises UsageError if a family is empty, or as `adjusted`.

    Examples
    --------
    >>> [family.round(3).tolist() for family in gatekeeping([[0.02], [0.005, 0.03]])]
    [[0.02], [0.02, 0.03]]
    """
    gate, out = 0.0, []
    for family in families:
        own = np.maximum(adjusted(family, method), gate)
        gate = float(own.max())
        out.append(own)
    return out


# Graphs: each hypothesis has a share of the level, and passes it on when it is rejected.

SLACK = 1e-9  # by which shares such as 1/3, written with few digits, may sum to more than 1


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectionSteps:
    """How a graph was gone through.

    Attributes
    ----------
    adjusted : array, shape (m,)
        Adjusted p-values, in the order of the hypotheses.
    order : array of int, shape (m,)
        The hypotheses in the order in which they are tested.
    share : array, shape (m,)
        The share of the level that each has when it is tested, all before it being rejected.
    """

    adjusted: FloatArray
    order: np.ndarray
    share: FloatArray


def graphical(p_values: ArrayLike, weights: ArrayLike, transitions: ArrayLike) -> RejectionSteps:
    """Return p-values adjusted by the graphical procedure, and its steps.

    `weights` (shape (m,)): the share w of the level that each hypothesis has at the start, 1 at
    most together. `transitions` (shape (m, m)): g_jk is the part of the share of j that goes to k
    when j is rejected; a row sums to 1 at most, and nothing goes from j to j. It is closed testing
    with weighted Bonferroni tests: the familywise error is kept whatever the dependence (Bretz,
    Maurer, Brannath and Posch, Stat Med 2009;28:586, algorithm 2):

        j has the smallest p_j / w_j of those left;  p_adj_j = max(p_j / w_j, the largest so far)
        w_k <- w_k + w_j g_jk;  g_kl <- (g_kl + g_kj g_jl) / (1 - g_kj g_jk)

    A hypothesis that has no share when all others are rejected has p_adj = 1.

    Raises UsageError if shapes do not fit, shares are below 0 or sum to more than 1, or a
    hypothesis passes something to itself; as `adjusted` of p-values.

    Examples
    --------
    >>> thirds, halves = [1 / 3] * 3, [[0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    >>> graphical([0.02, 0.055, 0.012], thirds, halves).adjusted.round(3).tolist()
    [0.04, 0.055, 0.036]
    """
    p = _checked(p_values)
    w, g = _shares(weights, transitions, len(p))
    left = list(range(len(p)))
    found, share, order, largest = np.ones(len(p)), np.zeros(len(p)), [], 0.0
    while left:
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(w[left] > 0.0, p[left] / w[left], np.inf)
        j = left[int(np.argmin(ratio))]
        largest = min(1.0, max(largest, float(ratio.min())))
        found[j], share[j] = largest, w[j]
        order.append(j)
        left.remove(j)
        w, g = _without(j, left, w, g)
    return RejectionSteps(adjusted=found, order=np.array(order), share=share)


def _without(
    j: int, left: list[int], w: FloatArray, g: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return shares and transitions once j is rejected; those of whom is not left are 0."""
    passed, onward = np.zeros_like(w), np.zeros_like(g)
    passed[left] = w[left] + w[j] * g[j, left]
    for k in left:
        back = 1.0 - g[k, j] * g[j, k]
        others = [one for one in left if one != k]
        if back > SLACK:
            onward[k, others] = (g[k, others] + g[k, j] * g[j, others]) / back
    return passed, onward


def _shares(weights: ArrayLike, transitions: ArrayLike, m: int) -> tuple[FloatArray, FloatArray]:
    """Return weights and transitions as arrays, checked."""
    w, g = np.atleast_1d(array(weights)), np.atleast_2d(array(transitions))
    if w.shape != (m,) or g.shape != (m, m):
        raise UsageError(
            f"weights of shape {w.shape} and transitions of shape {g.shape}: expected ({m},) and "
            f"({m}, {m}), as there are {m} p-values"
        )
    if not (np.isfinite(w).all() and np.isfinite(g).all() and w.min() >= 0.0 and g.min() >= 0.0):
        raise UsageError("weights and transitions are numbers of 0 or more")
    if np.diagonal(g).any():
        raise UsageError("a hypothesis passes nothing to itself: the diagonal of transitions is 0")
    if w.sum() > 1.0 + SLACK or (g.sum(axis=1) > 1.0 + SLACK).any():
        raise UsageError("weights, and each row of transitions, sum to 1 at most")
    return w, g


def parallel_gates(sizes: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    """Return weights and transitions of parallel gatekeeping over families, in their order.

    The first family has the whole level, in equal shares. Each rejected hypothesis of a family but
    the last passes its share on, in equal parts, to the family after it (Bonferroni, Dmitrienko,
    Offen and Westfall, Stat Med 2003;22:2387); one of the last passes it to the others of its
    family (Holm). So a family is tested as soon as one hypothesis of the family before it is
    rejected. `sizes`: how many hypotheses each family has.

    Examples
    --------
    >>> weights, transitions = parallel_gates([2, 2])
    >>> weights.tolist()
    [0.5, 0.5, 0.0, 0.0]
    >>> transitions.tolist()[0], transitions.tolist()[2]
    ([0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.0, 1.0])
    """
    m, ends = sum(sizes), np.cumsum([0, *sizes])
    weights, transitions = np.zeros(m), np.zeros((m, m))
    weights[: sizes[0]] = 1.0 / sizes[0]
    for place, size in enumerate(sizes):
        own = slice(ends[place], ends[place + 1])
        if place + 1 < len(sizes):
            transitions[own, ends[place + 1] : ends[place + 2]] = 1.0 / sizes[place + 1]
        elif size > 1:
            transitions[own, own] = (1.0 - np.eye(size)) / (size - 1)
    return weights, transitions


def _checked(p_values: ArrayLike) -> FloatArray:
    p = np.atleast_1d(array(p_values))
    if p.ndim != 1 or not p.size:
        raise UsageError("expected a list of p-values, one at least")
    missing = int(np.isnan(p).sum())
    if missing:
        raise UsageError(
            f"{missing} of {p.size} p-values are missing: a hypothesis without a test counts as 1, "
            "or is taken out of the declared family"
        )
    require_probability(p)
    return p
