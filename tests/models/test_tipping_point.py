"""The delta tipping point against completed data with deltas added, participant by participant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.columns.trial_columns import TrialColumns
from backwalk_stats.models.missing.imputation import completed
from backwalk_stats.models.missing.imputation_model import ImputationChoices, imputation_model
from backwalk_stats.models.missing.incomplete import incomplete_trial
from backwalk_stats.models.missing.reference_based import conditional_mean_imputation
from backwalk_stats.models.missing.tipping_point import tipping_point
from backwalk_stats.trial.tables import TIPPING
from tests.models.incomplete_trials import COLUMNS, ROLES, simulated

CHOICE: dict[str, Any] = {**COLUMNS, "at": "V3", "reference": "forward"}


def by_hand(frame, *, delta, delta_reference, at, per_visit=False):
    """Return the estimate: complete by conditional means, add the deltas, analyse."""
    trial = incomplete_trial(frame, TrialColumns(**ROLES), reference="forward")
    choices = ImputationChoices(strategy="mar", covariance="us", by_arm=False, by_visit=None)
    model = imputation_model(trial, TrialColumns(**ROLES), choices)
    people = trial.people.assign(after=completed(model.visits, model.estimate, at=at)[0])
    for place in people.index:
        y = trial.y[place]
        if not np.isnan(y[at:]).all():
            continue
        own = delta if people.loc[place, "arm"] == "backward" else delta_reference
        first = int(np.flatnonzero(~np.isnan(y)).max()) + 1
        people.loc[place, "after"] += own * (at - first + 1 if per_visit else 1)
    found = ancova(people, outcome="after", baseline="baseline", arm="arm", reference="forward")
    return found["estimate"].item()


@pytest.mark.parametrize("per_visit", [False, True])
@pytest.mark.parametrize("at", [1, 2])
def test_estimates_by_hand(per_visit, at):
    frame = simulated(30, gaps=0.08, seed=9)
    seen = frame.groupby("participant")["value"].transform("count") > 0
    found = tipping_point(
        frame[seen],
        **{**CHOICE, "at": f"V{at + 1}"},
        deltas=[-1.0, 0.0, 2.5],
        deltas_reference=[0.0, 1.5],
        pattern="per-visit" if per_visit else "constant",
    )
    assert set(TIPPING) <= set(found.columns)
    assert len(found) == 6
    for one in found.itertuples():
        expected = by_hand(
            frame[seen],
            delta=one.delta,
            delta_reference=one.delta_reference,
            at=at,
            per_visit=per_visit,
        )
        assert one.estimate == pytest.approx(expected, abs=1e-8)


def test_error_is_the_jackknife_of_the_moved_estimates():
    frame = simulated(20, seed=11)
    point: dict[str, Any] = {"deltas": [1.7], "deltas_reference": [-0.4]}
    whole = tipping_point(frame, **CHOICE, **point)
    each = np.array(
        [
            tipping_point(frame[frame["participant"] != who], **CHOICE, **point)["estimate"].item()
            for who in range(20)
        ]
    )
    expected = np.sqrt(19 / 20 * ((each - each.mean()) ** 2).sum())
    assert whole["std_error"].item() == pytest.approx(expected, rel=1e-7)


def test_no_delta_is_conditional_mean_imputation():
    frame = simulated(30, seed=9)
    found = tipping_point(frame, **CHOICE, deltas=[0.0], strategy="jr")
    plain = conditional_mean_imputation(frame, **CHOICE, strategy="jr")
    for name in ("estimate", "std_error", "p_value", "conf_low", "conf_high", "n_imputed"):
        assert found[name].item() == pytest.approx(plain[name].item(), rel=1e-12)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_conclusion_changes_where_it_is_said(level):
    frame = simulated(60, seed=12)
    found = tipping_point(frame, **CHOICE, deltas=[0.0], level=level).iloc[0]
    assert found.p_value < 1 - level
    assert found.tips_high > 0
    tips = [found.tips_high - 1e-6, found.tips_high, found.tips_high + 1e-6]
    at = tipping_point(frame, **CHOICE, deltas=tips, level=level)["p_value"].to_numpy()
    assert at[1] == pytest.approx(1 - level, abs=1e-9)
    assert at[0] < 1 - level < at[2]


@pytest.mark.parametrize("margins", [(1.5,), (-1.5,), (-2.5, 2.5)])
def test_the_interval_reaches_a_margin_where_it_is_said(margins):
    """At the shift an end of the interval is a margin; just before it, none is reached."""
    frame = simulated(60, seed=12)
    found = tipping_point(frame, **CHOICE, deltas=[0.0], margins=margins).iloc[0]
    tips = [found.margin_tips_low, found.margin_tips_high]
    known = [one for one in tips if np.isfinite(one)]
    assert known
    for tip in known:
        near = tip - 1e-4 * np.sign(tip)
        at = tipping_point(frame, **CHOICE, deltas=[near, tip]).sort_values("delta", key=abs)
        ends = at[["conf_low", "conf_high"]].to_numpy()
        gap = np.abs(ends[:, :, None] - np.array(margins)).min(axis=(1, 2))
        assert gap[1] == pytest.approx(0.0, abs=1e-8) and gap[0] > 1e-6


def test_nobody_missing_never_tips():
    frame = simulated(30)
    frame["value"] = frame["value"].fillna(5.5)
    found = tipping_point(frame, **CHOICE, deltas=[0.0, 100.0])
    assert found["estimate"].nunique() == 1
    assert found[["tips_low", "tips_high"]].isna().all(axis=None)


@pytest.mark.parametrize("deltas", [[], [np.nan], [[1.0]]])
def test_deltas_are_numbers(deltas):
    with pytest.raises(UsageError, match="finite numbers"):
        tipping_point(simulated(), **CHOICE, deltas=deltas)


def test_patterns_are_listed():
    with pytest.raises(UsageError, match="constant, per-visit"):
        tipping_point(simulated(), **CHOICE, deltas=[0.0], pattern="linear")
