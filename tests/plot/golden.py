"""Small pictures of everything that `bw.plot` draws, in three themes, to hold later ones against.

Written anew by `make golden` after a picture was changed on purpose; look at what
came out. The code of each picture is that of the gallery (`docs/gallery.py`).
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import backwalk_stats as bw
from docs.gallery import PICTURES, SETTING

FOLDER = Path(__file__).parent / "golden"
THEMES = ("default", "darkgrid", "report")
DPI = 70
COLOURS = 128  # of a stored picture
CELL = 4  # pixels that are averaged along each side before pictures are compared
MOST_APART = 6  # cells whose difference is that of two pictures
LARGEST = 25_000  # bytes of a stored picture
FEW = 'sensitivity = ["ancova", "change-score", "rank-based", "tipping-point"]'


@contextmanager
def theme(name: str) -> Iterator[None]:
    """Draw in one of the themes; what was set before is set again."""
    with mpl.rc_context(), ExitStack() as stack:
        mpl.rcdefaults()
        if name == "darkgrid":
            sns.set_theme(style="darkgrid", palette="Set2")
        elif name == "report":
            stack.enter_context(bw.plot.style("report"))
        yield


class Objects(dict[str, Any]):
    """What the gallery's code draws, each made when it is first asked for."""

    def __missing__(self, name: str) -> Any:
        """Make the analysis of a trial with few others beside it, the record, or the motion."""
        made = {
            "bw": lambda: bw,
            "trial": lambda: self["analysis"].trial,
            "analysis": _analysis,
            "ledger": bw.reproduce,
            "sessions": _sessions,
            "motion": lambda: bw.analyse_motion(bw.example("motion")),
        }
        self[name] = made[name]()
        return self[name]


OBJECTS = Objects()


def _sessions() -> pd.DataFrame:
    """Return the measurements of the gallery, simulated by the code that it prints."""
    known: dict[str, Any] = {"np": np, "pd": pd}
    exec(SETTING[SETTING.index("rng =") :], known)
    return cast("pd.DataFrame", known["sessions"])


def _analysis() -> bw.Analysis:
    """Return the analysis of the example trial, of one estimand and without resampling."""
    with tempfile.TemporaryDirectory() as kept:
        shutil.copytree(bw.example("knee"), kept, dirs_exist_ok=True)
        file = Path(kept) / "trial.toml"
        first = file.read_text("utf-8").partition('[[estimand]]\nid = "E2"')[0]
        file.write_text(re.sub(r"sensitivity = \[.*?\]", FEW, first, flags=re.DOTALL), "utf-8")
        return bw.analyse(bw.load_trial(file))


def made(name: str) -> Figure:
    """Return the figure of one picture of the gallery as it is drawn now, in the theme set."""
    found = eval(PICTURES[name][1], {}, OBJECTS)
    return cast("Figure", found.figure if isinstance(found, Axes) else found)


def pixels(figure: Figure) -> Image.Image:
    """Return a figure as a picture, and close all."""
    held = io.BytesIO()
    figure.savefig(held, dpi=DPI, metadata={"Software": None})
    pyplot.close("all")
    return Image.open(held).convert("RGB")


def distance(one: Image.Image, other: Image.Image) -> float:
    """Return how much two pictures differ where they differ most, from 0 to 255.

    A pixel is compared with that of the other picture or one beside it, whichever is more alike:
    lines and letters may be snapped otherwise elsewhere. Cells of a few pixels are averaged; the
    mean of the few that differ most finds a line that has moved or a number that is gone, which
    the mean over a picture does not.
    """
    if one.size != other.size:
        return 255.0
    grey = [np.asarray(image.convert("L"), dtype=float) for image in (one, other)]
    shifts = [(up, aside) for up in (-1, 0, 1) for aside in (-1, 0, 1)]
    apart = np.min([np.abs(grey[0] - np.roll(grey[1], shift, (0, 1))) for shift in shifts], axis=0)
    back = np.min([np.abs(grey[1] - np.roll(grey[0], shift, (0, 1))) for shift in shifts], axis=0)
    seen = np.maximum(apart, back)
    high, wide = (length // CELL * CELL for length in seen.shape)
    cells = seen[:high, :wide].reshape(high // CELL, CELL, wide // CELL, CELL).mean(axis=(1, 3))
    return float(np.sort(cells.ravel())[-MOST_APART:].mean())


def stored(name: str, theme_name: str) -> Path:
    """Return the file of a stored picture."""
    return FOLDER / theme_name / f"{name}.png"


def write() -> None:
    """Write every picture in every theme."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for theme_name in THEMES:
        for name in PICTURES:
            file = stored(name, theme_name)
            file.parent.mkdir(parents=True, exist_ok=True)
            with theme(theme_name):
                image = pixels(made(name))
            image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    mpl.use("Agg")
    write()
