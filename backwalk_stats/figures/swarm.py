"""Points of equal value beside each other: a swarm without random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray


def swarm(along: Sequence[float], *, size: float, half_width: float) -> NDArray[np.float64]:
    """Return how far to the side each point is moved so that no two cover each other.

    Points, which stand `along` the axis, are placed in order of their value, each as near to the
    middle line as those before it allow. A point for which there is no room inside the strip is
    folded back into it. All in millimetres: `size` is the diameter of a point; the offsets, as many
    as points, lie between `-half_width` and `half_width` and are the same for the same input.

    Examples
    --------
    >>> swarm([1.0, 1.0, 1.0, 9.0], size=1.0, half_width=3.0).tolist()
    [0.0, 1.0, -1.0, 0.0]
    """
    at = np.asarray(along, dtype=float)
    offsets = np.zeros(at.size)
    placed: list[tuple[float, float]] = []
    for index in np.argsort(at, kind="stable"):
        placed = [one for one in placed if at[index] - one[0] < size]
        offset = _nearest_free([(at[index] - one, side) for one, side in placed], size)
        placed.append((float(at[index]), offset))
        offsets[index] = offset
    return _folded(offsets, half_width)


def swarm_size(count: int, *, largest: float = 1.5, smallest: float = 0.5) -> float:
    """Return the diameter of the points of a swarm in millimetres, less when there are many.

    Examples
    --------
    >>> swarm_size(20), round(swarm_size(400), 2), swarm_size(5000)
    (1.5, 0.58, 0.5)
    """
    return float(np.clip(largest * (60 / max(count, 1)) ** 0.5, smallest, largest))


def _nearest_free(near: list[tuple[float, float]], size: float) -> float:
    """Return the offset nearest to zero at which a point touches none of its neighbours."""
    if not near:
        return 0.0
    reach = [(side, sqrt(max(size**2 - gap**2, 0.0))) for gap, side in near]
    tries = [0.0, *(side + sign * room for side, room in reach for sign in (1.0, -1.0))]
    for offset in sorted(tries, key=lambda value: (round(abs(value), 9), -value)):
        if all(abs(offset - side) >= room - 1e-9 for side, room in reach):
            return offset
    raise AssertionError("the outermost of the tried places is always free")


def _folded(offsets: NDArray[np.float64], half_width: float) -> NDArray[np.float64]:
    """Return offsets mirrored at the edges of the strip until they lie inside it."""
    period = 4 * half_width
    turned = np.mod(offsets + half_width, period)
    return np.where(turned > 2 * half_width, period - turned, turned) - half_width
