"""A trial whose files are as people have them: what is wrong with a file is told once."""

from __future__ import annotations

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.loaders.trial_file.faults import read_toml
from tests.loaders.sheet_files import Rows, write

HEAD = """
[trial]
id = "walk"
title = "SIMULATED"
[arms]
reference = "forward"
labels = { BW = "backward", FW = "forward" }
[visits]
baseline = "W0"
order = ["W0", "W6"]
"""
OUTCOME = """
[[outcome]]
name = "pain"
instrument = "nprs"
role = "primary"
"""
WIDE = 'columns = { W0 = "w0", W6 = "w6" }\n'
PEOPLE: Rows = [[f"K{k:02d}", "BW" if k % 2 else "FW", k % 9, (5 * k) % 10] for k in range(12)]


def trial_of(folder, data, outcome=WIDE):
    path = folder / "trial.toml"
    path.write_text(HEAD + data + OUTCOME + outcome, encoding="utf-8")
    return path


def data(file, more='arm = "arm"'):
    return f'[[data]]\nfile = "{file}"\nparticipant = "id"\n{more}\n'


def faults_of(path):
    return check_trial(path)[0]


def table(kind, folder, rows=PEOPLE, names=("id", "arm", "w0", "w6"), **more):
    if kind in ("csv", "xlsx"):
        return write(folder, kind, [list(names), *rows]).name
    frame = pd.DataFrame(rows, columns=list(names))
    writer = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
    writer(frame, folder / f"scores.{kind}", **more)
    return f"scores.{kind}"


@pytest.mark.parametrize("broken", [b"\xff\xfe\x00", b"", b"id,w0\n1,\xe9\n", None])
def test_an_unreadable_file_is_the_only_fault(tmp_path, broken):
    write(tmp_path, "csv", [["id", "w0", "w6"], *([i, a, b] for i, _, a, b in PEOPLE)], "scores")
    if broken is not None:
        (tmp_path / "arms.csv").write_bytes(broken)
    path = trial_of(tmp_path, data("arms.csv") + data("scores.csv", ""))
    assert len(faults_of(path)) == 1


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("used", [True, False])
def test_a_broken_column_is_a_fault_only_where_it_is_used(tmp_path, layout, used):
    far = [6306150067200.0, *[13630723200.0] * 11]
    if layout == "wide":
        frame = pd.DataFrame(PEOPLE, columns=["id", "arm", "w0", "w6"]).assign(seen=far)
        more, outcome = 'arm = "arm"\n' + ('date = { W6 = "seen" }' if used else ""), WIDE
    else:
        rows = [[i, g, v, s] for i, g, a, b in PEOPLE for v, s in (("W0", a), ("W6", b))]
        frame = pd.DataFrame(rows, columns=["id", "arm", "visit", "pain"]).assign(seen=far * 2)
        more = 'layout = "long"\narm = "arm"\nvisit = "visit"\n' + ('date = "seen"' if used else "")
        outcome = 'column = "pain"\n'
    pyreadstat.write_sav(frame, tmp_path / "a.sav", variable_format={"seen": "DATETIME20"})
    faults = faults_of(trial_of(tmp_path, data("a.sav", more), outcome))
    told = [fault for fault in faults if "beyond all years" in fault.found]
    assert len(told) == used
    assert used or not faults


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_two_rows_of_names_of_a_trial(tmp_path, kind):
    rows: Rows = [["Export of May"], [None, None, "Pain", None], ["id", "arm", "W0", "W6"], *PEOPLE]
    file = write(tmp_path, kind, rows).name
    more = 'arm = "arm"\nheader_rows = [2, 3]'
    outcome = 'columns = { W0 = "Pain W0", W6 = "Pain\u00a0W6" }\n'
    assert len(load_trial(trial_of(tmp_path, data(file, more), outcome)).participants) == 12


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("arm_elsewhere", [True, False])
def test_a_record_in_the_footer_is_a_fault_of_the_trial(tmp_path, kind, arm_elsewhere):
    rows = [[i, a, b] if arm_elsewhere else [i, g, a, b] for i, g, a, b in PEOPLE]
    names = ["id", "w0", "w6"] if arm_elsewhere else ["id", "arm", "w0", "w6"]
    file = table(kind, tmp_path, [*rows, [None], ["Note: of May"]], names)
    more = "footer_rows = 3" + ("" if arm_elsewhere else '\narm = "arm"')
    text = data(file, more)
    if arm_elsewhere:
        write(tmp_path, "csv", [["id", "arm"], *([i, g] for i, g, _, _ in PEOPLE)], "arms")
        text += data("arms.csv")
    path = trial_of(tmp_path, text)
    (fault,) = faults_of(path)
    assert "footer_rows" in str(fault) and "record" in str(fault)
    path.write_text(path.read_text().replace("footer_rows = 3", "footer_rows = 2"))
    assert len(load_trial(path).participants) == 12


def test_a_codebook_that_was_read_is_one_fault(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Codebook"
    for row in (["variable", "meaning"], ["id", "participant"], ["arm", "group"]):
        book.active.append(row)
    sheet = book.create_sheet("Scores")
    scores: Rows = [["id", "arm", "w0", "w6"], *PEOPLE]
    for record in scores:
        sheet.append(record)
    book.save(tmp_path / "a.xlsx")
    path = trial_of(tmp_path, data("a.xlsx"))
    (fault,) = faults_of(path)
    assert "'Codebook'" in fault.found
    assert 'sheet = "Scores"' in fault.action
    path = trial_of(tmp_path, data("a.xlsx", 'arm = "arm"\nsheet = "Scores"'))
    assert faults_of(path) == ()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("id = “walk”", "curly quotation marks"),
        ('id = "walk”', "curly quotation marks"),
        ('labels = { „BW“ = "x" }', "curly quotation marks"),
        ('file = "C:\\data\\scores.csv"', "a backslash"),
        ('id\u00a0= "walk"', "a no-break space"),
    ],
)
def test_signs_that_look_alike_in_toml_are_named(tmp_path, line, found):
    path = tmp_path / "trial.toml"
    path.write_text(f'[trial]\ntitle = "A “curly” title"  # “fine”\n{line}\n', encoding="utf-8")
    with pytest.raises(InputError, match=found) as caught:
        read_toml(path, kind="trial file")
    assert caught.value.faults[0].row == 3
