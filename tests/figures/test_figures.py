"""Every figure, from ordinary, hostile, long and empty frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from backwalk_stats.figures import (
    answer_forest,
    evidence_map,
    forest,
    grim_panels,
    page,
    panel,
    pooled_methods,
    power_curve,
    reported_against_recomputed,
    verdict_matrix,
)
from backwalk_stats.figures.page import save_png, save_svg
from backwalk_stats.trial import tables
from tests.figures import synthetic
from tests.figures.drawn import assert_texts_fit, boxes, smallest_type

Draw = Callable[[int, bool], tuple[Figure, str]]
POOL: Any = {"outcome": "pain", "pool": "with rows in doubt"}


def _matrix(size: int, hostile: bool) -> tuple[Figure, str]:
    frame = synthetic.ledger(size * 10, hostile=hostile)
    return verdict_matrix.verdict_matrix(frame), verdict_matrix.alt_text(frame)


def _compared(size: int, hostile: bool) -> tuple[Figure, str]:
    frame = synthetic.ledger(size * 10, hostile=hostile)
    drawn = reported_against_recomputed.reported_against_recomputed(frame)
    return drawn, reported_against_recomputed.alt_text(frame)


def _forest(size: int, hostile: bool) -> tuple[Figure, str]:
    weights = synthetic.weights(size, hostile=hostile)
    pooled = synthetic.pooled(size, hostile=hostile)
    effects = synthetic.effects(size, hostile=hostile)
    also = [name for name in pooled["pool"].unique() if name != POOL["pool"]]
    drawn = forest.forest(weights, pooled, **POOL, also=also, effects=effects)
    return drawn, forest.alt_text(weights, pooled, **POOL)


def _methods(size: int, hostile: bool) -> tuple[Figure, str]:
    frame = synthetic.pooled(size, hostile=hostile)
    return pooled_methods.pooled_methods(frame), pooled_methods.alt_text(frame)


def _grim(size: int, hostile: bool) -> tuple[Figure, str]:
    frame = synthetic.grim(size, hostile=hostile)
    return grim_panels.grim_panels(frame), grim_panels.alt_text(frame)


def _power(size: int, hostile: bool) -> tuple[Figure, str]:
    curves, designs = synthetic.power(min(size, 9), hostile=hostile)
    return power_curve.power_curve(curves, designs), power_curve.alt_text(curves, designs)


def _map(size: int, hostile: bool) -> tuple[Figure, str]:
    frame = synthetic.evidence_map(size * 2, hostile=hostile)
    return evidence_map.evidence_map(frame), evidence_map.alt_text(frame)


FIGURES: dict[str, Draw] = {
    "verdict_matrix": _matrix,
    "reported_against_recomputed": _compared,
    "forest": _forest,
    "pooled_methods": _methods,
    "grim_panels": _grim,
    "power_curve": _power,
    "evidence_map": _map,
}


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", [1, 6, 30])
def test_texts_stay_on_the_page_and_apart(name: str, size: int) -> None:
    figure, alt = FIGURES[name](size, False)
    assert_texts_fit(figure)
    assert smallest_type(figure) >= 7.5
    assert figure.get_figwidth() * 25.4 == pytest.approx(170)
    assert len(alt) > 40


@pytest.mark.parametrize("name", ["grim_panels", "pooled_methods", "reported_against_recomputed"])
@pytest.mark.parametrize(("size", "hostile"), [(0, False), (1, False), (9, False), (9, True)])
def test_a_table_with_marks_fits_a_narrow_page(name: str, size: int, hostile: bool) -> None:
    with page.narrow_page():
        figure, _ = FIGURES[name](size, hostile)
    assert_texts_fit(figure)
    assert panel.is_flexible(figure)
    assert figure.get_figwidth() * 25.4 == pytest.approx(page.NARROW_MM)
    assert smallest_type(figure) * 358 / (page.NARROW_MM / 25.4 * 72) >= 12 - 0.05


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", [3, 9])
def test_hostile_labels_are_drawn_as_text(name: str, size: int) -> None:
    figure, _ = FIGURES[name](size, True)
    assert_texts_fit(figure)
    assert save_svg(figure).startswith(b"<?xml")


@pytest.mark.parametrize("name", FIGURES)
def test_same_frame_gives_the_same_bytes_under_any_settings(name: str) -> None:
    first, _ = FIGURES[name](6, False)
    plain = (save_svg(first), save_png(first, dpi=60))
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "none", "lines.linewidth": 9}):
        second, _ = FIGURES[name](6, False)
        assert (save_svg(second), save_png(second, dpi=60)) == plain
    assert (save_svg(first), save_png(first, dpi=60)) == plain


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_outside_is_changed_by_drawing(name: str) -> None:
    before = dict(mpl.rcParams)
    FIGURES[name](3, False)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(("narrow", "width"), [(False, 140), (True, 76)])
@pytest.mark.parametrize(("size", "hostile"), [(2, False), (5, False), (9, True)])
def test_the_answer_fits_its_width(narrow: bool, width: int, size: int, hostile: bool) -> None:
    effects = synthetic.effects(size, hostile=hostile)
    pooled = synthetic.pooled(size, hostile=hostile)
    figure = answer_forest.answer_forest(effects, pooled, narrow=narrow, **POOL)
    assert_texts_fit(figure)
    assert figure.get_figwidth() * 25.4 == pytest.approx(width)
    # 8 points on a page that a screen shows 652 or 358 pixels wide: 12 pixels at least
    assert smallest_type(figure) * (358 if narrow else 652) / (width / 25.4 * 72) >= 12


def test_empty_frames_say_that_there_is_nothing() -> None:
    ledger, pooled = synthetic.empty(tables.LEDGER), synthetic.empty(tables.POOLED)
    weights, grim = synthetic.empty(tables.WEIGHTS), synthetic.empty(tables.GRIM)
    power, designs = synthetic.empty(tables.POWER), synthetic.empty(tables.DESIGNS)
    links, effects = synthetic.empty(tables.EVIDENCE_MAP), synthetic.empty(tables.EFFECTS)
    drawn = (
        verdict_matrix.verdict_matrix(ledger),
        reported_against_recomputed.reported_against_recomputed(ledger),
        forest.forest(weights, pooled, **POOL),
        answer_forest.answer_forest(effects, pooled, **POOL),
        pooled_methods.pooled_methods(pooled),
        grim_panels.grim_panels(grim),
        power_curve.power_curve(power, designs),
        evidence_map.evidence_map(links),
    )
    for figure in drawn:
        said = [text for text, _ in boxes(figure)]
        assert len(said) == 1
        assert " no " in f" {said[0].lower()} "
    for alt in (
        verdict_matrix.alt_text(ledger),
        reported_against_recomputed.alt_text(ledger),
        forest.alt_text(weights, pooled, **POOL),
        answer_forest.alt_text(effects, pooled, **POOL),
        pooled_methods.alt_text(pooled),
        grim_panels.alt_text(grim),
        power_curve.alt_text(power, designs),
        evidence_map.alt_text(links),
    ):
        assert alt


def test_svg_carries_neither_time_nor_live_text_nor_links() -> None:
    figure, _ = _forest(3, False)
    svg = save_svg(figure).decode()
    for unwanted in ("dc:date", "dc:creator", "<text", "<script", "<a "):
        assert unwanted not in svg
    assert 'href="http' not in svg
