"""CSV that reads back, and that a spreadsheet does not run."""

from __future__ import annotations

import csv
import io
import unicodedata
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.tables.csv import cell_text, to_csv


def read(text: str) -> list[list[str]]:
    """Return the cells of CSV text."""
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", " =1+1", "＝1+1"],
)
def test_formulas_are_disarmed(text: str) -> None:
    assert cell_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-0.20", "+1.5", "-.5", "1e-5", "-3E4", "0.014", "<0.05", "−0.2"])
def test_printed_numbers_stay_as_they_are(text: str) -> None:
    assert cell_text(text) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_exactly(value: float) -> None:
    assert float(cell_text(value)) == value


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=1))
def test_text_survives_quoting(texts: list[str]) -> None:
    frame = pd.DataFrame({"a": pd.Series(texts, dtype=object), "b": 1.5})
    rows = list(csv.reader(io.StringIO(to_csv(frame), newline="")))
    for row, text in zip(rows[1:], texts, strict=True):
        # What a terminal could take for an order is replaced, one sign for one; all else survives.
        shown = "".join(
            "\ufffd" if unicodedata.category(c) == "Cc" and c not in "\t\n\r" else c for c in text
        )
        assert row[0] in (shown, f"'{shown}")


def test_kinds_of_cell() -> None:
    frame = pd.DataFrame(
        {
            "text": ["a,b", 'say "x"', ""],
            "number": [0.1, nan, inf],
            "whole": [1, 2, 3],
            "flag": [True, False, True],
            "numpy": [np.float64(1e-9), None, np.int64(3)],
            "missing": [pd.NA, None, pd.NaT],
        }
    )
    rows = read(to_csv(frame))
    assert rows[0] == ["text", "number", "whole", "flag", "numpy", "missing"]
    assert rows[1] == ["a,b", "0.1", "1", "true", "1e-09", ""]
    assert rows[2] == ['say "x"', "", "2", "false", "", ""]
    assert rows[3] == ["", "Inf", "3", "true", "3.0", ""]
    assert to_csv(frame) == to_csv(frame.copy())


def test_empty_frame_has_a_header() -> None:
    assert to_csv(pd.DataFrame(columns=["a", "b"])) == "a,b\n"
