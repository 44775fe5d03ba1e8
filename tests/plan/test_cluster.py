"""The same bytes on a Dask cluster, also where a worker is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.plan.plans import planned

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="signals differ elsewhere"),
]


@pytest.fixture
def cluster(root):
    """A cluster of two workers in processes of their own; its address and their process ids.

    A script of its own holds it: the tests' process stays without its threads and loops.
    """
    pytest.importorskip("distributed")
    script = (
        "from distributed import LocalCluster\n"
        "import sys\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as one:\n"
        "        pids = [str(worker.pid) for worker in one.workers.values()]\n"
        "        print(one.scheduler_address, *pids, flush=True)\n"
        "        sys.stdin.read()\n"
    )
    held = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert held.stdout is not None and held.stdin is not None
    address, *pids = held.stdout.readline().split()
    yield address, [int(pid) for pid in pids]
    held.stdin.close()
    held.wait(120)
    held.stdout.close()


def command(path: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "backwalk_stats", "plan", "power", str(path), "--quiet",
            "--replicates", "4000", "--out", str(out), *more]  # fmt: skip


@pytest.mark.parametrize("kill", [False, True])
def test_a_cluster_gives_the_same_bytes(root, tmp_path, cluster, kill):
    address, pids = cluster
    path = planned(tmp_path)
    where = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.Popen(
        command(path, tmp_path / "far", "--scheduler", address), cwd=tmp_path, env=where
    )
    if kill:
        blocks = tmp_path / "far" / "blocks"
        for _ in range(1200):
            if len(list(blocks.glob("*.json"))) > 3:
                break
            time.sleep(0.1)
        os.kill(pids[0], signal.SIGKILL)
    assert run.wait(600) == 0
    subprocess.run(
        command(path, tmp_path / "near", "--workers", "1"), cwd=tmp_path, env=where, check=True
    )
    for name in ("power.csv", "power.json", "report.html"):
        assert (tmp_path / "far" / name).read_bytes() == (tmp_path / "near" / name).read_bytes()


def test_nobody_at_the_address_is_told_in_one_line(root, tmp_path):
    pytest.importorskip("distributed")
    where = {**os.environ, "PYTHONPATH": str(root)}
    run = subprocess.run(
        command(planned(tmp_path), tmp_path / "far", "--scheduler", "tcp://127.0.0.1:9"),
        cwd=tmp_path, env=where, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 2
    assert "nobody listens there" in run.stderr.splitlines()[-1]
    assert "Traceback" not in run.stderr
