"""The gallery: every picture of `bw.plot` with the code that draws it, run with the site."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SETTING = """\
import numpy as np
import pandas as pd
import backwalk_stats as bw

trial = bw.load_trial(bw.example("knee"))
analysis = bw.analyse(trial)
ledger = bw.reproduce()
motion = bw.analyse_motion(bw.example("motion"))
rng = np.random.default_rng(3)
seconds = rng.normal(8, 1.5, 30)[:, None] + rng.normal(0, 0.4, (30, 2))
sessions = pd.DataFrame({"id": np.repeat(np.arange(30), 2), "session": [1, 2] * 30,
                         "seconds": seconds.ravel()})
"""
PICTURES = {
    "trajectories": (
        "Means by visit with t intervals, over a thin line for every participant",
        'bw.plot.trajectories(trial, "knee_pain")',
    ),
    "means": (
        "The means of the mixed model, and beside them their difference to the same scale",
        'bw.plot.means(analysis, "E1")',
    ),
    "raincloud": (
        "The change of each arm: its distribution, its mean, and everybody",
        'bw.plot.raincloud(trial, "womac_function")',
    ),
    "estimation": (
        "Two arms, and their difference on an axis of its own (Gardner-Altman)",
        'bw.plot.estimation(analysis, "E1")',
    ),
    "responders": (
        "The share of each arm that became better by at least every amount; who has no value "
        "counts as not better",
        'bw.plot.responders(trial, "knee_pain")',
    ),
    "ancova": (
        "Outcome over baseline with the lines of the analysis of covariance",
        'bw.plot.ancova(analysis, "E1")',
    ),
    "bland_altman": (
        "Two measurements of the same people: their differences, the bias, the limits of agreement",
        "bw.plot.bland_altman(sessions, participant='id', measurement='session', value='seconds')",
    ),
    "sensitivity": (
        "The main analysis, bold, beside the others that give the same difference",
        'bw.plot.sensitivity(analysis, "E1")',
    ),
    "subgroups": (
        "The difference within subgroups; no test within a group",
        'bw.plot.subgroups(analysis, "E1")',
    ),
    "tipping": (
        "How far the missing values of either arm would have to shift before p passes 0.05",
        'bw.plot.tipping(analysis, "E1")',
    ),
    "residuals": (
        "Residuals of the mixed model against its fitted values, and their quantiles",
        'bw.plot.residuals(analysis, "E1")',
    ),
    "missingness": (
        "Whose values are missing, and when",
        'bw.plot.missingness(trial, "knee_pain")',
    ),
    "adherence": (
        "Who came to which session; without names",
        "bw.plot.adherence(trial)",
    ),
    "adherence_lines": (
        "The share of each arm that came to each session",
        "bw.plot.adherence(trial, individuals=False)",
    ),
    "flow": (
        "Participants through the trial, as CONSORT asks for it",
        "bw.plot.flow(trial)",
    ),
    "power": (
        "Power over the size of an arm, for three true differences in standard deviations",
        "bw.plot.power([0.3, 0.5, 0.8])",
    ),
    "forest": (
        "What each trial of the published record found, and what they say together",
        'bw.plot.forest(ledger, "pain")',
    ),
    "funnel": (
        "Estimate against standard error: five trials cannot say why they differ",
        'bw.plot.funnel(ledger, "pain")',
    ),
    "verdicts": (
        "What became of every printed number of the record, claim by claim",
        "bw.plot.verdicts(ledger)",
    ),
    "curves": (
        "Lumbar flexion over the gait cycle, and the difference with a band for the whole curve",
        'bw.plot.curves(motion, test="baseline-adjusted")',
    ),
    "coupling": (
        "How often pelvis and lumbar spine turn in which direction together",
        'bw.plot.coupling(motion, direction="backward")',
    ),
    "coupling_area": (
        "The share of participants in each pattern of coordination over the cycle",
        'bw.plot.coupling(motion, kind="area", direction="backward")',
    ),
    "coupling_loop": (
        "The mean angle of one segment against that of the other",
        'bw.plot.coupling(motion, kind="loop", direction="backward")',
    ),
}
OPENING = """\
# Gallery

Each picture is drawn on the axes that you hand over, in the colours of your session;
`style="report"` gives the type and the colours of the reports. Backward walking is the filled
circle on a solid line, forward walking the open square on a dashed one: no picture needs colour to
be read. The trial, the movement and the sessions
are simulated.

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
    """Return the functions that the gallery shows.

    >>> sorted(names())[:3]
    ['adherence', 'ancova', 'bland_altman']
    """
    return {code.removeprefix("bw.plot.").partition("(")[0] for _, code in PICTURES.values()}
