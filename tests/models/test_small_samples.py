"""Small-sample tests of risks, rates and ordered categories, and the committed tables of errors."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import optimize, special, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

import backwalk_stats as bw
from backwalk_stats.engine.discrete import negative_binomial
from backwalk_stats.errors import NotEstimable, UsageError

OTHER_SEED, SETS = 7, 150


def trial(seed: int, per_arm: int = 13) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 2 * per_arm
    arm = pd.Categorical(np.repeat(["forward", "backward"], per_arm), ["forward", "backward"])
    base, months = rng.normal(size=n), rng.uniform(6.0, 12.0, n)
    falls = rng.poisson(0.3 * months * np.exp(0.3 * base) * rng.gamma(1.0, 1.0, n))
    hidden = 0.8 * base + rng.logistic(size=n)
    return pd.DataFrame(
        {
            "arm": arm,
            "base": base,
            "months": months,
            "falls": falls,
            "able": (hidden > 0.0).astype(int),
            "change": np.digitize(hidden, [-1.5, 0.0, 1.5]) + 1,
        }
    )


def row(found: pd.DataFrame, quantity: str) -> pd.Series:
    return found[found["quantity"] == quantity].iloc[0]


DOORS: dict[str, tuple[Any, str, dict[str, str], dict[str, str]]] = {
    "risk": (bw.adjusted_risk, "risk_difference", {"outcome": "able"}, {}),
    "rate": (
        bw.rate_ratio,
        "rate_ratio",
        {"outcome": "falls", "exposure": "months"},
        {"dispersion": "cox-reid", "limits": "profile"},
    ),
    "ordinal": (bw.ordinal, "odds_ratio", {"outcome": "change"}, {"limits": "profile"}),
    "score": (bw.ordinal, "odds_ratio", {"outcome": "change"}, {"limits": "score"}),
}


@pytest.mark.parametrize("name", DOORS)
def test_p_and_limits_come_of_one_distribution(name):
    """The limits at level 1 - p end at no difference."""
    door, quantity, columns, choice = DOORS[name]
    data = trial(3)
    asked = {"arm": "arm", "covariates": "base", **columns, **choice, "df": "residual"}
    first = row(door(data, **asked), quantity)
    parameters = {"risk": 3, "rate": 3, "ordinal": 5, "score": 5}[name]
    assert first["df"] == len(data) - parameters
    again = row(door(data, **asked, level=1.0 - first["p_value"]), quantity)
    none = 0.0 if quantity == "risk_difference" else 1.0
    nearest = min(again["conf_low"], again["conf_high"], key=lambda end: abs(end - none))
    assert nearest == pytest.approx(none, abs=1e-6)
    usual = row(door(data, arm="arm", covariates="base", **columns), quantity)
    assert first["p_value"] > usual["p_value"]
    assert not any("small arms" in one for one in door(data, **asked)["notes"].iloc[[0]])


def test_the_variance_of_a_risk_difference_has_its_own_df():
    data = trial(4)
    asked: Any = {"outcome": "able", "arm": "arm", "covariates": "base"}
    usual, small = (row(bw.adjusted_risk(data, **asked, df=one), "risk_difference")
                    for one in ("normal", "residual"))  # fmt: skip
    error = usual["std_error"] * np.sqrt(25.0 / 23.0)
    assert small["std_error"] == pytest.approx(error, rel=1e-12)
    t = usual["estimate"] / error
    assert small["p_value"] == pytest.approx(2.0 * stats.t.sf(abs(t), 23.0), rel=1e-10)
    assert small["conf_high"] == pytest.approx(
        small["estimate"] + stats.t.ppf(0.975, 23.0) * error, rel=1e-10
    )


def _log_likelihood(y: np.ndarray, mu: np.ndarray, alpha: float) -> float:
    each = stats.nbinom.logpmf(y, 1.0 / alpha, 1.0 / (1.0 + alpha * mu))
    return float(np.sum(each))


@pytest.mark.parametrize("seed", [1, 5, 6])
def test_rates_by_a_plain_search(seed):
    """Cox and Reid's dispersion and the profile of the ratio, from statsmodels' fits alone."""
    data = trial(seed)
    y, arm = data["falls"].to_numpy(float), data["arm"].cat.codes.to_numpy(float)
    x = np.column_stack([np.ones(len(y)), arm, data["base"]])
    offset = np.log(data["months"].to_numpy())

    def means(alpha: float, design: np.ndarray, off: np.ndarray) -> np.ndarray:
        family = sm.families.NegativeBinomial(alpha=alpha)
        fit = sm.GLM(y, design, family=family, offset=off).fit(tol=1e-13, maxiter=300)
        return np.asarray(fit.mu)

    def lack(log_alpha: float) -> float:
        alpha = float(np.exp(log_alpha))
        mu = means(alpha, x, offset)
        information = (x * (mu / (1.0 + alpha * mu))[:, None]).T @ x
        return 0.5 * float(np.linalg.slogdet(information)[1]) - _log_likelihood(y, mu, alpha)

    best = optimize.minimize_scalar(lack, bounds=(-4.0, 3.0), method="bounded",
                                    options={"xatol": 1e-9})  # fmt: skip
    alpha = float(np.exp(best.x))
    found = bw.rate_ratio(
        data, outcome="falls", arm="arm", exposure="months", covariates="base",
        dispersion="cox-reid", limits="profile", df="residual",
    )  # fmt: skip
    assert row(found, "dispersion")["estimate"] == pytest.approx(alpha, rel=1e-5)
    ratio = row(found, "rate_ratio")
    most = _log_likelihood(y, means(alpha, x, offset), alpha)

    def fall(log_ratio: float) -> float:
        held = means(alpha, x[:, [0, 2]], offset + arm * log_ratio)
        return 2.0 * (most - _log_likelihood(y, held, alpha))

    assert ratio["p_value"] == pytest.approx(stats.f.sf(fall(0.0), 1, 23), rel=1e-4)
    for end in ("conf_low", "conf_high"):
        assert fall(np.log(ratio[end])) == pytest.approx(stats.f.ppf(0.95, 1, 23), rel=1e-4)


def test_the_slope_of_the_adjustment_is_that_of_differences():
    data = trial(8)
    y = data["falls"].to_numpy(float)
    x = np.column_stack([np.ones(len(y)), data["arm"].cat.codes, data["base"]])

    def determinant(alpha: float) -> tuple[float, np.ndarray]:
        family = sm.families.NegativeBinomial(alpha=alpha)
        mu = np.asarray(sm.GLM(y, x, family=family).fit(tol=1e-14, maxiter=300).mu)
        return -0.5 * np.linalg.slogdet((x * (mu / (1.0 + alpha * mu))[:, None]).T @ x)[1], mu

    for alpha in (0.2, 1.0, 3.0):
        h = 1e-4 * alpha
        rough = (determinant(alpha + h)[0] - determinant(alpha - h)[0]) / (2.0 * h)
        found = negative_binomial.adjustment_slope(x=x, y=y, mu=determinant(alpha)[1], alpha=alpha)
        assert found == pytest.approx(rough, rel=1e-5)


def test_ordered_categories_by_the_likelihoods_of_statsmodels():
    data = trial(9)
    design = np.column_stack([data["arm"].cat.codes, data["base"]]).astype(float)
    fits = [
        OrderedModel(data["change"], one, distr="logit").fit(method="bfgs", disp=0, gtol=1e-8)
        for one in (design, design[:, 1:])
    ]
    found = row(
        bw.ordinal(
            data, outcome="change", arm="arm", covariates="base", limits="profile", df="residual"
        ),
        "odds_ratio",
    )
    statistic = 2.0 * (fits[0].llf - fits[1].llf)
    assert found["statistic"] ** 2 == pytest.approx(statistic, abs=1e-6)
    assert found["p_value"] == pytest.approx(stats.f.sf(statistic, 1, 21), rel=1e-5)


def test_the_score_test_of_an_odds_ratio_by_differences_of_a_plain_likelihood():
    data = trial(9)
    arm, base = data["arm"].cat.codes.to_numpy(float), data["base"].to_numpy()
    y = data["change"].to_numpy() - 1

    def lack(at: np.ndarray) -> float:
        edges = np.concatenate([[-np.inf], at[:3], [np.inf]])
        shift = at[3] * arm + at[4] * base
        chance = special.expit(edges[y + 1] - shift) - special.expit(edges[y] - shift)
        return -float(np.log(np.maximum(chance, 1e-300)).sum())

    def held(value: float) -> float:
        def lack_of(at: np.ndarray) -> float:
            return lack(np.array([*at[:3], value, at[3]]))

        free = optimize.minimize(
            lack_of,
            np.array([-1.0, 0.0, 1.0, 0.5]),
            method="Nelder-Mead",
            options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 20_000},
        ).x
        at = np.array([*free[:3], value, free[3]])
        e = 1e-4 * np.eye(5)
        slope = np.array([(lack(at + d) - lack(at - d)) / 2e-4 for d in e])
        bend = np.array([[(lack(at + d + f) - lack(at + d - f) - lack(at - d + f)
                           + lack(at - d - f)) / 4e-8 for f in e] for d in e])  # fmt: skip
        return float(slope @ np.linalg.solve(bend, slope))

    found = row(
        bw.ordinal(
            data, outcome="change", arm="arm", covariates="base", limits="score", df="residual"
        ),
        "odds_ratio",
    )
    assert found["statistic"] ** 2 == pytest.approx(held(0.0), rel=1e-4, abs=1e-7)
    for end in ("conf_low", "conf_high"):
        assert held(np.log(found[end])) == pytest.approx(stats.f.ppf(0.95, 1, 21), rel=1e-3)


def test_what_cannot_be_answered_is_refused():
    data = trial(2)
    with pytest.raises(UsageError, match="rests on the likelihood"):
        bw.rate_ratio(
            data, outcome="falls", arm="arm", exposure="months", vcov="hc3", limits="profile"
        )
    few = pd.DataFrame({"arm": pd.Categorical(list("abab")), "change": [1, 2, 3, 4]})
    with pytest.raises(NotEstimable, match="no degree of freedom"):
        bw.ordinal(few.iloc[[0, 2, 1, 3]].assign(change=[1, 3, 2, 4]), outcome="change", arm="arm",
                   df="residual")  # fmt: skip


# The committed tables of errors.


@pytest.fixture(scope="module")
def simulation(root):
    folder = root / "benchmarks"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        found = {}
        for name in ("discrete_error_rates", "small_sample_rates", "nested_error_rates"):
            spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            patch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
            found[name] = module
        yield found


def committed(root, name: str) -> pd.DataFrame:
    return pd.read_csv(root / "docs" / "methods" / f"{name}.csv")


def too_many(table: pd.DataFrame, chance: float = 1e-4) -> pd.DataFrame:
    """Return the rows with more errors than chance gives at a true rate of 0.05."""
    sets = np.round(table["data_sets"] * (1.0 - table["none"]))
    return table[np.round(table["error"] * sets) > stats.binom.ppf(1.0 - chance, sets, 0.05)]


CHOSEN = {
    "adjusted_risk": "ye_decomposed, residual",
    "rate_ratio": "cox-reid, profile, residual",
    "ordinal": "score, residual",
}


def test_the_ways_of_trials_hold_their_level_in_the_committed_table(root, simulation):
    table = committed(root, "small_sample_rates")
    cases = simulation["small_sample_rates"].CASES
    assert list(table.drop_duplicates(["model", "per_arm", "data"])["data"]) == [
        one.name for one in cases
    ]
    chosen = table[table["way"] == table["model"].map(CHOSEN)]
    assert len(chosen) == len(cases)
    assert too_many(chosen).empty
    defaults = table[table["way"].isin(["likelihood, model, normal", "ye_decomposed, normal"])]
    assert not too_many(defaults[defaults["per_arm"] == 13]).empty


@pytest.mark.parametrize("model", CHOSEN)
def test_the_ways_of_the_table_are_those_of_the_doors(model, simulation):
    module = simulation["small_sample_rates"]
    case = next(one for one in module.CASES if one.model == model)
    data = case.draw(np.random.default_rng(3), case.effect)
    fast = module.tried(case, data, case.effect)
    for way, choice in case.ways.items():
        found = row(getattr(bw, model)(data, arm="arm", **case.columns, **choice), case.quantity)
        held = found["conf_low"] <= case.truth(case.effect) <= found["conf_high"]
        assert fast[way] == (float(found["p_value"] <= 0.05), float(held)), way


@pytest.mark.slow
@pytest.mark.parametrize("model", CHOSEN)
def test_new_data_sets_of_the_ways_of_trials(model, simulation):
    module = simulation["small_sample_rates"]
    case = next(one for one in module.CASES if one.model == model)
    found = module.rates(case, SETS, seed=OTHER_SEED)
    assert too_many(found[found["way"] == CHOSEN[model]], chance=1e-5).empty


def test_nested_models_hold_what_the_document_says(root, simulation):
    table = committed(root, "nested_error_rates")
    module = simulation["nested_error_rates"]
    assert list(table["design"].unique()) == list(module.DESIGNS)
    assert set(table["method"]) == set(module.METHODS)
    held = table[table["method"].str.startswith("Kenward-Roger")]
    assert too_many(held).empty


@pytest.mark.slow
@pytest.mark.parametrize("name", ["3 therapists in each arm, variance 0.25",
                                  "both knees twice, variance 0.25"])  # fmt: skip
def test_new_data_sets_of_nested_models(name, simulation):
    found = simulation["nested_error_rates"].rates(name, SETS, seed=OTHER_SEED)
    assert too_many(found[found["method"] != "Satterthwaite"], chance=1e-5).empty
