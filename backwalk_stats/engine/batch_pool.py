"""Spreads the pieces of a batch over workers; the result is the same, byte for byte, for any."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from backwalk_stats.errors import UsageError

Found = TypeVar("Found")


def spread(
    function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]], *, workers: int
) -> list[Found]:
    """Return function(*piece) of each piece, in order.

    Each piece runs with one thread of linear algebra: on matrices this small more threads only wait
    for each other, and the order of a sum would depend on their number.

    Parameters
    ----------
    function : callable
        At the top level of a module, so that another process can find it.
    pieces : iterable of tuple
        Its arguments.
    workers : int
        1 stays in this process. More are threads where numba is installed, as compiled code leaves
        the interpreter free, else new processes: then a script needs its
        `if __name__ == "__main__":` around the call.

    Raises
    ------
    UsageError
        If there is not at least one worker.

    Examples
    --------
    >>> spread(pow, [(2, 3), (3, 2)], workers=1)
    [8, 9]
    """
    if workers < 1:
        raise UsageError(f"workers is {workers}; expected 1 or more")
    if workers == 1:
        return _alone(function, pieces)
    if find_spec("numba") is not None:
        with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(workers) as threads:
            return _all(threads, function, pieces)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn) as processes:
        parts = _all(processes, _alone, ((function, [piece]) for piece in pieces))
    return [one for part in parts for one in part]


def _alone(function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]]) -> list[Found]:
    """Return function(*piece) of each piece with one thread of linear algebra."""
    with threadpool_limits(limits=1, user_api="blas"):
        return [function(*piece) for piece in pieces]


def _all(
    executor: Executor, function: Callable[..., Found], pieces: Iterable[tuple[Any, ...]]
) -> list[Found]:
    futures = [executor.submit(function, *piece) for piece in pieces]
    return [future.result() for future in futures]
