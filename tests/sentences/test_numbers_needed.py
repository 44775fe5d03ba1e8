"""Numbers needed to treat as Altman writes them, and intervals of tables with empty cells."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.engine.summary.proportions import Interval, needed_to_treat
from backwalk_stats.models.arms.responders import responders
from backwalk_stats.tables.estimates import contradiction
from backwalk_stats.tables.numbers import interval_text, number, percent
from backwalk_stats.tables.responder_table import needed, needed_interval, responder_table
from backwalk_stats.trial import tables
from tests.sentences.shown import inside, side

ARMS = {"forward": "Forward walking", "backward": "Backward walking"}


def compared(cells: tuple[int, int, int, int], level: float = 0.95) -> dict[str, Any]:
    hit, n, hit2, n2 = cells
    rows = [("backward", i < hit) for i in range(n)] + [("forward", i < hit2) for i in range(n2)]
    frame = pd.DataFrame(rows, columns=["arm", "answer"])
    found = responders(frame, responder="answer", arm="arm", reference="forward", level=level)
    return {str(row["quantity"]): row for row in found.to_dict("records")}


@pytest.mark.parametrize(
    ("difference", "estimate", "interval"),
    [
        # Altman 1998, figures 1 and 2: a risk reduced by 10 %, from -5 % to 25 %.
        ((0.10, -0.05, 0.25), "NNTB 10.0", "NNTB 4.0 to ∞ to NNTH 20.0"),
        ((-0.10, -0.25, 0.05), "NNTH 10.0", "NNTB 20.0 to ∞ to NNTH 4.0"),
        ((0.20, 0.10, 0.25), "NNTB 5.0", "NNTB 4.0 to 10.0"),
        ((-0.20, -0.25, -0.10), "NNTH 5.0", "NNTH 4.0 to 10.0"),
        ((0.0, -0.1, 0.1), "∞", "NNTB 10.0 to ∞ to NNTH 10.0"),
        ((0.1, 0.0, 0.2), "NNTB 10.0", "NNTB 5.0 to ∞"),
        ((-0.1, -0.2, 0.0), "NNTH 10.0", "NNTH 5.0 to ∞"),
    ],
)
def test_needed_is_altmans(
    difference: tuple[float, float, float], estimate: str, interval: str
) -> None:
    value, low, high = difference
    found = needed_to_treat(Interval(estimate=value, low=low, high=high))
    assert (needed(found.estimate), needed_interval(found.low, found.high)) == (estimate, interval)


def test_needed_of_newcombes_example_by_hand() -> None:
    # 5 of 56 against 0 of 29 (Newcombe 1998, table II): 0.0893, from -0.0381 to 0.1926.
    found = compared((5, 56, 0, 29))["nnt"]
    assert needed(found["estimate"]) == "NNTB 11.2"
    assert needed_interval(found["conf_low"], found["conf_high"]) == "NNTB 5.2 to ∞ to NNTH 26.2"
    assert found["notes"] == "through infinity: NNTB 5.2 to ∞ to NNTH 26.2"


@st.composite
def tables_of_counts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    n, n2 = draw(st.integers(2, 60)), draw(st.integers(2, 60))
    ends = st.sampled_from([0.0, 0.0, 1.0]) | st.floats(0, 1)
    return round(draw(ends) * n), n, round(draw(ends) * n2), n2


def holds(cells: tuple[int, int, int, int], level: float) -> None:
    """Every printed estimate of a table lies inside its printed interval."""
    found = compared(cells, level)
    row = found["risk_difference"]
    shares = [100 * row[name] for name in ("estimate", "conf_low", "conf_high")]
    inside(percent(shares[0]).rstrip("%"), interval_text(shares[1], shares[2], 1))
    ratio = found["risk_ratio"]
    inside(number(ratio["estimate"]), interval_text(ratio["conf_low"], ratio["conf_high"]))
    within_needed(found["nnt"])
    assert len({one["p_value"] for one in found.values()}) == 1


def within_needed(row: Any) -> None:
    value = side(needed(row["estimate"]))
    pieces = needed_interval(row["conf_low"], row["conf_high"]).split(" to ")
    ends = [side(one) for one in pieces if " " in one]
    if "∞" in pieces:
        assert value == float("inf") or any(
            value >= one if one > 0 else value <= one for one in ends
        ), (row, pieces)
    else:
        far = float(pieces[1]) * (1 if ends[0] > 0 else -1)
        assert min(ends[0], far) <= value <= max(ends[0], far), (row, pieces)


@given(tables_of_counts(), st.sampled_from([0.9, 0.95, 0.99]))
def test_every_estimate_is_inside_its_interval(
    cells: tuple[int, int, int, int], level: float
) -> None:
    holds(cells, level)


def test_every_small_table_with_its_empty_cells() -> None:
    for n, n2 in ((2, 2), (2, 5), (4, 3)):
        for hit, hit2 in product(range(n + 1), range(n2 + 1)):
            holds((hit, n, hit2, n2), 0.95)


def table(cells: tuple[int, int, int, int]) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    rule = "improved by 30 % or more; observed cases"
    rows = [{**row, "note": rule, "p_adjusted": float("nan")} for row in compared(cells).values()]
    shares = [(rule, arm, hit, n, 100 * hit / n, 10.0, 90.0)
              for arm, hit, n in (("forward", *cells[2:]), ("backward", *cells[:2]))]  # fmt: skip
    shown = responder_table(
        pd.DataFrame(shares, columns=list(tables.RESPONDERS)), pd.DataFrame(rows), arms=ARMS
    )
    return list(shown.rows), shown.notes


def test_a_rule_has_one_p_value_and_says_where_an_interval_parts_from_it() -> None:
    # Of the knee example: 15 of 30 against 7 of 30, Fisher's p 0.0596, Newcombe's 2.3 to 47.1 %.
    rows, notes = table((15, 30, 7, 30))
    assert [row[4] for row in rows] == ["–", "–", "0.060", "–", "–"]
    assert rows[2][2:4] == ("26.7%", "2.3 to 47.1%")
    assert rows[4][2:4] == ("NNTB 3.8", "NNTB 2.1 to 43.3")
    (said,) = [note for note in notes if "p = 0.060" in note]
    assert "is not below 0.05, and yet the interval of the difference and that of the ratio" in said
    _, alike = table((20, 30, 7, 30))
    assert not any("and yet" in note for note in alike)
    assert any(re.match("p is of Fisher’s exact test, one", note) for note in alike)


@pytest.mark.parametrize(
    ("high", "p", "level", "said"),
    [
        (0.0, 0.011, 0.95, "p = 0.011 is below 0.05"),
        (0.0, 0.011, 0.99, ""),
        (-0.5, 0.011, 0.95, ""),
        (-0.5, 0.06, 0.95, "p = 0.060 is not below 0.05"),
        (-0.5, 0.06, 0.9, ""),
        (float("inf"), 0.2, 0.95, ""),
        (float("nan"), 0.01, 0.95, ""),
    ],
)
def test_ranks_whose_p_and_interval_part_say_so(
    high: float, p: float, level: float, said: str
) -> None:
    ends = {"estimate": -1.0, "conf_low": -2.0, "conf_high": high}
    row: dict[str, Any] = {"quantity": "hodges_lehmann", **ends, "p_value": p}
    found = contradiction(row, level)
    assert said in found and bool(said) == bool(found)
    assert contradiction({**row, "quantity": "mean_difference"}, level) == ""
