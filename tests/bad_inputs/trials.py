"""A small good trial of one's own, that each test spoils in its own way."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from backwalk_stats.errors import Fault
from backwalk_stats.loaders.load import check_trial, load_trial

TOML = """\
[trial]
id = "bw-knee-01"
title = "Backward against forward walking in knee osteoarthritis"
seed = 20261122

[arms]
reference = "forward"
[arms.labels]
BW = "backward"
FW = "forward"

[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]

[[data]]
file = "scores.csv"
layout = "wide"
participant = "id"
arm = "group"
covariates = ["age", "sex", "site"]
missing_codes = ["", "NA", "999"]

[[outcome]]
name = "knee_pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "nprs_w0", W3 = "nprs_w3", W6 = "nprs_w6" }

[[outcome]]
name = "womac_function"
instrument = "womac"
version = "likert-3.1"
subscale = "function"
columns = { W0 = "womacf_w0", W3 = "womacf_w3", W6 = "womacf_w6" }

[[estimand]]
outcome = "knee_pain"
visit = "W6"
contrast = ["backward", "forward"]
covariates = ["baseline", "age"]
"""
Rows = list[dict[str, str]]


def good_rows(n: int = 40) -> Rows:
    """Return a wide sheet without a fault: two arms, three visits, two outcomes."""
    rng = np.random.default_rng(20261122)
    rows = []
    for k in range(n):
        severity = rng.normal()
        pain = [6 + severity, 5 + severity, 4 + severity]
        function = [34 + 7 * severity, 28 + 7 * severity, 25 + 7 * severity]
        row = {"id": f"{k + 1:03d}", "group": "BW" if k % 2 else "FW"}
        row |= {"site": "A" if k % 4 < 2 else "B", "age": str(int(rng.integers(45, 75)))}
        row |= {"sex": "female" if rng.random() < 0.6 else "male"}
        for week, p, f in zip((0, 3, 6), pain, function, strict=True):
            row[f"nprs_w{week}"] = str(int(np.clip(round(p + rng.normal()), 0, 10)))
            row[f"womacf_w{week}"] = str(int(np.clip(round(f + 4 * rng.normal()), 0, 68)))
        rows.append(row)
    return rows


def long_rows(rows: Rows) -> Rows:
    """Return the same data with a row for each visit."""
    return [
        {name: row[name] for name in ("id", "group", "site", "age", "sex")}
        | {"visit": f"W{week}", "nprs": row[f"nprs_w{week}"], "womacf": row[f"womacf_w{week}"]}
        for row in rows
        for week in (0, 3, 6)
    ]


LONG = (
    ('layout = "wide"', 'layout = "long"\nvisit = "visit"'),
    ('columns = { W0 = "nprs_w0", W3 = "nprs_w3", W6 = "nprs_w6" }', 'column = "nprs"'),
    ('columns = { W0 = "womacf_w0", W3 = "womacf_w3", W6 = "womacf_w6" }', 'column = "womacf"'),
)


def write_csv(path: Path, rows: Rows, *, separator: str = ",") -> Path:
    """Write rows as CSV and return the path."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(
            stream, fieldnames=list(rows[0]), delimiter=separator, lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_trial(
    folder: Path,
    *,
    toml: Sequence[tuple[str, str]] = (),
    more: str = "",
    cells: Sequence[tuple[int, str, str]] = (),
    spoil: Callable[[Rows], Rows] | None = None,
    separator: str = ",",
) -> Path:
    """Write the good trial, spoilt, into a folder; return its trial file.

    Parameters
    ----------
    toml : pairs of str
        Texts of the trial file and what stands there instead.
    more : str
        What is added to the trial file.
    cells : triples
        Line of the sheet (the header is 1), column, text.
    spoil : callable, optional
        From the rows to other rows.
    """
    text = TOML
    for old, new in toml:
        assert old in text, old
        text = text.replace(old, new)
    rows = good_rows()
    for line, column, cell in cells:
        rows[line - 2][column] = cell
    write_csv(folder / "scores.csv", rows if spoil is None else spoil(rows), separator=separator)
    path = folder / "trial.toml"
    path.write_text(text + more, encoding="utf-8")
    return path


def faults_of(path: Path, **options: bool) -> tuple[Fault, ...]:
    """Return the faults of a trial; a test that expects some fails where there is none."""
    faults, _ = check_trial(path, **options)
    assert faults, "the trial was accepted"
    return faults


def the_fault(path: Path, **options: bool) -> Fault:
    """Return the only fault of a trial."""
    faults = faults_of(path, **options)
    assert len(faults) == 1, [str(fault) for fault in faults]
    return faults[0]


def log_of(path: Path, level: str) -> list[tuple[str, str, int]]:
    """Return column, action and count of what was logged of a trial without faults."""
    rows = load_trial(path).load_log.to_dict("records")
    return [(row["column"], row["action"], row["count"]) for row in rows if row["level"] == level]
