"""Adjusted p-values against R's p.adjust, and against closed testing."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import BackwalkError, UsageError
from backwalk_stats.models.arms.multiplicity import (
    METHODS,
    adjusted,
    fixed_sequence,
    gatekeeping,
    graphical,
    parallel_gates,
)
from tests.reference.stored import stored

P = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", stored("multiplicity")["cases"])
def test_adjusted_is_r(case, method):
    assert adjusted(case["p"], method) == pytest.approx(case[method], rel=1e-10, abs=1e-300)


@given(p=P)
def test_hommel_is_closed_testing_with_simes(p):
    values, m = np.array(p), len(p)
    oracle = np.zeros(m)
    for size in range(1, m + 1):
        for own in combinations(range(m), size):
            simes = min(1.0, (size * np.sort(values[list(own)]) / np.arange(1, size + 1)).min())
            oracle[list(own)] = np.maximum(oracle[list(own)], simes)
    assert adjusted(p, "hommel") == pytest.approx(oracle, abs=1e-12)


@given(p=P)
def test_order_of_power(p):
    bonferroni, holm, hochberg, hommel = (
        adjusted(p, name) for name in ("bonferroni", "holm", "hochberg", "hommel")
    )
    assert np.all(bonferroni >= holm - 1e-15)
    assert np.all(holm >= hochberg - 1e-15)
    assert np.all(hochberg >= hommel - 1e-12)


@given(p=P, level=st.floats(0.001, 0.5))
def test_fixed_sequence_stops_at_the_first_that_is_not_rejected(p, level):
    going, oracle = True, []
    for one in p:
        going = going and one <= level
        oracle.append(going)
    assert (fixed_sequence(p) <= level).tolist() == oracle


@given(families=st.lists(P, min_size=1, max_size=3), level=st.floats(0.001, 0.5))
def test_gatekeeping_opens_a_family_when_all_before_are_rejected(families, level):
    going, oracle = True, []
    for family in families:
        rejected = [bool(one) and going for one in adjusted(family) <= level]
        oracle.append(rejected)
        going = going and all(rejected)
    found = gatekeeping(families)
    assert [(own <= level).tolist() for own in found] == oracle


@pytest.mark.parametrize(
    ("values", "method", "message"),
    [
        ([], "holm", "one at least"),
        ([0.1, np.nan], "holm", "1 of 2 p-values are missing"),
        ([0.1, 1.2], "holm", "lies between 0 and 1"),
        ([0.1], "bh", "one of bonferroni, holm, hochberg, hommel"),
    ],
)
def test_refusals_say_what_is_wrong(values, method, message):
    with pytest.raises(BackwalkError, match=message):
        adjusted(values, method)


# Graphs. Published: each with its graph, its p-values, and the adjusted p-values that are printed.

HALF = 0.5
PUBLISHED: dict[str, tuple[Any, Any, list[float], list[float], float]] = {
    # Bretz, Maurer, Brannath and Posch, Stat Med 2009;28:586, section 3.1: Holm as a graph.
    "bretz-2009": (
        [1 / 3] * 3,
        [[0, HALF, HALF], [HALF, 0, HALF], [HALF, HALF, 0]],
        [0.02, 0.055, 0.012],
        [0.04, 0.055, 0.036],
        5e-7,
    ),
    # Bretz, Posch, Glimm, Klinglmueller, Maurer and Rohmeyer, Biom J 2011;53:894, section 4.1 and
    # figure 5: truncated Holm (gamma = 0.5), then Holm; printed to three decimals.
    "bretz-2011": (
        [HALF, HALF, 0, 0],
        [[0, HALF, 0.25, 0.25], [HALF, 0, 0.25, 0.25], [0, 0, 0, 1], [0, 0, 1, 0]],
        [0.0121, 0.0337, 0.0084, 0.0160],
        [0.024, 0.045, 0.045, 0.045],
        5e-4,
    ),
    # Xi, Glimm, Maurer and Bretz, Biom J 2017;59:918, table 2, method (A), in per cent there.
    "xi-2017": (
        [0.4, 0.4, 0.2, 0, 0, 0],
        [[0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1],
         [0, HALF, HALF, 0, 0, 0], [HALF, 0, HALF, 0, 0, 0], [HALF, HALF, 0, 0, 0, 0]],
        [0.009, 0.011, 0.009, 0.013, 0.016, 0.004],
        [0.0225, 0.0275, 0.0325, 0.0325, 0.0325, 0.0325],
        5e-7,
    ),
    # R graphicalMCP 0.2.8, its stored prints of graph_test_shortcut (test of print.graph_report):
    # two families with a small part that leads back.
    "graphicalMCP": (
        [HALF, 0, 0, HALF, 0, 0],
        [[0, HALF, HALF, 0, 0, 0], [0, 0, 1, 0, 0, 0], [0, 0.9999, 0, 0.0001, 0, 0],
         [0, 0, 0, 0, HALF, HALF], [0, 0, 0, 0, 0, 1], [0.0001, 0, 0, 0, 0.9999, 0]],
        [0.0150, 0.0125, 0.0100, 0.0075, 0.0050, 0.0025],
        [0.015, 0.020, 0.020, 0.015, 0.015, 0.015],
        5e-7,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_graphs_give_the_adjusted_p_that_are_printed(name):
    weights, transitions, p, wanted, slack = PUBLISHED[name]
    found = graphical(p, weights, transitions)
    assert found.adjusted == pytest.approx(wanted, abs=slack)


def closed_testing(p, weights, transitions):
    """Return adjusted p by every intersection, whose shares are those of a chain that is absorbed.

    A walk starts at a hypothesis with the probabilities `weights` and moves by `transitions`; it
    ends at the first hypothesis of the intersection, or nowhere. The share of a hypothesis is the
    probability that the walk ends there (Bretz 2009, section 5). No graph is updated here. Each
    move fails with probability 1e-12, so that a walk in a circle ends too.
    """
    m, transitions = len(p), (1.0 - 1e-12) * transitions
    out = np.zeros(m)
    for size in range(1, m + 1):
        for inside in combinations(range(m), size):
            own, gone = list(inside), [k for k in range(m) if k not in inside]
            share = weights[own].astype(float)
            if gone:
                visits = np.linalg.solve(
                    np.eye(len(gone)) - transitions[np.ix_(gone, gone)].T, weights[gone]
                )
                share = share + visits @ transitions[np.ix_(gone, own)]
            ratio = [p[k] / s if s > 1e-12 else np.inf for k, s in zip(own, share, strict=True)]
            out[own] = np.maximum(out[own], min(1.0, *ratio, 1.0))
    return out


@pytest.mark.parametrize("seed", range(60))
def test_graphs_are_closed_testing(seed):
    """Random graphs of two to five hypotheses; some shares, parts and rows are 0 or below 1."""
    rng = np.random.default_rng(seed)
    m = int(rng.integers(2, 6))
    weights = rng.dirichlet(np.ones(m)) * rng.choice([1.0, 0.8])
    weights[rng.random(m) < 0.3] = 0.0
    parts = rng.random((m, m)) * (rng.random((m, m)) < 0.7) * (1.0 - np.eye(m))
    sums = parts.sum(axis=1, keepdims=True)
    transitions = rng.choice([1.0, 0.9]) * parts / np.where(sums > 0.0, sums, 1.0)
    p = rng.random(m) ** 4
    found = graphical(p, weights, transitions)
    assert found.adjusted == pytest.approx(closed_testing(p, weights, transitions), abs=1e-9)
    assert sorted(found.order) == list(range(m))


def test_parallel_gates_are_closed_testing_and_open_after_one_rejection():
    weights, transitions = parallel_gates([2, 3])
    for p in permutations([0.001, 0.012, 0.02, 0.3, 0.7]):
        found = graphical(p, weights, transitions).adjusted
        assert found == pytest.approx(closed_testing(np.array(p), weights, transitions), abs=1e-9)
        # The gatekeepers are tested by Bonferroni, and nothing behind them is below the better one.
        assert found[:2] == pytest.approx(np.minimum(1.0, 2.0 * np.array(p[:2])))
        assert (found[2:] >= found[:2].min() - 1e-15).all()


@given(p=P)
def test_graphs_hold_the_other_methods(p):
    """Holm, the fixed sequence and Bonferroni are graphs."""
    m = len(p)
    even = (1.0 - np.eye(m)) / max(m - 1, 1)
    assert graphical(p, [1 / m] * m, even).adjusted == pytest.approx(adjusted(p, "holm"), abs=1e-9)
    assert graphical(p, [1 / m] * m, np.zeros((m, m))).adjusted == pytest.approx(
        adjusted(p, "bonferroni"), abs=1e-12
    )
    first = [1.0] + [0.0] * (m - 1)
    assert graphical(p, first, np.eye(m, k=1)).adjusted == pytest.approx(fixed_sequence(p))


def test_shares_say_where_the_level_went():
    """Bretz 2009, figure 4: 1/3 at the first, then 1/2, then all of it."""
    weights, transitions, p, *_ = PUBLISHED["bretz-2009"]
    found = graphical(p, weights, transitions)
    assert found.order.tolist() == [2, 0, 1]
    assert found.share == pytest.approx([1 / 2, 1.0, 1 / 3])


@pytest.mark.parametrize(
    ("weights", "transitions", "said"),
    [
        ([0.6, 0.6], [[0, 1], [1, 0]], "sum to 1"),
        ([0.5, 0.5], [[0, 1.1], [1, 0]], "sum to 1"),
        ([0.5, 0.5], [[0.2, 0.8], [1, 0]], "itself"),
        ([0.5, -0.5], [[0, 1], [1, 0]], "0 or more"),
        ([0.5], [[0, 1], [1, 0]], "shape"),
    ],
)
def test_graphs_that_are_none_are_refused(weights, transitions, said):
    with pytest.raises(UsageError, match=said):
        graphical([0.01, 0.02], weights, transitions)
