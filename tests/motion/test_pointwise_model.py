"""The mixed model at every node against the same model fitted node by node through its own door."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.engine.batch.fits import fit_responses
from backwalk_stats.engine.batch.tables import BatchPlan
from backwalk_stats.errors import NotEstimable
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.mixed.longitudinal import constrained_longitudinal
from backwalk_stats.motion.pointwise_model import pointwise_model

MODULE = import_module("backwalk_stats.motion.pointwise_model")  # the name is the function
N, NODES = 22, 9
ARM = np.arange(N) % 2 == 0


def curves(visits: int = 3, seed: int = 4, missing: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.normal(size=(N, visits, NODES)), axis=2) + 3 * rng.normal(size=(N, 1, 1))
    y[ARM, 1:] += 1.0
    for place in rng.choice(N, missing, replace=False):
        y[place, 1 + place % (visits - 1)] = np.nan
    return y


def door(y: np.ndarray, node: int, visit: int):
    """The constrained longitudinal model of one node, from a frame."""
    n, visits, _ = y.shape
    frame = pd.DataFrame(
        {
            "who": np.repeat(np.arange(n), visits),
            "arm": np.repeat(np.where(ARM, "backward", "forward"), visits),
            "visit": np.tile([f"v{k}" for k in range(visits)], n),
            "value": y[:, :, node].ravel(),
        }
    ).dropna()
    fit = constrained_longitudinal(frame, value="value", participant="who", visit="visit",
                                   arm="arm", baseline_visit="v0", reference="forward")  # fmt: skip
    return fit.contrasts().set_index("visit").loc[f"v{visit}"]


@pytest.mark.parametrize("missing", [0, 5])
@pytest.mark.parametrize("visit", [1, 2])
def test_every_node_is_the_constrained_longitudinal_model(visit, missing):
    y = curves(missing=missing)
    found = pointwise_model(y, ARM, visit=visit)
    assert found.converged.all()
    for node in range(NODES):
        plain = door(y, node, visit)
        assert found.estimate[node] == pytest.approx(plain["estimate"], abs=1e-5)
        assert found.std_error[node] == pytest.approx(plain["std_error"], rel=1e-5)
        assert found.df[node] == pytest.approx(plain["df"], rel=1e-4)


def test_with_two_complete_visits_the_estimate_is_close_to_ancova():
    """Both adjust for baseline; they differ by terms of order 1 / n (Liang and Zeger 2000)."""
    y = curves(visits=2)
    found = pointwise_model(y, ARM, visit=1)
    for node in range(NODES):
        frame = pd.DataFrame({"after": y[:, 1, node], "before": y[:, 0, node],
                              "arm": np.where(ARM, "backward", "forward")})  # fmt: skip
        plain = ancova(frame, outcome="after", baseline="before", arm="arm", reference="forward")
        row = plain.iloc[0]
        assert found.estimate[node] == pytest.approx(row["estimate"], abs=0.1 * row["std_error"])


def test_offsets_of_participants_play_no_part():
    y = curves()
    moved = y + 50.0 * np.random.default_rng(1).normal(size=(N, 1, 1))
    one, other = (pointwise_model(part, ARM, visit=2) for part in (y, moved))
    assert other.threshold == pytest.approx(one.threshold, rel=0.1)


def test_limits_are_wider_than_those_of_one_node_and_agree_with_p():
    found = pointwise_model(curves(), ARM, visit=1, level=0.95)
    assert found.threshold > 2.05
    zero_outside = (found.conf_low > 0) | (found.conf_high < 0)
    np.testing.assert_array_equal(zero_outside, found.p_nodes < 0.05)
    np.testing.assert_allclose(found.conf_high - found.estimate, found.threshold * found.std_error)


def test_a_curve_that_is_missing_in_part_is_refused():
    y = curves()
    y[3, 1, 2:5] = np.nan
    with pytest.raises(NotEstimable, match="1 curves are missing in part"):
        pointwise_model(y, ARM, visit=1)


def test_one_arm_is_refused():
    with pytest.raises(NotEstimable, match="neither arm is empty"):
        pointwise_model(curves(), np.ones(N, dtype=bool), visit=1)


def with_nodes_lost(monkeypatch, lost: int) -> None:
    """Let the batch say that the first nodes did not converge."""
    real = fit_responses

    def fits(plan: BatchPlan, responses: np.ndarray):
        found = real(plan, responses)
        converged = found.converged.copy()
        converged[:lost] = False
        return type(found)(**{name: getattr(found, name) for name in found.__dataclass_fields__}
                           | {"converged": converged})  # fmt: skip

    monkeypatch.setattr(MODULE, "fit_responses", fits)


def test_nodes_that_did_not_converge_are_missing(monkeypatch):
    y = np.concatenate([curves(seed=s) for s in range(3)], axis=2)
    with_nodes_lost(monkeypatch, 2)
    found = pointwise_model(y, ARM, visit=1)
    assert np.isnan(found.estimate[:2]).all() and np.isnan(found.p_nodes[:2]).all()
    assert np.isfinite(found.estimate[2:]).all() and found.converged.sum() == 25


def test_too_many_of_them_are_refused(monkeypatch):
    with_nodes_lost(monkeypatch, 2)
    with pytest.raises(NotEstimable, match="converged at 7 of 9 nodes"):
        pointwise_model(curves(), ARM, visit=1)
