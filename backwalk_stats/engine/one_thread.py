"""Keeps the linear algebra of a fit on one thread.

A fit is thousands of products of small matrices: a second thread of the linear-algebra library
gains nothing on an idle machine, and on a busy one the two wait for each other. One thread also
gives the same bytes whatever else runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _controller() -> ThreadpoolController:
    """Return the loaded linear-algebra libraries; found once, which takes about a millisecond."""
    return ThreadpoolController()


def on_one_thread(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose linear algebra runs on one thread.

    Examples
    --------
    >>> @on_one_thread
    ... def doubled(x: float) -> float:
    ...     return 2.0 * x
    >>> doubled(2.0)
    4.0
    """

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> R:
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
