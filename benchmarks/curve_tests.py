"""Time of whole-curve tests of arrays: every design and method, 10,000 relabellings.

Medians of three calls after one that is thrown away; 20 curves an arm, 101 nodes, three planes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

import backwalk_stats as bw

N, NODES, PERMUTATIONS = 20, 101, 10_000


def seconds(run: Callable[[], object]) -> float:
    """Return the median time of three calls, warmed up."""
    run()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return median(times)


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(1)
    y = np.cumsum(rng.normal(size=(3, N, NODES, 3)), axis=2) / 5
    a, b, c = y[..., 0]
    z = rng.normal(size=2 * N)
    cases: list[tuple[str, Callable[[], object], float | None]] = [
        ("two-sample", lambda: bw.curve_test(a, b), 1.0),
        ("two-sample, one-sided", lambda: bw.curve_test(a, b, alternative="greater"), 1.0),
        ("two-sample, covariate", lambda: bw.curve_test(a, b, covariates=z), None),
        ("two-sample, cluster mass", lambda: bw.curve_test(
            a, b, method="cluster-mass", cluster_threshold=2.0, circular=True), None),
        ("two-sample, random field", lambda: bw.curve_test(a, b, method="random-field"), None),
        ("paired", lambda: bw.curve_test(a, b, design="paired"), None),
        ("welch", lambda: bw.curve_test(a, b, design="welch"), None),
        ("regression", lambda: bw.curve_test(a, z[:N], design="regression"), None),
        ("anova of three groups, with pairs", lambda: bw.curve_test([a, b, c], design="anova"),
         None),
        ("hotelling-paired, 3 components", lambda: bw.curve_test(
            y[0], y[1], design="hotelling-paired"), 3.0),
        ("hotelling-two-sample, 2 components", lambda: bw.curve_test(
            y[0][..., :2], y[1][..., :2], design="hotelling-two-sample"), 3.0),
        ("hotelling-two-sample, 3 components", lambda: bw.curve_test(
            y[0], y[1], design="hotelling-two-sample"), 3.0),
    ]  # fmt: skip
    print(f"{N} curves an arm, {NODES} nodes, {PERMUTATIONS:,} relabellings\n")
    for label, run, limit in cases:
        took = seconds(run)
        goal = "" if limit is None else f"{limit:g} s {'kept' if took <= limit else 'NOT KEPT'}"
        print(f"{label:<40}{took:>8.3f} s   {goal}")


if __name__ == "__main__":
    main()
