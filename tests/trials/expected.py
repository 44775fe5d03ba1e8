"""What a shared case asks for, held against what the command printed and wrote."""

from __future__ import annotations

import html
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

SHARED = Path(__file__).parents[3] / "shared" / "trials" / "cases"


@dataclass(frozen=True)
class Outcome:
    """What a run of the command left: its exit code, what it printed, and its folder."""

    exit: int
    printed: str
    folder: Path

    @property
    def report(self) -> str:
        path = self.folder / "report.html"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    @property
    def results(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "results.csv")


def cases() -> list[dict[str, Any]]:
    """Return the shared cases, none where the folder is missing."""
    path = SHARED / "expected.json"
    return json.loads(path.read_text(encoding="utf-8"))["cases"] if path.is_file() else []


def holds(case: Mapping[str, Any], got: Outcome) -> list[str]:
    """Return what a run lacks of what its case asks for; empty where it has all."""
    lacks = [f"exit {got.exit}, expected {case['exit']}"] * (got.exit not in case["exit"])
    lacks += [f"says {one!r}" for one in case["not_say"] if one.lower() in got.printed.lower()]
    if got.exit == 2 and "or_fault" in case:
        return lacks + list(_unsaid(case["or_fault"], got.printed, together=False))
    lacks += _unsaid(case["say"], got.printed, together=case.get("together", False))
    if got.exit == 0:
        lacks += _numbers(case.get("numbers", []), got)
        lacks += _pictures(case, got)
    if got.exit == 2 and case.get("max_faults"):
        faults = int(re.findall(r"(\d+) faults?", got.printed)[0])
        if faults > case["max_faults"]:
            lacks.append(f"{faults} faults, at most {case['max_faults']}")
    return lacks


def _unsaid(asked: list[list[str]], printed: str, *, together: bool) -> Iterable[str]:
    """Yield each word of which no alternative is said; `together` asks for one line with all."""
    lines = printed.lower().splitlines()

    def said(alternatives: list[str], text: str) -> bool:
        return any(one.lower() in text for one in alternatives)

    if together and asked:
        if not any(all(said(one, line) for one in asked) for line in lines):
            yield f"no line says all of {asked}"
        return
    yield from (f"does not say {one}" for one in asked if not said(one, printed.lower()))


def _numbers(asked: list[dict[str, Any]], got: Outcome) -> Iterable[str]:
    """Yield each number that no row of the results holds."""
    for numbers in asked:
        rows = got.results
        for column, value in numbers.get("where", {}).items():
            rows = rows[rows[column] == value]
        forms = [numbers, *([numbers["or"]] if "or" in numbers else [])]
        if "any_of" in numbers:
            forms = [{"estimate": value} for value in numbers["any_of"].values()]
        if "any_p" in numbers:
            forms = [{"p_value": numbers["any_p"]}]
        if not any(_row(form, rows, numbers["tol"]) for form in forms):
            columns = [one for one in forms[0] if one in rows]
            yield f"no row with {forms[0]}; there are:\n{rows[columns].to_string()[:1500]}"


def _row(form: Mapping[str, Any], rows: pd.DataFrame, tolerance: float) -> bool:
    columns = [one for one, value in form.items() if one in rows and isinstance(value, int | float)]
    return any(
        all(math.isclose(row[one], form[one], rel_tol=0, abs_tol=tolerance) for one in columns)
        for row in rows[columns].to_dict("records")
    )


def _pictures(case: Mapping[str, Any], got: Outcome) -> Iterable[str]:
    text = html.unescape(got.report)
    for box, counts in case.get("flow", {}).items():
        found = [int(one) for one in re.findall(rf"{box} \(n = (\d+)\)", text)]
        if sorted(found[: len(counts)]) != sorted(counts):
            yield f"the flow's {box} are {found}, expected {counts}"
    yield from (
        f"no {one} in the report" for one in case.get("html", []) if not re.search(one, text)
    )
    yield from (f"{one} in the report" for one in case.get("html_not", []) if re.search(one, text))


def drafted(case: Mapping[str, Any], folder: Path) -> Iterable[str]:
    """Yield what a drafted trial file lacks."""
    text = (folder / "trial.toml").read_text(encoding="utf-8")
    tomllib.loads(text)
    yield from (f"no column {one}" for one in case["columns"] if one not in text)
    yield from (f"no {one}" for one in case["toml_has"] if not re.search(one, text))
