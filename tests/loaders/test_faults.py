"""One machinery for what is wrong: collected together, told by line, and always clean."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backwalk_stats.errors import (
    LONGEST_NAME,
    BackwalkError,
    Fault,
    Faults,
    InputError,
    NotEstimable,
    UsageError,
    nearest,
)
from backwalk_stats.loaders.findings import Findings
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.loaders.motion.c3d import read_c3d
from backwalk_stats.loaders.motion.motion_file import load_motion
from backwalk_stats.loaders.motion.opensim import read_storage, read_trc
from backwalk_stats.loaders.motion.tables import TableFormat, read_motion_table
from backwalk_stats.loaders.sheets.delimited import read_text_table
from backwalk_stats.loaders.sheets.encoding import plain_signs
from backwalk_stats.loaders.sheets.read_sheet import read_sheet
from backwalk_stats.loaders.sheets.sheet import ReadOptions
from backwalk_stats.loaders.trial.numbers import looks_like
from backwalk_stats.loaders.trial_file.trial_file import read_trial_file
from tests.bad_inputs.trials import TOML, write_trial
from tests.loaders.motion.folders import HEAD, MANIFEST, folder_of

HOSTILE = "a\x1b[31m\u202eb\nbackwalk: fine"
ANY = st.text(st.characters(), max_size=400)
ERRORS = [UsageError, NotEstimable, BackwalkError]


@pytest.mark.parametrize("kind", ERRORS)
@given(name=ANY)
def test_no_message_holds_a_control_character(kind, name):
    text = str(kind(f"no column named '{name}'; there are: id, pain"))
    assert text.isprintable() and text.startswith("no column named '")


@pytest.mark.parametrize("kind", ERRORS)
@pytest.mark.parametrize("name", ["x" * 5000, "two words " * 500, "é" * 81])
def test_a_long_name_is_cut_and_what_follows_it_is_kept(kind, name):
    text = str(kind(f"no column named '{name}'; there are: id, pain"))
    assert text.endswith("…'; there are: id, pain")
    assert max(map(len, text.split("'"))) == LONGEST_NAME


def test_a_long_path_is_kept_and_its_parts_are_cut():
    folder = "/home/" + "/".join(["project-folder"] * 12)
    assert str(UsageError(f"{folder} is not empty")) == f"{folder} is not empty"
    assert len(str(UsageError(f"{folder}/{'x' * 300} is a file"))) < len(folder) + 100


@given(file=ANY, column=ANY, expected=ANY, found=ANY, action=ANY)
def test_every_part_of_a_fault_is_clean_whoever_shows_it(file, column, expected, found, action):
    fault = Fault(file=file, row=3, column=column, expected=expected, found=found, action=action)
    parts = (fault.file, fault.column or "", fault.expected, fault.found, fault.action)
    assert all(part.isprintable() for part in parts) and str(fault).isprintable()
    assert len(str(InputError([fault])).splitlines()) == 2
    assert len(fault.column or "") <= LONGEST_NAME
    assert Fault(file=fault.file, row=3, column=fault.column, expected=fault.expected,
                 found=fault.found, action=fault.action) == fault  # fmt: skip


@given(found=ANY, rows=st.lists(st.integers(1, 10**6), min_size=2, unique=True))
def test_lines_are_told_however_long_what_was_found_is(found, rows):
    faults = Faults("scores.csv")
    faults.add("pain", "a number", found, row=rows)
    assert faults.faults[0].row == rows[0]
    assert f"({len(rows)} rows: lines {rows[0]}, {rows[1]}" in str(faults.faults[0])


def test_an_error_of_input_reaches_another_process_with_its_faults():
    error = InputError.of("scores.csv", "a file", "a folder", "Give the file", row=2, column="id")
    again = pickle.loads(pickle.dumps(error))
    assert again.faults == error.faults and str(again) == str(error)


def test_an_error_of_several_lines_keeps_them_and_a_name_adds_none():
    error = NotEstimable("E1: too few", f"E2: no visit '{HOSTILE}'")
    assert len(str(error).splitlines()) == 2
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is NotEstimable and str(again) == str(error)


def test_a_key_has_the_line_of_the_nearest_thing_that_contains_it():
    faults = Faults("trial.toml", keys={"outcome[0]": 7, "outcome[0].items": 9})
    for key in ("outcome[0].items.W6", "outcome[0].step", "estimand[0].id"):
        faults.add(key, "something", "else")
    faults.add("outcome[0]", "something", "else", file="scores.csv")
    assert [fault.row for fault in faults.faults] == [9, 7, None, None]


def test_faults_are_sorted_by_file_as_met_and_by_line():
    faults = Faults("b.csv")
    for file, row in (("b.csv", 9), ("a.csv", 2), ("b.csv", 3), ("a.csv", 1)):
        faults.add(None, "x", "y", row=row, file=file)
    faults.sort()
    places = [(fault.file, fault.row) for fault in faults.faults]
    assert places == [("b.csv", 3), ("b.csv", 9), ("a.csv", 1), ("a.csv", 2)]


def test_the_last_fault_comes_with_those_before_it():
    faults = Faults("scores.csv")
    faults.stop()
    faults.add("id", "an id", "none", row=2)
    with pytest.raises(InputError) as caught:
        raise faults.error(None, "a table", "a note")
    assert [fault.expected for fault in caught.value.faults] == ["an id", "a table"]
    with pytest.raises(InputError):
        faults.stop()


def test_choices_are_told_where_none_is_near():
    many = [f"column_{place}" for place in range(500)]
    assert nearest("colum_7", many) == "Did you mean 'column_7'?"
    assert nearest("zzz", many) == "" and nearest("zzz", []) == ""
    assert len(nearest("zzz", many, otherwise=True)) < 320


READERS: dict[str, Callable[[Path], object]] = {
    ".csv": read_text_table,
    ".txt": lambda path: read_sheet(path, ReadOptions(separator=";")),
    ".xlsx": read_sheet,
    ".ods": read_sheet,
    ".sav": read_sheet,
    ".dta": read_sheet,
    ".xls": read_sheet,
    ".unknown": read_sheet,
    ".toml": read_trial_file,
    ".c3d": read_c3d,
    ".mot": read_storage,
    ".trc": read_trc,
    ".tsv": lambda path: read_motion_table(path, TableFormat(angles={HOSTILE: HOSTILE})),
}


@pytest.mark.parametrize("ending", READERS)
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00", b"id,id\n1,2\n", b"PK\x03\x04x"])
def test_no_reader_repeats_a_hostile_file_name(ending, content, tmp_path):
    path = tmp_path / f"{HOSTILE}{'x' * 90}{ending}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        READERS[ending](path)
    for fault in caught.value.faults:
        assert str(fault).isprintable() and len(fault.file) <= LONGEST_NAME + len(HOSTILE) + 90
        assert "fine" in fault.file or "…" in fault.file


def test_what_is_read_from_a_hostile_file_is_logged_under_a_clean_name(tmp_path):
    path = tmp_path / f"{HOSTILE}.csv"
    path.write_bytes(b"\xef\xbb\xbfid, pain\n1,2\n2,3")
    sheet = read_sheet(path)
    assert sheet.file.isprintable() and "fine" in sheet.file
    assert len(sheet.log) == 3
    assert all(map(str.isprintable, sheet.log[["file", "column", "action"]].to_numpy().ravel()))
    assert all(map(str.isprintable, read_text_table(path).notes))


def test_the_log_is_clean_too():
    findings = Findings("scores.csv")
    findings.warn(HOSTILE, f"sheet '{HOSTILE}' is hidden", file=HOSTILE)
    row = findings.log().iloc[0]
    assert all(str(row[name]).isprintable() for name in ("file", "column", "action"))


def test_what_the_data_contradict_is_told_at_the_line_of_the_trial_file(tmp_path):
    spoilt = write_trial(tmp_path, spoil=lambda rows: [{**row, "nprs_w6": ""} for row in rows])
    faults, _ = check_trial(spoilt)
    at = TOML.splitlines().index("[[outcome]]") + 1
    assert {(one.file, one.row, one.column) for one in faults} == {("trial.toml", at, "outcome[0]")}


def test_a_recording_whose_format_nobody_declares_is_told_and_not_read(tmp_path):
    path = folder_of(tmp_path)
    rows = [
        "w0.csv,,P0,forward,W0,forward,walk,1.0,export",
        "w1.csv,,P1,forward,W0,forward,walk,1,",
    ]
    (tmp_path / "recordings.csv").write_text("\n".join([f"{MANIFEST},format", *rows]) + "\n")
    with pytest.raises(InputError) as caught:
        load_motion(path)
    told = [(fault.file, fault.row, fault.column) for fault in caught.value.faults]
    assert told == [
        ("recordings.csv", 2, "format"),
        ("recording 2 (recordings.csv, line 3)", None, None),
    ]
    assert "the name of a [[format]]" in caught.value.faults[1].expected
    assert caught.value.faults[0].expected.startswith("one of nexus, visual3d")


def test_a_recording_outside_the_folder_is_told_and_not_read(tmp_path):
    inside = tmp_path / "study"
    inside.mkdir()
    path = folder_of(inside, head=HEAD)
    (tmp_path / "secret.mot").write_text("no header")
    row = "../secret.mot,,P0,forward,W0,forward,walk,1.0"
    (inside / "recordings.csv").write_text(f"{MANIFEST}\n{row}\n")
    with pytest.raises(InputError) as caught:
        load_motion(path)
    assert [fault.found for fault in caught.value.faults] == ["a path that leads out of the folder"]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("54 years", "a number with a unit"), ("7 points", "a number with a unit"),
        ("7points", "a number with a unit"), ("12 sec", "a number with a unit"),
        ("45 %", "a number with a unit"), ("3 Mars", "what looks like a date"),
        ("1-Feb", "what looks like a date"), ("dec 12", "what looks like a date"),
        ("12. Mai", "what looks like a date"), ("Mai-12", "what looks like a date"),
        ("2026-03-04", "what looks like a date"), ("4.3.26", "what looks like a date"),
        ("week 6", "text"), ("point 7", "text"), ("0:12", "what looks like a time"),
        ("00:12:30", "what looks like a time"), ("<2", "a bound, not a number"),
        ("≥ 10", "a bound, not a number"), ("12-14", "a range of values"),
    ],
)  # fmt: skip
def test_what_a_cell_that_is_no_number_looks_like(cell, found):
    assert looks_like(plain_signs(cell))[0] == found
