"""Every whole-curve question from tidy curves, against the textbook's test at each node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from backwalk_stats.analyses.motion.curves import METHODS, curve_results
from backwalk_stats.errors import NotEstimable
from backwalk_stats.trial.motion_plan import CurveTestPlan, MotionPlan
from backwalk_stats.trial.study import Arm
from backwalk_stats.trial.tables import CLUSTERS, CURVE_TEST, CURVES

NODES, N = 15, 16
VISITS = ("W0", "W3", "W6")
ARMS = (Arm(name="forward", label="Forward"), Arm(name="backward", label="Backward"))
OTHERS = np.random.default_rng(7).normal(size=(2, N, 2, 3, NODES))
AGE = np.random.default_rng(9).normal(60, 8, N)


def tidy(arms: int = 2, seed: int = 2) -> tuple[pd.DataFrame, np.ndarray]:
    """Return curves as a frame and as an array of participant, walk, visit and node."""
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.normal(size=(N, 2, 3, NODES)), axis=3) + 5 * rng.normal(size=(N, 1, 1, 1))
    names = ["forward", "backward", "third"][:arms]
    planes = {"lumbar_flexion": y, "lumbar_side_bend": OTHERS[0], "lumbar_rotation": OTHERS[1]}
    rows = [
        (f"P{i:02d}", names[i % arms], visit, walk, signal, k, values[i, w, v, k])
        for signal, values in planes.items()
        for i in range(N) for w, walk in enumerate(("forward", "backward"))
        for v, visit in enumerate(VISITS) for k in range(NODES)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CURVES)), y


FRAME, Y = tidy()
BACK = Y[:, 1]  # walked backwards
TREATED = np.arange(N) % 2 == 1


def plan_of(*tests: CurveTestPlan, arms=ARMS) -> MotionPlan:
    ages = pd.DataFrame({"participant": [f"P{i:02d}" for i in range(N)], "age": AGE})
    return MotionPlan(id="m", arms=arms, visits=VISITS, permutations=199, covariates=ages,
                      curve_tests=tests)  # fmt: skip


def asked(test: str, **more) -> CurveTestPlan:
    parts = {"direction": "" if test in ("paired", "vector-paired") else "backward"}
    if test not in ("repeated-measures", "arm-by-visit"):
        parts["visit"] = "W6"
    if test == "regression":
        parts["covariate"] = "age"
    signal = "lumbar" if test.startswith("vector") else "lumbar_flexion"
    return CurveTestPlan(**({"test": test, "signal": signal} | parts | more))


def answer(test: str, frame: pd.DataFrame = FRAME, **more):
    return curve_results(plan_of(asked(test, **more)), frame)[0]


def slow_ancova(node: int) -> float:
    x = np.column_stack([np.ones(N), TREATED, BACK[:, 0, node]])
    return float(sm.OLS(BACK[:, 2, node], x).fit().tvalues[1])


def slow_repeated(node: int) -> float:
    y = BACK[:, :, node]
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    between = N * ((y.mean(axis=0) - y.mean()) ** 2).sum() / 2
    return float(between / ((rest**2).sum() / (2 * (N - 1))))


def slow_interaction(node: int) -> float:
    y = BACK[:, :, node] - BACK[:, :, node].mean(axis=1, keepdims=True)
    means = np.stack([y[arm == TREATED].mean(axis=0) for arm in (False, True)])
    rest = y - means[TREATED.astype(int)]
    between = (N / 2) * ((means - y.mean(axis=0)) ** 2).sum() / 2
    return float(between / ((rest**2).sum() / (2 * (N - 2))))


def slow_t2(y: np.ndarray) -> float:
    """T2 of the mean of rows, from the inverse of their covariance."""
    mean = y.mean(axis=0)
    return float(len(y) * mean @ np.linalg.inv(np.cov(y, rowvar=False)) @ mean)


def slow_vector_paired(node: int) -> float:
    both = np.stack([Y, *OTHERS])[:, :, :, 2, node]
    return slow_t2((both[:, :, 1] - both[:, :, 0]).T)


def slow_vector_two_sample(node: int) -> float:
    y = np.stack([Y, *OTHERS])[:, :, 1, 2, node].T
    one, other = y[TREATED], y[~TREATED]
    gap = one.mean(axis=0) - other.mean(axis=0)
    pooled = (np.cov(one, rowvar=False) + np.cov(other, rowvar=False)) / 2
    return float(N / 4 * gap @ np.linalg.inv(pooled) @ gap)


SLOW = {
    "welch": lambda k: (
        stats.ttest_ind(BACK[TREATED, 2, k], BACK[~TREATED, 2, k], equal_var=False).statistic
    ),
    "paired-visits": lambda k: stats.ttest_rel(BACK[:, 2, k], BACK[:, 0, k]).statistic,
    "vector-paired": slow_vector_paired,
    "vector-two-sample": slow_vector_two_sample,
    "baseline-adjusted": slow_ancova,
    "two-sample": lambda k: stats.ttest_ind(BACK[TREATED, 2, k], BACK[~TREATED, 2, k]).statistic,
    "paired": lambda k: stats.ttest_rel(Y[:, 1, 2, k], Y[:, 0, 2, k]).statistic,
    "regression": lambda k: (found := stats.linregress(AGE, BACK[:, 2, k])).slope / found.stderr,
    "repeated-measures": slow_repeated,
    "arm-by-visit": slow_interaction,
}


@pytest.mark.parametrize("test", SLOW)
def test_the_statistic_is_the_textbooks_at_every_node(test):
    found = answer(test)
    np.testing.assert_allclose(
        found.nodes["statistic"], [SLOW[test](k) for k in range(NODES)], rtol=1e-8
    )


@pytest.mark.parametrize("test", METHODS)
def test_what_every_answer_promises(test):
    found = answer(test)
    assert tuple(found.nodes) == CURVE_TEST and tuple(found.clusters) == CLUSTERS
    assert found.nodes["node"].tolist() == list(range(NODES))
    assert found.n == N and found.p_value == found.nodes["p_value"].min()
    assert "{" not in found.method and found.notes == ()
    random_field = test in ("baseline-adjusted", "paired", "repeated-measures", "arm-by-visit")
    assert set(found.clusters["method"]) <= {"permutation"} | (
        {"random-field"} if random_field else set()
    )
    pd.testing.assert_frame_equal(found.nodes, answer(test).nodes)


@pytest.mark.parametrize(
    ("test", "contrast"),
    [
        ("baseline-adjusted", "backward - forward"),
        ("two-sample", "backward - forward"),
        ("paired", "backward - forward"),
        ("pointwise-model", "backward - forward"),
        ("regression", "slope on age"),
        ("welch", "backward - forward"),
        ("paired-visits", "W6 - W0"),
        ("arm-by-visit", ""),
        ("repeated-measures", ""),
    ],
)
def test_the_contrast_is_named_and_signed(test, contrast):
    found = answer(test)
    assert set(found.nodes["contrast"]) == {contrast}
    if test == "two-sample":
        gap = BACK[TREATED, 2].mean(axis=0) - BACK[~TREATED, 2].mean(axis=0)
        np.testing.assert_allclose(found.nodes["estimate"], gap)
    if test == "paired":
        np.testing.assert_allclose(found.nodes["estimate"], (Y[:, 1, 2] - Y[:, 0, 2]).mean(axis=0))


def without(*, person: str, visit: str | None = None, direction: str | None = None):
    gone = FRAME["participant"] == person
    gone &= (FRAME["visit"] == visit) if visit else True
    gone &= (FRAME["direction"] == direction) if direction else True
    return FRAME[~gone]


@pytest.mark.parametrize("test", METHODS)
def test_a_missing_visit_costs_what_it_must_and_is_said(test):
    found = answer(test, without(person="P03", visit="W6"))
    kept = test == "pointwise-model"
    assert found.n == (N if kept else N - 1)
    assert found.left_out == int(not kept)


@pytest.mark.parametrize("test", ["baseline-adjusted", "two-sample", "paired"])
def test_a_visit_that_the_question_does_not_use_costs_nothing(test):
    assert answer(test, without(person="P03", visit="W3")).n == N


def test_a_missing_walk_costs_the_paired_test_a_participant():
    found = answer("paired", without(person="P03", visit="W6", direction="forward"))
    assert found.n == N - 1 and (found.left_out, found.without) == (1, "one of the two walks")


THREE = (*ARMS, Arm(name="third", label="Third"))


@pytest.mark.parametrize("test", ["baseline-adjusted", "two-sample", "pointwise-model"])
def test_three_arms_are_refused_by_tests_of_two(test):
    frame, _ = tidy(arms=3)
    with pytest.raises(NotEstimable, match=f"{test} of lumbar_flexion: 3 arms have curves"):
        curve_results(plan_of(asked(test), arms=THREE), frame)


@pytest.mark.parametrize("test", ["arm-by-visit", "paired", "regression", "repeated-measures"])
def test_three_arms_are_no_trouble_to_the_others(test):
    frame, _ = tidy(arms=3)
    found = curve_results(plan_of(asked(test), arms=THREE), frame)[0]
    assert found.n == N


def test_one_arm_is_refused_where_arms_are_compared():
    frame = FRAME[FRAME["arm"] == "forward"]
    for test in ("baseline-adjusted", "two-sample", "arm-by-visit", "pointwise-model"):
        with pytest.raises(NotEstimable, match=test):
            answer(test, frame)


def test_everyone_who_has_no_covariate_is_counted():
    plan = plan_of(asked("regression"))
    assert plan.covariates is not None
    short = replace(plan, covariates=plan.covariates.iloc[2:])
    with pytest.raises(NotEstimable, match="2 participants have no age"):
        curve_results(short, FRAME)


def test_all_questions_that_cannot_be_answered_are_told():
    plan = plan_of(
        asked("paired", signal="elbow"), asked("two-sample"), asked("paired", signal="b")
    )
    with pytest.raises(NotEstimable) as told:
        curve_results(plan, FRAME)
    assert str(told.value).count("no curve of") == 2


def test_a_large_bump_is_found_where_it_is():
    frame = FRAME.copy()
    bump = (frame["arm"] == "backward") & (frame["visit"] == "W6") & frame["node"].between(6, 9)
    frame.loc[bump, "value"] += 40.0
    for test in ("baseline-adjusted", "two-sample", "arm-by-visit"):
        found = answer(test, frame)
        by = found.clusters[found.clusters["method"] == "permutation"]
        assert len(by) == 1 and found.p_value <= 0.01
        assert 5 <= by["start"].iloc[0] <= 6 and 9 <= by["end"].iloc[0] <= 10


def test_a_walk_that_nobody_did_is_refused():
    frame = FRAME[FRAME["direction"] == "forward"]
    with pytest.raises(NotEstimable, match=r"no curve of lumbar_flexion \(backward, W6\)"):
        answer("two-sample", frame)
