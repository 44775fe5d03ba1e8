"""Forests, funnel, verdicts and flow on any axes, in three themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
import seaborn as sns
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import backwalk_stats as bw
from backwalk_stats.analyses.whole_trial import TrialAnalysis, with_everyone
from backwalk_stats.figures import effect_forest, page
from backwalk_stats.trial import tables
from backwalk_stats.trial.estimand import Estimand
from backwalk_stats.trial.result import Result
from tests.figures.drawn import assert_texts_fit

TRIALS = pd.DataFrame(
    [
        ("Chen 2021", -0.89, 0.37, -1.62, -0.16),
        ("Joshi 2019", -2.23, 0.40, -3.01, -1.44),
        (
            "A trial with a name that is very much longer than any name should be",
            0.2,
            0.3,
            -0.4,
            0.8,
        ),
    ],
    columns=["label", "estimate", "std_error", "conf_low", "conf_high"],
)
ANALYSES = pd.DataFrame(
    [
        ("", "mmrm", 30, 28, 0.01, -0.51, 0.53, 0.9),
        ("sensitivity", "ancova", 30, 28, -0.04, -0.58, 0.5, 0.9),
        ("sensitivity", "rank-based", 30, 28, 0.0, float("-inf"), float("inf"), 0.9),
        ("sensitivity", "permutation", 30, 28, float("nan"), float("nan"), float("nan"), 0.9),
    ],
    columns=list(tables.FOREST),
)
CHECKS = pd.DataFrame(
    [(f"Study {i % 4}", ("reproduced", "compatible", "not_derivable")[i % 3]) for i in range(25)],
    columns=["study_id", "verdict"],
)
FLOW = pd.DataFrame(
    [
        ("assessed", "", "", 80),
        ("excluded", "", "", 20),
        ("excluded", "", "declined to take part for a reason that they did not want to name", 20),
        ("randomised", "", "", 60),
        *(("allocated", arm, "", 30) for arm in ("forward", "backward")),
        *(("lost", arm, "", 4) for arm in ("forward", "backward")),
        *(("analysed", arm, "", 26) for arm in ("forward", "backward")),
    ],
    columns=["stage", "arm", "reason", "n"],
)
SIDES: Any = {"arms": ("backward", "forward"), "better": "lower"}
DOORS: dict[str, Callable[..., Axes]] = {
    "sensitivity": lambda **k: bw.plot.sensitivity(ANALYSES, **SIDES, **k),
    "subgroups": lambda **k: bw.plot.subgroups(ANALYSES, shows="Difference in pain", **k),
    "forest": lambda **k: bw.plot.forest(
        TRIALS, pooled=bw.meta_analysis(TRIALS), better="lower", arms=("backward", "control"), **k
    ),
    "pool alone": lambda **k: bw.plot.forest(bw.meta_analysis(TRIALS), **k),
    "funnel": lambda **k: bw.plot.funnel(TRIALS, pooled=-1.0, **k),
    "verdicts": lambda **k: bw.plot.verdicts(CHECKS, **k),
    "flow": lambda **k: bw.plot.flow(FLOW, **k),
}
THEMES = ("default", "seaborn", "dark")


def _figure(axes: Axes) -> Figure:
    """Return the figure of axes."""
    assert isinstance(axes.figure, Figure)
    return axes.figure


@contextmanager
def theme(name: str) -> Iterator[None]:
    """Draw in one of three themes."""
    with mpl.rc_context():
        mpl.rcdefaults()
        if name == "seaborn":
            sns.set_theme(style="darkgrid", palette="Set2")
        elif name == "dark":
            plt.style.use("dark_background")
        yield
    plt.close("all")


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("look", THEMES)
def test_new_figures_hold_all_their_words(name: str, look: str) -> None:
    with theme(look):
        axes = DOORS[name]()
        assert_texts_fit(_figure(axes))
        assert axes.get_title() == ""


@pytest.mark.parametrize("name", DOORS)
def test_given_axes_are_drawn_on_and_returned(name: str) -> None:
    with theme("default"):
        figure, given = plt.subplots(figsize=(9, 6))
        before = dict(mpl.rcParams)
        assert DOORS[name](ax=given) is given
        assert dict(mpl.rcParams) == before
        assert len(figure.axes) == 1


@pytest.mark.parametrize("name", DOORS)
def test_the_style_of_the_reports_needs_no_theme(name: str) -> None:
    drawn = []
    for look in ("default", "seaborn"):
        with theme(look):
            figure = _figure(DOORS[name](style="report"))
            assert_texts_fit(figure)
            drawn.append(page.save_svg(figure))
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize("name", ["sensitivity", "forest", "verdicts"])
def test_colours_are_those_of_the_session(name: str) -> None:
    with theme("default"):
        mpl.rcParams["axes.prop_cycle"] = cycler(color=["#123456", "#654321"])
        axes = DOORS[name]()
        lines = {to_hex(one.get_color()) for one in axes.lines}
        assert "#123456" in lines or name == "verdicts"
        if name == "verdicts":
            cells: Any = axes.collections[0].get_facecolor()
            assert cells[:, 0].min() < 0.35  # towards #123456


def test_a_frame_without_sides_says_nothing_of_better() -> None:
    with theme("default"):
        axes = bw.plot.sensitivity(ANALYSES)
        assert not any("better" in text.get_text() for text in axes.texts)
        assert axes.get_xlabel() == "Difference"


def test_subgroups_carry_no_p_and_everyone_is_on_top() -> None:
    estimand = Estimand(id="E1", outcome="pain", visit="W6", contrast=("b", "f"), analysis="mmrm")
    row = dict.fromkeys(tables.RESULTS, 1.0) | {
        "contrast": estimand.contrast_name, "visit": "W6", "quantity": "mean_difference",
        "estimate": -1.1, "conf_low": -2.0, "conf_high": -0.2,
    }  # fmt: skip
    main = Result(analysis="mmrm", outcome="pain", estimates=pd.DataFrame([row]), method="",
                  estimand=estimand)  # fmt: skip
    within = ANALYSES.iloc[1:].assign(group="sex", label=["F", "M", "X"])
    parts = Result(analysis="subgroup", outcome="pain", estimates=pd.DataFrame(), method="",
                   estimand=estimand, frames={"forest": within})  # fmt: skip
    whole: Any = None
    found = with_everyone(
        TrialAnalysis(trial=whole, parts=(main, parts), estimates=pd.DataFrame()), estimand
    )
    assert found is not None
    assert found["label"].tolist() == ["Everyone", "F", "M", "X"]
    assert found["estimate"].iloc[0] == -1.1
    with theme("default"):
        axes = bw.plot.subgroups(found)
        words = [text.get_text() for text in (*axes.texts, *axes.get_yticklabels())]
        assert not any(text.startswith("p ") or "p =" in text for text in words)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bw.plot.sensitivity(TRIALS.drop(columns="label")), "no column named label"),
        (lambda: bw.plot.subgroups(TRIALS), "no column named group"),
        (lambda: bw.plot.forest(TRIALS, label="study"), "no column named study"),
        (lambda: bw.plot.funnel(ANALYSES), "no column named std_error"),
        (lambda: bw.plot.verdicts(CHECKS, by="claim"), "by='study' only"),
        (lambda: bw.plot.verdicts(CHECKS, by="year"), "there are: claim, study"),
        (lambda: bw.plot.flow(TRIALS), "no column named stage"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_needed(
    call: Callable[[], Axes], said: str
) -> None:
    with pytest.raises(bw.UsageError, match=said):
        call()


def test_low_axes_make_the_type_of_a_flow_smaller() -> None:
    with theme("default"):
        _, (low, high) = plt.subplots(1, 2, figsize=(12, 9), gridspec_kw={"width_ratios": [1, 1]})
        low.set_position((0.05, 0.05, 0.4, 0.3))
        sizes = [
            {float(text.get_fontsize()) for text in bw.plot.flow(FLOW, ax=axes).texts}
            for axes in (low, high)
        ]
        assert max(sizes[0]) < max(sizes[1])


def test_the_report_draws_with_the_same_function(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    draw = effect_forest.draw

    def counted(*args: Any, **kwargs: Any) -> None:
        called.append(1)
        draw(*args, **kwargs)

    monkeypatch.setattr(effect_forest, "draw", counted)
    words: Any = {"words": _words(), "contrast": ("backward", "forward")}
    effect_forest.effect_forest(ANALYSES, **words)
    bw.plot.sensitivity(ANALYSES)
    plt.close("all")
    assert len(called) == 2


def _words() -> Any:
    from backwalk_stats.trial.outcome import Words

    return Words(
        arms={"forward": "Forward", "backward": "Backward"}, outcome="Pain", better="lower"
    )
