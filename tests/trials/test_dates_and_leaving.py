"""Dates as people write them, windows of visits, and who left and why."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import load_trial
from backwalk_stats.loaders.sheets.dates import read_date
from backwalk_stats.report.disclosure.wording import plain_log
from tests.trials.made import HEAD, PEOPLE, PLACES, made, questions, told, wide_frame

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("2026-03-04", "iso", (2026, 3, 4)),
        ("2026-03-04 23:59", "iso", (2026, 3, 4)),
        ("2026-03-04T08:15:30.5", "iso", (2026, 3, 4)),
        ("2026-03-04", "%d/%m/%Y", (2026, 3, 4)),
        ("4/3/2026", "%d/%m/%Y", (2026, 3, 4)),
        ("3/4/2026 9:15", "%m/%d/%Y", (2026, 3, 4)),
        ("04.03.26", "%d.%m.%y", (2026, 3, 4)),
        ("04.03.27", "%d.%m.%y", (1927, 3, 4)),
        ("04-MAR-2026", "%d-%b-%Y", (2026, 3, 4)),
        ("4 März 2026", "%d %b %Y", (2026, 3, 4)),
        ("4 févr. 2026", "%d %b %Y", (2026, 2, 4)),
        ("4 de", "%d %b %Y", None),
        ("December 24, 2025", "%b %d, %Y", (2025, 12, 24)),
        ("46085.25", "excel-1900", (2026, 3, 4)),
        ("31/02/2026", "%d/%m/%Y", None),
        ("13/13/2026", "%d/%m/%Y", None),
        ("04/03/26", "%d/%m/%Y", None),
        ("2026-03-04T08:15Z", "iso", None),
        ("54 years", "iso", None),
        ("", "iso", None),
    ],
)
def test_dates_are_read_as_declared(text: str, form: str, day: tuple | None):
    assert read_date(text, form, today=TODAY).day == (None if day is None else date(*day))


@pytest.mark.parametrize(
    ("text", "form", "partial"),
    [
        ("2026-03", "iso", True),
        ("2026", "iso", True),
        ("2026-UNK-UN", "iso", True),
        ("UN/03/2026", "%d/%m/%Y", True),
        ("UN-UNK-2025", "%d-%b-%Y", True),
        ("00.03.2026", "%d.%m.%Y", True),
        ("UN/UN/UNK", "%d/%m/%Y", False),
        ("2026-17", "iso", False),
        ("20267", "iso", False),
        ("unknown", "iso", False),
    ],
)
def test_what_is_known_in_part(text: str, form: str, partial: bool):
    read = read_date(text, form, today=TODAY)
    assert (read.day, read.partial) == (None, partial)


@pytest.mark.parametrize("form", ["%d/%m", "%Y%m%d", "%d/%m/%Y/%Y", "%d/%H/%Y", "dd/mm/yyyy", ""])
def test_a_format_that_is_none_is_refused(tmp_path: Path, form: str):
    with pytest.raises(InputError, match="date_format"):
        load_trial(made(tmp_path, wide_frame(), data=f'date_format = "{form}"'))


DATED = 'date = { W0 = "day0", W6 = "day6" }\nrandomised = "rand"\n'
LONG_DATED = 'date = "day"\nrandomised = "rand"\n'
WINDOW = HEAD + "windows = { W6 = [35, 50] }\n"


MONTHS = ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez")


def written(day: date, form: str) -> str:
    return (
        form.replace("%d", f"{day.day:02d}")
        .replace("%m", f"{day.month:02d}")
        .replace("%b", MONTHS[day.month - 1])
        .replace("%Y", str(day.year))
        .replace("%y", f"{day.year % 100:02d}")
    )


def dates(form: str = "%Y-%m-%d", *, late: tuple[int, ...] = ()) -> dict[str, list[str]]:
    """Return columns of dates; week 6 of some people is three weeks late."""
    start = [date(2025, 3, 1) + timedelta(days=k) for k in range(PEOPLE)]
    last = [day + timedelta(days=42 + 21 * (k in late) + k % 5) for k, day in enumerate(start)]
    return {
        "rand": [written(day, form) for day in start],
        "day0": [written(day, form) for day in start],
        "day6": [written(day, form) for day in last],
    }


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%y"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "sav"])
def test_visits_outside_their_window_are_a_question(tmp_path: Path, kind: str, form: str):
    declared = "" if form == "%Y-%m-%d" else f'date_format = "{form}"\n'
    frame = wide_frame(dates(form, late=(2, 9)))
    path = made(tmp_path, frame, kind=kind, data=DATED + declared, head=WINDOW)
    (asked,) = questions(path)
    assert asked.startswith(
        "day6: W6: dates outside 35 to 50 days after randomisation (lines 4, 11)"
    )
    log = load_trial(path).load_log
    assert log.loc[log["level"] == "question", "count"].tolist() == [2]
    told_of = plain_log(log, limit=5)
    shown = told_of[told_of["level"] == "question"].iloc[0]
    assert "lines" not in shown["action"] and np.isnan(shown["count"])
    assert "2025" not in load_trial(path).load_log.to_string().replace("2025 to", "")


def test_windows_in_a_long_file_and_without_randomisation(tmp_path: Path):
    frame = wide_frame(dates(late=(2, 9)))
    path = made(tmp_path, frame, layout="long", data='date = "day"\n', head=WINDOW)
    text = (tmp_path / "s.csv").read_text().splitlines()
    names = text[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in text[1:]]
    lines = ["id,group,visit,pain,day"]
    lines += [
        f"{r['id']},{r['group']},{r['visit']},{r['pain']},"
        f"{r['day0'] if r['visit'] == 'W0' else r['day6']}"
        for r in rows
    ]
    (tmp_path / "s.csv").write_text("\n".join(lines) + "\n")
    (asked,) = questions(path)
    assert "dates outside 35 to 50 days after W0 (lines 7, 21)" in asked


def test_dates_known_in_part_and_times_are_told_and_not_used(tmp_path: Path):
    columns = dates(late=(2, 9))
    columns["day6"][2] = "2025-05"
    columns["day6"][9] = "2025"
    columns["day0"][4] += " 10:30"
    path = made(tmp_path, wide_frame(columns), data=DATED, head=WINDOW)
    assert questions(path) == []
    log = load_trial(path).load_log
    assert log.loc[log["action"].str.contains("known in part"), "count"].tolist() == [2]
    assert log.loc[log["action"].str.contains("times of day"), "count"].tolist() == [1]


@pytest.mark.parametrize(
    ("windows", "data", "expected"),
    [
        ("{ W9 = [1, 2] }", DATED, "visits.order"),
        ("{ W6 = [50, 35] }", DATED, "the first day, then the last"),
        ("{ W6 = [35, 50] }", "", "dates of the visits"),
        ("{ W6 = [35] }", DATED, "windows"),
    ],
)
def test_a_window_that_does_not_fit(tmp_path: Path, windows: str, data: str, expected: str):
    head = f"{HEAD}windows = {windows}\n"
    with pytest.raises(InputError, match="windows") as error:
        load_trial(made(tmp_path, wide_frame(dates()), data=data, head=head))
    assert expected in str(error.value)


# Who left, and why.

WHY = [
    "" if k % 4 else ["moved away", "Moved  Away", "pain got worse"][k // 4 % 3] for k in range(24)
]


@pytest.mark.parametrize(("kind", "layout"), PLACES)
def test_reasons_of_leaving_go_into_the_flow_and_beside_what_is_missing(
    tmp_path: Path, kind: str, layout: str
):
    frame = wide_frame({"why": [why or "completed" for why in WHY]})
    frame.loc[[k for k in range(PEOPLE) if WHY[k]], "post"] = ""
    frame.loc[1, "post"] = ""  # missing, and stayed
    path = made(tmp_path, frame, kind=kind, layout=layout, data='dropout_reason = "why"')
    assert told(path)[0] == []
    trial = load_trial(path)
    assert trial.flow.to_numpy().tolist() == [
        ["discontinued", "forward", "moved away", 4],
        ["discontinued", "forward", "pain got worse", 2],
    ]
    missing = trial.missing
    assert len(missing) == 6 and set(missing["visit"]) == {"W6"}
    assert dict(missing["reason"].value_counts()) == {"moved away": 4, "pain got worse": 2}


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_reasons_in_value_labels(tmp_path: Path, kind: str):
    codes = ["1" if k % 6 == 0 else "9" for k in range(PEOPLE)]
    labels = {"why": {"1": "Adverse event", "9": "Completed"}}
    frame = wide_frame({"why": codes})
    path = made(tmp_path, frame, kind=kind, data='dropout_reason = "why"', labels=labels)
    assert load_trial(path).flow[["reason", "n"]].to_numpy().tolist() == [["Adverse event", 4]]


def test_a_date_of_leaving_without_a_reason(tmp_path: Path):
    when = ["2025-03-04" if k < 2 else "" for k in range(PEOPLE)]
    path = made(tmp_path, wide_frame({"left": when}), data='dropout_date = "left"')
    reasons = load_trial(path).flow[["arm", "reason", "n"]].to_numpy().tolist()
    assert reasons == [["backward", "no reason given", 1], ["forward", "no reason given", 1]]
    when[3] = "soon"
    path = made(tmp_path, wide_frame({"left": when}), data='dropout_date = "left"')
    (fault,) = told(path)[0]
    assert "line 5, column left: expected a date" in fault and "soon" not in fault


def test_free_text_is_not_told(tmp_path: Path):
    why = [f"my reason number {k} " + "and so on " * (k % 2) * 9 for k in range(8)]
    why += ["moved", "moved"] + [""] * (PEOPLE - 10)
    path = made(tmp_path, wide_frame({"why": why}), data='dropout_reason = "why"')
    flow = load_trial(path).flow
    assert set(flow["reason"]) == {"another reason", "moved"} and flow["n"].sum() == 10


def test_a_declared_flow_stays_and_another_number_is_warned_of(tmp_path: Path):
    frame = wide_frame({"why": WHY})
    declared = '[flow]\nlost = { forward = { "moved away" = 5 } }\n'
    path = made(tmp_path, frame, data='dropout_reason = "why"', more=declared)
    trial = load_trial(path)
    assert trial.flow.to_numpy().tolist() == [["lost", "forward", "moved away", 5]]
    warned = trial.load_log["action"].str.contains("another number of forward left")
    assert trial.load_log.loc[warned, "count"].tolist() == [6]
