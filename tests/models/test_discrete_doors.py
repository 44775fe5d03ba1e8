"""Risks, rates, ordered categories and estimating equations: promises, oracles, refusals."""

from __future__ import annotations

import itertools
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import backwalk_stats as bw
from backwalk_stats.engine.discrete import negative_binomial
from backwalk_stats.engine.discrete.risks import recedes
from backwalk_stats.engine.linear.firth import firth_fit
from backwalk_stats.errors import NotEstimable, UsageError
from backwalk_stats.trial.tables import ESTIMATES

ARM: dict[str, Any] = {"arm": "arm", "reference": "forward"}
RISK: dict[str, Any] = {"outcome": "able", **ARM}
DOORS: dict[str, Any] = {
    "adjusted_risk": (bw.adjusted_risk, {**RISK, "covariates": ["base", "site"]}),
    "stratified_risk": (bw.stratified_risk, {**RISK, "strata": "site"}),
    "rate_ratio": (
        bw.rate_ratio, {"outcome": "falls", "exposure": "months", "covariates": "base", **ARM},
    ),
    "ordinal": (bw.ordinal, {"outcome": "grade", "covariates": "base", **ARM}),
    "paired_proportions": (bw.paired_proportions, {"before": "was", "after": "able", "arm": "arm"}),
}  # fmt: skip
COMPARED = [name for name in DOORS if name != "paired_proportions"]


def trial(n: int = 44, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    base = rng.normal(size=n)
    return pd.DataFrame(
        {
            "id": [f"person-{at}" for at in range(n)],
            "arm": np.resize(["forward", "backward"], n),
            "site": np.resize(["n", "n", "s", "s"], n),
            "base": base.round(2),
            "was": (rng.uniform(size=n) < 0.4).astype(int),
            "able": (rng.uniform(size=n) < 1 / (1 + np.exp(-base))).astype(int),
            "months": rng.uniform(4, 12, n).round(1),
            "falls": rng.negative_binomial(1, 0.3, n),
            "grade": np.digitize(base + rng.logistic(size=n), [-1.0, 0.3, 1.5]) + 1,
        }
    )


def run(name: str, frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    door, columns = DOORS[name]
    return door(frame, **{**columns, **choices})


def number(frame: pd.DataFrame, column: str = "estimate", **labels: str) -> float:
    own = frame[np.logical_and.reduce([frame[name] == one for name, one in labels.items()])]
    return float(own[column].item())


# ----- what every door promises -----


@pytest.mark.parametrize("name", DOORS)
def test_order_and_index_of_rows_do_not_matter(name):
    shuffled = trial().sample(frac=1.0, random_state=2)
    shuffled.index = pd.Index([0] * len(shuffled))
    first, other = run(name, trial()), run(name, shuffled)
    if name == "paired_proportions":  # arms stand by their names, not by their rows
        assert first["arm"].unique().tolist() == ["backward", "forward"]
    pd.testing.assert_frame_equal(first, other, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", DOORS)
def test_columns_of_a_frame_and_no_person(name):
    found = run(name, trial(), participant="id")
    labels = ["quantity", "contrast", "arm", *(["term"] if name == "ordinal" else [])]
    start = [*labels, *ESTIMATES]
    assert found.columns.tolist()[: len(start)] == start
    assert found.columns[-1] == "notes"
    assert "person-" not in found.to_string()


@pytest.mark.parametrize("name", DOORS)
def test_rows_left_out_are_told_by_arm(name):
    outcome = {"rate_ratio": "falls", "ordinal": "grade"}.get(name, "able")
    frame = trial().astype({outcome: float})
    frame.loc[[0, 1, 2], outcome] = np.nan
    found = run(name, frame)
    told = "3 rows left out, a value is missing: "
    assert found["notes"].str.contains(told).all()
    assert found["notes"].str.contains("forward 2").all()
    pd.testing.assert_frame_equal(
        found.drop(columns="notes"),
        run(name, frame.iloc[3:]).drop(columns="notes"), rtol=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize("name", COMPARED)
def test_the_other_reference_turns_differences_and_ratios(name):
    ahead, back = run(name, trial()), run(name, trial(), reference="backward")
    for quantity in ("risk_difference", "risk_ratio", "odds_ratio", "rate_ratio"):
        one, two = (found[found["quantity"] == quantity].iloc[:1] for found in (ahead, back))
        if not len(one):
            continue
        assert two["contrast"].item() == "forward - backward"
        low, high = one["conf_low"].item(), one["conf_high"].item()
        turned = (-high, -low) if quantity == "risk_difference" else (1 / high, 1 / low)
        assert (two["conf_low"].item(), two["conf_high"].item()) == pytest.approx(turned, rel=1e-6)
        assert two["p_value"].item() == pytest.approx(one["p_value"].item(), rel=1e-6)


@pytest.mark.parametrize("name", COMPARED)
def test_three_arms_are_each_compared_with_the_reference(name):
    frame = trial(66)
    frame["arm"] = np.resize(["forward", "backward", "control"], 66)
    found = run(name, frame)
    pairs = [one for one in found["contrast"].unique() if one]
    assert pairs == ["backward - forward", "control - forward"]


# ----- adjusted risks -----


def test_without_covariates_risks_are_those_of_the_table():
    frame = trial()
    found = bw.adjusted_risk(frame, **RISK)
    y = [frame.loc[frame["arm"] == arm, "able"] for arm in ("forward", "backward")]
    assert number(found, quantity="risk", arm="forward") == pytest.approx(y[0].mean())
    error = np.sqrt(sum(one.var() / len(one) for one in y))
    assert number(found, "std_error", quantity="risk_difference") == pytest.approx(error, rel=1e-9)


def test_a_covariate_that_says_nothing_changes_little_and_a_strong_one_narrows():
    frame = trial(400, seed=8).assign(noise=np.random.default_rng(1).normal(size=400))
    plain = bw.adjusted_risk(frame, **RISK)
    narrow = bw.adjusted_risk(frame, **RISK, covariates="base")
    error = [number(one, "std_error", quantity="risk_difference") for one in (plain, narrow)]
    idle = bw.adjusted_risk(frame, **RISK, covariates="noise")
    assert error[1] < 0.97 * error[0]
    assert number(idle, "std_error", quantity="risk_difference") == pytest.approx(
        error[0], rel=0.01
    )


def test_an_arm_in_which_everyone_responds_has_no_standard_error():
    frame = trial()
    frame.loc[frame["arm"] == "backward", "able"] = 1
    found = bw.adjusted_risk(frame, **RISK, covariates="base")
    own = found[(found["arm"] == "backward")]
    assert own[["std_error", "conf_low", "conf_high", "p_value"]].isna().all(axis=None)
    assert own["notes"].str.contains("everyone or no one in backward has the outcome").all()
    assert found["notes"].str.contains("separated: ").all()
    assert np.isfinite(number(found, "std_error", quantity="risk", arm="forward"))
    with pytest.raises(NotEstimable, match=r"^able is the same in every row: there are no risks"):
        bw.adjusted_risk(frame.assign(able=1), **RISK)


@pytest.mark.parametrize("seed", [0, 1, 2, 14])  # at 14 steps of full length turn in a circle
def test_firth_has_a_maximum_in_the_smallest_trials(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(6, 14))
    x = np.column_stack([np.ones(n), np.resize([0.0, 1.0], n), rng.normal(size=(n, 2)).round(1)])
    y = (rng.uniform(size=n) < 0.5).astype(float)
    fit = firth_fit(y=y, x=x)
    p = 1.0 / (1.0 + np.exp(-x @ fit.beta))
    q = np.linalg.qr(x * np.sqrt(p * (1.0 - p))[:, None])[0]
    score = x.T @ (y - p + (q**2).sum(axis=1) * (0.5 - p))
    assert np.abs(score).max() < 1e-8


def test_small_arms_are_told():
    assert bw.adjusted_risk(trial(26), **RISK)["notes"].str.contains("small arms").all()
    assert not bw.adjusted_risk(trial(120), **RISK)["notes"].str.contains("small arms").any()


def test_recession_is_what_a_search_over_directions_finds():
    rng = np.random.default_rng(12)
    angles = np.linspace(0.0, 2.0 * np.pi, 20_000)
    circle = np.column_stack([np.cos(angles), np.sin(angles)])
    seen = set()
    for _ in range(60):
        x = np.column_stack([np.ones(6), rng.integers(0, 4, 6)])
        rows = np.where(rng.uniform(size=6) < 0.5, 1.0, -1.0)[:, None] * x
        # the edges of the cone of directions are normal to rows
        edges = np.column_stack([-rows[:, 1], rows[:, 0]])
        products = np.vstack([circle, edges, -edges]) @ rows.T
        expected = bool(((products >= -1e-12).all(axis=1) & (products > 1e-9).any(axis=1)).any())
        assert recedes(rows) is expected
        seen.add(expected)
    assert seen == {True, False}


# ----- strata -----


def tables(frame: pd.DataFrame) -> np.ndarray:
    return np.array(
        [
            [
                [own.loc[own["arm"] == arm, "able"].sum(), (own["arm"] == arm).sum()]
                for arm in ("backward", "forward")
            ]
            for _, own in frame.groupby("site")
        ],
        dtype=float,
    )


def test_one_stratum_is_the_crude_table():
    frame = trial().assign(site="all")
    found = bw.stratified_risk(frame, **RISK, strata="site")
    (e, n), (e0, n0) = tables(frame)[0]
    assert number(found, quantity="risk_difference") == pytest.approx(e / n - e0 / n0)
    assert number(found, quantity="risk_ratio") == pytest.approx(e / n / (e0 / n0))
    assert number(found, quantity="odds_ratio") == pytest.approx(e * (n0 - e0) / (e0 * (n - e)))
    log_error = np.sqrt(1 / e - 1 / n + 1 / e0 - 1 / n0)  # Katz: what Greenland and Robins become
    error = number(found, "std_error", quantity="risk_ratio")
    assert error == pytest.approx(e / n / (e0 / n0) * log_error, rel=1e-12)


def test_risks_of_strata_give_their_difference_and_ratio():
    found = bw.stratified_risk(trial(), **RISK, strata="site")
    back, ahead = (number(found, quantity="risk", arm=arm) for arm in ("backward", "forward"))
    assert number(found, quantity="risk_difference") == pytest.approx(back - ahead)
    assert number(found, quantity="risk_ratio") == pytest.approx(back / ahead)


def test_an_excess_below_a_half_is_not_corrected():
    frame = pd.DataFrame(
        {
            "arm": ["forward"] * 10 + ["backward"] * 10,
            "able": [1] * 5 + [0] * 5 + [1] * 5 + [0] * 5,
            "site": ["n"] * 20,
        }
    )
    found = bw.stratified_risk(frame, **RISK, strata="site")
    assert number(found, "statistic", quantity="cmh_corrected") == 0.0


def test_strata_with_one_arm_do_not_count_and_ends_are_told():
    frame = trial()
    alone = frame.iloc[:6].assign(site="x", arm="forward")
    found = bw.stratified_risk(pd.concat([frame, alone]), **RISK, strata="site")
    assert found["notes"].str.contains("6 participants in strata without the other arm").all()
    assert number(found, quantity="odds_ratio") == pytest.approx(
        number(bw.stratified_risk(frame, **RISK, strata="site"), quantity="odds_ratio")
    )
    none = frame.assign(able=frame["able"].where(frame["arm"] == "forward", 0))
    ends = bw.stratified_risk(none, **RISK, strata="site").set_index("quantity")
    assert ends.loc["odds_ratio", "estimate"] == 0.0 == ends.loc["risk_ratio", "estimate"]
    assert ends.loc[["odds_ratio", "risk_ratio"], "std_error"].isna().all()
    told = "the ratio is 0: its logarithm has no standard error"
    assert told in str(ends.loc["odds_ratio", "notes"])
    with pytest.raises(NotEstimable, match=r"^no level of site has participants of both"):
        bw.stratified_risk(frame.assign(site=frame["arm"]), **RISK, strata="site")


# ----- before and after -----


def test_nobody_changed():
    frame = trial().assign(was=lambda f: f["able"])
    found = bw.paired_proportions(frame, before="was", after="able")
    own = found.set_index("quantity")
    assert own["arm"].unique().tolist() == ["all"]
    assert own.loc["mcnemar_exact", "p_value"] == 1.0
    assert own.loc[["odds_ratio"], "estimate"].isna().all()
    assert found["notes"].str.contains("nobody changed").all()


@pytest.mark.parametrize(("gained", "lost"), [(1, 0), (3, 3), (0, 7), (9, 2)])
def test_mcnemar_is_the_binomial(gained, lost):
    kept = 6
    frame = pd.DataFrame(
        {
            "was": [0] * gained + [1] * lost + [1] * kept,
            "able": [1] * gained + [0] * lost + [1] * kept,
        }
    )
    found = bw.paired_proportions(frame, before="was", after="able").set_index("quantity")
    test = stats.binomtest(gained, gained + lost)
    assert found.loc["mcnemar_exact", "p_value"] == pytest.approx(test.pvalue)
    share = test.proportion_ci()
    odds = [
        share.low / (1 - share.low),
        share.high / (1 - share.high) if share.high < 1 else np.inf,
    ]
    for name, limit in zip(("conf_low", "conf_high"), odds, strict=True):
        assert found.loc["odds_ratio", name] == pytest.approx(limit)
    middle = test.pvalue - stats.binom.pmf(gained, gained + lost, 0.5)
    assert found.loc["mcnemar_mid_p", "p_value"] == pytest.approx(middle)


# ----- rates -----


def test_the_slope_and_information_are_derivatives_of_the_likelihood():
    rng = np.random.default_rng(4)
    y, mu = rng.negative_binomial(1, 0.2, 30).astype(float), rng.uniform(1, 6, 30)
    h = 1e-5
    for alpha in (1e-3, 0.5, 3.0):
        low, high = (
            negative_binomial.log_likelihood(y=y, mu=mu, alpha=alpha * (1 + sign * h))
            for sign in (-1, 1)
        )
        slope = negative_binomial.dispersion_slope(y=y, mu=mu, alpha=alpha)
        assert slope == pytest.approx((high - low) / (2 * alpha * h), rel=1e-5, abs=1e-4)
    large = np.array([0.0, 200_000.0])
    for part in (0, 1):
        sums = [negative_binomial._sums(one, 0.7)[part][-1] for one in (large, large[1:] / 2)]
        j = np.arange(200_000)
        exact = (j / (1 + 0.7 * j)).sum() if part == 0 else -((j / (1 + 0.7 * j)) ** 2).sum()
        assert sums[0] == pytest.approx(exact, rel=1e-9)


def test_units_of_exposure_move_rates_and_nothing_else():
    frame = trial()
    one = run("rate_ratio", frame)
    two = run("rate_ratio", frame.assign(months=frame["months"] / 12.0))
    ratio = [number(found, quantity="rate_ratio") for found in (one, two)]
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-8)
    rates = [number(found, quantity="rate", arm="forward") for found in (one, two)]
    assert rates[1] == pytest.approx(12.0 * rates[0], rel=1e-8)


@pytest.mark.parametrize("way", [{}, {"dispersion": "cox-reid", "limits": "profile"}])
def test_p_without_an_event_is_that_of_all_arm_labels(way: dict[str, Any]):
    """Every allotment of the people to the arms, listed, at counts of wide spread."""
    counts = np.array([0, 0, 0, 0, 0, 9, 0, 3, 14, 0, 1])
    frame = pd.DataFrame({"y": counts, "arm": ["a"] * 5 + ["b"] * 6, "time": 1.0})
    columns: dict[str, Any] = {"outcome": "y", "arm": "arm", "exposure": "time", **way}
    columns["reference"] = "b"
    row = bw.rate_ratio(frame, **columns).set_index("quantity").loc["rate_ratio"]
    had = counts > 0
    splits = [had[list(own)].sum() for own in itertools.combinations(range(11), 5)]
    chance = {k: np.mean([one == k for one in splits]) for k in set(splits)}
    wanted = sum(p for p in chance.values() if p <= chance[0] * (1 + 1e-9))
    assert row["p_value"] == pytest.approx(wanted, rel=1e-9)
    assert row["estimate"] == 0.0 and np.isnan([row["conf_low"], row["conf_high"]]).all()


def test_a_likelihood_without_an_end_is_refused_in_words():
    """Two people an arm and a covariate leave one degree of freedom, and no limit."""
    frame = pd.DataFrame(
        {"y": [2, 0, 7, 1], "arm": list("abab"), "x": [1.0, 2.5, 2.0, 4.0], "time": 1.0}
    )
    columns: dict[str, Any] = {"outcome": "y", "arm": "arm", "exposure": "time", "reference": "a"}
    columns |= {"dispersion": "cox-reid", "limits": "profile", "df": "residual", "covariates": "x"}
    with pytest.raises(NotEstimable, match="flat"):
        bw.rate_ratio(frame, **columns)


def test_arms_without_an_event():
    frame = trial(66)
    frame["arm"] = np.resize(["forward", "backward", "control"], 66)
    frame.loc[frame["arm"] == "control", "falls"] = 0
    columns = {"outcome": "falls", "exposure": "months", **ARM}
    found = bw.rate_ratio(frame, **columns)
    two = bw.rate_ratio(frame[frame["arm"] != "control"], **columns)
    assert number(found, quantity="rate_ratio", arm="backward") == pytest.approx(
        number(two, quantity="rate_ratio"), rel=1e-9
    )
    own = found[(found["arm"] == "control") & (found["quantity"] == "rate_ratio")]
    assert own["estimate"].item() == 0.0 and "exact by arm labels" in own["notes"].item()
    alike = frame.assign(falls=(frame["falls"] > 0).astype(int))  # no more spread than Poisson
    found = bw.rate_ratio(alike, **columns)
    own = found[(found["arm"] == "control") & (found["quantity"] == "rate_ratio")]
    assert "exact conditional limits" in own["notes"].item()
    turned = bw.rate_ratio(alike, **{**columns, "reference": "control"})
    ends = turned[turned["quantity"] == "rate_ratio"]
    assert np.isinf(ends["estimate"]).all() and np.isinf(ends["conf_high"]).all()
    ahead = ends[ends["arm"] == "forward"]
    assert 1 / ahead["conf_low"].item() == pytest.approx(own["conf_high"].item(), rel=1e-9)
    with pytest.raises(NotEstimable, match=r"^no event in control: with covariates the ratio"):
        bw.rate_ratio(frame, **columns, covariates="base")
    with pytest.raises(NotEstimable, match=r"^no event in any arm: falls is 0 in every row"):
        bw.rate_ratio(frame.assign(falls=0), **columns)
    frame["site"] = np.where(frame["falls"] > 0, "n", frame["site"])
    alone = frame[frame["arm"] != "control"]
    with pytest.raises(NotEstimable, match=r"^a covariate tells people without an event apart"):
        bw.rate_ratio(alone, **columns, covariates="site")


@pytest.mark.parametrize("value", [-1, 1.5])
def test_counts_and_exposures_are_what_they_say(value):
    frame = trial().astype({"falls": float})
    frame.loc[3, "falls"] = value
    with pytest.raises(UsageError, match=r"^falls: expected counts, whole numbers .* 1 of 44 rows"):
        run("rate_ratio", frame)
    with pytest.raises(UsageError, match=r"^months: 1 of 44 values are not above 0, and an exp"):
        run("rate_ratio", trial().assign(months=lambda f: f["months"].where(f.index > 0, 0.0)))


# ----- ordered categories -----


def test_two_categories_are_logistic_regression():
    from statsmodels.discrete.discrete_model import Logit

    frame = trial().assign(grade=lambda f: f["able"])
    found = run("ordinal", frame)
    x = np.column_stack([np.ones(44), frame["arm"] == "backward", frame["base"]]).astype(float)
    fit = Logit(frame["able"], x).fit(disp=0)
    assert np.log(number(found, term="armbackward")) == pytest.approx(fit.params.iloc[1], rel=1e-6)
    assert number(found, "p_value", term="base") == pytest.approx(fit.pvalues.iloc[2], rel=1e-5)
    assert "two categories have one cut" in found.loc[found["term"] == "brant_test", "notes"].item()


def test_categories_turned_round_turn_the_odds():
    frame = trial()
    plain, turned = run("ordinal", frame), run("ordinal", frame.assign(grade=5 - frame["grade"]))
    assert number(turned, term="armbackward") == pytest.approx(
        1 / number(plain, term="armbackward"), rel=1e-7
    )
    for test in ("score_test", "brant_test"):
        one, two = (number(found, "statistic", term=test) for found in (plain, turned))
        assert one == pytest.approx(two, rel=1e-6)
    assert number(turned, term="raw") == pytest.approx(1 - number(plain, term="raw"))


WORDS = {1: "worse", 2: "same", 3: "better", 4: "much better"}


def test_the_order_of_text_is_never_taken():
    frame = trial()
    text = frame["grade"].map(WORDS)
    for held, what in (
        (text, "text"),
        (text.astype("category"), "a categorical that is not ordered"),
        ("grade " + frame["grade"].astype(str), "text"),
        (pd.Categorical(frame["grade"], [4, 2, 1, 3]), "a categorical that is not ordered"),
    ):
        with pytest.raises(UsageError, match=rf"^grade: it is {what}, which tells no order"):
            run("ordinal", frame.assign(grade=held))
    declared = pd.Categorical(text, list(WORDS.values()), ordered=True)
    found = run("ordinal", frame.assign(grade=declared))
    plain = run("ordinal", frame)
    assert found["estimate"].tolist() == pytest.approx(plain["estimate"].tolist(), nan_ok=True)
    assert (
        "grade: categories from low to high: worse, same, better, much better"
        in (found["notes"].iloc[0])
    )
    assert found["term"].tolist()[2:5] == ["worse|same", "same|better", "better|much better"]
    for same in (frame["grade"].astype(str), pd.Categorical(frame["grade"])):
        own = run("ordinal", frame.assign(grade=same))
        assert own["estimate"].tolist() == pytest.approx(plain["estimate"].tolist(), nan_ok=True)


def test_a_category_that_nobody_is_in_is_left_out_and_told():
    frame = trial()
    declared = pd.Categorical(frame["grade"], [1, 2, 3, 4, 5], ordered=True)
    found = run("ordinal", frame.assign(grade=declared))
    assert found["notes"].str.contains("grade: no row has 5; left out").all()


def test_separated_categories_are_refused():
    frame = trial().assign(grade=lambda f: 1 + (f["arm"] == "backward") * 1 + 0 * f["base"])
    with pytest.raises(NotEstimable, match=r"^the odds ratio has no maximum: an arm or a cov"):
        bw.ordinal(frame, outcome="grade", **ARM)
    with pytest.raises(NotEstimable, match=r"^grade is the same in every row: there are no odds"):
        bw.ordinal(frame.assign(grade=2), outcome="grade", **ARM)


# ----- estimating equations -----


def visits(seed: int = 6, n: int = 24, gaps: bool = True) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "id": np.repeat(np.arange(n), 4),
            "arm": pd.Categorical(
                np.repeat(["forward", "backward"], 2 * n), ["forward", "backward"]
            ),
            "week": np.tile([2, 4, 8, 12], n),
            "base": np.repeat(rng.normal(size=n).round(2), 4),
        }
    )
    own = np.repeat(rng.normal(size=n), 4)
    linear = 0.5 * frame["base"] + own - 0.03 * frame["week"]
    frame["able"] = (rng.uniform(size=4 * n) < 1 / (1 + np.exp(-linear))).astype(int)
    frame["stumbles"] = rng.poisson(np.exp(0.3 * linear))
    frame["pain"] = (linear + rng.normal(size=4 * n)).round(2)
    return frame[rng.uniform(size=4 * n) < 0.8].reset_index(drop=True) if gaps else frame


def fitted(frame: pd.DataFrame, **choices: Any) -> Any:
    given = {"participant": "id", "family": "binomial", **choices}
    outcome = {"binomial": "able", "poisson": "stumbles", "gaussian": "pain"}[given["family"]]
    return bw.gee(f"{outcome} ~ arm + week + base", frame, **given)


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
@pytest.mark.parametrize("correlation", ["independence", "exchangeable"])
def test_statsmodels_agrees_where_it_has_the_same(family, correlation):
    import statsmodels.api as sm

    frame = visits()
    kind = {"gaussian": sm.families.Gaussian, "binomial": sm.families.Binomial,
            "poisson": sm.families.Poisson}[family]()  # fmt: skip
    shape = {"independence": sm.cov_struct.Independence, "exchangeable": sm.cov_struct.Exchangeable}
    own = fitted(frame, family=family, correlation=correlation, vcov="robust", df="normal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = sm.GEE(own.y, own.x, frame["id"], family=kind, cov_struct=shape[correlation]())
        found = other.fit(ctol=1e-12, maxiter=500)
        corrected = other.fit(ctol=1e-12, maxiter=500, cov_type="bias_reduced")
    assert own.params.tolist() == pytest.approx(list(found.params), rel=1e-7)
    assert own.bse.tolist() == pytest.approx(list(found.bse), rel=1e-6)
    mancl = fitted(frame, family=family, correlation=correlation, vcov="mancl-derouen")
    assert mancl.bse.tolist() == pytest.approx(list(corrected.bse), rel=1e-6)


def test_the_order_of_rows_does_not_matter_and_that_of_visits_is_told():
    frame = visits()
    shuffled = frame.sample(frac=1.0, random_state=3)
    for correlation in ("exchangeable", "ar1"):
        one, two = (fitted(f, correlation=correlation) for f in (frame, shuffled))
        assert one.params.tolist() == pytest.approx(two.params.tolist(), rel=1e-8)
        assert one.bse.tolist() == pytest.approx(two.bse.tolist(), rel=1e-8)
    assert "correlation ar1: rows in the order of week, which alone tells them apart" in (
        two.stats.notes
    )
    named = fitted(frame, correlation="ar1", visit="week")
    assert named.params.tolist() == pytest.approx(one.params.tolist(), rel=1e-10)


def test_visits_of_ar1_are_never_ordered_by_the_alphabet():
    frame = visits()
    numbered = frame.assign(week="Week " + frame["week"].astype(str))
    words = {2: "start", 4: "early", 8: "late", 12: "end"}
    plain = fitted(frame.assign(week=frame["week"].astype("category")), correlation="ar1")
    found = fitted(numbered, correlation="ar1")
    assert found.bse.tolist() == pytest.approx(plain.bse.tolist(), rel=1e-9)
    assert any("text put in the order of the numbers" in note for note in found.stats.notes)
    with pytest.raises(UsageError, match=r"^week: correlation ar1 needs the order of the visits"):
        fitted(frame.assign(week=frame["week"].map(words)), correlation="ar1")
    with pytest.raises(UsageError, match=r"^correlation ar1 needs .* has no column .* give visit="):
        bw.gee("able ~ arm + base", frame, "id", family="binomial", correlation="ar1")
    with pytest.raises(UsageError, match=r"repeat the same id and week"):
        fitted(pd.concat([frame, frame.iloc[:1]]), visit="week")


def test_a_gap_keeps_its_distance():
    frame = visits(gaps=False)
    frame = frame[~((frame["week"] == 4) & (frame["id"] % 2 == 0))]
    near = fitted(frame[frame["week"] != 4], correlation="ar1", visit="week")
    declared = pd.Categorical(frame["week"], [2, 4, 8, 12], ordered=True)
    far = fitted(
        frame.assign(visit=declared)[frame["week"] != 4], correlation="ar1", visit="visit",
        working="geepack",
    )  # fmt: skip
    assert near.stats.alpha != pytest.approx(far.stats.alpha, rel=1e-3)
    assert any("visits without a row counted" in note for note in far.stats.notes)


def test_means_and_contrasts_by_the_response():
    fit = fitted(visits())
    link, response = fit.contrasts("arm"), fit.contrasts("arm", scale="response")
    assert response["estimate"].tolist() == pytest.approx(np.exp(link["estimate"]).tolist())
    assert response["p_value"].tolist() == link["p_value"].tolist()
    means = fit.marginal_means("arm", scale="response")
    assert ((means["conf_low"] > 0) & (means["conf_high"] < 1)).all()
    assert fit.fitted().tolist() == pytest.approx(fit.predict()["estimate"].tolist())
    assert fit.residuals().sum() == pytest.approx((fit.y - fit.fitted()).sum())
    with pytest.raises(UsageError, match="estimating equations have no likelihood"):
        _ = fit.llf


def test_offsets_are_exposures():
    frame = visits().assign(months=lambda f: 1.0 + f["id"] % 5)
    fit = bw.gee("stumbles ~ arm + offset(log(months))", frame, "id", family="poisson",
                 correlation="independence")  # fmt: skip
    rates = frame.groupby("arm", observed=True)[["stumbles", "months"]].sum()
    ratio = (rates["stumbles"] / rates["months"]).loc[["backward", "forward"]]
    assert np.exp(fit.params["armbackward"]) == pytest.approx(
        ratio.iloc[0] / ratio.iloc[1], rel=1e-9
    )


def test_what_gee_cannot_answer():
    frame = visits()
    with pytest.raises(UsageError, match=r"^gee has no random effects"):
        bw.gee("able ~ arm + (1 | id)", frame, "id", family="binomial")
    with pytest.raises(UsageError, match=r"^able: expected true and false, or 1 and 0"):
        fitted(frame.assign(able=frame["able"] + 1))
    with pytest.raises(UsageError, match=r"^stumbles: expected counts"):
        fitted(frame.assign(stumbles=frame["stumbles"] + 0.5), family="poisson")
    with pytest.raises(NotEstimable, match=r"^separated: a term tells apart"):
        fitted(frame.assign(able=(frame["arm"] == "backward").astype(int)))
    with pytest.raises(NotEstimable, match=r"^4 participants and 4 coefficients"):
        fitted(frame[frame["id"].isin([0, 1, 12, 13])], family="gaussian")
    alone = frame.assign(one=(frame["id"] == 3).astype(float))
    for vcov in ("mancl-derouen", "kauermann-carroll"):
        with pytest.raises(NotEstimable, match=rf"determines a coefficient: {vcov} does not exist"):
            bw.gee("pain ~ arm + one", alone, "id", family="gaussian", vcov=vcov)
