"""Least squares of rows that hang together: CR0, CR2, CR3 written out, and cases known exactly."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import fractional_matrix_power

import backwalk_stats as bw
from backwalk_stats.errors import NotEstimable, UsageError

COLUMNS = ["estimate", "std_error", "df", "p_value"]


def knees(seed: int, people: int = 14) -> pd.DataFrame:
    """Return one to three rows a person, who is in one arm."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), rng.integers(1, 4, people))
    frame = pd.DataFrame({"who": [f"K{one}" for one in who], "base": rng.normal(size=len(who))})
    frame["arm"] = pd.Categorical(np.where(who % 2, "backward", "forward"), ["forward", "backward"])
    frame["pain"] = 5.0 + rng.normal(size=people)[who] + frame["base"] + rng.normal(size=len(who))
    return frame.sample(frac=1.0, random_state=seed).reset_index(drop=True)


@pytest.mark.parametrize(("kind", "power"), [("cr0", 0.0), ("cr2", -0.5), ("cr3", -1.0)])
@pytest.mark.parametrize("seed", [1, 2])
def test_whole_matrices_written_out(kind, power, seed):
    data = knees(seed)
    x = np.column_stack([np.ones(len(data)), data["arm"].cat.codes, data["base"]]).astype(float)
    y, phi = data["pain"].to_numpy(), np.linalg.inv(x.T @ x)
    hat = x @ phi @ x.T
    rest = y - hat @ y
    meat, rows = np.zeros((3, 3)), []
    for one in data["who"].unique():
        own = (data["who"] == one).to_numpy()
        free = np.eye(own.sum()) - hat[np.ix_(own, own)]
        weight = np.real(fractional_matrix_power(free, power))
        score = x[own].T @ weight @ rest[own]
        meat += np.outer(score, score)
        rows.append((own, weight @ x[own] @ phi))
    errors = np.sqrt(np.diagonal(phi @ meat @ phi))
    found = bw.ols("pain ~ arm + base", data, vcov=kind, cluster="who").coefficients()
    np.testing.assert_allclose(found["std_error"], errors, rtol=1e-9)
    whole = np.eye(len(y)) - hat
    for at in range(3):
        loads = np.zeros((len(rows), len(y)))
        for place, (own, load) in enumerate(rows):
            loads[place, own] = load[:, at]
        form = loads @ whole @ loads.T
        df = np.trace(form) ** 2 / (form**2).sum()
        assert found["df"].iloc[at] == pytest.approx(df, rel=1e-8)


def test_clusters_of_one_row_are_hc2_of_rows():
    data = knees(3).assign(row=lambda frame: range(len(frame)))
    own = bw.ols("pain ~ arm + base", data, vcov="cr2", cluster="row").coefficients()
    rows = bw.ols("pain ~ arm + base", data, vcov="hc2", df="satterthwaite").coefficients()
    pd.testing.assert_frame_equal(own[COLUMNS], rows[COLUMNS], rtol=1e-10)


def test_equal_clusters_of_two_arms_are_a_t_test_of_their_means():
    data = knees(4)
    data = pd.concat([data.drop_duplicates("who")] * 2, ignore_index=True)
    data["pain"] += np.random.default_rng(1).normal(size=len(data))
    arm = bw.ols("pain ~ arm", data, vcov="cr2", cluster="who").coefficients().iloc[1]
    means = data.groupby(["who", "arm"], observed=True)["pain"].mean().reset_index()
    test = bw.ols("pain ~ arm", means).coefficients().iloc[1]
    for name in COLUMNS:
        assert arm[name] == pytest.approx(test[name], rel=1e-9)
    assert arm["df"] == pytest.approx(12.0)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"vcov": "cr2"}, "needs cluster="),
        ({"vcov": "hc2", "cluster": "who"}, "take one of cr0, cr2, cr3"),
        ({"cluster": "who"}, "hang together"),
        ({"vcov": "cr2", "cluster": "who", "df": "residual"}, "counts rows"),
    ],
)
def test_what_does_not_go_together_is_refused(choice, said):
    with pytest.raises(UsageError, match=said):
        bw.ols("pain ~ arm", knees(5), **choice)


def test_few_clusters_and_deals_of_rows_are_refused():
    data = knees(6)
    with pytest.raises(NotEstimable, match="3 clusters"):
        few = data[data["who"].isin(["K0", "K1", "K2"])]
        bw.ols("pain ~ base", few, vcov="cr2", cluster="who")
    fit = bw.ols("pain ~ arm", data, vcov="cr2", cluster="who")
    assert "errors by 14 clusters of who" in fit.stats.notes
    with pytest.raises(UsageError, match="hang together"):
        bw.permutation_test(fit, "arm", replicates=20, seed=1)
