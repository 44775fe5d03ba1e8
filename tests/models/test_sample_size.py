"""Sample size and power in closed form: against R, statsmodels, simulations and what must hold."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import NormalIndPower, TTestIndPower

import backwalk_stats as bw
from backwalk_stats.engine.summary import sample_size as formulas
from tests.reference.stored import stored

VALUES = stored("sample_size")
STAYS: dict[str, Any] = {"dropout_arm": [0, 0, 0], "dropout_reference": [0, 0, 0]}
MMRM: dict[str, Any] = {"difference": 1.4, "sd": [1.8, 2.0, 2.1], "correlation": 0.6, **STAYS}
# One plan a model, each with the numbers that the model asks for.
PLANS: dict[str, dict[str, Any]] = {
    "two-sample": {"difference": 1.0, "sd": 1.5},
    "ancova": {"difference": 1.0, "sd": 1.5, "correlation": 0.5},
    "mmrm": MMRM,
    "proportions": {"p_arm": 0.6, "p_reference": 0.35},
    "cluster": {"difference": 1.0, "sd": 1.5, "icc": 0.05, "cluster_size": 6},
    "equivalence": {"difference": 0.2, "sd": 1.5, "margin": 1.0},
}
BETTER = {**PLANS, "equivalence": {"difference": 0.0, "sd": 1.5, "margin": 1.0}}
BETTER |= {
    name: {**PLANS[name], "difference": 2.0} for name in ("two-sample", "ancova", "mmrm", "cluster")
}
BETTER["proportions"] = {"p_arm": 0.75, "p_reference": 0.35}


def power(model: str, per_arm: int, *, alpha: float = 0.05, **numbers: Any) -> float:
    return float(bw.sample_size(model, per_arm=per_arm, alpha=alpha, **numbers).power[0])


def needed(model: str, target: float, **numbers: Any) -> int:
    return int(bw.sample_size(model, target_power=target, **numbers).per_arm[0])


def case(row: dict) -> tuple[int, dict, float]:
    numbers = {key: value for key, value in row.items() if key not in ("n", "power", "target")}
    return row["n"], numbers, row.get("power", np.nan)


@pytest.mark.parametrize(
    ("kind", "model"),
    [("one_sided", "two-sample"), ("two_shares", "proportions"), ("ancova", "ancova")],
)
def test_power_is_rs(kind, model):
    for row in VALUES[kind]:
        n, numbers, expected = case(row)
        # R's pt() is good to about 1e-11 absolute with a noncentrality
        assert power(model, n, **numbers) == pytest.approx(expected, abs=1e-9), row


def test_power_of_equivalence_is_that_of_rs_integral():
    for row in VALUES["equivalence"]:
        n, numbers, expected = case(row)
        level = numbers.pop("level")
        assert power("equivalence", n, alpha=level, **numbers) == pytest.approx(expected, abs=1e-9)


def test_the_smallest_n_is_rs_rounded_up():
    for row in VALUES["means_needed"]:
        assert needed("two-sample", row["target"], difference=row["difference"], sd=1.0) == row["n"]
    for row in VALUES["shares_needed"]:
        n, numbers, _ = case(row)
        assert needed("proportions", row["target"], **numbers) == n


def test_statsmodels_agrees():
    expected = TTestIndPower().power(1.0 / 1.5, 21, 0.05)
    assert power("two-sample", 21, **PLANS["two-sample"]) == pytest.approx(expected, abs=1e-9)
    one = TTestIndPower().power(0.8, 17, 0.025, alternative="larger")
    found = power("two-sample", 17, difference=0.4, sd=1.0, margin=1.2)
    assert found == pytest.approx(one, abs=1e-9)
    # 1 / (1 - u^2) tends to 1: with many people ANCOVA is the normal test of d / sqrt(1 - r^2)
    normal = NormalIndPower().power(0.05 / np.sqrt(1 - 0.25), 5000, 0.05)
    found = power("ancova", 5000, difference=0.05, sd=1.0, correlation=0.5)
    assert found == pytest.approx(normal, abs=2e-4)


@pytest.fixture(scope="module")
def plan_values(shared):
    folder = shared / "plan"
    if not folder.is_dir():
        pytest.skip("no folder ../shared/plan beside the checkout")
    return folder


def test_closed_forms_of_the_plan(plan_values):
    rows = json.loads((plan_values / "closed_forms.json").read_text("utf-8"))
    models = [row["model"] for row in rows if row["model"] != "random-slope"]
    assert len(models) == 26
    for row in rows:
        if row["model"] == "random-slope":
            continue  # of a simulation
        n = None if "target_power" in row["numbers"] else row["per_arm"]
        found = bw.sample_size(row["model"], per_arm=n, **row["numbers"]).iloc[0]
        if row["model"] == "design-effect":
            assert found.design_effect == pytest.approx(row["power"], abs=row["tolerance"])
        else:
            assert found.per_arm == row["per_arm"]
            assert found.power == pytest.approx(row["power"], abs=row["tolerance"])


def test_mmrm_is_near_the_plans_simulations(plan_values):
    scenarios = {
        one["name"]: one for one in json.loads((plan_values / "scenarios.json").read_text("utf-8"))
    }
    values = json.loads((plan_values / "values.json").read_text("utf-8"))["values"]
    checked = 0
    for row in values:
        one = scenarios[row["scenario"]]
        if one["round"] or row["estimand"] != "E1" or row["quantity"] != "power":
            continue
        arm, reference = one["contrast"]
        found = power(
            "mmrm",
            row["per_arm"],
            difference=one["means"][arm][-1] - one["means"][reference][-1],
            sd=one["sd"],
            correlation=one["correlation"],
            dropout_arm=one["dropout"][arm],
            dropout_reference=one["dropout"][reference],
        )
        # ../shared/plan/README.md: the approximation is within 0.004 of the simulations
        assert abs(found - row["value"]) <= 0.004
        checked += 1
    assert checked == 3


def test_a_random_slope_of_complete_data_is_the_t_test_of_own_slopes(plan_values):
    rows = json.loads((plan_values / "closed_forms.json").read_text("utf-8"))
    (row,) = [one for one in rows if one["model"] == "random-slope"]
    numbers = row["numbers"]
    weeks = np.asarray(numbers["weeks"], dtype=float)
    within = numbers["residual_sd"] ** 2 / ((weeks - weeks.mean()) ** 2).sum()
    spread = float(np.sqrt(numbers["slope_sd"] ** 2 + within))
    found = power("two-sample", row["per_arm"], difference=numbers["slope_difference"], sd=spread)
    assert found == pytest.approx(row["power"], abs=1e-9)


# What must hold whatever the numbers.


@pytest.mark.parametrize("model", PLANS)
def test_power_rises_with_n_and_with_the_effect(model):
    sizes = [12, 18, 24, 48, 96, 192]
    curve = [power(model, n, **PLANS[model]) for n in sizes]
    assert all(later > earlier for earlier, later in pairwise(curve))
    for n in (12, 24, 48):
        assert power(model, n, **BETTER[model]) > power(model, n, **PLANS[model])


@pytest.mark.parametrize("model", PLANS)
@pytest.mark.parametrize("target", [0.5, 0.8, 0.95])
def test_n_is_the_smallest_that_reaches_the_power(model, target):
    frame = bw.sample_size(model, target_power=target, **PLANS[model])
    n, step = int(frame.per_arm[0]), 6 if model == "cluster" else 1
    assert frame.power[0] == power(model, n, **PLANS[model])
    assert frame.power[0] >= target
    assert power(model, n - step, **PLANS[model]) < target


@pytest.mark.parametrize("alpha", [0.01, 0.05])
@pytest.mark.parametrize("n", [12, 30, 600])
def test_without_a_difference_the_power_is_alpha(n, alpha):
    for model in ("two-sample", "ancova", "mmrm", "cluster"):
        none = {**PLANS[model], "difference": 0.0}
        assert power(model, n, alpha=alpha, **none) == pytest.approx(alpha, abs=1e-12)
        at_margin = {**PLANS[model], "difference": 0.7, "margin": 0.7}
        assert power(model, n, alpha=alpha, **at_margin) == pytest.approx(alpha / 2, abs=1e-12)
    # one tail, as R's power.prop.test
    same = power("proportions", n, alpha=alpha, p_arm=0.4, p_reference=0.4)
    assert same == pytest.approx(alpha / 2, abs=1e-12)
    # a margin far off on the other side leaves one of the two tests
    edge = power("equivalence", n, alpha=alpha, difference=9.0, margin=9.0, sd=1.5)
    assert edge == pytest.approx(alpha, abs=1e-10)


@settings(max_examples=40)
@given(
    st.integers(4, 80), st.floats(-2.0, 2.0), st.floats(0.5, 4.0), st.floats(-0.9, 0.9),
    st.floats(0.1, 10.0),
)  # fmt: skip
def test_units_and_signs_do_not_matter(n, difference, sd, correlation, unit):
    one = power("ancova", n, difference=difference, sd=sd, correlation=correlation)
    other = power(
        "ancova", n, difference=-unit * difference, sd=unit * sd, correlation=-correlation
    )
    assert one == pytest.approx(other, abs=1e-10)
    assert 0.05 - 1e-12 <= one <= 1.0 + 1e-12
    # less than a t test that knows the baselines to be balanced
    balanced = sd * np.sqrt(1 - correlation**2)
    known = formulas.Comparison(difference=difference, level=0.05).power(
        np.array(balanced * np.sqrt(2 / n)), 2.0 * n - 3.0
    )
    assert one <= float(known) + 1e-12


def test_a_margin_on_the_wrong_side_has_less_than_half_of_alpha():
    found = [power("two-sample", 40, difference=d, sd=1.0, margin=0.5) for d in (0.6, 1.0, 1.5)]
    expected = stats.nct.sf(stats.t.ppf(0.975, 78), 78, (0.5 - 0.6) / np.sqrt(2 / 40))
    assert found[0] == pytest.approx(expected, rel=1e-6)
    assert 0.025 > found[0] > found[1] > found[2] >= 0.0


def test_lus_variance_is_that_of_generalised_least_squares():
    """Stacked designs of everybody, with V of whoever is seen how long: 100 people at once."""
    sd = np.array([14.0, 15.0, 17.0, 18.0])
    matrix = np.array(
        [[1, 0.55, 0.45, 0.4], [0.55, 1, 0.7, 0.6], [0.45, 0.7, 1, 0.75], [0.4, 0.6, 0.75, 1]]
    )
    covariance = matrix * np.outer(sd, sd)
    given_baseline = np.linalg.inv(np.linalg.inv(covariance)[1:, 1:])
    seen = [1] * 10 + [2] * 8 + [3] * 70  # and 12 who are never seen again
    X = np.vstack([np.eye(3)[:t] for t in seen])
    blocks = [np.linalg.inv(given_baseline[:t, :t]) for t in seen]
    W = np.zeros((len(X), len(X)))
    at = 0
    for block in blocks:
        W[at : at + len(block), at : at + len(block)] = block
        at += len(block)
    expected = np.linalg.inv(X.T @ W @ X)[-1, -1] * 100
    dropout = np.array([0.0, 0.12, 0.22, 0.3])
    found = formulas.variance_of_last_mean(covariance=covariance, dropout=dropout)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_correlation_may_be_a_number_a_name_or_a_matrix():
    number = power("mmrm", 20, **MMRM)
    matrix = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    assert power("mmrm", 20, **{**MMRM, "correlation": matrix.tolist()}) == pytest.approx(number)
    distance = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    named = power("mmrm", 20, **{**MMRM, "correlation": "ar1:0.7"})
    assert named == pytest.approx(power("mmrm", 20, **{**MMRM, "correlation": 0.7**distance}))


def test_drop_out_is_allowed_for_and_said():
    plan = PLANS["two-sample"]
    stays = needed("two-sample", 0.8, **plan)
    frame = bw.sample_size("two-sample", target_power=0.8, dropout=0.2, **plan)
    assert frame.per_arm[0] == int(np.ceil(stays / 0.8))
    assert frame.analysed[0] == 2 * stays
    assert "rounded down" in frame.notes[0]
    assert "no drop-out declared" in bw.sample_size("two-sample", per_arm=9, **plan).notes[0]
    # 50 x (1 - 0.42) is 28.999999999999996 in binary
    assert bw.sample_size("two-sample", per_arm=50, dropout=0.42, **plan).analysed[0] == 58
    some = {"dropout_arm": [0, 0.1, 0.3], "dropout_reference": [0, 0, 0.1]}
    assert needed("mmrm", 0.8, **{**MMRM, **some}) > needed("mmrm", 0.8, **MMRM)
    shrunk = power("cluster", 60, dropout=0.5, **PLANS["cluster"])
    assert shrunk == pytest.approx(
        power("cluster", 30, **{**PLANS["cluster"], "cluster_size": 3}), abs=1e-12
    )


def test_unequal_clusters_need_more():
    plan = PLANS["cluster"]
    unequal = bw.sample_size("cluster", target_power=0.8, cv=0.6, **plan)
    assert unequal.per_arm[0] > needed("cluster", 0.8, **plan)
    assert unequal.per_arm[0] == 6 * unequal.clusters[0]
    assert unequal.design_effect[0] == pytest.approx(1 + ((0.36 + 1) * 6 - 1) * 0.05)
    alone = bw.sample_size("design-effect", cluster_size=6, icc=0.05, cv=0.6)
    assert alone.design_effect[0] == unequal.design_effect[0]
    assert np.isnan(alone.power[0])


@pytest.mark.parametrize("model", PLANS)
def test_the_frame_says_what_was_used(model):
    row = bw.sample_size(model, per_arm=24, **PLANS[model]).iloc[0]
    assert {"model", "per_arm", "power", "alpha", "formula", "source", "notes"} <= set(row.index)
    assert set(PLANS[model]) <= set(row.index)
    assert row.notes
    assert row.source
    for name, value in PLANS[model].items():
        kept = row[name] if isinstance(value, int | float) else json.loads(f"[{row[name]}]")
        assert kept == value
    assert not any(isinstance(value, list | np.ndarray) for value in row)


# What is refused.


@pytest.mark.parametrize("model", PLANS)
def test_nothing_is_assumed_in_the_place_of_a_number(model):
    for name in PLANS[model]:
        rest = {key: value for key, value in PLANS[model].items() if key != name}
        with pytest.raises(bw.UsageError, match=rf"needs {name}: nothing is assumed"):
            bw.sample_size(model, per_arm=24, **rest)


@pytest.mark.parametrize("given", [{}, {"per_arm": 20, "target_power": 0.8}])
def test_one_of_the_two_is_given(given):
    with pytest.raises(bw.UsageError, match=r"one of the two; (neither|both) was given"):
        bw.sample_size("two-sample", difference=1.0, sd=1.0, **given)
    with pytest.raises(bw.UsageError, match="leave both out"):
        bw.sample_size("design-effect", per_arm=3, cluster_size=6, icc=0.1, cv=0.0)


BAD = [
    ("difference", [np.nan, np.inf, "1", [1.0], True]),
    ("sd", [0.0, -1.0, np.nan, "2"]),
    ("correlation", [1.0, -1.0, 1.5, "0.5", [[1.0]]]),
    ("p_arm", [0.0, 1.0, 50, -0.1]),
    ("p_reference", [0.0, 1.0, 30]),
    ("icc", [-0.1, 1.1]),
    ("cluster_size", [0, 0.5, 6.5]),
    ("cv", [-0.1]),
    ("margin", [0.0, -1.0]),
    ("dropout", [1.0, -0.1, 20]),
    ("alpha", [0.0, 1.0, 5, "0.05", True]),
]


@pytest.mark.parametrize(("name", "values"), BAD, ids=[name for name, _ in BAD])
def test_an_impossible_number_is_refused_by_name(name, values):
    cluster = PLANS["cluster"]
    homes = {"correlation": "ancova", "p_arm": "proportions", "p_reference": "proportions",
             "dropout": "two-sample", "alpha": "two-sample", "margin": "two-sample"}  # fmt: skip
    model = homes.get(name, "cluster")
    plan = cluster if model == "cluster" else PLANS[model]
    for value in values:
        with pytest.raises(bw.UsageError, match=rf"^{name} is .*expected"):
            bw.sample_size(model, per_arm=24, **{**plan, name: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sd": 2.0}, "sd of mmrm is a list"),
        ({"sd": [2.0]}, "baseline and one or more visits"),
        ({"sd": [2.0, -1.0, 2.0]}, "numbers above 0"),
        ({"correlation": "ar2:0.5"}, "a number, a matrix or 'ar1:0.7'"),
        ({"correlation": "ar1:x"}, "a number, a matrix or 'ar1:0.7'"),
        ({"correlation": -0.6}, "not positive definite"),
        ({"correlation": [[1, 0.5], [0.5, 1]]}, "3 x 3 numbers"),
        ({"correlation": [[1, 0.5, 0], [0.4, 1, 0], [0, 0, 1]]}, "not symmetric"),
        ({"dropout_arm": [0, 0.1]}, "has 2 shares; expected 3"),
        ({"dropout_arm": [0.1, 0.1, 0.1]}, "0 at baseline"),
        ({"dropout_arm": [0, 0.2, 0.1]}, "never falling"),
        ({"dropout_reference": [0, 0.2, 1.0]}, "below 1"),
        ({"dropout_reference": 0.2}, "list of numbers"),
    ],
)
def test_a_plan_of_visits_that_cannot_be_is_refused(change, message):
    with pytest.raises(bw.UsageError, match=message):
        bw.sample_size("mmrm", per_arm=20, **{**MMRM, **change})


def test_what_no_trial_reaches_is_not_estimable():
    changes: list[dict[str, Any]] = [{"difference": 0.0}, {"difference": 1.0, "margin": 1.0}]
    for change in changes:
        with pytest.raises(bw.NotEstimable, match="no number of participants"):
            bw.sample_size("two-sample", target_power=0.8, sd=1.0, **change)
    with pytest.raises(bw.NotEstimable, match="no number of participants"):
        bw.sample_size("equivalence", target_power=0.8, difference=-1.0, margin=1.0, sd=1.0)
    with pytest.raises(bw.NotEstimable, match="no trial of up to"):
        bw.sample_size("two-sample", target_power=0.8, difference=1e-6, sd=1.0)
    with pytest.raises(bw.NotEstimable, match="needs no trial"):
        bw.sample_size("two-sample", target_power=0.04, difference=1.0, sd=1.0)
    with pytest.raises(bw.NotEstimable, match="3 or more"):
        bw.sample_size("mmrm", per_arm=2, **MMRM)


def test_other_words_are_refused_with_the_choices():
    with pytest.raises(bw.UsageError, match="Did you mean 'ancova'"):
        bw.sample_size("ancvoa", per_arm=20, difference=1.0, sd=1.0)
    with pytest.raises(bw.UsageError, match=r"takes no 'corelation'\. It asks for difference, sd"):
        bw.sample_size("ancova", per_arm=20, corelation=0.5)
    with pytest.raises(bw.UsageError, match="whole clusters of 6, such as 48 or 54"):
        bw.sample_size("cluster", per_arm=50, **PLANS["cluster"])
    with pytest.raises(bw.UsageError, match=r"per_arm is 20\.5; expected a whole number"):
        bw.sample_size("two-sample", per_arm=20.5, difference=1.0, sd=1.0)  # type: ignore[arg-type]
    with pytest.raises(bw.UsageError, match="target_power is 80; expected"):
        bw.sample_size("two-sample", target_power=80, difference=1.0, sd=1.0)


# Simulated.


def test_equivalence_by_simulation():
    rng = np.random.default_rng(20261201)
    n, sd, margin, difference, times = 12, 1.5, 1.6, 0.4, 400_000
    error = np.sqrt(2 / n) * sd * np.sqrt(rng.chisquare(2 * n - 2, times) / (2 * n - 2))
    found = rng.normal(difference, sd * np.sqrt(2 / n), times)
    critical = stats.t.ppf(0.95, 2 * n - 2)
    share = np.mean((found + margin > critical * error) & (found - margin < -critical * error))
    expected = power("equivalence", n, difference=difference, margin=margin, sd=sd)
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / times)


def test_non_inferiority_of_proportions_by_simulation():
    rng = np.random.default_rng(7)
    n, times = 400, 100_000
    p, q = rng.binomial(n, 0.22, times) / n, rng.binomial(n, 0.2, times) / n
    z = (0.1 - (p - q)) / np.sqrt((p * (1 - p) + q * (1 - q)) / n)
    expected = power("proportions", n, p_arm=0.22, p_reference=0.2, margin=0.1)
    assert np.mean(z > stats.norm.ppf(0.975)) == pytest.approx(expected, abs=0.01)


def test_clusters_by_simulation():
    rng = np.random.default_rng(11)
    k, m, icc, times = 6, 10, 0.1, 20_000
    between, within = 2.0 * np.sqrt(icc), 2.0 * np.sqrt(1 - icc)
    people = rng.normal(0, within, (times, 2, k, m)) + rng.normal(0, between, (times, 2, k, 1))
    means = people.mean(axis=3)
    p = stats.ttest_ind(means[:, 0] + 1.3, means[:, 1], axis=1).pvalue
    expected = power("cluster", k * m, difference=1.3, sd=2.0, icc=icc, cluster_size=m)
    assert abs(np.mean(p < 0.05) - expected) < 4 * np.sqrt(expected * (1 - expected) / times)


@pytest.mark.slow
def test_mmrm_by_simulation():
    """The very model, Kenward-Roger, on trials with drop-out; 0.004 is the approximation's own."""
    rng = np.random.default_rng(5)
    n, times, rejected = 13, 1500, 0
    sd, dropout = np.array([1.8, 2.0, 2.1]), {"arm": (0.1, 0.25), "ref": (0.05, 0.15)}
    covariance = (np.full((3, 3), 0.6) + 0.4 * np.eye(3)) * np.outer(sd, sd)
    arms = pd.Categorical(np.repeat(["arm", "ref"], n).repeat(2), categories=["ref", "arm"])
    visits = pd.Categorical(np.tile(["1", "2"], 2 * n))
    frame = pd.DataFrame({"id": np.arange(2 * n).repeat(2), "arm": arms, "visit": visits})
    for _ in range(times):
        scores = rng.multivariate_normal(np.zeros(3), covariance, size=2 * n)
        scores[:n, 2] += 1.9
        u = rng.uniform(size=2 * n)
        for rows, shares in ((slice(0, n), dropout["arm"]), (slice(n, None), dropout["ref"])):
            for visit, share in enumerate(shares, start=1):
                scores[rows][u[rows] < share, visit] = np.nan
        data = frame.assign(base=scores[:, 0].repeat(2), y=scores[:, 1:].ravel()).dropna()
        fit = bw.mmrm(
            "y ~ arm * visit + base * visit", data, "id", "visit", covariance="us",
            df="kenward-roger",
        )  # fmt: skip
        last = fit.contrasts("arm", by="visit").set_index("visit").loc["2"]
        rejected += bool(last.p_value < 0.05)
    expected = power(
        "mmrm", n, difference=1.9, sd=sd.tolist(), correlation=0.6,
        dropout_arm=[0, *dropout["arm"]], dropout_reference=[0, *dropout["ref"]],
    )  # fmt: skip
    assert abs(rejected / times - expected) < 0.004 + 4 * np.sqrt(expected * (1 - expected) / times)
