"""Families of contrasts, one-sided tests and nulls: against R, and by properties; equivalence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import backwalk_stats as bw
from backwalk_stats.engine import simultaneous
from backwalk_stats.errors import NotEstimable, UsageError
from tests.models.stored_models import cases, held, prepared, stored

DOORS: dict[str, Callable[..., Any]] = {"ols": bw.ols, "lmm": bw.lmm, "mmrm": bw.mmrm}


@pytest.mark.parametrize("name", cases("contrasts"))
def test_the_stored_contrasts_of_r(name):
    case = stored(name)
    asked = dict(case["call"]["arguments"])
    choices = asked.pop("contrasts")
    fit = DOORS[case["call"]["function"]](data=prepared(case), **asked)
    found = fit.contrasts(choices.pop("factor"), **choices)
    rows = case["tables"]["contrasts"]
    assert len(found) == len(rows)
    for (_, own), row in zip(found.iterrows(), rows, strict=True):
        assert own["contrast"] == row["contrast"]
        assert "visit" not in row or own["visit"] == row["visit"]
        holm = choices.get("adjust") == "holm"
        assert np.isnan([own["conf_low"], own["conf_high"]]).all() == holm
        rest = own.drop(["conf_low", "conf_high"]) if holm else own
        assert held(rest, row, case["tolerance"]) >= 5


def arms(seed: int, levels: int, people: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arm = np.arange(people) % levels
    base = rng.normal(6, 1, people)
    pain = 0.6 * base - 0.4 * arm + rng.normal(0, 1, people)
    names = pd.Categorical([f"g{one}" for one in arm])
    return pd.DataFrame({"arm": names, "base": base, "pain": pain})


def test_dunnett_of_equal_arms_is_scipys():
    rng = np.random.default_rng(4)
    samples = [rng.normal(0.5 * at, 1, 12) for at in range(4)]
    frame = pd.DataFrame({"y": np.concatenate(samples), "arm": np.repeat(list("abcd"), 12)})
    frame["arm"] = pd.Categorical(frame["arm"])
    for side in ("two-sided", "less", "greater"):
        found = bw.ols("y ~ arm", frame).contrasts("arm", adjust="dunnett", alternative=side)
        theirs = stats.dunnett(*samples[1:], control=samples[0], alternative=side, random_state=1)
        assert found["p_value"].to_numpy() == pytest.approx(theirs.pvalue, abs=2e-4)
        ends: Any = theirs.confidence_interval(0.95)
        for own, their in (("conf_low", ends.low), ("conf_high", ends.high)):
            assert found[own].to_numpy() == pytest.approx(their, abs=1e-3)


def test_tukey_of_equal_arms_is_scipys():
    rng = np.random.default_rng(5)
    samples = [rng.normal(0.5 * at, 1, 9) for at in range(4)]
    frame = pd.DataFrame({"y": np.concatenate(samples), "arm": np.repeat(list("abcd"), 9)})
    found = bw.ols("y ~ arm", frame).contrasts("arm", method="pairwise", adjust="tukey")
    theirs: Any = stats.tukey_hsd(*samples)
    pairs = [(later, first) for later in range(4) for first in range(later)]
    assert found["p_value"].to_numpy() == pytest.approx(
        [theirs.pvalue[later, first] for later, first in pairs], rel=1e-7
    )
    low = theirs.confidence_interval(0.95).low
    assert found["conf_low"].to_numpy() == pytest.approx(
        [low[later, first] for later, first in pairs], rel=1e-6
    )


@pytest.mark.parametrize("means", [2, 3, 5])
@pytest.mark.parametrize("df", [3.7, 24.0, np.inf])
def test_the_studentized_range_is_scipys_where_it_has_digits(means, df):
    t = np.array([0.3, 1.5, 3.0])
    found = simultaneous.range_p(t, means, np.full(3, df))
    assert found == pytest.approx(stats.studentized_range.sf(t * np.sqrt(2), means, df), rel=1e-8)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
@pytest.mark.parametrize("two_sided", [True, False])
def test_the_multivariate_t_is_scipys_lattice_rule(count, two_sided):
    load = np.linspace(0.4, 0.8, count)
    shared = np.outer(load, load) + np.diag(1 - load**2)
    side = "two-sided" if two_sided else "greater"
    found = simultaneous.many_to_one_p(np.array([2.1]), shared, np.array([17.0]), side)
    bound = np.full(count, 2.1)
    inside = stats.multivariate_t.cdf(
        bound, shape=shared, df=17, lower_limit=-bound if two_sided else None, random_state=3,
        maxpts=50_000,
    )  # fmt: skip
    assert found[0] == pytest.approx(1 - inside, rel=1e-4)


@pytest.mark.parametrize("adjust", ["bonferroni", "sidak", "tukey", "dunnett"])
def test_a_p_value_below_alpha_is_a_null_outside_the_limits(adjust):
    fit = bw.ols("pain ~ base + arm", arms(1, 4))
    method = "reference" if adjust == "dunnett" else "pairwise"
    found = fit.contrasts("arm", method=method, adjust=adjust, level=0.9)
    for end in ("conf_low", "conf_high"):
        for at, null in enumerate(found[end]):
            again = fit.contrasts("arm", method=method, adjust=adjust, null=null)
            assert again["p_value"][at] == pytest.approx(0.1, rel=1e-5)


def test_adjusted_p_values_are_ordered_and_no_smaller_than_alone():
    fit = bw.ols("pain ~ base + arm", arms(2, 3))
    alone = fit.contrasts("arm", method="pairwise")["p_value"]
    tukey, sidak, bonferroni, holm = (
        fit.contrasts("arm", method="pairwise", adjust=one)["p_value"]
        for one in ("tukey", "sidak", "bonferroni", "holm")
    )
    assert (alone <= tukey).all() and (tukey <= sidak).all() and (sidak <= bonferroni).all()
    assert (alone <= holm).all() and (holm <= bonferroni).all()
    dunnett = fit.contrasts("arm", adjust="dunnett")["p_value"]
    assert (dunnett <= fit.contrasts("arm", adjust="sidak")["p_value"]).all()


def test_one_sided_p_values_add_up_and_the_other_limit_is_infinite():
    fit = bw.ols("pain ~ base + arm", arms(3, 3))
    less, more = (fit.contrasts("arm", null=0.2, alternative=one) for one in ("less", "greater"))
    assert (less["p_value"] + more["p_value"]).to_numpy() == pytest.approx([1.0, 1.0])
    assert (less["conf_low"] == -np.inf).all() and (more["conf_high"] == np.inf).all()
    both = fit.contrasts("arm", level=0.9)
    assert less["conf_high"].to_numpy() == pytest.approx(both["conf_high"])
    assert more["conf_low"].to_numpy() == pytest.approx(both["conf_low"])
    assert less["notes"][0].startswith("tested against 0.2; one-sided (less)")


def test_two_arms_are_a_family_of_one():
    fit = bw.ols("pain ~ base + arm", arms(4, 2))
    alone = fit.contrasts("arm")
    for adjust in ("holm", "sidak", "dunnett"):
        found = fit.contrasts("arm", adjust=adjust)
        pd.testing.assert_frame_equal(found[list(alone)], alone)


@pytest.mark.parametrize(
    ("choices", "remedy"),
    [
        ({"adjust": "tukey"}, "method='pairwise'"),
        ({"adjust": "tukey", "method": "consecutive"}, "method='pairwise'"),
        ({"adjust": "tukey", "method": {"own": [1, -0.5, -0.5]}}, "weights of one's own"),
        ({"adjust": "dunnett", "method": "pairwise"}, "adjust='tukey'"),
        ({"adjust": "tukey", "method": "pairwise", "alternative": "less"}, "adjust='sidak'"),
        ({"adjust": "scheffe"}, "it is one of none, holm"),
        ({"alternative": "two.sided"}, "it is one of two-sided"),
        ({"null": float("inf")}, "one finite number"),
        ({"null": "4"}, "one finite number"),
        ({"null": [1.0]}, "one finite number"),
        ({"level": 95}, "such as 0.95"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_remedy(choices, remedy):
    fit = bw.ols("pain ~ base + arm", arms(5, 3))
    with pytest.raises(UsageError) as raised:
        fit.contrasts("arm", **choices)
    assert remedy in str(raised.value)


def test_contrasts_of_an_exact_fit_have_no_test():
    frame = pd.DataFrame({"arm": list("aabbcc"), "y": [1.0, 1.0, 2.0, 2.0, 4.0, 4.0]})
    found = bw.ols("y ~ arm", frame).contrasts("arm", adjust="dunnett", alternative="less")
    assert found["estimate"].tolist() == pytest.approx([1.0, 3.0])
    assert found[["p_value", "conf_low", "conf_high", "statistic"]].isna().all(axis=None)


# Two one-sided tests.


@pytest.mark.parametrize("name", cases("equivalence"))
def test_the_stored_equivalence_of_r(name):
    case = stored(name)
    found = bw.equivalence(**case["call"]["arguments"])
    row = case["tables"]["tost"][0]
    assert held(found.iloc[0], row, case["tolerance"]) == 7
    assert bool(found["equivalent"][0]) == row["equivalent"]
    assert found["label"][0] == row["label"]


def test_equivalence_of_a_fits_contrasts_is_that_of_its_90_percent_interval():
    fit = bw.ols("pain ~ base + arm", arms(6, 3))
    found = bw.equivalence(fit.contrasts("arm"), low=-1.2, high=0.6)
    wanted = fit.contrasts("arm", level=0.9)
    assert found["conf_low"].to_numpy() == pytest.approx(wanted["conf_low"])
    inside = (wanted["conf_low"] > -1.2) & (wanted["conf_high"] < 0.6)
    assert found["equivalent"].tolist() == inside.tolist()
    less = fit.contrasts("arm", null=0.6, alternative="less")["p_value"]
    assert found["p_high"].to_numpy() == pytest.approx(less)


def test_an_estimate_without_a_standard_error_has_no_answer():
    frame = pd.DataFrame({"estimate": [0.1, 0.2], "std_error": [np.nan, 0.1], "df": [np.nan, 9]})
    found = bw.equivalence(frame, low=-1, high=1)
    assert found["equivalent"].isna().tolist() == [True, False]
    assert np.isnan(found["p_value"][0])


@pytest.mark.parametrize(
    ("frame", "choices", "message"),
    [
        ({"estimate": 1.5, "std_error": 0.2, "quantity": "odds_ratio"}, {}, "logarithm"),
        ({"estimate": 1.5, "std_error": 0.2, "conf_low": 1.0, "conf_high": 2.25}, {}, "logarithm"),
        ({"estimate": 1.5}, {}, "no std_error"),
        ({"estimate": 1.5, "std_error": 0.2, "p_low": 0.1}, {}, "already"),
        ({"estimate": 1.5, "std_error": 0.2, "df": -3}, {}, "not above 0"),
        ({"estimate": 1.5, "std_error": 0.2}, {"low": 2}, "low below high"),
        ({"estimate": 1.5, "std_error": 0.2}, {"alpha": 0.5}, "between 0 and 0.5"),
        ({"estimate": 1.5, "std_error": 0.2}, {"high": np.inf}, "finite"),
        ([1.0, 2.0], {}, "expected a pandas DataFrame"),
    ],
)
def test_estimates_that_cannot_be_equivalent_are_refused(frame, choices, message):
    with pytest.raises(UsageError, match=message):
        bw.equivalence(frame, **{"low": -1, "high": 1, **choices})


def test_no_variation_is_no_equivalence():
    with pytest.raises(NotEstimable, match="not above 0"):
        bw.equivalence({"estimate": 0.0, "std_error": 0.0}, low=-1, high=1)
