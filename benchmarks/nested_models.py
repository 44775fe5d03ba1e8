"""Two random factors, nested and crossed, beside R's lmerTest and pbkrtest on the same data.

Both are timed inside one process, from data frame to the table of coefficients, after a first call
that is thrown away; processor time, median of at least three calls. Kenward-Roger in R is measured
up to a number of people (`--largest`, 400): pbkrtest forms matrices of all rows. The last column is
the growth: the power of the number of people by which the time has grown from the size before.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from mixed_models import seconds, text

import backwalk_stats as bw

SIZES = (26, 100, 400, 2000)
WEEKS = np.array([0.0, 6.0, 12.0])
GOAL = 5.0
FORMULAS = {
    "nested": "pain ~ arm * week + (1 | site/id)",
    "crossed": "pain ~ arm * week + (1 | therapist) + (1 | id)",
    "knees": "pain ~ arm * week + (1 | id/knee)",
}
LABELS = {
    "nested": "13 people a site, 3 visits",
    "crossed": "a therapist for 25 people, another at each visit",
    "knees": "both knees, 3 visits",
}
METHODS = {
    "Satterthwaite": {"df": "satterthwaite"},
    "Kenward-Roger": {"df": "kenward-roger", "information": "expected"},  # as pbkrtest
}


def trial(design: str, people: int, *, seed: int = 1) -> pd.DataFrame:
    """Return a trial with an effect of the person and of the second factor."""
    rng = np.random.default_rng([seed, people, list(FORMULAS).index(design)])
    knees = 2 if design == "knees" else 1
    who = np.repeat(np.arange(people), knees * len(WEEKS))
    frame = pd.DataFrame({"id": who, "week": np.tile(WEEKS, people * knees)})
    if design == "nested":
        frame["site"] = level = who // 13
    elif design == "crossed":
        frame["therapist"] = level = rng.integers(0, max(4, people // 25), len(who))
    else:
        knee = np.tile(np.repeat([0, 1], len(WEEKS)), people)
        frame["knee"] = np.where(knee, "right", "left")
        level = 2 * who + knee
    own, theirs = rng.normal(0.0, 1.2, people), rng.normal(0.0, 0.8, int(level.max()) + 1)
    frame["arm"] = pd.Categorical(np.where(who % 2, "backward", "forward"), ["forward", "backward"])
    noise = rng.normal(0.0, 0.7, len(who))
    return frame.assign(pain=6.0 - 0.1 * frame["week"] + own[who] + theirs[level] + noise)


def times_of_r(folder: Path, largest: int) -> dict[tuple[str, int, str], float]:
    """Return R's median processor seconds of each design, size and method; empty without R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return {}
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(
        [rscript, str(script), str(folder), str(largest)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split("\t") for line in done.stdout.splitlines() if line.count("\t") == 4]
    return {(design, int(n), method): float(s) for design, n, method, s, _ in lines}


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=400, help="people of Kenward-Roger in R")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for design in FORMULAS:
            for people in asked.sizes:
                trial(design, people).to_csv(folder / f"{design}_{people}.csv", index=False)
        in_r = times_of_r(folder, asked.largest)
    print("| design | method | people | here | R | faster | growth here, R |")
    print("|---|---|---|---|---|---|---|")
    for design in FORMULAS:
        for method in METHODS:
            print_rows(design, method, asked.sizes, in_r)


def print_rows(
    design: str, method: str, sizes: list[int], in_r: dict[tuple[str, int, str], float]
) -> None:
    """Print a line for each size."""
    before: tuple[int, float, float] | None = None
    for people in sizes:
        data = trial(design, people)
        formula, choice = FORMULAS[design], METHODS[method]
        own = seconds(
            lambda: bw.lmm(formula, data, **choice).coefficients(),  # type: ignore[arg-type]  # noqa: B023
            clock=time.process_time,
        )
        other = in_r.get((design, people, method), float("nan"))
        growth = ""
        if before is not None:
            step = np.log(people / before[0])
            powers = [np.log(now / then) / step for now, then in zip((own, other), before[1:])]  # noqa: B905
            growth = ", ".join("" if np.isnan(one) else f"{one:.1f}" for one in powers)
        ratio = other / own
        shown = "" if np.isnan(ratio) else f"{ratio:.0f} x{'' if ratio >= GOAL else ' NOT KEPT'}"
        theirs = "" if np.isnan(other) else text(other)
        print(f"| {LABELS[design]} | {method} | {people:,} | {text(own)} | {theirs} | {shown} "
              f"| {growth} |")  # fmt: skip
        before = (people, own, other)


if __name__ == "__main__":
    main()
