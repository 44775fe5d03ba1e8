"""Results of statsmodels and pingouin as estimate frames: what they hold, and nothing more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from backwalk_stats.trial.tables import ESTIMATES


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 60
    made = pd.DataFrame({"id": np.arange(n) // 2, "x": rng.normal(size=n)})
    made["arm"] = np.where(made["id"] % 2 == 0, "forward", "backward")
    made["pain"] = 5 + made["x"] + (made["arm"] == "backward") + rng.normal(size=n)
    made["better"] = (made["pain"] > 5.5).astype(int)
    return made


def test_ols_has_t_and_its_degrees_of_freedom(frame):
    fit = smf.ols("pain ~ C(arm, Treatment('forward')) + x", frame).fit()
    found = bw.tidy(fit, level=0.9).set_index("term")
    assert found.index.tolist() == ["(Intercept)", "armbackward", "x"]
    assert (found["df"] == fit.df_resid).all()
    assert found["estimate"].to_numpy() == pytest.approx(fit.params.to_numpy(), rel=0)
    assert found["conf_low"].to_numpy() == pytest.approx(fit.conf_int(0.1)[0].to_numpy(), rel=0)
    own = bw.ols("pain ~ x", frame).coefficients().set_index("term")
    theirs = bw.tidy(smf.ols("pain ~ x", frame).fit()).set_index("term")
    assert theirs.loc["x", "p_value"] == pytest.approx(own.loc["x", "p_value"], rel=1e-10)


@pytest.mark.parametrize(
    "fitted",
    [
        lambda frame: smf.logit("better ~ x", frame).fit(disp=0),
        lambda frame: smf.glm("better ~ x", frame, family=sm.families.Binomial()).fit(),
        lambda frame: smf.gee("pain ~ x", "id", frame).fit(),
        lambda frame: smf.mixedlm("pain ~ x", frame, groups="id").fit(),
    ],
    ids=["logit", "glm", "gee", "mixedlm"],
)
def test_a_normal_statistic_has_no_degrees_of_freedom(frame, fitted):
    fit = fitted(frame)
    found = bw.tidy(fit)
    assert found["df"].isna().all()
    held = found.set_index("term").loc["x"]
    assert held["estimate"] == fit.params["x"]
    assert held["p_value"] == fit.pvalues["x"]
    assert held["conf_low"] < held["estimate"] < held["conf_high"]


def test_pingouin_regression_is_taken_as_it_is(frame):
    printed = pg.linear_regression(frame[["x"]], frame["pain"])
    found = bw.tidy(printed).set_index("names")
    own = bw.ols("pain ~ x", frame).coefficients().set_index("term")
    for column in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert found.loc["x", column] == pytest.approx(own.loc["x", column], rel=1e-8), column


def test_pingouin_t_test_says_where_its_difference_comes_from(frame):
    one, other = (frame.loc[frame["arm"] == arm, "pain"] for arm in ("backward", "forward"))
    found = bw.tidy(pg.ttest(one, other)).iloc[0]
    assert found["estimate"] == pytest.approx(one.mean() - other.mean(), abs=0.011)
    assert "middle" in found["note"]
    sided = bw.tidy(pg.ttest(one, other, alternative="greater")).iloc[0]
    assert np.isnan(sided["estimate"])


def test_pairwise_tests_keep_their_labels_and_the_corrected_p(frame):
    printed = pg.pairwise_tests(frame, dv="pain", between="arm", padjust=None)
    found = bw.tidy(printed)
    assert (found["A"][0], found["B"][0]) == ("backward", "forward")
    assert found.loc[0, "p_value"] == printed["p_unc"].iloc[0]
    assert found["estimate"].isna().all()  # pingouin prints none


def test_frames_of_this_package_pass_and_others_are_refused(frame):
    own = bw.ols("pain ~ x", frame)
    assert list(bw.tidy(own).columns) == list(own.coefficients().columns)
    assert bw.tidy(own.coefficients()).equals(own.coefficients())
    assert set(ESTIMATES) <= set(bw.tidy(own).columns)
    for wrong in (frame[["x"]], 3, "text"):
        with pytest.raises(UsageError):
            bw.tidy(wrong)
