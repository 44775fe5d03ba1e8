"""`backwalk check` and `analyse` of trials that grow: people x 5 visits x 6 outcomes.

`--analyse` also analyses them, with ten mixed models; 20,000 people take minutes.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path

from measure import COMMAND, heading, measure, row

from backwalk_stats.analyses.simulated.trial import SimulatedPlan, simulated_trial

PEOPLE = (200, 2000, 20000)
WEEKS = (0, 3, 6, 9, 12)
OUTCOMES = 6
MORE = """
[[estimand]]
outcome = "{name}"
visit = "W6"
role = "exploratory"
analysis = "mmrm"
covariates = ["baseline", "age"]
"""
CHECK = {200: 5.0, 2000: 5.0, 20000: 60.0}  # seconds
ANALYSE = 60.0


def written(folder: Path, *, people: int, models: int = OUTCOMES) -> Path:
    """Write a simulated trial into a folder; return its trial file.

    It has so many mixed models: one an outcome, the others at an earlier visit of the first.
    """
    folder.mkdir(parents=True)
    plan = SimulatedPlan(participants=people, weeks=WEEKS, outcomes=OUTCOMES, conduct=False)
    for name, text in simulated_trial(plan).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    path = folder / "trial.toml"
    text = path.read_text(encoding="utf-8")
    names = tomllib.loads(text)["outcome"]
    more = [MORE.format(name=names[k]["name"]) for k in range(models - OUTCOMES)]
    path.write_text(text + "".join(more), encoding="utf-8")
    return path


def main() -> None:
    """Print the table."""
    print(heading())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for people in PEOPLE:
            trial = written(folder / f"check{people}", people=people)
            cost = measure([*COMMAND, "check", str(trial)], folder=folder)
            print(row(f"check, {people:,} x 5 x 6", cost, seconds=CHECK[people]), flush=True)
        for people in PEOPLE[1:] if "--analyse" in sys.argv else ():
            trial = written(folder / f"analyse{people}", people=people, models=10)
            out = str(folder / f"out{people}")
            command = [*COMMAND, "analyse", str(trial), "--out", out, "--only", "html"]
            cost = measure(command, folder=folder)
            label = f"analyse, 10 models, {people:,}, HTML"
            print(row(label, cost, seconds=ANALYSE, mb=1000.0), flush=True)


if __name__ == "__main__":
    main()
