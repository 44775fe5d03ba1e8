"""Time and memory of `backwalk reproduce`: all studies, HTML, PDF and figures, three runs."""

from __future__ import annotations

import tempfile
from pathlib import Path

from measure import COMMAND, heading, measure, row

RUNS = 3
SECONDS = 20.0
MEGABYTES = 600.0


def main() -> None:
    """Print one line per run, each in an empty folder."""
    print(heading())
    for number in range(1, RUNS + 1):
        with tempfile.TemporaryDirectory() as folder:
            cost = measure([*COMMAND, "reproduce"], folder=Path(folder))
        print(row(f"backwalk reproduce, run {number}", cost, seconds=SECONDS, mb=MEGABYTES))


if __name__ == "__main__":
    main()
