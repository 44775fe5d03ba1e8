"""The gallery: every picture of `bw.plot` with the code that draws it, run with the site."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SETTING = """\
import backwalk_stats as bw

trial = bw.load_trial(bw.example("knee"))
analysis = bw.analyse(trial)
ledger = bw.reproduce()
motion = bw.analyse_motion(bw.example("motion"))
"""
PICTURES = {
    "trajectories": (
        "Means by visit over every participant",
        'bw.plot.trajectories(trial, "knee_pain")',
    ),
}
OPENING = """\
# Gallery

Each picture is drawn on the axes that you hand over, in the colours of your session;
`style="report"` gives the type and the colours of the reports. Backward walking is the filled
circle on a solid line, forward walking the open square on a dashed one: no picture needs colour to
be read. The trial and the movement are simulated.

```python
{setting}```
"""


def gallery_page(images: Path) -> str:
    """Draw every picture into a folder, and return the page that shows them with their code."""
    images.mkdir(parents=True, exist_ok=True)
    known: dict[str, object] = {}
    exec(SETTING, known)  # the code that the page prints is the code that is run
    parts = [OPENING.format(setting=SETTING)]
    for name, (what, code) in PICTURES.items():
        with mpl.rc_context():
            drawn = eval(code, known)
            figure = drawn.figure if isinstance(drawn, Axes) else drawn
            if not isinstance(figure, Figure):
                raise TypeError(f"{name} gave {type(drawn).__name__}, expected axes or a figure")
            figure.savefig(images / f"{name}.png", dpi=100, metadata={"Software": None})
            pyplot.close("all")
        parts.append(
            f"## {name}\n\n{what}.\n\n```python\n{code}\n```\n\n"
            f"![{what}]({images.name}/{name}.png)\n"
        )
    return "\n".join(parts)


def names() -> set[str]:
    """Return the pictures of the gallery.

    >>> names() <= set(dir(bw.plot))
    True
    """
    return set(PICTURES)
