"""Printed tables: every number found, p held against the arms, what is not said asked."""

from __future__ import annotations

import csv
from collections import Counter

import pandas as pd
import pytest

from backwalk_stats.errors import UsageError
from backwalk_stats.paper.check_table import COLUMNS, check_table, questions, table_rows
from backwalk_stats.paper.paper_files import read_paper, tables_in_lines
from backwalk_stats.paper.table_grid import grids
from tests.paper import honest_tables

AGAINST = {"not_reproduced", "inputs_inconsistent"}
TUG = "| TUG | 8.67 \u00b1 1.64 | 10.26 \u00b1 2.01"
HEAD = "| | Backward (n = 34) | Forward (n = 33) | p |\n|---|---|---|---|\n"


def rows_of(text: str) -> list[dict[str, object]]:
    found = tables_in_lines(text)[0] or grids(text)
    return [row for grid in found for row in table_rows(grid)]


def cell(frame: pd.DataFrame, **wanted: str) -> pd.Series:
    for name, value in wanted.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1, frame
    return frame.iloc[0]


def test_shared_tables(shared):
    folder = shared / "ledger" / "tables"
    with (folder / "expected_cells.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    names = {one["table"] for one in expected}
    tables = {
        name: pd.DataFrame(
            [row for grid in read_paper(folder / name).tables for row in table_rows(grid)]
        )
        for name in names
    }
    assert len(expected) == 124
    for one in expected:
        frame = tables[one["table"]]
        found = frame[
            (frame["outcome"] == one["outcome"])
            & (frame["quantity"] == one["quantity"])
            & (frame["reported"] == one["printed"])
            & frame["contrast"].str.contains(one["arm"])
            & (frame["timepoint"].eq(one["timepoint"]) | (one["timepoint"] == ""))
        ]
        assert len(found) == 1, one
        assert found["verdict"].iloc[0] in one["verdict"].split("|"), one
        if one["n"] and one["arm"]:
            assert found["n"].iloc[0] == float(one["n"])


def test_a_frame_with_its_heading_as_columns_or_as_first_row():
    head = ["Outcome", "Backward (n = 34)", "Forward (n = 33)", "p"]
    body = [["TUG (s)", "8.67 \u00b1 1.64", "10.26 \u00b1 2.01", "0.600"]]
    around = "mean \u00b1 SD; independent t-test"
    first = check_table(pd.DataFrame(body, columns=head), around=around)
    second = check_table(pd.DataFrame([head, *body]), around=around)
    assert tuple(first.columns) == COLUMNS
    pd.testing.assert_frame_equal(first, second)
    assert cell(first, quantity="p_value")["verdict"] == "not_reproduced"


def test_a_test_that_is_not_named_accuses_nobody():
    row = "| TUG (s) | 8.67 \u00b1 1.64 | 10.26 \u00b1 2.01 | 0.600 |"
    for caption, verdict in (
        ("mean \u00b1 SD; independent t-test", "not_reproduced"),
        ("mean \u00b1 SD", "not_derivable"),
        ("mean \u00b1 SD; ANCOVA", "not_derivable"),
        ("mean \u00b1 SD; Mann-Whitney U test or independent t-test", "not_derivable"),
        ("mean \u00b1 SD; paired t-test", "not_derivable"),
        ("independent t-test", "not_derivable"),
        ("mean \u00b1 SE; independent t-test", "not_reproduced"),
    ):
        found = check_table(f"{caption}\n\n{HEAD}{row}")
        assert cell(found, quantity="p_value")["verdict"] == verdict, caption


def test_p_of_two_arms_agrees_with_r():
    # R: t.test by summary statistics, var.equal: t = -3.5564, df = 65, p = 0.000705
    found = check_table(f"mean \u00b1 SD; Student t test\n\n{HEAD}{TUG} | .001 |")
    p = cell(found, quantity="p_value")
    assert p["recomputed"] == pytest.approx(0.00075, abs=5e-5)
    assert p["verdict"] == "reproduced"


def test_fewer_people_than_in_the_heading_may_have_been_analysed():
    found = check_table(f"mean \u00b1 SD; Student t test\n\n{HEAD}{TUG} | .0015 |")
    assert cell(found, quantity="p_value")["verdict"] == "compatible"


def test_counts_and_percentages():
    found = check_table(
        f"n (%); Fisher's exact test\n\n{HEAD}| Fell | 9 (26.5%) | 4 (12.1%) | 0.22 |\n"
        "| Improved | 9 (36.5%) | 4/33 (12.1%) | 0.02 |"
    )
    fell, improved = found[found["outcome"] == "Fell"], found[found["outcome"] == "Improved"]
    assert set(fell[fell["quantity"] == "percent"]["verdict"]) == {"reproduced"}
    assert cell(fell, quantity="p_value")["verdict"] == "reproduced"
    assert cell(improved, quantity="percent", reported="36.5")["verdict"] == "not_reproduced"
    assert cell(improved, quantity="p_value")["verdict"] == "not_reproduced"


def test_a_cell_that_is_not_sure_is_asked_about():
    found = check_table(f"Results\n\n{HEAD}| Pain | 12 (3) | 14 (4) | 0.04 |")
    asked = questions([{str(k): v for k, v in row.items()} for row in found.to_dict("records")])
    assert any("an SD, a standard error or a percentage" in str(row["question"]) for row in asked)
    assert not set(found["verdict"]) & AGAINST


def test_one_p_for_two_visits_is_asked_about():
    found = check_table(
        "mean (SD)\n\n| | Backward (n = 20) Baseline | Backward (n = 20) Week 6 "
        "| Forward (n = 20) Baseline | "
        "Forward (n = 20) Week 6 | p |\n|---|---|---|---|---|---|\n"
        "| Pain | 5.1 (1.2) | 3.1 (1.4) | 5.0 (1.1) | 4.2 (1.3) | 0.9 |"
    )
    row = cell(found, quantity="p_value")
    assert row["verdict"] == "not_derivable"
    assert "which time" in row["reason"]
    assert set(found["timepoint"]) >= {"Baseline", "Week 6"}


def test_granularity_only_where_the_step_is_read():
    row = "| NPRS (0-10) | 3.33 \u00b1 1.60 | 3.94 \u00b1 1.89 | 0.16 |"
    unread = check_table(f"mean \u00b1 SD\n\n{HEAD}{row}")
    assert cell(unread, quantity="mean", reported="3.33")["verdict"] == "not_derivable"
    # 3.33 x 34 = 113.2: 113 / 34 = 3.32, 114 / 34 = 3.35, but 110 / 33 = 3.33: how many were
    # scored is not said. 3.46 x 12 = 41.5, x 11 = 38.06 (38 / 11 = 3.4545), x 10 = 34.6: no.
    read = check_table(f"mean \u00b1 SD of whole-number scores\n\n{HEAD}{row}")
    assert cell(read, quantity="mean", reported="3.33")["verdict"] == "compatible"
    assert "mean of 33 whole" in cell(read, quantity="mean", reported="3.33")["reason"]
    small = HEAD.replace("34", "12") + "| NPRS (0-10) | 3.46 \u00b1 1.60 | 3.94 \u00b1 1.89 | 0.5 |"
    none = check_table(f"mean \u00b1 SD of whole-number scores\n\n{small}")
    assert cell(none, quantity="mean", reported="3.46")["verdict"] == "not_reproduced"
    means = check_table(f"mean \u00b1 SD; the mean of three 11-point scores\n\n{small}")
    assert cell(means, quantity="mean", reported="3.46")["verdict"] == "not_derivable"


def test_bounds_of_a_scale():
    found = check_table(
        f"mean \u00b1 SD\n\n{HEAD}| NRS (0-10) | 12.1 \u00b1 1.6 | 1.5 \u00b1 4.9 | 0.16 |"
    )
    assert cell(found, quantity="mean", reported="12.1")["verdict"] == "inputs_inconsistent"
    assert cell(found, quantity="sd", reported="4.9")["verdict"] == "not_reproduced"


def test_long_tables_and_sections():
    found = check_table(
        "<table><caption>mean (SD); independent t-test</caption>"
        "<tr><th>Outcome</th><th>Group</th><th>Week 6</th>"
        "<th>p</th></tr><tr><td rowspan='2'>TUG (s)</td>"
        "<td>Backward (n = 34)</td><td>8.67 (1.64)</td>"
        "<td rowspan='2'>0.600</td></tr>"
        "<tr><td>Forward (n = 33)</td><td>10.26 (2.01)</td></tr></table>"
    )
    assert cell(found, quantity="p_value")["verdict"] == "not_reproduced"
    assert cell(found, quantity="p_value")["contrast"] == "Backward vs Forward"


def test_no_table_is_said():
    with pytest.raises(UsageError, match="expected a table"):
        check_table("only words")
    with pytest.raises(UsageError, match="found int"):
        check_table(3)  # type: ignore[arg-type]


def plain(text: str) -> str:
    for sign in "\u2212\u2013":
        text = text.replace(sign, "-")
    return text.replace(",", ".").lower().rstrip(".")


@pytest.mark.parametrize(
    ("start", "count"), [(0, 120), pytest.param(1_000, 2_000, marks=pytest.mark.slow)]
)
def test_honest_tables_raise_no_alarm_and_are_found(start, count):
    found = wanted = 0
    for seed in range(start, start + count):
        _, table, text = honest_tables.honest_table(seed)
        rows = rows_of(text)
        assert not [row for row in rows if row["verdict"] in AGAINST], text
        have = Counter(
            (row["outcome"], row["quantity"], plain(str(row["reported"]))) for row in rows
        )
        want = Counter((o.replace("\u00b2", "2"), q, plain(v)) for o, q, v in table.cells)
        wanted += want.total()
        found += sum(min(have[key], count_) for key, count_ in want.items())
    assert found >= 0.95 * wanted


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("layout", [honest_tables.means, honest_tables.counts])
def test_planted_slips_in_tables_are_caught(layout, count):
    caught = [
        any(row["verdict"] in AGAINST for row in rows_of(layout(seed, slip=True).markdown()))
        for seed in range(count)
    ]
    assert sum(caught) >= 0.95 * count


def test_cells_with_brackets_split_as_scrutiny_splits_them():
    # The example of scrutiny's tests of split_by_parens (version 0.6.1).
    cells = [
        ("0.09 (0.21)", "0.19 (0.13)"),
        ("0.62 (0.16)", "0.50 (0.11)"),
        ("0.15 (0.35)", "0.57 (0.16)"),
    ]
    lines = "\n".join(f"| {place} | {a} | {b} |" for place, (a, b) in enumerate(cells))
    found = check_table(f"mean (SD)\n\n| | drone | self-piloting |\n|---|---|---|\n{lines}")
    wanted = [part.strip("()") for pair in cells for text in pair for part in text.split()]
    assert found["reported"].tolist() == wanted
    assert found["quantity"].tolist() == ["mean", "sd"] * 6
