"""Where simulated trials are computed: here, in processes of this machine, or wherever else.

Jobs are independent and small; each says itself which random numbers it draws, so that neither the
worker nor the order decides a digit. An executor is any `concurrent.futures.Executor`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from typing import Any, Generic, TypeVar

from threadpoolctl import threadpool_limits

from backwalk_stats.errors import UsageError

SECONDS = 2.0  # of work in one task: less would be spent on the way
AT_ONCE = 4  # tasks that are given out for each worker
MOST_TOGETHER = 64  # jobs of one task
NEW_POOLS = 5
ENVIRONMENT = "DASK_SCHEDULER_ADDRESS"
NOT_INSTALLED = (
    "--scheduler needs dask.distributed, which is not installed: "
    'pip install "backwalk-stats[cluster]"'
)

Job = TypeVar("Job")
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True, slots=True)
class Done(Generic[Job, Found]):
    """A job that is done, what it found and in how many seconds; None where it was done already."""

    job: Job
    found: Found | None
    seconds: float


def together(function: Callable[[Job], Found], jobs: Sequence[Job]) -> list[tuple[Found, float]]:
    """Return what a function finds of each job, and in how many seconds; runs in the worker.

    One thread of linear algebra: matrices are small, and the order of a sum would depend on more.

    >>> together(abs, [-2])[0][0]
    2
    """
    told = []
    with threadpool_limits(limits=1, user_api="blas"):
        for job in jobs:
            start = time.perf_counter()
            found = function(job)
            told.append((found, time.perf_counter() - start))
    return told


def each(
    function: Callable[[Job], Found],
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    executor: Executor | None = None,
    skip: Callable[[Job], bool] = lambda job: False,
) -> Generator[Done[Job, Found], None, None]:
    """Yield every job as it is done, in any order.

    Parameters
    ----------
    function : callable
        Stands at the top level of a module, so that other processes find it.
    jobs : sequence
    workers : int
        1 stays in this process; more are processes of this machine, which end with this one. Of an
        `executor` it says how many it has.
    executor : Executor, optional
        Computes in the place of own processes, and is not shut down.
    skip : callable
        Whether a job is done already, perhaps by another client; asked before it is given out.

    Raises
    ------
    UsageError
        If workers end without a word again and again.

    Examples
    --------
    >>> sorted(done.found for done in each(abs, [-3, 2]))
    [2, 3]
    """
    if workers < 1:
        raise UsageError(f"workers is {workers}; expected 1 or more")
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise UsageError(
            f"executor is a {type(executor).__name__}; expected a concurrent.futures.Executor"
        )
    if executor is not None:
        yield from _Window(function, workers, skip).of(executor, list(jobs))
    elif workers == 1 or len(jobs) < 2:
        for job in jobs:
            if skip(job):
                yield Done(job=job, found=None, seconds=0.0)
                continue
            ((found, seconds),) = together(function, [job])
            yield Done(job=job, found=found, seconds=seconds)
    else:
        yield from _in_processes(function, list(jobs), min(workers, len(jobs)), skip)


@dataclass
class _Window(Generic[Job, Found]):
    """The tasks that are given out at one time, and how many jobs go into one."""

    function: Callable[[Job], Found]
    workers: int
    skip: Callable[[Job], bool]
    seconds: float = 0.0  # of a job, as far as is known
    jobs_done: int = 0
    out: dict[Future[Any], Sequence[Job]] = field(default_factory=dict)

    def of(self, executor: Executor, left: list[Job]) -> Iterator[Done[Job, Found]]:
        """Yield the jobs as an executor has done them; `left` loses those that are done."""
        waiting = list(left)
        try:
            while waiting or self.out:
                while waiting and len(self.out) < AT_ONCE * self.workers:
                    some = waiting[: self._many(len(waiting))]
                    del waiting[: len(some)]
                    for job in [one for one in some if self.skip(one)]:
                        some.remove(job)
                        left.remove(job)
                        yield Done(job=job, found=None, seconds=0.0)
                    if some:
                        self.out[executor.submit(together, self.function, some)] = some
                done, _ = wait(self.out, return_when=FIRST_COMPLETED)
                for future in done:
                    own = self.out.pop(future)
                    for job, (found, seconds) in zip(own, future.result(), strict=True):
                        self._learn(seconds)
                        left.remove(job)
                        yield Done(job=job, found=found, seconds=seconds)
        finally:
            for future in self.out:
                future.cancel()
            self.out.clear()

    def _learn(self, seconds: float) -> None:
        self.jobs_done += 1
        self.seconds += (seconds - self.seconds) / min(self.jobs_done, 20)

    def _many(self, waiting: int) -> int:
        """Return how many jobs make a task: of about two seconds, and enough tasks for all."""
        if not self.jobs_done:
            return 1
        fair = -(-waiting // (2 * self.workers))
        return max(1, min(int(SECONDS / max(self.seconds, 1e-6)), fair, MOST_TOGETHER))


def _in_processes(
    function: Callable[[Job], Found], left: list[Job], workers: int, skip: Callable[[Job], bool]
) -> Iterator[Done[Job, Found]]:
    """Yield the jobs as own processes have done them; a pool that broke is made anew."""
    broken = 0
    while left:
        before = len(left)
        try:
            with _pool(workers) as pool:
                yield from _Window(function, workers, skip).of(pool, left)
        except BrokenProcessPool:
            broken = broken + 1 if len(left) == before else 1
            if broken >= NEW_POOLS:
                raise UsageError(
                    f"workers ended {broken} times one after the other without a result. Is there "
                    "too little memory for so many? Does a script lack its if __name__ == "
                    "'__main__':? What is stored is kept; one worker needs neither"
                ) from None


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool whose workers end with this process, and at once where the block is left early.

    Each worker waits for the other end of a pipe that only this process holds.
    """
    spawn = multiprocessing.get_context("spawn")
    theirs, ours = spawn.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=spawn, initializer=_end_with_client, initargs=(theirs,)
    )
    whole = False
    try:
        yield pool
        whole = True
    finally:
        if not whole:
            ours.close()
        pool.shutdown(wait=True, cancel_futures=True)
        ours.close()
        theirs.close()


def _end_with_client(theirs: Connection) -> None:
    """Prepare a worker: it leaves Ctrl-C to its client, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    client = multiprocessing.parent_process()
    gone: list[Any] = [theirs, *([client.sentinel] if client is not None else [])]

    def watch() -> None:
        wait_for(gone)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def on_cluster(scheduler: str) -> Iterator[tuple[Executor, int]]:
    """Give an executor of a Dask cluster, and how many workers it has.

    Parameters
    ----------
    scheduler : str
        Its address, such as "tcp://host:8786"; "env" for that of DASK_SCHEDULER_ADDRESS. The
        package is installed there and at its workers in the same version.

    Raises
    ------
    UsageError
        If dask.distributed is not installed, nobody listens, there is no worker, or versions of
        what computes differ: other versions give other digits.
    """
    try:
        import distributed
    except ImportError:
        raise UsageError(NOT_INSTALLED) from None
    address = os.environ.get(ENVIRONMENT, "") if scheduler == "env" else scheduler
    if not address:
        raise UsageError(f"--scheduler env: {ENVIRONMENT} is not set")
    try:
        cluster: Any = distributed
        client = cluster.Client(address, timeout=20)
    except (OSError, ValueError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"--scheduler {address}: nobody listens there ({told})") from None
    with client:
        threads = client.nthreads()
        if not threads:
            raise UsageError(f"--scheduler {address}: it has no worker yet")
        try:
            client.get_versions(check=True, packages=["numpy", "scipy"])
        except ValueError as error:
            raise UsageError(
                "--scheduler: scheduler, workers and this process have different versions of what "
                f"computes: {str(error).splitlines()[0]}"
            ) from None
        try:
            yield client.get_executor(pure=False, retries=3), sum(threads.values())
        except (cluster.KilledWorker, CancelledError) as error:
            raise UsageError(
                f"the cluster lost its workers or its scheduler ({type(error).__name__}). What is "
                "stored is kept; is there too little memory for a worker?"
            ) from None
