"""The stored values are what the recipes beside them give, where R and its packages are here."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.reference.stored import FOLDER, stored

NEEDS = {
    "constrained_longitudinal": ("nlme", "jsonlite"),
    "changes": ("effectsize", "jsonlite"),
    "crossover": ("jsonlite",),
    "effect_size": ("effectsize", "metafor", "jsonlite"),
    "example_trial": ("nlme", "emmeans", "afex", "jsonlite"),
    "firth": ("jsonlite",),
    "formula": ("emmeans", "car", "jsonlite"),
    "meta": ("metafor", "jsonlite"),
    "mixed": ("lme4", "lmerTest", "pbkrtest", "emmeans", "nlme", "jsonlite"),
    "mixed_anova": ("afex", "nlme", "jsonlite"),
    "multiplicity": ("jsonlite",),
    "multiple_imputation": ("mice", "jsonlite"),
    "one_way": ("jsonlite",),
    "power": ("jsonlite",),
    "ranks": ("coin", "jsonlite"),
    "responders": ("jsonlite",),
    "reference_based": ("rbmi", "jsonlite"),
    "sample_size": ("jsonlite",),
    "six_numbers": ("lmerTest", "jsonlite"),
}


def test_every_recipe_is_listed():
    assert {path.parent.name for path in FOLDER.glob("*/make.R")} == set(NEEDS)


def missing_packages(packages: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{name}"' for name in packages)
    code = f"for (p in c({quoted})) if (!requireNamespace(p, quietly = TRUE)) cat(p, '')"
    result = subprocess.run(
        ["Rscript", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )
    return result.stdout.strip()


def differences(left: Any, right: Any, place: str = "") -> list[str]:
    """Return where two JSON values differ by more than optimisers do between versions."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = [] if set(left) == set(right) else [f"{place}: other keys"]
        shared = sorted(set(left) & set(right) - {"source"})
        return found + [
            d for key in shared for d in differences(left[key], right[key], f"{place}/{key}")
        ]
    if isinstance(left, list) and isinstance(right, list):
        found = [] if len(left) == len(right) else [f"{place}: other length"]
        pairs = zip(left, right, strict=False)
        return found + [
            d for at, (a, b) in enumerate(pairs) for d in differences(a, b, f"{place}[{at}]")
        ]
    if isinstance(left, bool) or not isinstance(left, int | float):
        return [] if left == right else [f"{place}: {left!r} and {right!r}"]
    same = isinstance(right, int | float) and right == pytest.approx(left, rel=1e-5, abs=1e-9)
    return [] if same else [f"{place}: {left!r} and {right!r}"]


# What R needs long for, though its values change only with R itself.
LONG = frozenset(["multiple_imputation", "mixed", "formula", "effect_size", "example_trial",
                  "mixed_anova", "six_numbers"])  # fmt: skip
TOPICS = [
    pytest.param(topic, marks=[pytest.mark.slow] if topic in LONG else [])
    for topic in sorted(NEEDS)
]


@pytest.mark.parametrize("topic", TOPICS)
def test_recipe_gives_the_stored_values(topic, tmp_path):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed; the stored values were still compared")
    missing = missing_packages(NEEDS[topic])
    if missing:
        pytest.skip(f"R packages not installed: {missing}; the stored values were still compared")
    target = tmp_path / "values.json"
    run = subprocess.run(
        ["Rscript", str(FOLDER / topic / "make.R"), str(target)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    assert differences(stored(topic), json.loads(target.read_text("utf-8"))) == []
