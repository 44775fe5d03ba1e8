"""`lmm` with two random factors against lme4, lmerTest, pbkrtest and emmeans, and by properties."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.models.r_oracle import r_answers

VALUES = Path(__file__).resolve().parents[3] / "shared" / "reference" / "models2"
CASES = (
    "sites_nested_kr",
    "sites_nested_satterthwaite",
    "sites_nested_ml_satterthwaite",
    "therapists_crossed_kr",
    "therapists_crossed_satterthwaite",
    "therapists_singular_kr",
    "therapists_singular_satterthwaite",
    "two_knees_kr",
    "two_knees_satterthwaite",
)
TESTED = {"estimate": "estimate", "std_error": "std_error", "df": "df", "p_value": "p"}


@pytest.mark.parametrize("name", CASES)
def test_the_stored_values_of_r(name):
    path = VALUES / "values" / f"lmm__{name}.json"
    if not path.is_file():
        pytest.skip("the reference values of the models are not beside the project")
    case = json.loads(path.read_text(encoding="utf-8"))
    data = pd.read_csv(VALUES / case["data"])
    for column, levels in case["levels"].items():
        data[column] = pd.Categorical(data[column], categories=levels)
    fit = bw.lmm(data=data, **case["call"]["arguments"])
    tables, tolerance = case["tables"], case["tolerance"]
    held = fit.coefficients().set_index("term")
    compared(held.loc[[row["term"] for row in tables["coefficients"]]], tables["coefficients"])
    found = fit.contrasts("arm", at=case["prepare"]["at"])
    compared(found, tables["contrasts"])
    variances = fit.variance_parameters().set_index("group")["estimate"]
    for row in tables["variances"]:
        group = "" if row["term"] == "residual" else row["term"]
        assert variances[group] == pytest.approx(
            row["variance"], rel=tolerance["variance"], abs=1e-9
        )
    for row in tables["fit"]:
        got = {"log_likelihood": fit.stats.loglik, "singular": float(fit.stats.singular)}
        assert got[row["quantity"]] == pytest.approx(row["estimate"], rel=tolerance["loglik"])


def compared(found: pd.DataFrame, rows: list[dict[str, float]]) -> None:
    """Hold rows to those of R, each number to the tolerance of its kind."""
    limits = {"estimate": 1e-6, "std_error": 1e-5, "df": 1e-3, "p_value": 1e-4}
    for (_, own), row in zip(found.iterrows(), rows, strict=True):
        for name, limit in limits.items():
            assert own[name] == pytest.approx(row[name], rel=limit), name


def crossed(seed: int, *, people: int = 24, therapists: int = 5, visits: int = 3) -> pd.DataFrame:
    """Return a trial in which the therapist may change from visit to visit; some rows are lost."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), visits)
    week = np.tile(np.arange(visits) * 6.0, people)
    arm = np.where(who % 2, "forward", "backward")
    therapist = rng.integers(0, therapists, len(who))
    own, theirs = rng.normal(0, 1.2, people), rng.normal(0, 0.8, therapists)
    slope = rng.normal(0, 0.08, people)
    pain = (
        6.0 - 0.1 * week + own[who] + slope[who] * week + theirs[therapist]
        + rng.normal(0, 0.7, len(who))
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "id": [f"P{one:02d}" for one in who],
            "site": np.array(["north", "south", "west", "east"])[who % 4],
            "arm": pd.Categorical(arm, categories=["forward", "backward"]),
            "week": week,
            "therapist": [f"T{one}" for one in therapist],
            "weight": rng.uniform(0.5, 2.0, len(who)),
            "pain": pain,
        }
    )
    return frame[rng.random(len(frame)) > 0.1].reset_index(drop=True)


FORMULAS = {
    "crossed": "pain ~ arm * week + (1 | therapist) + (1 | id)",
    "slopes": "pain ~ arm * week + (week | id) + (1 | therapist)",
    "apart": "pain ~ arm * week + (week || id) + (1 | therapist)",
    "nested": "pain ~ arm * week + (1 | site/id)",
    "colon": "pain ~ arm + week + (1 | therapist) + (1 | site:arm)",
}
SCRIPT = """
trial$arm <- factor(trial$arm, levels = c("forward", "backward"))
for (key in names(FORMULAS)) {
  fit <- suppressMessages(suppressWarnings(lmer(as.formula(FORMULAS[[key]]), trial,
    weights = if (key == "crossed") weight else NULL,
    control = lmerControl(optimizer = "bobyqa",
                          optCtrl = list(rhobeg = 0.2, rhoend = 1e-10, maxfun = 1e5)))))
  effects <- as.data.frame(ranef(fit, condVar = TRUE))
  effects$grp <- as.character(effects$grp); effects$term <- as.character(effects$term)
  effects$grpvar <- as.character(effects$grpvar)
  kr <- if (key == "crossed") NULL else
    summary(fit, ddf = "Kenward-Roger")$coefficients[, c("Std. Error", "df")]
  out[[key]] <- list(coefficients = summary(fit)$coefficients, kr = kr, effects = effects,
                     loglik = as.numeric(logLik(fit)), fitted = unname(fitted(fit)),
                     singular = isSingular(fit, tol = 1e-4))
}
"""


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_trials_as_in_r(seed, tmp_path):
    data = crossed(seed)
    listed = ", ".join(f'{key} = "{text}"' for key, text in FORMULAS.items())
    answers = r_answers(
        f"\nFORMULAS <- list({listed})\n{SCRIPT}",
        {"trial": data},
        ("lme4", "lmerTest", "pbkrtest"),
        tmp_path,
    )
    for key, text in FORMULAS.items():
        theirs = answers[key]
        weights = "weight" if key == "crossed" else None
        fit = bw.lmm(text, data, weights=weights)
        # The better maximum wins: lme4 may stop short.
        assert fit.stats.loglik > theirs["loglik"] - 1e-6
        if theirs["singular"] or fit.stats.loglik > theirs["loglik"] + 1e-7:
            continue
        ours = fit.coefficients()[["estimate", "std_error", "df"]].to_numpy()
        np.testing.assert_allclose(ours, np.array(theirs["coefficients"])[:, :3], rtol=2e-4)
        np.testing.assert_allclose(fit.fitted(kind="conditional"), theirs["fitted"], rtol=1e-4)
        own = fit.random_effects().astype({"level": str})
        rows = pd.DataFrame(theirs["effects"]).astype({"grp": str})
        rows["grpvar"] = rows["grpvar"].str.replace(r"\.\d+$", "", regex=True)
        both = own.merge(
            rows, left_on=["group", "level", "term"], right_on=["grpvar", "grp", "term"]
        )
        assert len(both) == len(own)
        np.testing.assert_allclose(both["estimate"], both["condval"], atol=1e-4)
        np.testing.assert_allclose(both["std_error"], both["condsd"], rtol=1e-3)
        if theirs["kr"]:
            kr = bw.lmm(text, data, df="kenward-roger", information="expected")
            np.testing.assert_allclose(
                kr.coefficients()[["std_error", "df"]], theirs["kr"], rtol=2e-4
            )


def test_a_second_factor_without_variance_changes_nothing():
    data = crossed(5)
    data["pain"] -= data.groupby("therapist")["pain"].transform("mean")
    both = bw.lmm("pain ~ arm * week + (1 | therapist) + (1 | id)", data)
    one = bw.lmm("pain ~ arm * week + (1 | id)", data)
    assert both.stats.singular
    columns = ["estimate", "std_error", "df", "p_value"]
    pd.testing.assert_frame_equal(
        both.coefficients()[columns], one.coefficients()[columns], rtol=1e-6
    )
    assert both.stats.loglik == pytest.approx(one.stats.loglik, abs=1e-9)


def test_names_and_order_of_levels_do_not_matter():
    data = crossed(6)
    text = "pain ~ arm * week + (1 | therapist) + (week | id)"
    fit = bw.lmm(text, data)
    turned = data.sample(frac=1.0, random_state=1)
    turned["therapist"] = turned["therapist"].map(lambda one: 100 - int(one[1:]))
    again = bw.lmm(text, turned)
    pd.testing.assert_frame_equal(fit.coefficients(), again.coefficients(), rtol=1e-7)
    assert set(fit.covariance) == {"therapist", "id"}


def test_nesting_is_written_in_either_way():
    data = crossed(7)
    short = bw.lmm("pain ~ arm * week + (1 | site/id)", data)
    long = bw.lmm("pain ~ arm * week + (1 | site) + (1 | site:id)", data)
    pd.testing.assert_frame_equal(short.coefficients(), long.coefficients(), rtol=1e-9)
    assert short.stats.n_participants == data["id"].nunique()
    assert "random effects of 4 site and 24 id:site" in short.stats.notes


def test_a_face_names_both_factors_and_no_one():
    fit = bw.lmm("pain ~ arm * week + (1 | therapist) + (1 | id)", crossed(8))
    shown = repr(fit.summary()) + repr(fit) + fit._repr_html_()
    assert "by therapist" in shown
    assert "P01" not in shown
    assert "T1" not in shown


@pytest.mark.parametrize(
    ("formula", "arguments", "said"),
    [
        ("(1 | therapist) + (1 | id)", {"df": "between-within"}, "one grouping factor"),
        ("(1 | therapist) + (1 | id)", {"vcov": "robust-cr2"}, "fewer than 4"),
        ("(1 | one) + (1 | id)", {}, "one has one level"),
        ("(1 | row) + (1 | id)", {}, "cannot be told from the residual"),
        ("(1 | copy) + (1 | id)", {}, "cannot tell copy and id apart"),
    ],
)
def test_what_cannot_be_answered_is_refused(formula, arguments, said):
    data = crossed(9)
    data = data.assign(one="a", row=range(len(data)), copy=data["id"].str.lower())
    with pytest.raises(UsageError, match=said):
        bw.lmm(f"pain ~ arm * week + {formula}", data, **arguments)


def test_robust_errors_by_the_outer_factor_are_those_of_its_clusters():
    data = crossed(10)
    fit = bw.lmm("pain ~ arm * week + (1 | site/id)", data, vcov="robust-cr2")
    assert any("clusters are the 4 sets of rows" in note for note in fit.stats.notes)
    with pytest.raises(UsageError, match="not resampled"):
        bw.bootstrap(fit, "arm", replicates=5, seed=1)
