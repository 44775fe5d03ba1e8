"""What a picture cannot be drawn of is refused in one message, and leaves no figure open."""

from __future__ import annotations

import inspect
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import backwalk_stats as bw

PICTURES = [name for name in bw.plot.__all__ if name != "style"]
ARMS, VISITS = ["forward", "backward"], ["W0", "W6"]


def _visits() -> pd.DataFrame:
    rows = [(k, ARMS[k % 2], visit, 5.0 + k % 3) for k in range(6) for visit in VISITS]
    return _ordered(pd.DataFrame(rows, columns=["participant", "arm", "visit", "value"]))


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    for column, levels in (("arm", ARMS), ("visit", VISITS)):
        if column in frame:
            frame[column] = pd.Categorical(frame[column], levels)
    return frame


def _people() -> pd.DataFrame:
    names = ("value", "change", "outcome", "angle")
    numbers = {name: np.arange(6.0) ** (1 + k) for k, name in enumerate(names)}
    return _ordered(pd.DataFrame({"arm": ARMS * 3, "baseline": [3.0, 1, 2, 5, 4, 4], **numbers}))


def _estimates() -> pd.DataFrame:
    rows = [("", "all", -1.0, -2.0, 0.1, 0.5), ("sex", "women", -0.5, -2.0, 1.0, 0.8)]
    names = ["group", "label", "estimate", "conf_low", "conf_high", "std_error"]
    return pd.DataFrame(rows, columns=names)


def _means() -> pd.DataFrame:
    rows = [(arm, visit, 5.0, 4.0, 6.0) for arm in ARMS for visit in VISITS]
    names = ["arm", "visit", "estimate", "conf_low", "conf_high"]
    return _ordered(pd.DataFrame(rows, columns=names))


def _tipping() -> pd.DataFrame:
    rows = [(0.0, 0.0, -1.0, -2.0, -0.1, 0.03), (1.0, 0.0, -0.5, -1.5, 0.5, 0.3)]
    names = ["delta", "delta_reference", "estimate", "conf_low", "conf_high", "p_value"]
    return pd.DataFrame(rows, columns=names)


def _curves() -> pd.DataFrame:
    rows = [(k, ARMS[k % 2], node, float(k * k + node)) for k in range(6) for node in range(5)]
    return _ordered(pd.DataFrame(rows, columns=["participant", "arm", "node", "value"]))


def _sessions() -> pd.DataFrame:
    rows = [(k, ARMS[k % 2], s, "attended") for k in range(4) for s in (1, 2)]
    return _ordered(pd.DataFrame(rows, columns=["participant", "arm", "session", "status"]))


def _measured() -> pd.DataFrame:
    rows = [(k, s, 5.0 + k + 0.3 * s * (k % 3)) for k in range(5) for s in (1, 2)]
    return pd.DataFrame(rows, columns=["id", "session", "seconds"])


def _risks() -> pd.DataFrame:
    rows = [("forward", 40.0, 20.0, 62.0), ("backward", 60.0, 41.0, 77.0)]
    return _ordered(pd.DataFrame(rows, columns=["arm", "estimate", "conf_low", "conf_high"]))


def _categories() -> pd.DataFrame:
    words = pd.Categorical(["worse", "same", "better"] * 2, ["worse", "same", "better"])
    return _ordered(pd.DataFrame({"arm": ARMS * 3, "category": words}))


def _flow() -> pd.DataFrame:
    rows = [("randomised", "", "", 60), ("allocated", "forward", "", 30)]
    return pd.DataFrame(rows, columns=["stage", "arm", "reason", "n"])


# Picture to its plain frame, the column of its numbers, and what it is told besides.
FRAMES: dict[str, tuple[pd.DataFrame, str, dict[str, Any]]] = {
    "adherence": (_sessions(), "session", {}),
    "ancova": (_people(), "outcome", {}),
    "bland_altman": (_measured(), "seconds", {"participant": "id", "measurement": "session",
                                              "value": "seconds"}),
    "categories": (_categories(), "", {}),
    "coupling": (_people(), "angle", {}),
    "curves": (_curves(), "value", {"permutations": 99}),
    "estimation": (_people(), "value", {}),
    "flow": (_flow(), "n", {}),
    "forest": (_estimates(), "estimate", {}),
    "funnel": (_estimates(), "estimate", {}),
    "means": (_means(), "estimate", {}),
    "missingness": (_visits(), "value", {}),
    "power": (pd.DataFrame({"n_per_arm": [10, 20], "effect_size": 0.5, "power": [0.2, 0.4]}),
              "power", {}),
    "raincloud": (_people(), "change", {}),
    "residuals": (pd.DataFrame({"fitted": [1.0, 2, 3], "residual": [0.5, -1, 0.5]}),
                  "residual", {}),
    "responders": (_people(), "change", {"better": "lower"}),
    "risks": (_risks(), "estimate", {}),
    "sensitivity": (_estimates(), "estimate", {}),
    "subgroups": (_estimates(), "estimate", {}),
    "tipping": (_tipping(), "estimate", {}),
    "trajectories": (_visits(), "value", {}),
    "verdicts": (pd.DataFrame({"study_id": ["a"], "verdict": ["reproduced"]}), "", {}),
}  # fmt: skip
NUMBERS = [name for name in FRAMES if FRAMES[name][1]]
ORDERED = [name for name in FRAMES if "arm" in FRAMES[name][0] and name != "flow"]


@pytest.fixture(autouse=True)
def _no_window():
    """Draw without a screen; whatever happens, only what was drawn is open."""
    pyplot.switch_backend("Agg")
    pyplot.close("all")
    yield
    pyplot.close("all")


def draw(name: str, frame: object = None, **told: Any) -> Any:
    made, _, needed = FRAMES[name]
    return getattr(bw.plot, name)(made if frame is None else frame, **needed, **told)


def refused(name: str, frame: object, said: str, **told: Any) -> None:
    before = pyplot.get_fignums()
    with pytest.raises(bw.UsageError, match=said):
        draw(name, frame, **told)
    assert pyplot.get_fignums() == before


def with_column(name: str, column: str, values: Any) -> pd.DataFrame:
    return FRAMES[name][0].assign(**{column: values})


def test_every_picture_is_tried_here():
    assert sorted(FRAMES) == sorted(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_plain_frame_is_drawn(name):
    assert draw(name) is not None
    assert len(pyplot.get_fignums()) == 1


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("source", ["trial.toml", 3, {"a": 1}, np.zeros(2), pd.Series([1.0])])
def test_another_thing_is_refused_with_what_is_expected(name, source):
    if name == "power" and isinstance(source, np.ndarray | pd.Series):
        pytest.skip("true differences")
    refused(name, source, f"{name}: expected .*found {type(source).__name__}")


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_is_refused(name):
    with pytest.raises(bw.UsageError, match="found None"):
        getattr(bw.plot, name)(None, **FRAMES[name][2])


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("ax", ["here", np.zeros((2, 2))])
def test_axes_that_are_none_are_refused(name, ax):
    refused(name, None, "expected one Axes", ax=ax)


@pytest.mark.parametrize("name", [one for one in PICTURES if one not in ("coupling", "curves")])
def test_polar_axes_are_for_roses(name):
    figure = pyplot.figure()
    axes = figure.add_subplot(projection="polar")
    with pytest.raises(bw.UsageError, match="straight axes"):
        draw(name, ax=axes)


@pytest.mark.parametrize("name", PICTURES)
def test_a_frame_without_rows_or_with_a_column_twice_is_refused(name):
    frame = FRAMES[name][0]
    refused(name, frame.iloc[:0], "no row")
    needed = "group" if name == "subgroups" else frame.columns[-1]
    if needed in ("std_error", "conf_high") and name in ("sensitivity", "forest"):
        needed = "estimate"
    if name in ("ancova", "coupling", "estimation", "raincloud", "responders"):
        needed = FRAMES[name][1]
    refused(name, pd.concat([frame, frame[[needed]]], axis=1), f"{needed}: named twice")


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_numbers_and_finite(name):
    frame, column, _ = FRAMES[name]
    held = frame[column].astype(object)
    held.iloc[0] = "P001"
    refused(name, with_column(name, column, held), f"{column} is not numeric: 1 of {len(frame)}")
    held = frame[column].astype(float)
    held.iloc[0] = np.inf
    refused(name, with_column(name, column, held), f"{column}: 1 of {len(frame)} values are not f")


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_held_as_text_are_drawn_as_numbers(name):
    frame, column, _ = FRAMES[name]
    drawn = draw(name, with_column(name, column, frame[column].map(str)))
    assert drawn is not None


@pytest.mark.parametrize("name", ORDERED)
def test_a_row_without_an_arm_is_refused(name):
    arm = FRAMES[name][0]["arm"].copy()
    arm.iloc[0] = np.nan
    refused(name, with_column(name, "arm", arm), "arm: missing in 1 of")
    refused(name, with_column(name, "arm", arm.astype(str)), "no order")


@pytest.mark.parametrize("name", ["trajectories", "missingness", "curves", "adherence", "means",
                                  "flow", "tipping", "power"])  # fmt: skip
def test_what_stands_twice_is_refused(name):
    frame = FRAMES[name][0]
    refused(name, pd.concat([frame, frame.iloc[:1]]), f"{name}: 1 rows repeat the same")


@pytest.mark.parametrize("name", ["trajectories", "missingness", "curves", "adherence"])
def test_a_participant_in_two_arms_is_refused(name):
    frame = FRAMES[name][0]
    arm = frame["arm"].astype(str)
    arm.iloc[0] = "backward"
    moved = frame.assign(arm=pd.Categorical(arm, ARMS))
    refused(name, moved, f"{name}: the arm varies within 1 participants")


@pytest.mark.parametrize("name", ["forest", "sensitivity", "subgroups", "means", "tipping"])
def test_limits_that_changed_places_are_refused(name):
    turned = {"conf_low": "conf_high", "conf_high": "conf_low"}
    refused(name, FRAMES[name][0].rename(columns=turned), "conf_low is above conf_high in")


def test_words_that_no_picture_knows_are_refused():
    refused("verdicts", with_column("verdicts", "verdict", "reproducd"), "found also: 'reproducd'")
    refused("flow", with_column("flow", "stage", "enrolled"), "found also: 'enrolled'")
    refused("adherence", with_column("adherence", "status", "ill"), "found also: 'ill'")
    refused("power", with_column("power", "power", 80.0), "proportion from 0 to 1")


@pytest.mark.parametrize("name", ["forest", "sensitivity", "funnel"])
def test_a_dollar_sign_is_text(name):
    labels = ["$5 or $6", "$\\frac{$"]
    axes = draw(name, with_column(name, "label", labels))
    axes.figure.draw_without_rendering()
    own = pyplot.subplots()[1]
    draw(name, with_column(name, "label", labels), ax=own)
    axes.set_title("$\\alpha$")
    assert axes.title.get_parse_math()


@pytest.mark.parametrize("name", PICTURES)
def test_answers_and_levels_are_checked(name):
    told = inspect.signature(getattr(bw.plot, name)).parameters
    if "individuals" in told:
        refused(name, None, "individuals is 'no'; expected True or False", individuals="no")
    if "level" in told:
        refused(name, None, "a level is a proportion", level=95)


@pytest.mark.parametrize("style", [None, "report"])
def test_a_notebook_that_starts_to_show_figures_within_a_picture_goes_on(style, monkeypatch):
    # The backend of a notebook turns showing on while the first figure is made.
    made = pyplot.subplots

    def first(*args, **kwargs):
        mpl.rcParams["interactive"] = True
        return made(*args, **kwargs)

    monkeypatch.setattr(pyplot, "subplots", first)
    size = mpl.rcParams["font.size"]
    with mpl.rc_context({"interactive": False}):
        bw.plot.power([0.3, 0.5], style=style)
        assert mpl.rcParams["interactive"]
        assert mpl.rcParams["font.size"] == size
    pyplot.close("all")
