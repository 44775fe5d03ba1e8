"""Reads the values that another program computed; each folder's make.R says how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def stored(topic: str) -> dict[str, Any]:
    """Return tests/reference/<topic>/values.json."""
    values: dict[str, Any] = json.loads((FOLDER / topic / "values.json").read_text("utf-8"))
    return values
