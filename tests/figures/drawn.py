"""What a figure looks like, measured: where its texts stand."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SLACK = 1.5  # pixels at 100 dots per inch: 0.4 mm


def boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    """Return every text that is drawn, with the box it covers in pixels."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    renderer = canvas.get_renderer()
    return [(text.get_text(), text.get_window_extent(renderer)) for text in _drawn(figure)]


def _drawn(figure: Figure) -> list[Text]:
    """Return the texts that are drawn: hidden axes keep labels that are not."""
    kept: list[Text] = [*figure.texts]
    for axes in figure.axes:
        kept += axes.texts
        if axes.axison:
            for side in (axes.xaxis, axes.yaxis):
                kept += [side.label, *(tick.label1 for tick in side.get_major_ticks())]
            kept.append(axes.title)
    return [text for text in kept if text.get_visible() and text.get_text().strip()]


def assert_texts_fit(figure: Figure) -> None:
    """Check that no text leaves the canvas and none stands on another."""
    width, height = figure.canvas.get_width_height()
    found = boxes(figure)
    for text, box in found:
        inside = box.x0 > -SLACK and box.y0 > -SLACK
        inside = inside and box.x1 < width + SLACK and box.y1 < height + SLACK
        assert inside, f"outside the canvas: {text!r} {box}"
    for (one, a), (other, b) in combinations(found, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        tall = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide < SLACK or tall < SLACK, f"{one!r} stands on {other!r}"


def smallest_type(figure: Figure) -> float:
    """Return the smallest type size of the texts that are drawn, in points."""
    return min(float(text.get_fontsize()) for text in _drawn(figure))
