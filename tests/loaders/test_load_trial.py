"""A trial is loaded as its file says: layouts, items, sets, sessions, periods, defaults."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import check_trial, load_trial
from backwalk_stats.loaders.sheets.read_sheet import read_any_sheet, read_sheet
from backwalk_stats.trial.tables import FLOW, LOAD_LOG, TRIAL_DATA
from tests.bad_inputs.trials import (
    LONG,
    good_rows,
    log_of,
    long_rows,
    the_fault,
    write_csv,
    write_trial,
)

EXAMPLE = """
[trial]
id = "bw-knee-01"
title = "Backward against forward walking in knee osteoarthritis"
seed = 20261122

[arms]
reference = "forward"
[arms.labels]                  # label in the data -> arm
BW = "backward"
FW = "forward"

[visits]
baseline = "W0"
order = ["W0", "W3", "W6"]
weeks = [0, 3, 6]

[[data]]
file = "scores.csv"            # .csv .tsv .xlsx .sav .dta, REDCap export
layout = "wide"                # or "long" with visit = "..." and value columns
participant = "id"
arm = "group"
covariates = ["age", "sex", "kl_grade"]
missing_codes = ["", "NA", "999"]

[[outcome]]
name = "knee_pain"
instrument = "nprs"
role = "primary"
columns = { W0 = "nprs_w0", W3 = "nprs_w3", W6 = "nprs_w6" }

[[outcome]]
name = "womac_function"
instrument = "womac"
version = "likert-3.1"
subscale = "function"
columns = { W0 = "womacf_w0", W3 = "womacf_w3", W6 = "womacf_w6" }

[[estimand]]
outcome = "knee_pain"
visit = "W6"
contrast = ["backward", "forward"]
intercurrent = "treatment-policy"
analysis = "mmrm"
covariates = ["baseline", "age"]
sensitivity = ["ancova", "change-score", "multiple-imputation", "jump-to-reference", "tipping-point"]
"""  # noqa: E501


def test_the_example_works_as_it_stands(tmp_path):
    (tmp_path / "trial.toml").write_text(EXAMPLE)
    rows = [row | {"kl_grade": str(k % 4)} for k, row in enumerate(good_rows())]
    rows[2]["nprs_w6"], rows[3]["womacf_w3"], rows[4]["age"] = "999", "NA", ""
    write_csv(tmp_path / "scores.csv", rows)
    trial = load_trial(tmp_path / "trial.toml")
    assert trial.study.reference == "forward" and trial.study.seed == 20261122
    assert [visit.label for visit in trial.study.visits] == ["Baseline", "Week 3", "Week 6"]
    assert trial.outcome("knee_pain").better == "lower"
    assert (trial.outcome("womac_function").high, trial.outcomes[1].role) == (68, "secondary")
    (estimand,) = trial.estimands
    assert (estimand.id, estimand.role, estimand.contrast_name) == (
        "E1",
        "primary",
        "backward - forward",
    )
    assert estimand.sensitivity[-1] == "tipping-point"
    assert tuple(trial.data.columns) == TRIAL_DATA
    assert len(trial.data) == 40 * 3 * 2
    assert trial.data["arm"].cat.categories.tolist() == ["forward", "backward"]
    assert trial.data["visit"].cat.ordered
    assert trial.missing["reason"].tolist() == ["code 999", "code NA"]
    people = trial.participants
    assert people["kl_grade"].cat.categories.tolist() == ["0", "1", "2", "3"]
    assert people["age"].isna().sum() == 1
    assert people["sex"].cat.categories.tolist() == ["female", "male"]
    assert tuple(trial.load_log.columns) == LOAD_LOG and tuple(trial.flow.columns) == FLOW
    assert list(trial.sources) == ["trial.toml", "scores.csv"]


IDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)


@settings(max_examples=20)
@given(
    st.lists(IDS, min_size=4, max_size=12, unique_by=str.casefold),
    st.randoms(use_true_random=False),
)
def test_wide_and_long_files_of_the_same_data_give_the_same_trial(ids, random):
    rows = good_rows(len(ids))
    for row, one in zip(rows, ids, strict=True):
        row["id"] = one
    rows[0]["nprs_w3"] = random.choice(["", "999", "NA", "7"])
    long = long_rows(rows)
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        wide_trial = load_trial(write_trial(Path(first), spoil=lambda _: rows))
        long_trial = load_trial(write_trial(Path(second), toml=LONG, spoil=lambda _: long))
    assert wide_trial.participants["participant"].tolist() == ids
    for name in ("data", "participants", "missing", "flow", "adherence"):
        pd.testing.assert_frame_equal(getattr(wide_trial, name), getattr(long_trial, name))
    assert wide_trial.study == long_trial.study
    assert wide_trial.outcomes == long_trial.outcomes


def test_rows_of_a_long_file_may_stand_in_any_order(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = load_trial(write_trial(tmp_path / "a", toml=LONG, spoil=long_rows))

    def spoil(rows):
        rows = long_rows(rows)
        return rows[::3] + rows[2::3] + rows[1::3]

    shuffled = load_trial(write_trial(tmp_path / "b", toml=LONG, spoil=spoil))
    pd.testing.assert_frame_equal(plain.data, shuffled.data)


ITEMS = ", ".join(f'W{w} = ["p1_{w}", "p2_{w}", "p3_{w}", "p4_{w}", "p5_{w}"]' for w in (0, 3, 6))


def item_rows(rows, *, spoiled=""):
    rng = np.random.default_rng(7)
    rows = [
        row | {f"p{i}_{w}": str(int(rng.integers(0, 5))) for w in (0, 3, 6) for i in range(1, 6)}
        for row in rows
    ]
    rows[2]["p2_3"] = spoiled
    return rows


PAIN_ITEMS = (
    ('instrument = "nprs"', 'instrument = "womac"\nversion = "likert-3.1"\nsubscale = "pain"'),
    ('{ W0 = "nprs_w0", W3 = "nprs_w3", W6 = "nprs_w6" }', "{ " + ITEMS + " }"),
    ('role = "primary"\ncolumns', 'role = "primary"\nitems'),
)


def test_items_are_scored_by_the_instrument(tmp_path):
    path = write_trial(tmp_path, toml=PAIN_ITEMS, spoil=item_rows)
    trial = load_trial(path)
    rows = item_rows(good_rows())
    pain = trial.data[trial.data["outcome"] == "knee_pain"]
    sums = [sum(int(rows[0][f"p{i}_{w}"]) for i in range(1, 6)) for w in (0, 3, 6)]
    assert pain["value"].tolist()[:3] == sums
    answered = [int(rows[2][f"p{i}_3"]) for i in (1, 3, 4, 5)]
    filled = pain[(pain["participant"] == "003") & (pain["visit"] == "W3")]["value"].item()
    assert filled == pytest.approx(5 * np.mean(answered))
    (note,) = log_of(path, "note")
    assert "user-guide" in note[1] and note[2] == 1


def test_impossible_answers_to_items_are_placed(tmp_path):
    path = write_trial(tmp_path, toml=PAIN_ITEMS, spoil=lambda rows: item_rows(rows, spoiled="9"))
    fault = the_fault(path)
    assert (fault.row, fault.column) == (4, "p2_3")
    assert fault.expected == "a whole number from 0 to 4"


def test_items_in_another_number_than_the_instrument_has(tmp_path):
    path = write_trial(tmp_path, toml=PAIN_ITEMS, spoil=item_rows)
    path.write_text(path.read_text().replace('"p5_3"]', '"p5_3", "p5_6"]'))
    assert the_fault(path).column == "outcome[0].items.W3"


def test_items_that_stand_in_two_files(tmp_path):
    more = '\n[[data]]\nfile = "more.csv"\nparticipant = "id"\n\n[[outcome]]\nname = "knee_pain"'
    path = write_trial(
        tmp_path,
        toml=(*PAIN_ITEMS, ('\n[[outcome]]\nname = "knee_pain"', more)),
        spoil=lambda rows: [
            {name: cell for name, cell in row.items() if name != "p5_3"} for row in item_rows(rows)
        ],
    )
    write_csv(tmp_path / "more.csv", [{"id": row["id"], "p5_3": "1"} for row in good_rows()])
    fault = the_fault(path)
    assert (fault.column, fault.found) == ("outcome[0].items.W3", "them in several files")


def test_sets_flow_order_and_report(tmp_path):
    more = """
[multiplicity]
method = "gatekeeping"
order = ["E1", "secondary + third"]
[sets]
per_protocol = "kept"
received = "got"
[flow]
assessed = 90
excluded = { declined = 30, "not eligible" = 20 }
allocated = { forward = 20, backward = 20 }
lost = { forward = 2, backward = { "moved away" = 1 } }
[report]
small_cell = 3
"""
    further = """
[[estimand]]
id = "secondary"
outcome = "womac_function"
population = "per-protocol"
[[estimand]]
id = "third"
outcome = "womac_function"
visit = "W3"
analysis = "ancova"
sensitivity = ["as-treated", "per-protocol"]
"""

    def spoil(rows):
        rows = [row | {"kept": "yes", "got": row["group"]} for row in rows]
        rows[3] |= {"kept": "No", "got": "FW"}
        rows[5] |= {"kept": "0", "got": ""}
        return rows

    trial = load_trial(write_trial(tmp_path, more=further + more, spoil=spoil))
    people = trial.participants
    assert people["per_protocol"].dtype == bool and (~people["per_protocol"]).sum() == 2
    assert people["arm_received"].tolist()[3] == "forward"
    assert people["arm_received"].isna().sum() == 1
    assert trial.multiplicity == ("gatekeeping", ("E1", "secondary+third"))
    assert trial.estimands[1].visit == "W6" and trial.estimands[1].contrast == (
        "backward",
        "forward",
    )
    assert trial.estimands[1].covariates == ("baseline",)
    assert trial.estimands[1].role == "secondary"
    assert trial.small_cell == 3
    lost = trial.flow[trial.flow["stage"] == "lost"]
    assert lost.to_numpy().tolist() == [
        ["lost", "forward", "", 2], ["lost", "backward", "moved away", 1]
    ]  # fmt: skip


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_sessions_attended(tmp_path, layout):
    rows = good_rows()
    wide = [{"id": row["id"], "s1": "1", "s2": "0", "s3": "withdrawn"} for row in rows]
    wide[1]["s2"] = ""
    table = '\n[adherence]\nfile = "sessions.csv"\nparticipant = "id"\n'
    if layout == "wide":
        table += 'columns = ["s1", "s2", "s3"]\n'
        write_csv(tmp_path / "sessions.csv", wide)
    else:
        table += 'session = "number"\nstatus = "what"\n'
        long = [{"id": row["id"], "number": str(k), "what": row[f"s{k}"]} for row in wide
                for k in (1, 2, 3)]  # fmt: skip
        write_csv(tmp_path / "sessions.csv", long)
    path = write_trial(tmp_path, more=table)
    trial = load_trial(path)
    assert len(trial.adherence) == 119
    assert trial.adherence["status"].value_counts().to_dict() == {
        "attended": 40, "withdrawn": 40, "missed": 39
    }  # fmt: skip
    assert "sessions.csv" in trial.sources
    text = (tmp_path / "sessions.csv").read_text().replace("withdrawn", "gone", 1)
    (tmp_path / "sessions.csv").write_text(text.replace("040", "041"))
    with pytest.raises(InputError) as caught:
        load_trial(path)
    assert {fault.found.split(" (")[0] for fault in caught.value.faults} == {
        "another word", "an id that no file of [[data]] has"
    }  # fmt: skip


CROSSOVER = """
[trial]
id = "cross"
title = "A crossover"
design = "crossover"
[arms]
reference = "forward"
labels = { B = "backward", F = "forward" }
[visits]
order = ["P1", "P2"]
[[data]]
file = "scores.csv"
participant = "id"
LAYOUT
[[outcome]]
name = "speed"
low = 0
better = "higher"
COLUMNS
[[estimand]]
outcome = "speed"
analysis = "crossover"
"""
LONG_CROSSOVER = ('layout = "long"\nvisit = "period"\narm = "walk"', 'column = "v"')
WIDE_CROSSOVER = ('arm = { P1 = "a1", P2 = "a2" }', 'columns = { P1 = "v1", P2 = "v2" }')


def crossover_rows(long):
    rows = []
    for k in range(8):
        order = "BF" if k % 2 else "FB"
        values = [str(1 + k), "" if k == 6 else str(2 + k)]
        if long:
            rows += [{"id": f"{k}", "period": f"P{p + 1}", "walk": order[p], "v": values[p]}
                     for p in (0, 1)]  # fmt: skip
        else:
            rows.append({"id": f"{k}", "a1": order[0], "a2": order[1], "v1": values[0],
                         "v2": values[1]})  # fmt: skip
    return rows


@pytest.mark.parametrize("long", [True, False], ids=["long", "wide"])
def test_a_crossover_has_an_arm_at_each_period(tmp_path, long):
    layout, columns = LONG_CROSSOVER if long else WIDE_CROSSOVER
    text = CROSSOVER.replace("LAYOUT", layout).replace("COLUMNS", columns)
    (tmp_path / "trial.toml").write_text(text)
    rows = crossover_rows(long)
    write_csv(tmp_path / "scores.csv", rows[:-1] if long else rows)
    trial = load_trial(tmp_path / "trial.toml")
    assert trial.study.design == "crossover" and trial.study.baseline == ""
    assert trial.participants["sequence"].value_counts().to_dict() == {
        "backward-forward": 4, "forward-backward": 4
    }  # fmt: skip
    assert trial.data["arm"].tolist()[:4] == ["forward", "backward", "backward", "forward"]
    assert len(trial.data) == 16 and trial.data["arm"].notna().all()
    assert trial.estimands[0].covariates == ()


def test_what_is_missing_in_a_crossover_is_of_no_arm(tmp_path):
    layout, columns = WIDE_CROSSOVER
    text = CROSSOVER.replace("LAYOUT", layout).replace("COLUMNS", columns)
    (tmp_path / "trial.toml").write_text(text)
    rows = [row | ({"v2": ""} if k < 3 else {}) for k, row in enumerate(crossover_rows(False))]
    write_csv(tmp_path / "scores.csv", rows)
    (warning,) = log_of(tmp_path / "trial.toml", "warning")
    assert warning[1].endswith("at P2: values missing (more than 20% in all)")
    assert warning[2] == sum(row["v2"] == "" for row in rows)


def test_the_same_files_give_the_same_trial(tmp_path):
    path = write_trial(tmp_path)
    once, twice = load_trial(path), load_trial(path)
    pd.testing.assert_frame_equal(once.data, twice.data)
    pd.testing.assert_frame_equal(once.load_log, twice.load_log)


PHQ9_ITEMS = ", ".join(
    f"W{w} = [" + ", ".join(f'"q{i}_{w}"' for i in range(1, 10)) + "]" for w in (0, 3, 6)
)


def test_an_alert_of_an_instrument_is_a_warning_with_a_count_alone(tmp_path):
    def spoil(rows):
        rows = [row | {f"q{i}_{w}": "1" for w in (0, 3, 6) for i in range(1, 9)} for row in rows]
        rows = [row | {f"q9_{w}": "0" for w in (0, 3, 6)} for row in rows]
        rows[1]["q9_0"], rows[4]["q9_0"] = "2", "1"
        rows[4]["q2_0"] = rows[6]["q2_0"] = ""  # an alert beside a gap, and a gap alone
        return rows

    items = (
        (PAIN_ITEMS[0][0], 'instrument = "phq-9"'),
        (PAIN_ITEMS[1][0], "{ " + PHQ9_ITEMS + " }"),
        PAIN_ITEMS[2],
    )
    path = write_trial(tmp_path, toml=items, spoil=spoil)
    said = "knee_pain: safety: item PHQ9 was answered above 0"
    assert [row for row in log_of(path, "warning") if "safety" in row[1]] == [("q9_0", said, 2)]
    (note,) = log_of(path, "note")
    assert note[2] == 2 and "safety" not in note[1]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_that_are_no_records_hide_no_other_fault(tmp_path, kind):
    rows = good_rows()
    rows[4]["nprs_w3"] = "77"
    blank = dict.fromkeys(rows[0], "")
    units = blank | {"id": "no.", "nprs_w0": "points", "nprs_w3": "points"}
    note = blank | {"id": "Note: from the diary"}
    mean = blank | {"id": "Mean", "nprs_w0": "6.1"}
    path = write_trial(tmp_path, spoil=lambda _: [units, *rows, mean, note])
    if kind == "xlsx":
        table = pd.read_csv(tmp_path / "scores.csv", dtype=str)
        table.to_excel(tmp_path / "scores.xlsx", index=False)
        path.write_text(path.read_text().replace("scores.csv", "scores.xlsx"))
    faults, _ = check_trial(path)
    assert {fault.row for fault in faults} == {2, 7, 43, 44}
    with pytest.raises(InputError):
        load_trial(path)
    with pytest.raises(InputError) as caught:  # by itself, a sheet is refused
        read_sheet(tmp_path / f"scores.{kind}")
    assert {fault.row for fault in caught.value.faults} == {2, 43, 44}
    sheet = read_any_sheet(tmp_path / f"scores.{kind}")
    assert sheet.frame["line"].tolist() == list(range(3, 43))


def test_a_note_without_separators_hides_no_other_fault(tmp_path):
    path = write_trial(tmp_path, cells=[(6, "nprs_w3", "77")])
    with (tmp_path / "scores.csv").open("a", encoding="utf-8") as stream:
        stream.write("Note: pain of the diary\n")
    faults, _ = check_trial(path)
    assert [fault.row for fault in faults] == [6, 42]
    assert "footer_rows" in faults[1].action


def test_a_note_under_sessions_hides_no_other_fault(tmp_path):
    rows = [{"id": row["id"], "s1": "gone" if row["id"] == "003" else "1"} for row in good_rows()]
    write_csv(tmp_path / "sessions.csv", [*rows, {"id": "Note: of the therapists", "s1": ""}])
    table = '\n[adherence]\nfile = "sessions.csv"\nparticipant = "id"\ncolumns = ["s1"]\n'
    faults, _ = check_trial(write_trial(tmp_path, more=table))
    assert [(fault.row, fault.file) for fault in faults] == [
        (4, "sessions.csv"), (42, "sessions.csv")
    ]  # fmt: skip
