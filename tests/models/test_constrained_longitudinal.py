"""The constrained longitudinal model against nlme, dense matrices and analysis of covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.mixed.longitudinal import constrained_longitudinal
from tests.models.incomplete_trials import COLUMNS, events, simulated
from tests.reference.stored import stored

NLME = stored("constrained_longitudinal")
ASKED: dict[str, Any] = {name: column for name, column in COLUMNS.items() if name != "baseline"}
CHOICE: dict[str, Any] = {**ASKED, "baseline_visit": "V0", "reference": "forward"}


def with_baseline(frame: pd.DataFrame) -> pd.DataFrame:
    first = frame.drop_duplicates("participant").assign(visit="V0")
    return pd.concat([frame, first.assign(value=first["baseline"])], ignore_index=True)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_as_nlme(method):
    expected = NLME[method]
    fit = constrained_longitudinal(
        with_baseline(events()), **CHOICE, method=method, df="satterthwaite"
    )
    found = fit.contrasts()
    assert fit.stats.loglik == pytest.approx(expected["loglik"], abs=1e-7)
    # gls stops at about 1e-6 of its parameters.
    assert found["estimate"].to_numpy() == pytest.approx(expected["estimate"], abs=5e-6)
    assert found["std_error"].to_numpy() == pytest.approx(expected["std_error"], abs=1e-5)
    assert fit.marginal_means()["estimate"].iloc[0] == pytest.approx(expected["mean"], abs=5e-6)


def test_as_generalised_least_squares_with_dense_matrices():
    frame = with_baseline(simulated(24, gaps=0.1, arms=3, seed=2)).dropna(subset="value")
    fit = constrained_longitudinal(frame, **CHOICE, df="satterthwaite")
    sigma = np.asarray(fit.covariance)
    visits, others = ["V0", "V1", "V2", "V3"], ["backward", "usual"]
    columns = [frame["visit"] == v for v in visits]
    columns += [(frame["arm"] == a) & (frame["visit"] == v) for a in others for v in visits[1:]]
    x = np.column_stack(columns).astype(float)
    slot = frame["visit"].map(visits.index).to_numpy()
    who = frame["participant"].to_numpy()
    v = np.where(who[:, None] == who, sigma[slot[:, None], slot], 0.0)
    w = np.linalg.inv(v)
    phi = np.linalg.inv(x.T @ w @ x)
    beta = phi @ x.T @ w @ frame["value"].to_numpy()
    found = fit.contrasts()
    assert found["contrast"].tolist() == ["backward - forward"] * 3 + ["usual - forward"] * 3
    assert found["visit"].tolist() == visits[1:] * 2
    assert found["estimate"].to_numpy() == pytest.approx(beta[4:], abs=1e-9)
    assert found["std_error"].to_numpy() == pytest.approx(np.sqrt(np.diag(phi)[4:]), rel=1e-8)
    means = fit.marginal_means().set_index(["arm", "visit"])["estimate"]
    for arm in others:
        assert means[arm, "V0"] == means["forward", "V0"] == pytest.approx(beta[0], abs=1e-9)
    changes = fit.changes().set_index(["arm", "visit"])["estimate"]
    difference = changes["usual", "V2"] - changes["forward", "V2"]
    assert difference == pytest.approx(found["estimate"].iloc[4], abs=1e-9)


@pytest.mark.parametrize("covariates", [(), ("site",)])
def test_maximum_likelihood_of_complete_pairs_is_the_analysis_of_covariance(covariates):
    frame = simulated(40, 1, seed=4).assign(
        value=lambda f: f["value"].fillna(5.0) + 0.4 * f["baseline"]
    )
    plain = ancova(
        frame,
        outcome="value",
        baseline="baseline",
        arm="arm",
        reference="forward",
        covariates=covariates,
    )
    fit = constrained_longitudinal(
        with_baseline(frame), **CHOICE, method="ml", df="satterthwaite", covariates=covariates
    )
    assert fit.contrasts()["estimate"].item() == pytest.approx(plain["estimate"].item(), abs=1e-6)
    assert fit.contrasts()["std_error"].item() < plain["std_error"].item()


def test_whoever_has_one_visit_counts_and_what_is_left_out_is_said():
    frame = with_baseline(simulated(24, seed=2))
    lost = int(frame["value"].isna().sum())
    fit = constrained_longitudinal(frame, **CHOICE)
    assert fit.stats.n_participants == 24
    assert f"{lost} of {len(frame)} rows left out" in fit.stats.notes[0]
    assert fit.contrasts()["df"].between(10, 30).all()


@pytest.mark.parametrize(
    ("frame", "choice", "message"),
    [
        (lambda f: f, {"baseline_visit": "V9"}, "no level 'V9'"),
        (lambda f: f, {"reference": "usual"}, "no level 'usual'"),
        (lambda f: f, {"covariates": "value"}, "named twice"),
        (lambda f: f, {"df": "naive"}, "df is 'naive'"),
        (lambda f: f[f["arm"] == "forward"], {}, "none to compare"),
        (lambda f: f.assign(arm=f["arm"].where(f.index != 1, "forward")), {}, "varies within 1"),
        (
            lambda f: f[(f["arm"] == "forward") | (f["visit"] != "V3")],
            {},
            "arm = backward and visit = V3",
        ),
    ],
)
def test_refusals(frame, choice, message):
    with pytest.raises(UsageError, match=message):
        constrained_longitudinal(frame(with_baseline(simulated(24))), **{**CHOICE, **choice})
