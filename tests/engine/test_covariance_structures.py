"""What every covariance structure promises, for any numbers that a search may try."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backwalk_stats.engine.mixed.covariance import SPATIAL, STRUCTURES, Covariance, structure
from backwalk_stats.engine.mixed.marginal import RandomEffects
from backwalk_stats.errors import UsageError
from tests.oracles.dense_gls import bend, sigma, slope

NAMES = sorted(STRUCTURES)


def make(name: str, m: int, gaps: list[float]) -> tuple[Covariance, tuple[float, ...]]:
    times = tuple(np.cumsum([0.0, *gaps[: m - 1]]).tolist())
    return structure(name, m=m, times=times if name in SPATIAL else ()), times


@st.composite
def drawn(draw, name: str):
    """A structure of 2 to 5 visits and free numbers of a moderate size."""
    m = draw(st.integers(2, 5))
    gaps = draw(st.lists(st.floats(0.3, 4.0), min_size=4, max_size=4))
    one, times = make(name, m, gaps)
    free = draw(arrays(float, one.count, elements=st.floats(-1.5, 1.5, width=32)))
    return one, times, free


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_sigma_is_the_definition_and_positive_definite(name, data):
    one, times, free = data.draw(drawn(name))
    theta = one.from_free(free)
    found = one.sigma(theta)
    np.testing.assert_allclose(found, sigma(name, theta, one.m, times), rtol=1e-12, atol=1e-14)
    assert np.linalg.eigvalsh(found)[0] > 0
    assert len(one.labels(tuple(f"V{k}" for k in range(one.m)))) == one.count == len(theta)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_free_numbers_and_parameters_are_each_others_inverse(name, data):
    one, _, free = data.draw(drawn(name))
    back = one.to_free(one.from_free(free))
    np.testing.assert_allclose(back, free, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_derivatives_are_the_differences_of_the_definition(name, data):
    one, times, free = data.draw(drawn(name))
    theta = one.from_free(free)

    def defined(at):
        return sigma(name, at, one.m, times)

    # Correlations are kept from running out of their range by the step.
    sizes = 1e-3 * np.minimum(np.abs(theta) + 1e-2, 1.0)
    size = np.abs(defined(theta)).max()
    first = np.array([slope(defined, theta, j, sizes[j]) for j in range(one.count)])
    scale = sizes[:, None, None]
    np.testing.assert_allclose(one.first(theta) * scale, first * scale, atol=1e-10 * size)
    found = one.second(theta)
    second = np.zeros((one.count, one.count, one.m, one.m)) if found is None else found
    for j in range(one.count):
        for k in range(one.count):
            by_steps = sizes[j] * sizes[k] * bend(defined, theta, j, k, sizes)
            at = second[j, k] * sizes[j] * sizes[k]
            np.testing.assert_allclose(at, by_steps, atol=1e-11 * size)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_complex_steps_pass_through(name, data):
    """The fit takes the map's derivatives by complex steps: they must be its derivatives."""
    one, _, free = data.draw(drawn(name))
    for j in range(one.count):
        step = 1e-20j * np.eye(one.count)[j]
        exact = one.from_free(free + step).imag / 1e-20
        rough = slope(one.from_free, free, j, 1e-3)
        np.testing.assert_allclose(exact, rough, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_start_values_are_inside(name, data):
    """Any positive definite empirical covariance gives a start with a finite free form."""
    m = data.draw(st.integers(2, 5))
    root = data.draw(arrays(float, (m, m), elements=st.floats(-3, 3, width=32)))
    spread = data.draw(st.floats(0.05, 50.0))
    one, _ = make(name, m, [1.0, 2.0, 4.0, 4.0])
    theta = one.start(root @ root.T + spread * np.eye(m))
    free = one.to_free(theta)
    assert np.all(np.isfinite(free))
    assert np.linalg.eigvalsh(one.sigma(one.from_free(free)))[0] > 0


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_start_recovers_its_own_sigma(name, data):
    """A structure that is true is found again, whatever its parameters (visits one apart)."""
    m = data.draw(st.integers(2, 5))
    one, _ = make(name, m, [1.0] * 4)
    free = data.draw(arrays(float, one.count, elements=st.floats(-0.75, 0.75, width=32)))
    if name in (*SPATIAL, "cs", "csh"):  # their starts keep away from low correlations
        free = np.abs(free)
    theta = one.from_free(free)
    found = one.start(one.sigma(theta))
    np.testing.assert_allclose(found, theta, rtol=1e-5, atol=1e-7)


@given(
    free=arrays(float, 4, elements=st.floats(-2, 2, width=32)),
    correlated=st.booleans(),
)
def test_random_effects_are_at_least_semidefinite(free, correlated):
    z = np.column_stack([np.ones(5), np.arange(5.0)])[None]
    one = RandomEffects(z, np.ones((1, 5), dtype=bool), np.ones((1, 5)), correlated)
    theta = one.from_free(free[-one.count :])
    assert np.linalg.eigvalsh(one.g(theta))[0] >= -1e-9 * max(theta.max(), 1.0)
    v = one.v(theta)[0]
    np.testing.assert_allclose(v, z[0] @ one.g(theta) @ z[0].T + theta[-1] * np.eye(5), atol=1e-10)
    inside = one.from_free(np.where(np.abs(free) < 0.1, 0.1, free)[-one.count :])
    again = one.from_free(one.to_free(inside))
    np.testing.assert_allclose(again, inside, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_one_visit_is_one_variance(name):
    one = structure(name, m=1, times=(2.0,))
    assert one.sigma(np.array([3.0])).tolist() == [[3.0]]


def test_an_unknown_structure_is_named_with_the_choices():
    with pytest.raises(UsageError, match=r"'un'.*us, cs, csh, ar1"):
        structure("un", m=3)


@pytest.mark.parametrize("times", [(), (1.0, 2.0), (1.0, 2.0, 2.0)])
def test_times_have_to_fit(times):
    with pytest.raises(UsageError, match="visit times"):
        structure("sp_exp", m=3, times=times)


@pytest.mark.parametrize(
    ("wide", "narrow", "m"),
    [("us", "toeph", 4), ("toeph", "ar1h", 4), ("toeph", "csh", 4), ("csh", "cs", 4),
     ("ar1h", "ar1", 4), ("adh", "ar1h", 4), ("ad", "ar1", 4), ("toep", "ar1", 4)],
)  # fmt: skip
def test_narrower_structures_lie_inside_wider_ones(wide, narrow, m):
    """A wider structure starts from a narrower one's Sigma and gives it back."""
    small, large = structure(narrow, m=m), structure(wide, m=m)
    matrix = small.sigma(small.from_free(np.linspace(-0.4, 0.5, small.count)))
    np.testing.assert_allclose(large.sigma(large.start(matrix)), matrix, rtol=1e-9, atol=1e-12)
