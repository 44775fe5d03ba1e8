"""Whoever computes, every job is done once; workers that die are replaced, and outlive nobody."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.plan import executors
from backwalk_stats.plan.executors import each

# Workers find it by its own name: another distribution may have a package called tests.
sys.path.insert(0, str(Path(__file__).parent))
work = importlib.import_module("jobs_of_workers")
JOBS = list(range(7))
SQUARES = {job: job * job for job in JOBS}
needs_posix = pytest.mark.skipif(os.name != "posix", reason="signals differ elsewhere")


def found(jobs=JOBS, function=work.squared, **how):
    done = list(each(function, jobs, **how))
    assert len(done) == len(jobs)
    return {one.job: one.found for one in done}


def gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True


def workers_in(folder: Path, count: int) -> list[int]:
    for _ in range(600):
        pids = [int(path.stem) for path in folder.glob("*.pid")]
        if len(pids) >= count:
            return pids
        time.sleep(0.05)
    raise AssertionError("no worker came")


def all_gone(pids: list[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(map(gone, pids)):
            return True
        time.sleep(0.05)
    return False


def test_in_this_process():
    assert found() == SQUARES


def test_in_processes_of_this_machine():
    assert found(workers=2) == SQUARES


def test_any_executor_of_concurrent_futures():
    with ThreadPoolExecutor(3) as executor:
        assert found(executor=executor, workers=3) == SQUARES
        assert executor.submit(abs, -1).result() == 1, "an executor that is lent is not shut down"


class Counting(Executor):
    """Computes nothing until it is asked for a result, and counts what is out."""

    def __init__(self) -> None:
        self.out, self.most = 0, 0
        self.sizes: list[int] = []

    def submit(self, fn, /, *args, **kwargs):
        self.out += 1
        self.most = max(self.most, self.out)
        self.sizes.append(len(args[1]))
        future: Future = Future()
        future.set_result([(value, 0.25) for value, _ in fn(*args, **kwargs)])
        future.add_done_callback(lambda _: setattr(self, "out", self.out - 1))
        return future


def test_a_window_is_given_out_and_short_jobs_go_together():
    executor = Counting()
    assert found(list(range(100)), executor=executor, workers=2) == {k: k * k for k in range(100)}
    assert executor.sizes[0] == 1, "how long a job takes is not known before"
    assert max(executor.sizes) == 8, "eight jobs of a quarter of a second are a task of two"
    assert sum(executor.sizes) == 100


def test_no_workers_are_refused():
    with pytest.raises(UsageError, match="workers is 0"):
        list(each(work.squared, JOBS, workers=0))


@pytest.mark.parametrize("what", [3, object()])
def test_what_is_no_executor_is_refused(what):
    with pytest.raises(UsageError, match=r"expected a concurrent\.futures\.Executor"):
        list(each(abs, [1], executor=what))


def test_an_error_of_the_work_is_told_as_it_is():
    with pytest.raises(TypeError):
        found(["a", "b"], workers=2)


@needs_posix
def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    jobs = [(number, str(tmp_path)) for number in JOBS]
    told = found(jobs, work.squared_after_a_death, workers=2)
    assert {job[0]: value for job, value in told.items()} == SQUARES
    assert (tmp_path / "died").exists()


@needs_posix
def test_workers_that_always_die_are_told(monkeypatch):
    monkeypatch.setattr(executors, "NEW_POOLS", 2)
    with pytest.raises(UsageError, match="workers ended 2 times"):
        found([1, 2], work.deadly, workers=2)


@needs_posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_end_when_their_client_is_killed(tmp_path, root):
    client = subprocess.Popen(
        [sys.executable, str(work.__file__), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    pids = workers_in(tmp_path, 2)
    client.send_signal(signal.SIGKILL)
    client.wait()
    assert all_gone(pids, seconds=10.0)


@needs_posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_workers_end_at_once_when_their_work_is_left(tmp_path):
    doing = each(work.sleeping, [(number, str(tmp_path)) for number in (0, 1, 2, 3)], workers=2)
    assert next(doing).found == 0
    pids = workers_in(tmp_path, 2)
    start = time.monotonic()
    doing.close()
    assert all_gone(pids, seconds=5.0)
    assert time.monotonic() - start < 10.0


def test_a_cluster_without_its_library_is_refused_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(UsageError) as caught,
        executors.on_cluster("tcp://127.0.0.1:1"),
    ):
        pass
    assert str(caught.value) == executors.NOT_INSTALLED and "\n" not in executors.NOT_INSTALLED


def test_an_address_in_the_environment_is_asked_for(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.delenv(executors.ENVIRONMENT, raising=False)
    with pytest.raises(UsageError, match="is not set"), executors.on_cluster("env"):
        pass
