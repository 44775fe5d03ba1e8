"""How often `bw.curve_test` finds something where nothing is: the committed table, and new data.

`benchmarks/array_test_error_rates.py` printed docs/methods/array_test_error_rates.csv. The slow
suite draws other data sets, from another seed.
"""

from __future__ import annotations

import importlib.util
import sys

import pandas as pd
import pytest
from scipy.stats import binom

OFFSETS = (0, 3, 10)
UNEQUAL = ("welch, SD 2 of 13 and 1 of 26, permutation",
           "two-sample, SD 2 of 13 and 1 of 26, permutation")  # fmt: skip
OTHER_SEED, SETS = 7, 300


@pytest.fixture(scope="module")
def simulation(root):
    path = root / "benchmarks" / "array_test_error_rates.py"
    spec = importlib.util.spec_from_file_location("array_test_error_rates", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, spec.name, module)  # its dataclass looks there
        patch.syspath_prepend(str(path.parent))
        spec.loader.exec_module(module)
        yield module


@pytest.fixture(scope="module")
def committed(root):
    table = root / "docs" / "methods" / "array_test_error_rates.csv"
    return pd.read_csv(table).set_index("test")


def columns_of(committed: pd.DataFrame) -> list[str]:
    """Return the columns of error rates, one an offset of participants; there are some."""
    found = [name for name in map(str, committed) if name.startswith("error_offset_")]
    assert "error_offset_0" in found and len(found) > 1
    return found


def test_the_table_holds_every_design_and_method(committed, simulation):
    assert list(committed.index) == list(simulation.TESTS)
    fair = committed.drop(index=list(UNEQUAL))
    for column in columns_of(committed):
        for rate, sets in fair[[column, "data_sets"]].to_numpy():
            most = binom.ppf(1 - 1e-4, int(sets), 0.05)
            assert round(rate * sets) <= most, "more than chance gives at a true rate of 0.05"


def test_permutation_keeps_its_level_and_does_not_throw_it_away(committed):
    rates = committed[[name.endswith("permutation") for name in committed.index]]
    rates = rates.drop(index=list(UNEQUAL))
    for column in columns_of(committed):
        counts = rates[column] * rates["data_sets"]
        assert (counts >= binom.ppf(1e-4, rates["data_sets"], 0.05)).all()


def test_unequal_spreads_are_told_as_they_are(committed):
    welch, pooled = (committed.loc[name, "error_offset_0"] for name in UNEQUAL)
    assert welch < 0.1 < pooled


def test_a_few_new_data_sets(simulation):
    names = ["paired, permutation", "hotelling-two-sample, permutation"]
    found = simulation.rates(3.0, 20, names, seed=OTHER_SEED)
    assert all(rate * 20 <= binom.ppf(1 - 1e-5, 20, 0.05) for rate in found.values())


@pytest.mark.slow
@pytest.mark.parametrize("offset", OFFSETS)
def test_new_data_sets_from_another_seed(offset, simulation):
    names = [name for name in simulation.TESTS if name not in UNEQUAL]
    found = simulation.rates(float(offset), SETS, names, seed=OTHER_SEED)
    most = binom.ppf(1 - 1e-5, SETS, 0.05)
    assert {name: rate for name, rate in found.items() if round(rate * SETS) > most} == {}
