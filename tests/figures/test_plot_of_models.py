"""Pictures of models, people and movement on any axes: in three themes, from random frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from cycler import cycler
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.projections.polar import PolarAxes

import backwalk_stats as bw
from backwalk_stats.figures import missingness, panel, point_labels
from backwalk_stats.tables.trial_labels import Labels
from backwalk_stats.trial import tables
from tests.figures.drawn import assert_texts_fit, boxes
from tests.report import motion_records, trial_records

ARMS = ["forward", "backward", "control"]
THEMES = ("report", "default", "darkgrid")
MOTION = bw.Motion(study=motion_records.study())


def people(seed: int, arms: int = 2, n: int = 12) -> pd.DataFrame:
    """Return participant, arm, visit and value, some missing and some without a row."""
    rng = np.random.default_rng(seed)
    visits = ["before", "middle", "after"]
    rows = [(f"{arm}{i}", arm, visit, rng.normal(6, 2)) for arm in ARMS[:arms]
            for i in range(n) for visit in visits]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["participant", "arm", "visit", "value"])
    later = frame["visit"] != "before"
    frame.loc[later & (rng.random(len(frame)) < rng.uniform(0, 0.6)), "value"] = np.nan
    frame = frame[~later | (rng.random(len(frame)) > 0.1)]
    frame["arm"] = pd.Categorical(frame["arm"], ARMS[:arms])
    frame["visit"] = pd.Categorical(frame["visit"], visits)
    return frame.reset_index(drop=True)


def scores(seed: int, arms: int = 2) -> pd.DataFrame:
    """Return before, after and arm of each participant, whole numbers."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(ARMS[:arms], 14)
    before = rng.integers(3, 10, len(arm)).astype(float)
    after = np.round(0.6 * before + rng.normal(0, 1.2, len(arm)) - (arm == "backward"))
    return pd.DataFrame({"before": before, "after": after, "arm": pd.Categorical(arm, ARMS[:arms])})


def sessions(seed: int, arms: int = 2) -> pd.DataFrame:
    """Return participant, arm, session and status."""
    rng = np.random.default_rng(seed)
    rows = []
    for arm in ARMS[:arms]:
        for i in range(9):
            gone = rng.integers(4, 30)
            rows += [(f"{arm}{i}", arm, k, "withdrawn" if k > gone else
                      "missed" if rng.random() < 0.2 else "attended")
                     for k in range(1, 19)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["participant", "arm", "session", "status"])
    return frame.assign(arm=pd.Categorical(frame["arm"], ARMS[:arms]))


def shifts(seed: int, both: bool) -> pd.DataFrame:
    """Return a frame as `bw.tipping_point` gives it."""
    rng = np.random.default_rng(seed)
    scale, start = 10.0 ** rng.integers(-2, 3), rng.normal()
    steps = scale * np.arange(-4, 5) * 0.5
    rows = []
    for delta in steps:
        for other in steps if both else [0.0]:
            at = scale * start + 0.2 * delta - 0.15 * other
            rows.append((delta, other, at, at - 0.6 * scale, at + 0.6 * scale,
                         float(np.exp(-((at / (0.4 * scale)) ** 2)))))  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(tables.TIPPING))
    return frame.assign(contrast="backward - forward", tips_low=np.nan, tips_high=0.9 * scale)


def cycles(seed: int, arms: int = 2) -> pd.DataFrame:
    """Return participant, arm, node and value."""
    rng = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 41)
    rows = []
    for place, arm in enumerate(ARMS[:arms]):
        for i in range(7):
            values = 5 * np.sin(turn) + place * np.cos(turn) + rng.normal(0, 0.6)
            rows += [(f"{arm}{i}", arm, k, value) for k, value in enumerate(values)]
    frame = pd.DataFrame(rows, columns=["participant", "arm", "node", "value"])
    return frame.assign(arm=pd.Categorical(frame["arm"], ARMS[:arms]))


def angles(seed: int, arms: int = 2) -> pd.DataFrame:
    """Return arm and angle."""
    rng = np.random.default_rng(seed)
    arm = pd.Categorical(np.repeat(ARMS[:arms], 200), ARMS[:arms])
    return pd.DataFrame({"arm": arm, "angle": rng.normal(120, 60, len(arm)) % 360})


def analysed() -> bw.Analysis:
    """Return an analysis that was made up."""
    return bw.Analysis(analysis=trial_records.analysis())


def _after(seed: int) -> Any:
    return bw.ols("after ~ arm + before", scores(seed))


DRAWN: dict[str, Callable[[int], Axes | Figure]] = {
    "residuals": lambda s: bw.plot.residuals(_after(s)),
    "residuals spread": lambda s: bw.plot.residuals(_after(s), individuals=False),
    "ancova": lambda s: bw.plot.ancova(scores(s, 2 + s % 2), outcome="after", baseline="before"),
    "ancova differences": lambda s: bw.plot.ancova(
        bw.ancova(scores(s, 3), outcome="after", baseline="before", arm="arm")
    ),
    "tipping": lambda s: bw.plot.tipping(shifts(s, both=True), outcome="Pain", better="lower"),
    "tipping one arm": lambda s: bw.plot.tipping(shifts(s, both=False), outcome="Pain"),
    "missingness": lambda s: bw.plot.missingness(people(s, 2 + s % 2)),
    "missingness counts": lambda s: bw.plot.missingness(people(s), individuals=False),
    "adherence": lambda s: bw.plot.adherence(sessions(s, 2 + s % 2)),
    "adherence shares": lambda s: bw.plot.adherence(sessions(s), individuals=False),
    "curves": lambda s: bw.plot.curves(cycles(s), "Hip", unit="°", permutations=200),
    "curves three": lambda s: bw.plot.curves(cycles(s, 3), "Hip", permutations=200),
    "coupling": lambda s: bw.plot.coupling(angles(s, 2 + s % 2)),
    "coupling area": lambda _: bw.plot.coupling(MOTION, kind="area"),
    "coupling loop": lambda _: bw.plot.coupling(MOTION, kind="loop"),
    "power": lambda s: bw.plot.power([0.3 + 0.1 * s, 0.5 + 0.1 * s, 0.8 + 0.1 * s]),
}


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    """Leave matplotlib as it was."""
    with mpl.rc_context():
        mpl.use("Agg")
        yield
        pyplot.close("all")


def figure_of(drawn: Axes | Figure) -> Figure:
    """Return the figure that was drawn on."""
    found = drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True)
    assert found is not None
    return found


def in_theme(theme: str, draw: Callable[[], Axes | Figure]) -> Figure:
    """Return a figure that was drawn in a theme."""
    if theme == "report":
        with bw.plot.style("report"):
            return figure_of(draw())
    if theme == "darkgrid":
        sns.set_theme(style="darkgrid", palette="Set2")
    return figure_of(draw())


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("theme", THEMES)
def test_texts_stay_on_the_figure_and_apart(name: str, theme: str) -> None:
    seed = THEMES.index(theme)
    assert_texts_fit(in_theme(theme, lambda: DRAWN[name](seed)))


@pytest.mark.slow
@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("seed", range(3, 20))
def test_texts_stay_apart_for_random_frames(name: str, seed: int) -> None:
    assert_texts_fit(in_theme("default", lambda: DRAWN[name](seed)))


def pixels(name: str) -> np.ndarray:
    """Return a picture as it is seen."""
    figure = figure_of(DRAWN[name](1))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", ["residuals", "ancova", "tipping", "missingness", "adherence",
                                  "curves", "coupling", "coupling area", "power"])  # fmt: skip
def test_pictures_are_drawn_in_the_colours_of_the_session(name: str) -> None:
    with mpl.rc_context({"axes.prop_cycle": cycler(color=["#123456", "#a03070", "#777777"])}):
        own = pixels(name)
    assert (own != pixels(name)).any()


@pytest.mark.parametrize("name", [one for one in DRAWN if not one.startswith("coupling")])
def test_axes_that_are_handed_over_are_drawn_on_and_come_back(name: str) -> None:
    calls: dict[str, Callable[[Axes], Axes | Figure]] = {
        "residuals": lambda ax: bw.plot.residuals(_after(1), ax=ax),
        "ancova": lambda ax: bw.plot.ancova(scores(1), outcome="after", baseline="before", ax=ax),
        "tipping": lambda ax: bw.plot.tipping(shifts(1, both=True), ax=ax),
        "missingness": lambda ax: bw.plot.missingness(people(1), ax=ax),
        "adherence": lambda ax: bw.plot.adherence(sessions(1), ax=ax),
        "curves": lambda ax: bw.plot.curves(cycles(1), permutations=100, ax=ax),
        "power": lambda ax: bw.plot.power([0.5], ax=ax),
    }
    figure, panels = pyplot.subplots(1, 2)
    left, right = panels.ravel()
    drawn: Any = calls[name.split()[0]](right)
    assert drawn is right
    assert len(figure.axes) == 2 and not left.has_data()
    assert right.get_title() == "" and right.get_legend() is None


def test_a_cell_is_a_person_and_every_missing_value_is_filled() -> None:
    for seed in range(3):
        frame = people(seed)
        whole = frame.pivot(index="participant", columns="visit", values="value")
        for individuals in (True, False):
            axes = bw.plot.missingness(frame, individuals=individuals)
            codes = axes.collections[0].get_array()
            filled = int((np.ma.filled(np.ma.asarray(codes), -1) >= missingness.FIRST_ARM).sum())
            assert filled == int(whole.isna().to_numpy().sum())
            pyplot.close("all")


def test_who_left_first_stands_at_the_right() -> None:
    rows: list[tuple[str, list[float | None]]] = [
        ("a", [1, 1, 1]), ("b", [1, None, None]), ("c", [1, 1, None]), ("d", [1, None, 1])
    ]  # fmt: skip
    frame = pd.DataFrame([(who, visit, value) for who, values in rows
                          for visit, value in zip((0, 3, 6), values, strict=True)],
                         columns=["participant", "visit", "value"])  # fmt: skip
    frame = frame.assign(arm=pd.Categorical(["forward"] * 12))
    codes: np.ndarray = np.ma.filled(
        np.ma.asarray(bw.plot.missingness(frame).collections[0].get_array()), -1
    )
    last, middle = codes.reshape(-1, 4)[[-1, -2]]
    assert (last >= missingness.FIRST_ARM).tolist() == [False, False, True, True]
    assert (middle >= missingness.FIRST_ARM).tolist() == [False, True, False, True]


def test_a_count_that_is_not_shown_has_no_cell_that_tells_it() -> None:
    counts = pd.DataFrame([("pain", "V0", "forward", 8, np.nan, np.nan, np.nan)],
                          columns=list(tables.MISSINGNESS))  # fmt: skip
    labels = Labels(arms={"forward": "Forward"}, visits={"V0": "Baseline"}, outcomes={})
    figure, axes = pyplot.subplots()
    missingness.draw(axes, counts, labels=labels)
    codes: np.ndarray = np.ma.compressed(np.ma.asarray(axes.collections[0].get_array()))
    assert set(codes.tolist()) == {float(missingness.HIDDEN_CELL)} and len(codes) == 8
    assert "*" in [text for text, _ in boxes(figure)]


def test_frames_are_found_in_objects() -> None:
    analysis = analysed()
    for draw in (bw.plot.residuals, bw.plot.ancova, bw.plot.tipping):
        with pytest.raises(bw.UsageError, match=r"no estimand .nonsense. to draw; there is: E1"):
            draw(analysis, "nonsense")
    assert bw.plot.missingness(analysis).get_xlabel().startswith("A cell is a person")
    assert isinstance(bw.plot.curves(MOTION), Figure)
    assert isinstance(bw.plot.coupling(MOTION), PolarAxes)
    figure, axes = pyplot.subplots()
    with pytest.raises(bw.UsageError, match="polar axes"):
        bw.plot.coupling(MOTION, ax=axes)
    assert figure is axes.figure


def test_results_of_statsmodels_show_their_residuals() -> None:
    from statsmodels.formula.api import ols

    frame = scores(4)
    theirs = bw.plot.residuals(ols("after ~ arm + before", frame).fit(), kind="fit")
    ours = bw.plot.residuals(bw.ols("after ~ arm + before", frame), kind="fit")
    assert isinstance(theirs, Axes) and isinstance(ours, Axes)
    points = [np.asarray(one.collections[0].get_offsets()) for one in (theirs, ours)]
    assert np.allclose(np.sort(points[0], axis=0), np.sort(points[1], axis=0))


def test_the_band_leaves_zero_where_the_span_is_shaded() -> None:
    frame = cycles(3)
    frame.loc[(frame["arm"] == "backward") & frame["node"].between(10, 16), "value"] += 6.0
    figure = bw.plot.curves(frame, permutations=400)
    assert isinstance(figure, Figure)
    upper, lower = figure.axes
    written = [text.get_text() for text in lower.texts if text.get_text().strip()]
    assert len(written) == 1 and written[0].endswith("%")
    spans = [[patch.get_x(), patch.get_x() + patch.get_width()]  # type: ignore[attr-defined]
             for axes in (upper, lower) for patch in axes.patches]  # fmt: skip
    assert spans[0] == spans[1] and 7 < spans[0][0] < 11 and 15 < spans[0][1] < 19


def test_what_a_power_needs_is_what_the_closed_form_says() -> None:
    for effect in (0.31, 0.5, 0.77, 1.2):
        axes = bw.plot.power([effect], per_arm=range(2, 300))
        needed = bw.summary.participants_needed(effect_size=effect)
        assert str(needed) in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize(
    ("draw", "frame", "said"),
    [
        (bw.plot.missingness, people(1).assign(arm="forward"), "text, which has no order"),
        (
            bw.plot.missingness,
            pd.concat([people(1), people(1)]),
            "rows repeat the same participant and visit",
        ),
        (bw.plot.adherence, sessions(1).assign(status="came"), "status is one of"),
        (
            bw.plot.adherence,
            pd.concat([sessions(1), sessions(1)]),
            "rows repeat the same participant and session",
        ),
        (
            bw.plot.curves,
            pd.concat([cycles(1), cycles(1)]),
            "rows repeat the same participant and node",
        ),
        (bw.plot.curves, cycles(1).assign(node=cycles(1)["node"] + 1), "whole numbers from 0"),
        (bw.plot.curves, cycles(1).iloc[3:], "gap"),
        (bw.plot.tipping, shifts(1, both=True).drop(columns="p_value"), "no column named p_value"),
        (bw.plot.power, pd.DataFrame({"power": [0.5]}), "no column"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(
    draw: Any, frame: pd.DataFrame, said: str
) -> None:
    with pytest.raises(bw.UsageError, match=said):
        draw(frame)


def test_labels_near_points_stand_on_nothing() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        figure, axes = pyplot.subplots()
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        points = rng.uniform(0.1, 0.9, (12, 2))
        point_labels.write(axes, [(f"label {i}", x, y, "k") for i, (x, y) in enumerate(points)])
        panel.fit(figure)
        assert_texts_fit(figure)
