"""What must not change a mixed model, and what must change it in a known way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.models.fit.fitted import FittedModel
from tests.oracles.example_trials import example, part, random_slopes

NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high"]
FORMULA = "pain ~ base + arm * visit"
DFS = ["satterthwaite", "kenward-roger"]


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    return part(example("trial_n200"), 0, 60)


def mmrm(frame: pd.DataFrame, **choices) -> FittedModel:
    return bw.mmrm(FORMULA, frame, "id", "visit", **choices)


def contrasts(fit: FittedModel) -> pd.DataFrame:
    return fit.contrasts("arm", by="visit")


def same(left: pd.DataFrame, right: pd.DataFrame, rtol: float = 1e-6) -> None:
    np.testing.assert_allclose(left[NUMBERS], right[NUMBERS], rtol=rtol, atol=1e-9)


@pytest.mark.parametrize("df", DFS)
def test_row_order(trial, df):
    shuffled = trial.sample(frac=1.0, random_state=5)
    same(contrasts(mmrm(shuffled, df=df)), contrasts(mmrm(trial, df=df)))


@pytest.mark.parametrize("df", DFS)
def test_names_of_participants(trial, df):
    ids = trial["id"].unique()
    renamed = trial.assign(id=trial["id"].map(dict(zip(ids, range(1000, 0, -7), strict=False))))
    same(contrasts(mmrm(renamed, df=df)), contrasts(mmrm(trial, df=df)))


@pytest.mark.parametrize("df", DFS)
def test_names_of_visits(trial, df):
    names = {"W02": "z first", "W04": "y", "W08": "x", "W12": "a last"}
    renamed = trial.assign(visit=trial["visit"].cat.rename_categories(names))
    same(contrasts(mmrm(renamed, df=df)), contrasts(mmrm(trial, df=df)))


@pytest.mark.parametrize("covariance", ["us", "cs", "csh", "toep", "toeph", "ad", "adh"])
def test_visits_in_reverse(trial, covariance):
    """These structures are the same read backwards in time; so are the marginal means."""
    backwards = trial.assign(visit=trial["visit"].cat.reorder_categories(
        ["W12", "W08", "W04", "W02"]))  # fmt: skip
    left = contrasts(mmrm(backwards, covariance=covariance)).set_index("visit")
    right = contrasts(mmrm(trial, covariance=covariance)).set_index("visit")
    same(left.loc[list(right.index.astype(str))], right, rtol=1e-5)


@pytest.mark.parametrize("scale", [1e-3, 1e3, 1e6])
@pytest.mark.parametrize("df", DFS)
def test_unit_of_the_outcome(trial, df, scale):
    left = contrasts(mmrm(trial.assign(pain=scale * trial["pain"]), df=df))
    right = contrasts(mmrm(trial, df=df))
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        left[name] /= scale
    same(left, right)


def test_a_constant_added_to_the_outcome(trial):
    left, right = mmrm(trial.assign(pain=trial["pain"] + 500.0)), mmrm(trial)
    same(contrasts(left), contrasts(right))
    assert left.stats.loglik == pytest.approx(right.stats.loglik, abs=1e-7)
    np.testing.assert_allclose(left.fit.point.theta, right.fit.point.theta, rtol=1e-6)


def test_the_log_likelihood_knows_the_unit(trial):
    """Scaling y by s adds -(N - p) log s to the REML log-likelihood, -N log s to that of ML."""
    thousand = trial.assign(pain=1000.0 * trial["pain"])
    for method, count in (("reml", len(trial) - 9), ("ml", len(trial))):
        plain = mmrm(trial, method=method).stats.loglik
        scaled = mmrm(thousand, method=method).stats.loglik
        assert scaled == pytest.approx(plain - count * np.log(1000.0), abs=1e-6)


@pytest.mark.parametrize("df", DFS)
def test_swapped_arms_turn_the_sign(trial, df):
    swapped = trial.assign(arm=trial["arm"].cat.reorder_categories(["backward", "forward"]))
    left, right = contrasts(mmrm(swapped, df=df)), contrasts(mmrm(trial, df=df))
    np.testing.assert_allclose(left["estimate"], -right["estimate"], rtol=1e-7)
    for name in ("std_error", "df", "p_value"):
        np.testing.assert_allclose(left[name], right[name], rtol=1e-6)
    np.testing.assert_allclose(left["conf_low"], -right["conf_high"], rtol=1e-6)


@pytest.mark.parametrize("df", DFS)
def test_unit_and_origin_of_a_covariate(trial, df):
    moved = trial.assign(base=10.0 * trial["base"] + 1000.0)
    left, right = mmrm(moved, df=df), mmrm(trial, df=df)
    same(contrasts(left), contrasts(right), rtol=1e-5)
    slope = [fit.coefficients().set_index("term").loc["base"] for fit in (left, right)]
    assert 10.0 * slope[0]["estimate"] == pytest.approx(slope[1]["estimate"], rel=1e-6)
    assert slope[0]["p_value"] == pytest.approx(slope[1]["p_value"], rel=1e-5)


@pytest.mark.parametrize("weight", [0.25, 4.0])
def test_equal_weights_scale_the_covariance_alone(trial, weight):
    left, right = mmrm(trial.assign(w=weight), weights="w"), mmrm(trial)
    same(contrasts(left), contrasts(right))
    np.testing.assert_allclose(left.fit.point.theta, weight * right.fit.point.theta, rtol=1e-6)


@pytest.mark.parametrize("df", DFS)
def test_a_covariance_for_each_arm_is_a_fit_for_each_arm(trial, df):
    """Where nothing is shared between the arms, they can be fitted apart."""
    joint = bw.mmrm("pain ~ arm * visit", trial, "id", "visit", group="arm", df=df)
    means = joint.marginal_means("arm", by="visit").set_index(["arm", "visit"])
    for arm, frame in trial.groupby("arm", observed=True):
        alone = bw.mmrm("pain ~ visit", frame, "id", "visit", df=df).marginal_means("visit")
        same(means.loc[arm], alone, rtol=1e-5)


def test_weights_count_a_repeated_measurement_within_a_visit():
    """A mean of k equal-variance readings has weight k: with a random intercept both agree."""
    rng = np.random.default_rng(7)
    who, arm = np.repeat(np.arange(24), 6), np.repeat(np.arange(24) % 2, 6)
    level = rng.normal(0, 2, 24)[who]
    readings = pd.DataFrame(
        {"id": who, "arm": arm, "y": level + 0.5 * arm + rng.normal(size=len(who)),
         "time": np.tile([0, 0, 0, 1, 1, 2], 24)}
    )  # fmt: skip
    means = readings.groupby(["id", "arm", "time"], as_index=False).agg(
        y=("y", "mean"), k=("y", "size")
    )
    formula = "y ~ arm + factor(time) + (1 | id)"
    full = bw.lmm(formula, readings, method="ml")
    short = bw.lmm(formula, means, method="ml", weights="k")
    # The spread within a visit is seen by the readings only: hold their variances for both.
    at = full.fit.point.theta
    point = short.fit.likelihood.at(at)
    assert point is not None
    np.testing.assert_allclose(
        np.linalg.solve(short.inference.basis, point.beta), full.inference.beta, rtol=1e-8
    )


@pytest.mark.parametrize("df", DFS)
def test_random_slopes_do_not_know_the_unit_or_origin_of_time(df):
    frame = random_slopes(3, 30)
    right = bw.lmm("pain ~ arm * week + (week | id)", frame, df=df)
    week = frame["week"]
    for turned in (frame.assign(week=at) for at in (1e4 * week, 1e-4 * week, week - 6, week + 100)):
        left = bw.lmm("pain ~ arm * week + (week | id)", turned, df=df)
        one = left.coefficients().set_index("term").loc["arm:week"]
        two = right.coefficients().set_index("term").loc["arm:week"]
        for name in ("df", "statistic", "p_value"):
            assert one[name] == pytest.approx(two[name], rel=1e-5)


def test_the_same_bytes_twice(trial):
    left, right = contrasts(mmrm(trial)), contrasts(mmrm(trial))
    assert left[NUMBERS].to_numpy().tobytes() == right[NUMBERS].to_numpy().tobytes()


def test_a_wider_structure_is_never_less_likely(trial):
    names = ("us", "toeph", "csh", "ar1h", "adh", "toep", "cs", "ar1", "ad")
    fits = {name: mmrm(trial, covariance=name, method="ml") for name in names}
    height = {name: fit.stats.loglik for name, fit in fits.items()}
    for narrow, wide in (("cs", "csh"), ("cs", "toep"), ("ar1", "ar1h"), ("ar1", "toep"),
                         ("ar1", "ad"), ("csh", "toeph"), ("ar1h", "toeph"), ("ar1h", "adh"),
                         ("ad", "adh"), ("toeph", "us"), ("adh", "us")):  # fmt: skip
        assert height[wide] >= height[narrow] - 1e-8, (narrow, wide)
