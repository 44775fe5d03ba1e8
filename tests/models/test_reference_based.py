"""Reference-based imputation against rbmi, its definitions written out, and plain refits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from backwalk_stats.errors import BackwalkError, NotEstimable, UsageError
from backwalk_stats.models.arms.ancova import ancova
from backwalk_stats.models.missing.reference_based import (
    conditional_mean_imputation,
    random_draw_imputation,
)
from backwalk_stats.models.mixed.mmrm import mmrm
from tests.models.incomplete_trials import COLUMNS, antidepressant, at_visit, events, simulated
from tests.reference.stored import stored

RBMI = stored("reference_based")
FIELDS = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
WALK: dict[str, Any] = {
    "reference": "forward",
    "covariates": "sex",
    "by_visit": "baseline",
    "event": "event",
}


@pytest.mark.parametrize("strategy", sorted(RBMI["antidepressant"]))
@pytest.mark.parametrize("visit", ["5", "6", "7"])
def test_antidepressant_trial_as_rbmi(strategy, visit):
    found = conditional_mean_imputation(
        antidepressant(), **COLUMNS, at=visit, strategy=strategy, reference="placebo"
    )
    expected = RBMI["antidepressant"][strategy][visit]
    assert found["contrast"].item() == "drug - placebo"
    for name in FIELDS:
        assert found[name].item() == pytest.approx(expected[name], abs=5e-7)


@pytest.mark.parametrize("strategy", sorted(RBMI["events"]))
@pytest.mark.parametrize("visit", ["V2", "V3"])
def test_declared_events_as_rbmi(strategy, visit):
    found = conditional_mean_imputation(events(), **COLUMNS, **WALK, at=visit, strategy=strategy)
    for name in FIELDS:
        expected = RBMI["events"][strategy][visit][name]
        assert found[name].item() == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(
    ("visit", "estimate", "error", "low", "high", "p"),
    [
        # Printed by rbmi, vignette CondMean_Inference, jump to reference; there placebo - drug.
        ("4", -0.092, 0.695, -1.453, 1.27, 0.895),
        ("5", 1.305, 0.878, -0.416, 3.027, 0.137),
        ("6", 1.929, 0.862, 0.239, 3.619, 0.025),
        ("7", 2.126, 0.858, 0.444, 3.807, 0.013),
    ],
)
def test_printed_values_of_the_vignette(visit, estimate, error, low, high, p):
    one = conditional_mean_imputation(
        antidepressant(), **COLUMNS, at=visit, strategy="jr", reference="placebo"
    ).iloc[0]
    found = [-one.estimate, one.std_error, -one.conf_high, -one.conf_low, one.p_value]
    assert np.round(found, 3).tolist() == [estimate, error, low, high, p]


def by_hand(frame: pd.DataFrame, *, strategy: str, by_arm: bool, at: int) -> float:
    """Return backward - forward by conditional means, participant by participant."""
    visits = sorted(frame["visit"].unique())
    seen = frame.dropna(subset="value")
    fit = mmrm(
        "value ~ arm * visit + baseline * visit",
        seen,
        participant="participant",
        visit="visit",
        group="arm" if by_arm else None,
    )
    rows = []
    for _, one in frame.groupby("participant"):
        y = one.set_index("visit")["value"].reindex(visits).to_numpy(copy=True)
        arm, base = one["arm"].iloc[0], one["baseline"].iloc[0]
        mean, cover = {}, {}
        for name in (arm, "forward"):
            new = pd.DataFrame({"arm": name, "visit": visits, "baseline": base})
            mean[name] = fit.predict(new)["estimate"].to_numpy()
            matrices: Any = fit.covariance
            cover[name] = matrices[name] if by_arm else matrices
        held = ~np.isnan(y)
        event = int(np.flatnonzero(held).max()) + 1 if held.any() else 0
        mu, sigma = mean[arm].copy(), np.array(cover[arm])
        if event < len(visits) and strategy == "cr":
            mu, sigma = mean["forward"], np.array(cover["forward"])
        elif event < len(visits) and strategy in ("jr", "cir"):
            if strategy == "jr":
                mu[event:] = mean["forward"][event:]
            else:
                mu[event:] = mu[event - 1] + mean["forward"][event:] - mean["forward"][event - 1]
            r, s = np.array(cover["forward"]), sigma.copy()
            slope = r[event:, :event] @ np.linalg.inv(r[:event, :event])
            sigma[event:, :event] = slope @ s[:event, :event]
            sigma[:event, event:] = sigma[event:, :event].T
            sigma[event:, event:] = (
                r[event:, event:] - slope @ (r[:event, :event] - s[:event, :event]) @ slope.T
            )
        elif event < len(visits) and strategy == "lmcf":
            mu[event:] = mu[event - 1]
        if np.isnan(y[at]):
            load = sigma[at, held] @ np.linalg.inv(sigma[np.ix_(held, held)])
            y[at] = mu[at] + load @ (y[held] - mu[held])
        rows.append([1.0, arm == "backward", base, y[at]])
    table = np.array(rows, dtype=float)
    return float(np.linalg.lstsq(table[:, :3], table[:, 3], rcond=None)[0][1])


@pytest.mark.parametrize("strategy", ["mar", "jr", "cr", "cir", "lmcf"])
@pytest.mark.parametrize("by_arm", [False, True])
def test_estimate_by_hand(strategy, by_arm):
    frame = simulated(40, gaps=0.05, seed=5)
    frame.loc[frame["participant"].isin([2, 3]) & (frame["visit"] == "V1"), "value"] = 5.0
    seen = frame.groupby("participant")["value"].transform("count") > 0
    found = conditional_mean_imputation(
        frame[seen],
        **COLUMNS,
        at="V3",
        strategy=strategy,
        reference="forward",
        covariance_by_arm=by_arm,
    )
    expected = by_hand(frame[seen], strategy=strategy, by_arm=by_arm, at=2)
    assert found["estimate"].item() == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("strategy", ["jr", "cir"])
def test_jackknife_is_the_analysis_without_each_participant(strategy):
    frame = simulated(21, gaps=0.05, seed=3, arms=3)
    # One participant has no visit: the model is the same without them, the analysis is not.
    frame.loc[frame["participant"] == 4, "value"] = np.nan
    choice: dict[str, Any] = {
        **COLUMNS,
        "at": "V3",
        "strategy": strategy,
        "reference": "usual",
        "covariates": "site",
    }
    whole = conditional_mean_imputation(frame, **choice)
    each = np.array(
        [
            conditional_mean_imputation(frame[frame["participant"] != who], **choice)["estimate"]
            for who in range(21)
        ]
    )
    expected = np.sqrt(20 / 21 * ((each - each.mean(axis=0)) ** 2).sum(axis=0))
    assert whole["contrast"].tolist() == ["backward - usual", "forward - usual"]
    assert whole["std_error"].to_numpy() == pytest.approx(expected, rel=1e-7)


def test_nothing_missing_is_the_analysis_of_covariance():
    frame = simulated(30)
    frame["value"] = frame["value"].fillna(5.5) + 0.01 * np.arange(len(frame)) % 0.7
    plain = ancova(
        at_visit(frame, "V2"), outcome="value", baseline="baseline", arm="arm", reference="forward"
    )
    for strategy in ("mar", "jr", "cr", "cir", "lmcf"):
        one = conditional_mean_imputation(
            frame, **COLUMNS, at="V2", strategy=strategy, reference="forward"
        )
        assert one["estimate"].item() == pytest.approx(plain["estimate"].item(), abs=1e-10)
        assert one["n_imputed"].item() == 0
    drawn = random_draw_imputation(
        frame, **COLUMNS, at="V2", strategy="jr", reference="forward", seed=1, imputations=5
    )
    for name in ("estimate", "std_error"):
        assert drawn[name].item() == pytest.approx(plain[name].item(), abs=1e-10)
    assert drawn["fraction_missing"].item() < 0.1


def test_unit_and_origin_do_not_matter():
    frame = simulated(24, seed=7)
    choice: dict[str, Any] = {**COLUMNS, "at": "V3", "strategy": "cir", "reference": "forward"}
    one = conditional_mean_imputation(frame, **choice).iloc[0]
    moved = frame.assign(value=1e4 + 100.0 * frame["value"], baseline=frame["baseline"] / 7.0)
    two = conditional_mean_imputation(moved, **choice).iloc[0]
    assert two.estimate == pytest.approx(100.0 * one.estimate, rel=1e-7)
    assert two.std_error == pytest.approx(100.0 * one.std_error, rel=1e-7)


def test_rows_may_stand_in_any_order_and_missing_visits_may_be_absent():
    frame = simulated(24, seed=7)
    choice: dict[str, Any] = {**COLUMNS, "at": "V3", "strategy": "jr", "reference": "forward"}
    one = conditional_mean_imputation(frame, **choice)
    short = frame.dropna(subset="value").sample(frac=1.0, random_state=1)
    two = conditional_mean_imputation(short, **choice)
    assert two["estimate"].item() == pytest.approx(one["estimate"].item(), rel=1e-8)
    assert two["std_error"].item() == pytest.approx(one["std_error"].item(), rel=1e-8)


def test_random_draws_agree_with_conditional_means_and_repeat():
    frame = antidepressant()
    choice: dict[str, Any] = {
        **COLUMNS,
        "at": "7",
        "strategy": "jr",
        "reference": "placebo",
        "seed": 8,
    }
    drawn = random_draw_imputation(frame, **choice, imputations=400).iloc[0]
    means = conditional_mean_imputation(
        frame, **COLUMNS, at="7", strategy="jr", reference="placebo"
    ).iloc[0]
    # Monte Carlo error of the mean of 400: the between part of the variance is about 0.14 x 1.27.
    assert drawn.estimate == pytest.approx(means.estimate, abs=4 * np.sqrt(0.2 / 400))
    # rbmi prints 1.120 from 150 Bayesian draws (vignette quickstart).
    assert drawn.std_error == pytest.approx(1.120, abs=0.03)
    assert drawn.n_failed == 0
    again = random_draw_imputation(frame, **choice, imputations=20)
    assert again.equals(random_draw_imputation(frame, **choice, imputations=20))


def test_dropped_participants_are_counted():
    frame = simulated(24, seed=7)
    frame.loc[frame["participant"].isin([0, 1, 2]), "baseline"] = np.nan
    one = conditional_mean_imputation(
        frame, **COLUMNS, at="V3", strategy="jr", reference="forward"
    ).iloc[0]
    assert (one.n_arm, one.n_reference, one.dropped_arm, one.dropped_reference) == (10, 11, 2, 1)


SECRET = 987654.25


@pytest.mark.parametrize(
    ("change", "choice", "message"),
    [
        ({}, {"strategy": "bocf"}, "one of mar, jr"),
        ({}, {"at": "V9"}, "there are: V1, V2, V3"),
        ({}, {"reference": "sideways"}, "there are: backward, forward"),
        ({}, {"covariates": "height"}, "no column named height"),
        ({}, {"covariates": "baseline"}, "named twice"),
        ({}, {"by_visit": "height"}, "each is one of baseline"),
        ({}, {"covariance": "sp"}, "covariance"),
        ({}, {"level": 1.5}, "level"),
        ({"baseline": lambda f: f["baseline"].where(f.index != 1, SECRET)}, {}, "varies within 1"),
        ({"arm": lambda f: f["arm"].where(f.index != 1, "usual")}, {}, "varies within 1"),
        ({"participant": lambda f: f["participant"].where(f.index != 1)}, {}, "missing in 1"),
        ({"visit": lambda f: f["visit"].where(f.index != 1, "V1")}, {}, "1 rows repeat"),
        ({"value": lambda f: f["value"].where(f.index != 1, np.inf)}, {}, "not finite"),
        (
            {"value": lambda f: f["value"].astype(object).where(f.index != 1, "much")},
            {},
            "value is not numeric: 1 of 72",
        ),
        ({"value": lambda f: f["value"].where(f["visit"] != "V3")}, {}, "has the outcome at V3"),
        ({"site": lambda f: f.index * 0.5}, {"event": "site"}, "expected true and false"),
        ({"arm": lambda f: "forward"}, {}, "none to compare"),
    ],
)
def test_refusals_say_what_to_do_and_show_no_value(change, choice, message):
    frame = simulated(24, seed=7).assign(**change)
    asked = {**COLUMNS, "at": "V3", "strategy": "jr", "reference": "forward", **choice}
    with pytest.raises(BackwalkError, match=message) as caught:
        conditional_mean_imputation(frame, **asked)
    assert "987654" not in str(caught.value)


def test_declared_events_need_every_row():
    short = events().dropna(subset="value")
    with pytest.raises(UsageError, match="a row at every visit"):
        conditional_mean_imputation(short, **COLUMNS, **WALK, at="V3", strategy="jr")


def test_messages_name_covariates_as_the_data_do():
    frame = simulated(24, seed=7).assign(twice=lambda f: 2.0 * f["baseline"])
    with pytest.raises(UsageError, match="twice is collinear with baseline"):
        conditional_mean_imputation(
            frame,
            **COLUMNS,
            at="V3",
            strategy="jr",
            reference="forward",
            covariates="twice",
            by_visit=(),
        )
    odd = simulated(24, seed=7).rename(columns={"site": "the site"})
    choice: dict[str, Any] = {**COLUMNS, "at": "V3", "strategy": "jr", "reference": "forward"}
    found = conditional_mean_imputation(odd, **choice, covariates="the site")
    plain = conditional_mean_imputation(simulated(24, seed=7), **choice, covariates="site")
    assert found.equals(plain)


def test_last_mean_needs_a_visit_before_the_event():
    frame = simulated(24, seed=7)
    frame.loc[frame["participant"] == 0, "value"] = np.nan
    with pytest.raises(NotEstimable, match="no mean to carry"):
        conditional_mean_imputation(frame, **COLUMNS, at="V3", strategy="lmcf", reference="forward")


def test_samples_that_cannot_be_fitted_are_drawn_again_and_counted(monkeypatch):
    frame = simulated(16, gaps=0.05, seed=7)
    choice: dict[str, Any] = {**COLUMNS, "at": "V3", "strategy": "jr", "reference": "forward"}
    with pytest.raises(NotEstimable, match="of 30 samples; more than 1 are too many"):
        random_draw_imputation(frame, **choice, seed=1, imputations=30)
    monkeypatch.setattr("backwalk_stats.models.missing.imputation.FAILURES", 0.5)
    found = random_draw_imputation(frame, **choice, seed=1, imputations=30).iloc[0]
    assert found.n_failed > 1
    assert found.imputations == 30
    assert np.isfinite(found.std_error)


def test_too_few_imputations_are_refused():
    with pytest.raises(UsageError, match="2 or more"):
        random_draw_imputation(
            simulated(), **COLUMNS, at="V3", strategy="jr", seed=1, imputations=1
        )
