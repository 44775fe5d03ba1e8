"""Delimited exports by a declared format: every choice of it, and every way to be wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.motion.tables import TableFormat, read_motion_table

TIME = np.arange(40) / 50.0
BEND = 20.0 * np.sin(5 * TIME) + 3.0
NAMES = ["t", "bend", "x", "y", "z"]
TABLE = np.column_stack([TIME, BEND, 0.1 * np.cos(TIME), TIME, 0.9 + 0.01 * np.sin(TIME)])


def written(tmp_path, rows=TABLE, *, names=NAMES, separator=",", decimal=".", head=(), units=()):
    lines = [*head, separator.join(names), *units]
    cells = ([f"{value:.6f}".replace(".", decimal) for value in row] for row in rows)
    path = tmp_path / "walk.csv"
    path.write_text("\n".join([*lines, *(separator.join(row) for row in cells)]) + "\n")
    return path


def layout(**more) -> TableFormat:
    return TableFormat(**({"time": "t", "angles": {"lumbar_flexion": "bend"}} | more))


def replaced(path, line: int, cell: int, text: str, separator=","):
    lines = path.read_text().splitlines()
    cells = lines[line - 1].split(separator)
    cells[cell] = text
    lines[line - 1] = separator.join(cells)
    path.write_text("\n".join(lines) + "\n")
    return path


def test_plain(tmp_path):
    found = read_motion_table(written(tmp_path), layout(markers={"M": ("x", "y", "z")}))
    assert found.rate == pytest.approx(50.0)
    np.testing.assert_allclose(found.angles["lumbar_flexion"], BEND, atol=1e-6)
    np.testing.assert_allclose(found.markers["M"], TABLE[:, 2:], atol=1e-6)


@pytest.mark.parametrize(
    ("separator", "decimal"), [(";", ","), ("\t", "."), ("\t", ","), ("|", "."), (";", ".")]
)
def test_separators_and_decimal_marks(separator, decimal, tmp_path):
    path = written(tmp_path, separator=separator, decimal=decimal)
    found = read_motion_table(path, layout(separator=separator, decimal=decimal))
    np.testing.assert_allclose(found.angles["lumbar_flexion"], BEND, atol=1e-6)


def test_rows_to_skip_and_a_row_of_units(tmp_path):
    path = written(tmp_path, head=["Made by", "a system"], units=["s,deg,m,m,m"])
    found = read_motion_table(path, layout(skip_rows=2, units_row=True))
    np.testing.assert_allclose(found.angles["lumbar_flexion"], BEND, atol=1e-6)
    with pytest.raises(InputError, match=r"walk.csv, line 4: .*in 2 columns") as error:
        read_motion_table(path, layout(skip_rows=2))
    assert len(error.value.faults) == 1


def test_a_decimal_comma_or_another_separator_is_one_fault(tmp_path):
    path = written(tmp_path)
    plain = path.read_text()
    for text, told in (
        (plain.replace(",", ";").replace(".", ","), 'separator = ";"'),
        (plain.replace(",", "\t").replace(".", ","), "decimal comma"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=told) as error:
            read_motion_table(path, layout(separator="\t") if "\t" in text else layout())
        assert len(error.value.faults) == 1


def test_quoted_cells(tmp_path):
    path = written(tmp_path)
    path.write_text("\n".join(",".join(f'"{c}"' for c in line.split(","))
                              for line in path.read_text().splitlines()))  # fmt: skip
    np.testing.assert_allclose(
        read_motion_table(path, layout()).angles["lumbar_flexion"], BEND, atol=1e-6
    )


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1000.0), ("cm", 100.0), ("m", 1.0)])
def test_units_of_length(unit, factor, tmp_path):
    two = np.column_stack([TABLE[:, :1], TABLE[:, 2:] * factor, (TABLE[:, 2:] + 0.3) * factor])
    names = ["t", *"xyz", *"uvw"]
    markers = {"A": tuple("xyz"), "B": tuple("uvw")}
    path = written(tmp_path, two, names=names)
    found = read_motion_table(path, layout(angles={}, markers=markers, length_unit=unit))
    np.testing.assert_allclose(found.markers["A"], TABLE[:, 2:], atol=1e-6)


def test_radians(tmp_path):
    rows = TABLE.copy()
    rows[:, 1] = np.radians(BEND)
    found = read_motion_table(written(tmp_path, rows), layout(angle_unit="rad"))
    np.testing.assert_allclose(found.angles["lumbar_flexion"], BEND, atol=1e-4)


def test_quaternions(tmp_path):
    half = np.radians(BEND) / 2
    rows = np.column_stack([TIME, np.cos(half), np.sin(half), 0 * half, 0 * half])
    path = written(tmp_path, rows, names=["t", *"wxyz"])
    found = read_motion_table(path, layout(angles={}, quaternions={"S1": tuple("wxyz")}))
    np.testing.assert_allclose(found.quaternions["S1"], rows[:, 1:], atol=1e-6)


def test_a_rate_without_a_time_column(tmp_path):
    assert read_motion_table(written(tmp_path), layout(time="", rate=148.0)).rate == 148.0


def test_a_rate_that_is_not_that_of_the_time_column(tmp_path):
    with pytest.raises(InputError, match="expected 100 samples per second, as declared, found 50"):
        read_motion_table(written(tmp_path), layout(rate=100.0))


def test_neither_rate_nor_time(tmp_path):
    with pytest.raises(InputError, match="a rate, or a column of times"):
        read_motion_table(written(tmp_path), layout(time=""))


@pytest.mark.parametrize("text", ["slow", "1_0", "inf", "1,5e"])
def test_a_cell_of_text_is_told_by_line_and_column_not_by_what_it_says(text, tmp_path):
    path = replaced(written(tmp_path, separator=";"), 7, 1, text, ";")
    with pytest.raises(
        InputError, match=r"walk\.csv, line 7, column bend: expected a number"
    ) as told:
        read_motion_table(path, layout(separator=";"))
    assert text not in str(told.value).partition("found")[2].replace("other text", "")


def test_marks_of_thousands_are_not_taken_for_decimals(tmp_path):
    path = replaced(written(tmp_path, separator=";", decimal=","), 7, 1, "1.234", ";")
    with pytest.raises(InputError, match="line 7, column bend: expected a number"):
        read_motion_table(path, layout(separator=";", decimal=","))


def test_every_fault_at_once(tmp_path):
    path = replaced(replaced(written(tmp_path), 5, 1, "a"), 9, 0, "b")
    with pytest.raises(InputError) as told:
        read_motion_table(path, layout())
    assert [(one.row, one.column) for one in told.value.faults] == [(5, "bend"), (9, "t")]


@pytest.mark.parametrize("missing", ["", "NaN", "NA"])
def test_missing_cells_stay_missing(missing, tmp_path):
    found = read_motion_table(replaced(written(tmp_path), 7, 1, missing), layout())
    assert np.flatnonzero(np.isnan(found.angles["lumbar_flexion"])).tolist() == [5]


def test_columns_that_are_not_there_or_are_there_twice(tmp_path):
    path = written(tmp_path, names=["t", "bend", "x", "x", "z"])
    with pytest.raises(InputError) as told:
        read_motion_table(path, layout(markers={"M": ("x", "y", "z")}))
    assert [(one.column, one.found) for one in told.value.faults] == [
        ("x", "it twice"),
        ("y", "no such column"),
    ]


def test_lines_of_another_width(tmp_path):
    path = written(tmp_path)
    path.write_text(path.read_text() + "1,2\n")
    with pytest.raises(InputError, match="line 42: expected 5 numbers in a line, found 2 cells"):
        read_motion_table(path, layout())


@pytest.mark.parametrize("what", ["angle", "marker", "sensor"])
def test_a_constant_column_is_refused(what, tmp_path):
    rows = TABLE.copy()
    rows[:, 1:] = 0.5
    kinds: dict[str, Any] = {
        "angle": {},
        "marker": {"angles": {}, "markers": {"M": ("x", "y", "z")}},
        "sensor": {"angles": {}, "quaternions": {"S": ("bend", "x", "y", "z")}},
    }
    with pytest.raises(InputError, match="expected a movement, found the same number in every"):
        read_motion_table(written(tmp_path, rows), layout(**kinds[what]))


def test_too_few_samples_and_no_names(tmp_path):
    with pytest.raises(InputError, match="at least 10 samples"):
        read_motion_table(written(tmp_path, TABLE[:5]), layout())
    with pytest.raises(InputError, match="a line of column names"):
        read_motion_table(written(tmp_path, TABLE[:5]), layout(skip_rows=50))
