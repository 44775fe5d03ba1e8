"""The rows of the list of bad inputs, and the names that their tests begin with."""

from __future__ import annotations

import csv
import re
from pathlib import Path

LONGEST = 56


def row_name(group: str, text: str) -> str:
    """Return what the name of a row's tests begins with: its group and its first words."""
    words = re.findall(r"[a-z0-9]+", f"{group} {text}".lower())
    name = "test"
    for word in words:
        if len(name) + len(word) >= LONGEST:
            break
        name += f"_{word}"
    return name


def read_rows(path: Path) -> list[tuple[str, str]]:
    """Return group and input of every row."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [(row["group"], row["input"]) for row in csv.DictReader(stream)]
