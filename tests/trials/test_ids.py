"""Who is who: ids of several columns, rows of one person, people who were not randomised."""

from __future__ import annotations

from pathlib import Path

import pytest

from backwalk_stats.loaders.load import load_trial
from tests.trials.made import PEOPLE, PLACES, made, told, wide_frame

HALF = PEOPLE // 2
CENTRES = ["north"] * HALF + ["south"] * HALF
IDS = [f"{1 + k % HALF:02d}" for k in range(PEOPLE)]
ALONE = [place for place in PLACES if place[1] == "wide"]


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_ids_that_repeat_within_a_centre_name_it(tmp_path: Path, kind: str, layout: str):
    frame = wide_frame({"centre": CENTRES}).assign(id=IDS)
    path = made(tmp_path, frame, kind=kind, layout=layout, data='covariates = ["centre"]')
    faults, _ = told(path)
    repeated = [fault for fault in faults if "rows with other values" in fault]
    assert len(repeated) == 1
    assert 'participant = ["centre", "id"]' in repeated[0]
    path.write_text(
        path.read_text().replace('participant = "id"', 'participant = ["centre", "id"]')
    )
    assert told(path)[0] == [], "the advice leads out"
    trial = load_trial(path)
    assert len(trial.participants) == PEOPLE
    values = trial.data[trial.data["visit"] == "W6"].set_index("participant")["value"]
    assert values["south / 05"] == float(frame["post"][HALF + 4])


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_sides_of_one_person_name_their_column(tmp_path: Path, kind: str, layout: str):
    ids = [f"K{1 + k // 2:02d}" for k in range(PEOPLE)]
    arms = ["BW" if k // 2 % 2 else "FW" for k in range(PEOPLE)]
    sides = ["L", "R"] * HALF
    frame = wide_frame({"knee": sides}).assign(id=ids, group=arms)
    path = made(tmp_path, frame, kind=kind, layout=layout)
    (fault,) = told(path)[0]
    assert "'knee' tells the rows of an id apart" in fault and 'within = "knee"' in fault
    text = path.read_text().replace('arm = "group"', 'arm = "group"\nwithin = "knee"')
    path.write_text(text)
    assert told(path)[0] == [], "the advice leads out"
    trial = load_trial(path)
    assert len(trial.participants) == HALF and trial.parts is not None
    assert len(trial.parts) == 2 * PEOPLE, "every side keeps its own values"


def test_values_that_differ_by_chance_tell_nobody_apart(tmp_path: Path):
    frame = wide_frame()
    frame.loc[1, "id"] = frame["id"][0]
    frame.loc[[0, 1], "group"] = "BW"
    frame.loc[1, "post"] = str((int(frame["post"][0]) + 1) % 10)
    (fault,) = told(made(tmp_path, frame))[0]
    assert "tells" not in fault and "Keep the right one" in fault


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_people_who_were_not_randomised_are_counted_apart(tmp_path: Path, kind: str, layout: str):
    status = ["1" if k % 6 else "0" for k in range(PEOPLE)]
    frame = wide_frame({"status": status})
    frame.loc[[k for k in range(PEOPLE) if not k % 6], "group"] = ""
    path = made(tmp_path, frame, kind=kind, layout=layout, data='keep = { status = ["1"] }')
    assert told(path)[0] == []
    trial = load_trial(path)
    assert len(trial.participants) == PEOPLE - 4
    assert trial.flow[["stage", "reason", "n"]].to_numpy().tolist() == [
        ["excluded", "not randomised", 4]
    ]


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_keep_reads_value_labels(tmp_path: Path, kind: str):
    frame = wide_frame({"status": ["1" if k % 6 else "2" for k in range(PEOPLE)]})
    labels = {"status": {"1": "Randomised", "2": "Screened only"}}
    data = 'keep = { status = ["randomised"] }'
    path = made(tmp_path, frame, kind=kind, data=data, labels=labels)
    assert len(load_trial(path).participants) == PEOPLE - 4


def test_keep_that_nobody_has(tmp_path: Path):
    path = made(tmp_path, wide_frame({"ok": ["yes"] * PEOPLE}), data='keep = { ok = ["ja"] }')
    faults, _ = told(path)
    assert "column ok: expected rows with 'ja', found none" in faults[0]


@pytest.mark.parametrize(("kind", "layout"), ALONE)
def test_rows_without_ids_get_one_each(tmp_path: Path, kind: str, layout: str):
    frame = wide_frame()
    path = made(tmp_path, frame, kind=kind, layout=layout)
    path.write_text(path.read_text().replace('participant = "id"', "row_id = true"))
    assert told(path)[0] == []
    assert len(load_trial(path).participants) == PEOPLE


# Missing codes of one column, in every format.


@pytest.mark.parametrize("written", ["99", "99.0", " 99"])
@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_a_missing_code_of_one_column(tmp_path: Path, kind: str, layout: str, written: str):
    frame = wide_frame({"load": [f"{k}.5" for k in range(PEOPLE - 1)] + ["99"]})
    frame.loc[0, "pre"] = "0"
    place = "pain" if layout == "long" else "pre"
    data = (
        'covariates = ["load"]\n'
        f'missing_codes_by_column = {{ load = ["{written}"], {place} = {{ 0 = "not asked" }} }}'
    )
    path = made(tmp_path, frame, kind=kind, layout=layout, data=data)
    assert told(path)[0] == []
    trial = load_trial(path)
    assert trial.participants["load"].isna().sum() == 1
    reasons = set(trial.missing["reason"])
    assert reasons == {"not asked"}
    value = trial.data.set_index(["participant", "visit"])["value"]
    assert value.isna()["P01", "W0"]


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_an_unknown_arm_is_told_by_code_and_label(tmp_path: Path, kind: str):
    frame = wide_frame()
    frame["group"] = ["1" if one == "BW" else "2" for one in frame["group"]]
    frame.loc[3, "group"] = "3"
    labels = {"group": {"1": "BW", "2": "FW", "3": "Withdrawn before start"}}
    (fault,) = told(made(tmp_path, frame, kind=kind, labels=labels))[0]
    assert "found '3' (label 'Withdrawn before start')" in fault
