"""How often each whole-curve test finds something: where nothing is there, and where a bump is.

Prints a table of false-positive rates at a nominal 0.05 (participant offsets of 0, 3 and 10 noise
SDs) and of power on a bump of known height: `python benchmarks/curve_error_rates.py 1000` for all
tests, with names behind the number for some, `WORKERS=2` before it for more processes.
docs/methods/curve_error_rates.csv holds the result.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter1d

from backwalk_stats.motion import curve_statistics as statistics
from backwalk_stats.motion import permutation
from backwalk_stats.motion.curve_tests import permutation_test, random_field_test
from backwalk_stats.motion.largest_statistic import MaxNull
from backwalk_stats.motion.pointwise_model import pointwise_model
from backwalk_stats.plan.executors import each

NODES = 101
WIDTH = 20.0  # full width at half maximum of the noise, in nodes
N = 20  # participants; in two arms of ten where a test has arms
VISITS = 3
OFFSETS = (0.0, 3.0, 10.0)
ALPHA = 0.05
PERMUTATIONS = 499
BUMP = 1.0  # height of the difference of arms or visits, in noise SDs
SEED = 20261122

Curves = np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """Curves of participants at visits, with an arm and a covariate that mean nothing."""

    y: Curves  # (participants, visits, nodes)
    arm: np.ndarray
    x: np.ndarray


def noise(rng: np.random.Generator, *shape: int) -> Curves:
    """Return smooth curves with standard deviation 1 at every node."""
    sigma = WIDTH / np.sqrt(8.0 * np.log(2.0))
    pad = int(4 * sigma) + 1
    rough = rng.normal(size=(*shape, NODES + 2 * pad))
    smooth = gaussian_filter1d(rough, sigma, axis=-1)[..., pad:-pad]
    return np.asarray(smooth * np.sqrt(2.0 * sigma * np.sqrt(np.pi)))


def null_data(rng: np.random.Generator, offset: float) -> Data:
    """Return data in which nothing differs but people."""
    people = rng.normal(size=(N, 1, 1)) * offset
    return Data(
        y=noise(rng, N, VISITS) + people,
        arm=np.repeat([True, False], N // 2),
        x=rng.normal(size=N),
    )


def bump_data(rng: np.random.Generator, offset: float) -> Data:
    """Return data with a bump: arms differ after the first visit, everyone by the covariate."""
    data = null_data(rng, offset)
    shape = BUMP * np.exp(-0.5 * ((np.arange(NODES) - 60.0) / 8.0) ** 2)
    y = data.y.copy()
    y[data.arm, 1:] += shape
    return Data(y=y, arm=data.arm, x=data.arm + 0.3 * data.x)


def two_sample(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the arms at the last visit."""
    one, other = data.y[data.arm, -1], data.y[~data.arm, -1]
    found = statistics.two_sample(one, other)
    null = permutation.two_sample_null(one, other, permutations=PERMUTATIONS, seed=seed)
    yield from both("two-sample", found, null)


def paired(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the first and the last visit within participants."""
    gap = data.y[data.arm, -1] - data.y[data.arm, 0]
    null = permutation.sign_null(gap, permutations=PERMUTATIONS, seed=seed)
    yield from both("paired", statistics.one_sample(gap), null)


def regression(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Regress the last visit on the covariate."""
    y = data.y[:, -1]
    null = permutation.regression_null(y, data.x, permutations=PERMUTATIONS, seed=seed)
    yield from both("regression", statistics.regression(y, data.x), null)


def one_way(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare three groups; with a bump, one of them is the treated arm."""
    groups = np.where(data.arm, 0, 1 + np.arange(N) % 2)
    y = data.y[:, -1]
    null = permutation.one_way_null(y, groups, permutations=PERMUTATIONS, seed=seed)
    yield from both("one-way", statistics.one_way(y, groups), null)


def ancova(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the arms at the last visit, adjusted for the baseline curve."""
    y, baseline = data.y[:, -1], data.y[:, 0]
    null = permutation.ancova_null(y, data.arm, baseline, permutations=PERMUTATIONS, seed=seed)
    yield from both("baseline-adjusted", statistics.ancova(y, data.arm, baseline), null)


def repeated_measures(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the visits within participants of one arm."""
    y = data.y[data.arm]
    null = permutation.within_participant_null(y, permutations=PERMUTATIONS, seed=seed)
    yield from both("repeated measures", statistics.repeated_measures(y), null)


def arm_by_visit(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the arms' profiles over the visits."""
    null = permutation.arm_by_visit_null(data.y, data.arm, permutations=PERMUTATIONS, seed=seed)
    yield from both("arm by visit", statistics.arm_by_visit(data.y, data.arm), null)


def pointwise(data: Data, seed: int) -> Iterator[tuple[str, float]]:
    """Compare the arms at the last visit by a mixed model at every node."""
    found = pointwise_model(data.y, data.arm, visit=VISITS - 1)
    yield "pointwise mixed model, simultaneous limits", float(np.nanmin(found.p_nodes))


def both(name: str, found: statistics.CurveStatistic, null: MaxNull) -> Iterator[tuple[str, float]]:
    """Yield the permutation test and the random-field test of one statistic."""
    yield f"{name}, permutation", permutation_test(found, null, alpha=ALPHA).p_value
    yield f"{name}, random field", random_field_test(found, alpha=ALPHA).p_value


Test = Callable[[Data, int], Iterator[tuple[str, float]]]
TESTS: tuple[Test, ...] = (
    ancova,
    two_sample,
    paired,
    regression,
    one_way,
    repeated_measures,
    arm_by_visit,
    pointwise,
)


class Job(NamedTuple):
    """One data set: how it is made, its number, and the tests that see it."""

    simulate: Callable[[np.random.Generator, float], Data]
    offset: float
    number: int
    tests: tuple[Test, ...]


def tested(job: Job) -> dict[str, bool]:
    """Return whether each test finds anything in one data set."""
    sequence = np.random.SeedSequence(SEED, spawn_key=(int(job.offset), job.number))
    data = job.simulate(np.random.Generator(np.random.Philox(sequence)), job.offset)
    found = (pair for test in job.tests for pair in test(data, job.number))
    return {name: p_value <= ALPHA for name, p_value in found}


def rates(
    simulate: Callable[[np.random.Generator, float], Data],
    offset: float,
    replicates: int,
    tests: Sequence[Test] = TESTS,
    workers: int = 1,
) -> dict[str, float]:
    """Return the share of data sets in which each test finds anything; alike for any workers."""
    jobs = [Job(simulate, offset, index, tuple(tests)) for index in range(replicates)]
    hits: Counter[str] = Counter()
    for done in each(tested, jobs, workers=workers):
        hits.update({name: int(found) for name, found in (done.found or {}).items()})
    return {name: count / replicates for name, count in hits.items()}


def main(replicates: int, names: Sequence[str], workers: int) -> None:
    """Print the table as CSV, for all tests or the named ones."""
    tests = [test for test in TESTS if not names or test.__name__ in names]
    errors = {offset: rates(null_data, offset, replicates, tests, workers) for offset in OFFSETS}
    power = {offset: rates(bump_data, offset, replicates, tests, workers) for offset in OFFSETS}
    columns = [f"{kind}_offset_{offset:g}" for kind in ("error", "power") for offset in OFFSETS]
    print(",".join(["test", *columns, "data_sets"]))
    for name in errors[0.0]:
        cells = [table[offset][name] for table in (errors, power) for offset in OFFSETS]
        print(",".join([f'"{name}"', *(f"{value:.4f}" for value in cells), str(replicates)]))


if __name__ == "__main__":
    WORKERS = int(os.environ.get("WORKERS", "1"))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:], WORKERS)
