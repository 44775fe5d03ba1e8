"""The side that cuts the cycles, where it is the affected one of each person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backwalk_stats.loaders.motion.motion_file_schema import MotionTables, NamedFiles
from backwalk_stats.loaders.motion.repositioning_sheet import with_affected_sides
from backwalk_stats.trial.motion_plan import Recording

ONE = Recording(file="1.c3d", participant="1", arm="a", visit="0", direction="forward", rate=100.0)
EACH = "left or right for each person"
TWO = replace(ONE, file="2.c3d", participant="2")


def named(folder: Path, side: str, sheet: str = "") -> NamedFiles:
    if sheet:
        (folder / "people.csv").write_text(sheet)
    tables = MotionTables.model_validate(
        {
            "motion": {"id": "m", "side": side},
            "arms": {"reference": "a"},
            "visits": {"baseline": "0", "order": ["0"]},
            "participants": "people.csv" if sheet else None,
        }
    )
    return NamedFiles(tables=tables, folder=folder, sources=[])


def test_it_is_read_from_the_sheet_and_a_recording_wins(tmp_path):
    held = named(tmp_path, "affected", "participant,affected\n1,left\n2,right\n")
    found = with_affected_sides((ONE, replace(TWO, affected="left")), held)
    assert [one.affected for one in found] == ["left", "left"] and not held.faults.faults


@pytest.mark.parametrize(
    ("sheet", "expected", "found"),
    [
        ("", "left or right for each person", "none for 2 persons"),
        ("participant,age\n1,30\n2,40\n", "left or right for each person", "none for 2 persons"),
        (
            "participant,affected\n1,left\n2,\n",
            "left or right for each person",
            "none for 1 person",
        ),
        ("participant,affected\n1,left\n2,both\n", "left or right", "another text"),
    ],
)
def test_a_person_without_it_is_a_fault(tmp_path, sheet, expected, found):
    held = named(tmp_path, "affected", sheet)
    with_affected_sides((ONE, TWO), held)
    (fault,) = held.faults.faults
    assert fault.column == "affected"
    assert fault.expected.startswith(expected) and fault.found == found


def test_a_declared_side_needs_no_column(tmp_path):
    held = named(tmp_path, "right")
    assert with_affected_sides((ONE,), held) == (ONE,) and not held.faults.faults


def test_recordings_of_a_person_name_one_side(tmp_path):
    held = named(tmp_path, "affected", "participant,affected\n1,left\n2,right\n")
    with_affected_sides((ONE, replace(ONE, affected="right"), TWO), held)
    (fault,) = held.faults.faults
    assert fault.column == "affected" and fault.found == "both for 1 person"
