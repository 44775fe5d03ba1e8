"""The SVG shows the same picture when a typesetter draws it as when matplotlib does."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from backwalk_stats.figures.page import save_png, save_svg
from tests.figures.test_figures import FIGURES
from tests.figures.trial_figures import FIGURES as TRIAL_FIGURES
from tests.figures.trial_frames import CASES

typst = pytest.importorskip("typst")
DPI = 144
GRID = 20
PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("figure.svg", width: 170mm)\n'


def darkness(png: bytes) -> np.ndarray:
    """Return how dark each cell of a grid over a picture is, from 0 to 1."""
    pixels = matplotlib.image.imread(io.BytesIO(png), format="png")[..., :3].mean(axis=2)
    rows = np.array_split(1 - pixels, GRID, axis=0)
    return np.array([[cell.mean() for cell in np.array_split(row, GRID, axis=1)] for row in rows])


# Those with what a typesetter is most likely to lose: hatching, pale areas, letters on their side.
HATCHED = ("change_raincloud", "tipping_map", "adherence_sessions", "missingness", "flow_diagram")


@pytest.mark.parametrize("name", [*FIGURES, *HATCHED])
def test_typst_draws_what_matplotlib_draws(name: str, tmp_path: Path) -> None:
    trial = name in HATCHED
    figure, _ = TRIAL_FIGURES[name](CASES["ordinary"]) if trial else FIGURES[name](6, False)
    (tmp_path / "figure.svg").write_bytes(save_svg(figure))
    (tmp_path / "page.typ").write_text(PAGE, encoding="utf-8")
    typeset = typst.compile(str(tmp_path / "page.typ"), format="png", ppi=DPI)
    drawn, expected = darkness(typeset), darkness(save_png(figure, dpi=DPI))
    # Edges are smoothed differently; a missing mark or text would show as a cell of its own.
    assert drawn.sum() == pytest.approx(expected.sum(), rel=0.05)
    assert np.corrcoef(drawn.ravel(), expected.ravel())[0, 1] > 0.98
