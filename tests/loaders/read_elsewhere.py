"""Functions that the reader's process runs in tests: each goes wrong in a way of its own."""

from __future__ import annotations

import os

from backwalk_stats.errors import InputError, UsageError
from backwalk_stats.loaders.sheets import reader_process


def refuse(file: str) -> None:
    """Refuse a file, as readers do."""
    raise InputError.of(file, "a file", "another", "Save it")


def misuse() -> None:
    """Refuse a choice."""
    raise UsageError("no such choice")


def noisy() -> int:
    """Print, as libraries do."""
    os.write(1, b"noise of a library")
    return os.getpid()


def abort() -> None:
    """End the process, as C does."""
    os.abort()


def greedy() -> int:
    """Take more memory than there is."""
    return len(bytearray(reader_process.MEMORY))


def broken() -> None:
    """Raise what nobody expects, with what stands in the file."""
    raise KeyError("P01")
