"""Work for the workers of tests: at the top of a module, so that other processes find it."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from backwalk_stats.plan.executors import each


def squared(number: int) -> int:
    return number * number


def squared_after_a_death(job: tuple[int, str]) -> int:
    """The worker that takes 3 the first time is killed by the system."""
    number, folder = job
    marker = Path(folder, "died")
    if number == 3 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def deadly(job: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return job


def sleeping(job: tuple[int, str]) -> int:
    """Say who works, and work for long."""
    number, folder = job
    Path(folder, f"{os.getpid()}.pid").touch()
    time.sleep(600 if number else 0.01)
    return number


def main(folder: str) -> None:
    """Hand out work for long, until somebody kills this process."""
    for _ in each(sleeping, [(number, folder) for number in (1, 2, 3)], workers=2):
        pass


if __name__ == "__main__":
    main(sys.argv[1])
