"""No small count is shown, and none can be computed back from what is."""

from __future__ import annotations

from itertools import product
from math import nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.tables.small_cells import (
    OTHER_REASONS,
    hidden_cells,
    small_results,
    without_small_cells,
)
from backwalk_stats.trial import tables

COUNTS = st.lists(st.integers(0, 12), min_size=2, max_size=4)


def possible(counts: list[int], hidden: list[bool]) -> list[tuple[int, ...]]:
    """Return every way to fill the hidden cells, for an attacker who knows the total."""
    left = sum(n for n, gone in zip(counts, hidden, strict=True) if gone)
    unknown = sum(hidden)
    return [fill for fill in product(range(left + 1), repeat=unknown) if sum(fill) == left]


@given(COUNTS, st.integers(2, 6))
def test_no_small_count_follows_from_the_total(counts, limit):
    hidden = hidden_cells([counts], small_cell=limit)[0].tolist()
    shown = [n for n, gone in zip(counts, hidden, strict=True) if not gone]
    assert not [n for n in shown if 0 < n < limit]
    if any(hidden) and not all(hidden):
        ways = possible(counts, hidden)
        for place in range(sum(hidden)):
            assert len({way[place] for way in ways}) > 1
        assert sum(ways[0]) >= limit  # the sum of the hidden is a count too


@given(COUNTS)
def test_nothing_is_hidden_without_need(counts):
    safe = [n if n == 0 or n >= 5 else 5 for n in counts]
    assert not hidden_cells([safe], small_cell=5).any()


def frame(columns, *rows):
    return pd.DataFrame(list(rows), columns=list(columns))


def safe(name, given_frame):
    return without_small_cells({name: given_frame}, small_cell=5)[name]


def test_baseline_hides_a_level_with_another_and_in_all():
    rows = [
        ("kl", level, "category", arm, 30.0 if arm else 60.0, 0.0, *[nan] * 5, n, 100 * n / 30)
        for arm, counts in (("f", (3, 12, 15)), ("b", (10, 10, 10)), ("", (13, 22, 25)))
        for level, n in zip("123", map(float, counts), strict=True)
    ]
    shown = safe("baseline", frame(tables.BASELINE, *rows))
    gone = shown[shown["count"].isna()]
    assert list(zip(gone["arm"], gone["level"], strict=True)) == [
        ("f", "1"), ("f", "2"), ("", "1"), ("", "2"),
    ]  # fmt: skip
    assert gone["percent"].isna().all()


def test_baseline_hides_few_missing_values_and_what_would_tell_them():
    number = ("age", "", "number", "f", 28.0, 2.0, 58.0, 9.0, 58.0, 51.0, 65.0, nan, nan)
    levels = [("sex", level, "category", "f", 28.0, 2.0, *[nan] * 5, n, 100 * n / 28)
              for level, n in (("man", 12.0), ("woman", 16.0))]  # fmt: skip
    shown = safe("baseline", frame(tables.BASELINE, number, *levels))
    assert shown[["n", "n_missing"]].isna().all(axis=None)
    assert shown["mean"][0] == 58.0
    assert shown["percent"].isna().all()  # 12 (43 %) would tell that 28 were asked
    assert shown["count"].isna().tolist() == [True, True, False]


def test_statistics_of_few_are_not_shown():
    row = ("age", "", "number", "f", 3.0, 27.0, 58.0, 9.0, 58.0, 51.0, 65.0, nan, nan)
    shown = safe("baseline", frame(tables.BASELINE, row))
    assert shown[["mean", "sd", "median", "q1", "q3", "n"]].isna().all(axis=None)
    mean = ("pain", "V1", 3.0, "f", "observed", 3.0, 5.0, 1.0, 4.0, 6.0)
    shown = safe("means", frame(tables.MEANS, mean))
    assert shown[["n", "estimate", "sd", "conf_low", "conf_high"]].isna().all(axis=None)


def test_a_mean_of_few_is_not_told_by_the_difference_to_another_arm():
    rows = [
        ("pain", visit, 3.0, arm, kind, n, 5.0, 1.0, 4.0, 6.0)
        for visit, kind, arm, n in (
            ("V1", "model", "f", 4.0),
            ("V1", "model", "b", 9.0),
            ("V2", "model", "b", 9.0),
            ("V1", "observed", "b", 9.0),
        )
    ]
    shown = safe("means", frame(tables.MEANS, *rows))
    assert shown["estimate"].isna().tolist() == [True, True, False, False]
    assert shown["n"].isna().tolist() == [True, False, False, False]


def test_flow_shows_the_people_of_an_arm_and_hides_few_with_a_reason():
    rows = [
        ("assessed", "", "", 63), ("excluded", "", "", 3), ("excluded", "", "declined", 3),
        ("randomised", "", "", 60), ("allocated", "f", "", 30), ("received", "f", "", 28),
        ("not_received", "f", "", 2), ("lost", "f", "", 9), ("lost", "f", "moved", 2),
        ("lost", "f", "ill", 7), ("analysed", "f", "", 27),
    ]  # fmt: skip
    shown = safe("flow", frame(tables.FLOW, *rows))
    told = shown[shown["reason"] != ""]
    assert list(told[["stage", "arm", "reason", "n"]].itertuples(index=False, name=None)) == [
        ("excluded", "", OTHER_REASONS, 3),
        ("lost", "f", "ill", 7),
        ("lost", "f", OTHER_REASONS, 2),
    ]  # fmt: skip
    assert shown["stage"].tolist() == list(frame(tables.FLOW, *rows)["stage"])


def test_reasons_of_few_are_one_whose_number_tells_of_none():
    rows = [
        ("lost", "f", "", 3),
        *(("lost", "f", reason, 1) for reason in ("died", "ill", "moved")),
    ]
    shown = safe("flow", frame(tables.FLOW, *rows))
    assert shown[["reason", "n"]].to_numpy().tolist() == [["", 3], [OTHER_REASONS, 3]]
    kept = [("lost", "f", "", 12), ("lost", "f", "moved", 12)]
    assert safe("flow", frame(tables.FLOW, *kept))["reason"].tolist() == ["", "moved"]


def test_responders_and_their_curve_are_hidden_at_both_ends():
    rows = [(f"rule {n}", "f", n, 30, n / 0.3, 1.0, 2.0) for n in (0, 3, 12, 28, 30)]
    shown = safe("responders", frame(tables.RESPONDERS, *rows))
    assert shown["events"].isna().tolist() == [False, True, False, True, False]
    assert shown["percent"].isna().equals(shown["events"].isna())
    curve = [("f", t, n / 0.3, 30.0) for t, n in enumerate((30, 27, 15, 4, 0))]
    shown = safe("response_curve", frame(tables.RESPONSE_CURVE, *curve))
    assert shown["percent"].isna().tolist() == [False, True, False, True, False]


def test_responders_are_hidden_whether_or_not_a_missing_value_counts():
    handled = (("observed cases", 13), ("missing = no response", 14))
    rows = [(f"mcid; {how}", "f", 9, n, 900 / n, 1.0, 2.0) for how, n in handled]
    rows += [(f"mcid; {how}", "b", 7, 14, 50.0, 1.0, 2.0) for how, _ in handled]
    shown = safe("responders", frame(tables.RESPONDERS, *rows))
    assert shown["events"].isna().tolist() == [True, True, False, False]


def test_a_variable_whose_missing_values_are_told_elsewhere_tells_them():
    row = ("pain", "", "number", "f", 28.0, 2.0, 58.0, 9.0, 58.0, 51.0, 65.0, nan, nan)
    frames = {"baseline": frame(tables.BASELINE, row)}
    hidden = without_small_cells(frames, small_cell=5)["baseline"]
    shown = without_small_cells(frames, small_cell=5, measured=["pain"])["baseline"]
    assert hidden[["n", "n_missing"]].isna().all(axis=None)
    assert shown[["n", "n_missing"]].to_numpy().tolist() == [[28.0, 2.0]]


def test_sessions_and_subgroups():
    shown = safe("sessions", frame(tables.SESSIONS, ("f", 1, 27, 3, 0, 30), ("f", 2, 25, 5, 0, 30)))
    assert shown["missed"].isna().tolist() == [True, False]
    assert shown["attended"].isna().tolist() == [True, False]
    rows = [("Sex", "man", 3, 12, 1.0, 0.0, 2.0, 0.1), ("Sex", "woman", 27, 18, 1.0, 0.0, 2.0, 0.1)]
    shown = safe("forest", frame(tables.FOREST, *rows))
    assert shown["n"].isna().all()
    assert shown["estimate"].notna().all()


def test_density_of_few_is_left_out():
    box = frame(tables.BOX, ("f", 4.0, *[1.0] * 8), ("b", 20.0, *[1.0] * 8))
    density = frame(tables.DENSITY, ("f", 1.0, 0.5), ("b", 1.0, 0.5))
    both = {"box": box, "density": density}
    shown = without_small_cells(both, small_cell=5)
    assert shown["density"]["arm"].tolist() == ["b"]
    assert box["mean"].notna().all(), "what was given is not changed"


def test_results_hide_few_of_a_subgroup_and_show_how_many_of_an_arm_there_are():
    row: dict = dict.fromkeys(tables.RESULTS, nan) | {"arm": "", "contrast": "b - f"}
    few = {"n": 28.0, "n_reference": 3.0}
    rows = [row | few | {"analysis": name} for name in ("subgroup", "mmrm")]
    shown = small_results(pd.DataFrame(rows), small_cell=5)
    assert shown["n"].tolist() == [28.0, 28.0]
    assert shown["n_reference"].isna().tolist() == [True, False]
    levels = [row | {"analysis": "subgroup", "n": 15.0, "n_reference": n, "note": f"sex: {level}"}
              for level, n in (("man", 3.0), ("woman", 27.0))]  # fmt: skip
    shown = small_results(pd.DataFrame(levels), small_cell=5)
    assert shown["n_reference"].isna().all(), "27 of 30 tell that the others are 3"
    assert shown["n"].tolist() == [15.0, 15.0]


@pytest.mark.parametrize("limit", [0, 1])
def test_a_limit_of_one_hides_nothing(limit):
    given_frame = frame(tables.RESPONDERS, ("mcid", "f", 2, 30, 6.7, 1.0, 20.0))
    shown = without_small_cells({"responders": given_frame}, small_cell=limit)
    assert shown["responders"]["events"].tolist() == [2]


def test_empty_frames_stay_empty():
    names = {
        "baseline": tables.BASELINE, "flow": tables.FLOW, "missingness": tables.MISSINGNESS,
        "sessions": tables.SESSIONS, "responders": tables.RESPONDERS, "means": tables.MEANS,
        "response_curve": tables.RESPONSE_CURVE, "box": tables.BOX, "density": tables.DENSITY,
        "forest": tables.FOREST,
    }  # fmt: skip
    frames = {name: pd.DataFrame(columns=list(columns)) for name, columns in names.items()}
    shown = without_small_cells(frames, small_cell=5)
    assert {name: len(one) for name, one in shown.items()} == dict.fromkeys(names, 0)
    assert np.all([list(shown[name].columns) == list(names[name]) for name in names])
