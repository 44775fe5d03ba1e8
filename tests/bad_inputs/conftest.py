"""A small good record that each test spoils in its own way."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

STUDY = {
    "study_id": "first2020",
    "citation": "First A. A trial. 2020",
    "design": "2-arm RCT",
    "arms": "backward; forward",
    "n_randomised": "40",
    "url": "https://example.org/1",
}
OUTCOME = {
    "study_id": "first2020",
    "arm": "backward",
    "outcome": "pain",
    "instrument": "NRS",
    "scale_min": "0",
    "scale_max": "10",
    "unit": "points",
    "direction_better": "lower",
    "timepoint": "week 6",
    "n": "20",
    "mean": "3.10",
    "sd": "1.20",
    "ci_low": "",
    "ci_high": "",
}
CONTRAST = {
    "study_id": "first2020",
    "outcome": "pain",
    "arm_a": "backward",
    "arm_b": "forward",
    "contrast_type": "post-score mean difference",
    "estimate": "-0.90",
    "ci_low": "-1.70",
    "ci_high": "-0.10",
    "statistic": "t=-2.30",
    "df": "38",
    "p_value_as_printed": "p = 0.027",
    "origin": "printed",
}
CLAIM = {
    "claim_id": "C1",
    "claim_in_our_words": "Backward is better",
    "evidence_study_ids": "first2020;second2021",
}
REVIEW = {
    "Study": "First 2020",
    "Experimental.mean": "3.1",
    "Experimental.SD": "1.2",
    "Experimental.N": "20",
    "Control.mean": "4.0",
    "Control.SD": "1.3",
    "Control.N": "20",
    "Weight": "100",
    "Mean": "-0.7",
    "CI.start": "-1.3",
    "CI.end": "-0.1",
}
Tables = dict[str, list[dict[str, str]]]


def good_tables() -> Tables:
    """Return a record without a fault: two studies, three outcome rows."""
    return {
        "studies.csv": [STUDY, STUDY | {"study_id": "second2021"}],
        "outcomes.csv": [
            OUTCOME,
            OUTCOME | {"arm": "forward", "mean": "4.00", "sd": "1.30"},
            OUTCOME
            | {"outcome": "withdrawals", "instrument": "count", "unit": "events"}
            | {"scale_min": "", "scale_max": "", "mean": "2", "sd": ""},
        ],
        "contrasts.csv": [CONTRAST, CONTRAST | {"outcome": "function"}],
        "article_claims.csv": [CLAIM],
        "cochrane_pain.csv": [REVIEW],
    }


def write_tables(folder: Path, tables: Tables) -> Path:
    """Write each table into a folder as CSV and return the folder."""
    for name, rows in tables.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.fixture
def record_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the good record with some cells replaced.

    A change is (file, line, column, text); a text of None removes the column.
    """

    def build(*changes: tuple[str, int, str, str]) -> Path:
        tables = {name: [dict(row) for row in rows] for name, rows in good_tables().items()}
        for file, line, column, text in changes:
            tables[file][line - 2][column] = text
        return write_tables(tmp_path, tables)

    return build
