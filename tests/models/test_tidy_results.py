"""Results of statsmodels and pingouin as estimate frames: what they hold, and nothing more."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.miscmodels.ordinal_model import OrderedModel

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


def test_variances_and_thresholds_are_no_coefficients(frame):
    mixed = smf.mixedlm("pain ~ x", frame, groups="id").fit()
    assert bw.tidy(mixed)["term"].tolist() == ["(Intercept)", "x"]
    levels = pd.cut(frame["pain"], 3, labels=False)
    ordinal = OrderedModel(levels, frame[["x"]]).fit(disp=0, method="bfgs")
    assert bw.tidy(ordinal)["term"].tolist() == ["x"]
    with pytest.raises(UsageError, match="an equation for each level"):
        bw.tidy(sm.MNLogit(levels, sm.add_constant(frame[["x"]])).fit(disp=0))


def test_arrays_have_the_names_that_statsmodels_gives_them(frame):
    found = bw.tidy(
        sm.OLS(frame["pain"].to_numpy(), sm.add_constant(frame[["x"]].to_numpy())).fit()
    )
    assert found["term"].tolist() == ["(Intercept)", "x1"]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.975])
def test_intervals_of_any_level_are_found(frame, level):
    own = bw.ols("pain ~ x", frame)
    wanted = own.coefficients(level=level)["conf_low"].to_numpy()
    assert bw.tidy(own, level=level)["conf_low"].to_numpy() == pytest.approx(wanted, rel=0)
    printed = pg.linear_regression(frame[["x"]], frame["pain"], alpha=1 - level)
    assert bw.tidy(printed)["conf_low"].to_numpy() == pytest.approx(wanted, rel=1e-8)
    one, other = (frame.loc[frame["arm"] == arm, "pain"] for arm in ("backward", "forward"))
    found = bw.tidy(pg.ttest(one, other, confidence=level)).iloc[0]
    assert found["conf_low"] < found["estimate"] < found["conf_high"]
    with pytest.raises(UsageError, match="a level is"):
        bw.tidy(own, level=100 * level)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pingouin's own
def test_degrees_of_freedom_of_an_f_are_those_under_it(frame):
    short = bw.tidy(pg.anova(frame, "pain", "arm")).iloc[0]
    long = bw.tidy(pg.anova(frame, "pain", "arm", detailed=True)).iloc[0]
    assert short["df"] == long["df"] == len(frame) - 2
    assert bw.tidy(pg.ancova(frame, dv="pain", covar="x", between="arm"))["df"][0] == len(frame) - 3


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pingouin's own
def test_adjusted_p_values_and_every_label_are_told(frame):
    three = frame.assign(site=np.resize(["a", "b", "c"], len(frame)), visit=frame.index % 2)
    found = bw.tidy(pg.pairwise_tests(three, dv="pain", between="site", padjust="holm"))
    assert found["note"].str.contains("adjusted.*holm").all()
    tukey = bw.tidy(pg.pairwise_tukey(three, dv="pain", between="site"))
    assert tukey["note"].str.contains("Tukey").all()
    mixed = bw.tidy(pg.pairwise_tests(three, dv="pain", within="visit", between="arm",
                                      subject="id"))  # fmt: skip
    assert not mixed.duplicated(["Contrast", "visit", "A", "B"]).any()
    agreed = bw.tidy(pg.intraclass_corr(three, targets="id", raters="visit", ratings="pain"))
    assert agreed["estimate"].notna().all() and agreed["Type"].is_unique


def test_frames_of_this_package_pass_and_others_are_refused(frame):
    own = bw.ols("pain ~ x", frame)
    assert list(bw.tidy(own).columns) == list(own.coefficients().columns)
    assert bw.tidy(own.coefficients()).equals(own.coefficients())
    assert set(ESTIMATES) <= set(bw.tidy(own).columns)
    for wrong in (frame[["x"]], 3, "text"):
        with pytest.raises(UsageError):
            bw.tidy(wrong)
