"""Exports of REDCap as visits: repeating instruments, events, and arms that events tell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from tests.trials.made import HEAD, PEOPLE, told, wide_frame, write

DICTIONARY = pd.DataFrame(
    [
        ("record_id", "entry", "text", "", ""),
        ("group", "entry", "radio", "1, BW | 2, FW", ""),
        ("age", "entry", "text", "", "integer"),
        ("screened", "entry", "yesno", "", ""),
        ("pain", "pain_diary", "text", "", "number"),
        ("falls", "fall_report", "text", "", "integer"),
    ],
    columns=[
        "Variable / Field Name",
        "Form Name",
        "Field Type",
        "Choices, Calculations, OR Slider Labels",
        "Text Validation Type OR Show Slider Number",
    ],
)
COLUMNS = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
FIELDS = ["group", "age", "screened", "pain", "falls"]
REPEATING = """\
[[data]]
file = "export.csv"
dictionary = "dictionary.csv"
layout = "long"
participant = "record_id"
arm = "group"
instrument = "Pain_Diary"
visit = "redcap_repeat_instance"
visit_labels = { 1 = "W0", 2 = "W6" }
covariates = ["age"]
"""
PLAN = """\
[[outcome]]
name = "pain"
instrument = "nprs"
role = "primary"
column = "pain"
[[estimand]]
outcome = "pain"
analysis = "ancova"
"""


def row(one: int, *, event: str = "", form: str = "", instance: str = "", **cells: str) -> dict:
    """Return a row of an export: everything that is not given is empty."""
    place = dict(zip(COLUMNS, (str(one), event, form, instance), strict=True))
    return {**place, **dict.fromkeys(FIELDS, ""), **cells}


def repeating(frame: pd.DataFrame, *, event: str = "") -> list[dict]:
    """Return an export in which a diary and reports of falls repeat."""
    rows = []
    for k, one in enumerate(frame.to_dict("records"), start=1):
        code = "1" if one["group"] == "BW" else "2"
        person = {"group": code, "age": str(40 + k), "screened": "1"}
        rows.append(row(k, event=event, **person))
        for instance, name in (("1", "pre"), ("2", "post")):
            cells = {"form": "pain_diary", "instance": instance, "pain": one[name]}
            rows.append(row(k, event=event, **cells))
        rows.append(row(k, event=event, form="fall_report", instance="1", falls="3"))
    return rows


def export(folder: Path, rows: list[dict], data: str = REPEATING, *, events: bool = False) -> Path:
    """Write an export with its dictionary and a trial file, and return the trial file."""
    frame = pd.DataFrame(rows)
    write(frame if events else frame.drop(columns="redcap_event_name"), folder / "export.csv")
    write(DICTIONARY, folder / "dictionary.csv")
    path = folder / "trial.toml"
    path.write_text(HEAD + data + PLAN, encoding="utf-8")
    return path


def read(path: Path) -> pd.DataFrame:
    """Return values by visit, in the order of the participants, with the arm."""
    trial = load_trial(path)
    wide = trial.data.pivot(index="participant", columns="visit", values="value")
    people = trial.participants.set_index("participant")
    return people.join(wide)


def test_rows_of_an_instrument_are_visits_and_empty_ones_people(tmp_path: Path):
    frame = wide_frame()
    rows = repeating(frame)
    rows.append(row(PEOPLE + 1, group="1", age="77"))  # randomised, never seen again
    path = export(tmp_path, rows)
    assert told(path)[0] == []
    found = read(path)
    assert len(found) == PEOPLE + 1
    assert found["W0"].tolist()[:-1] == [float(x) for x in frame["pre"]]
    assert found["W6"].tolist()[:-1] == [float(x) for x in frame["post"]]
    assert found["W6"].isna().tolist() == [False] * PEOPLE + [True]
    assert found["arm"].tolist()[:2] == ["forward", "backward"]
    assert found["age"].tolist() == [float(41 + k) for k in range(PEOPLE)] + [77.0]
    log = load_trial(path).load_log
    (passed,) = log[log["action"].str.contains("other instruments")]["count"]
    assert passed == PEOPLE


def test_people_stand_in_another_file(tmp_path: Path):
    frame = wide_frame()
    rows = pd.DataFrame(repeating(frame))
    people = rows[rows["redcap_repeat_instrument"] == ""][["record_id", "group", "age"]]
    diary = rows[rows["redcap_repeat_instrument"] == "pain_diary"]
    write(people, tmp_path / "people.csv")
    data = REPEATING.replace('arm = "group"\n', "").replace('covariates = ["age"]\n', "")
    data = data.replace("[[data]]", '[[data]]\nfile = "people.csv"\nparticipant = "record_id"\n'
                        'dictionary = "dictionary.csv"\narm = "group"\n[[data]]')  # fmt: skip
    path = export(tmp_path, diary.to_dict("records"), data)
    assert told(path)[0] == []
    assert read(path)["W0"].tolist() == [float(x) for x in frame["pre"]]


def test_what_is_said_of_a_person_twice_must_agree(tmp_path: Path):
    rows = repeating(wide_frame())
    rows.insert(1, row(1, group="2", age="41"))
    assert told(export(tmp_path, rows))[0] == []
    rows[1]["age"] = "42"
    (fault,) = told(export(tmp_path, rows))[0]
    assert "line 3, column age: expected one value for each participant" in fault


def test_keep_leaves_people_out_with_their_visits(tmp_path: Path):
    rows = repeating(wide_frame())
    for one in rows[:8]:
        one["screened"] = "0" if one["screened"] else ""
    path = export(tmp_path, rows, REPEATING + 'keep = { screened = ["yes"] }\n')
    assert told(path)[0] == []
    trial = load_trial(path)
    assert len(trial.participants) == PEOPLE - 2
    assert trial.flow[["reason", "n"]].to_numpy().tolist() == [["not randomised", 2]]


def test_an_instrument_that_is_not_there(tmp_path: Path):
    data = REPEATING.replace("Pain_Diary", "pain_dairy")
    faults, _ = told(export(tmp_path, repeating(wide_frame()), data))
    assert any("pain_dairy" in fault and "Did you mean 'pain_diary'" in fault for fault in faults)


def test_several_instruments_and_none_declared(tmp_path: Path):
    data = REPEATING.replace('instrument = "Pain_Diary"\n', "")
    faults, _ = told(export(tmp_path, repeating(wide_frame()), data))
    told_it = [fault for fault in faults if 'instrument = "pain_diary"' in fault]
    assert len(told_it) == 1 and 'instrument = "fall_report"' in told_it[0]


def test_repeats_in_a_wide_file_are_refused_with_the_way_out(tmp_path: Path):
    data = '[[data]]\nfile = "export.csv"\ndictionary = "dictionary.csv"\n'
    data += 'participant = "record_id"\narm = "group"\n'
    path = export(tmp_path, repeating(wide_frame()), data)
    (fault,) = [one for one in told(path)[0] if "export.csv" in one]
    assert 'visit = "redcap_repeat_instance"' in fault and "pain_diary" in fault


def test_an_instrument_of_a_wide_file(tmp_path: Path):
    data = REPEATING.replace('layout = "long"\n', "")
    faults, _ = told(export(tmp_path, repeating(wide_frame()), data))
    assert any("instrument: expected this key in a long layout" in fault for fault in faults)


# Events, and arms that events tell.

EVENTS = """\
[[data]]
file = "export.csv"
dictionary = "dictionary.csv"
layout = "long"
participant = "record_id"
arm_from_event = { 1 = "BW", 2 = "FW" }
visit = "redcap_event_name"
visit_labels = { baseline = "W0", week_6 = "W6" }
"""


def events(frame: pd.DataFrame) -> list[dict]:
    """Return an export with a row an event; the events tell the arm."""
    rows = []
    for k, one in enumerate(frame.to_dict("records"), start=1):
        arm = 1 if one["group"] == "BW" else 2
        rows.append(row(k, event=f"baseline_arm_{arm}", pain=one["pre"]))
        rows.append(row(k, event=f"week_6_arm_{arm}", pain=one["post"]))
    return rows


@pytest.mark.parametrize("labels", ["by name", "in full"])
def test_events_tell_arm_and_visit(tmp_path: Path, labels: str):
    frame = wide_frame()
    data = EVENTS
    if labels == "in full":
        full = ", ".join(
            f'{event}_arm_{arm} = "{visit}"'
            for event, visit in (("baseline", "W0"), ("week_6", "W6"))
            for arm in (1, 2)
        )
        data = data.replace('baseline = "W0", week_6 = "W6"', full)
    path = export(tmp_path, events(frame), data, events=True)
    assert told(path)[0] == []
    found = read(path)
    wanted = ["backward" if one == "BW" else "forward" for one in frame["group"]]
    assert found["arm"].tolist() == wanted
    assert found["W6"].tolist() == [float(x) for x in frame["post"]]


def test_an_arm_of_an_event_that_is_not_declared(tmp_path: Path):
    rows = events(wide_frame())
    rows[0]["redcap_event_name"] = "baseline_arm_3"
    faults, _ = told(export(tmp_path, rows, EVENTS, events=True))
    assert any("arms 3" in fault and "arm_from_event" in fault for fault in faults)


def test_somebody_in_the_events_of_two_arms(tmp_path: Path):
    rows = events(wide_frame())
    rows[1]["redcap_event_name"] = "week_6_arm_1"
    (fault,) = told(export(tmp_path, rows, EVENTS, events=True))[0]
    assert "nobody is in two arms" in fault


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('1 = "BW"', '1 = "QW"', "labels of arms: BW, FW"),
        ("arm_from", 'arm = "group"\narm_from', "one place of the arm"),
    ],
)
def test_an_arm_of_events_that_does_not_fit(tmp_path: Path, old: str, new: str, expected: str):
    path = export(tmp_path, events(wide_frame()), EVENTS.replace(old, new, 1), events=True)
    with pytest.raises(InputError, match="arm_from_event") as error:
        load_trial(path)
    assert expected in str(error.value)
