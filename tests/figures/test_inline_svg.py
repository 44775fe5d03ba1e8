"""Small pictures inside a page: every limit is on them, and they are read on any ground."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.figures import inline_svg

NUMBERS = st.floats(-1e6, 1e6)


def lines(svg: str) -> list[dict[str, str]]:
    return [one.attrib for one in ET.fromstring(svg).iter("line")]


@given(estimate=NUMBERS, low=st.floats(0, 1e5), high=st.floats(0, 1e5))
def test_an_interval_is_drawn_whole_with_zero(estimate: float, low: float, high: float):
    row = {"estimate": estimate, "conf_low": estimate - low, "conf_high": estimate + high}
    svg = inline_svg.interval_picture(row, inline_svg.interval_scale([row]))
    zero, drawn = lines(svg)
    (mark,) = ET.fromstring(svg).iter("circle")
    ends = float(drawn["x1"]), float(drawn["x2"])
    assert 0 <= ends[0] <= float(mark.attrib["cx"]) <= ends[1] <= inline_svg.ROW_WIDTH
    assert 0 <= float(zero["x1"]) <= inline_svg.ROW_WIDTH
    if row["conf_high"] < 0:
        assert ends[1] <= float(zero["x1"])


def test_an_endless_interval_runs_to_the_edge():
    row = {"estimate": -1.0, "conf_low": float("-inf"), "conf_high": 2.0}
    svg = inline_svg.interval_picture(row, inline_svg.interval_scale([row]))
    assert float(lines(svg)[1]["x1"]) == pytest.approx(4.0)
    nothing = dict.fromkeys(row, float("nan"))
    empty = inline_svg.interval_picture(nothing, inline_svg.interval_scale([nothing]))
    assert len(lines(empty)) == 1, "zero alone"


def picture(arms: int, visits: int, label: str = "Arm") -> str:
    names = {f"a{i}": f"{label} {i}" for i in range(arms)}
    weeks = {f"v{i}": f"Week {i}" for i in range(visits)}
    rows = [
        {"arm": a, "visit": v, "estimate": 3.0 + i, "conf_low": 2.5 + i, "conf_high": 3.6 + i}
        for i, a in enumerate(names)
        for v in weeks
    ]
    counts = {(a, v): 12 for a in names for v in weeks}
    return inline_svg.means_picture(rows, names, weeks, title="Mean of pain", counts=counts)


@pytest.mark.parametrize("arms", [1, 2, 3, 4])
@pytest.mark.parametrize("visits", [1, 2, 6])
def test_means_stay_on_the_picture(arms: int, visits: int):
    svg = picture(arms, visits)
    root = ET.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for text in root.iter("text"):
        assert 0 <= float(text.attrib["x"]) <= width and 0 <= float(text.attrib["y"]) <= height
    places = [float(t.attrib["y"]) for t in root.iter("text") if "Arm" in (t.text or "")]
    assert len(places) == arms
    assert all(abs(a - b) >= 14 for i, a in enumerate(places) for b in places[:i])
    assert len(svg) < 20_000 and svg == picture(arms, visits)
    assert not re.search(r"\d\.\d\d", re.sub(r">[^<]*<|'[^']*:[^']*'", "", svg)), (
        "a tenth of a pixel"
    )


def test_words_are_escaped_and_long_names_cut():
    svg = picture(2, 2, label="<b>'A very long name of an arm' & more")
    labels = ["".join(one.itertext()) for one in ET.fromstring(svg).iter("text")]
    assert "<b>" not in svg
    assert any("…" in label for label in labels)
    assert "currentColor" in svg and "font-family" not in svg
