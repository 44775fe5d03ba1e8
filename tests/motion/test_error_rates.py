"""How often whole-curve tests find something where nothing is: the committed table, and a sample.

`benchmarks/curve_error_rates.py` simulates participants with offsets of 0, 3 and 10 noise SDs;
docs/methods/curve_error_rates.csv holds what it printed. CI runs a few hundred data sets of it; the
slow suite runs all of them again (4,000 of each test, 1,000 of the pointwise model: about forty
minutes on one core).
"""

from __future__ import annotations

import importlib.util
import sys

import pandas as pd
import pytest
from scipy.stats import binom

from backwalk_stats.analyses.motion.curves import FREE_OF_OFFSETS

LOW, HIGH = 0.035, 0.065
POINTWISE = "pointwise mixed model, simultaneous limits"
OFFSETS = (0, 3, 10)
SMOKE, SMOKE_PERMUTATIONS = 200, 199
# For a true rate of 0.05, a count outside comes up once in ten thousand.
FEWEST, MOST = (int(binom.ppf(tail, SMOKE, 0.05)) for tail in (5e-5, 1 - 5e-5))


@pytest.fixture(scope="module")
def simulation(root):
    path = root / "benchmarks" / "curve_error_rates.py"
    spec = importlib.util.spec_from_file_location("curve_error_rates", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # its dataclass looks there
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def committed(root):
    return pd.read_csv(root / "docs" / "methods" / "curve_error_rates.csv").set_index("test")


def offered(name: str) -> bool:
    """Tell whether the analyses give a reader this test's p-value."""
    free = {one.replace("-", " ") for one in FREE_OF_OFFSETS}
    question, _, method = name.partition(", ")
    return method != "random field" or question.replace("-", " ") in free


def test_the_table_holds_for_every_offered_test(committed):
    rates = committed[[f"error_offset_{offset}" for offset in OFFSETS]]
    mine = rates[committed["offered"] == "yes"]
    assert len(mine) >= 12 and (committed["data_sets"] >= 1000).all()
    outside = mine[((mine < LOW) | (mine > HIGH)).any(axis=1)]
    assert outside.empty, outside


def test_the_table_says_what_is_offered(committed):
    assert {name: offered(name) for name in committed.index} == (
        committed["offered"] == "yes"
    ).to_dict()
    assert POINTWISE in committed.index


def test_the_table_shows_why_the_others_are_not_offered(committed):
    others = committed[committed["offered"] == "no"]
    rates = others[[f"error_offset_{offset}" for offset in OFFSETS]]
    assert (rates.min(axis=1) < LOW).all(), "random fields are conservative there"


def test_power_on_a_bump_is_reported_beside_it(committed):
    power = committed[[f"power_offset_{offset}" for offset in OFFSETS]]
    within = power.loc[[name for name in power.index if name.startswith(("paired", "repeated"))]]
    assert (within > 0.15).all(axis=None), "offsets cost nothing within participants"


@pytest.mark.parametrize("offset", [0.0, pytest.param(10.0, marks=pytest.mark.slow)])
def test_a_sample_of_data_sets_finds_as_few_as_chance(offset, simulation, monkeypatch):
    monkeypatch.setattr(simulation, "PERMUTATIONS", SMOKE_PERMUTATIONS)
    tests = (simulation.ancova, simulation.paired, simulation.two_sample)
    found = simulation.rates(simulation.null_data, offset, SMOKE, tests)
    counts = {name: round(rate * SMOKE) for name, rate in found.items() if offered(name)}
    assert len(counts) == 5
    assert all(FEWEST <= count <= MOST for count in counts.values()), counts


@pytest.mark.slow
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("test", ["ancova", "two_sample", "paired", "regression", "one_way",
                                  "repeated_measures", "arm_by_visit", "pointwise"])  # fmt: skip
def test_the_whole_simulation_gives_the_committed_table(test, offset, simulation, committed):
    sets = 1000 if test == "pointwise" else 4000
    tests = (getattr(simulation, test),)
    found = simulation.rates(simulation.null_data, float(offset), sets, tests)
    for name, rate in found.items():
        assert rate == pytest.approx(committed.loc[name, f"error_offset_{offset}"], abs=5e-4)
        assert not offered(name) or LOW <= rate <= HIGH, (name, rate)
