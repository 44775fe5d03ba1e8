"""`bw.instruments.score`: columns by name, order and code; what cannot be scored is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import backwalk_stats as bw

PAIN = [f"P{item}" for item in range(1, 10)]


def answers(rows: int = 3) -> pd.DataFrame:
    frame = pd.DataFrame({code: [1.0] * rows for code in PAIN}, index=list("abcdef")[:rows])
    frame.loc["b", ["P1", "P2", "P3", "P4"]] = np.nan
    frame.loc["c", PAIN[:5]] = np.nan
    return frame


def test_scores_keep_the_index_and_say_what_was_missing():
    # KOOS Scoring 2012: 100 - 100 x mean / 4 with at least five of nine answers.
    found = bw.instruments.score(answers(), "koos", scale="pain")
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["score"].tolist()[:2] == [75.0, 75.0] and np.isnan(found["score"].iloc[2])
    assert found["n_missing"].tolist() == [0, 4, 5]
    assert found.loc["c", "flag"] == "no score: too few items answered"


def test_columns_may_be_called_otherwise():
    frame = answers()
    expected = bw.instruments.score(frame, "koos", scale="pain")
    other = frame.rename(columns=lambda code: f"koos_{code}")
    called = [f"koos_{code}" for code in PAIN]
    for items in (called, dict(zip(PAIN, called, strict=True))):
        found = bw.instruments.score(other, "KOOS", scale="pain", items=items)
        pd.testing.assert_frame_equal(found, expected)
    text = frame.astype("Int64").astype("string")
    pd.testing.assert_frame_equal(bw.instruments.score(text, "koos", scale="pain"), expected)


def test_bands_come_where_the_instrument_has_them():
    scale = bw.instruments.find("odi").version().scale()
    frame = pd.DataFrame([[2] * len(scale.items)], columns=[item.code for item in scale.items])
    assert bw.instruments.score(frame, "odi")["band"].tolist() == ["moderate"]
    assert "band" not in bw.instruments.score(answers(), "koos", scale="pain")


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (answers(), {}, "pain"),
        (answers().drop(columns="P3"), {"scale": "pain"}, "no column P3; name the columns"),
        (answers(), {"scale": "pain", "items": PAIN[:8]}, "found columns for 8"),
        (answers(), {"scale": "pain", "items": {"P1": "P1"}}, "found columns for 1"),
        (answers(), {"scale": "pain", "items": "P1"}, "expected a list of columns"),
    ],
)
def test_what_is_not_there_is_named(frame, options, said):
    with pytest.raises(bw.UsageError, match=said):
        bw.instruments.score(frame, "koos", **options)


def test_answers_that_are_none_are_told_by_row_and_item_never_by_value():
    frame = answers().astype(object)
    frame.loc["a", "P2"], frame.loc["b", "P9"] = "often", 7
    with pytest.raises(bw.InputError) as caught:
        bw.instruments.score(frame, "koos", scale="pain")
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(1, "P2")]
    frame.loc["a", "P2"] = 1
    with pytest.raises(bw.InputError) as caught:
        bw.instruments.score(frame, "koos", scale="pain")
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(2, "P9")]
    assert "often" not in str(caught.value) and "7" not in str(caught.value)
