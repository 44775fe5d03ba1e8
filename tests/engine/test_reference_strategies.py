"""Means and covariances of the strategies against their definitions, written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.missing.draws import STRATEGIES, assumed_covariance, mean_weights
from backwalk_stats.errors import NotEstimable, UsageError

OWN, REFERENCE = np.array([1.0, 2.0, 4.0]), np.array([3.0, 7.0, 12.0])


@pytest.mark.parametrize(
    ("strategy", "event", "expected"),
    [
        # rbmi, "Statistical specifications", marginal imputation distribution.
        ("mar", 1, [1, 2, 4]),
        ("jr", 1, [1, 7, 12]),
        ("jr", 0, [3, 7, 12]),
        ("cr", 1, [3, 7, 12]),
        ("cr", 3, [1, 2, 4]),
        ("cir", 1, [1, 1 + 7 - 3, 1 + 12 - 3]),
        ("cir", 2, [1, 2, 2 + 12 - 7]),
        ("cir", 0, [3, 7, 12]),
        ("lmcf", 1, [1, 1, 1]),
        ("lmcf", 2, [1, 2, 2]),
        ("lmcf", 3, [1, 2, 4]),
    ],
)
def test_mean(strategy, event, expected):
    a, b = mean_weights(strategy, event=event, visits=3)
    assert (a @ OWN + b @ REFERENCE).tolist() == expected


def test_jump_has_the_worked_covariance_of_rbmi():
    # rbmi, tests of compute_sigma: the blocks of the specification, written out.
    own = np.array([[1.0, 0.4, 1.2], [0.4, 4.0, 3.6], [1.2, 3.6, 9.0]])
    reference = np.array([[1.0, 0.3, 0.8], [0.3, 9.0, 2.7], [0.8, 2.7, 4.0]])
    t11, r11 = own[:2, :2], reference[:2, :2]
    r21, r22 = reference[2:, :2], reference[2:, 2:]
    inverse = np.linalg.inv(r11)
    expected = np.block(
        [
            [t11, (r21 @ inverse @ t11).T],
            [r21 @ inverse @ t11, r22 - r21 @ inverse @ (r11 - t11) @ inverse @ r21.T],
        ]
    )
    for strategy in ("jr", "cir"):
        found = assumed_covariance(strategy, own=own, reference=reference, event=2)
        assert found == pytest.approx(expected, rel=1e-13)


@given(st.sampled_from(STRATEGIES), st.integers(1, 4), st.integers(0, 2**31 - 1), st.integers(2, 4))
def test_covariance_is_positive_and_shared_ones_stay(strategy, event, seed, size):
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(2, size, size + 2))
    own, reference = half @ np.swapaxes(half, 1, 2)
    event = min(event, size)
    found = assumed_covariance(strategy, own=own, reference=reference, event=event)
    assert found == pytest.approx(found.T)
    assert np.linalg.eigvalsh(found)[0] > 0.0
    same = assumed_covariance(strategy, own=own, reference=own, event=event)
    assert same == pytest.approx(own, rel=1e-8, abs=1e-8)


def test_what_is_not_defined_is_refused():
    with pytest.raises(UsageError, match="one of mar, jr"):
        mean_weights("bocf", event=1, visits=2)
    with pytest.raises(NotEstimable, match="no mean to carry"):
        mean_weights("lmcf", event=0, visits=2)
