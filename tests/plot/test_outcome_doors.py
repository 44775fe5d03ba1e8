"""Doors to the pictures of an outcome: objects, plain frames, what is refused, the theme."""

from __future__ import annotations

from typing import Any, cast

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

import backwalk_stats as bw
from backwalk_stats.errors import UsageError
from tests.figures.drawn import assert_texts_fit


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    arm = pd.Categorical(["usual"] * 20 + ["hill"] * 20, categories=["usual", "hill"])
    change = np.round(rng.normal(-1, 2, 40) - (arm == "hill"))
    change[3] = np.nan
    return pd.DataFrame({"group": arm, "delta": change, "value": change + 6})


@pytest.fixture(scope="module")
def model() -> pd.DataFrame:
    frame = pd.DataFrame({"estimate": [5.0, 4.0, 4.5, 3.0]})
    frame["conf_low"], frame["conf_high"] = frame["estimate"] - 1, frame["estimate"] + 1
    frame["arm"] = pd.Categorical(["usual", "hill"] * 2, categories=["usual", "hill"])
    frame["visit"] = pd.Categorical(["W3", "W3", "W6", "W6"])
    return frame


DOORS = {
    "raincloud": lambda people, model, **more: bw.plot.raincloud(
        people, "pain", arm="group", change="delta", **more
    ),
    "estimation": lambda people, model, **more: bw.plot.estimation(
        people, "Pain", arm="group", **more
    ),
    "responders": lambda people, model, **more: bw.plot.responders(
        people, "pain", arm="group", change="delta", better="lower", thresholds={"named": 2}, **more
    ),
    "means": lambda people, model, **more: bw.plot.means(model, "Pain", **more),
}
THEMES: dict[str, Any] = {
    "default": {},
    "dark": {"axes.facecolor": "black", "figure.facecolor": "black", "text.color": "white",
             "axes.labelcolor": "white", "xtick.color": "white", "ytick.color": "white"},
    "large": {"font.size": 13.0, "axes.grid": True},
}  # fmt: skip


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", DOORS)
def test_plain_frames_are_drawn_in_the_theme_of_the_session(name, theme, people, model):
    with mpl.rc_context(THEMES[theme]):
        axes = DOORS[name](people, model)
        assert axes.get_facecolor() == mpl.colors.to_rgba(mpl.rcParams["axes.facecolor"])
        assert axes.get_title() == ""
        assert_texts_fit(cast("Figure", axes.figure))


@pytest.mark.parametrize("name", DOORS)
def test_axes_of_ones_own_come_back(name, people, model):
    _, mine = pyplot.subplots()
    assert DOORS[name](people, model, ax=mine) is mine


@pytest.mark.parametrize("name", DOORS)
def test_report_style_leaves_the_session_as_it_was(name, people, model):
    before = dict(mpl.rcParams)
    DOORS[name](people, model, style="report")
    assert dict(mpl.rcParams) == before


def test_who_has_no_value_counts_as_not_better(people):
    axes = DOORS["responders"](people, None)
    words = " ".join(text.get_text().replace("\u00a0", " ") for text in axes.texts)
    assert words.count("(n = 20)") == 2
    own = people[people["group"] == "usual"]["delta"]
    assert f"{100 * (own <= -2).sum() / 20:.0f}%" in words


def test_a_fit_gives_means_and_differences_on_one_scale():
    trial = bw.load_trial("data/example_trial/trial.toml")
    own = trial.data[trial.data["outcome"] == "knee_pain"]
    fit = bw.mmrm("value ~ arm * visit", own, participant="participant", visit="visit")
    axes = bw.plot.means(fit, "Pain")
    upper, beside = axes.figure.axes
    assert upper is axes
    assert np.ptp(upper.get_ylim()) == pytest.approx(np.ptp(beside.get_ylim()))
    assert_texts_fit(cast("Figure", axes.figure))


def test_what_was_not_said_is_asked_for(people):
    plain = people.assign(group=people["group"].astype(str))
    with pytest.raises(UsageError, match="no order"):
        bw.plot.raincloud(plain, arm="group", change="delta")
    with pytest.raises(UsageError, match="which way is better"):
        bw.plot.responders(people, arm="group", change="delta")
    with pytest.raises(UsageError, match="two arms"):
        one = people[people["group"] == "hill"]
        bw.plot.estimation(one, arm="group")
    trial = bw.load_trial("data/example_trial/trial.toml")
    with pytest.raises(UsageError, match=r"bw\.analyse.*found a trial"):
        bw.plot.means(cast("Any", trial), "E1")
    with pytest.raises(UsageError, match="no visit 'week 6'"):
        bw.plot.raincloud(trial, "knee_pain", visit="week 6")


def test_a_trial_shows_its_changes_and_its_responders():
    trial = bw.load_trial("data/example_trial/trial.toml")
    assert "Week 6".lower() in bw.plot.raincloud(trial, "knee_pain").get_xlabel().lower()
    axes = bw.plot.responders(trial, "knee_pain")
    assert any("named important change" in text.get_text() for text in axes.texts)
    assert_texts_fit(cast("Figure", axes.figure))
