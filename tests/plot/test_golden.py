"""Every picture of the gallery looks as it did, and the comparison sees what it has to see."""

from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib import pyplot
from matplotlib.text import Annotation
from PIL import Image

from docs.gallery import PICTURES
from tests.plot.golden import FOLDER, LARGEST, THEMES, distance, made, pixels, stored, theme

ALIKE = 12.0  # grey values; storing with few colours makes up to 7, the changes below 19 or more
# Pictures of each kind that are cheap to draw; the rest and the other themes are slow.
FAST = ("trajectories", "means", "responders", "sensitivity", "tipping", "flow", "power")
CASES = [
    pytest.param(
        name,
        theme_name,
        marks=() if theme_name == "report" and name in FAST else pytest.mark.slow,
        id=f"{theme_name}-{name}",
    )
    for theme_name in THEMES
    for name in PICTURES
]


@pytest.fixture(autouse=True)
def _no_window():
    """Draw without a screen, and leave no figure open."""
    before = mpl.get_backend()
    pyplot.switch_backend("Agg")
    yield
    pyplot.close("all")
    pyplot.switch_backend(before)


@pytest.mark.parametrize(("name", "theme_name"), CASES)
def test_picture_looks_as_it_did(name, theme_name):
    with theme(theme_name):
        now = pixels(made(name))
    with Image.open(stored(name, theme_name)) as file:
        apart = distance(now, file.convert("RGB"))
    assert apart < ALIKE, f"{name} differs by {apart:.1f}; `make golden`, and look at it"


def test_there_is_a_small_file_for_every_picture_and_no_other():
    files = {file.relative_to(FOLDER) for file in FOLDER.rglob("*.png")}
    assert files == {stored(name, one).relative_to(FOLDER) for one in THEMES for name in PICTURES}
    assert max((FOLDER / file).stat().st_size for file in files) < LARGEST


def _line_moved(axes):
    """Move the longest line of data up by a fiftieth of the axes."""
    line = max(axes.lines, key=lambda one: len(one.get_xdata()))
    low, high = axes.get_ylim()
    line.set_ydata([y + 0.02 * (high - low) for y in line.get_ydata()])


def _line_gone(axes):
    """Take the longest line of data away."""
    max(axes.lines, key=lambda one: len(one.get_xdata())).remove()


def _label_gone(axes):
    """Take a word beside the lines away."""
    words = [one for one in axes.texts if isinstance(one, Annotation) and one.get_text().strip()]
    words[-1].remove()


def _axis_moved(axes):
    """Show less of the data."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.05 * (high - low))


CHANGES = [
    pytest.param(name, change, marks=() if name == quick else pytest.mark.slow)
    for change, quick in (
        (_line_moved, "power"),
        (_line_gone, "trajectories"),
        (_label_gone, "trajectories"),
        (_axis_moved, "power"),
    )
    for name in ("trajectories", "responders", "power")
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_changed_picture_is_seen(name, change):
    with theme("report"):
        figure = made(name)
        change(figure.axes[0])
        now = pixels(figure)
    with Image.open(stored(name, "report")) as file:
        assert distance(now, file.convert("RGB")) > ALIKE
