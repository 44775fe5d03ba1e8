"""Rows of the list of bad inputs about missing values, dates and the shape of a trial's data."""

from __future__ import annotations

import datetime

import pytest

from backwalk_stats.loaders.load import load_trial
from tests.bad_inputs.trials import LONG, faults_of, log_of, long_rows, the_fault, write_trial

DATED = (
    (
        'layout = "wide"',
        'layout = "wide"\ndate = { W0 = "day_w0", W3 = "day_w3", W6 = "day_w6" }\n'
        'randomised = "day_r"',
    ),
)
DAYS = {"day_r": "2026-01-07", "day_w0": "2026-01-05", "day_w3": "2026-01-28"}
DAYS |= {"day_w6": "2026-02-18"}


def dated(tmp_path, *cells, form="iso", write=str):
    """Write the trial with dates of visits, some cells replaced."""

    def spoil(rows):
        rows = [row | {name: write(day) for name, day in DAYS.items()} for row in rows]
        for line, column, text in cells:
            rows[line - 2][column] = text
        return rows

    toml = DATED if form == "iso" else (*DATED, ('layout = "wide"', f'layout = "wide"\n'
                                                 f'date_format = "{form}"'))  # fmt: skip
    return write_trial(tmp_path, toml=toml, spoil=spoil)


def test_miss_missing_baseline_for_ancova(tmp_path):
    cells = [(3, "nprs_w0", ""), (4, "nprs_w0", ""), (6, "nprs_w0", "NA")]
    forward, backward = log_of(write_trial(tmp_path, cells=cells), "warning")
    assert forward[1].startswith("knee_pain: baseline missing in arm forward; ANCOVA leaves")
    assert "constrained longitudinal" in forward[1]
    assert (forward[2], backward[2]) == (2, 1)


def test_miss_all_post_values_missing_in_one_arm(tmp_path):
    def spoil(rows):
        return [row | ({"nprs_w6": ""} if row["group"] == "BW" else {}) for row in rows]

    told = "no values of knee_pain at W6 in arm backward: E1 cannot be compared there, and says so"
    warnings = log_of(write_trial(tmp_path, spoil=spoil), "warning")
    assert warnings == [("outcome knee_pain", f"{told} in the report", 1)]


def test_miss_missing_x_or_different_by_arm(tmp_path):
    def spoil(rows):
        return [row | ({"nprs_w6": "999"} if k % 2 and k > 30 else {})
                for k, row in enumerate(rows)]  # fmt: skip

    path = write_trial(tmp_path, spoil=spoil)
    told = "knee_pain at W6: values missing in arm backward (arms differ by more than 15%)"
    assert log_of(path, "warning") == [("outcome knee_pain", told, 5)]


def test_miss_more_than_20_percent_is_told_of_the_arms_that_have_it(tmp_path):
    def spoil(rows):
        return [row | ({"nprs_w6": "999"} if k < 9 else {}) for k, row in enumerate(rows)]

    assert log_of(write_trial(tmp_path, spoil=spoil), "warning") == [
        (
            "outcome knee_pain",
            f"knee_pain at W6: values missing in arm {arm} (more than 20% in all)",
            n,
        )
        for arm, n in (("forward", 5), ("backward", 4))
    ]


def test_miss_locf_already_applied_by_sender_flat_tails(tmp_path):
    def spoil(rows):
        return [row | ({"womacf_w6": row["womacf_w3"]} if k % 2 else {})
                for k, row in enumerate(rows)]  # fmt: skip

    (warning,) = log_of(write_trial(tmp_path, spoil=spoil), "warning")
    assert "repeat W3 exactly at W6" in warning[1]
    assert not log_of(write_trial(tmp_path), "warning")


def test_priv_free_text_dates_of_visit_site_names_are_left_out(tmp_path):
    trial = load_trial(dated(tmp_path))
    assert not any(str(name).startswith("day") for name in trial.participants)
    assert "2026-0" not in trial.load_log.to_string()
    assert log_of(dated(tmp_path), "warning") == []
    said = [("day_r and 3 more", "dates checked, then left out", 160)]
    assert log_of(dated(tmp_path), "note") == said


def test_date_03_04_2024_ambiguous(tmp_path):
    fault = the_fault(dated(tmp_path, (3, "day_w3", "03/04/2024")))
    assert "day and month could be exchanged" in fault.found
    assert "date_format" in fault.action
    assert "03/04" not in str(fault)


def test_date_03_04_2024_in_a_declared_format(tmp_path):
    def write(day):
        year, month, date = day.split("-")
        return f"{date}/{month}/{year}"

    load_trial(dated(tmp_path, form="%d/%m/%Y", write=write))
    faults = faults_of(dated(tmp_path, form="%m/%d/%Y", write=write))
    assert any(fault.column == "day_w3" for fault in faults)


def test_date_mixed_formats_13_04_2024_later(tmp_path):
    first, second = faults_of(dated(tmp_path, (3, "day_w3", "13/04/2024"), (9, "day_w3", "1.2.24")))
    assert (first.row, second.row) == (3, 9)
    assert "exchanged" in first.found and "two digits" in second.found


def test_date_excel_serial_45300(tmp_path):
    fault = the_fault(dated(tmp_path, (3, "day_w3", "45300")))
    assert fault.found == "a day number of a spreadsheet"
    assert "excel-1900" in fault.action and "excel-1904" in fault.action


@pytest.mark.parametrize(("form", "first"), [("excel-1900", (1899, 12, 30)),
                                             ("excel-1904", (1904, 1, 1))])  # fmt: skip
def test_date_1904_date_system_mac_is_declared(tmp_path, form, first):
    def write(day):
        return str((datetime.date.fromisoformat(day) - datetime.date(*first)).days)

    load_trial(dated(tmp_path, form=form, write=write))


@pytest.mark.parametrize(
    ("column", "day", "found"),
    [
        ("day_w3", "2026-01-06", "another order"),  # before randomisation
        ("day_w6", "2026-01-20", "another order"),  # before the visit that comes first
        ("day_w0", "2026-03-01", "another order"),
        ("day_w6", "2924-02-18", "a date in the future"),
    ],
)
def test_date_visit_before_randomisation_future_dates_visit_order(tmp_path, column, day, found):
    fault = faults_of(dated(tmp_path, (3, column, day)))[0]
    assert (fault.row, fault.found) == (3, found)
    assert day not in str(fault)


@pytest.mark.parametrize("text", ["2026-01-28T10:00:00+02:00", "2026-01-28Z"])
def test_date_mixed_time_zones_dst(tmp_path, text):
    fault = the_fault(dated(tmp_path, (3, "day_w3", text)))
    assert fault.expected == "a date as 2026-03-04"
    assert fault.found == "a date with a time zone"
    for local in ("2026-01-28 00:00:00", "2026-01-28 10:00"):
        load_trial(dated(tmp_path, (3, "day_w3", local)))


@pytest.mark.parametrize("text", ["1-Feb", "MAR1", "02-Jan", "2026-02-01", "01/02/2026", "Jan-02"])
def test_date_excel_mangled_values_1_2_1_feb_mar1(tmp_path, text):
    fault = the_fault(write_trial(tmp_path, cells=[(3, "nprs_w0", text)]))
    assert fault.found == "what looks like a date"
    assert "spreadsheet" in fault.action


def test_date_weeks_that_the_dates_contradict_are_warned_of(tmp_path):
    path = dated(tmp_path)
    path.write_text(path.read_text().replace("[0, 3, 6]", "[0, 3, 12]"))
    (warning,) = log_of(path, "warning")
    assert warning[1].startswith("dates of W6 lie 44 days after W0")


def test_shape_extra_field_in_first_data_row(tmp_path):
    path = write_trial(tmp_path)
    sheet = tmp_path / "scores.csv"
    lines = sheet.read_text().splitlines()
    lines[1] += ",7"
    sheet.write_text("\n".join(lines) + "\n")
    fault = the_fault(path)
    assert (fault.row, fault.found) == (2, "12 values")


def test_shape_ragged_rows(tmp_path):
    path = write_trial(tmp_path)
    sheet = tmp_path / "scores.csv"
    lines = sheet.read_text().splitlines()
    lines[4], lines[8] = lines[4] + ",1,", lines[8].rpartition(",")[0]
    sheet.write_text("\n".join(lines) + "\n")
    assert [fault.row for fault in faults_of(path)] == [5, 9]


@pytest.mark.parametrize("text", ["", "id,group\n", "\n\n"])
def test_shape_header_only_empty_file_0_rows(tmp_path, text):
    path = write_trial(tmp_path)
    (tmp_path / "scores.csv").write_text(text)
    assert the_fault(path).file == "scores.csv"


def test_shape_wide_vs_long_confusion_pre_post_columns_vs_visit_rows(tmp_path):
    declared_wide = write_trial(tmp_path, spoil=long_rows)
    faults = faults_of(declared_wide)
    assert any('layout = "long" and visit = "visit"' in fault.action for fault in faults)
    declared_long = write_trial(tmp_path, toml=LONG)
    faults = faults_of(declared_long)
    assert any('set layout = "wide"' in fault.action for fault in faults)


def test_shape_a_column_that_is_not_there_is_answered_with_the_nearest(tmp_path):
    path = write_trial(tmp_path, toml=[('W3 = "nprs_w3"', 'W3 = "nrps_w3"')])
    fault = the_fault(path)
    assert (fault.file, fault.column) == ("trial.toml", "outcome[0].columns.W3")
    assert fault.action == "Did you mean 'nprs_w3'?"


def test_shape_visits_that_are_not_declared_are_listed(tmp_path):
    def spoil(rows):
        rows = long_rows(rows)
        rows[4]["visit"], rows[7]["visit"], rows[10]["visit"] = "W9", "w3 ", ""
        return rows

    first, second = faults_of(write_trial(tmp_path, toml=LONG, spoil=spoil))
    assert (first.row, first.found) == (6, "'W9'")
    assert (second.row, second.found) == (12, "an empty cell")
