"""How often `bw.curve_test` finds something where nothing is, by design and method.

13 curves an arm, 101 nodes, participants with offsets of 0, 3 and 10 noise SDs. Prints a table of
family-wise error at a nominal 0.05: `python benchmarks/array_test_error_rates.py 2000` for all
tests, with parts of names behind the number for some. docs/methods/array_test_error_rates.csv holds
the result.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from curve_error_rates import ALPHA, NODES, OFFSETS, noise
from scipy.stats import t as t_distribution

import backwalk_stats as bw

N = 13  # curves of an arm
PERMUTATIONS = 199
SEED = 20261201
Curves = np.ndarray


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """Curves of three groups of people at two times, in three planes; nothing differs."""

    y: Curves  # (3, N, 2, NODES, 3)
    z: np.ndarray  # (2 N,): a covariate that moves the curves of the first two groups
    x: np.ndarray  # (N,): one that means nothing


def null_data(rng: np.random.Generator, offset: float) -> Data:
    """Return data in which nothing differs but people."""
    people = rng.normal(size=(3, N, 1, 1, 3)) * offset
    y = np.moveaxis(noise(rng, 3, N, 2, 3), 3, 4) + people
    z = rng.normal(size=2 * N) + np.repeat([0.0, 1.0], N)  # arms differ in it
    return Data(y=y, z=z, x=rng.exponential(size=N))


Test = Callable[[Data, int], float]


def _with(method: str, design: str, more: Mapping[str, Any] = MappingProxyType({})) -> Test:
    """Return a test of a design by a method; what it takes of the data depends on the design."""

    def test(data: Data, seed: int) -> float:
        one, other, third = data.y[:, :, 0, :, 0]
        vectors = data.y[0, :, 0], data.y[1, :, 0]
        changes = data.y[0, :, 1], data.y[0, :, 0]
        given: dict[str, tuple[Any, ...]] = {
            "one-sample": (third,),
            "paired": (changes[0][..., 0], changes[1][..., 0]),
            "two-sample": (one, other),
            "welch": (one, other),
            "regression": (one, data.x),
            "anova": ([one, other, third],),
            "hotelling-paired": changes,
            "hotelling-two-sample": vectors,
        }
        asked: dict[str, Any] = {"design": design, "method": method, "seed": seed}
        asked |= {"permutations": PERMUTATIONS, **more}
        found = bw.curve_test(*given[design], **asked)
        return found.p_value

    return test


def covariate(method: str) -> Test:
    """Return the two-sample test that holds a covariate still on which the curves depend."""

    def test(data: Data, seed: int) -> float:
        pooled = data.y[:2, :, 0, :, 0].reshape(2 * N, NODES) + data.z[:, None]
        return bw.curve_test(pooled[:N], pooled[N:], method=method, covariates=data.z, seed=seed,
                             permutations=PERMUTATIONS).p_value  # fmt: skip

    return test


def unequal(design: str) -> Test:
    """Return a test of arms of 13 and 26 whose standard deviations are 2 and 1."""

    def test(data: Data, seed: int) -> float:
        one, other, third = data.y[:, :, 0, :, 0]
        return bw.curve_test(2.0 * one, np.concatenate([other, third]), design=design, seed=seed,
                             permutations=PERMUTATIONS).p_value  # fmt: skip

    return test


def pairs(method: str) -> Test:
    """Return the smallest p-value of the pairs of three groups."""

    def test(data: Data, seed: int) -> float:
        found = bw.curve_test(list(data.y[:, :, 0, :, 0]), design="anova", method=method, seed=seed,
                              permutations=PERMUTATIONS).post_hoc  # fmt: skip
        assert found is not None
        return float(found["p_value"].min())

    return test


def _tests() -> Iterator[tuple[str, Test]]:
    """Yield every design by every method that it has."""
    for design in ("one-sample", "paired", "two-sample", "regression", "anova"):
        yield f"{design}, permutation", _with("permutation", design)
        yield f"{design}, random field", _with("random-field", design)
    for design in ("hotelling-paired", "hotelling-two-sample"):
        yield f"{design}, permutation", _with("permutation", design)
        yield f"{design}, random field", _with("random-field", design)
    yield "welch, permutation", _with("permutation", "welch")
    df = {"paired": N - 1, "two-sample": 2 * N - 2}
    for design, left in df.items():
        height = float(t_distribution.isf(ALPHA / 2, left))
        named = f"{design}, cluster mass"
        yield named, _with("cluster-mass", design, {"cluster_threshold": height, "circular": True})
    for side in ("greater", "less"):
        yield (
            f"two-sample {side}, permutation",
            _with("permutation", "two-sample", {"alternative": side}),
        )
    yield (
        "paired greater, random field",
        _with("random-field", "paired", {"alternative": "greater"}),
    )
    roi = (np.arange(NODES) >= 50) & (np.arange(NODES) <= 80)
    yield "two-sample in a region, permutation", _with("permutation", "two-sample", {"roi": roi})
    yield "paired in a region, random field", _with("random-field", "paired", {"roi": roi})
    yield "two-sample with covariate, permutation", covariate("permutation")
    yield "two-sample with covariate, random field", covariate("random-field")
    yield "anova pairs, permutation", pairs("permutation")
    yield "anova pairs, random field", pairs("random-field")
    yield "welch, SD 2 of 13 and 1 of 26, permutation", unequal("welch")
    yield "two-sample, SD 2 of 13 and 1 of 26, permutation", unequal("two-sample")


TESTS = dict(_tests())


def rates(
    offset: float, replicates: int, names: Sequence[str], *, seed: int = SEED
) -> dict[str, float]:
    """Return the share of data sets in which each test finds anything."""
    hits = dict.fromkeys(names, 0)
    for index in range(replicates):
        sequence = np.random.SeedSequence(seed, spawn_key=(int(offset), index))
        data = null_data(np.random.Generator(np.random.Philox(sequence)), offset)
        for name in names:
            hits[name] += int(TESTS[name](data, index) <= ALPHA)
    return {name: count / replicates for name, count in hits.items()}


def main(replicates: int, parts: Sequence[str]) -> None:
    """Print the table as CSV, for all tests or those whose names hold a part."""
    names = [name for name in TESTS if not parts or any(part in name for part in parts)]
    found = {}
    for offset in OFFSETS:
        found[offset] = rates(offset, replicates, names)
        print(offset, found[offset], file=sys.stderr, flush=True)
    print(",".join(["test", *(f"error_offset_{offset:g}" for offset in OFFSETS), "data_sets"]))
    for name in names:
        cells = [f"{found[offset][name]:.4f}" for offset in OFFSETS]
        print(",".join([f'"{name}"', *cells, str(replicates)]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
