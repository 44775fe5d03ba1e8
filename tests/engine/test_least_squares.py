"""Digits of NIST StRD linear regression, exact arithmetic as the oracle, and refusals by name."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given
from hypothesis import strategies as st

from backwalk_stats.engine.linear.heteroskedastic import ResidualDf
from backwalk_stats.engine.linear.inference import LinearInference
from backwalk_stats.engine.linear.least_squares import (
    LeastSquares,
    accurate_product,
    accurate_sum,
    centred_design,
    least_squares,
)
from backwalk_stats.engine.numbers import array
from backwalk_stats.errors import NotEstimable, UsageError
from tests.reference.stored import FOLDER

SETS = json.loads((FOLDER / "nist" / "linear.json").read_text("utf-8"))["sets"]
NORRIS = Path(scipy.stats.__file__).parent / "tests" / "data" / "nist_linregress" / "Norris.dat"

# Digits of coefficients, of standard errors, of the residual SD and of R squared. A set that asks
# for less than 13 says why: Filip's powers of x are rounded before any of our work begins.
FLOORS = dict.fromkeys(SETS, (13.0, 13.0, 13.0, 13.0))
FLOORS |= {"Filip": (7.0, 7.0, 9.0, 11.0), "Wampler2": (12.0, 13.0, 13.0, 13.0)}


def digits(value: float, certified: float) -> float:
    """Return the log relative error, 15 at most; absolute where the certified value is 0."""
    if value == certified:
        return 15.0
    size = abs(certified) if certified else 1.0
    return min(15.0, -math.log10(abs(value - certified) / size))


def nist(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the outcome and the design of a set; powers as doubles give them."""
    held = SETS[name]
    if name == "Longley":
        data = pytest.importorskip("statsmodels.datasets").longley.load_pandas().data
        columns = data[["GNPDEFL", "GNP", "UNEMP", "ARMED", "POP", "YEAR"]].to_numpy(float)
        return data["TOTEMP"].to_numpy(float), np.column_stack([np.ones(len(data)), columns])
    if name == "Norris":
        if not NORRIS.is_file():
            pytest.skip("this SciPy does not ship its NIST files")
        lines = [line.split() for line in NORRIS.read_text().splitlines()[60:] if line.strip()]
        y, x = np.array(lines, dtype=float).T
        return y, np.column_stack([np.ones(len(x)), x])
    x = np.array(held["x"])
    first = 0 if held["intercept"] else 1
    powers = [x**power for power in range(first, held["degree"] + 1)]
    return np.array(held["y"]), np.column_stack(powers)


def with_residual_df(fit: LeastSquares) -> LinearInference:
    return LinearInference(fit, ResidualDf(fit.variance * np.eye(len(fit.beta)), float(fit.df)))


@pytest.mark.parametrize("name", SETS)
def test_nist_floors(name):
    certified, (y, x) = SETS[name], nist(name)
    fit = least_squares(y=y, x=x)
    found = with_residual_df(fit).test(np.eye(x.shape[1]))
    about = y - y.mean() if certified.get("intercept", True) else y
    r_squared = 1.0 - fit.rss / float(about @ about)
    reached = (
        min(map(digits, array(found.estimate), map(float, certified["estimate"]))),
        min(map(digits, array(found.std_error), map(float, certified["std_error"]))),
        digits(math.sqrt(fit.variance), float(certified["residual_sd"])),
        digits(r_squared, float(certified["r_squared"])),
    )
    assert fit.df == certified["df"]
    assert all(map(float.__ge__, reached, FLOORS[name])), reached


def test_nist_fits_without_error_are_told():
    exact = {name for name in SETS if name != "Norris" and least_squares_of(name).exact}
    assert exact == {"Wampler1", "Wampler2"}


def least_squares_of(name: str) -> LeastSquares:
    y, x = nist(name)
    return least_squares(y=y, x=x)


@pytest.mark.parametrize(("name", "certified"), [("Norris", 5436385.54079785)])
def test_nist_f(name, certified):
    y, x = nist(name)
    joint = with_residual_df(least_squares(y=y, x=x)).joint(np.eye(2)[1:])
    assert digits(joint.statistic, certified) >= 13.0
    assert (joint.df_num, joint.df_den) == (1.0, 34.0)


def test_longleys_f():
    # NIST: 330.285339234588 on 6 and 9.
    y, x = nist("Longley")
    joint = with_residual_df(least_squares(y=y, x=x)).joint(np.eye(7)[1:])
    assert digits(joint.statistic, 330.285339234588) >= 12.0
    assert (joint.df_num, joint.df_den) == (6.0, 9.0)


def exact_solution(y: np.ndarray, x: np.ndarray) -> tuple[list[Fraction], Fraction]:
    """Return coefficients and residual sum of squares of the doubles as they are."""
    rows = [[Fraction(float(v)) for v in row] for row in x]
    beta, _, rss = exactly([Fraction(float(v)) for v in y], rows)
    return beta, rss


def exactly(
    target: list[Fraction], rows: list[list[Fraction]]
) -> tuple[list[Fraction], list[Fraction], Fraction]:
    """Return coefficients, the diagonal of (X'X)^-1, and the residual sum of squares."""
    p = len(rows[0])
    table = [
        [sum((r[i] * r[j] for r in rows), Fraction()) for j in range(p)]
        + [Fraction(i == j) for j in range(p)]
        + [sum((r[i] * t for r, t in zip(rows, target, strict=True)), Fraction())]
        for i in range(p)
    ]
    for i in range(p):
        pivot = next(k for k in range(i, p) if table[k][i] != 0)
        table[i], table[pivot] = table[pivot], table[i]
        table[i] = [value / table[i][i] for value in table[i]]
        for k in range(p):
            if k != i:
                table[k] = [a - table[k][i] * b for a, b in zip(table[k], table[i], strict=True)]
    beta = [row[-1] for row in table]
    residual = (
        t - sum((b * v for b, v in zip(beta, row, strict=True)), Fraction())
        for row, t in zip(rows, target, strict=True)
    )
    return beta, [table[i][p + i] for i in range(p)], sum((e * e for e in residual), Fraction())


@pytest.mark.parametrize("name", [name for name in SETS if "x" in SETS[name]])
def test_certified_values_follow_from_the_decimals(name):
    held = SETS[name]
    first = 0 if held["intercept"] else 1
    x, y = ([Fraction(repr(v)) for v in held[key]] for key in ("x", "y"))
    rows = [[v**power for power in range(first, held["degree"] + 1)] for v in x]
    beta, inverse, rss = exactly(y, rows)
    variance = rss / held["df"]
    centre = sum(y, Fraction()) / len(y) if held["intercept"] else Fraction()
    total = sum(((v - centre) ** 2 for v in y), Fraction())
    assert len(y) - len(beta) == held["df"]
    assert [float(b) for b in beta] == pytest.approx([*map(float, held["estimate"])], rel=2e-14)
    errors = [math.sqrt(variance * one) for one in inverse]
    assert errors == pytest.approx([*map(float, held["std_error"])], rel=2e-14)
    assert math.sqrt(variance) == pytest.approx(float(held["residual_sd"]), rel=2e-14)
    assert float(1 - rss / total) == pytest.approx(float(held["r_squared"]), rel=2e-14)


@pytest.mark.parametrize("name", ["Longley", "Pontius", "Wampler5", "Filip"])
def test_nothing_is_lost_that_the_doubles_still_hold(name):
    y, x = nist(name)
    fit = least_squares(y=y, x=x)
    beta, rss = exact_solution(y, x)
    assert min(map(digits, fit.beta, map(float, beta))) >= 13.0
    assert digits(fit.rss, float(rss)) >= 13.0


@given(
    seed=st.integers(0, 2**32 - 1),
    columns=st.integers(1, 4),
    spare=st.integers(1, 8),
    origin=st.sampled_from([0.0, 1e3, 1e6]),
)
def test_exact_arithmetic_agrees(seed, columns, spare, origin):
    rng = np.random.default_rng(seed)
    n = columns + 1 + spare
    inner = origin + rng.integers(-9, 10, (n, columns))
    x = np.column_stack([np.ones(n), inner])
    y = rng.normal(size=n) * 10.0 ** rng.integers(-3, 4)
    assume(np.linalg.matrix_rank(inner - inner.mean(axis=0)) == columns)
    fit = least_squares(y=y, x=x)
    beta, rss = exact_solution(y, x)
    assert fit.beta == pytest.approx([float(b) for b in beta], rel=1e-9, abs=1e-9 * abs(y).max())
    assert fit.rss == pytest.approx(float(rss), rel=1e-10)


@given(seed=st.integers(0, 2**32 - 1))
def test_units_and_origins_change_nothing_but_themselves(seed):
    rng = np.random.default_rng(seed)
    inner = rng.normal(size=(12, 3))
    y = rng.normal(size=12)
    unit, origin = 10.0 ** rng.integers(-6, 7, 3), rng.normal(size=3) * 100.0
    plain = least_squares(y=y, x=np.column_stack([np.ones(12), inner]))
    moved = least_squares(y=y, x=np.column_stack([np.ones(12), (inner + origin) * unit]))
    assert moved.beta[1:] * unit == pytest.approx(plain.beta[1:], rel=1e-9, abs=1e-12)
    assert moved.residual == pytest.approx(plain.residual, rel=1e-9, abs=1e-11)
    assert moved.design.condition == pytest.approx(plain.design.condition, rel=1e-6)
    assert plain.leverage.sum() == pytest.approx(4.0)


def test_the_constant_may_stand_anywhere_or_nowhere():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(9, 2)), rng.normal(size=9)
    first = least_squares(y=y, x=np.column_stack([np.ones(9), x]))
    last = least_squares(y=y, x=np.column_stack([x, np.ones(9)]))
    assert last.beta == pytest.approx(np.roll(first.beta, -1), rel=1e-13)
    turned = last.design.turned(np.eye(3))
    assert turned @ last.design.gamma(last.beta) == pytest.approx(last.beta, rel=1e-12)
    bare = least_squares(y=y, x=x)
    assert bare.design.constant is None
    assert bare.beta == pytest.approx(np.linalg.lstsq(x, y, rcond=None)[0], rel=1e-12)


def test_design_is_q_times_t():
    rng = np.random.default_rng(5)
    x = np.column_stack([rng.normal(50.0, 8.0, 10), np.ones(10), rng.integers(0, 2, 10)])
    design = centred_design(x)
    assert design.q.T @ design.q == pytest.approx(np.eye(3), abs=1e-14)
    assert design.q @ np.linalg.inv(design.turned(np.eye(3))) == pytest.approx(x, rel=1e-12)


def test_collinear_columns_are_named_with_the_condition_number():
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(2, 20))
    x = np.column_stack([np.ones(20), a, b, a - 2.0 * b + 3.0])
    with pytest.raises(UsageError, match=r"sum is collinear with a, b: .*condition number \d"):
        centred_design(x, ["(Intercept)", "a", "b", "sum"])
    with pytest.raises(UsageError, match="flat: the same in every row, so collinear with the int"):
        centred_design(np.column_stack([np.ones(5), np.full(5, 0.3)]), ["(Intercept)", "flat"])
    with pytest.raises(UsageError, match="none: zero in every row"):
        centred_design(np.column_stack([np.ones(5), np.zeros(5)]), ["(Intercept)", "none"])
    with pytest.raises(UsageError, match="column 2: the same"):
        centred_design(np.ones((5, 2)))


def test_a_covariate_far_from_zero_is_not_called_collinear():
    # Its digits in front are constant: 1e9 + {0, 1, 2, 3, 4}.
    x = np.column_stack([np.ones(5), 1e9 + np.arange(5.0)])
    fit = least_squares(y=np.array([0.0, 1.0, 2.0, 3.0, 5.0]), x=x)
    assert fit.beta[1] == pytest.approx(1.2, rel=1e-14)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(bad):
    x, y = np.column_stack([np.ones(4), np.arange(4.0)]), np.array([1.0, 3.0, 2.0, 5.0])
    with pytest.raises(NotEstimable, match="outcome is not a finite number"):
        least_squares(y=np.where(y == 2.0, bad, y), x=x)
    with pytest.raises(NotEstimable, match="design is not a finite number"):
        least_squares(y=y, x=np.where(x == 2.0, bad, x))


def test_more_columns_than_rows_are_refused():
    with pytest.raises(NotEstimable, match="3 coefficients need at least as many rows, found 2"):
        least_squares(y=np.ones(2), x=np.eye(2, 3))


def test_as_many_columns_as_rows_leave_nothing_to_test():
    fit = least_squares(y=np.array([1.0, 4.0]), x=np.column_stack([np.ones(2), [0.0, 1.0]]))
    assert (fit.df, fit.exact, fit.rss) == (0, True, 0.0)
    assert math.isnan(fit.variance)


def test_an_exact_fit_has_no_tests():
    week = np.arange(5.0)
    fit = least_squares(y=0.1 + 0.7 * week, x=np.column_stack([np.ones(5), week]))
    inference = with_residual_df(fit)
    found = inference.test(np.eye(2))
    assert found.estimate == pytest.approx([0.1, 0.7])
    assert np.all(found.std_error == 0.0)
    assert np.isnan([found.statistic, found.p_value, found.conf_low, found.conf_high]).all()
    joint = inference.joint(np.eye(2))
    assert (joint.df_num, joint.df_den) == (2.0, 3.0)
    assert np.isnan([joint.statistic, joint.p_value]).all()


def test_dependent_hypotheses_count_once():
    rng = np.random.default_rng(7)
    x, y = np.column_stack([np.ones(15), rng.normal(size=(15, 2))]), rng.normal(size=15)
    inference = with_residual_df(least_squares(y=y, x=x))
    once = inference.joint(np.eye(3)[1:])
    thrice = inference.joint(np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 0.0, 2.0]]))
    assert (thrice.df_num, thrice.df_den) == (once.df_num, once.df_den) == (2.0, 12.0)
    assert thrice.statistic == pytest.approx(once.statistic, rel=1e-12)


@given(st.lists(st.lists(st.floats(-1e60, 1e60), min_size=3, max_size=3), min_size=1, max_size=9))
def test_products_are_rounded_once(rows):
    matrix = np.array(rows).T
    matrix[np.abs(matrix) < 1e-60] = 0.0
    vector = np.linspace(-1.0, 1.7, matrix.shape[1])
    for value, row in zip(accurate_product(matrix, vector), matrix, strict=True):
        parts = [Fraction(a) * Fraction(b) for a, b in zip(row.tolist(), vector, strict=True)]
        size = float(sum(map(abs, parts)))
        # Twice the precision: rounded once, save where all but the last of 32 digits cancel.
        assert value == pytest.approx(float(sum(parts)), rel=4e-16, abs=1e-30 * size)


def test_sums_keep_what_cancels():
    assert accurate_sum(np.array([1e16, 1.0, -1e16, 1.0])) == 2.0
    assert accurate_sum(np.array([[3.0], [4.0]])).tolist() == [3.0, 4.0]
