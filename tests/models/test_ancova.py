"""`ancova` against R's lm and emmeans, against six numbers an arm, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.summary.six_numbers import ancova_from_summaries
from backwalk_stats.errors import BackwalkError, NotEstimable
from backwalk_stats.models.arms.ancova import adjusted_means, ancova
from backwalk_stats.models.linear.ols import ols

FIELDS = ["estimate", "conf_low", "conf_high", "p_value", "std_error", "df", "statistic"]
COUNTS = ["n_arm", "n_reference", "dropped_arm", "dropped_reference"]
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("after ~ arm + before", {}),
    "covariates": ("after ~ arm + before + site + age", {"covariates": ["site", "age"]}),
    "slopes": ("after ~ arm * before", {"interactions": "before"}),
    "subgroups": (
        "after ~ arm * site + before + arm:age + age",
        {"covariates": ["site", "age"], "interactions": ["site", "age"]},
    ),
}
R = """
suppressMessages({library(jsonlite); library(emmeans)})
args <- commandArgs(TRUE)
data <- read.csv(args[1], stringsAsFactors = TRUE)
data$arm <- factor(data$arm, levels = c("usual", "forward", "backward"))
tidy <- function(grid, name) {
  frame <- as.data.frame(summary(grid, infer = TRUE))
  list(label = as.character(frame[[1]]), estimate = frame[[name]], std_error = frame$SE,
       df = frame$df, statistic = frame$t.ratio, p_value = frame$p.value,
       conf_low = frame$lower.CL, conf_high = frame$upper.CL)
}
one <- function(text) {
  fit <- lm(as.formula(text), data)
  # cov.reduce: covariates at their mean over the rows that the model uses.
  means <- suppressMessages(emmeans(fit, "arm", data = model.frame(fit)))
  list(means = tidy(means, "emmean"),
       contrasts = tidy(contrast(means, "trt.vs.ctrl", ref = 2, adjust = "none"), "estimate"))
}
cat(toJSON(lapply(fromJSON(args[2]), one), digits = NA, auto_unbox = TRUE))
"""


def trial(n: int = 61, seed: int = 31) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    arms = ["usual", "forward", "backward"]
    frame = pd.DataFrame(
        {
            "id": np.arange(n),
            "arm": pd.Categorical(np.resize(arms, n), categories=arms),
            "site": rng.choice(["north", "south"], n),
            "age": rng.normal(45.0, 10.0, n).round(1),
            "before": rng.normal(6.0, 1.3, n).round(2),
        }
    )
    effect = frame["arm"].map({"usual": 0.0, "forward": -0.5, "backward": -1.0}).astype(float)
    frame["after"] = (0.7 * frame["before"] + effect + rng.normal(0.0, 1.1, n)).round(2)
    frame.loc[[2, 5], "after"] = np.nan
    frame.loc[[3], "before"] = np.nan
    return frame


@pytest.fixture(scope="module")
def from_r(rscript: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("ancova")
    (folder / "run.R").write_text(R)
    trial().to_csv(folder / "trial.csv", index=False)
    formulas = json.dumps({name: text for name, (text, _) in MODELS.items()})
    run = subprocess.run(
        [rscript, "run.R", "trial.csv", formulas],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=folder,
    )
    if "there is no package" in run.stderr:
        pytest.skip("R lacks jsonlite or emmeans")
    assert run.returncode == 0, run.stderr
    values: dict[str, Any] = json.loads(run.stdout)
    return values


def run(frame: pd.DataFrame, **choices: Any) -> pd.DataFrame:
    return ancova(frame, outcome="after", baseline="before", arm="arm", **choices)


@pytest.mark.parametrize("name", MODELS)
def test_contrasts_and_means_are_emmeans(name, from_r):
    _, choices = MODELS[name]
    found = run(trial(), reference="forward", **choices)
    means = adjusted_means(trial(), outcome="after", baseline="before", arm="arm", **choices)
    assert found["contrast"].tolist() == from_r[name]["contrasts"]["label"]
    assert means["arm"].tolist() == from_r[name]["means"]["label"]
    for field in FIELDS:
        for ours, theirs in ((found, "contrasts"), (means, "means")):
            assert ours[field].to_numpy() == pytest.approx(
                from_r[name][theirs][field], rel=1e-9, abs=1e-11
            )


def test_columns_and_counts():
    found = run(trial())
    assert found.columns.tolist() == ["contrast", *FIELDS, *COUNTS, "notes"]
    assert found["contrast"].tolist() == ["forward - usual", "backward - usual"]
    assert found[COUNTS].to_numpy().tolist() == [[20, 20, 0, 1], [18, 20, 2, 1]]
    means = adjusted_means(trial(), outcome="after", baseline="before", arm="arm")
    assert means.columns.tolist() == ["arm", *FIELDS, "n_arm", "dropped_arm", "notes"]
    assert (means["n_arm"] + means["dropped_arm"]).sum() == len(trial())


@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.lists(st.integers(3, 25), min_size=2, max_size=4),
)
def test_six_numbers_an_arm_give_the_same(seed, sizes):
    rng = np.random.default_rng(seed)
    arms = [f"arm {i}" for i in range(len(sizes))]
    before = rng.normal(6.0, 1.5, sum(sizes))
    frame = pd.DataFrame(
        {
            "arm": np.repeat(arms, sizes),
            "before": before,
            "after": 0.6 * before + rng.normal(0.0, 1.0, sum(sizes)),
        }
    )
    groups = frame.groupby("arm")
    found = run(frame, reference="arm 0")
    for index in range(1, len(sizes)):
        summary = ancova_from_summaries(
            n=sizes,
            mean_pre=groups["before"].mean(),
            sd_pre=groups["before"].std(),
            mean_post=groups["after"].mean(),
            sd_post=groups["after"].std(),
            correlation=[part["before"].corr(part["after"]) for _, part in groups],
            first=index,
            second=0,
        )
        row = found.iloc[index - 1]
        for field in FIELDS:
            assert row[field] == pytest.approx(getattr(summary, field), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("vcov", ["model", "hc2", "hc3"])
def test_change_from_baseline_is_the_same_comparison(vcov):
    frame = trial()
    change = frame.assign(after=frame["after"] - frame["before"])
    pd.testing.assert_frame_equal(run(frame, vcov=vcov), run(change, vcov=vcov), rtol=1e-9)


def test_an_interaction_is_read_at_the_average_participant():
    frame = trial().dropna()
    centred = frame.assign(centred=frame["before"] - frame["before"].mean())
    fit = ols("after ~ arm * centred", centred).coefficients().set_index("term")
    found = run(frame, interactions="before")
    for row, term in zip(found.itertuples(), ("armforward", "armbackward"), strict=True):
        assert row.estimate == pytest.approx(fit.loc[term, "estimate"], rel=1e-10)
        assert row.p_value == pytest.approx(fit.loc[term, "p_value"], rel=1e-9)


def test_swapping_the_arms_turns_the_sign():
    ahead = run(trial(), reference="usual").iloc[1]
    back = run(trial(), reference="backward").iloc[0]
    assert (ahead["contrast"], back["contrast"]) == ("backward - usual", "usual - backward")
    assert back["estimate"] == pytest.approx(-ahead["estimate"], rel=1e-12)
    assert back["conf_low"] == pytest.approx(-ahead["conf_high"], rel=1e-12)
    assert (back["n_arm"], back["n_reference"]) == (ahead["n_reference"], ahead["n_arm"])
    assert (back["dropped_arm"], back["dropped_reference"]) == (1, 2)


def test_arms_may_be_numbers_and_columns_may_have_any_name():
    frame = trial()
    codes = {"usual": 0, "forward": 1, "backward": 2}
    odd = frame.assign(arm=frame["arm"].map(codes).astype(int)).rename(
        columns={"after": "pain ~ 12 weeks", "before": "pain (0)", "arm": "1+1"}
    )
    found = ancova(odd, outcome="pain ~ 12 weeks", baseline="pain (0)", arm="1+1", reference=0)
    assert found["contrast"].tolist() == ["1 - 0", "2 - 0"]
    plain = run(frame)
    for field in (*FIELDS, *COUNTS):
        assert found[field].to_numpy() == pytest.approx(plain[field].to_numpy(), rel=1e-12)


def test_robust_errors_have_their_own_df():
    model, robust = run(trial()), run(trial(), vcov="hc2", df="satterthwaite")
    assert robust["estimate"].to_numpy() == pytest.approx(model["estimate"], rel=1e-12)
    assert (robust["df"] < model["df"]).all()
    assert run(trial(), vcov="hc2")["df"].tolist() == model["df"].tolist()


def test_row_order_changes_nothing():
    frame = trial()
    pd.testing.assert_frame_equal(
        run(frame), run(frame.sample(frac=1.0, random_state=3)), rtol=1e-10
    )


def test_a_wider_level_widens_the_interval():
    wide, narrow = run(trial(), level=0.99), run(trial(), level=0.9)
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["conf_high"] > narrow["conf_high"]).all()
    assert wide["p_value"].tolist() == narrow["p_value"].tolist()


def refused() -> dict[str, tuple[pd.DataFrame, dict[str, Any], str]]:
    frame = trial()
    exact = frame.dropna().assign(after=lambda f: 1.0 + 0.5 * f["before"])
    alone = frame.assign(after=frame["after"].where(frame["arm"] != "forward"))
    return {
        "one arm": (frame[frame["arm"] == "usual"], {}, "arm: one arm in the rows used"),
        "an arm without a complete row": (alone, {}, "arm = forward: no row has outcome"),
        "no such arm": (frame, {"reference": "rest"}, "no level 'rest'; there are: usual"),
        "no such column": (frame, {"covariates": "weight"}, "no column named weight"),
        "named twice": (frame, {"covariates": ["age", "age"]}, "age: named twice"),
        "outcome as covariate": (frame, {"covariates": "after"}, "after: named twice"),
        "interaction without its covariate": (
            frame,
            {"interactions": "age"},
            "interactions are age; each is one of before",
        ),
        "collinear covariates": (
            frame.assign(months=12.0 * frame["age"]),
            {"covariates": ["age", "months"]},
            r"months is collinear with age.*condition number",
        ),
        "collinear with the arm": (
            frame.assign(
                dose=frame["arm"].map({"usual": 0, "forward": 1, "backward": 2}).astype(float)
            ),
            {"covariates": "dose"},
            "dose is collinear with armforward, armbackward",
        ),
        "constant baseline": (frame.assign(before=5.0), {}, "before: the same in every row"),
        "constant outcome": (frame.assign(after=5.0), {}, "after is the same in every row"),
        "no residual variance": (exact, {}, "fits every after exactly"),
        "too few": (frame.iloc[[0, 1, 4]], {}, "leave no degree of freedom"),
        "text baseline": (frame.assign(before=frame["site"]), {}, "before is not numeric"),
        "infinite": (frame.assign(age=np.inf), {"covariates": "age"}, "age: 61 of 61 values"),
        "arm missing": (
            frame.assign(arm=frame["arm"].where(frame.index > 3)),
            {},
            "arm: missing in 4 of 61",
        ),
        "two visits in the file": (
            pd.concat([frame, frame]),
            {"participant": "id"},
            "61 rows repeat the same id",
        ),
        "level": (frame, {"level": 95}, "proportion between 0 and 1"),
        "vcov": (frame, {"vcov": "sandwich"}, "vcov is 'sandwich'; it is one of model, hc0"),
    }


@pytest.mark.parametrize("name", refused())
def test_refusals_say_what_is_wrong(name):
    frame, choices, message = refused()[name]
    with pytest.raises(BackwalkError, match=message):
        run(frame, **choices)


def test_a_participant_column_is_no_obstacle():
    pd.testing.assert_frame_equal(run(trial(), participant="id"), run(trial()))
    with pytest.raises(BackwalkError, match="id: missing in 1 of 61 rows"):
        run(trial().assign(id=trial()["id"].where(trial().index > 0)), participant="id")


def test_no_message_holds_a_participants_value():
    frame = trial().assign(before=lambda f: f["before"].where(f.index > 0, np.inf))
    with pytest.raises(BackwalkError) as caught:
        run(frame)
    assert not any(str(value) in str(caught.value) for value in frame["after"].dropna())


def test_two_participants_an_arm_are_enough_for_a_number():
    frame = pd.DataFrame(
        {"arm": list("aabb"), "before": [1.0, 2.0, 1.5, 3.0], "after": [2.0, 3.5, 1.0, 2.0]}
    )
    assert run(frame, reference="a")["df"].tolist() == [1.0]
    with pytest.raises(NotEstimable):
        run(frame.iloc[:3], reference="a")
