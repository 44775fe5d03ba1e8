"""What is measured in the simulated trial, and how a score becomes the cells of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNANSWERED = 0.004  # share of the items that nobody ticked


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedOutcome:
    """One outcome.

    Attributes
    ----------
    name, prefix : str
        In results, and of its columns in the sheet.
    keys : tuple of str
        Lines of its table in the trial file.
    mean, spread : float
        At baseline.
    course, effect : float
        Improvement of the forward arm from the first visit to the last, and how much more the
        backward arm improves.
    better : str
        "lower" or "higher".
    low, high : float
        Scores are cut to this range.
    decimals : int
        To which they are rounded.
    items : int
        How many item columns make the score; 0 where the score itself is written down.
    """

    name: str
    prefix: str
    keys: tuple[str, ...]
    mean: float
    spread: float
    course: float
    effect: float
    better: str
    low: float
    high: float
    decimals: int = 0
    items: int = 0

    @property
    def sign(self) -> float:
        """Return -1 where lower is better, else 1."""
        return -1.0 if self.better == "lower" else 1.0

    def columns(self, visit: str) -> list[str]:
        """Return the columns of one visit."""
        end = visit.lower()
        if self.items:
            return [f"{self.prefix}{place:02d}_{end}" for place in range(1, self.items + 1)]
        return [f"{self.prefix}_{end}"]

    def cells(
        self, values: np.ndarray, *, visits: tuple[str, ...], rng: np.random.Generator
    ) -> dict[str, list[str]]:
        """Return the cells of each column, from scores before rounding, shape (n, visits).

        `rng` spreads a score over its items.
        """
        kept = np.clip(values, self.low, self.high)
        out: dict[str, list[str]] = {}
        for place, visit in enumerate(visits):
            names, score = self.columns(visit), kept[:, place]
            if not self.items:
                written = np.round(score, self.decimals)
                out[names[0]] = [f"{one:.{self.decimals}f}" for one in written]
                continue
            noise = 0.7 * rng.standard_normal((len(score), self.items))
            highest = self.high / self.items
            answers = np.clip(np.rint(score[:, None] / self.items + noise), 0, highest).astype(int)
            blank = rng.random(answers.shape) < UNANSWERED
            for column, name in enumerate(names):
                out[name] = [
                    "" if gap else str(answer)
                    for answer, gap in zip(answers[:, column], blank[:, column], strict=True)
                ]
        return out


SIMULATED = (
    SimulatedOutcome(
        name="knee_pain",
        prefix="nprs",
        keys=(
            'instrument = "nprs"',
            'role = "primary"',
            'thresholds = ["mcid-musculoskeletal-points"]',
        ),
        mean=6.1,
        spread=1.5,
        course=1.2,
        effect=1.1,
        better="lower",
        low=0.0,
        high=10.0,
    ),
    SimulatedOutcome(
        name="womac_function",
        prefix="womacf",
        keys=(
            'instrument = "womac"',
            'version = "likert-3.1"',
            'subscale = "function"',
            'thresholds = ["mcid-osteoarthritis-percent"]',
        ),
        mean=33.0,
        spread=9.0,
        course=6.0,
        effect=5.0,
        better="lower",
        low=0.0,
        high=68.0,
        items=17,
    ),
    SimulatedOutcome(
        name="backward_walk_3m",
        prefix="bw3m",
        keys=('instrument = "3mbwt"', 'subscale = "time"'),
        mean=5.4,
        spread=1.1,
        course=0.3,
        effect=0.7,
        better="lower",
        low=1.5,
        high=30.0,
        decimals=2,
    ),
    SimulatedOutcome(
        name="chair_stands",
        prefix="cst",
        keys=('instrument = "30scst"',),
        mean=11.0,
        spread=2.4,
        course=1.0,
        effect=0.8,
        better="higher",
        low=1.0,
        high=40.0,
    ),
    SimulatedOutcome(
        name="timed_up_and_go",
        prefix="tug",
        keys=('instrument = "tug"',),
        mean=10.2,
        spread=1.8,
        course=0.6,
        effect=0.5,
        better="lower",
        low=3.5,
        high=60.0,
        decimals=2,
    ),
    SimulatedOutcome(
        name="walk_6min",
        prefix="walk6",
        keys=('instrument = "6mwt"',),
        mean=420.0,
        spread=65.0,
        course=18.0,
        effect=15.0,
        better="higher",
        low=60.0,
        high=850.0,
    ),
)
