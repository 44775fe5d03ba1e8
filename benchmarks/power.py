"""Power of 20 scenarios x 10,000 replicates of an MMRM with monotone drop-out, by simulation.

Processor seconds of this process and of the workers, wall seconds, and the memory of the process
after a tenth, half and all of the blocks: it does not grow. `--workers N` (1 unless given),
`--replicates N` for a shorter run, `--cluster` on a Dask LocalCluster of two workers.
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

import backwalk_stats as bw

SCENARIOS, REPLICATES = 20, 10_000
TRIAL = """
[trial]
id = "benchmark"
title = "Twenty scenarios"
seed = 1
[arms]
reference = "forward"
labels = { forward = "forward", backward = "backward" }
[visits]
baseline = "W0"
order = ["W0", "W2", "W4", "W8", "W12"]
weeks = [0, 2, 4, 8, 12]
[[data]]
file = "scores.csv"
participant = "id"
arm = "arm"
[[outcome]]
name = "knee_pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "a", W2 = "b", W4 = "c", W8 = "d", W12 = "e" }
[[estimand]]
id = "E1"
outcome = "knee_pain"
visit = "W12"
analysis = "mmrm"
"""
SCENARIO = """
[[plan.scenario]]
name = "difference {difference:g}, slope {slope:g}"
per_arm = 60
outcome = "knee_pain"
means = {{ forward = [6, 5.6, 5.2, 5, 4.8], backward = [6, 5.3, 4.7, 4.3, {last:g}] }}
sd = [1.7, 1.9, 2.0, 2.1, 2.2]
correlation = "ar1:0.7"
dropout = {{ forward = [0, 0.05, 0.1, 0.15, 0.2], backward = [0, 0.1, 0.15, 0.25, 0.3] }}
dropout_mechanism = {mechanism}
round = true
"""


def planned(folder: Path) -> Path:
    """Write a trial file of ten differences, each with drop-out by nothing and by score."""
    text = TRIAL
    for difference in np.linspace(0.3, 1.2, SCENARIOS // 2):
        for slope in (0.0, 0.3):
            mechanism = f"{{ mar = {slope} }}" if slope else '"mcar"'
            text += SCENARIO.format(
                difference=difference, last=4.8 - difference, slope=slope, mechanism=mechanism
            )
    path = folder / "trial.toml"
    path.write_text(text)
    return path


def resident() -> float:
    """Return the memory of this process now, in MB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6


@contextlib.contextmanager
def cluster(wanted: bool) -> Iterator[tuple[Executor | None, int]]:
    """Give the executor of a cluster of two workers, where one is wanted."""
    if not wanted:
        yield None, 0
        return
    import distributed

    library: Any = distributed
    with (
        library.LocalCluster(n_workers=2, threads_per_worker=1) as here,
        library.Client(here) as client,
    ):
        yield client.get_executor(pure=False, retries=3), 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--cluster", action="store_true")
    given = parser.parse_args()
    memory: dict[int, float] = {}

    def tell(done: int, total: int, what: str) -> None:
        for share in (10, 50, 100):
            if done >= total * share / 100:
                memory.setdefault(share, resident())

    with tempfile.TemporaryDirectory() as folder, cluster(given.cluster) as (executor, many):
        path = planned(Path(folder))
        bw.power(path, replicates=2, progress=lambda *_: None)  # libraries loaded, loops compiled
        start, own = time.perf_counter(), time.process_time()
        found = bw.power(
            path, replicates=given.replicates, workers=many or given.workers, executor=executor,
            store=Path(folder, "blocks"), progress=tell,
        )  # fmt: skip
        wall, own = time.perf_counter() - start, time.process_time() - own
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    trials = 2 * SCENARIOS * given.replicates
    spent = own + children.ru_utime + children.ru_stime
    print(f"{trials} trials: {wall:.0f} s of wall, {spent:.0f} s of processor "
          f"({own:.0f} here), {trials / spent:.0f} a processor second")  # fmt: skip
    print(", ".join(f"{share} %: {mb:.0f} MB" for share, mb in memory.items()),
          f"largest worker {children.ru_maxrss / 1024:.0f} MB")  # fmt: skip
    print(found.results.query("quantity == 'power'")["value"].round(3).tolist())


if __name__ == "__main__":
    main()
