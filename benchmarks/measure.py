"""Time and memory of one process, from its start to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-c", "from backwalk_stats.cli.app import main; main()")
# The unit of `ru_maxrss`: bytes on macOS, kilobytes elsewhere.
RSS_PER_MB = 1024 * 1024 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """What one run took: wall-clock and processor seconds, and peak resident memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


def measure(command: Sequence[str], *, folder: Path) -> Cost:
    """Run a command in a folder, its output thrown away, and return what it took.

    Raises
    ------
    RuntimeError
        When the command does not end with 0: the time of a failure says nothing.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    with process:
        if process.returncode != 0:
            assert process.stderr is not None
            raise RuntimeError(process.stderr.read().decode(errors="replace"))
    return Cost(wall=wall, cpu=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / RSS_PER_MB)


def row(label: str, cost: Cost, *, seconds: float, mb: float | None = None) -> str:
    """Return a line of the table: what was measured, beside the limit it has to keep."""
    kept = cost.wall <= seconds and (mb is None or cost.peak_mb <= mb)
    limit = f"{seconds:g} s" + (f", {mb:g} MB" if mb is not None else "")
    return (
        f"{label:<34}{cost.wall:>8.2f} s{cost.cpu:>8.2f} s{cost.peak_mb:>8.0f} MB"
        f"   {limit:<14}{'kept' if kept else 'NOT KEPT'}"
    )


def heading() -> str:
    """Return the heading of the table."""
    return f"{'':<34}{'wall':>10}{'cpu':>10}{'peak':>11}   {'limit':<14}"
