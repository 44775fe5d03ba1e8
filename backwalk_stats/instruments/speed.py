"""Speed from distance and time."""

from __future__ import annotations

from functools import partial

from backwalk_stats.instruments.instrument import Combine, FloatArray


def speed(items: FloatArray) -> FloatArray:
    """Return metres per second from columns of seconds and metres. Shape (n, 2) to (n,).

    >>> import numpy as np
    >>> speed(np.array([[8.0, 10.0]]))
    array([1.25])
    """
    return items[:, 1] / items[:, 0]


def speed_over(metres: float) -> Combine:
    """Return the function from seconds to metres per second over a fixed distance.

    >>> import numpy as np
    >>> speed_over(3.0)(np.array([[4.0]]))
    array([0.75])
    """
    return partial(_over, metres)


def _over(metres: float, items: FloatArray) -> FloatArray:
    return metres / items[:, 0]
