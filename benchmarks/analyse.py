"""Analysing a trial from its files: the shipped one, and 2,000 people x 5 visits x 6 outcomes.

Loading, analysis and report are timed in one process after the imports; the whole command, its
start and its imports included, beside its limits.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from measure import COMMAND, heading, measure, row

from backwalk_stats.analyses.simulated.trial import SimulatedPlan, simulated_trial

EXAMPLE = Path(__file__).parents[1] / "data" / "example_trial" / "trial.toml"
LARGE = SimulatedPlan(participants=2000, weeks=(0, 3, 6, 9, 12), outcomes=6, conduct=False)
STEPS = """
import sys, time
import backwalk_stats as bw
from backwalk_stats.analyses.whole_trial import analyse_trial
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.report.analysis import Analysis

def timed(run):
    start, cpu = time.perf_counter(), time.process_time()
    found = run()
    return found, time.perf_counter() - start, time.process_time() - cpu

trial, *loading = timed(lambda: load_trial(sys.argv[1]))
analysis, *analysing = timed(lambda: analyse_trial(trial))
_, *writing = timed(lambda: Analysis(analysis=analysis).report(sys.argv[2]))
for name, (wall, cpu) in zip(("loading", "analysis", "report"), (loading, analysing, writing)):
    print(f"  {name:<32}{wall:>8.2f} s{cpu:>8.2f} s")
"""


def steps(trial: Path, folder: Path) -> str:
    """Return the lines of loading, analysis and report."""
    command = [sys.executable, "-c", STEPS, str(trial), str(folder / "steps")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Print the table."""
    print(heading())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        large = folder / "large"
        large.mkdir()
        for name, text in simulated_trial(LARGE).items():
            (large / name).write_text(text, encoding="utf-8", newline="\n")
        for label, trial, seconds, mb in (
            ("backwalk analyse, example", EXAMPLE, 30.0, None),
            ("backwalk analyse, 2,000 x 5 x 6", large / "trial.toml", 180.0, 2000.0),
        ):
            place = folder / label.replace(" ", "_").replace(",", "")
            place.mkdir()
            command = [*COMMAND, "analyse", str(trial), "--out", str(place / "out")]
            print(row(label, measure(command, folder=place), seconds=seconds, mb=mb))
            print(steps(trial, place), end="")


if __name__ == "__main__":
    main()
