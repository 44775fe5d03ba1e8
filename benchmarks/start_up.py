"""Time of what a user waits for before anything happens: help, version, import."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import COMMAND, Cost, heading, measure, row

RUNS = 5
CASES = (
    ("python -c pass (for comparison)", (sys.executable, "-c", "pass"), 0.5),
    ("backwalk --help", (*COMMAND, "--help"), 0.5),
    ("backwalk --version", (*COMMAND, "--version"), 0.5),
    ("import backwalk_stats", (sys.executable, "-c", "import backwalk_stats"), 0.5),
    ("backwalk studies", (*COMMAND, "studies"), 3.0),
)


def median(costs: list[Cost]) -> Cost:
    """Return the run whose wall time is in the middle."""
    return sorted(costs, key=lambda cost: cost.wall)[len(costs) // 2]


def main() -> None:
    """Print one line per case: the median of five runs, after one that warms the disk cache."""
    print(heading())
    with tempfile.TemporaryDirectory() as folder:
        for label, command, seconds in CASES:
            measure(command, folder=Path(folder))
            costs = [measure(command, folder=Path(folder)) for _ in range(RUNS)]
            print(row(label, median(costs), seconds=seconds))


if __name__ == "__main__":
    main()
