"""The stored reference cases of whole-trial models, and how a row is held to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference" / "models2"
KINDS = {"p_value": "p", "p_low": "p", "p_high": "p", "conf_low": "conf", "conf_high": "conf"}
KINDS |= {"statistic_low": "statistic", "statistic_high": "statistic"}


def cases(capability: str) -> list[str]:
    """Return the names of the stored cases of a capability; one that skips where there are none."""
    found = sorted(one.stem for one in (FOLDER / "values").glob(f"{capability}__*.json"))
    return found or [f"{capability}__absent"]


def stored(name: str) -> dict[str, Any]:
    """Return a stored case; skip where the values are not beside the project."""
    path = FOLDER / "values" / f"{name}.json"
    if not path.is_file():
        pytest.skip("the reference values of the models are not beside the project")
    case: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return case


def prepared(case: dict[str, Any]) -> pd.DataFrame:
    """Return a case's data with levels in their order and columns as the case prepares them."""
    data = pd.read_csv(FOLDER / case["data"])
    for column, levels in case.get("levels", {}).items():
        data[column] = pd.Categorical(data[column], categories=levels)
    steps = case.get("prepare", {})
    for column, value in steps.get("rows", {}).items():
        data = data[data[column] == value]
    for column in steps.get("object", ()):
        data[column] = data[column].astype(object)
    for column in steps.get("text", ()):
        data[column] = data[column].astype(str)
    for column in steps.get("every_second_as_text", ()):
        mixed = [str(one) if at % 2 else one for at, one in enumerate(data[column])]
        data[column] = pd.Series(mixed, index=data.index, dtype=object)
    if "trailing_blank" in steps:
        blank = steps["trailing_blank"]
        own = data.index[data[blank["column"]] == blank["value"]][:: blank["every"]]
        data.loc[own, blank["column"]] += " "
    return data


def held(found: pd.Series, row: dict[str, Any], tolerance: dict[str, float]) -> int:
    """Hold the numbers of a row at the tolerance of their kind; return how many were held."""
    count = 0
    for name, value in row.items():
        limit = tolerance.get(KINDS.get(name, name))
        if isinstance(value, str | bool) or name not in found.index:
            continue
        if name == "statistic" and limit is None:
            limit = 10.0 * max(tolerance["estimate"], tolerance["std_error"])
        if limit is None:
            continue
        count += 1
        if value is None:
            assert not abs(found[name]) < float("inf"), name
        else:
            assert found[name] == pytest.approx(value, rel=limit, abs=0.0), name
    return count
