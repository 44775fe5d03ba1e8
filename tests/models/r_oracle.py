"""Runs a piece of R on data of a test and reads its answer."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

HEAD = """
suppressMessages({for (p in PACKAGES) library(p, character.only = TRUE)})
out <- list()
"""
TAIL = """
writeLines(jsonlite::toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "out.json")
"""


def r_answers(
    script: str, frames: Mapping[str, pd.DataFrame], packages: tuple[str, ...], folder: Path
) -> dict[str, Any]:
    """Return the list `out` that a script fills; skips the test where R or a package is missing.

    Each frame stands in R under its own name, text columns as factors in order of appearance.
    """
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed")
    asked = ", ".join(f'"{name}"' for name in (*packages, "jsonlite"))
    probe = f"cat(all(sapply(c({asked}), requireNamespace, quietly = TRUE)))"
    found = subprocess.run(
        [rscript, "-e", probe], capture_output=True, text=True, check=True, timeout=120
    )
    if not found.stdout.strip().endswith("TRUE"):
        pytest.skip(f"R lacks one of {asked}")
    reads = []
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
        reads.append(
            f'{name} <- read.csv("{name}.csv"); for (k in names({name})) '
            f"if (is.character({name}[[k]])) {name}[[k]] <- "
            f"factor({name}[[k]], levels = unique({name}[[k]]))"
        )
    text = f"PACKAGES <- c({asked})\n{HEAD}" + "\n".join(reads) + script + TAIL
    (folder / "script.R").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [rscript, "script.R"], cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads((folder / "out.json").read_text("utf-8"))
    return answer
