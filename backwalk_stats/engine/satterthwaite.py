"""Satterthwaite's degrees of freedom for one combination and for several.

df = 2 v^2 / (g' C g), v = l Phi l', g_j = l Phi (X'W V_j W X) Phi l', C the covariance of the
parameters (Giesbrecht and Burns, Biometrics 1985;41:477). Several combinations are turned into
independent ones by the eigenvectors of L Phi L'; their df nu_m give E = sum nu_m / (nu_m - 2) and
df = 2 E / (E - l) (Fai and Cornelius, J Stat Comput Simul 1996;54:363).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from backwalk_stats.engine.domain import FloatArray
from backwalk_stats.engine.fit import Fit

SAME = 1.5e-8


def degrees_of_freedom(fit: Fit, combinations: FloatArray) -> FloatArray:
    """Return the df of each combination, shape (l,).

    Parameters
    ----------
    fit : Fit
        A maximised likelihood.
    combinations : array, shape (l, p)
        In the basis of the fit.
    """
    loaded = combinations @ fit.point.phi
    variance = np.einsum("la,la->l", loaded, combinations)
    gradient = _contracted("la,jab,lb->lj", loaded, fit.slopes.f, loaded)
    spread = _contracted("lj,jk,lk->l", gradient, fit.theta_covariance, gradient)
    with np.errstate(divide="ignore"):
        return np.asarray(2.0 * variance**2 / spread)


def _contracted(indices: str, *tables: FloatArray) -> FloatArray:
    """Return a sum of products over indices, in the order that numpy finds cheapest."""
    order = _order(indices, *(one.shape for one in tables))
    return np.asarray(np.einsum(indices, *tables, optimize=order))


@lru_cache(maxsize=256)
def _order(indices: str, *shapes: tuple[int, ...]) -> list[object]:
    """Return the order of contraction; finding it takes longer than the sum itself."""
    return list(np.einsum_path(indices, *map(np.empty, shapes), optimize=True)[0])


def joint_df(df: Sequence[float]) -> float:
    """Return the denominator df of the F of independent combinations with these df.

    Two when any of them has two or fewer.

    Examples
    --------
    >>> round(joint_df([10.0, 20.0]), 3)
    13.077
    """
    values = np.asarray(df, dtype=float)
    if len(values) == 1:
        return float(values[0])
    if np.all(np.abs(np.diff(values)) < SAME):
        return float(values.mean())
    if np.any(values <= 2.0):
        return 2.0
    e = float((values / (values - 2.0)).sum())
    return 2.0 * e / (e - len(values))
