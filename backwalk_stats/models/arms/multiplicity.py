"""P-values adjusted for several hypotheses: step-wise methods, fixed sequence, gatekeeping.

An adjusted p is the smallest familywise level at which its hypothesis is rejected: compare it with
that level as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

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
