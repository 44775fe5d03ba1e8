"""Distributions drawn from means of groups of people: no point of a curve is one person's value.

The kernel density of single values can be taken apart again, since its width is known, and a
quantile of few values is one of them. Both are drawn from the means of groups of neighbours, of as
many people each as a count must have to be shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import norm

from backwalk_stats.analyses.questions.within_arm import change_density
from backwalk_stats.trial.tables import RESIDUAL_QUANTILES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray


def grouped(values: ArrayLike, least: int) -> list[NDArray[np.float64]]:
    """Return values in order, in groups of neighbours of at least so many.

    Fewer values than that are no group.

    Examples
    --------
    >>> [part.tolist() for part in grouped([3, 1, 2, 9, 7], 2)]
    [[1.0, 2.0, 3.0], [7.0, 9.0]]
    >>> grouped([1.0], 2)
    []
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    count = len(ordered) // max(least, 1)
    return [] if count == 0 else np.array_split(ordered, count)


def of_groups(frames: Mapping[str, pd.DataFrame], *, limit: int) -> dict[str, pd.DataFrame]:
    """Return the frames of a result, participants and all, its distributions drawn from groups."""
    found = dict(frames)
    if limit <= 1:
        return found
    if "density" in found:
        found["density"] = grouped_density(frames, limit)
    if "residual_quantiles" in found:
        found["residual_quantiles"] = grouped_quantiles(frames, limit)
    return found


def grouped_density(frames: Mapping[str, pd.DataFrame], least: int) -> pd.DataFrame:
    """Return the density of changes (`tables.DENSITY`) with each change as the mean of its group.

    `frames` are those of a result, with the changes of its participants; without these nobody can
    say what the density would tell, and none is left.
    """
    drawn = frames["density"]
    if "points" not in frames:
        return drawn.iloc[:0]
    changes = frames["points"].dropna(subset=["change"])
    changes = changes.assign(arm=changes["arm"].astype(str))
    parts = []
    for arm, own in changes.groupby("arm", sort=False):
        means = [np.full(len(part), part.mean()) for part in grouped(own["change"], least)]
        if means:
            parts.append(pd.DataFrame({"arm": arm, "change": np.concatenate(means)}))
    if not parts:
        return drawn.iloc[:0]
    return change_density(pd.concat(parts), tuple(drawn["arm"].astype(str).unique()))


def grouped_quantiles(frames: Mapping[str, pd.DataFrame], least: int) -> pd.DataFrame:
    """Return quantiles of residuals (`tables.RESIDUAL_QUANTILES`) as means of groups.

    `frames` are those of a result, with a residual a row; without these no quantile is left.
    """
    drawn = frames["residual_quantiles"]
    if "residuals" not in frames:
        return drawn.iloc[:0]
    most = max(len(drawn), 1)
    values = frames["residuals"]["normalised"].dropna()
    parts = grouped(values, max(least, -(-len(values) // most)))
    sizes = np.array([len(part) for part in parts], dtype=float)
    probability = (np.cumsum(sizes) - sizes / 2.0) / max(sizes.sum(), 1.0)
    columns = {
        "probability": probability,
        "normal": norm.ppf(probability),
        "residual": [float(part.mean()) for part in parts],
    }
    return pd.DataFrame(columns)[list(RESIDUAL_QUANTILES)]
