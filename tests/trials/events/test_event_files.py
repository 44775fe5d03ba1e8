"""Files of events: what is refused, what is asked, and what is read in which words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backwalk_stats.analyses.events import as_planned
from backwalk_stats.errors import InputError
from backwalk_stats.loaders.load import check_trial
from backwalk_stats.trial.derive import by_visit
from tests.trials.events.obvious import KINDS, ORDER, estimand, loaded, made, people

ROOT = Path(__file__).parents[3]
HOW = dict.fromkeys(KINDS, "hypothetical")
ROW = "id,what,visit\n"


def told(path: Path) -> list[str]:
    return [str(fault) for fault in check_trial(path)[0]]


def asked(path: Path) -> list[str]:
    faults, log = check_trial(path)
    assert not faults, list(map(str, faults))
    return log.loc[log["level"] == "question", "action"].tolist()


def plan(tmp_path: Path, how: dict[str, str] | None = None, more: str = "", **given: str) -> Path:
    given.setdefault("estimands", estimand("pain", HOW if how is None else how, more))
    return made(tmp_path, people(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("K001,rescue,W4\nK999,rescue,W4\n", ("line 3, column id", "participants of the trial")),
        ("K001,rescue,W4\nk001,rescue,W8\n", ("line 3, column id", "case, spaces and zeros")),
        ("K001,rescue,W4\n,rescue,W8\n", ("line 3, column id", "an empty id")),
        ("K001,rescue,W9\n", ("line 2, column visit", "'W9'", "W0, W2, W4, W8")),
        ("K001,rescue,\n", ("line 2, column visit", "an empty cell", "after the last visit")),
        ("K001,,W4\n", ("line 2, column what", "a kind of event", "an empty cell")),
        ("K001,surgery,W4\nK002,surgery,W4\n",
         ("line 2, column what", "'surgery' (2 rows", "estimand E1", 'surgery = "..."')),
        ("K001,recsue,W4\n", ("'recsue'", "Did you mean 'rescue'?")),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_told_by_line(
    tmp_path: Path, rows: str, words: tuple[str, ...]
) -> None:
    (fault,) = told(plan(tmp_path, events=ROW + rows))
    assert fault.startswith("events.csv, ")
    assert all(word in fault for word in words), fault
    assert "K999" not in fault and "k001" not in fault


def test_a_column_of_ids_taken_for_kinds_is_not_shown(tmp_path: Path) -> None:
    (fault,) = told(plan(tmp_path, events=f"{ROW}K001,K001,W4\nK002,K002,W4\n"))
    assert "2 other texts" in fault and "K00" not in fault


def test_kinds_and_visits_match_without_case_and_spaces(tmp_path: Path) -> None:
    rows = "K001, Rescue ,w4\nK001,RESCUE,W2\nS900,,\nK002,Moved  Away,W8\n,,\n"
    frame = loaded(plan(tmp_path, events=ROW + rows)).events
    found = set(frame.itertuples(index=False, name=None))
    assert found == {("K001", "rescue", "W2"), ("K002", "moved away", "W8")}


def test_people_who_are_not_kept_may_have_events(tmp_path: Path) -> None:
    path = plan(tmp_path, events=f"{ROW}K001,rescue,W4\nK000,rescue,W4\n")
    data = path.parent / "data.csv"
    head, *rows = data.read_text().splitlines()
    marked = [f"{row},{'no' if row.startswith('K000') else 'yes'}" for row in rows]
    data.write_text("\n".join([f"{head},in", *marked]) + "\n")
    path.write_text(
        path.read_text().replace('arm = "group"', 'arm = "group"\nkeep = { in = "yes" }')
    )
    assert loaded(path).events["participant"].tolist() == ["K001"]


def test_nobody_may_have_had_an_event(tmp_path: Path) -> None:
    trial = loaded(plan(tmp_path, events=ROW))
    assert trial.events.empty and dict(trial.estimands[0].events) == HOW


def test_several_files_are_one_record(tmp_path: Path) -> None:
    more = '[[events]]\nfile = "b.csv"\nparticipant = "who"\nkind = "k"\ndate = "d"\n'
    more += 'date_format = "%d.%m.%Y"\nseparator = ";"\n'
    person = next(one for one in people() if one.days["W4"] is not None)
    day = f"{person.days['W4']:%d.%m.%Y}"
    (tmp_path / "b.csv").write_text(f"who;k;d\n{person.id};stopped;{day}\n")
    path = plan(tmp_path, events=f"{ROW}K001,rescue,W4\n", more="")
    path.write_text(path.read_text().replace("[[estimand]]", f"{more}[[estimand]]"))
    trial = loaded(path)
    assert (person.id, "stopped", "W8") in set(trial.events.itertuples(index=False, name=None))
    assert {"b.csv", "events.csv"} <= set(trial.sources)


# Dates.


@pytest.mark.parametrize(("days", "first"), [(-1, "W4"), (0, "W8")])
def test_a_value_of_the_day_of_the_event_is_before_it(
    tmp_path: Path, days: int, first: str
) -> None:
    from datetime import timedelta

    one = next(one for one in people() if all(one.days.values()))
    day = one.days["W4"]
    assert day is not None
    rows = f"id,what,date\n{one.id},rescue,{day + timedelta(days=days)}\n"
    assert loaded(plan(tmp_path, events=rows, by="date")).events["visit"].tolist() == [first]


def test_dates_need_dates_of_visits_and_of_the_person(tmp_path: Path) -> None:
    path = plan(tmp_path, by="date")
    text = path.read_text()
    path.write_text("\n".join(row for row in text.splitlines() if not row.startswith("date = {")))
    found = told(path)
    assert any("events of events.csv, date" in fault and "[[data]]" in fault for fault in found)
    rows = "id,what,date\nK001,rescue,2024-04\nK002,rescue,2024-13-01\nK003,rescue,2099-01-01\n"
    last = " ".join(told(plan(tmp_path, events=rows, by="date")))
    assert "line 3" in last and "line 4" in last and "2099" not in last
    rows = "id,what,date\nK001,rescue,2024-04\n"
    (fault,) = told(plan(tmp_path, events=rows, by="date"))
    assert "a whole date" in fault


def test_visits_without_a_date_are_asked_about_where_no_week_tells(tmp_path: Path) -> None:
    one = next(one for one in people() if one.days["W8"] is None and one.days["W4"] is not None)
    rows = f"id,what,date\n{one.id},rescue,{one.days['W4']}\n"
    path = plan(tmp_path, dict.fromkeys(KINDS, "composite"), events=rows, by="date")
    assert not asked(path)
    text = path.read_text()
    path.write_text("\n".join(row for row in text.splitlines() if not row.startswith("weeks")))
    (question,) = asked(path)
    assert "weeks under [visits]" in question and "line 2" in question
    assert loaded(path).events["visit"].tolist() == ["W8"]


# Strategies of the trial file.


@pytest.mark.parametrize(
    ("how", "more", "words"),
    [
        ({"rescue": "principal-stratum"}, "", ("estimand E1, events.rescue", "causal model")),
        ({"death": "treatment-policy"}, "", ("events.death", "after a death there are none")),
        ({"rescue": "jump-to-reference", "stopped": "copy-reference"}, 'analysis = "ancova"',
         ("one way of imputing",)),
        ({"rescue": "jump-to-reference"}, 'analysis = "mmrm"', ("analysis", "'ancova'")),
        ({"rescue": "jump-to-reference"}, 'analysis = "ancova"\nsensitivity = ["mmrm"]',
         ("sensitivity", "impute after events")),
        ({"rescue": "hypothetical"}, "composite = 10", ("composite", "no kind of event")),
        ({"rescue": "composite"}, "composite = 9", ("composite", "10, the worst score", "found 9")),
        ({"rescue": "hypothetical", "Rescue ": "composite"}, "", ("every kind once",)),
        ({"rescue": "hypothetical"}, 'intercurrent = "hypothetical"', ("one of them",)),
    ],
)  # fmt: skip
def test_strategies_that_cannot_be_are_refused(
    tmp_path: Path, how: dict[str, str], more: str, words: tuple[str, ...]
) -> None:
    found = told(plan(tmp_path, how, more, events=ROW))
    assert len(found) == 1, found
    assert all(word in found[0] for word in words), found


def test_a_strategy_without_events_says_what_to_add(tmp_path: Path) -> None:
    for given in (estimand("pain", HOW), estimand("pain", None, 'intercurrent = "hypothetical"')):
        (fault,) = told(plan(tmp_path, estimands=given, by=""))
        assert "[[events]]" in fault and "participant, kind, and visit" in fault
    policy = dict.fromkeys(KINDS, "treatment-policy")
    for given in (
        estimand("pain", policy),
        estimand("pain", None, 'intercurrent = "treatment-policy"'),
    ):
        assert not told(plan(tmp_path, estimands=given, by=""))


def test_events_without_a_strategy_are_refused_and_one_word_holds_for_all(tmp_path: Path) -> None:
    (fault,) = told(plan(tmp_path, estimands=estimand("pain", None)))
    assert "estimand E1, events" in fault and "treatment-policy uses all values" in fault
    trial = loaded(
        plan(tmp_path, estimands=estimand("pain", None, 'intercurrent = "hypothetical"'))
    )
    assert dict(trial.estimands[0].events) == HOW
    rows = f"{ROW}K001,Died,W8\n"
    policy = estimand("pain", None, 'intercurrent = "treatment-policy"')
    (fault,) = told(plan(tmp_path, estimands=policy, events=rows))
    assert "after a death" in fault


def test_a_scale_without_a_worst_score_needs_one(tmp_path: Path) -> None:
    how = dict.fromkeys(KINDS, "composite")

    def without_end(more: str) -> Path:
        path = plan(tmp_path, how, more)
        path.write_text(path.read_text().replace("high = 10\n", ""))
        return path

    (fault,) = told(without_end(""))
    assert "estimand E1, composite" in fault and "composite = 10 here" in fault
    assert loaded(without_end("composite = 12")).estimands[0].composite == 12.0


def test_events_before_treatment_and_values_after_a_death_are_asked_about(tmp_path: Path) -> None:
    (question,) = asked(plan(tmp_path, events=f"{ROW}K001,rescue,W0\n"))
    assert "before treatment" in question
    how = {"death": "composite"}
    one = next(one for one in people() if one.values["pain"]["W8"] is not None)
    (question,) = asked(plan(tmp_path, how, events=f"{ROW}{one.id},death,W4\n"))
    assert "death" in question
    how = {"death": "hypothetical"}
    gone = next(one for one in people() if not any(own["W8"] for own in one.values.values()))
    (question,) = asked(plan(tmp_path, how, events=f"{ROW}{gone.id},death,{ORDER[-1]}\n"))
    assert "nobody died" in question


def test_a_file_of_events_is_checked_for_columns_that_identify(tmp_path: Path) -> None:
    rows = "id,what,visit,surname\nK001,rescue,W4,Meyer\n"
    (fault,) = told(plan(tmp_path, events=rows))
    assert "surname" in fault and "Meyer" not in fault
    path = plan(tmp_path, events="id,kind,visit\nK001,rescue,W4\n")
    with pytest.raises(InputError, match="the column that kind names"):
        loaded(path)


def test_the_example_of_the_document_is_as_it_says(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "methods" / "events.md").read_text(encoding="utf-8")
    found = re.search(r"```csv\n(.*?)```\n+```csv\n(.*?)```\n+```toml\n(.*?)```", text, re.DOTALL)
    assert found is not None
    head = '[trial]\nid = "e"\ntitle = "An example"\n[arms]\nreference = "forward"\n'
    head += 'labels = { BW = "backward", FW = "forward" }\n'
    files = zip(("scores.csv", "events.csv", "trial.toml"), found.groups(), strict=True)
    for name, own in files:
        (tmp_path / name).write_text(head + own if name.endswith("toml") else own, encoding="utf-8")
    trial = loaded(tmp_path / "trial.toml")
    wide = by_visit(as_planned(trial, trial.estimands[0]), "pain").set_index("participant")
    assert wide.loc[["02", "04"], "W12"].tolist() == [10.0, 7.0]
    assert wide["W12"].isna().tolist() == [True, False, False, False, False, False]
